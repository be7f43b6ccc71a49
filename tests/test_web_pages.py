"""Tables of web pages as Excel and browsers show them: formats, numbers behind texts, what is hidden or struck out."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from pipeline.sheets import open_book
from tests.test_converted import Told, cells, hidden, marks, place, web
from tests.workbooks import write_back

SHEET = """<style><!--
.txt {mso-number-format:"\\@";} .pad, th.big {mso-number-format:"00000000000000";}
.hid{display:none} /* .no{display:none} */ .inv { visibility : hidden }
td.del{text-decoration:line-through} .sf{mso-number-format:"\\0022SF\\0022\\@"}
--></style>"""

CELLS: dict[str, tuple[str, Told | None]] = {
    "plain digits": ("<td>86210010464</td>", ("T", "86210010464", "")),
    "a text by class": ("<td class=txt>086210010464</td>", ("T", "086210010464", "")),
    "a text by style": ("<td style='mso-number-format:\"\\@\"'>086210010464</td>", ("T", "086210010464", "")),
    "a number that says so": ("<td x:num>86210010464</td>", ("T", "86210010464", "")),
    "a number behind a shortened text": ('<td x:num="86210010464">8.62E+10</td>', ("N", "86210010464", "0.00E+00")),
    "a number with an exponent": ('<td x:num="8.6210010464E10">8.6E+10</td>', ("N", "8.6210010464E10", "0.0E+00")),
    "a number behind another": ('<td x:num="86210010499">86210010464</td>', ("N", "86210010499", '"86210010464"')),
    "a padded number": ('<td class=pad x:num="12345678">00000012345678</td>', ("N", "12345678", "0" * 14)),
    "a padded number without x:num": ("<td class=pad>00000012345678</td>", ("N", "12345678", "0" * 14)),
    "a number that Excel would pad": ("<td class=pad>12345678</td>", ("N", "12345678", '"12345678"')),
    "zeros in front without a format": ("<td>00012345678</td>", ("T", "00012345678", "")),
    "a text behind another": ('<td x:str="8621999">8621000</td>', ("T", "8621999", ';;;"8621000"')),
    "a text that says so": ("<td x:str>8621000</td>", ("T", "8621000", "")),
    "a text that Excel would add to": ("<td class=sf>8621000</td>", ("T", "8621000", ';;;"…"')),
    "a truth value": ("<td x:bool>TRUE</td>", ("T", "TRUE", "")),
    "a truth value with itself": ('<td x:bool="FALSE">FALSE</td>', ("B", "FALSE", "")),
    "an error": ('<td x:err="#N/A">#N/A</td>', ("E", "#N/A", "")),
    "an amount": ('<td x:num="1299.5">1,299.50</td>', ("N", "1299.5", "#,##0.00")),
    "a cell that is not shown": ("<td hidden>8621000</td>", None),
    "a cell that is not shown, by style": ("<td style='display:none'>8621000</td>", None),
    "a cell that is not shown, by class": ("<td class='x hid'>8621000</td>", None),
    "hidden text by class": ("<td><span class=hid>99</span>8621000</td>", ("T", "8621000", "")),
    "hidden text by style": ("<td><span style='visibility:hidden'>99</span>8621000</td>", ("T", "8621000", "")),
    "hidden text within hidden text": (
        "<td><span class=hid>9<b class=no>9</b>9</span>8621000</td>",
        ("T", "8621000", ""),
    ),
    "a class that a comment names": ("<td class=no>8621000</td>", ("T", "8621000", "")),
    "text without size": ("<td><font style='font-size:0'>99</font>8621000</td>", ("T", "8621000", "")),
    "a reading aid": ("<td><ruby>8621<rt>99</rt></ruby>000</td>", ("T", "8621000", "")),
}


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_of_a_page_is_what_it_shows(tmp_path: Path, name: str) -> None:
    xml, expected = CELLS[name]
    path = web(tmp_path, f"<html><head>{SHEET}</head><table><tr><td>AWB{xml}<td>x</tr></table></html>")
    found = cells(path)
    assert (found["A1"], found.get("B1"), found["C1"]) == (("T", "AWB", ""), expected, ("T", "x", ""))


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        ("<td>86210010461", False),
        ("<td><b>8621</b>0010461", False),
        ("<td><del>86210010461</del><ins>86210010462</ins>", True),
        ("<td><s>86210010461</s>", True),
        ("<td><strike>8621</strike>0010461", True),
        ("<td class=del>86210010461", True),
        ("<td>86210010461<sup>1</sup>", True),
        ("<td><sup>86210010461</sup>", False),
        ("<td><span style='text-decoration: underline line-through'>8621</span>", True),
        ("<td><s></s>86210010461", False),
    ],
)
def test_struck_out_texts_are_told(tmp_path: Path, xml: str, expected: bool) -> None:
    path = web(tmp_path, f"{SHEET}<table><tr>{xml}</td><td>x</td></tr></table>")
    frame = next(open_book(path).frames("Table 1", 0, (0, 1), 9))
    struck = frame.columns[0].struck
    assert (struck is not None and bool(struck[0]), frame.columns[1].struck) == (expected, None)


def test_rows_are_hidden_by_class_too(tmp_path: Path) -> None:
    rows = "<tr><td>1</td></tr><tr class=hid><td>2</td></tr><tr style='visibility:collapse'><td>3</td></tr>"
    assert hidden(web(tmp_path, f"{SHEET}<table>{rows}<tr><td>4</td></tr></table>")) == [2, 3]


def test_a_style_sheet_behind_the_table_does_no_harm(tmp_path: Path) -> None:
    path = web(tmp_path, "<table><tr><td class=a>1</td></tr></table><style>.a{display:none</style>")
    assert cells(path) == {"A1": ("T", "1", "")}


def test_spans_are_merged_cells(tmp_path: Path) -> None:
    path = web(
        tmp_path,
        "<table><tr><th>AWB</th><th>Order</th><th>Status</th></tr>"
        "<tr><td rowspan=3>86210010466</td><td>O1</td><td rowspan=2 colspan=1>Delivered</td></tr>"
        "<tr><td>O2</td></tr><tr><td>O3</td><td>New</td></tr>"
        "<tr><td colspan=2>86210010467</td><td>New</td></tr></table>",
    )
    assert {at: text for at, (_, text, _) in cells(path).items()} == {
        "A1": "AWB", "B1": "Order", "C1": "Status",
        "A2": "86210010466", "B2": "O1", "C2": "Delivered",
        "A3": "86210010466", "B3": "O2", "C3": "Delivered",
        "A4": "86210010466", "B4": "O3", "C4": "New",
        "A5": "86210010467", "B5": "86210010467", "C5": "New",
    }  # fmt: skip
    write_back(place(path, {"awb_number": 0}, 1), marks({2: ("Failed", "", "")}), tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert sorted(map(str, sheet.merged_cells.ranges)) == ["A2:A4", "A5:B5", "C2:C3"]


def test_a_hidden_row_of_a_web_archive_is_hidden(tmp_path: Path) -> None:
    text = (
        'MIME-Version: 1.0\nContent-Type: multipart/related; boundary="b1"\n\n--b1\n'
        "Content-Location: file:///C:/x/o.htm\nContent-Transfer-Encoding: quoted-printable\n"
        'Content-Type: text/html; charset="utf-8"\n\n<html><table>\n<tr><td>AWB No</td></tr>\n'
        "<tr style=3D'display:none'><td>86210013101</td></tr>\n<tr><td>862100131=\n02</td></tr>\n"
        "</table></html>\n--b1--\n"
    )
    path = web(tmp_path, text, "a.mht")
    assert (open_book(path).format, hidden(path)) == ("html", [2])
    assert [text for _, text, _ in cells(path).values()] == ["AWB No", "86210013101", "86210013102"]

"""The .ods of other writers: a cell is what its style shows, merged and struck-out cells, sheets of other documents."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest

from pipeline.errors import FileError
from pipeline.sheets import check_writable, open_book
from tests.test_converted import Told, cell, cells, hidden, marks, ods, place, row
from tests.workbooks import write_back

NUMBERS = 'xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"'
FONTS = 'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'


def styles(*inner: str) -> str:
    return f"<office:automatic-styles {NUMBERS} {FONTS}>{''.join(inner)}</office:automatic-styles>"


def look(name: str, data: str = "", more: str = "", parent: str = "", family: str = "table-cell") -> str:
    stands = f'style:parent-style-name="{parent}"' if parent else ""
    bears = f'style:data-style-name="{data}"' if data else ""
    return f'<style:style style:name="{name}" style:family="{family}" {stands} {bears}>{more}</style:style>'


def data_style(kind: str, inner: str, name: str = "N1", more: str = "") -> str:
    return f'<number:{kind}-style style:name="{name}" {more}>{inner}</number:{kind}-style>'


def digits(least: int = 1, places: int = 0, more: str = "", inner: str = "") -> str:
    return (
        f'<number:number number:decimal-places="{places}" number:min-integer-digits="{least}" {more}>'
        f"{inner}</number:number>"
    )


GROUPED = 'number:grouping="true"'
COMMAS = "".join(f'<number:embedded-text number:position="{at}">,</number:embedded-text>' for at in (3, 5, 7))
BLANKS = "".join(f'<number:embedded-text number:position="{at}"> </number:embedded-text>' for at in (4, 8))
LAKHS = (
    data_style("number", digits(inner=COMMAS), "P0")
    + data_style("number", digits(more=GROUPED), "N1")[: -len("</number:number-style>")]
    + '<style:map style:condition="value()&gt;=100000" style:apply-style-name="P0"/></number:number-style>'
)
NEGATIVE = (
    data_style("number", digits(), "P0")
    + data_style("number", f"<number:text>-</number:text>{digits()}", "N1")[: -len("</number:number-style>")]
    + '<style:map style:condition="value()&gt;=0" style:apply-style-name="P0"/></number:number-style>'
)
DAY, MONTH, YEAR = '<number:day number:style="long"/>', "<number:month/>", '<number:year number:style="long"/>'
SLASH = "<number:text>/</number:text>"

FORMATS: dict[str, tuple[str, str]] = {
    "general": (data_style("number", '<number:number number:min-integer-digits="1"/>'), "General"),
    "padded": (data_style("number", digits(14)), "00000000000000"),
    "decimals": (data_style("number", digits(1, 2)), "0.00"),
    "decimals where there are any": (data_style("number", digits(1, 2, 'number:min-decimal-places="0"')), "0.##"),
    "grouped": (data_style("number", digits(1, 2, GROUPED)), "#,##0.00"),
    "grouped and padded": (data_style("number", digits(5, 0, GROUPED)), "00,000"),
    "lakhs": (LAKHS, "[>=100000]#\\,##\\,##\\,##0;#,##0"),
    "blocks": (data_style("number", digits(12, inner=BLANKS)), "0000\\ 0000\\ 0000"),
    "negative in a section": (NEGATIVE, "0;-0"),
    "thousands": (data_style("number", digits(more='number:display-factor="1000"')), "0,"),
    "hidden": (data_style("number", "<number:text></number:text>"), '""'),
    "with a text": (data_style("number", f"<number:text>AWB </number:text>{digits()}"), '"AWB "0'),
    "a currency": (
        data_style("currency", f"<number:currency-symbol>₹</number:currency-symbol>{digits(1, 2, GROUPED)}"),
        '"₹"#,##0.00',
    ),
    "per cent": (data_style("percentage", f"{digits()}<number:text>%</number:text>"), "0%"),
    "scientific": (
        data_style(
            "number",
            '<number:scientific-number number:decimal-places="2" number:min-integer-digits="1" '
            'number:min-exponent-digits="2"/>',
        ),
        "0.00E+00",
    ),
    "digits of another script": (
        data_style("number", digits(), more='number:transliteration-format="१"'),
        "[$-D000000]0",
    ),
    "a text": (data_style("text", "<number:text-content/>"), "@"),
    "a span of time": (
        data_style(
            "time",
            '<number:hours/><number:text>:</number:text><number:minutes number:style="long"/>',
            more='number:truncate-on-overflow="false"',
        ),
        "[h]:mm",
    ),
}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("shown", ["", "86210010463"])
def test_a_number_bears_the_format_of_its_style(tmp_path: Path, name: str, shown: str) -> None:
    style, expected = FORMATS[name]
    xml = cell(
        "float", "86210010463", shown if name in ("general", "a text", "decimals") else "", 'table:style-name="c"'
    )
    path = ods(tmp_path, row(xml), before=styles(style, look("c", "N1")))
    assert cells(path) == {"A1": ("N", "86210010463", expected)}


STYLED: dict[str, tuple[str, Told]] = {
    "no style at all": (cell("float", "86210010463"), ("N", "86210010463", "General")),
    "a style that pads, the text padded": (
        cell("float", "12345678", "00000012345678", 'table:style-name="pad"'),
        ("N", "12345678", "00000000000000"),
    ),
    "a style that pads, the text not": (
        cell("float", "12345678", "12345678", 'table:style-name="pad"'),
        ("N", "12345678", '"12345678"'),
    ),
    "a text of another number": (cell("float", "12345678", "12345679"), ("N", "12345678", '"12345679"')),
    "a style that stands upon another": (
        cell("float", "12345678", "", 'table:style-name="upon"'),
        ("N", "12345678", "00000000000000"),
    ),
    "a style that is not there, and no text": (
        cell("float", "12345678", "", 'table:style-name="gone"'),
        ("N", "12345678", ""),
    ),
    "a style that is not there, and a text": (
        cell("float", "12345678", "012345678", 'table:style-name="gone"'),
        ("N", "12345678", "000000000"),
    ),
    "a date as a number": (
        cell("float", "46053", "31/1/2026", 'table:style-name="day"'),
        ("D", "2026-01-31", "dd/m/yyyy"),
    ),
    "a date with a time as a number": (
        cell("float", "46053.4375", "", 'table:style-name="day"'),
        ("D", "2026-01-31 10:30:00", "dd/m/yyyy"),
    ),
    "a date": (cell("date", "2026-01-31", "31/1/2026", 'table:style-name="day"'), ("D", "2026-01-31", "dd/m/yyyy")),
    "a date without a style": (cell("date", "2026-01-31", "x"), ("D", "2026-01-31", "yyyy-mm-dd")),
    "a number that is no date under its style": (
        cell("float", "86210010463160", "", 'table:style-name="day"'),
        ("N", "86210010463160", "dd/m/yyyy"),
    ),
    "a text under a format that adds to it": (
        cell("string", "", "8621", 'table:style-name="sf"'),
        ("T", "8621", '"SF"@'),
    ),
    "a text under a format that hides it": (
        cell("string", "", "8621", 'table:style-name="hid"'),
        ("T", "8621", ';;;""'),
    ),
    "a text under a plain format": (cell("string", "", "8621", 'table:style-name="pad"'), ("T", "8621", "")),
}
LOOKS = styles(
    data_style("number", digits(14), "N14"),
    data_style("date", DAY + SLASH + MONTH + SLASH + YEAR, "ND"),
    data_style("text", "<number:text>SF</number:text><number:text-content/>", "NS"),
    data_style("text", "<number:text></number:text>", "NH"),
    look("pad", "N14"),
    look("upon", parent="pad"),
    look("day", "ND"),
    look("sf", "NS"),
    look("hid", "NH"),
)


@pytest.mark.parametrize("name", STYLED)
def test_a_cell_is_what_its_style_shows(tmp_path: Path, name: str) -> None:
    xml, expected = STYLED[name]
    assert cells(ods(tmp_path, row(xml), before=LOOKS)) == {"A1": expected}


def test_a_cell_takes_the_style_of_its_row_or_column(tmp_path: Path) -> None:
    columns = (
        '<table:table-column table:number-columns-repeated="2"/>'
        '<table:table-column table:default-cell-style-name="pad"/>'
    )
    rows = columns + row(*[cell("float", "5")] * 3) + row(cell("float", "5"), default_cell_style_name="pad")
    found = {at: code for at, (_, _, code) in cells(ods(tmp_path, rows, before=LOOKS)).items()}
    assert found == {"A1": "General", "B1": "General", "C1": "00000000000000", "A2": "00000000000000"}


def test_the_styles_of_the_other_part_count_too(tmp_path: Path) -> None:
    path = ods(tmp_path, row(cell("float", "5", "", 'table:style-name="pad"'), cell("float", "6")))
    default = look("Default", "N14") + look("pad", "N14")
    with zipfile.ZipFile(path) as archive:
        spaces = archive.read("content.xml").decode().partition("<office:document-content ")[2].partition(">")[0]
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(
            "styles.xml",
            f"<office:document-styles {spaces} {NUMBERS}><office:styles>{data_style('number', digits(14), 'N14')}"
            f"{default}</office:styles></office:document-styles>",
        )
    assert cells(path) == {"A1": ("N", "5", "00000000000000"), "B1": ("N", "6", "00000000000000")}


def test_days_count_from_the_documents_own_day(tmp_path: Path) -> None:
    begin = '<table:calculation-settings><table:null-date table:date-value="1904-01-01"/></table:calculation-settings>'
    path = ods(tmp_path, row(cell("float", "44591", "", 'table:style-name="day"')), before=LOOKS)
    with zipfile.ZipFile(path) as archive:
        content = archive.read("content.xml").decode().replace("<office:spreadsheet>", f"<office:spreadsheet>{begin}")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", content)
    assert cells(path) == {"A1": ("D", "2026-01-31", "dd/m/yyyy")}


def test_merged_cells_hold_in_all_their_rows_and_columns(tmp_path: Path) -> None:
    covered = "<table:covered-table-cell><text:p>unseen</text:p></table:covered-table-cell>"
    wide = cell("string", "", "Delivered", 'table:number-columns-spanned="2" table:number-rows-spanned="2"')
    rows = (
        row(cell("string", "", "AWB"), cell("string", "", "Status"))
        + row(cell("string", "", "1"), wide, covered)
        + row(cell("string", "", "2"), covered, covered)
        + row(cell("string", "", "3"), covered, covered)
    )
    path = ods(tmp_path, rows)
    assert {at: text for at, (_, text, _) in cells(path).items()} == {
        "A1": "AWB", "B1": "Status", "A2": "1", "A3": "2", "A4": "3",
        "B2": "Delivered", "C2": "Delivered", "B3": "Delivered", "C3": "Delivered",
    }  # fmt: skip
    write_back(place(path, {"awb_number": 0}, 1), marks({2: ("Failed", "", "")}), tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert (list(map(str, sheet.merged_cells.ranges)), sheet["D2"].value) == (["B2:C3"], "Failed")


def line_through(what: str = "style") -> str:
    return f'<style:text-properties style:text-line-through-{what}="solid"/>'


STRUCK = styles(
    look("struck", more=line_through(), family="text"),
    look("hidden", more='<style:text-properties text:display="none"/>', family="text"),
    look("up", more='<style:text-properties style:text-position="super 58%"/>', family="text"),
    look("red", more='<style:text-properties fo:color="#ff0000"/>', family="text"),
    look("gone", more=line_through("type")),
)


@pytest.mark.parametrize(
    ("inner", "style", "expected"),
    [
        ("86210010463", "", False),
        ("<text:span text:style-name='red'>862100</text:span>10463", "", False),
        ("<text:span text:style-name='struck'>86210010461</text:span>86210010463", "", True),
        ("8621001<text:span text:style-name='struck'>0463</text:span>", "", True),
        ("<text:span text:style-name='hidden'>99</text:span>86210010463", "", True),
        ("86210010463<text:span text:style-name='up'>1</text:span>", "", True),
        ("<text:span text:style-name='up'>86210010463</text:span>", "", False),
        ("<text:span text:style-name='struck'>86210010463</text:span>", "", True),
        ("86210010463", "gone", True),
    ],
)
def test_struck_out_and_hidden_texts_are_told(tmp_path: Path, inner: str, style: str, expected: bool) -> None:
    named = f'table:style-name="{style}"' if style else ""
    path = ods(tmp_path, row(cell("string", "", inner, named), cell("string", "", "x")), before=STRUCK)
    frame = next(open_book(path).frames("Orders", 0, (0, 1), 9))
    struck = frame.columns[0].struck
    assert (struck is not None and bool(struck[0]), frame.columns[1].struck) == (expected, None)


def test_sheets_of_other_documents_do_not_travel_on(tmp_path: Path) -> None:
    inner = row(cell("string", "", "other people's"))
    source = '<table:table-source table:mode="copy-results-only"/>'
    more = (
        f"<table:table table:name=\"'file:///x/y.ods'#$Sheet1\">{inner}</table:table>"
        f'<table:table table:name="cache">{source}{inner}</table:table>'
        f'<table:table table:name="linked"><table:table-source/>{inner}</table:table>'
    )
    path = ods(tmp_path, row(cell("string", "", "AWB")), more=more)
    assert [info.name for info in open_book(path).sheets] == ["Orders", "linked"]
    check_writable(open_book(path), place(path, {}, 1))


def test_rows_of_no_height_are_hidden(tmp_path: Path) -> None:
    flat = look("flat", more='<style:table-row-properties style:row-height="0cm"/>', family="table-row")
    tall = look("tall", more='<style:table-row-properties style:row-height="0.45cm"/>', family="table-row")
    rows = row(cell("string", "", "1"), style_name="tall") + row(cell("string", "", "2"), style_name="flat")
    assert hidden(ods(tmp_path, rows, before=styles(flat, tall))) == [2]


def test_a_reading_aid_is_no_part_of_the_text(tmp_path: Path) -> None:
    ruby = "<text:ruby><text:ruby-base>862100</text:ruby-base><text:ruby-text>12</text:ruby-text></text:ruby>"
    assert cells(ods(tmp_path, row(cell("string", "", ruby)))) == {"A1": ("T", "862100", "")}


def test_a_document_with_sheets_of_others_only_has_none(tmp_path: Path) -> None:
    path = ods(tmp_path, '<table:table-source table:mode="copy-results-only"/>')
    with pytest.raises(FileError, match="This file has no sheet with cells"):
        open_book(path)

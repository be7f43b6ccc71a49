"""XML Spreadsheet 2003, which many systems call .xls: cells, formats, hidden rows, merged and struck-out cells."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from pipeline.errors import FileError
from pipeline.model.sheet import Extent, SheetInfo, Visibility
from pipeline.sheets import check_writable, open_book
from pipeline.sheets.file_type import sniff
from tests.test_converted import Told, cells, hidden, marks, place
from tests.workbooks import write_back

SPACE = "urn:schemas-microsoft-com:office:spreadsheet"
HEAD = (
    '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
    f'<Workbook xmlns="{SPACE}" xmlns:ss="{SPACE}" xmlns:x="urn:schemas-microsoft-com:office:excel">'
)
STYLES = """<Styles><Style ss:ID="Default"><NumberFormat/></Style>
<Style ss:ID="pad"><NumberFormat ss:Format="00000000000000"/></Style><Style ss:ID="upon" ss:Parent="pad"/>
<Style ss:ID="day"><NumberFormat ss:Format="Short Date"/></Style>
<Style ss:ID="txt"><NumberFormat ss:Format="@"/></Style>
<Style ss:ID="sf"><NumberFormat ss:Format="&quot;SF&quot;@"/></Style>
<Style ss:ID="del"><Font ss:StrikeThrough="1"/></Style>
</Styles>"""


def book(folder: Path, rows: str, *, more: str = "", options: str = "", name: str = "a.xls") -> Path:
    path = folder / name
    table = f'<Worksheet ss:Name="Orders"><Table>{rows}</Table>{options}</Worksheet>'
    path.write_text(f"{HEAD}{STYLES}{table}{more}</Workbook>", encoding="utf-8")
    return path


def row(*inner: str, given: str = "") -> str:
    return f"<Row {given}>{''.join(inner)}</Row>"


def cell(text: str, kind: str = "String", given: str = "") -> str:
    return f'<Cell {given}><Data ss:Type="{kind}">{text}</Data></Cell>'


CELLS: dict[str, tuple[str, Told]] = {
    "a text": (cell("086210010463"), ("T", "086210010463", "")),
    "a text in two lines": (cell("a&#10;b"), ("T", "a\nb", "")),
    "a number": (cell("86210011002", "Number"), ("N", "86210011002", "General")),
    "a number with an exponent": (cell("8.6210011002E10", "Number"), ("N", "8.6210011002E10", "General")),
    "a padded number": (cell("12345678", "Number", 'ss:StyleID="pad"'), ("N", "12345678", "0" * 14)),
    "a style upon another": (cell("12345678", "Number", 'ss:StyleID="upon"'), ("N", "12345678", "0" * 14)),
    "a style that is not there": (cell("12345678", "Number", 'ss:StyleID="gone"'), ("N", "12345678", "")),
    "a day": (cell("2026-01-31T00:00:00.000", "DateTime", 'ss:StyleID="day"'), ("D", "2026-01-31", "m/d/yyyy")),
    "a day without a format": (cell("2026-01-31T10:30:00.000", "DateTime"), ("D", "2026-01-31 10:30:00", "")),
    "a time": (cell("1899-12-31T10:30:00.000", "DateTime"), ("D", "10:30:00", "")),
    "a day as a number": (cell("46053", "Number", 'ss:StyleID="day"'), ("D", "2026-01-31", "m/d/yyyy")),
    "a truth value": (cell("1", "Boolean"), ("B", "TRUE", "")),
    "an error": (cell("#N/A", "Error"), ("E", "#N/A", "")),
    "a text that is no number": (cell("n/a", "Number"), ("T", "n/a", "")),
    "a text as text": (cell("8621", "String", 'ss:StyleID="txt"'), ("T", "8621", "")),
    "a text that its format adds to": (cell("8621", "String", 'ss:StyleID="sf"'), ("T", "8621", '"SF"@')),
    "a comment beside": (
        '<Cell><Data ss:Type="String">8621</Data><Comment><ss:Data>a note</ss:Data></Comment></Cell>',
        ("T", "8621", ""),
    ),
}


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_is_what_its_type_and_style_say(tmp_path: Path, name: str) -> None:
    xml, expected = CELLS[name]
    assert cells(book(tmp_path, row(xml))) == {"A1": expected}


def test_it_is_told_by_its_content(tmp_path: Path) -> None:
    path = book(tmp_path, row(cell("AWB")))
    assert (sniff(path).found.format, sniff(path).found.note) == (
        "xml",
        "a.xls is an XML Spreadsheet 2003, whatever its name says.",
    )
    assert sniff(book(tmp_path, "", name="a.xml")).found.note == ""
    opened = open_book(path)
    assert (opened.format, opened.hidden_known, opened.formats_known) == ("xml", True, True)


def test_rows_and_cells_stand_where_their_indexes_say(tmp_path: Path) -> None:
    columns = '<Column ss:Index="2" ss:StyleID="pad" ss:Span="1"/><Column ss:Width="9"/>'
    rows = (
        row(cell("AWB"), cell("5", "Number", 'ss:Index="3"'), cell("6", "Number"))
        + row(cell("7", "Number"), given='ss:Index="4" ss:StyleID="pad"')
        + row(cell("x"))
    )
    path = book(tmp_path, columns + rows)
    assert cells(path) == {
        "A1": ("T", "AWB", ""),
        "C1": ("N", "5", "0" * 14),
        "D1": ("N", "6", "General"),
        "A4": ("N", "7", "0" * 14),
        "A5": ("T", "x", ""),
    }
    assert open_book(path).extent("Orders") == Extent(5, 3)


def test_days_count_from_1904_where_the_workbook_says_so(tmp_path: Path) -> None:
    path = book(tmp_path, row(cell("44591", "Number", 'ss:StyleID="day"')))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("<Styles>", "<x:ExcelWorkbook><x:Date1904/></x:ExcelWorkbook><Styles>"), "utf-8")
    assert cells(path) == {"A1": ("D", "2026-01-31", "m/d/yyyy")}


def test_rows_that_are_hidden_or_have_no_height_are_told(tmp_path: Path) -> None:
    rows = row(cell("1")) + row(cell("2"), given='ss:Hidden="1"') + row(cell("3"), given='ss:Height="0"')
    assert hidden(book(tmp_path, rows + row(cell("4"), given='ss:Height="15"'))) == [2, 3]


def test_merged_cells_hold_in_their_whole_area(tmp_path: Path) -> None:
    rows = (
        row(cell("AWB"), cell("Status"), cell("Note"))
        + row(cell("1", given='ss:MergeDown="1"'), cell("Delivered", given='ss:MergeAcross="1" ss:MergeDown="1"'))
        + row('<Cell ss:Index="4"><Data ss:Type="String">z</Data></Cell>')
        + row(cell("2"), cell("New"))
    )
    path = book(tmp_path, rows)
    assert {at: text for at, (_, text, _) in cells(path).items()} == {
        "A1": "AWB", "B1": "Status", "C1": "Note", "A2": "1", "A3": "1", "D3": "z", "A4": "2", "B4": "New",
        "B2": "Delivered", "C2": "Delivered", "B3": "Delivered", "C3": "Delivered",
    }  # fmt: skip
    check_writable(open_book(path), place(path, {"awb_number": 0}, 1))
    write_back(place(path, {"awb_number": 0}, 1), marks({2: ("Failed", "", "")}), tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert sorted(map(str, sheet.merged_cells.ranges)) == ["A2:A3", "B2:C3"]
    assert [one.value for one in sheet["E"]] == ["status", "Failed", None, None]


RICH = '<Cell {}><ss:Data ss:Type="String" xmlns="http://www.w3.org/TR/REC-html40">{}</ss:Data></Cell>'


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        (RICH.format("", "8621<B>0010463</B>"), False),
        (RICH.format("", "<S>86210010461</S>86210010463"), True),
        (RICH.format("", "86210010463<Sup>1</Sup>"), True),
        (RICH.format("", "<Sup>86210010463</Sup>"), False),
        (cell("86210010463", given='ss:StyleID="del"'), True),
        (cell("86210010463"), False),
    ],
)
def test_struck_out_texts_are_told(tmp_path: Path, xml: str, expected: bool) -> None:
    frame = next(open_book(book(tmp_path, row(xml))).frames("Orders", 0, (0,), 9))
    struck = frame.columns[0].struck
    assert (struck is not None and bool(struck[0])) == expected


def test_hidden_sheets_are_told(tmp_path: Path) -> None:
    table = f"<Table>{row(cell('x'))}</Table>"
    option = "<x:WorksheetOptions><x:Visible>{}</x:Visible></x:WorksheetOptions>"
    more = (
        f'<Worksheet ss:Name="Old">{table}{option.format("SheetHidden")}</Worksheet>'
        f'<Worksheet ss:Name="Code">{table}{option.format("SheetVeryHidden")}</Worksheet>'
    )
    assert open_book(book(tmp_path, row(cell("AWB")), more=more)).sheets == (
        SheetInfo("Orders"),
        SheetInfo("Old", Visibility.HIDDEN),
        SheetInfo("Code", Visibility.VERY_HIDDEN),
    )


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("<Row>", "This file is damaged: it isn't XML"),
        (row(cell("x"), given='ss:Index="1048577"'), "A sheet of this file has more rows or columns than"),
        (row(cell("x", given='ss:Index="16385"')), "A sheet of this file has more rows or columns than"),
    ],
)
def test_what_can_not_be_read_is_one_sentence(tmp_path: Path, rows: str, words: str) -> None:
    with pytest.raises(FileError) as caught:
        open_book(book(tmp_path, rows))
    assert str(caught.value).startswith(f"a.xls: {words}")

"""The formats that come back as a new .xlsx: what is read of them, cell by cell, and what is written."""

from __future__ import annotations

import contextlib
import zipfile
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from random import Random

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import FileError, OutputError
from pipeline.model.sheet import Extent, Kind, Place, SheetInfo, Visibility
from pipeline.sheets import open_book
from pipeline.sheets.converted.ods_shown_formats import format_of
from tests.biff12_file import More, Rows, Styled, make_xlsb, record, wide
from tests.workbooks import write_back

DATA = Path(__file__).parent / "data"
ODF = "urn:oasis:names:tc:opendocument:xmlns:"
SPACES = " ".join(f'xmlns:{name}="{ODF}{name}:1.0"' for name in ("office", "table", "text", "style"))
SPACES += f' xmlns:draw="{ODF}drawing:1.0"'
SPACES += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'

Told = tuple[str, str, str]


def cells(path: Path, sheet: str = "") -> dict[str, Told]:
    """Every cell that isn't blank: address -> its kind's first letter, the text, the number format ("" unknown)."""
    book = open_book(path)
    name = sheet or book.sheets[0].name
    found: dict[str, Told] = {}
    width = book.extent(name).last_column + 1
    for frame in book.frames(name, 0, range(width), 3):
        assert frame.content.all()
        for column, cell in frame.columns.items():
            for at in np.flatnonzero(cell.kind):
                code = cell.formats[cell.format[at]] if cell.format[at] >= 0 else ""
                address = f"{openpyxl.utils.get_column_letter(column + 1)}{frame.rows[at]}"
                found[address] = (Kind(cell.kind[at]).name[0], str(cell.text.iloc[at]), code)
    return found


def hidden(path: Path) -> list[int]:
    book = open_book(path)
    frames = list(book.frames(book.sheets[0].name, 0, (), 100))
    return [int(row) for frame in frames for row in frame.rows[frame.hidden]]


def refusal(path: Path) -> str:
    with pytest.raises(FileError) as caught:
        open_book(path)
    return str(caught.value)


def ods(folder: Path, rows: str, *, before: str = "", more: str = "", sheet: str = "") -> Path:
    """A spreadsheet document with these rows in its sheet ``Orders``."""
    path = folder / "a.ods"
    table = f'<table:table table:name="Orders" {sheet}>{rows}</table:table>'
    body = f"<office:body><office:spreadsheet>{table}{more}</office:spreadsheet></office:body>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", f"<office:document-content {SPACES}>{before}{body}</office:document-content>")
    return path


def row(*inner: str, **attributes: object) -> str:
    given_ = " ".join(f'table:{name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f"<table:table-row {given_}>{''.join(inner)}</table:table-row>"


def cell(kind: str = "", value: str = "", shown: str = "", more: str = "") -> str:
    """A cell as LibreOffice spells it."""
    names = {"float": "value", "percentage": "value", "currency": "value", "string": "string-value"}
    stored = f'office:{names.get(kind, f"{kind}-value")}="{value}"' if value else ""
    typed = f'office:value-type="{kind}"' if kind else ""
    text = f"<text:p>{shown}</text:p>" if shown else ""
    return f"<table:table-cell {typed} {stored} {more}>{text}</table:table-cell>"


def web(folder: Path, text: str | bytes, name: str = "a.html") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


# --- files of LibreOffice ----------------------------------------------------------------------------------------

BOTH: dict[str, Told] = {
    "A1": ("T", "Orders of January", ""),
    "A3": ("T", "AWB No", ""),
    "B3": ("T", "Order ID", ""),
    "A4": ("T", "86210010463", ""),
    "C4": ("T", "Cancel Requested", ""),
    "G4": ("B", "TRUE", ""),
    "A5": ("N", "86210010464", "General"),
    "G5": ("B", "FALSE", ""),
    "A6": ("N", "12345", "00000000"),
    "A7": ("N", "1319480000000", "0.00E+00"),
    "A8": ("N", "86210010466", "General"),
    "A9": ("E", "#N/A", ""),
    "A10": ("N", "1234567890123456", "General"),
    "F12": ("T", "=1+1", ""),
}


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_cells_come_as_they_are_stored(kind: str) -> None:
    found = cells(DATA / f"converted.{kind}")
    assert {address: found[address] for address in BOTH} == BOTH
    assert len(found) == 58


@pytest.mark.parametrize(
    ("kind", "dates", "amounts"),
    [
        (
            "xls",
            [("D", "2026-01-31", "dd/mm/yyyy"), ("D", "2026-01-31 10:30:00", "yyyy\\-mm\\-dd\\ hh:mm")],
            [("N", "1299.5", "#,##0.00"), ("N", "250", "#,##0.00"), ("N", "0", "#,##0.00")],
        ),
        (
            "ods",
            [("D", "2026-01-31", "dd/mm/yyyy"), ("D", "2026-01-31 10:30:00", "yyyy-mm-dd hh:mm")],
            [("N", "1299.5", "#,##0.00"), ("N", "250", "#,##0.00"), ("N", "0", "#,##0.00")],
        ),
    ],
)
def test_dates_and_amounts_bear_a_format(kind: str, dates: list[Told], amounts: list[Told]) -> None:
    found = cells(DATA / f"converted.{kind}")
    assert [found["E4"], found["E5"]] == dates
    assert [found["D4"], found["D5"], found["D6"]] == amounts


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_hidden_rows_and_sheets_are_told(kind: str) -> None:
    path = DATA / f"converted.{kind}"
    book = open_book(path)
    assert hidden(path) == [8]
    assert (book.format, book.hidden_known, book.formats_known, book.notes) == (kind, True, True, ())
    assert book.sheets == (SheetInfo("Orders"), SheetInfo("Notes"), SheetInfo("Old", Visibility.HIDDEN))
    assert [book.extent(info.name) for info in book.sheets] == [Extent(12, 6), Extent(1, 0), Extent(1, 0)]


def test_the_head_gives_the_first_rows_with_their_own_numbers() -> None:
    head = open_book(DATA / "converted.xls").head("Orders", 3)
    assert [(one.number, one.cells[:2], one.kinds[:2]) for one in head] == [
        (1, ("Orders of January",), (Kind.TEXT,)),
        (3, ("AWB No", "Order ID"), (Kind.TEXT, Kind.TEXT)),
        (4, ("86210010463", "A-1001"), (Kind.TEXT, Kind.TEXT)),
    ]


def test_frames_begin_after_the_row_that_was_asked_for() -> None:
    book = open_book(DATA / "converted.ods")
    frames = list(book.frames("Orders", 4, (0, 99), 4))
    assert [frame.rows.tolist() for frame in frames] == [[5, 6, 7, 8], [9, 10, 12]]
    assert frames[0].columns[0].text.tolist() == ["86210010464", "12345", "1319480000000", "86210010466"]
    assert frames[1].columns[99].text.tolist() == ["", "", ""]
    assert str(frames[0].columns[0].text.dtype) == "str"


def test_a_formula_is_marked_where_the_file_tells() -> None:
    frame = next(open_book(DATA / "converted.ods").frames("Orders", 8, (0, 1), 1))
    formula = frame.columns[0].formula
    assert formula is not None
    assert (formula.tolist(), frame.columns[1].formula) == ([True], None)


# --- .xls --------------------------------------------------------------------------------------------------------


def test_a_protected_old_workbook_is_said(tmp_path: Path) -> None:
    data = (DATA / "converted.xls").read_bytes()
    begin = data.index(b"\x09\x08\x10\x00\x00\x06") + 20  # the record behind the workbook's BOF becomes FILEPASS
    path = tmp_path / "a.xls"
    path.write_bytes(data[:begin] + b"\x2f\x00" + data[begin + 2 :])
    assert refusal(path) == (
        "a.xls: This workbook is protected with a password. "
        "Open it in Excel, take the password off (File > Info > Protect Workbook), save it, and give that."
    )


# --- .ods --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("xml", "expected"),
    [
        (cell("float", "86210010463", "86210010463"), ("N", "86210010463", "General")),
        (cell("float", "12345", "00012345"), ("N", "12345", '"00012345"')),
        (cell("float", "86210010463"), ("N", "86210010463", "General")),
        (cell("currency", "1299.5", "₹1,299.50"), ("N", "1299.5", '"₹"#,##0.00')),
        (cell("percentage", "0.12", "12%"), ("N", "0.12", "0%")),
        (cell("date", "2026-01-31T10:30:00.123", "x"), ("D", "2026-01-31 10:30:00", "yyyy-mm-dd hh:mm:ss")),
        (cell("date", "2026-01-31T00:00:00", "x"), ("D", "2026-01-31", "yyyy-mm-dd")),
        (cell("date", "some day", "31 Jan"), ("T", "31 Jan", "")),
        (cell("time", "PT10H30M00S", "10:30"), ("D", "10:30:00", "[h]:mm:ss")),
        (cell("boolean", "true", "TRUE"), ("B", "TRUE", "")),
        (cell("string", "", "NA"), ("T", "NA", "")),
        (cell("string", "stored", "shown"), ("T", "stored", "")),
        (cell("string", "", "a<text:s text:c='3'/>b<text:tab/>c<text:line-break/>d"), ("T", "a   b\tc\nd", "")),
        (cell("string", "", "a\n   b"), ("T", "a b", "")),
        (cell("string", "", "<text:span>862<text:a>100</text:a></text:span>1"), ("T", "8621001", "")),
        (
            "<table:table-cell><office:annotation><text:p>a note</text:p></office:annotation>"
            "<draw:frame><text:p>a shape</text:p></draw:frame><text:p>1</text:p><text:p>2</text:p></table:table-cell>",
            ("T", "1\n2", ""),
        ),
        (cell("string", "", "#N/A", 'table:formula="of:=NA()" calcext:value-type="error"'), ("E", "#N/A", "")),
        (cell("float", "0", "Err:502", 'table:formula="of:=X"'), ("E", "Err:502", "")),
        (cell("float", "3", "3", 'table:formula="of:=1+2"'), ("N", "3", "General")),
        (cell(more='table:formula="of:=1+2"'), ("E", "", "")),
        (cell("string", "", "#N/A"), ("T", "#N/A", "")),
        (cell("float", "nan", "?"), ("T", "?", "")),
    ],
)
def test_a_cell_of_a_document(tmp_path: Path, xml: str, expected: Told) -> None:
    assert cells(ods(tmp_path, row(xml))) == {"A1": expected}


def test_a_formula_without_its_value_is_told(tmp_path: Path) -> None:
    book = open_book(ods(tmp_path, row(cell(more='table:formula="of:=1+2"'))))
    assert book.head("Orders", 1)[0].kinds == (Kind.EMPTY_FORMULA,)


def test_repeated_cells_and_rows_stand_where_they_are_shown(tmp_path: Path) -> None:
    text = cell("string", "", "x", 'table:number-columns-repeated="2"')
    gap = '<table:table-cell table:number-columns-repeated="3"/>'
    under = (
        '<table:covered-table-cell table:number-columns-repeated="2"><text:p>unseen</text:p></table:covered-table-cell>'
    )
    rows = (
        row(gap, text)
        + row(gap, number_rows_repeated=4)
        + row(cell("string", "", "y"), under, text, number_rows_repeated=2)
    )
    rows += row('<table:table-cell table:number-columns-repeated="16384"/>', number_rows_repeated=1048569)
    book = open_book(ods(tmp_path, rows))
    assert sorted(cells(book.path)) == ["A6", "A7", "D1", "D6", "D7", "E1", "E6", "E7"]
    assert book.extent("Orders") == Extent(7, 4)


def test_rows_are_hidden_by_hand_by_a_filter_and_by_a_folded_group(tmp_path: Path) -> None:
    rows = "".join(
        row(cell("string", "", "x"), **given_) for given_ in ({}, {"visibility": "collapse"}, {"visibility": "filter"})
    )
    rows += f'<table:table-row-group table:display="false">{row(cell("string", "", "x"))}</table:table-row-group>'
    rows += f"<table:table-header-rows>{row(cell('string', '', 'x'))}</table:table-header-rows>"
    assert hidden(ods(tmp_path, rows)) == [2, 3, 4]


def test_a_hidden_sheet_is_told_by_its_style(tmp_path: Path) -> None:
    style = '<style:style style:name="ta1"><style:table-properties table:display="false"/></style:style>'
    path = ods(
        tmp_path,
        "",
        before=f"<office:automatic-styles>{style}</office:automatic-styles>",
        sheet='table:style-name="ta1"',
    )
    assert open_book(path).sheets == (SheetInfo("Orders", Visibility.HIDDEN),)


def test_a_table_within_a_cell_and_old_versions_are_not_the_sheet(tmp_path: Path) -> None:
    inner = f'<table:table table:name="inner">{row(cell("string", "", "no"))}</table:table>'
    changes = f"<table:tracked-changes>{row(cell('string', '', 'old'))}</table:tracked-changes>"
    rows = changes + row(f"<table:table-cell><text:p>yes</text:p>{inner}</table:table-cell>")
    assert cells(ods(tmp_path, rows)) == {"A1": ("T", "yes", "")}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (
            row(cell("string", "", "x", 'table:number-columns-repeated="16384"'), number_rows_repeated=1048576),
            "more than 40 million cells",
        ),
        (row(cell("string", "", "x"), number_rows_repeated=99_999_999), "more rows or columns than a worksheet"),
        (row(cell("string", "", "x", 'table:number-columns-repeated="99999999"')), "more rows or columns"),
        (row(cell("string", "", "x" * 100_000), number_rows_repeated=1_000_000), "as much text as no table has"),
        ("<table:table-row>", "its table isn't XML"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]>&b;", "its table isn't XML"),
    ],
    ids=["wide and long", "too long", "too wide", "too much text", "cut off", "a document type within"],
)
def test_a_document_that_would_blow_up_is_refused(tmp_path: Path, rows: str, words: str) -> None:
    assert words in refusal(ods(tmp_path, rows))


def test_a_column_that_is_filled_to_the_last_row_loads(tmp_path: Path) -> None:
    path = ods(tmp_path, row(cell("string", "", "x"), number_rows_repeated=1_048_576))
    assert open_book(path).extent("Orders") == Extent(1_048_576, 0)


def test_entities_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    assert refusal(path) == "a.ods: This file's XML has a document type, which no spreadsheet has."


@pytest.mark.parametrize(
    ("value", "shown", "expected"),
    [
        ("8.6210010463E10", "86210010463", "0"),
        ("86210010463", "86,210,010,463", "#,##0"),
        ("86210010463", "86,21,00,10,463", "#,##0"),
        ("86210010463", "86.210.010.463", "#,##0"),
        ("86210010463", "86\u202f210\u202f010\u202f463", "#,##0"),
        ("86210010463", "86210010463.00", "0.00"),
        ("0", "0.00", "0.00"),
        ("0", "000", "000"),
        ("1299.5", "1.299,50", "#,##0.00"),
        ("0.125", "12.50 %", '0.00" "%'),
        ("86210010463", "8.62E+10", "0.00E+00"),
        ("86210010463", "8,62E+010", "0.00E+00"),
        ("86210010463", "9.99E+10", '"9.99E+10"'),
        ("5", "AWB 5", '"AWB "0'),
        ("12", "13", '"13"'),
        ("12.7", "13", "0"),
        ("-1299.5", "-1,299.50", "#,##0.00"),
        ("5", 'say "5"', '"say "\\"0\\"'),
        ("1", "one", '"one"'),
        ("1234", "1.234", "#,##0"),
        ("1.5", "1.234", '"1.234"'),
        ("5", "٥", '"٥"'),
    ],
)
def test_a_shown_text_becomes_the_format_that_shows_it(value: str, shown: str, expected: str) -> None:
    assert format_of(value, shown) == expected


# --- .xlsb -------------------------------------------------------------------------------------------------------

FIRST_TEXT, HUNDREDTH_TEXT = (record(7, b"\1\0\0\0" + bytes(4) + bytes([number, 0, 0, 0])) for number in (0, 99))

ROWS: Rows = (
    (2, [(1, "AWB"), (2, "Status"), (3, "When"), (4, "n")]),
    (3, [(1, 86210010463.0), (2, "'inline"), (3, -46053.4375), (4, True)]),
    (5, [(1, "86210010463"), (2, "=cached"), (3, "#N/A"), (4, 12)]),
    (9, [(0, "#REF!"), (1, None)]),
)


def test_a_binary_workbook_gives_its_values(tmp_path: Path) -> None:
    path = make_xlsb(tmp_path / "a.xlsb", {"Orders": ROWS, "Old": [(0, [(0, "x")])]}, state=2)
    book = open_book(path)
    assert cells(path) == {
        "B3": ("T", "AWB", ""),
        "C3": ("T", "Status", ""),
        "D3": ("T", "When", ""),
        "E3": ("T", "n", ""),
        "B4": ("N", "86210010463", "General"),
        "C4": ("T", "inline", ""),
        "D4": ("D", "2026-01-31 10:30:00", "m/d/yy h:mm"),
        "E4": ("B", "TRUE", ""),
        "B6": ("T", "86210010463", ""),
        "C6": ("T", "cached", ""),
        "D6": ("E", "#N/A", ""),
        "E6": ("N", "12", "General"),
        "A10": ("E", "#REF!", ""),
    }
    assert (book.hidden_known, book.formats_known, book.extent("Orders")) == (True, True, Extent(10, 4))
    assert (book.sheets, book.notes) == ((SheetInfo("Orders"), SheetInfo("Old", Visibility.VERY_HIDDEN)), ())


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([(5, [(0, "a")]), (3, [(0, "b")])], "This .xlsb file is damaged: its rows are out of order."),
        ([(5, [(0, "a")]), (5, [(1, "b")])], "This .xlsb file is damaged: its rows are out of order."),
        ([(2_000_000, [(0, "a")])], "A sheet of this file has more rows or columns than a worksheet can have."),
        ([(0, [(16_384, "a")])], "A sheet of this file has more rows or columns than a worksheet can have."),
    ],
)
def test_a_sheet_that_no_workbook_has_is_refused(tmp_path: Path, rows: Rows, words: str) -> None:
    path = make_xlsb(tmp_path / "a.xlsb", {"Orders": rows})
    assert refusal(path).startswith(f"a.xlsb: {words}")


def test_cells_in_opposite_corners_are_read(tmp_path: Path) -> None:
    path = make_xlsb(tmp_path / "a.xlsb", {"Orders": [(0, [(0, "a")]), (1_048_575, [(16_383, "b")])]})
    assert [row.number for row in open_book(path).head("Orders", 9)] == [1, 1_048_576]


def changed_part(path: Path, part: str, change: Callable[[bytes], bytes]) -> Path:
    """The file with one part of it changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert change(parts[part]) != parts[part]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, change(content) if name == part else content)
    return path


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda data: data.replace(FIRST_TEXT, HUNDREDTH_TEXT), ": a cell refers to a text that is not there"),
        (lambda data: data.replace(FIRST_TEXT, record(7, b"\1\0\0\0" + bytes(4))), ": a cell is cut off"),
        (lambda data: data[:-4], ": it is cut off"),
        (lambda data: data.replace(record(6, b"\2\0\0\0" + bytes(4) + wide("inline")),
                                   record(6, b"\2\0\0\0" + bytes(4) + wide("inline")[:9])),
         ": a text goes on beyond its record"),
    ],
)  # fmt: skip
def test_a_damaged_sheet_is_one_sentence(tmp_path: Path, change: Callable[[bytes], bytes], why: str) -> None:
    path = changed_part(make_xlsb(tmp_path / "a.xlsb", {"Orders": ROWS}), "xl/worksheets/sheet1.bin", change)
    assert refusal(path) == (
        f"a.xlsb: This .xlsb file is damaged{why}. Open it in Excel or LibreOffice, save it as .xlsx, and give that."
    )


def test_cells_without_a_column_of_their_own_are_read(tmp_path: Path) -> None:
    plain = make_xlsb(tmp_path / "a.xlsb", {"Orders": ROWS})
    short = make_xlsb(tmp_path / "b.xlsb", {"Orders": ROWS}, more=More(short=True))
    assert short.read_bytes() != plain.read_bytes()
    assert cells(short) == cells(plain)


SHEET: Rows = (
    (0, [(0, "AWB"), (1, "Status"), (2, Styled(46296.0, 2))]),
    (1, [(0, Styled(12345.0, 3)), (1, "Delivered"), (2, Styled(1.5, 4))]),
    (2, [(0, "86210010463"), (1, "unseen"), (2, Styled("x", 5))]),
    (3, [(0, Styled("86210010464", 6)), (1, Styled("862100104641", 0, ((11, 2),))), (2, Styled("y", 7))]),
)
MORE = More(
    styles=((0, 17), (0, 164), (0, 46), (0, 165), (1, 0), (2, 0)),
    formats={164: "00000000", 165: '"Not "@'},
    hidden=frozenset({2}),
    flat=frozenset({3}),
    merged=((1, 2, 1, 1),),
)


def test_formats_hidden_rows_merged_and_struck_out_cells_of_a_binary_workbook_are_read(tmp_path: Path) -> None:
    path = make_xlsb(tmp_path / "a.xlsb", {"Orders": SHEET}, more=MORE)
    assert cells(path) == {
        "A1": ("T", "AWB", ""), "B1": ("T", "Status", ""), "C1": ("D", "2026-10-01", "mmm-yy"),
        "A2": ("N", "12345", "00000000"), "B2": ("T", "Delivered", ""), "C2": ("N", "1.5", "[h]:mm:ss"),
        "A3": ("T", "86210010463", ""), "B3": ("T", "Delivered", ""), "C3": ("T", "x", '"Not "@'),
        "A4": ("T", "86210010464", ""), "B4": ("T", "862100104641", ""), "C4": ("T", "y", ""),
    }  # fmt: skip
    assert hidden(path) == [3, 4]
    frame = next(open_book(path).frames("Orders", 3, (0, 1, 2), 9))
    struck = [frame.columns[column].struck for column in range(3)]
    assert [one is not None and one.tolist() for one in struck] == [[True], [True], False]


def test_the_copy_of_a_binary_workbook_looks_like_it(tmp_path: Path) -> None:
    path = make_xlsb(tmp_path / "a.xlsb", {"Orders": SHEET}, more=MORE)
    written = write_back(place(path, {"awb_number": 0}, 1), marks({2: ("Failed", "", "")}), tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert (str(sheet["C1"].value), sheet["C1"].number_format) == ("2026-10-01 00:00:00", "mmm-yy")
    assert (sheet["A2"].value, str(sheet["C2"].value), sheet["C2"].number_format) == (
        "00012345",
        "1 day, 12:00:00",
        "[h]:mm:ss",
    )
    assert (sheet["C3"].value, sheet["C3"].number_format) == ("x", '"Not "@')
    assert [number for number, one in sheet.row_dimensions.items() if one.hidden] == [3, 4]
    assert list(map(str, sheet.merged_cells.ranges)) == ["B2:B3"]
    assert written.notes == (
        "a.xlsb was written as a new workbook (.xlsx): values and formats were copied; "
        "charts, macros and formulas were not.",
    )


def test_days_count_from_1904_where_the_workbook_says_so(tmp_path: Path) -> None:
    rows: Rows = [(0, [(0, Styled(44591.0, 2))])]
    path = make_xlsb(tmp_path / "a.xlsb", {"Orders": rows}, more=More(styles=((0, 14),), date1904=True))
    assert cells(path) == {"A1": ("D", "2026-01-31", "mm-dd-yy")}


# --- HTML --------------------------------------------------------------------------------------------------------


def test_the_tables_of_a_page_are_sheets(tmp_path: Path) -> None:
    path = web(
        tmp_path,
        "<html><body><h1>Orders</h1><table><tr><td>&nbsp;</td></tr></table>"
        "<table><thead><tr><th>AWB<br>No</th><th>Note</th></tr></thead><tbody>"
        "<tr><td> 86210010463\n</td><td><b>a</b> &amp; <i>b</i><script>no</script></td></tr>"
        "<tr><td>=1+1<td>left <span style='display: none'>unseen</span>open"
        "</table><table><tr><td>1</td></tr></table>",
    )
    book = open_book(path)
    assert [info.name for info in book.sheets] == ["Table 1", "Table 2"]
    assert cells(path) == {
        "A1": ("T", "AWB\nNo", ""),
        "B1": ("T", "Note", ""),
        "A2": ("T", "86210010463", ""),
        "B2": ("T", "a & b", ""),
        "A3": ("T", "=1+1", ""),
        "B3": ("T", "left open", ""),
    }
    assert cells(path, "Table 2") == {"A1": ("T", "1", "")}


def test_spans_move_the_cells_behind_them(tmp_path: Path) -> None:
    path = web(
        tmp_path,
        "<table><tr><td colspan=2>wide</td><td>c</td></tr>"
        "<tr><td rowspan=2>AWB</td><td>b</td></tr><tr><td>d</td></tr><tr><td>e</td></tr></table>",
    )
    assert {address: text for address, (_, text, _) in cells(path).items()} == {
        "A1": "wide", "B1": "wide", "C1": "c", "A2": "AWB", "B2": "b", "A3": "AWB", "B3": "d", "A4": "e",
    }  # fmt: skip


def test_a_table_within_a_table_is_one_of_its_own(tmp_path: Path) -> None:
    path = web(tmp_path, "<table><tr><td>a<table><tr><td>inner</td></tr></table>b</td><td>c</td></tr></table>")
    assert (cells(path)["A1"], cells(path)["B1"], cells(path, "Table 2")["A1"]) == (
        ("T", "ab", ""),
        ("T", "c", ""),
        ("T", "inner", ""),
    )


def test_a_row_that_is_not_shown_is_hidden(tmp_path: Path) -> None:
    path = web(
        tmp_path, "<table><tr><td>1</td></tr><tr style='DISPLAY:NONE'><td>2</td></tr><tr hidden><td>3</td></tr></table>"
    )
    assert hidden(path) == [2, 3]


@pytest.mark.parametrize(
    "data",
    [
        "<table><tr><td>Zürich €</td></tr></table>".encode(),
        "<table><tr><td>Zürich €</td></tr></table>".encode("cp1252"),
        "\ufeff<table><tr><td>Zürich €</td></tr></table>".encode("utf-16"),
        "<meta charset=iso-8859-1><table><tr><td>Zürich €</td></tr></table>".encode("cp1252"),
        '<meta http-equiv=Content-Type content="text/html; charset=utf-8"><table><tr><td>Zürich €</table>'.encode(),
        "<meta charset=no-such><table><tr><td>Zürich &euro;</td></tr></table>".encode(),
        b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=X\n\n--X\n"
        b"Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
        b"<table><tr><td>Z=C3=BCrich =E2=82=AC</td></tr></table>\n--X--\n",
    ],
    ids=["utf-8", "cp1252", "utf-16", "meta", "http-equiv", "unknown", "web archive"],
)
def test_the_encoding_of_a_page_is_found(tmp_path: Path, data: bytes) -> None:
    assert cells(web(tmp_path, data)) == {"A1": ("T", "Zürich €", "")}


# --- writing -----------------------------------------------------------------------------------------------------


def place(path: Path, columns: Mapping[str, int], header_row: int, **more: object) -> Place:
    book = open_book(path)
    sheet = book.sheets[0].name
    given_ = {"added": ("status", "remark", "refnum"), "own_column": None, "extent": book.extent(sheet)} | more
    return Place(path, book.format, sheet, header_row, columns=columns, digest="", **{"headers": (), **given_})  # type: ignore[arg-type]


def marks(rows: Mapping[int, tuple[str, str, str]]) -> pd.DataFrame:
    frame = pd.DataFrame.from_dict(dict(rows), orient="index", columns=["status", "remark", "refnum"])
    return frame.astype("str")


MARKS = {
    4: ("Success", "=HYPERLINK(1)", "00012"),
    5: ("Skipped", "a\x00b & <c> _x0041_", ""),
    6: ("Failed", "two\nlines", "9"),
    12: ("Invalid", "", ""),
}


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_the_copy_has_the_values_the_formats_and_the_marks(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "out.xlsx"
    source = DATA / f"converted.{kind}"
    written = write_back(place(source, {"awb_number": 0, "order_ref": 1}, 3), marks(MARKS), target)
    assert written.notes == (
        f"converted.{kind} was written as a new workbook (.xlsx): values and formats were copied; "
        "charts, macros and formulas were not.",
    )
    workbook = openpyxl.load_workbook(target)
    sheet = workbook.active
    assert [(one.title, one.sheet_state) for one in workbook] == [
        ("Orders", "visible"), ("Notes", "visible"), ("Old", "hidden"),
    ]  # fmt: skip
    assert [[one.value for one in line] for line in sheet["A4:D7"]] == [
        ["86210010463", "A-1001", "Cancel Requested", 1299.5],
        ["86210010464", "A-1002", "Delivered", 250],
        ["00012345", "A-1003", "To Cancel", 0],
        ["1319480000000", "A-1004", "To Cancel", 99.99],
    ]
    assert [sheet[one].number_format for one in ("A4", "A6", "D4", "F12")] == ["@", "@", "#,##0.00", "@"]
    assert [sheet[one].data_type for one in ("A5", "A9", "A10", "E5", "F12", "G4", "I4")] == list("sendsbs")
    assert sheet["E5"].value == datetime.fromisoformat("2026-01-31T10:30")
    assert (sheet["F12"].value, workbook["Notes"]["A1"].value) == ("=1+1", "nothing to see")
    assert [[one.value for one in line] for line in sheet["H3:J6"]] == [
        ["status", "remark", "refnum"],
        ["Success", "=HYPERLINK(1)", "00012"],
        ["Skipped", "a_x0000_b & <c> _x005F_x0041_", None],
        ["Failed", "two\nlines", "9"],
    ]
    assert (sheet["H12"].value, sheet["H8"].value, sheet["H1"].value) == ("Invalid", None, None)
    assert (sheet.freeze_panes, sheet["A3"].font.bold, sheet["J3"].font.bold, sheet["A4"].font.bold) == (
        "A4",
        True,
        True,
        False,
    )
    assert [number for number, one in sheet.row_dimensions.items() if one.hidden] == [8]
    assert sheet["H4"].fill.fgColor.rgb != sheet["H6"].fill.fgColor.rgb
    assert sheet.column_dimensions["I"].width == 60


def test_the_copy_opens_again_with_the_same_cells(tmp_path: Path) -> None:
    target = tmp_path / "out.xlsx"
    write_back(place(DATA / "converted.xls", {}, 3), marks({}), target)
    told = {address: (kind, text) for address, (kind, text, _) in cells(DATA / "converted.xls").items()}
    again = {address: (kind, text) for address, (kind, text, _) in cells(target).items()}
    assert {address: one for address, one in again.items() if address[0] < "H"} == told


def test_own_columns_of_an_earlier_run_are_written_in_place(tmp_path: Path) -> None:
    path = web(
        tmp_path,
        "<table><tr><td>AWB<td>status<td>remark<td>refnum<td>x</tr><tr><td>1<td>Failed<td>old<td>9<td>y</tr></table>",
    )
    where = place(path, {}, 1, own_column=1, headers=("AWB", "status", "remark", "refnum", "x"))
    write_back(where, marks({2: ("Success", "", "")}), tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert [[one.value for one in line] for line in sheet.iter_rows()] == [
        ["AWB", "status", "remark", "refnum", "x"],
        ["1", "Success", None, None, "y"],
    ]


def test_names_that_excel_does_not_take_are_changed(tmp_path: Path) -> None:
    more = "".join(f'<table:table table:name="{name}"/>' for name in ("a/b:c", "A_B_C", "x" * 40, "x" * 41, "'"))
    path = ods(tmp_path, row(cell("string", "", "AWB")), more=more)
    write_back(place(path, {}, 1), marks({}), tmp_path / "out.xlsx")
    names = openpyxl.load_workbook(tmp_path / "out.xlsx").sheetnames
    assert names == ["Orders", "a_b_c", "A_B_C (2)", "x" * 31, "x" * 27 + " (2)", "Sheet"]


def test_a_text_that_is_longer_than_a_cell_is_cut_and_said(tmp_path: Path) -> None:
    path = ods(tmp_path, row(cell("string", "", "x" * 32_768), cell("string", "", "y" * 32_767)))
    written = write_back(place(path, {}, 1), marks({}), tmp_path / "out.xlsx")
    assert written.notes[1:] == ("1 texts were cut to the 32,767 characters that a cell of Excel holds.",)
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active
    assert (len(sheet["A1"].value), len(sheet["B1"].value)) == (32_767, 32_767)


def test_a_sheet_without_room_is_said(tmp_path: Path) -> None:
    path = ods(tmp_path, row('<table:table-cell table:number-columns-repeated="16382"/>', cell("string", "", "x")))
    with pytest.raises(OutputError) as caught:
        write_back(place(path, {}, 1), marks({}), tmp_path / "out.xlsx")
    assert str(caught.value) == "a.ods: Sheet Orders has no room for 3 more columns. Delete columns that nobody needs."


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=8))
def test_any_text_survives_reading_and_writing(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    folder = tmp_path_factory.mktemp("texts")
    rows = [(0, [(0, "AWB")]), *((number, [(0, f"'{text}")]) for number, text in enumerate(texts, 1))]
    path = make_xlsb(folder / "a.xlsb", {"Orders": rows})
    read = [one.cells[0] for one in open_book(path).head("Orders", 99)[1:]]
    assert read == texts
    write_back(place(path, {"awb_number": 0}, 1), marks({2: ("Failed", texts[0], texts[0])}), folder / "out.xlsx")
    sheet = open_book(folder / "out.xlsx").head("Orders", 99)
    assert [one.cells[0] for one in sheet[1:]] == texts
    assert sheet[1].cells[2:4] == (texts[0], texts[0])


# --- damaged files -----------------------------------------------------------------------------------------------


def damaged(data: bytes, chance: Random) -> bytes:
    """The bytes with some of them changed, taken out, doubled or cut."""
    new = bytearray(data)
    for _ in range(chance.choice((1, 2, 5, 30))):
        at = chance.randrange(max(len(new), 1))
        match chance.randrange(5):
            case 0:
                new[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del new[at : at + chance.randrange(1, 40)]
            case 2:
                new[at:at] = chance.randbytes(chance.randrange(1, 20))
            case 3:
                new[at : at + 4] = chance.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f"))
            case 4 if chance.random() < 0.2:
                del new[at:]
    return bytes(new)


def damaged_file(source: Path, target: Path, chance: Random) -> None:
    """A damaged copy; of a zip, one of its parts is damaged, so that the readers behind the zip are met."""
    if not zipfile.is_zipfile(source):
        target.write_bytes(damaged(source.read_bytes(), chance))
        return
    with zipfile.ZipFile(source) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    hit = chance.choice([name for name in parts if name.endswith(("content.xml", ".bin", ".rels", "manifest.xml"))])
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, damaged(content, chance) if name == hit else content)


@pytest.mark.parametrize("kind", ["xls", "ods", "xlsb", "html"])
def test_a_damaged_file_loads_or_is_refused(tmp_path: Path, kind: str) -> None:
    source = DATA / f"converted.{kind}"
    if kind == "xlsb":
        source = make_xlsb(tmp_path / "source.xlsb", {"Orders": ROWS})
    if kind == "html":
        source = web(tmp_path, "<table>" + "<tr><td rowspan=2>1<td colspan=3>b<td>c</tr>" * 20 + "</table>")
    for seed in range(200):
        path = tmp_path / f"damaged.{kind}"
        damaged_file(source, path, Random(seed))
        with contextlib.suppress(FileError):
            book = open_book(path)
            for info in book.sheets:
                book.head(info.name, 50)
                for frame in book.frames(info.name, 0, range(9), 100):
                    assert len(frame.rows) == len(frame.columns[0].text)

"""The worksheet is patched, not rebuilt: whatever its spelling, only our cells and what they must touch are new."""

from __future__ import annotations

import re
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from pipeline.containers.zip_archive import open_archive
from pipeline.containers.zip_rewrite import rewrite_zip
from pipeline.model.sheet import Extent, Place, Written
from pipeline.sheets.xlsx_book import LOOK, new_columns
from pipeline.source_file import SourceFile
from pipeline.xlsx import CannotPatchError
from pipeline.xlsx.cell_text import cell_text
from pipeline.xlsx.patching.cell_xml import Cells
from pipeline.xlsx.patching.fallbacks import PatchAttempt
from pipeline.xlsx.patching.placement import Landing
from pipeline.xlsx.patching.row_stream import patch_rows
from pipeline.xlsx.patching.sheet_parts import Frame
from pipeline.xlsx.patching.styles import CellStyles, add_styles
from tests.handmade import STYLES, raw_workbook
from tests.part_by_part import differences, entries
from tests.workbooks import (
    MAIN,
    STRICT,
    XLSXWRITER,
    XML,
    by_xlsxwriter,
    check_xlsx,
    marks_of,
    patch_of,
    place_of,
    usual_marks,
    write_xlsx,
)

SHEET = "xl/worksheets/sheet1.xml"


def sheet_of(path: Path) -> bytes:
    """The worksheet part."""
    with zipfile.ZipFile(path) as archive:
        return archive.read(SHEET)


def ours(row: int, first: str = "B", status: str = "Success", remark: str = "ok", prefix: str = "") -> str:
    """Our cells of a row, as they are written into a workbook without styles."""
    second, p = chr(ord(first) + 1), prefix
    cells = ((first, status), (second, remark))
    return "".join(
        f'<{p}c r="{letter}{row}" t="inlineStr"><{p}is><{p}t>{text}</{p}t></{p}is></{p}c>' for letter, text in cells
    )


def head(row: int = 1, first: str = "B", prefix: str = "", style: str = "") -> str:
    """Our header cells."""
    p = prefix
    return "".join(
        f'<{p}c r="{chr(ord(first) + i)}{row}"{style} t="inlineStr"><{p}is><{p}t>{name}</{p}t></{p}is></{p}c>'
        for i, name in enumerate(("status", "remark", "refnum"))
    )


COLS = "".join(
    f'<col min="{number}" max="{number}" width="{width}" customWidth="1"/>'
    for number, width in ((2, "13.7109375"), (3, "60.7109375"), (4, "22.7109375"))
)
PREFIXED = re.sub("<(?=c)", "<x:", COLS)
MARK = ("Success", "ok", "")

SPELLINGS = {
    "as Excel writes it": (
        '<row r="1" spans="1:1" ht="15"><c r="A1" t="s"><v>0</v></c></row>'
        '<row r="2" spans="1:1"><c r="A2"><v>7</v></c></row>',
        f'<row r="1" spans="1:4" ht="15"><c r="A1" t="s"><v>0</v></c>{head()}</row>'
        f'<row r="2" spans="1:4"><c r="A2"><v>7</v></c>{ours(2)}</row>',
    ),
    "several spans": (
        '<row r="1" spans="1:1 3:3"><c r="A1"/></row><row r="2" spans="1:1"><c r="A2"/></row>',
        f'<row r="1" spans="1:1 3:4"><c r="A1"/>{head()}</row><row r="2" spans="1:4"><c r="A2"/>{ours(2)}</row>',
    ),
    "line breaks between rows": (
        '\n<row r="1">\n<c r="A1"><v>1</v></c></row>\n<row r="2">\n<c r="A2"><v>7</v></c>\n</row>\n',
        f'\n<row r="1">\n<c r="A1"><v>1</v></c>{head()}</row>\n<row r="2">\n<c r="A2"><v>7</v></c>{ours(2)}\n</row>\n',
    ),
    "rows without cells": (
        '<row r="1"><c r="A1"/></row><row r="2" ht="9"/><row r="3"></row><row r="4" s="1" />',
        f'<row r="1"><c r="A1"/>{head()}</row><row r="2" ht="9">{ours(2)}</row><row r="3"></row><row r="4" s="1" />',
    ),
    "a header row of one tag": (
        '<row r="1" spans="1:1"/><row r="2"><c r="A2"/></row>',
        f'<row r="1" spans="1:4">{head()}</row><row r="2"><c r="A2"/>{ours(2)}</row>',
    ),
    "no addresses at all": (
        "<row><c><v>1</v></c></row><row><c><v>7</v></c></row>",
        f"<row><c><v>1</v></c>{head()}</row><row><c><v>7</v></c>{ours(2)}</row>",
    ),
    "the number of a row behind its other attributes": (
        '<row spans="1:1" r="1"><c r="A1"/></row><row ht="3" r="2"><c r="A2"/></row>',
        f'<row spans="1:4" r="1"><c r="A1"/>{head()}</row><row ht="3" r="2"><c r="A2"/>{ours(2)}</row>',
    ),
    "single quotes and a bracket in an attribute": (
        "<row r='1' x='a>b'><c r='A1'/></row><row r='2' spans='1:1'><c r='A2'/></row>",
        f"<row r='1' x='a>b'><c r='A1'/>{head()}</row><row r='2' spans='1:4'><c r='A2'/>{ours(2)}</row>",
    ),
    "comments, CDATA and instructions": (
        '<!-- <row r="1"></row> --><row r="1"><c r="A1" t="str"><v><![CDATA[</row>]]></v></c></row><?x </row>?>'
        '<row r="2"><c r="A2"/><!-- </row> --></row>',
        f'<!-- <row r="1"></row> --><row r="1"><c r="A1" t="str"><v><![CDATA[</row>]]></v></c>{head()}</row>'
        f'<?x </row>?><row r="2"><c r="A2"/><!-- </row> -->{ours(2)}</row>',
    ),
    "a blank in the end tag": (
        '<row r="1"><c r="A1"/></row ><row r="2"><c r="A2"/></row\n>',
        f'<row r="1"><c r="A1"/>{head()}</row ><row r="2"><c r="A2"/>{ours(2)}</row\n>',
    ),
    "rows out of order": (
        '<row r="2"><c r="A2"/></row><row r="1"><c r="A1"/></row>',
        f'<row r="2"><c r="A2"/>{ours(2)}</row><row r="1"><c r="A1"/>{head()}</row>',
    ),
    "a row that is there twice": (
        '<row r="1"><c r="A1"/></row><row r="2"><c r="A2"/></row><row r="2"/>',
        f'<row r="1"><c r="A1"/>{head()}</row><row r="2"><c r="A2"/>{ours(2)}</row><row r="2"/>',
    ),
    "rows that have a mark and are not there": (
        '<row r="1"><c r="A1"/></row><row r="5"><c r="A5"/></row>',
        f'<row r="1"><c r="A1"/>{head()}</row><row r="2">{ours(2)}</row><row r="5"><c r="A5"/></row>',
    ),
    "the last row is not there": (
        '<row r="1"><c r="A1"/></row>',
        f'<row r="1"><c r="A1"/>{head()}</row><row r="2">{ours(2)}</row>',
    ),
    "styles that are said to be none": (
        '<row r="1" s=""><c r="A1" s=""/></row><row r="2"><c r="A2" s=""><v>7</v></c></row>',
        f'<row r="1" s=""><c r="A1" s=""/>{head()}</row><row r="2"><c r="A2" s=""><v>7</v></c>{ours(2)}</row>',
    ),
    "an extension list in a row": (
        '<row r="1"><c r="A1"/></row><row r="2"><c r="A2"/><extLst><ext uri="x"/></extLst></row>',
        f'<row r="1"><c r="A1"/>{head()}</row><row r="2"><c r="A2"/>{ours(2)}<extLst><ext uri="x"/></extLst></row>',
    ),
    "a last cell with colours and blanks": (
        '<row r="1"><c r="A1" t="inlineStr"><is><r><rPr><color rgb="FF0000FF"/></rPr><t>a</t></r></is></c ></row>'
        '<row r="2"><c r="A2" s="1" /></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><r><rPr><color rgb="FF0000FF"/></rPr><t>a</t></r></is></c >'
        f'{head()}</row><row r="2"><c r="A2" s="1" />{ours(2)}</row>',
    ),
}
"""What stands in ``sheetData``, and what stands there when row 2 has a mark and row 1 is the header."""


def patched(
    tmp_path: Path, sheet: str | bytes, marks: object = None, *, main: str = MAIN, **changes: object
) -> tuple[bytes, Written]:
    """A worksheet part after the patch, in a workbook without styles."""
    source = raw_workbook(tmp_path / "in.xlsx", sheet, styles=None, strings=("A",), main=main)
    place = place_of(source, header_row=1, **{"extent": Extent(5, 0), **changes})
    written = write_xlsx(place, marks_of({2: MARK}) if marks is None else marks, tmp_path / "out.xlsx")  # type: ignore[arg-type]
    return sheet_of(tmp_path / "out.xlsx"), written


def worksheet(rows: str, before: str = "", after: str = "") -> str:
    """A worksheet part around rows."""
    return f'{XML}<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


@pytest.mark.parametrize("name", SPELLINGS)
def test_every_spelling_of_rows_keeps_its_bytes(tmp_path: Path, name: str) -> None:
    rows, expected = SPELLINGS[name]
    found, _ = patched(tmp_path, worksheet(rows))
    assert found.decode() == worksheet(expected, f"<cols>{COLS}</cols>")


@pytest.mark.parametrize("name", SPELLINGS)
def test_prefixes_and_strict_names_are_kept(tmp_path: Path, name: str) -> None:
    rows, expected = (_prefixed(text) for text in SPELLINGS[name])
    around = f'{XML}<x:worksheet xmlns:x="{STRICT}">{{}}<x:sheetData>{{}}</x:sheetData></x:worksheet>'
    found, _ = patched(tmp_path, around.format("", rows), main=STRICT)
    assert found.decode() == around.format(f"<x:cols>{PREFIXED}</x:cols>", expected)


def _prefixed(text: str) -> str:
    return re.sub(r"<(/?)(?=(?:row|c|v|is|t|r|rPr|color|extLst|ext)\b)", r"<\1x:", text)


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-be", "iso-8859-1", "utf-8-sig"])
def test_every_encoding_is_kept(tmp_path: Path, codec: str) -> None:
    declared = {"utf-8-sig": "UTF-8", "utf-16-be": "UTF-16"}.get(codec, codec)
    mark = "\ufeff" if codec == "utf-16-be" else ""
    rows, expected = SPELLINGS["as Excel writes it"]

    def whole(rows: str, before: str = "") -> str:
        text = worksheet(rows, before + "<!-- ü -->").replace("UTF-8", declared)
        return f"{mark}{text}"

    found, _ = patched(tmp_path, whole(rows).encode(codec), marks_of({2: ("Success", "ok", "")}))
    assert found == whole(expected).replace("<sheetData>", f"<cols>{COLS}</cols><sheetData>").encode(codec)


def test_what_an_encoding_lacks_becomes_a_reference(tmp_path: Path) -> None:
    text = worksheet('<row r="2"><c r="A2"/></row>').replace("UTF-8", "iso-8859-1")
    found, _ = patched(tmp_path, text.encode("latin-1"), marks_of({2: ("Failed", "ü €", "")}))
    assert "<t>ü &#8364;</t>".encode("latin-1") in found


@pytest.mark.parametrize("empty", ["<sheetData/>", "<sheetData />", "<sheetData></sheetData>"])
def test_a_sheet_without_rows_gets_those_that_have_a_mark(tmp_path: Path, empty: str) -> None:
    sheet = f'{XML}<worksheet xmlns="{MAIN}">{empty}</worksheet>'
    found, _ = patched(tmp_path, sheet, extent=Extent(0, -1))
    assert f'<row r="2">{ours(2, "A")}</row></sheetData></worksheet>' in found.decode()


DIMENSIONS = {
    '<dimension ref="A1:A2"/>': '<dimension ref="A1:D2"/>',
    '<dimension ref="A1"/>': '<dimension ref="A1:D2"/>',
    "<dimension x='1' ref='A1:H99' />": "<dimension x='1' ref='A1:H99' />",
    '<dimension ref=""/>': '<dimension ref=""/>',
    "": "",
}


@pytest.mark.parametrize("before", DIMENSIONS)
def test_the_dimension_reaches_over_our_columns(tmp_path: Path, before: str) -> None:
    rows, expected = SPELLINGS["as Excel writes it"]
    found, _ = patched(tmp_path, worksheet(rows, before))
    assert found.decode() == worksheet(expected, f"{DIMENSIONS[before]}<cols>{COLS}</cols>")


B, C, D = (f"<col{rest}" for rest in COLS.split("<col")[1:])
WIDTHS = {
    '<cols><col min="1" max="1" width="9"/></cols>': f'<cols><col min="1" max="1" width="9"/>{COLS}</cols>',
    "<cols/>": f"<cols>{COLS}</cols>",
    "<cols></cols>": f"<cols>{COLS}</cols>",
    '<cols><col min="6" max="7" width="9"/></cols>': f'<cols>{COLS}<col min="6" max="7" width="9"/></cols>',
    '<cols><col min="1" max="16384" width="9" style="2" customWidth="1"/></cols>': (
        '<cols><col min="1" max="1" width="9" style="2" customWidth="1"/>'
        '<col min="2" max="2" style="2" width="13.7109375" customWidth="1"/>'
        '<col min="3" max="3" style="2" width="60.7109375" customWidth="1"/>'
        '<col min="4" max="4" style="2" width="22.7109375" customWidth="1"/>'
        '<col min="5" max="16384" width="9" style="2" customWidth="1"/></cols>'
    ),
    "<cols><col min='3' max='9' hidden='1' outlineLevel='2' collapsed='1' width='0'></col></cols>": (
        f"<cols>{B}"
        '<col min="3" max="3" collapsed=\'1\' width="60.7109375" customWidth="1"/>'
        '<col min="4" max="4" collapsed=\'1\' width="22.7109375" customWidth="1"/>'
        "<col min=\"5\" max=\"9\" hidden='1' outlineLevel='2' collapsed='1' width='0'/></cols>"
    ),
    '<cols><col min="1" max="2" width="9"/><col min="3" max="3" width="8"/></cols>': (
        '<cols><col min="1" max="1" width="9"/><col min="2" max="2" width="13.7109375" customWidth="1"/>'
        f'<col min="3" max="3" width="60.7109375" customWidth="1"/>{D}</cols>'
    ),
}


@pytest.mark.parametrize("before", WIDTHS)
def test_our_columns_get_widths_and_the_others_keep_theirs(tmp_path: Path, before: str) -> None:
    rows, expected = SPELLINGS["as Excel writes it"]
    found, _ = patched(tmp_path, worksheet(rows, before))
    assert found.decode() == worksheet(expected, WIDTHS[before])


FILTERS = {
    '<autoFilter ref="A1:A5"/>': ('<autoFilter ref="A1:D5"/>', 0),
    '<autoFilter ref="A1:A5"><sortState ref="A2:A5"><sortCondition ref="A2:A5"/></sortState></autoFilter>': (
        '<autoFilter ref="A1:D5"><sortState ref="A2:D5"><sortCondition ref="A2:A5"/></sortState></autoFilter>',
        0,
    ),
    '<autoFilter ref="A1:F5"/>': ('<autoFilter ref="A1:F5"/>', 0),
    '<autoFilter ref="A3:A5"/>': ('<autoFilter ref="A3:A5"/>', 0),
    '<customSheetViews><customSheetView><autoFilter ref="A1:A5"/></customSheetView></customSheetViews>': (
        '<customSheetViews><customSheetView><autoFilter ref="A1:A5"/></customSheetView></customSheetViews>',
        0,
    ),
}


@pytest.mark.parametrize("after", FILTERS)
def test_the_filter_takes_our_columns_in_when_it_ended_beside_them(tmp_path: Path, after: str) -> None:
    rows, expected = SPELLINGS["as Excel writes it"]
    found, written = patched(tmp_path, worksheet(rows, "", after))
    assert found.decode() == worksheet(expected, f"<cols>{COLS}</cols>", FILTERS[after][0])
    assert written.notes == ()


def test_a_filter_that_ends_before_the_last_column_is_said(tmp_path: Path) -> None:
    sheet = worksheet('<row r="1"><c r="B1"/></row>', "", '<autoFilter ref="A1:A5"/>')
    found, written = patched(tmp_path, sheet, extent=Extent(5, 1))
    assert b'<autoFilter ref="A1:A5"/>' in found
    assert written.notes == ("The filter of the sheet ends in column A: it does not sort the new columns.",)


def test_a_name_of_a_filter_that_is_gone_stays_as_it_is(tmp_path: Path) -> None:
    source = by_xlsxwriter(tmp_path / "in.xlsx", XLSXWRITER["filter, names, print area"])
    with zipfile.ZipFile(source) as archive:
        without = re.sub(rb"<autoFilter.*?</autoFilter>", b"", archive.read(SHEET))
    stale = tmp_path / "stale.xlsx"
    rewrite_zip(open_archive(SourceFile(source)), stale, {SHEET: [without]})
    write_xlsx(place_of(stale), usual_marks(), tmp_path / "out.xlsx")
    assert entries(tmp_path / "out.xlsx")["xl/workbook.xml"] == entries(stale)["xl/workbook.xml"]


def test_merged_cells_in_the_way_move_the_columns_and_a_merged_title_does_not(tmp_path: Path) -> None:
    rows = '<row r="3"><c r="A3"/></row><row r="4"><c r="A4"/></row>'
    title = '<mergeCells count="1"><mergeCell ref="A1:Z2"/></mergeCells>'
    for merged, first, notes in (
        (title, "B", ()),
        (
            title.replace("A1:Z2", "A4:E4"),
            "F",
            ("The new columns begin in column F: merged cells reach over the columns before it.",),
        ),
    ):
        source = raw_workbook(tmp_path / "in.xlsx", worksheet(rows, "", merged), styles=None)
        written = write_xlsx(place_of(source), marks_of({4: MARK}), tmp_path / "out.xlsx")
        assert ours(4, first).encode() in sheet_of(tmp_path / "out.xlsx")
        assert head(3, first).encode() in sheet_of(tmp_path / "out.xlsx")
        assert written.notes == notes


TEXTS = {
    "plain": "plain",
    "=1+1": "=1+1",
    "a<b>&\"c'": "a&lt;b&gt;&amp;\"c'",
    "\x00\x07\x1f": "_x0000__x0007__x001F_",
    "_x0041_": "_x005F_x0041_",
    "_x0041_x0042_": "_x005F_x0041_x005F_x0042_",
    "_x00": "_x00",
    "\ufffe\uffff": "_xFFFE__xFFFF_",
    "line\r\nbreak\ttab": "line&#13;\nbreak\ttab",
    "😀" * 16_383: "😀" * 16_383,
    "😀" * 16_384: "😀" * 16_383 + "…",
    "x" * 32_768: "x" * 32_766 + "…",
}


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: repr(text[:12]))
def test_text_is_text_whatever_it_holds(text: str) -> None:
    assert cell_text(text) == TEXTS[text]


def test_blanks_at_the_ends_and_long_numbers_come_back(tmp_path: Path) -> None:
    source = raw_workbook(tmp_path / "in.xlsx", worksheet('<row r="1"><c r="A1"/></row><row r="2"><c r="A2"/></row>'))
    texts = ("  two  ", "12345678901234567890", "0012")
    write_xlsx(place_of(source, header_row=1), marks_of({2: texts}), tmp_path / "out.xlsx")
    cells = load_workbook(tmp_path / "out.xlsx")["Orders"][2][1:]
    assert [(cell.value, cell.data_type, cell.number_format) for cell in cells] == [(text, "s", "@") for text in texts]


def test_one_slice_holds_texts_that_need_care_beside_thousands_that_do_not() -> None:
    marks = marks_of(
        {row: ("Success", "" if row % 3 else f"r|{row}", f"{row}" + " " * (row == 9000)) for row in range(2, 20_002)}
    )
    cells = Cells(marks, Landing(1, ("status", "remark", "refnum"), 3), CellStyles(), "")
    walked = {row: cells.at(position) for position, row in enumerate(cells.rows.tolist())}
    assert len(walked) == 20_000
    assert b"<t>r|9000</t>" in walked[9000]
    assert b'<t xml:space="preserve">9000 </t>' in walked[9000]
    assert [cells.at(i) for i in (0, 19_999, 8191, 8192)] == [walked[row] for row in (2, 20_001, 8193, 8194)]
    missing = marks.astype("object")
    missing.iloc[0, 2] = None
    assert Cells(missing, cells.landing, CellStyles(), "").at(0) == walked[2].replace(
        b'<c r="D\0" t="inlineStr"><is><t>2</t></is></c>', b""
    )


# --- the tool's own columns ------------------------------------------------------------------------------------------


@pytest.fixture
def first_run(tmp_path: Path) -> Path:
    source = by_xlsxwriter(tmp_path / "in.xlsx", XLSXWRITER["table"])
    write_xlsx(place_of(source), usual_marks(), tmp_path / "first.xlsx")
    return tmp_path / "first.xlsx"


def test_the_same_marks_in_place_change_nothing(first_run: Path, tmp_path: Path) -> None:
    written = write_xlsx(place_of(first_run, own_column=6), usual_marks(), tmp_path / "second.xlsx")
    assert sheet_of(tmp_path / "second.xlsx") == sheet_of(first_run)
    assert written.notes == ()
    others = {name: data for name, data in entries(first_run).items() if name != SHEET}
    assert others == {name: data for name, data in entries(tmp_path / "second.xlsx").items() if name != SHEET}


@pytest.mark.parametrize("exact", [False, True])
def test_other_marks_in_place_change_only_these_cells(first_run: Path, tmp_path: Path, exact: bool) -> None:
    place = place_of(first_run, own_column=6)
    marks = marks_of({5: ("Failed", "no", "1"), 9: ("Skipped", "", ""), 16: ("Planned", "new row", "")})
    second = tmp_path / "second.xlsx"
    patch_of(place, marks).write(second, PatchAttempt(unordered=exact))
    assert differences(first_run, second, place, 6, place.added) == []
    found = [[cell.value for cell in row[6:9]] for row in load_workbook(second)["Orders"].iter_rows(3, 16)]
    expected = {
        3: list(place.added),
        5: ["Failed", "no", "1"],
        9: ["Skipped", None, None],
        16: ["Planned", "new row", None],
    }
    assert found == [expected.get(row, [None] * 3) for row in range(3, 17)]


OWN = {
    "in the middle, with cells behind": (
        f'<row r="1">{head(1)}<c r="E1"/></row>'
        '<row r="2" spans="1:5"><c r="A2"/><c r="B2"/><c r="D2"/><c r="E2"/></row>'
        '<row r="3"><c r="A3"/><c r="E3"/></row>',
        f'<row r="1">{head(1)}<c r="E1"/></row><row r="2" spans="1:5"><c r="A2"/>{ours(2)}<c r="E2"/></row>'
        f'<row r="3"><c r="A3"/>{ours(3)}<c r="E3"/></row>',
    ),
    "cells behind that count from ours": (
        f'<row r="1">{head(1)}</row><row r="2"><c r="A2"/><c/><c/><c/><c><v>5</v></c></row>'
        "<row><c/><c><v>1</v></c><c r='E3'/></row>",
        f'<row r="1">{head(1)}</row><row r="2"><c r="A2"/>{ours(2)}<c r="D2"/><c><v>5</v></c></row>'
        f"<row><c/>{ours(3)}<c r='E3'/></row>",
    ),
}


@pytest.mark.parametrize("name", OWN)
def test_columns_in_the_middle_are_written_between_their_neighbours(tmp_path: Path, name: str) -> None:
    rows, expected = OWN[name]
    marks = marks_of({2: MARK, 3: MARK})
    found, _ = patched(
        tmp_path, worksheet(rows), marks, own_column=1, extent=Extent(3, 4), headers=("A", "status", "remark", "refnum")
    )
    assert found.decode() == worksheet(expected)


VERIFY = {"added": ("status", "remark", "refnum", "verified"), "own_column": 6}


def test_verified_joins_the_three_when_the_next_column_is_free(first_run: Path, tmp_path: Path) -> None:
    headers = ("Order", "AWB", "Order Status", "Amount", "Date", "Remarks", "status", "remark", "refnum")
    place = place_of(first_run, headers=headers, **VERIFY)
    marks = marks_of({4: ("Success", "ok", "1", "cancelled on 1 Nov")}, place.added)
    write_xlsx(place, marks, tmp_path / "second.xlsx")
    sheet = load_workbook(tmp_path / "second.xlsx")["Orders"]
    assert [cell.value for cell in sheet[3]][6:] == list(place.added)
    assert [cell.value for cell in sheet[4]][6:] == ["Success", "ok", "1", "cancelled on 1 Nov"]
    assert sheet.tables["Orders_1"].ref == "A3:J15"
    assert sheet.tables["Orders_1"].column_names[-1] == "verified"
    assert sheet.column_dimensions["J"].width > 40


def test_verified_is_not_written_over_somebodys_column(first_run: Path, tmp_path: Path) -> None:
    place = place_of(
        first_run, **VERIFY, headers=("",) * 6 + ("status", "remark", "refnum", "mine"), extent=Extent(15, 9)
    )
    written = write_xlsx(place, marks_of({4: ("Success", "ok", "1", "yes")}, place.added), tmp_path / "second.xlsx")
    assert written.notes == (
        "The column verified could not be added: column J, beside refnum, is in use. "
        "Move what stands there and run the command again.",
    )
    assert [cell.value for cell in load_workbook(tmp_path / "second.xlsx")["Orders"][4]][6:] == ["Success", "ok", "1"]


# --- tables ----------------------------------------------------------------------------------------------------------


def test_a_name_that_the_table_has_in_capitals_gets_a_number(tmp_path: Path) -> None:
    def table(sheet, book):  # type: ignore[no-untyped-def]
        columns = [{"header": name} for name in ("Order", "AWB", "STATUS", "Amount", "Date", "Remarks")]
        sheet.add_table("A3:F15", {"columns": columns})

    source = by_xlsxwriter(tmp_path / "in.xlsx", table)
    written = write_xlsx(place_of(source), usual_marks(), tmp_path / "out.xlsx")
    sheet = load_workbook(tmp_path / "out.xlsx")["Orders"]
    (found,) = sheet.tables.values()
    assert found.column_names[6:] == ["status2", "remark", "refnum"] == [cell.value for cell in sheet[3][6:]]
    assert written.notes == (
        "The new columns are called status2, remark, refnum, since the table has some of the names already.",
    )


def test_a_table_that_ends_before_the_last_column_is_left_and_said(tmp_path: Path) -> None:
    def table(sheet, book):  # type: ignore[no-untyped-def]
        sheet.add_table("A3:C15", {"name": "Short", "columns": [{"header": name} for name in "abc"]})

    source = by_xlsxwriter(tmp_path / "in.xlsx", table)
    written = write_xlsx(place_of(source), usual_marks(), tmp_path / "out.xlsx")
    assert entries(tmp_path / "out.xlsx")["xl/tables/table1.xml"] == entries(source)["xl/tables/table1.xml"]
    assert written.notes == ("The table Short ends before the new columns: sort the whole sheet, not the table alone.",)


def test_columns_move_beyond_a_table_that_reaches_further_and_join_it(tmp_path: Path) -> None:
    source = by_xlsxwriter(tmp_path / "in.xlsx", XLSXWRITER["table"])
    written = write_xlsx(place_of(source, extent=Extent(15, 3)), usual_marks(), tmp_path / "out.xlsx")
    sheet = load_workbook(tmp_path / "out.xlsx")["Orders"]
    assert sheet.tables["Orders_1"].ref == "A3:I15"
    assert written.notes == (
        "The new columns begin in column G: the table Orders_1 reaches over the columns before it.",
    )


def test_a_tab_without_a_part_keeps_its_place_among_the_tabs(tmp_path: Path) -> None:
    source = by_xlsxwriter(tmp_path / "in.xlsx", XLSXWRITER["filter, names, print area"])
    with zipfile.ZipFile(source) as archive:
        book = archive.read("xl/workbook.xml")
    module = b'<sheets><sheet name="Module1" sheetId="9" state="veryHidden" r:id=""/>'
    moved = book.replace(b"<sheets>", module).replace(b'localSheetId="0"', b'localSheetId="1"')
    with_module = tmp_path / "module.xlsx"
    rewrite_zip(open_archive(SourceFile(source)), with_module, {"xl/workbook.xml": [moved]})
    write_xlsx(place_of(with_module), usual_marks(), tmp_path / "out.xlsx")
    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:
        book = archive.read("xl/workbook.xml")
    assert module in book
    assert b'localSheetId="1" hidden="1">Orders!$A$3:$I$15<' in book


# --- what can't be patched -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", [check_xlsx, lambda place: write_xlsx(place, marks_of({2: MARK}), place.path)])
def test_no_room_at_the_last_column_is_said(tmp_path: Path, act: Callable[[Place], object]) -> None:
    source = raw_workbook(tmp_path / "in.xlsx", worksheet('<row r="1"><c r="XFB1"/></row>'))
    with pytest.raises(CannotPatchError, match="has no room for 3 more columns: a sheet ends at column XFD"):
        act(place_of(source, header_row=1))


def test_a_signed_workbook_is_not_touched(tmp_path: Path) -> None:
    source = raw_workbook(tmp_path / "in.xlsx", worksheet(""))
    with zipfile.ZipFile(source, "a") as archive:
        archive.writestr("_xmlsignatures/sig1.xml", "<Signature/>")
    with pytest.raises(CannotPatchError, match="signed"):
        write_xlsx(place_of(source), usual_marks(), tmp_path / "out.xlsx")
    with pytest.raises(CannotPatchError, match="no sheet Gone any more"):
        check_xlsx(replace(place_of(raw_workbook(tmp_path / "other.xlsx", worksheet(""))), sheet="Gone"))


REFUSED = {
    "cells where our columns would stand": worksheet('<row r="2"><c r="A2"/><c r="B2"/></row>'),
    "a row number that is none": worksheet('<row r="two"><c r="A2"/></row>'),
    "no rows at all": f'<worksheet xmlns="{MAIN}"></worksheet>',
    "a document type": worksheet("").replace("<worksheet", "<!DOCTYPE x><worksheet"),
    "cut short": worksheet('<row r="1"><c r="A1"/></row>')[:-30],
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_patched_safely_is_refused(tmp_path: Path, name: str) -> None:
    place = place_of(raw_workbook(tmp_path / "as-read.xlsx", worksheet("")), header_row=1, extent=Extent(2, 0))
    now = replace(place, path=raw_workbook(tmp_path / "now.xlsx", REFUSED[name]))
    with pytest.raises(CannotPatchError):
        write_xlsx(now, marks_of({2: MARK}), tmp_path / "out.xlsx")


# --- styles ----------------------------------------------------------------------------------------------------------


def test_styles_are_appended_and_found_again() -> None:
    once, styles = add_styles(STYLES.encode(), LOOK)
    twice, again = add_styles(once, LOOK)
    assert (twice, again) == (once, styles)
    assert (styles.text, sorted(styles.by_status.values())) == (4, [5, 6, 7, 8, 9, 10])
    assert '<cellXfs count="11"><xf/><xf numFmtId="14"' in once.decode()


STYLE_PARTS = {
    "strict, with a prefix": f'<s:styleSheet xmlns:s="{STRICT}"><s:fonts><s:font/></s:fonts><s:fills/>'
    "<s:cellXfs><s:xf/></s:cellXfs></s:styleSheet>",
    "nothing in it": f'<styleSheet xmlns="{MAIN}"/>',
    "sections missing": f'<styleSheet xmlns="{MAIN}"><borders/><cellStyleXfs><xf/></cellStyleXfs><dxfs/></styleSheet>',
    "a white font": f'<styleSheet xmlns="{MAIN}"><fonts><font><b/><sz val="8"/><color theme="0"></color><name val="x"/>'
    "</font></fonts></styleSheet>",
    "UTF-16": STYLES.replace("UTF-8", "UTF-16"),
}


@pytest.mark.parametrize("name", STYLE_PARTS)
def test_missing_sections_are_made_in_the_order_of_the_schema(tmp_path: Path, name: str) -> None:
    text = STYLE_PARTS[name]
    data, styles = add_styles(text.encode("utf-16") if name == "UTF-16" else text.encode(), LOOK)
    order = re.findall(
        r"<(?:s:)?(fonts|fills|borders|cellStyleXfs|cellXfs|dxfs)\b",
        data.decode("utf-16" if name == "UTF-16" else "utf-8"),
    )
    assert order == [one for one in ("fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "dxfs") if one in order]
    assert styles.text is not None
    if name != "UTF-16":
        assert "theme" not in data.decode().partition("<cellXfs")[0].rpartition("<font>")[2]
    main = STRICT if "strict" in name else MAIN
    source = raw_workbook(tmp_path / "in.xlsx", worksheet('<row r="2"><c r="A2"/></row>'), main=main)
    rewrite_zip(open_archive(SourceFile(source)), tmp_path / "styled.xlsx", {"xl/styles.xml": [data]})
    if "strict" not in name:
        assert load_workbook(tmp_path / "styled.xlsx")["Orders"]["A2"].value is None


# --- the zip ---------------------------------------------------------------------------------------------------------


def _streamed(path: Path) -> Path:
    """A zip as programs write it that can't seek: data descriptors; stored and large parts, a comment, extra fields."""

    class Pipe:
        def __init__(self, file: object) -> None:
            self.file = file

        def write(self, data: bytes) -> int:
            return self.file.write(data)  # type: ignore[attr-defined, no-any-return]

        def flush(self) -> None:
            self.file.flush()  # type: ignore[attr-defined]

    with path.open("wb") as file, zipfile.ZipFile(Pipe(file), "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for name in ("a.xml", "dir/", "b.xml", "c.bin"):
            info = zipfile.ZipInfo(name, (2020, 2, 29, 12, 0, 0))
            info.extra = b"\xfe\xca\x04\0abcd"
            info.comment = name.encode()
            info.compress_type = zipfile.ZIP_STORED if name == "c.bin" else zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=name == "b.xml") as part:
                part.write(name.encode() * (0 if name == "dir/" else 300))
        archive.comment = b"made by hand"
    return path


@pytest.mark.parametrize("limit", [0xFFFFFFFF, 400])
@pytest.mark.parametrize("replaced", ["a.xml", "b.xml", "c.bin"])
def test_other_parts_keep_every_byte_of_the_zip(tmp_path: Path, replaced: str, limit: int) -> None:
    source = _streamed(tmp_path / "in.zip")
    rewrite_zip(
        open_archive(SourceFile(source)), tmp_path / "out.zip", {replaced: [b"new " * 150, b"part"]}, limit=limit
    )
    old, new = entries(source), entries(tmp_path / "out.zip")
    assert list(old) == list(new)
    assert {name for name in old if old[name] != new[name]} == {replaced}
    with zipfile.ZipFile(source) as before, zipfile.ZipFile(tmp_path / "out.zip") as after:
        assert after.testzip() is None
        assert after.read(replaced) == b"new " * 150 + b"part"
        assert after.comment == b"made by hand"
        for one, two in zip(before.infolist(), after.infolist(), strict=True):
            assert (one.filename, one.date_time, one.comment) == (two.filename, two.date_time, two.comment)
            assert b"\xfe\xca\x04\0abcd" in two.extra


# --- both ways are one, and small ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["plain", "table with totals", "layout, groups, protection", "rich text, links, arrays, errors"]
)
def test_the_exact_way_writes_what_the_quick_way_writes(tmp_path: Path, name: str) -> None:
    source = by_xlsxwriter(tmp_path / "in.xlsx", XLSXWRITER[name])
    work = patch_of(place_of(source), usual_marks())
    work.write(tmp_path / "quick.xlsx", PatchAttempt())
    work.write(tmp_path / "exact.xlsx", PatchAttempt(unordered=True))
    assert sheet_of(tmp_path / "quick.xlsx") == sheet_of(tmp_path / "exact.xlsx")


def _long_sheet(rows: int) -> Iterator[bytes]:
    yield f'<worksheet xmlns="{MAIN}"><sheetData>'.encode()
    for start in range(1, rows, 100):
        block = (f'<row r="{row}"><c r="A{row}"><v>{row}</v></c></row>' for row in range(start, start + 100))
        yield "".join(block).encode()
    yield b"</sheetData></worksheet>"


def test_memory_does_not_grow_with_the_sheet(tmp_path: Path) -> None:
    place = place_of(raw_workbook(tmp_path / "in.xlsx", worksheet("")), header_row=1)
    landing = Landing(1, place.added, 3)
    peaks = []
    for rows in (20_000, 80_000):
        marks = marks_of(dict.fromkeys(range(2, rows), MARK))
        tracemalloc.start()
        frame = Frame(new_columns(place), landing, (1, rows), LOOK.widths)
        make_cells = lambda p: Cells(marks, landing, CellStyles(), p)  # noqa: B023, E731
        written = sum(map(len, patch_rows(_long_sheet(rows), frame, make_cells, new_columns(place))))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert written > rows * 150
    assert peaks[1] < 1.2 * peaks[0]

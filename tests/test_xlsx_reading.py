"""A workbook's cells are read as the file stores them: the same by the fast way and the exact way, or refused."""

from __future__ import annotations

import datetime as dt
import random
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.addresses import column_letters
from pipeline.containers.zip_archive import open_archive
from pipeline.errors import FileError
from pipeline.model.sheet import Extent, HeadRow, Kind, RawFrame, SheetInfo, Visibility
from pipeline.source_file import SourceFile
from pipeline.xlsx.markup.row_blocks import WORKSHEET, Stretches
from pipeline.xlsx.reading.cell_block import CellLooks
from pipeline.xlsx.reading.fast_rows import ALL, scan
from pipeline.xlsx.reading.number_formats import is_date
from tests.bare_parts import MAIN, OFFICE, relations, shared_strings, workbook_parts, worksheet, write_zip
from tests.workbooks import xlsx_book
from tests.xlsx_cases import (
    CELLS,
    DAMAGED_BOOKS,
    DAMAGED_SHEETS,
    PLAIN,
    ROWS,
    SHEET,
    SLOWLY,
    SPELLINGS,
    STRING_PARTS,
    STRINGS,
    TROUBLES,
    Cell,
    number,
)

Seen = dict[int, tuple[bool, bool, dict[str, Cell]]]  # row -> hidden, content, cells


def seen(frames: Sequence[RawFrame]) -> Seen:
    """Frames as something that can be compared; blank cells of the format General are left out."""
    found: Seen = {}
    for frame in frames:
        for place, row in enumerate(frame.rows.tolist()):
            cells = {}
            for column, cell in frame.columns.items():
                assert cell.formula is not None
                number = int(cell.format[place])
                code = cell.formats[number] if number >= 0 else "not known"
                value = (Kind(int(cell.kind[place])), str(cell.text.iloc[place]), code, bool(cell.formula[place]))
                if value != (Kind.BLANK, "", "General", False):
                    cells[f"{column_letters(column)}{row}"] = value
            assert row not in found
            found[row] = (bool(frame.hidden[place]), bool(frame.content[place]), cells)
    assert list(found) == sorted(found)
    return found


def read(path: Path, columns: Sequence[int] = range(8), after: int = 0, size: int = 1000) -> Seen:
    return seen(list(xlsx_book(path, "xlsx").frames("Orders", after, columns, size)))


def both(folder: Path, rows: str, strings: str | bytes = "", columns: Sequence[int] = range(8), **parts: str) -> Seen:
    """Reads rows by both ways, with every column and with the wanted ones, and asserts that all see the same."""
    fast = write_zip(folder / "fast.xlsx", workbook_parts(worksheet(rows), strings, **parts))
    exact = write_zip(folder / "exact.xlsx", workbook_parts(worksheet(rows, before=SLOWLY), strings, **parts))
    found = read(exact, columns)
    assert read(fast, columns) == found
    assert xlsx_book(fast, "xlsx").extent("Orders") == xlsx_book(exact, "xlsx").extent("Orders")
    return found


def fast_alone(rows: str) -> bool:
    """Whether the fast way reads these rows without the exact one."""
    return scan(rows.encode(), ALL, CellLooks(), pa.array([], pa.large_string())) is not None


# --- one cell ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_is_read_as_it_is_stored(tmp_path: Path, name: str) -> None:
    xml, expected = CELLS[name]
    rows = f'<row r="1">{xml}</row><row r="2"><c r="B2"><v>1</v></c></row>'
    found = both(tmp_path, rows, STRINGS)
    assert found[1][2] == ({"A1": expected} if expected else {})
    holds = expected is not None and (bool(expected[1]) or expected[3])
    assert found[1][1] == holds
    assert found[2] == (False, True, {"B2": (Kind.NUMBER, "1", "General", False)})


def test_dates_of_the_1904_system_are_four_years_and_a_day_later(tmp_path: Path) -> None:
    cells = ("0", "44591", "44591.4375", "0.4375", "60", "2957003", "2957004")
    rows = "".join(f'<row r="{row}"><c r="A{row}" s="5"><v>{value}</v></c></row>' for row, value in enumerate(cells, 1))
    found = both(tmp_path, rows, settings='<workbookPr date1904="1"/>')
    assert [cells[f"A{row}"][1] for row, (_, _, cells) in found.items()] == [
        "1904-01-01", "2026-01-31", "2026-01-31 10:30:00", "1904-01-01 10:30:00", "1904-03-01", "9999-12-31", "2957004",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "date"),
    [
        ("General", False),
        ("0.00E+00", False),
        ("@", False),
        ("dd-mm-yyyy", True),
        ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", True),
        ("d/m/yy;@", True),
        ("h:mm AM/PM", True),
        ("mm:ss.000", True),
        ("mmss.0", True),
        ("[h]:mm:ss", False),
        ("[mm]:ss", False),
        ("[Red]0;[Blue]-0", False),
        ("#,##0.00\\ _€;[Red]\\-#,##0.00\\ _€", False),
        ('0 "days"', False),
        ('"Rs" #,##0', False),
        ("\\d0", False),
        ("* 0_d", False),
        ("#,##0 Rs", False),
        ("[DBNum1][$-804]yyyy\"年\"m\"月\"d\"日\"", True),
        ("[>=36526]dd/mm/yy;General", True),
        ("00000000", False),
        ("", False),
    ],
)  # fmt: skip
def test_a_date_format_is_told_by_its_codes(code: str, date: bool) -> None:
    assert is_date(code) == date


def test_built_in_formats_are_known_by_their_numbers(tmp_path: Path) -> None:
    ids = (0, 1, 14, 22, 31, 46, 49, 164, 999)
    xfs = "".join(f'<xf numFmtId="{number}"/>' for number in ids)
    parts = workbook_parts(
        worksheet(
            "".join(f'<row r="{n}"><c r="A{n}" s="{n - 1}"><v>46053</v></c></row>' for n in range(1, len(ids) + 1))
        )
    )
    custom = '<numFmts><numFmt numFmtId="164" formatCode="000000"/></numFmts>'
    parts["xl/styles.xml"] = f'<styleSheet xmlns="{MAIN}">{custom}<cellXfs>{xfs}</cellXfs></styleSheet>'
    found = read(write_zip(tmp_path / "o.xlsx", parts), [0])
    assert [cells[f"A{row}"][1:3] for row, (_, _, cells) in found.items()] == [
        ("46053", "General"), ("46053", "0"), ("2026-01-31", "mm-dd-yy"), ("2026-01-31", "m/d/yy h:mm"),
        ("2026-01-31", "yyyy-mm-dd"), ("46053", "[h]:mm:ss"), ("46053", "@"), ("46053", "000000"), ("46053", "General"),
    ]  # fmt: skip


# --- rows and their order -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ROWS)
def test_rows_keep_their_numbers(tmp_path: Path, name: str) -> None:
    xml, expected = ROWS[name]
    spelt = xml.replace("x14ac:", "")  # the prefix is declared by the real writers' worksheet element
    assert both(tmp_path, spelt) == expected


@pytest.mark.parametrize("name", TROUBLES)
@pytest.mark.parametrize("before", ["", SLOWLY])
def test_a_row_that_contradicts_itself_is_in_trouble(tmp_path: Path, name: str, before: str) -> None:
    rows, expected = TROUBLES[name]
    path = write_zip(tmp_path / "orders.xlsx", workbook_parts(worksheet(rows, before)))
    frames = list(xlsx_book(path, "xlsx").frames("Orders", 0, [2], 100))
    assert {row: why for frame in frames for row, why in frame.trouble.items()} == expected
    assert seen(frames)[17][2] == {"C17": number("1")}  # the first one, in a row that nobody trusts
    assert not any(frame.trouble for frame in xlsx_book(path, "xlsx").frames("Orders", 17, [2], 100))


def test_frames_have_the_size_and_the_columns_that_were_asked_for(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}"><v>{-n}</v></c></row>' for n in range(1, 251))
    path = write_zip(tmp_path / "orders.xlsx", workbook_parts(worksheet(rows)))
    frames = list(xlsx_book(path, "xlsx").frames("Orders", 10, [1, 9], 100))
    assert [len(frame.rows) for frame in frames] == [100, 100, 40]
    assert [list(frame.columns) for frame in frames] == [[1, 9]] * 3
    assert np.concatenate([frame.rows for frame in frames]).tolist() == list(range(11, 251))
    assert frames[2].columns[1].text.tolist() == [str(-n) for n in range(211, 251)]
    assert frames[2].columns[9].text.tolist() == [""] * 40


def test_a_long_sheet_is_cut_into_stretches_without_a_seam(tmp_path: Path) -> None:
    """Stretches of a megabyte: odd cells here and there send single stretches to the exact way."""
    odd = {5_000: "<v>1<!-- x --></v>", 9_000: "<v>1 > 0</v>"}
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="str">{odd.get(n, f"<v>text {n}</v>")}</c><c r="AB{n}" s="4"><v>{n}</v></c></row>'
        for n in range(1, 20_001)
    )
    fast = read(
        write_zip(tmp_path / "o.xlsx", workbook_parts(worksheet(rows.replace(odd[5_000], "<v>1</v>")))), [0, 27]
    )
    exact = read(write_zip(tmp_path / "o.xlsx", workbook_parts(worksheet(rows, SLOWLY))), [0, 27])
    late = read(write_zip(tmp_path / "o.xlsx", workbook_parts(worksheet(rows))), [0, 27], size=7777)
    assert fast == exact == late
    assert len(fast) == 20_000


@pytest.mark.parametrize("text", ["a > b", "a >> b > ", "a &gt; b"])
def test_the_fast_way_alone_reads_texts_with_an_arrow(text: str) -> None:
    """Some writers leave ``>`` as it is, and categories are spelt ``Home > Kitchen``."""
    assert fast_alone(f'<row r="1"><c r="A1" t="str"><v>{text}</v></c></row>')


def test_rows_out_of_order_too_far_down_are_refused(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}"/>' for n in [*range(1, 120_001), 5])
    book = xlsx_book(write_zip(tmp_path / "orders.xlsx", workbook_parts(worksheet(rows))), "xlsx")
    with pytest.raises(FileError, match="its rows are out of order after row 1"):
        list(book.frames("Orders", 0, [0], 1000))


def test_rows_without_end_are_refused(tmp_path: Path) -> None:
    rows = '<row r="1"/>' * 1_100_000
    book = xlsx_book(write_zip(tmp_path / "orders.xlsx", workbook_parts(worksheet(rows))), "xlsx")
    with pytest.raises(FileError, match="it has too many rows out of order"):
        list(book.frames("Orders", 0, [0], 1000))


def test_a_row_longer_than_any_stretch_is_read_whole(tmp_path: Path) -> None:
    text = "x" * 30_000
    cells = "".join(f'<c r="{column_letters(column)}1" t="str"><v>{text}</v></c>' for column in range(700))
    rows = f'<row r="1">{cells}</row><row r="2"><c r="B2"><v>2</v></c></row>'
    found = both(tmp_path, rows, columns=[1, 699])
    assert found[1][2] == {"B1": (Kind.TEXT, text, "General", False), "ZX1": (Kind.TEXT, text, "General", False)}
    assert found[2] == (False, True, {"B2": number("2")})


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("", Extent(0, -1)),
        ('<row r="9"/>', Extent(0, -1)),
        ('<row r="1"><c r="B1"><v>1</v></c></row><row r="9" s="1"/>', Extent(1, 1)),
        ('<row r="1"><c r="B1"><v>1</v></c></row><row r="8"><c r="AA8" s="1"/></row>', Extent(8, 26)),
        ('<row r="1"><c r="XFD1"/></row><row r="2"><c r="A2"/></row>', Extent(2, 16383)),
    ],
)
def test_the_extent_counts_formatted_blanks_but_no_rows_without_cells(
    tmp_path: Path, rows: str, expected: Extent
) -> None:
    path = write_zip(tmp_path / "orders.xlsx", workbook_parts(worksheet(rows)))
    assert xlsx_book(path, "xlsx").extent("Orders") == expected
    book = xlsx_book(path, "xlsx")
    list(book.frames("Orders", 0, [0], 10))
    assert book.extent("Orders") == expected


def test_the_head_shows_the_first_rows_that_the_file_holds(tmp_path: Path) -> None:
    rows = (
        '<row r="2"><c r="B2" t="inlineStr"><is><t> Title </t></is></c></row><row r="4"/>'
        '<row r="3"><c r="A3" t="s"><v>0</v></c><c r="C3" s="4"><v>46053</v></c><c r="D3" s="1"/></row>'
        + "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(5, 3000))
    )
    book = xlsx_book(write_zip(tmp_path / "o.xlsx", workbook_parts(worksheet(rows), STRINGS)), "xlsx")
    assert book.head("Orders", 4) == [
        HeadRow(2, ("", " Title "), (Kind.BLANK, Kind.TEXT)),
        HeadRow(3, ("CANCELLED", "", "2026-01-31", ""), (Kind.TEXT, Kind.BLANK, Kind.DATE, Kind.BLANK)),
        HeadRow(4, (), ()),
        HeadRow(5, ("1",), (Kind.NUMBER,)),
    ]
    assert len(book.head("Orders", 100_000)) == 2998


# --- other spellings of the parts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SPELLINGS)
def test_every_spelling_of_a_worksheet_is_read(tmp_path: Path, name: str) -> None:
    path = write_zip(tmp_path / "orders.xlsx", workbook_parts(SPELLINGS[name], STRINGS))
    assert read(path) == PLAIN


@pytest.mark.parametrize("name", STRING_PARTS)
def test_every_spelling_of_the_shared_strings_is_read(tmp_path: Path, name: str) -> None:
    strings, more = STRING_PARTS[name]
    expected = ["a & b", "", "", " c ", *([more] if more else []), "éA"]
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>{n - 1}</v></c></row>' for n in range(1, len(expected) + 1))
    found = read(write_zip(tmp_path / "orders.xlsx", workbook_parts(worksheet(rows), strings)), [0])
    assert [cells.get(f"A{row}", ("", ""))[1] for row, (_, _, cells) in found.items()] == expected
    assert [content for _, content, _ in found.values()] == [bool(text) for text in expected]


def test_many_shared_strings_are_cut_into_stretches_without_a_seam(tmp_path: Path) -> None:
    texts = [f"order {n} & more" for n in range(80_000)]
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>{n - 1}</v></c></row>' for n in (1, 40_000, 80_000))
    plain = shared_strings(*texts)
    for part in (plain, plain.replace('<si><t xml:space="preserve">order 5 ', "<si><!-- --><t>order 5 ", 1)):
        found = read(write_zip(tmp_path / "o.xlsx", workbook_parts(worksheet(rows), part)), [0])
        assert [cells[f"A{row}"][1] for row, (_, _, cells) in found.items()] == [texts[0], texts[39_999], texts[79_999]]


def test_parts_are_found_by_relationships_and_not_by_name(tmp_path: Path) -> None:
    parts = workbook_parts(SHEET, STRINGS)
    moved = {
        "[Content_Types].xml": parts["[Content_Types].xml"],
        "_RELS/.rels": relations(("x", f"{OFFICE}/officeDocument", "/Some%20Folder/BOOK.xml")),
        "some folder/book.xml": parts["xl/workbook.xml"],
        "some folder/_rels/book.xml.rels": relations(
            ("rId1", "http://purl.oclc.org/ooxml/officeDocument/relationships/worksheet", "../deep/er/Tab.XML"),
            ("rId2", f"{OFFICE}/styles", "looks.xml"),
            ("rId3", f"{OFFICE}/sharedStrings", "/texts.bin"),
        ),
        "deep/er/tab.xml": SHEET,
        "some folder/looks.xml": parts["xl/styles.xml"],
        "texts.bin": STRINGS,
    }
    assert read(write_zip(tmp_path / "orders.xlsx", moved)) == PLAIN


def test_the_sheets_are_listed_in_their_order_with_their_visibility(tmp_path: Path) -> None:
    sheets = (
        '<sheet name="A &amp; B" sheetId="4" r:id="rId1"/><sheet name="Chart" sheetId="2" r:id="rId9"/>'
        '<sheet name="Old" sheetId="3" state="hidden" r:id="rId1"/>'
        '<sheet name="Secret" sheetId="1" state="veryHidden" r:id="rId1"/>'
    )
    parts = workbook_parts(SHEET, sheets=sheets)
    parts["xl/_rels/workbook.xml.rels"] = relations(
        ("rId1", f"{OFFICE}/worksheet", "worksheets/sheet1.xml"),
        ("rId9", f"{OFFICE}/chartsheet", "chartsheets/sheet1.xml"),
    )
    book = xlsx_book(write_zip(tmp_path / "orders.xlsx", parts), "xlsm")
    assert book.sheets == (
        SheetInfo("A & B"), SheetInfo("Old", Visibility.HIDDEN), SheetInfo("Secret", Visibility.VERY_HIDDEN)
    )  # fmt: skip
    assert (book.format, book.notes, book.hidden_known, book.formats_known) == ("xlsm", (), True, True)


def test_a_tab_without_a_part_is_no_sheet(tmp_path: Path) -> None:
    tabs = (
        '<sheet name="Module1" sheetId="9" state="veryHidden" r:id=""/><sheet name="Orders" sheetId="1" r:id="rId1"/>'
    )
    path = write_zip(tmp_path / "orders.xlsx", workbook_parts(SHEET, STRINGS, sheets=tabs))
    assert xlsx_book(path, "xlsx").sheets == (SheetInfo("Orders"),)
    assert [row.number for row in xlsx_book(path, "xlsx").head("Orders", 9)] == [2]


# --- damaged files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DAMAGED_SHEETS)
def test_a_damaged_worksheet_is_one_clear_message(tmp_path: Path, name: str) -> None:
    sheet, words = DAMAGED_SHEETS[name]
    path = write_zip(tmp_path / "orders.xlsx", workbook_parts(sheet, STRINGS))
    with pytest.raises(FileError) as caught:
        read(path)
    assert caught.value.problem.startswith("This sheet is damaged: " + words)
    assert caught.value.where == "orders.xlsx, sheet Orders"
    assert caught.value.next_step == "Open it in Excel and save it again, or export it anew."


@pytest.mark.parametrize("name", DAMAGED_BOOKS)
def test_a_damaged_workbook_is_one_clear_message(tmp_path: Path, name: str) -> None:
    parts, words = DAMAGED_BOOKS[name]
    path = write_zip(tmp_path / "orders.xlsx", parts)
    with pytest.raises(FileError) as caught:
        read(path)
    assert words in caught.value.problem
    assert caught.value.where.startswith("orders.xlsx")


def test_a_sheet_that_is_not_there_is_said(tmp_path: Path) -> None:
    book = xlsx_book(write_zip(tmp_path / "orders.xlsx", workbook_parts(SHEET)), "xlsx")
    for ask in (
        lambda: book.head("Other", 5),
        lambda: list(book.frames("Other", 0, [0], 5)),
        lambda: book.extent("Other"),
    ):
        with pytest.raises(FileError, match="There is no sheet 'Other'"):
            ask()


def mutated(data: bytes, rnd: random.Random) -> bytes:
    """Some bytes changed, cut out, doubled, or replaced by what means something in XML."""
    changed = bytearray(data)
    for _ in range(rnd.choice((1, 1, 2, 5))):
        at = rnd.randrange(len(changed) or 1)
        match rnd.randrange(6):
            case 0:
                changed[at : at + 1] = bytes([rnd.randrange(256)])
            case 1:
                del changed[at : at + rnd.randrange(1, 40)]
            case 2:
                changed[at:at] = changed[at : at + rnd.randrange(1, 60)]
            case 3:
                changed[at:at] = rnd.choice(
                    (b"<", b">", b"&", b'"', b"<!--", b"<![CDATA[", b"]]>", b"</c>", b"<row/>", b"\0")
                )
            case 4:
                del changed[at:]
                changed += b"?"
            case _:
                changed[at : at + 1] = rnd.choice((b"9999999999", b"-1", b"", b"A", b"s", b"'", b" "))
    return bytes(changed)


def fuzz_parts(folder: Path) -> dict[str, str | bytes]:
    """A workbook with some of everything, as XlsxWriter writes it, and a few rows by hand."""
    path = folder / "whole.xlsx"
    write_orders(path, rows=30, constant_memory=False)
    archive = open_archive(SourceFile(path))
    return {name: archive.read(name) for name in archive.entries}


@pytest.mark.parametrize("seed", range(12))
def test_mutated_workbooks_are_read_or_refused_but_never_crash(tmp_path: Path, seed: int) -> None:
    rnd = random.Random(seed)
    parts = fuzz_parts(tmp_path)
    targets = [
        name
        for name in parts
        if name.endswith(("sheet1.xml", "sharedStrings.xml", "styles.xml", "workbook.xml", ".rels"))
    ]
    whole = (tmp_path / "whole.xlsx").read_bytes()
    path = tmp_path / "orders.xlsx"
    for turn in range(50):
        if turn % 5:
            name = rnd.choice(targets)
            write_zip(path, parts | {name: mutated(bytes(parts[name]), rnd)})
        else:
            path.write_bytes(mutated(whole, rnd))
        try:
            book = xlsx_book(path, "xlsx")
            for sheet in book.sheets:
                book.head(sheet.name, 10)
                list(book.frames(sheet.name, 1, [0, 1, 3], 20))
                book.extent(sheet.name)
        except FileError as trouble:
            assert trouble.where.startswith("orders.xlsx")


# --- what other programs write --------------------------------------------------------------------------------------


NEW_YEAR = dt.datetime.fromisoformat("2026-01-01")


def write_orders(path: Path, rows: int, *, constant_memory: bool) -> None:
    with xlsxwriter.Workbook(path, {"constant_memory": constant_memory}) as book:
        sheet = book.add_worksheet("Orders")
        day = book.add_format({"num_format": "dd-mm-yyyy"})
        padded = book.add_format({"num_format": "00000000", "bold": True})
        sheet.write_row(0, 0, ["AWB Number", "Order ID", "Status", "Order Date", "Paid", "Ref", "Note"])
        for row in range(1, rows):
            sheet.write_number(row, 0, 86210010000 + row)
            sheet.write_string(row, 1, f"ORD <{row}> & more")
            sheet.write_string(row, 2, "Déjà livré 東京" if row % 3 else "")
            sheet.write_datetime(row, 3, NEW_YEAR + dt.timedelta(days=row), day)
            sheet.write_boolean(row, 4, row % 2 == 0)
            sheet.write_number(row, 5, row, padded)
            sheet.write_formula(row, 6, f"=A{row}", value=row)
            if row % 7 == 0:
                sheet.set_row(row, 0 if row % 2 else None, None, {"hidden": row % 2 == 0})


def rows_of(path: Path) -> bytes:
    """The bytes between the tags of ``sheetData``, as another program wrote them."""
    archive = open_archive(SourceFile(path))
    part = Stretches(archive.stream("xl/worksheets/sheet1.xml"), WORKSHEET)
    assert part.head is not None
    return b"".join(iter(part.next, b"")).partition(b"</sheetData")[0]


@pytest.mark.parametrize("constant_memory", [True, False])
def test_the_fast_way_alone_reads_what_xlsxwriter_writes(tmp_path: Path, constant_memory: bool) -> None:
    path = tmp_path / "orders.xlsx"
    write_orders(path, 100, constant_memory=constant_memory)
    assert fast_alone(rows_of(path).decode())


def test_the_fast_way_alone_reads_what_openpyxl_writes(tmp_path: Path) -> None:
    written, path = tmp_path / "written.xlsx", tmp_path / "orders.xlsx"
    write_orders(written, 100, constant_memory=True)
    openpyxl.load_workbook(written).save(path)
    assert fast_alone(rows_of(path).decode())
    ours, theirs = read(written, range(6)), read(path, range(6))  # it drops the values of formulas, which stand in G
    assert ours == theirs


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not on this machine")
def test_the_fast_way_alone_reads_what_libreoffice_writes(tmp_path: Path) -> None:
    written = tmp_path / "orders.xlsx"
    write_orders(written, 100, constant_memory=True)
    (tmp_path / "out").mkdir()
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx"]
    subprocess.run(
        [*command, "--outdir", str(tmp_path / "out"), str(written)], check=True, capture_output=True, timeout=300
    )
    path = tmp_path / "out" / "orders.xlsx"
    assert fast_alone(rows_of(path).decode())
    ours, theirs = read(written, range(6)), read(path, range(6))
    assert [shown(ours[row]) for row in range(1, 101)] == [shown(theirs[row]) for row in range(1, 101)]


def shown(row: tuple[bool, bool, dict[str, Cell]]) -> object:
    """A row without what LibreOffice spells in its own way: ``dd\\-mm``, and booleans as formulas."""
    hidden, content, cells = row
    return (
        hidden,
        content,
        {address: (kind, text, code.replace("\\", "")) for address, (kind, text, code, _) in cells.items()},
    )


TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
    | st.sampled_from("\n\t &<>'\"_0"),
    max_size=12,
).filter(lambda text: not text.startswith(("=", "{=")) and "_x" not in text and not text.startswith("http"))

VALUES = st.one_of(
    st.none(),
    TEXTS,
    st.integers(-(10**14), 10**14),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.booleans(),
    st.datetimes(dt.datetime.fromisoformat("1901-01-01"), dt.datetime.fromisoformat("9999-01-01")).map(
        lambda moment: moment.replace(microsecond=0)
    ),
)
TABLES = st.lists(st.lists(VALUES, max_size=6), max_size=8)


def as_openpyxl_sees(value: object) -> tuple[Kind, str]:
    match value:
        case None | "":
            return Kind.BLANK, ""
        case bool():
            return Kind.BOOLEAN, str(value).upper()
        case dt.datetime():
            return Kind.DATE, str(value).removesuffix(" 00:00:00")
        case int() | float():
            return Kind.NUMBER, repr(0 + float(value))  # -0.0 is 0
        case _:
            return Kind.TEXT, str(value)


def in_short(cell: Cell) -> tuple[Kind, str]:
    return cell[0], repr(0 + float(cell[1])) if cell[0] is Kind.NUMBER else cell[1]


@pytest.mark.parametrize("writer", ["openpyxl", "xlsxwriter", "xlsxwriter inline"])
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(table=TABLES)
def test_random_workbooks_are_read_as_openpyxl_reads_them(
    tmp_path_factory: pytest.TempPathFactory, writer: str, table: list[list[object]]
) -> None:
    path = tmp_path_factory.mktemp("book") / "orders.xlsx"
    if writer == "openpyxl":
        book = openpyxl.Workbook()
        book.active.title = "Orders"
        for row, values in enumerate(table, 1):
            for column, value in enumerate(values, 1):
                book.active.cell(row, column).value = value
        book.save(path)
    else:
        options = {"constant_memory": "inline" in writer, "default_date_format": "yyyy-mm-dd hh:mm:ss"}
        with xlsxwriter.Workbook(path, options) as book:
            sheet = book.add_worksheet("Orders")
            for row, values in enumerate(table):
                for column, value in enumerate(values):
                    sheet.write_string(row, column, value) if isinstance(value, str) else sheet.write(
                        row, column, value
                    )
    found = read(path, range(6))
    theirs = openpyxl.load_workbook(path, data_only=True)["Orders"]
    for cells in theirs.iter_rows():
        for cell in cells:
            blank = (Kind.BLANK, "", "General", False)
            mine = found.get(cell.row, (False, False, {}))[2].get(cell.coordinate, blank)
            assert in_short(mine) == as_openpyxl_sees(cell.value), cell.coordinate


# --- the fast way and the exact way see the same --------------------------------------------------------------------

INNER = st.sampled_from(
    ["", "<v>12</v>", "<v> 12 </v>", "<v/>", "<v></v>", "<v>46053.5</v>", "<v>0</v>", "<v>1</v>", "<v>2</v>",
     "<v>a &amp; &#66;</v>", "<v>_x0041_</v>", "<v>a\r\nb</v>", '<v xml:space="preserve"> x</v>',
     "<is><t>in line</t></is>", "<is><t/></is>", "<is/>", '<is><t xml:space="preserve"> &lt; </t></is>',
     "<is><r><t>a</t></r><r><t>b</t></r></is>", "<f>A1</f>", "<f>A1</f><v>3</v>", "<f/><v>3</v>", "<f>A1</f><v/>",
     '<f t="shared" si="1"/><v>7</v>', "<v>x > y</v>", "<v><!-- no -->5</v>", "<v><![CDATA[<]]></v>", " <v>8</v>\n"]
)  # fmt: skip
LOOKS = st.sampled_from(
    [
        "",
        ' s="4"',
        ' s="3" t="n"',
        ' t="str"',
        ' t="inlineStr"',
        ' t="b"',
        ' t="e" s="1"',
        ' t="d"',
        ' cm="1"',
        ' s="77"',
    ]
)
ROW_LOOKS = st.sampled_from(
    ["", ' spans="1:3"', ' hidden="1"', ' ht="0"', ' ht="15" customHeight="1"', " hidden='true'"]
)


@st.composite
def sheet_rows(draw: st.DrawFn) -> str:
    """Rows of all cell types, sparse, mostly in the usual spelling."""
    spelt = []
    for row in sorted(draw(st.sets(st.integers(1, 200), max_size=8))):
        cells = "".join(
            f'<c r="{column_letters(column)}{row}"{draw(LOOKS)}>{draw(INNER)}</c>'
            for column in sorted(draw(st.sets(st.sampled_from([0, 1, 2, 25, 26, 27, 700, 702]), max_size=5)))
        )
        spelt.append(f'<row r="{row}"{draw(ROW_LOOKS)}>{cells}</row>')
    if draw(st.integers(0, 9)) == 0:
        spelt.reverse()
    return "".join(spelt)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(rows=sheet_rows(), wanted=st.sets(st.sampled_from([0, 1, 2, 3, 26, 702]), max_size=4))
def test_any_sheet_reads_the_same_by_both_ways(
    tmp_path_factory: pytest.TempPathFactory, rows: str, wanted: set[int]
) -> None:
    both(tmp_path_factory.mktemp("both"), rows, STRINGS, columns=sorted(wanted))

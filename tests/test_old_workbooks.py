"""The .xls of other writers: formats that xlrd leaves out, files that it gives up on, merged and struck-out cells."""

from __future__ import annotations

import struct
from datetime import datetime
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from pipeline.errors import FileError, OutputError
from pipeline.model.sheet import CellColumn, Extent, Kind, Place, RawFrame
from pipeline.sheets import check_writable, open_book
from pipeline.sheets.converted.grid import GridBook
from tests.biff8_file import OldSheet, Styled, compound, make_xls, record, workbook
from tests.test_converted import cells, hidden, marks, place
from tests.workbooks import write_back

EAST_ASIAN_DATES = (*range(27, 37), *range(50, 59), *range(71, 82))
THAI_NUMBERS = (*range(59, 63), *range(67, 71))

HEADER = {0: "AWB", 1: "When", 2: "Status"}


def dated(folder: Path, format: int) -> Path:
    """An export with a day, a day with a time and a time under a built-in format."""
    rows = {
        0: HEADER,
        1: {0: "86210010463", 1: Styled(46053.0, 1)},
        2: {0: "86210010464", 1: Styled(46053.4375, 1)},
        3: {0: "86210010465", 1: Styled(0.4375, 1)},
    }
    return make_xls(folder / "a.xls", OldSheet(rows), (0, format))


def written(path: Path, folder: Path) -> openpyxl.worksheet.worksheet.Worksheet:
    """The sheet that comes back, in Excel's eyes."""
    target = folder / "out.xlsx"
    check_writable(open_book(path), place(path, {"awb_number": 0}, 1))
    write_back(place(path, {"awb_number": 0}, 1), marks({2: ("Failed", "", "")}), target)
    return openpyxl.load_workbook(target).active


@pytest.mark.parametrize("format", EAST_ASIAN_DATES)
def test_dates_of_the_built_in_east_asian_formats_come_back_as_dates(tmp_path: Path, format: int) -> None:
    path = dated(tmp_path, format)
    found = cells(path)
    assert [found[at] for at in ("B2", "B3", "B4")] == [
        ("D", "2026-01-31", ""),
        ("D", "2026-01-31 10:30:00", ""),
        ("D", "10:30:00", ""),
    ]
    sheet = written(path, tmp_path)
    assert [(str(sheet[at].value), sheet[at].number_format) for at in ("B2", "B3", "B4")] == [
        ("2026-01-31 00:00:00", "yyyy-mm-dd"),
        ("2026-01-31 10:30:00", "yyyy-mm-dd hh:mm:ss"),
        ("10:30:00", "[h]:mm:ss"),
    ]


@pytest.mark.parametrize("format", THAI_NUMBERS)
def test_numbers_of_the_built_in_thai_formats_bear_a_format_with_thai_digits(tmp_path: Path, format: int) -> None:
    rows = {0: HEADER, 1: {0: Styled(86210010463.0, 1)}}
    path = make_xls(tmp_path / "a.xls", OldSheet(rows), (0, format))
    kind, text, code = cells(path)["A2"]
    assert (kind, text, code[:11]) == ("N", "86210010463", "[$-D00041E]")
    written(path, tmp_path)


# --- what can't be written is known before ------------------------------------------------------------------------


def test_a_style_that_can_not_be_written_is_known_before_anything_is_sent(tmp_path: Path) -> None:
    path = dated(tmp_path, 14)
    book = open_book(path)
    assert isinstance(book, GridBook)
    book.formats = (*book.formats[:-1], None)  # type: ignore[assignment]  # as xlrd once gave it
    with pytest.raises(OutputError) as caught:
        check_writable(book, place(path, {"awb_number": 0}, 1))
    assert str(caught.value).startswith("a.xls: This file could not be written back as .xlsx (TypeError: ")
    assert str(caught.value).endswith("Open it in Excel or LibreOffice, save it as .xlsx, and give that.")


def test_a_cell_far_down_that_can_not_be_written_is_known_before_anything_is_sent(tmp_path: Path) -> None:
    rows: dict[int, dict[int, Styled | str | float | bool | None]] = {0: {0: "AWB", 1: "When"}}
    rows |= {number: {0: f"{86210010463 + number}", 1: 5.0} for number in range(1, 400)}
    rows[300] = {0: "86210010463", 1: Styled(46053.0, 1)}
    path = make_xls(tmp_path / "a.xls", OldSheet(rows), (0, 14))
    book = open_book(path)
    assert isinstance(book, GridBook)

    class Faulty(GridBook):
        """A book whose dates are of another world."""

        def stored(self, sheet, columns, size):  # type: ignore[no-untyped-def]
            for frame in super().stored(sheet, columns, size):
                whole = frame.columns[1]
                text = whole.text.mask(whole.kind == Kind.DATE, None)
                column = CellColumn(whole.kind, text.astype(object), whole.format, whole.formats)
                yield RawFrame(frame.rows, frame.hidden, frame.content, {**frame.columns, 1: column})

    faulty = Faulty(path, "xls", book.sheets, book.grids, book.formats)
    with pytest.raises(OutputError, match=r"could not be written back as \.xlsx"):
        check_writable(faulty, place(path, {"awb_number": 0}, 1))


def test_a_sheet_without_room_is_known_before_anything_is_sent(tmp_path: Path) -> None:
    path = dated(tmp_path, 14)
    full = place(path, {"awb_number": 0}, 1, extent=Extent(4, 16_381))
    with pytest.raises(OutputError, match="Sheet Orders has no room for 3 more columns"):
        check_writable(open_book(path), full)


def test_a_patched_sheet_is_not_tried_again(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    anywhere = Place(tmp_path / "a.xlsx", "xlsx", "Sheet", 1, (), {}, (), None, Extent(0, 20_000), "")
    check_writable(open_book(tmp_path / "a.xlsx"), anywhere)


# --- files that xlrd gives up on ----------------------------------------------------------------------------------


def many(count: int) -> OldSheet:
    rows: dict[int, dict[int, Styled | str | float | bool | None]] = {0: dict(HEADER)}
    rows |= {number: {0: f"{86210010463 + number}", 2: "Cancelled"} for number in range(1, count)}
    return OldSheet(rows)


@pytest.mark.parametrize("count", [20, 3_000])
def test_a_workbook_that_claims_its_sectors_twice_is_read_whole(tmp_path: Path, count: int) -> None:
    plain = make_xls(tmp_path / "plain.xls", many(count))
    flawed = make_xls(tmp_path / "flawed.xls", many(count), shared_sectors=True)
    book = open_book(flawed)
    assert cells(flawed) == cells(plain)
    assert len(cells(flawed)) == 1 + 2 * count
    assert (book.hidden_known, book.formats_known, book.notes) == (True, True, ())


RESCUED = OldSheet(
    {
        0: HEADER,
        2: {0: "86210010463", 1: Styled(46053.0, 1), 2: "Delivered"},
        3: {0: 86210010464.0, 1: Styled(46053.5, 1), 3: True},
    },
    merged=((2, 3, 2, 2),),
)


def beyond_xlrd(path: Path, *, more: bytes = b"") -> Path:
    """A workbook with a note that is cut short, which xlrd does not get over; ``more`` records of the sheet."""
    stream = workbook({"Orders": RESCUED}, ((0, 0), (0, 14)))
    end = stream.rindex(record(0x0A))
    path.write_bytes(compound(stream[:end] + record(0x1C, bytes(3)) + more + stream[end:]))
    return path


def test_a_workbook_that_xlrd_gives_up_on_is_read_by_another_reader(tmp_path: Path) -> None:
    fails = record(0x205, b"\x04\x00\x00\x00\x00\x00\x2a\x01")
    path = beyond_xlrd(tmp_path / "a.xls", more=fails)
    book = open_book(path)
    assert cells(path) == {
        "A1": ("T", "AWB", ""),
        "B1": ("T", "When", ""),
        "C1": ("T", "Status", ""),
        "A3": ("T", "86210010463", ""),
        "B3": ("D", "2026-01-31", ""),
        "C3": ("T", "Delivered", ""),
        "A4": ("N", "86210010464", ""),
        "B4": ("D", "2026-01-31 12:00:00", ""),
        "C4": ("T", "Delivered", ""),
        "D4": ("B", "TRUE", ""),
        "A5": ("E", "#N/A", ""),
    }
    assert (book.hidden_known, book.formats_known, book.extent("Orders")) == (False, False, Extent(5, 3))
    assert book.notes == (
        "This .xls is not quite as Excel writes it: its values could be read, its number formats and hidden rows not. "
        "Saved as .xlsx, they can.",
    )


@pytest.mark.parametrize(
    "said",
    [
        struct.pack("<IIHHH", 0, 0x7FFFFFFF, 0, 2, 0),
        struct.pack("<IIHHH", 0, 0x0900000A, 0x0909, 0x0909, 0),
        struct.pack("<IIHHH", 5, 2, 0, 2, 0),
        struct.pack("<IIHHH", 0, 0xFFFF, 0, 0xFFFF, 0),
        struct.pack("<HHHHH", 5, 2, 0, 2, 0),
    ],
)
def test_a_sheet_that_says_to_be_larger_than_any_is_refused_in_words(tmp_path: Path, said: bytes) -> None:
    path = beyond_xlrd(tmp_path / "a.xls", more=record(0x200, said))
    with pytest.raises(FileError, match=r"This \.xls file is damaged, or of a kind that can't be read"):
        open_book(path)


@pytest.mark.parametrize("said", [(0, 0x10000, 0, 0x100), (0, 0, 0, 0), (2, 4, 0, 3), (0, 4, 5, 2)])
def test_a_sheet_that_says_a_size_that_can_be_is_read(tmp_path: Path, said: tuple[int, ...]) -> None:
    path = beyond_xlrd(tmp_path / "a.xls", more=record(0x200, struct.pack("<IIHHH", *said, 0)))
    assert cells(path)["A3"] == ("T", "86210010463", "")


def test_values_without_formats_are_said_to_be_so(tmp_path: Path) -> None:
    path = beyond_xlrd(tmp_path / "a.xls")
    written = write_back(place(path, {"awb_number": 0}, 1), marks({4: ("Failed", "", "")}), tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["Orders"]
    assert [sheet[at].value for at in ("A3", "A4", "D4", "E4")] == ["86210010463", 86210010464, True, "Failed"]
    assert sheet["B4"].value == datetime.fromisoformat("2026-01-31T12:00")
    assert written.notes == (
        "a.xls was written as a new workbook (.xlsx): values were copied; "
        "formats, charts, macros and formulas were not.",
    )


def test_cells_too_far_apart_for_the_other_reader_are_refused(tmp_path: Path) -> None:
    far = record(0x203, b"\xff\xff\xff\xff\x00\x00" + bytes(8))
    with pytest.raises(FileError, match=r"This \.xls file is damaged, or of a kind that can't be read"):
        open_book(beyond_xlrd(tmp_path / "a.xls", more=far))


# --- as a person sees it ------------------------------------------------------------------------------------------


def test_rows_of_no_height_are_hidden_like_the_others(tmp_path: Path) -> None:
    rows = {number: {0: f"{number}"} for number in range(5)}
    path = make_xls(tmp_path / "a.xls", OldSheet(rows, heights={1: 0, 3: 15}, hidden=frozenset({4})))
    assert hidden(path) == [2, 5]


def test_a_merged_cell_holds_in_all_its_rows_and_columns_and_hides_what_it_covers(tmp_path: Path) -> None:
    rows = {
        0: HEADER,
        1: {0: "86210010463", 2: "Delivered"},
        2: {0: "86210010464", 1: "unseen", 2: "Cancelled"},
        3: {0: "86210010465", 1: "x"},
    }
    path = make_xls(tmp_path / "a.xls", OldSheet(rows, merged=((1, 2, 2, 3), (2, 3, 1, 1), (1, 2, 0, 0))))
    assert {address: text for address, (_, text, _) in cells(path).items()} == {
        "A1": "AWB", "B1": "When", "C1": "Status",
        "A2": "86210010463", "C2": "Delivered", "D2": "Delivered",
        "A3": "86210010463", "B3": "unseen", "C3": "Delivered", "D3": "Delivered",
        "A4": "86210010465", "B4": "unseen",
    }  # fmt: skip
    frame = next(open_book(path).frames("Orders", 1, (3, 0), 10))
    assert frame.columns[3].text.tolist() == ["Delivered", "Delivered", ""]
    sheet = written(path, tmp_path)
    assert sorted(map(str, sheet.merged_cells.ranges)) == ["A2:A3", "B3:B4", "C2:D3"]
    assert [one.value for one in sheet["A"]] == ["AWB", "86210010463", None, "86210010465"]


def test_a_merged_cell_reaches_over_the_frames(tmp_path: Path) -> None:
    rows = {0: HEADER} | {number: {0: f"{number}", 2: "Delivered" if number == 1 else None} for number in range(1, 50)}
    path = make_xls(tmp_path / "a.xls", OldSheet(rows, merged=((1, 48, 2, 2),)))  # type: ignore[arg-type]
    texts = [frame.columns[2].text.tolist() for frame in open_book(path).frames("Orders", 1, (2,), 7)]
    assert [text for some in texts for text in some] == ["Delivered"] * 48 + [""]


def test_merged_areas_upon_one_another_are_damage(tmp_path: Path) -> None:
    areas = tuple((0, 100 + number, 0, 2) for number in range(50))
    path = make_xls(tmp_path / "a.xls", OldSheet(many(100).rows, merged=areas))
    with pytest.raises(FileError, match="merged cells of it lie upon one another"):
        list(open_book(path).frames("Orders", 1, (0,), 100))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (Styled("86210010463"), False),
        (Styled("86210010463", 1), True),
        (Styled("8621001046386210010464", 0, ((11, 5),)), True),
        (Styled("8621001046386210010464", 1, ((11, 0),)), True),
        (Styled("862100104632", 0, ((11, 6),)), True),
        (Styled("862100104632", 0, ((5, 0),)), False),
        (Styled("862100104632", 2), False),
        (Styled(86210010463.0, 1), True),
    ],
    ids=["plain", "struck", "end struck", "begin struck", "end raised", "bold or so", "all raised", "struck number"],
)
def test_struck_out_cells_are_told(tmp_path: Path, cell: Styled, expected: bool) -> None:
    path = make_xls(tmp_path / "a.xls", OldSheet({0: HEADER, 1: {0: cell}}), (5, 0), (6, 0))
    frame = next(open_book(path).frames("Orders", 1, (0,), 10))
    struck = frame.columns[0].struck
    assert (struck is not None and bool(struck[0])) == expected


def test_a_date_in_the_header_keeps_its_look(tmp_path: Path) -> None:
    rows = {0: {0: "AWB", 1: Styled(46296.0, 1), 2: 5.5}, 1: {0: "86210010463"}}
    path = make_xls(tmp_path / "a.xls", OldSheet(rows), (0, 17))
    sheet = written(path, tmp_path)
    assert (str(sheet["B1"].value), sheet["B1"].number_format, sheet["B1"].font.bold) == (
        "2026-10-01 00:00:00",
        "mmm-yy",
        True,
    )
    assert (sheet["C1"].value, sheet["C1"].number_format, sheet["A1"].font.bold) == (5.5, "General", True)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('"Not "@', '"Not "@'),
        (";;;", ";;;"),
        ('0;0;0;"Delivered"', '0;0;0;"Delivered"'),
        ("0", ""),
        ("@", ""),
        ('_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)', ""),
        ("[Red]@", ""),
    ],
)
def test_a_text_bears_the_format_that_shows_it_otherwise(tmp_path: Path, code: str, expected: str) -> None:
    rows = {0: HEADER, 1: {0: Styled("86210010463", 1)}}
    path = make_xls(tmp_path / "a.xls", OldSheet(rows), (0, 164), formats={164: code})
    assert cells(path)["A2"] == ("T", "86210010463", expected)
    assert written(path, tmp_path)["A2"].number_format == (expected or "@")


def test_kinds_of_the_frame_are_small_numbers(tmp_path: Path) -> None:
    frame = next(open_book(dated(tmp_path, 31)).frames("Orders", 0, (1,), 10))
    assert frame.columns[1].kind.dtype == np.int8

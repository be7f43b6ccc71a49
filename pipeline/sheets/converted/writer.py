"""Writes a sheet that can't be patched in place as a new .xlsx: its values, its formats where known, our columns.

openpyxl makes the workbook: its tabs, styles, widths and frozen header. The rows are then written into its empty sheets
as text, for openpyxl itself takes a minute for 100,000 rows of 20 cells.
"""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from pipeline.addresses import column_letters
from pipeline.errors import OutputError
from pipeline.limits import LAST_COLUMN, LONGEST_CELL, LONGEST_TAB_NAME
from pipeline.model.sheet import Book, Place, SheetInfo, Visibility, Written
from pipeline.sheets.converted.grid import GridBook
from pipeline.sheets.converted.row_xml import Added, Sheeting, merged_xml, rows_xml, unplaced
from pipeline.sheets.converted.styles import ConvertedStyles
from pipeline.xlsx.cell_text import count_cut

if TYPE_CHECKING:
    import pandas as pd
    from openpyxl import Workbook

AWB_LIKE = ("awb_number", "order_ref")
"""Columns whose whole numbers are written as texts."""

STATES = {Visibility.HIDDEN: "hidden", Visibility.VERY_HIDDEN: "veryHidden"}

NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f\ud800-\udfff\ufffe\uffff]")
"""What Excel forbids, and what XML can't hold (XML 1.0, production 2)."""

NARROWEST, WIDEST = 8, 50
WIDTH_ROWS = 200  # rows whose texts decide how wide a column is
ADDED_WIDTHS = (12, 60, 20)  # status, remark, refnum; 12 for any other
LARGEST_FRAME = 8_192

EMPTY_DATA = re.compile(rb"<sheetData\s*/>|<sheetData>\s*</sheetData>")

LEVEL = 1
"""Of compression: a third of the time of zlib's usual 6, and a fifth more bytes."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A workbook still without rows, its styles, and for each sheet what to write into it and its merged areas."""

    workbook: Workbook
    looks: ConvertedStyles
    sheetings: tuple[Sheeting, ...]
    merged: tuple[bytes, ...]


def write_converted(book: GridBook, place: Place, marks: pd.DataFrame, target: Path) -> Written:
    """Writes a new workbook with every sheet's values, and the marks beside the rows of ``place``'s sheet.

    Args:
        book: the opened input.
        place: the way back to the sheet.
        marks: index the row number; ``status``, ``remark``, ``refnum`` (and ``verified``), "" where there is nothing.
        target: where the workbook goes; whole and flushed on return.
    Raises:
        OutputError: the sheet has no room for the columns.
    """
    copy = prepared(book, place, marks)
    if any(unplaced(book, sheeting) for sheeting in copy.sheetings):
        raise OutputError("The input was changed while it was being worked on", where=place.path.name)
    with target.open("wb") as file:
        save(copy, [rows_xml(book, sheeting, copy.looks, LARGEST_FRAME) for sheeting in copy.sheetings], file)
        file.flush()
        os.fsync(file.fileno())
    cut = _too_long(book)
    shortened = (
        (f"{cut:,} texts were cut to the {LONGEST_CELL:,} characters that a cell of Excel holds.",) if cut else ()
    )
    return Written(target, (_note(place, book), *shortened))


def prepared(book: GridBook, place: Place, marks: pd.DataFrame) -> Copy:
    """The copy of a book, all but its rows.

    Raises:
        OutputError: the sheet has no room for the columns.
    """
    added = Added(place.added_at, place.added, marks)
    if max(added.columns) > LAST_COLUMN:
        problem = f"Sheet {place.sheet} has no room for {len(place.added)} more columns"
        raise OutputError(problem, "Delete columns that nobody needs.", where=place.path.name)
    workbook, looks = _workbook(book)
    sheetings = [_sheeting(book, info, place, added) for info in book.sheets]
    for worksheet, sheeting in zip(workbook.worksheets, sheetings, strict=True):
        _dress(worksheet, book, sheeting)
    workbook.active = [info.name for info in book.sheets].index(place.sheet)
    return Copy(workbook, looks, tuple(sheetings), tuple(merged_xml(book, sheeting) for sheeting in sheetings))


def _too_long(book: GridBook) -> int:
    """How many texts are longer than a cell of Excel; other spreadsheets hold longer ones."""
    strips = (strip for grid in book.grids.values() for chunk in grid.chunks for strip in chunk.strips.values())
    return sum(count_cut(strip.text) for strip in strips)


def _note(place: Place, book: Book) -> str:
    copied = "values and formats were copied" if book.formats_known else "values were copied"
    lost = f"{'' if book.formats_known else 'formats, '}charts, macros and formulas were not"
    return f"{place.path.name} was written as a new workbook (.xlsx): {copied}; {lost}."


def _workbook(book: GridBook) -> tuple[Workbook, ConvertedStyles]:
    """A workbook with the same tabs, still empty, and the styles that its cells will have."""
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    taken: set[str] = set()
    for info in book.sheets:
        worksheet = workbook.create_sheet(_free_name(info.name, taken))
        if info.visibility in STATES:
            worksheet.sheet_state = STATES[info.visibility]
    return workbook, ConvertedStyles(workbook, book.formats)


def _free_name(name: str, taken: set[str]) -> str:
    """A name that Excel takes: short, without its forbidden characters, and unlike the others in any letter case."""
    wanted = NOT_IN_A_NAME.sub("_", name).strip("'")[:LONGEST_TAB_NAME] or "Sheet"
    free, number = wanted, 1
    while free.lower() in taken:
        number += 1
        free = f"{wanted[: LONGEST_TAB_NAME - len(str(number)) - 3]} ({number})"
    taken.add(free.lower())
    return free


def _sheeting(book: Book, info: SheetInfo, place: Place, added: Added) -> Sheeting:
    width = book.extent(info.name).last_column + 1
    if info.name != place.sheet:
        return Sheeting(info.name, width)
    as_text = frozenset(column for name, column in place.columns.items() if name in AWB_LIKE)
    return Sheeting(info.name, width, place.header_row, as_text, added)


def _dress(worksheet: Any, book: Book, sheeting: Sheeting) -> None:
    """Widths by the first rows' texts, and a header that stays when the rows are scrolled."""
    longest: dict[int, int] = {}
    for row in book.head(sheeting.name, WIDTH_ROWS):
        if row.number >= sheeting.header_row:
            for column, text in enumerate(row.cells):
                longest[column] = max(longest.get(column, 0), len(text))
    widths = {column: min(max(length + 2, NARROWEST), WIDEST) for column, length in longest.items()}
    if sheeting.added is not None:
        worksheet.freeze_panes = f"A{sheeting.header_row + 1}" if sheeting.header_row else None
        for offset, column in enumerate(sheeting.added.columns):
            widths[column] = ADDED_WIDTHS[offset] if offset < len(ADDED_WIDTHS) else 12
    for column, width in sorted(widths.items()):
        worksheet.column_dimensions[column_letters(column)].width = width


def save(copy: Copy, sheets: Sequence[Iterator[bytes]], file: IO[bytes]) -> None:
    """Writes the workbook, and each sheet's rows where its part has none."""
    empty = BytesIO()
    copy.workbook.save(empty)
    parts: Mapping[str, tuple[Iterator[bytes], bytes]] = {
        f"xl/worksheets/sheet{number}.xml": content
        for number, content in enumerate(zip(sheets, copy.merged, strict=True), 1)
    }
    with (
        zipfile.ZipFile(empty) as source,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as target,
    ):
        for info in source.infolist():
            content = source.read(info)
            if info.filename not in parts:
                target.writestr(info.filename, content)
                continue
            rows, merged = parts[info.filename]
            before, after = EMPTY_DATA.split(content)
            with target.open(info.filename, "w", force_zip64=True) as part:
                part.write(before + b"<sheetData>")
                for piece in rows:
                    part.write(piece)
                part.write(b"</sheetData>" + merged + after)

"""Reads an .xls that xlrd gives up on through calamine: values only, for it tells neither formats nor hidden rows.

calamine lays a sheet out as a full rectangle and gives an error as a blank, so the records are looked at first.
Records: Microsoft, [MS-XLS], 2.4.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from pipeline.containers.ole_directory import read_stream
from pipeline.errors import FileError
from pipeline.model.sheet import Kind, Visibility
from pipeline.sheets.converted.calamine_library import SAVE_AS_XLSX, cell_of, one_sentence
from pipeline.sheets.converted.grid import GridBook
from pipeline.sheets.converted.grid_builder import BookBuilder, Cell, SheetBuilder
from pipeline.sheets.converted.merged import MergedArea
from pipeline.source_file import SourceFile

VALUES_ONLY = (
    "This .xls is not quite as Excel writes it: its values could be read, its number formats and hidden rows not. "
    "Saved as .xlsx, they can."
)

SHEET, END, FORMULA, BOOL_OR_ERROR, MERGED, DIMENSIONS = 0x85, 0x0A, 0x06, 0x205, 0xE5, 0x200
CELLS = frozenset({0x06, 0x206, 0x406, 0xD6, 0xFD, 0x201, 0x203, 0x204, 0x205, 0x27E, 0xBD, 0xBE})
LAST_COLUMN = 255
MOST_CELLS = 20_000_000
"""Of the rectangles of all sheets, and of what one sheet says to have: calamine takes 40 bytes for each of these, and
there is no word to say where it can't have them."""

ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}


@dataclass(slots=True)
class _Measured:
    """A sheet's last row and column (-1: none), the cells that it says to have, its error cells and merged areas."""

    last_row: int = -1
    last_column: int = -1
    declared: int = 0
    errors: dict[int, dict[int, str]] = field(default_factory=dict)
    merged: list[MergedArea] = field(default_factory=list)


def rescue_xls(source: SourceFile) -> GridBook:
    """The values of an old workbook.

    Raises:
        FileError: this reader can't read it either.
    """
    stream = read_stream(source, "workbook") or read_stream(source, "book")
    measured = [_measure(stream, start) for start in _sheets(stream)]
    cells = sum((one.last_row + 1) * (one.last_column + 1) for one in measured)
    beyond = any(one.last_column > LAST_COLUMN or one.declared > MOST_CELLS for one in measured)
    if not measured or cells > MOST_CELLS or beyond:
        problem = "This .xls file is damaged, or of a kind that can't be read"
        raise FileError(problem, SAVE_AS_XLSX, where=source.name)
    builder = BookBuilder(source)
    with one_sentence(source.path, "xls"):
        from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

        states = ((SheetVisibleEnum.Visible, Visibility.VISIBLE), (SheetVisibleEnum.Hidden, Visibility.HIDDEN))
        with CalamineWorkbook.from_filelike(BytesIO(source.read_bytes())) as book:
            infos = list(book.sheets_metadata)
            if len(infos) != len(measured):
                raise ValueError("calamine sees other sheets")
            for info, found in zip(infos, measured, strict=True):
                if info.typ == SheetTypeEnum.WorkSheet:
                    state = next((ours for theirs, ours in states if info.visible == theirs), Visibility.VERY_HIDDEN)
                    sheet = _sheet(builder, book.get_sheet_by_name(info.name), found)
                    builder.add(info.name, state, sheet)
    return builder.book("xls", notes=(VALUES_ONLY,), hidden=False, formats=False)


def merged_areas(source: SourceFile) -> list[list[MergedArea]]:
    """The merged areas of each worksheet, in their order."""
    stream = read_stream(source, "workbook") or read_stream(source, "book")
    return [_measure(stream, start).merged for start in _sheets(stream, worksheets_only=True)]


def _sheet(builder: BookBuilder, sheet: Any, measured: _Measured) -> SheetBuilder:
    """The sheet's rows. calamine gives the blank ones above too, but leaves out the columns before the first cell."""
    grid = SheetBuilder(builder)
    first_column = sheet.start[1] if sheet.start else 0
    rows: dict[int, dict[int, Cell]] = {}
    for number, values in enumerate(sheet.iter_rows() if sheet.start else ()):
        cells = {column: cell_of(column, value) for column, value in enumerate(values, first_column) if value != ""}
        if cells:
            rows[number] = cells
    for number, errors in measured.errors.items():
        cells = rows.setdefault(number, {})
        cells |= {column: Cell(column, Kind.ERROR, word) for column, word in errors.items()}
    for number, cells in sorted(rows.items()):
        grid.row(number + 1, [cells[column] for column in sorted(cells)])
    if measured.last_row >= 0:
        grid.reach(measured.last_row + 1, measured.last_column)
    for area in measured.merged:
        grid.merge(area)
        grid.reach(area.top, area.right)
    return grid


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records from here to the end of the part, as far as they are whole."""
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        content = stream[at + 4 : at + 4 + size]
        if kind == END or len(content) < size:
            return
        yield kind, content
        at += 4 + size


def _sheets(stream: bytes, *, worksheets_only: bool = False) -> list[int]:
    """Where the parts of the sheets begin."""
    found = (content for kind, content in _records(stream, 0) if kind == SHEET and len(content) >= 6)
    return [int.from_bytes(content[:4], "little") for content in found if not (worksheets_only and content[5])]


def _measure(stream: bytes, start: int) -> _Measured:
    found = _Measured()
    for kind, content in _records(stream, start):
        if kind in CELLS and len(content) >= 6:
            row, column = struct.unpack_from("<HH", content)
            last = int.from_bytes(content[-2:], "little") if kind in (0xBD, 0xBE) else column
            found.last_row, found.last_column = max(found.last_row, row), max(found.last_column, column, last)
            if word := _error(kind, content):
                found.errors.setdefault(row, {})[column] = word
        elif kind == DIMENSIONS:
            found.declared = max(found.declared, _declared(content))
        elif kind == MERGED:
            areas = struct.iter_unpack("<HHHH", content[2 : 2 + (len(content) - 2) // 8 * 8])
            found.merged += [MergedArea(top + 1, bottom + 1, left, right) for top, bottom, left, right in areas]
    return found


def _declared(dimensions: bytes) -> int:
    """How many cells a sheet says to have; one that ends before it begins has as many as calamine would count then."""
    layout = "<IIHH" if len(dimensions) >= 14 else "<HHHH"
    if len(dimensions) < struct.calcsize(layout):
        return 0
    first_row, end_row, first_column, end_column = struct.unpack_from(layout, dimensions)
    return int((end_row - first_row) % (1 << 32) * max(end_column, (end_column - first_column) % (1 << 16)))


def _error(kind: int, content: bytes) -> str:
    """The word of an error cell, or of a formula whose result is one; "" for any other cell."""
    if kind == BOOL_OR_ERROR and len(content) >= 8 and content[7]:
        return ERRORS.get(content[6], "#VALUE!")
    if kind == FORMULA and len(content) >= 14 and content[6] == 2 and content[12:14] == b"\xff\xff":
        return ERRORS.get(content[8], "#VALUE!")
    return ""

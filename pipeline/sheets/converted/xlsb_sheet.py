"""Reads a worksheet of a binary workbook, record by record: cells, hidden rows, merged areas ([MS-XLSB], 2.1.7.62)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple

from pipeline.model.sheet import Kind
from pipeline.sheets.converted.grid_builder import BookBuilder, Cell, SheetBuilder, number_text
from pipeline.sheets.converted.merged import MergedArea
from pipeline.sheets.converted.serials import serial_text
from pipeline.sheets.converted.text_formats import shows_texts_otherwise
from pipeline.sheets.converted.text_runs import Font
from pipeline.sheets.converted.xlsb_records import ERRORS, DamagedPartError, real, records, short_number, wide
from pipeline.sheets.converted.xlsb_styles import NO_STYLE, SharedText, XlsbStyle, rich_text

ROW, MERGED, RICH_TEXT, COLUMNS = 0, 176, 62, 60
SHORT = 11
"""So much higher is the number of the same cell without a column: it stands right of the one before."""

FIRST_SHORT, LAST_SHORT = 12, 18
FORMULAS = {8: 6, 9: 5, 10: 4, 11: 3}
"""Formulas hold their results as the cells of values do."""

HIDDEN, OWN_HEIGHT = 0x10, 0x20  # of the row's flags
HIDDEN_COLUMN, COLUMNS_BYTES = 0x01, 18  # BrtColInfo: first, last, width, style, flags ([MS-XLSB], 2.4.328)
STYLE_BYTES = 4  # its number in 3 of them, behind the column where there is one


@dataclass(frozen=True, slots=True)
class BookParts:
    """What the cells of every sheet refer to: styles, fonts and shared texts by their number, and day 0."""

    styles: Sequence[XlsbStyle]
    fonts: Sequence[Font]
    shared: Sequence[SharedText]
    begin: date


def read_sheet(builder: BookBuilder, data: bytes, parts: BookParts) -> SheetBuilder:
    """A worksheet's part, whole.

    Raises:
        DamagedPartError: it is cut off, out of order, or refers to what is not there.
        FileError: it is larger than can be held.
    """
    grid, reader = SheetBuilder(builder), _XlsbCells(builder, data, parts)
    row, hidden, column, widest = -1, False, -1, -1
    from_bytes = int.from_bytes
    cells: dict[int, Cell] = {}
    for kind, at, end in records(data):
        if kind == ROW:
            _put(grid, row, cells, hidden=hidden)
            number = int.from_bytes(data[at : at + 4], "little")
            if number <= row:
                raise DamagedPartError("its rows are out of order")
            row, cells, column = number, {}, -1
            hidden = _is_hidden(data[at:end])
        elif kind <= LAST_SHORT or kind == RICH_TEXT:
            column = (
                column + 1 if kind >= FIRST_SHORT and kind != RICH_TEXT else from_bytes(data[at : at + 4], "little")
            )
            widest = max(widest, column)
            cell = reader.cell(kind, column, at, end)
            if cell is not None:
                cells[column] = cell
        elif kind == COLUMNS and end - at >= COLUMNS_BYTES:
            first, last, width = (from_bytes(data[at + n : at + n + 4], "little") for n in (0, 4, 8))
            if width == 0 or data[at + 16] & HIDDEN_COLUMN:
                grid.hide(first, last)
        elif kind == MERGED:
            top, bottom, left, right = (int.from_bytes(data[at + n : at + n + 4], "little") for n in (0, 4, 8, 12))
            grid.merge(MergedArea(top + 1, bottom + 1, left, right))
    _put(grid, row, cells, hidden=hidden)
    if widest >= 0:
        grid.reach(row + 1, widest)
    return grid


def _put(grid: SheetBuilder, row: int, cells: Mapping[int, Cell], *, hidden: bool) -> None:
    if cells:
        grid.row(max(row, 0) + 1, [cells[column] for column in sorted(cells)], hidden=hidden)


def _is_hidden(row: bytes) -> bool:
    """Whether a row's record hides it, or gives it no height."""
    flags = row[11] if len(row) > 11 else 0
    return bool(flags & HIDDEN) or (bool(flags & OWN_HEIGHT) and row[8:10] == b"\0\0")


class _How(NamedTuple):
    """How a record's cell is read: where its style stands, at least how many bytes its value has, and by whom."""

    style_at: int
    least: int
    formula: bool
    read: Callable[[int, int, int, XlsbStyle], Cell | None]


class _XlsbCells:
    """Makes a cell of each record."""

    def __init__(self, builder: BookBuilder, data: bytes, parts: BookParts) -> None:
        self._builder, self._data, self._parts = builder, data, parts
        self._form = cache(self._format_index)
        self._styles, self._count = parts.styles, len(parts.styles)
        self._how: dict[int, _How] = {}
        for like, least, read in (
            (2, 4, self._short_number),
            (3, 1, self._error),
            (4, 1, self._boolean),
            (5, 8, self._real),
            (6, 4, self._text),
            (7, 4, self._shared),
        ):
            self._how[like] = _How(4, least, formula=False, read=read)
            self._how[like + SHORT] = _How(0, least, formula=False, read=read)
        for kind, like in FORMULAS.items():
            self._how[kind] = self._how[like]._replace(formula=True)
        self._how[RICH_TEXT] = _How(4, 5, formula=False, read=self._rich)

    def cell(self, kind: int, column: int, at: int, end: int) -> Cell | None:
        """The cell of a record; None where it is blank.

        Raises:
            DamagedPartError: the record is too short for what it holds.
        """
        how = self._how.get(kind)
        if how is None:
            return None
        style_at = at + how.style_at
        if style_at + STYLE_BYTES + how.least > end:
            raise DamagedPartError("a cell is cut off")
        number = int.from_bytes(self._data[style_at : style_at + 3], "little")
        style = self._styles[number] if number < self._count else NO_STYLE
        found = how.read(column, style_at + STYLE_BYTES, end, style)
        return found._replace(formula=True) if how.formula and found is not None else found

    def _error(self, column: int, at: int, _: int, __: XlsbStyle) -> Cell:
        return Cell(column, Kind.ERROR, ERRORS.get(self._data[at], "#VALUE!"))

    def _boolean(self, column: int, at: int, _: int, __: XlsbStyle) -> Cell:
        return Cell(column, Kind.BOOLEAN, "TRUE" if self._data[at] else "FALSE")

    def _short_number(self, column: int, at: int, _: int, style: XlsbStyle) -> Cell:
        return self._number(column, short_number(self._data, at), style)

    def _real(self, column: int, at: int, _: int, style: XlsbStyle) -> Cell:
        return self._number(column, real(self._data, at), style)

    def _text(self, column: int, at: int, end: int, style: XlsbStyle) -> Cell | None:
        return self._spelt(column, SharedText(wide(self._data, at, end)[0]), style)

    def _rich(self, column: int, at: int, end: int, style: XlsbStyle) -> Cell | None:
        return self._spelt(column, rich_text(self._data, at, end, self._parts.fonts), style)

    def _shared(self, column: int, at: int, _: int, style: XlsbStyle) -> Cell | None:
        number = int.from_bytes(self._data[at : at + 4], "little")
        if number >= len(self._parts.shared):
            raise DamagedPartError("a cell refers to a text that is not there")
        return self._spelt(column, self._parts.shared[number], style)

    def _spelt(self, column: int, shared: SharedText, style: XlsbStyle) -> Cell | None:
        if not shared.text:
            return None
        form = self._form(style.code) if shows_texts_otherwise(style.code) else -1
        struck = shared.is_struck(style.font) if shared.runs else style.font.strikes
        return Cell(column, Kind.TEXT, shared.text, form, False, struck)

    def _number(self, column: int, value: float, style: XlsbStyle) -> Cell:
        if value - value != 0:  # not a number, or infinite: no spreadsheet stores one, a damaged file does
            return Cell(column, Kind.ERROR, "#NUM!")
        form = self._form(style.code)
        if style.date and (day := serial_text(value, self._parts.begin)):
            return Cell(column, Kind.DATE, day, form, struck=style.font.strikes)
        return Cell(column, Kind.NUMBER, number_text(value), form, struck=style.font.strikes)

    def _format_index(self, code: str) -> int:
        return self._builder.format_index(code) if code else -1

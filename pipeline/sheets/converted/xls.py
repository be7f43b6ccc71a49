"""Reads .xls through xlrd: values, number formats, dates of both calendars, hidden rows and sheets."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from pipeline.errors import FileTrouble
from pipeline.model.sheet import Kind, Visibility
from pipeline.sheets.converted.grid import GridBook
from pipeline.sheets.converted.grid_builder import BookBuilder, Cell, SheetBuilder, number_text

VISIBILITIES = {0: Visibility.VISIBLE, 1: Visibility.HIDDEN}  # 2: very hidden
LARGEST = 500_000_000
"""Bytes; 65,536 rows x 256 columns come to about 300 MB."""

FORMATS_LOST = "Its number formats and hidden rows can't be read: an AWB in a number cell can't be trusted."

# what xlrd calls the types of cells (xlrd/biffh.py): named here, for xlrd is imported only where it is needed
EMPTY, TEXT, NUMBER, DATE, BOOLEAN, ERROR, BLANK = range(7)

Convert = Callable[[Any], Cell | None]


def read_xls(path: Path) -> GridBook:
    """Reads an old workbook; where its formats are damaged, without them.

    Raises:
        FileTrouble: damaged, protected with a password, or without a worksheet.
    """
    if path.stat().st_size > LARGEST:
        raise FileTrouble("This file is too large for an .xls", "Save it as .xlsx or .csv.", where=path.name)
    data = path.read_bytes()
    try:
        return _read(path, data, formats=True)
    except FileTrouble:
        raise
    except Exception as error:  # xlrd raises whatever a damaged byte leads it to
        if "encrypted" in str(error).lower():
            raise _protected(path) from error
    try:
        return _read(path, data, formats=False)
    except FileTrouble:
        raise
    except Exception as error:
        step = "Open it in Excel or LibreOffice, save it as .xlsx, and give that."
        raise FileTrouble(
            "This .xls file is damaged, or of a kind that can't be read", step, where=path.name
        ) from error


def _protected(path: Path) -> FileTrouble:
    step = "Open it in Excel, take the password off (File > Info > Protect Workbook), save it, and give that."
    return FileTrouble("This workbook is protected with a password", step, where=path.name)


def _read(path: Path, data: bytes, *, formats: bool) -> GridBook:
    import xlrd

    builder = BookBuilder(path)
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,  # xlrd tells its doubts to standard output
        xlrd.open_workbook(
            file_contents=data, logfile=nowhere, formatting_info=formats, on_demand=True, ragged_rows=True
        ) as book,
    ):
        for index, name in enumerate(book.sheet_names()):
            sheet = book.sheet_by_index(index)
            visibility = VISIBILITIES.get(sheet.visibility, Visibility.VERY_HIDDEN)
            builder.add(name, visibility, _sheet(builder, book, sheet, formats=formats))
            book.unload_sheet(index)
    notes = () if formats else (FORMATS_LOST,)
    return builder.book("xls", notes=notes, hidden=formats, formats=formats)


def _sheet(builder: BookBuilder, book: Any, sheet: Any, *, formats: bool) -> SheetBuilder:
    grid = SheetBuilder(builder)
    looks = _looks(builder, book) if formats else lambda _: -1
    dated = lru_cache(maxsize=1 << 16)(lambda value: _date_text(value, book.datemode))
    for row in range(sheet.nrows):
        cells: list[Cell] = []
        for column, kind in enumerate(sheet.row_types(row)):
            value = sheet.cell_value(row, column)
            if kind not in (EMPTY, BLANK) and value != "":
                form = looks(sheet.cell_xf_index(row, column)) if formats and kind in (NUMBER, DATE) else -1
                cells.append(_cell(column, kind, value, form, dated))
        grid.row(row + 1, cells, hidden=formats and _is_hidden(sheet, row))
        if sheet.row_len(row):
            grid.reach(row + 1, sheet.row_len(row) - 1)
    return grid


def _looks(builder: BookBuilder, book: Any) -> Callable[[int], int]:
    """The number under which the format of a cell's style is kept, for each style once."""

    @cache
    def form(style: int) -> int:
        known = book.format_map.get(book.xf_list[style].format_key)
        return -1 if known is None else builder.format_index(known.format_str)

    return form


def _is_hidden(sheet: Any, row: int) -> bool:
    info = sheet.rowinfo_map.get(row)
    return bool(sheet.default_row_hidden if info is None else info.hidden)


def _cell(column: int, kind: int, value: Any, form: int, dated: Callable[[float], str]) -> Cell:
    match kind:
        case 1:
            return Cell(column, Kind.TEXT, value)
        case 2:
            return _number(column, value, form)
        case 3:
            text = dated(value)
            return Cell(column, Kind.DATE, text, form) if text else _number(column, value, form)
        case 4:
            return Cell(column, Kind.BOOLEAN, "TRUE" if value else "FALSE")
    from xlrd import error_text_from_code

    return Cell(column, Kind.ERROR, error_text_from_code.get(value, "#VALUE!"))


def _number(column: int, value: float, form: int) -> Cell:
    if value - value != 0:  # not a number, or infinite: no spreadsheet stores one, a damaged file does
        return Cell(column, Kind.ERROR, "#NUM!")
    return Cell(column, Kind.NUMBER, number_text(value), form)


def _date_text(value: float, datemode: int) -> str:
    """The day as ISO text, with the time when it has one; a time alone below 1; "" when no calendar has it."""
    import xlrd

    try:
        moment = xlrd.xldate_as_datetime(value, datemode)
    except (xlrd.XLDateError, OverflowError, ValueError):
        return ""
    if moment.microsecond:
        moment = (moment + timedelta(microseconds=500_000)).replace(microsecond=0)
    if 0 <= value < 1:
        return f"{moment:%H:%M:%S}"
    return f"{moment:%Y-%m-%d %H:%M:%S}" if value % 1 else f"{moment:%Y-%m-%d}"

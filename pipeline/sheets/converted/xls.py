"""Reads .xls through xlrd: values, number formats, dates of both calendars, hidden rows and sheets, merged areas."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from pipeline.errors import FileError
from pipeline.model.sheet import Kind, Visibility
from pipeline.sheets.converted.grid import GridBook
from pipeline.sheets.converted.grid_builder import BookBuilder, Cell, SheetBuilder, number_text
from pipeline.sheets.converted.merged import MergedArea
from pipeline.sheets.converted.text_formats import shows_texts_otherwise
from pipeline.sheets.converted.xls_fonts import struck_cells
from pipeline.sheets.converted.xls_rescue import merged_areas, rescue_xls
from pipeline.source_file import SourceFile

VISIBILITIES = {0: Visibility.VISIBLE, 1: Visibility.HIDDEN}  # 2: very hidden
LARGEST = 500_000_000
"""Bytes; 65,536 rows x 256 columns come to about 300 MB."""

FORMATS_LOST = "Its number formats and hidden rows can't be read: an AWB in a number cell can't be trusted."

# what xlrd calls the types of cells (xlrd/biffh.py): named here, for xlrd is imported only where it is needed
EMPTY, TEXT, NUMBER, DATE, BOOLEAN, ERROR, BLANK = range(7)

THAI = ("0", "0.00", "#,##0", "#,##0.00", "", "", "", "", "0%", "0.00%", "# ?/?", "# ??/??")
THAI_FORMATS = {number: f"[$-D00041E]{code}" for number, code in enumerate(THAI, 59) if code}
"""Built-in formats that show Thai digits (ECMA-376 part 1, 18.8.30). xlrd knows of all built-in formats of East Asia
whether they are dates, but not how they look: that depends on the language of the machine."""


@dataclass(frozen=True, slots=True)
class XlsReading:
    """One way to read the file: with its formats and hidden rows, and although its sectors are shared."""

    formats: bool = True
    shared_sectors: bool = False


ATTEMPTS = (XlsReading(), XlsReading(shared_sectors=True), XlsReading(formats=False, shared_sectors=True))
"""The strictest first. PhpSpreadsheet's files claim their sectors twice, and are right all the same."""


def read_xls(source: SourceFile) -> GridBook:
    """Reads an old workbook; where its formats are damaged, without them.

    Raises:
        FileError: damaged, protected with a password, or without a worksheet.
    """
    if source.size > LARGEST:
        raise FileError("This file is too large for an .xls", "Save it as .xlsx or .csv.", where=source.name)
    data = source.read_bytes()
    for attempt in ATTEMPTS:
        try:
            return _read(source, data, attempt)
        except FileError:
            raise
        except Exception as error:  # xlrd raises whatever a damaged byte leads it to
            if "encrypted" in str(error).lower():
                raise _protected(source) from error
    return rescue_xls(source)


def _protected(source: SourceFile) -> FileError:
    step = "Open it in Excel, take the password off (File > Info > Protect Workbook), save it, and give that."
    return FileError("This workbook is protected with a password", step, where=source.name)


def _read(source: SourceFile, data: bytes, attempt: XlsReading) -> GridBook:
    import xlrd

    builder = BookBuilder(source)
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,  # xlrd tells its doubts to standard output
        xlrd.open_workbook(
            file_contents=data,
            logfile=nowhere,
            formatting_info=attempt.formats,
            on_demand=True,
            ragged_rows=True,
            ignore_workbook_corruption=attempt.shared_sectors,
        ) as book,
    ):
        merged = [] if attempt.formats else merged_areas(source)  # without formats, xlrd reads none
        for index, name in enumerate(book.sheet_names()):
            sheet = book.sheet_by_index(index)
            visibility = VISIBILITIES.get(sheet.visibility, Visibility.VERY_HIDDEN)
            grid = _sheet(builder, book, sheet, formats=attempt.formats)
            for area in merged[index] if index < len(merged) else ():
                grid.merge(area)
            builder.add(name, visibility, grid)
            book.unload_sheet(index)
    notes = () if attempt.formats else (FORMATS_LOST,)
    return builder.book("xls", notes=notes, hidden=attempt.formats, formats=attempt.formats)


def _sheet(builder: BookBuilder, book: Any, sheet: Any, *, formats: bool) -> SheetBuilder:
    grid = SheetBuilder(builder)
    looks = _looks(builder, book) if formats else lambda _: -1
    told = (NUMBER, DATE, TEXT) if formats and _texts_have_formats(book) else (NUMBER, DATE) if formats else ()
    struck = struck_cells(book, sheet) if formats else None
    dated = lru_cache(maxsize=1 << 16)(lambda value: _date_text(value, book.datemode))
    for row in range(sheet.nrows):
        cells: list[Cell] = []
        for column, kind in enumerate(sheet.row_types(row)):
            value = sheet.cell_value(row, column)
            if kind not in (EMPTY, BLANK) and value != "":
                form = looks(sheet.cell_xf_index(row, column)) if kind in told else -1
                cell = _cell(column, kind, value, form, dated)
                cells.append(cell._replace(struck=True) if struck and struck(row, column) else cell)
        grid.row(row + 1, cells, hidden=formats and _is_hidden(sheet, row))
        if sheet.row_len(row):
            grid.reach(row + 1, sheet.row_len(row) - 1)
    for column, info in sheet.colinfo_map.items() if formats else ():
        if info.hidden or info.width == 0:
            grid.hide(column, column)
    for top, below, left, right in sheet.merged_cells:
        grid.merge(MergedArea(top + 1, below, left, right - 1))
        grid.reach(top + 1, right - 1)
    return grid


def _looks(builder: BookBuilder, book: Any) -> Callable[[int], int]:
    """The number under which the format of a cell's style is kept, for each style once; -1: not known."""

    @cache
    def form(style: int) -> int:
        key = book.xf_list[style].format_key
        known = book.format_map.get(key)
        code = THAI_FORMATS.get(key) if known is None or known.format_str is None else known.format_str
        return -1 if code is None else builder.format_index(code)

    return form


def _texts_have_formats(book: Any) -> bool:
    """Whether any style of the book shows a text otherwise than it is stored."""
    keys = {style.format_key for style in book.xf_list}
    known = (book.format_map.get(key) for key in keys)
    return any(shows_texts_otherwise(one.format_str) for one in known if one is not None and one.format_str)


def _is_hidden(sheet: Any, row: int) -> bool:
    info = sheet.rowinfo_map.get(row)
    if info is None:
        return bool(sheet.default_row_hidden)
    return bool(info.hidden or (info.height == 0 and not info.has_default_height))


def _cell(column: int, kind: int, value: Any, form: int, dated: Callable[[float], str]) -> Cell:
    match kind:
        case 1:
            return Cell(column, Kind.TEXT, value, form)
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

"""Reads .xlsb through python-calamine: values only, for it tells neither number formats nor hidden rows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

from pipeline.containers.zip_archive import Archive
from pipeline.errors import FileTrouble
from pipeline.model.sheet import Kind, Visibility
from pipeline.sheets.converted.grid import GridBook
from pipeline.sheets.converted.grid_builder import BookBuilder, Cell, SheetBuilder, number_text
from pipeline.sheets.converted.xlsb_guard import Measured, Unsafe, measure_all

VALUES_ONLY = "An .xlsb gives its values only: number formats and hidden rows can't be read. Saved as .xlsx, they can."

PANIC = "PanicException"
"""What a failed Rust library raises through PyO3: no ``Exception``, and of a module that can't be imported."""

SAVE_AS_XLSX = "Open it in Excel or LibreOffice, save it as .xlsx, and give that."


def read_xlsb(archive: Archive) -> GridBook:
    """Reads a binary workbook.

    Raises:
        FileTrouble: damaged, without a worksheet, or larger than can be held.
    """
    path = archive.path
    try:
        measured = measure_all(archive)
    except Unsafe as error:
        raise FileTrouble(f"A sheet of this .xlsb can't be read: {error}", SAVE_AS_XLSX, where=path.name) from error
    builder = BookBuilder(archive.source)
    with _library(path):
        from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

        hidden = (
            (SheetVisibleEnum.Hidden, Visibility.HIDDEN),
            (SheetVisibleEnum.VeryHidden, Visibility.VERY_HIDDEN),
        )
        # from memory: the library then never holds a handle of the file
        with CalamineWorkbook.from_filelike(BytesIO(archive.source.read_bytes())) as book:
            for info in book.sheets_metadata:
                if info.typ == SheetTypeEnum.WorkSheet:
                    visibility = next((ours for theirs, ours in hidden if info.visible == theirs), Visibility.VISIBLE)
                    sheet = book.get_sheet_by_name(info.name)
                    builder.add(info.name, visibility, _sheet(builder, sheet, measured.get(info.name, Measured())))
    return builder.book("xlsb", notes=(VALUES_ONLY,), hidden=False, formats=False)


@contextmanager
def _library(path: Path) -> Iterator[None]:
    """Turns whatever the library does about a damaged file into one sentence."""
    try:
        with _quiet():
            yield
    except FileTrouble:
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != PANIC:
            raise  # Ctrl-C, and the like
        raise FileTrouble("This .xlsb file is damaged", SAVE_AS_XLSX, where=path.name) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Rust writes the story of a panic to the process's own standard error; nobody needs it beside our sentence."""
    try:
        kept = os.dup(2)
    except OSError:  # a process without a standard error has nothing to keep quiet
        yield
        return
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _sheet(builder: BookBuilder, sheet: Any, measured: Measured) -> SheetBuilder:
    """The sheet's rows. calamine gives the blank ones above too, but leaves out the columns before the first cell."""
    grid = SheetBuilder(builder)
    first_column = sheet.start[1] if sheet.start else 0
    last_row = sheet.end[0] if sheet.end else -1
    number = -1
    for number, values in enumerate(sheet.iter_rows() if sheet.start else ()):
        cells = [_cell(column, value) for column, value in enumerate(values, first_column) if value != ""]
        grid.row(number + 1, _with_errors(cells, measured.errors.get(number, {})))
    if number != last_row:
        raise RuntimeError(f"calamine gave {number + 1} rows of {last_row + 1}")  # a release that counts otherwise
    for beyond in sorted(row for row in measured.errors if row > last_row):
        grid.row(beyond + 1, _with_errors([], measured.errors[beyond]))
    if measured.last_row >= 0:
        grid.reach(measured.last_row + 1, measured.last_column)
    return grid


def _with_errors(cells: list[Cell], errors: dict[int, str]) -> list[Cell]:
    """The cells with the errors among them, which calamine gives as blanks."""
    if not errors:
        return cells
    found = {cell.column: cell for cell in cells}
    found |= {column: Cell(column, Kind.ERROR, word) for column, word in errors.items()}
    return [found[column] for column in sorted(found)]


def _cell(column: int, value: Any) -> Cell:
    match value:
        case str():
            return Cell(column, Kind.TEXT, value)
        case bool():
            return Cell(column, Kind.BOOLEAN, "TRUE" if value else "FALSE")
        case int() | float() if value - value != 0:  # not a number, or infinite
            return Cell(column, Kind.ERROR, "#NUM!")
        case int() | float():
            return Cell(column, Kind.NUMBER, number_text(value))
    return Cell(column, Kind.DATE, _moment(value))


def _moment(value: Any) -> str:
    """A day, a day with a time, a time, or a span of time."""
    match value:
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.replace(microsecond=0).isoformat(" ")
        case date() | time():
            return value.isoformat()
    return str(value)

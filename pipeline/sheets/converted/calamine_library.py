"""Turns whatever the library calamine does about a damaged file into one sentence, and its values into cells."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from pipeline.errors import FileError
from pipeline.model.sheet import Kind
from pipeline.sheets.converted.grid_builder import Cell, number_text

PANIC = "PanicException"
"""What a failed Rust library raises through PyO3: no ``Exception``, and of a module that can't be imported."""

SAVE_AS_XLSX = "Open it in Excel or LibreOffice, save it as .xlsx, and give that."


@contextmanager
def one_sentence(path: Path, kind: str) -> Iterator[None]:
    """Raises FileError for a file that the library can't read."""
    try:
        with _quiet():
            yield
    except FileError:
        raise
    except BaseException as error:
        if not isinstance(error, Exception) and type(error).__name__ != PANIC:
            raise  # Ctrl-C, and the like
        problem = f"This .{kind} file is damaged, or of a kind that can't be read"
        raise FileError(problem, SAVE_AS_XLSX, where=path.name) from error


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


def cell_of(column: int, value: Any) -> Cell:
    """A value of the library's as a cell."""
    match value:
        case str() if "\0" in value:
            raise ValueError("calamine gives NULs in texts")  # a release of it does (docs/order-exports.md)
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
    """A day, a day with a time, a time, or a span of time in hours, minutes and seconds."""
    match value:
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.replace(microsecond=0).isoformat(" ")
        case timedelta() if value >= timedelta():
            seconds = round(value.total_seconds())
            return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        case time():
            return value.replace(microsecond=0).isoformat()
        case date():
            return value.isoformat()
    return str(value)

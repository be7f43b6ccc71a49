"""Opens an order export of any format, told by its content, and writes the same sheet back with the added columns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.sheets.file_type import sniff

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.model.sheet import Book, Place, Written

PATCHED = ("xlsx", "xlsm")
"""The sheet's own part is patched; every other part comes back byte for byte."""

PLAIN_SUFFIX = ".csv"
"""A workbook that can't be patched safely comes back as CSV: a target with this suffix asks for it."""

DELIMITED = ("csv", "tsv", "txt")
"""Each line's own bytes are kept, and three fields are added."""


def open_book(path: Path) -> Book:
    """Opens a file as a table, whatever its name says.

    Raises:
        FileTrouble: it can't be read as a table; the message says what it is instead, and what to do.
    """
    found = sniff(path)
    book = _open(path, found.format)
    if found.note:
        book.notes = (found.note, *book.notes)
    return book


def _open(path: Path, kind: str) -> Book:
    """Each family of formats is imported only where a file needs it."""
    if kind in PATCHED:
        from pipeline.sheets.xlsx_book import XlsxBook

        return XlsxBook(path, kind)
    if kind in DELIMITED:
        from pipeline.sheets.delimited import open_delimited

        return open_delimited(path, kind)
    from pipeline.sheets.converted import open_converted

    return open_converted(path, kind)


def write_sheet(place: Place, marks: pd.DataFrame, target: Path) -> Written:
    """Writes the sheet of ``place`` with the marks beside its rows.

    Args:
        place: the way back to the sheet.
        marks: index the row number, ascending; ``status``, ``remark``, ``refnum`` (and ``verified``), "" for nothing.
        target: a temporary path; the file there is complete and flushed on return.
    Raises:
        OutputTrouble: there is no room in the sheet, or the disk refuses.
    """
    if place.format in PATCHED and target.suffix == PLAIN_SUFFIX:
        from pipeline.sheets.csv_fallback import write_plain

        return write_plain(open_book(place.path), place, marks, target)
    if place.format in PATCHED:
        from pipeline.sheets.xlsx_book import XlsxBook, write_xlsx

        return write_xlsx(XlsxBook(place.path, place.format), place, marks, target)
    if place.format in DELIMITED:
        from pipeline.sheets.delimited import write_delimited

        return write_delimited(place, marks, target)
    from pipeline.sheets.converted import write_converted

    return write_converted(place, marks, target)


def check_writable(book: Book, place: Place) -> None:
    """Finds out before anything is sent whether ``write_sheet`` could write a new workbook of this file.

    Args:
        book: the opened input, as ``open_book`` gave it.
        place: the way back to the sheet. Of a sheet that is patched, ``why_not_patched`` tells more.
    Raises:
        OutputTrouble: it could not; nothing was written.
    """
    from pipeline.sheets.converted.grid import GridBook

    if isinstance(book, GridBook):
        from pipeline.sheets.converted import try_writing

        try_writing(book, place)


def why_not_patched(place: Place) -> str:
    """Why the file can't come back as it was, and comes back as CSV instead; "" when it can."""
    if place.format not in PATCHED:
        return ""
    from pipeline.sheets import xlsx_book

    return xlsx_book.why_not_patched(xlsx_book.XlsxBook(place.path, place.format), place)


def output_suffix(kind: str) -> str:
    """The suffix of the written sheet: the format's own where the file comes back as it was, otherwise ``.xlsx``."""
    return f".{kind}" if kind in PATCHED + DELIMITED else ".xlsx"

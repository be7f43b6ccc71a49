"""Opens an order export of any format, told by its content, and writes the same sheet back with the added columns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.sheets.file_type import OpenedFile, sniff

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.model.sheet import Book, Place, Written

PATCHED = ("xlsx", "xlsm")
"""The sheet's own part is patched; every other part comes back byte for byte."""

PLAIN_SUFFIX = ".csv"
"""A workbook that can't be patched safely comes back as CSV: a target with this suffix asks for it."""

DELIMITED = ("csv", "tsv", "txt")
"""Each line's own bytes are kept, and three fields are added."""


WORKBOOK_SUFFIX = ".xlsx"
"""A text table comes back as a workbook where the target has this suffix (``--as xlsx``)."""


def open_book(path: Path) -> Book:
    """Opens a file as a table, whatever its name says: once, for everything that is read and written later.

    Raises:
        FileError: it can't be read as a table; the message says what it is instead, and what to do.
    """
    opened = sniff(path)
    book = _open(opened)
    if opened.found.note:
        book.notes = (opened.found.note, *book.notes)
    return book


def _open(opened: OpenedFile) -> Book:
    """Each family of formats is imported only where a file needs it."""
    kind = opened.found.format
    if kind in PATCHED and opened.archive is not None:
        from pipeline.sheets.xlsx_book import XlsxBook

        return XlsxBook(opened.archive, kind)
    if kind in DELIMITED:
        from pipeline.sheets.delimited import open_delimited

        return open_delimited(opened.source, kind)
    from pipeline.sheets.converted import open_converted

    return open_converted(opened.source, opened.archive, kind)


def write_sheet(book: Book, place: Place, marks: pd.DataFrame, target: Path) -> Written:
    """Writes the sheet of ``place`` with the marks beside its rows (see ``Book.write``).

    Args:
        book: the opened input.
        place: the way back to the sheet.
        marks: index the row number, ascending; ``status``, ``remark``, ``refnum`` (and ``verified``), "" for nothing.
        target: a temporary path; for a workbook, the suffix .csv asks for its sheet alone, as CSV.
    Raises:
        NotPatchedError: a workbook can't be given back as it was; as CSV it can.
        PipelineError: there is no room in the sheet, or the file or the disk refuses.
    """
    if book.format in PATCHED and target.suffix == PLAIN_SUFFIX:
        from pipeline.sheets.csv_fallback import write_plain

        return write_plain(book, place, marks, target)
    if book.format in DELIMITED and target.suffix == WORKBOOK_SUFFIX:
        from pipeline.sheets.text_as_workbook import write_as_workbook

        return write_as_workbook(book, place, marks, target)
    return book.write(place, marks, target)


def check_writable(book: Book, place: Place) -> None:
    """Finds out before anything is sent whether ``write_sheet`` could write a new workbook of this file.

    Args:
        book: the opened input, as ``open_book`` gave it.
        place: the way back to the sheet. Of a sheet that is patched, ``why_not_patched`` tells more.
    Raises:
        OutputError: it could not; nothing was written.
    """
    if book.format in PATCHED + DELIMITED:
        return
    from pipeline.sheets.converted import try_writing
    from pipeline.sheets.converted.grid import GridBook

    if isinstance(book, GridBook):
        try_writing(book, place)


def check_as_workbook(place: Place) -> None:
    """Finds out before anything is sent whether a text table fits into a workbook; raises OutputError."""
    from pipeline.sheets.text_as_workbook import check_fits

    check_fits(place)


def why_not_patched(book: Book, place: Place) -> str:
    """Why the file can't come back as it was, and comes back as CSV instead; "" when it can."""
    if book.format not in PATCHED:
        return ""
    from pipeline.sheets.xlsx_book import XlsxBook

    return book.why_not_patched(place) if isinstance(book, XlsxBook) else ""


def output_suffix(kind: str) -> str:
    """The suffix of the written sheet: the format's own where the file comes back as it was, otherwise ``.xlsx``."""
    return f".{kind}" if kind in PATCHED + DELIMITED else ".xlsx"

"""Chooses the worksheet: the visible one whose header fits best, or the one that the person names."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.errors import ColumnError, FileError, UsageError
from pipeline.load.header_lookup import listed, place_name
from pipeline.load.header_row import LOOKED_AT, HeaderMatch, Rank, Seeking, find_header, header_at, nothing_there
from pipeline.model.sheet import Book, SheetInfo, Visibility
from schemas.columns import near

CLEARLY_BETTER = 2
"""A sheet wins over another that could be meant too when it has so many times as many known columns. Less is a tie:
the sheets of several months look alike, and are not exactly alike (docs/order-exports.md, "Many sheets")."""


def choose_sheet(book: Book, wanted: Seeking, sheet: str | None, header_row: int | None) -> tuple[str, HeaderMatch]:
    """The sheet to read, and its header row.

    Args:
        book: the opened file.
        wanted: what the header must hold.
        sheet: what ``--sheet`` says.
        header_row: what ``--header-row`` says.
    Raises:
        UsageError: there is no sheet of that name.
        FileError: nothing to read, or several sheets could be meant.
        ColumnError: no row of column names where ``--header-row`` says.
    """
    if sheet is not None:
        name = named_sheet(book, sheet)
        header = _header_of(book, name, wanted, header_row)
        if header is None:
            raise nothing_there(book, name)
        return name, header
    visible = [info for info in book.sheets if info.visibility is Visibility.VISIBLE]
    found = _headers(book, visible, wanted, header_row)
    if not found or all(header.rank is Rank.NONE for _, header in found):
        _check_hidden(book, wanted, header_row)
    if not found:
        raise nothing_there(book, book.sheets[0].name if len(book.sheets) == 1 else "")
    return _best(book, found)


def named_sheet(book: Book, wanted: str) -> str:
    """The sheet of that name, exactly or else in any letter case.

    Raises:
        UsageError: none; the near names come first, then all.
    """
    names = [info.name for info in book.sheets]
    if wanted in names:
        return wanted
    alike = [name for name in names if name.strip().casefold() == wanted.strip().casefold()]
    if len(alike) == 1:
        return alike[0]
    if names == [""]:
        raise UsageError("A text file has no sheets to choose from", "Leave --sheet out.", where=book.path.name)
    meant = near(wanted, names)
    hint = f"Did you mean {' or '.join(repr(name) for name in meant)}? " if meant else ""
    step = f"{hint}The sheets are: {_names(book.sheets)}."
    raise UsageError(f"There is no sheet {wanted!r}", step, where=book.path.name)


def _header_of(book: Book, sheet: str, wanted: Seeking, header_row: int | None) -> HeaderMatch | None:
    if header_row is not None:
        return header_at(book, sheet, header_row, wanted)
    return find_header(book.head(sheet, LOOKED_AT), wanted)


def _headers(
    book: Book, sheets: Sequence[SheetInfo], wanted: Seeking, header_row: int | None
) -> list[tuple[str, HeaderMatch]]:
    """The header of each sheet that has one; a sheet too short for ``--header-row`` is not the one that is meant."""
    found: list[tuple[str, HeaderMatch]] = []
    for info in sheets:
        try:
            header = _header_of(book, info.name, wanted, header_row)
        except ColumnError:
            if len(sheets) == 1:
                raise
            continue
        if header is not None:
            found.append((info.name, header))
    return found


def _check_hidden(book: Book, wanted: Seeking, header_row: int | None) -> None:
    """A hidden sheet is never taken by itself, but a person should know that it would fit.

    Raises:
        FileError: a hidden sheet fits, and no visible one does.
    """
    hidden = [info for info in book.sheets if info.visibility is not Visibility.VISIBLE]
    fitting = [name for name, header in _headers(book, hidden, wanted, header_row) if header.rank is Rank.KNOWN]
    if fitting:
        problem = f"No visible sheet has what is needed; {' and '.join(map(repr, fitting))} would fit, and is hidden"
        step = f"If that is the one, say --sheet {fitting[0]!r}."
        raise FileError(problem, step, where=book.path.name)


def _best(book: Book, found: Sequence[tuple[str, HeaderMatch]]) -> tuple[str, HeaderMatch]:
    highest = max(header.rank for _, header in found)
    rivals = [(name, header) for name, header in found if header.rank == highest]
    if highest is not Rank.NONE:
        rivals = [(name, header) for name, header in rivals if header.filled] or rivals
    rivals.sort(key=lambda pair: len(pair[1].hits), reverse=True)
    if len(rivals) == 1 or highest is Rank.NONE:
        return rivals[0]
    first, second = (len(header.hits) for _, header in rivals[:2])
    if second and first >= CLEARLY_BETTER * second:
        return rivals[0]
    seen = "; ".join(f"{name} (row {header.row.number}: {listed(header.headers[:6])})" for name, header in rivals)
    step = f"Say which one with --sheet, one run for each. {seen}."
    raise FileError(f"{len(rivals)} sheets could be meant: {_quoted(rivals)}", step, where=place_name(book, ""))


def _quoted(rivals: Sequence[tuple[str, HeaderMatch]]) -> str:
    return ", ".join(repr(name) for name, _ in rivals)


def _names(sheets: Sequence[SheetInfo]) -> str:
    """The sheets for a message; what does not show among the tabs is said to be hidden."""
    return ", ".join(
        info.name if info.visibility is Visibility.VISIBLE else f"{info.name} ({info.visibility})" for info in sheets
    )

"""Finds the row that holds the column names: below titles and group rows, above descriptions and legends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from pipeline.errors import ColumnTrouble, FileTrouble
from pipeline.model import Book, HeadRow, Kind, column_letters
from schemas.columns import CANONICAL, Profile, fold, near

LOOKED_AT = 50
"""The header row is looked for in so many rows: real exports have 3 to 10 rows of titles above it (EXPORTS.md)."""

FARTHEST = 1000
"""The last row that ``--header-row`` may name."""

LONGEST_NAME = 60
"""A cell longer than this is prose, not a column's name."""

MOST_SHOWN = 40
"""Headers listed in a message before "and N more"."""

AWB_MARK = re.compile(r"awb|waybill|tracking(?:n|id|code|#|$)|rastre|docketn|consignmentn|consignmentid")
"""What makes a folded header look like AWBs: ``RTO WayBill`` and ``Original AWB Code`` do, beside ``AWB Code``."""

NOT_AN_AWB = re.compile(
    r"status|date|time|weight|url|link|charge|amount|value|count|type|remark|upload|print|label|pdf|assigned|created"
    r"|generated|cancel|numberof|noof|total|report|estado|fecha|data|envio"
)
"""What says that such a column only tells something about the AWB: ``Awb Assigned Date``, ``Tracking URL``."""

_NUMBER = re.compile(r"[-+]?[\d\s.,]+%?")
_LIKELY = re.compile(r"(?=.*[0-9])[A-Za-z0-9.+'\"= -]{6,34}")


class Rank(IntEnum):
    """How surely a row is the header row that is looked for."""

    NONE = 0
    GUESS = 1  # no known name, but one that looks like it
    KNOWN = 2


@dataclass(frozen=True, slots=True)
class Seeking:
    """What the header row must hold: the names in ``need``, spelt as ``aliases`` (folded) or as ``named`` by hand."""

    need: tuple[str, ...]
    aliases: Mapping[str, frozenset[str]]
    named: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """The best candidate for the header row of one sheet; ``filled``: whether any row below it holds something."""

    row: HeadRow
    rank: Rank
    hits: frozenset[str]
    names: int
    filled: bool

    @property
    def headers(self) -> tuple[str, ...]:
        """The column names as the sheet has them, from column A to the last that has one."""
        last = max((column for column, cell in enumerate(self.row.cells) if cell.strip()), default=-1)
        return self.row.cells[: last + 1]


def seeking(profiles: Iterable[Profile], need: Sequence[str], named: Mapping[str, str]) -> Seeking:
    """What to look for when any of these profiles may be the sheet's."""
    spellings: dict[str, set[str]] = {name: set() for name in CANONICAL}
    for profile in profiles:
        for name, headers in profile.columns.items():
            spellings[name].update(fold(header) for header in headers)
    return Seeking(tuple(need), {name: frozenset(folded) for name, folded in spellings.items()}, named)


def awb_like(header: str) -> bool:
    """Whether a header looks like a column of AWBs, known or not."""
    folded = fold(header)
    return len(header) <= LONGEST_NAME and bool(AWB_MARK.search(folded)) and not NOT_AN_AWB.search(folded)


def find_header(head: Sequence[HeadRow], wanted: Seeking) -> Found | None:
    """The row that fits best: with what is needed, then most known names, then most names; None: no row of names."""
    found = [_judged(row, head[place + 1 :], wanted) for place, row in enumerate(head)]
    return max((judged for judged in found if judged.names), key=_goodness, default=None)


def header_at(book: Book, sheet: str, number: int, wanted: Seeking) -> Found:
    """The row that ``--header-row`` names, whatever it holds; 0: the sheet has none, and columns go by their letters.

    Raises:
        ColumnTrouble: that row holds nothing.
    """
    if number == 0:
        width = max((len(row.cells) for row in book.head(sheet, LOOKED_AT)), default=0)
        letters = tuple(column_letters(column) for column in range(width))
        return Found(HeadRow(0, letters, (Kind.TEXT,) * width), Rank.KNOWN, frozenset(), width, filled=True)
    head = book.head(sheet, number + LOOKED_AT) if number <= FARTHEST else []
    row = next((row for row in head if row.number == number and any(cell.strip() for cell in row.cells)), None)
    if row is None:
        problem = f"Row {number}, which --header-row names, holds no column names"
        step = f"Say the row's number as the sheet shows it (at most {FARTHEST})."
        raise ColumnTrouble(problem, step, where=place_name(book, sheet))
    return _judged(row, [other for other in head if other.number > number], wanted)


def _judged(row: HeadRow, below: Sequence[HeadRow], wanted: Seeking) -> Found:
    names = _names(row)
    folded = {fold(cell) for cell in names}
    hits = frozenset(name for name, spellings in wanted.aliases.items() if folded & spellings)
    filled = any(cell.strip() for other in below for cell in other.cells)
    return Found(row, _rank(row, below, hits, wanted), hits, len(names), filled)


def _rank(row: HeadRow, below: Sequence[HeadRow], hits: frozenset[str], wanted: Seeking) -> Rank:
    if not all(columns_called(header, row.cells) for header in wanted.named.values()):
        return Rank.NONE
    if all(name in hits or name in wanted.named for name in wanted.need):
        return Rank.KNOWN
    likely = [column for column, cell in enumerate(row.cells) if awb_like(cell)]
    if "awb_number" in wanted.need and any(_numbers_below(column, below) for column in likely):
        return Rank.GUESS
    return Rank.NONE


def _numbers_below(column: int, below: Sequence[HeadRow]) -> bool:
    """A title says "AWB report" too; only a header has things like AWBs below it."""
    cells = (row.cells[column].strip() for row in below if column < len(row.cells))
    return any(_LIKELY.fullmatch(cell) for cell in cells)


def _goodness(found: Found) -> tuple[int, int, int, int]:
    return found.rank, len(found.hits), found.names, -found.row.number


def _names(row: HeadRow) -> list[str]:
    """The cells of a row that may be names of columns: short texts that are no numbers."""
    cells = zip(row.cells, row.kinds, strict=True)
    texts = (cell for cell, kind in cells if kind == Kind.TEXT and len(cell) <= LONGEST_NAME)
    return [cell for cell in texts if fold(cell) and not _NUMBER.fullmatch(cell.strip())]


# --- naming a column ---------------------------------------------------------------------------------------------


def columns_called(name: str, headers: Sequence[str]) -> list[int]:
    """The columns of that header: as it stands, else folded; ``HEADER#2`` is the second one of the name."""
    wanted = fold(name)
    exact = [column for column, header in enumerate(headers) if header.strip() == name.strip() != ""]
    folded = [column for column, header in enumerate(headers) if wanted and fold(header) == wanted]
    numbered = re.fullmatch(r"(.+)#([1-9][0-9]?)", name.strip(), flags=re.DOTALL)
    if exact or folded or numbered is None:
        return exact or folded
    return columns_called(numbered[1], headers)[int(numbered[2]) - 1 :][:1]


def column_called(name: str, headers: Sequence[str], asked_by: str, where: str) -> int:
    """The one column that a person means.

    Args:
        name: the header as typed.
        headers: those of the sheet.
        asked_by: the option, for the message: ``--column awb_number=``.
        where: the sheet, for the message.
    Raises:
        ColumnTrouble: there is none (the near ones are named), or more than one.
    """
    found = columns_called(name, headers)
    if len(found) == 1:
        return found[0]
    if not found:
        meant = near(name, [header for header in headers if header.strip()])
        hint = f"Did you mean {' or '.join(repr(shown(header)) for header in meant)}? " if meant else ""
        step = f"{hint}Headers seen: {listed(headers).rstrip('.')}."
        raise ColumnTrouble(f"There is no column {name!r} ({asked_by}{name})", step, where=where)
    letters = " and ".join(column_letters(column) for column in found)
    step = f"Say {asked_by}'{name}#1' for the first of them, '{name}#2' for the second, and so on."
    raise ColumnTrouble(f"{len(found)} columns are called {name!r}: {letters}", step, where=where)


def shown(header: str) -> str:
    """A header on one line."""
    return " ".join(header.split())


def listed(headers: Sequence[str]) -> str:
    """The headers of a sheet for a message, with their letters."""
    named = [f"{column_letters(column)} {shown(header)}" for column, header in enumerate(headers) if header.strip()]
    more = f" and {len(named) - MOST_SHOWN} more" if len(named) > MOST_SHOWN else ""
    return (", ".join(named[:MOST_SHOWN]) or "none") + more


def place_name(book: Book, sheet: str, row: int = 0) -> str:
    """A place as a person says it: ``orders.xlsx, sheet Orders, row 3``."""
    return ", ".join(
        part for part in (book.path.name, f"sheet {sheet}" if sheet else "", f"row {row}" if row else "") if part
    )


def nothing_there(book: Book, sheet: str) -> FileTrouble:
    """The message for a sheet without any text to take for a header."""
    step = "Say another one with --sheet." if len(book.sheets) > 1 else "Export the orders again."
    return FileTrouble("There is no row of column names, nothing to read", step, where=place_name(book, sheet))

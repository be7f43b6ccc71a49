"""Finds the row that holds the column names: below titles and group rows, above descriptions and legends."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from enum import IntEnum

from pipeline.addresses import column_letters
from pipeline.errors import ColumnError, FileError
from pipeline.load.header_lookup import columns_called, place_name
from pipeline.model.sheet import Book, HeadRow, Kind
from schemas.columns import Profile, default_profile, fold, profiles

LOOKED_AT = 50
"""The header row is looked for in so many rows: real exports have 3 to 10 rows of titles above it
(docs/order-exports.md)."""

FARTHEST = 1000
"""The last row that ``--header-row`` may name."""

LONGEST_NAME = 60
"""A cell longer than this is prose, not a column's name."""

AWB_MARK = re.compile(r"awb|waybill|tracking(?:n|id|code|#|$)|rastre|docketn|consignmentn|consignmentid")
"""What makes a folded header look like AWBs: ``RTO WayBill`` and ``Original AWB Code`` do, beside ``AWB Code``."""

NOT_AN_AWB = re.compile(
    r"status|date|time|weight|url|link|charge|amount|value|count|type|remark|upload|print|label|pdf|assigned|created"
    r"|generated|cancel|numberof|noof|total|report|estado|fecha|data|envio"
)
"""What says that such a column only tells something about the AWB: ``Awb Assigned Date``, ``Tracking URL``."""

NO_NAMES = (
    "Export the orders again; or if it is a list without names of columns, say --header-row 0 and name the columns by "
    "their letters: --column awb_number=A."
)
"""What to do about a list without a header."""

_NUMBER = re.compile(r"[-+]?[\d\s.,]+%?")
_LIKELY = re.compile(r"(?=.*[0-9])[A-Za-z0-9.+'\"= -]{6,34}")


class Rank(IntEnum):
    """How surely a row is the header row that is looked for."""

    NONE = 0
    GUESS = 1  # no known name, but one that looks like it
    KNOWN = 2


@dataclass(frozen=True, slots=True)
class Known:
    """A profile with its spellings folded, for comparing many rows."""

    profile: Profile
    signature: frozenset[str]
    spellings: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, profile: Profile) -> Known:
        """Folds a profile."""
        folded = {name: frozenset(map(fold, headers)) for name, headers in profile.columns.items()}
        return cls(profile, frozenset(map(fold, profile.signature)), folded)


@dataclass(frozen=True, slots=True)
class Seeking:
    """What the header row must hold: the names in ``need``, as a profile spells them or as ``named`` by hand.

    ``profile``: the one that a person chose, or else the one for a row without anybody's signature; ``told``: those
    that are told by their signature.
    """

    need: tuple[str, ...]
    named: Mapping[str, str]
    profile: Known
    told: tuple[Known, ...]

    def reading(self, folded: Set[str]) -> Known:
        """The profile of a row: of several signatures the one that asks for most."""
        fitting = [known for known in self.told if known.signature <= folded]
        return max(fitting, key=lambda known: len(known.signature), default=self.profile)


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """The best candidate for the header row of one sheet.

    ``hits``: the canonical names that it has; ``names``: how many different texts may be names of columns;
    ``filled``: whether any row below it holds something.
    """

    row: HeadRow
    profile: Profile
    rank: Rank
    hits: frozenset[str]
    names: int
    filled: bool

    @property
    def headers(self) -> tuple[str, ...]:
        """The column names as the sheet has them, from column A to the last that has one."""
        last = max((column for column, cell in enumerate(self.row.cells) if cell.strip()), default=-1)
        return self.row.cells[: last + 1]


def seeking(profile: Profile | None, need: Sequence[str], named: Mapping[str, str]) -> Seeking:
    """What to look for: as this profile spells it, or as any that is told by its signature."""
    told = () if profile else tuple(Known.of(each) for each in profiles() if each.signature)
    return Seeking(tuple(need), named, Known.of(profile or default_profile()), told)


def awb_like(header: str) -> bool:
    """Whether a header looks like a column of AWBs, known or not."""
    folded = fold(header)
    return len(header) <= LONGEST_NAME and bool(AWB_MARK.search(folded)) and not NOT_AN_AWB.search(folded)


def find_header(head: Sequence[HeadRow], wanted: Seeking) -> HeaderMatch | None:
    """The row that fits best: with what is needed, then most known names, then most names; None: no row of names."""
    found = [_judged(row, head[place + 1 :], wanted) for place, row in enumerate(head)]
    return max((judged for judged in found if judged.names), key=_goodness, default=None)


def header_at(book: Book, sheet: str, number: int, wanted: Seeking) -> HeaderMatch:
    """The row that ``--header-row`` names, whatever it holds; 0: the sheet has none, and columns go by their letters.

    Raises:
        ColumnError: that row holds nothing.
    """
    if number == 0:
        width = max((len(row.cells) for row in book.head(sheet, LOOKED_AT)), default=0)
        letters = tuple(column_letters(column) for column in range(width))
        row = HeadRow(0, letters, (Kind.TEXT,) * width)
        return HeaderMatch(row, wanted.profile.profile, Rank.KNOWN, frozenset(), width, filled=True)
    head = book.head(sheet, number + LOOKED_AT if number <= FARTHEST else LOOKED_AT)  # the top may be far down
    found = next((row for row in head if row.number == number and any(cell.strip() for cell in row.cells)), None)
    if found is None:
        problem = f"Row {number}, which --header-row names, holds no column names"
        step = f"Say the row's number as the sheet shows it (at most {FARTHEST})."
        raise ColumnError(problem, step, where=place_name(book, sheet))
    return _judged(found, [row for row in head if row.number > number], wanted)


def _judged(row: HeadRow, below: Sequence[HeadRow], wanted: Seeking) -> HeaderMatch:
    names = _names(row)
    folded = {fold(cell) for cell in names}
    known = wanted.reading(folded)
    hits = frozenset(name for name, spellings in known.spellings.items() if folded & spellings)
    filled = any(cell.strip() for other in below for cell in other.cells)
    return HeaderMatch(row, known.profile, _rank(row, below, hits, wanted), hits, len(folded), filled)


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


def _goodness(found: HeaderMatch) -> tuple[int, int, int, int]:
    return found.rank, len(found.hits), found.names, -found.row.number


def _names(row: HeadRow) -> list[str]:
    """The cells of a row that may be names of columns: short texts that are no numbers."""
    cells = zip(row.cells, row.kinds, strict=True)
    texts = (cell for cell, kind in cells if kind == Kind.TEXT and len(cell) <= LONGEST_NAME)
    return [cell for cell in texts if fold(cell) and not _NUMBER.fullmatch(cell.strip())]


def nothing_there(book: Book, sheet: str) -> FileError:
    """The message for a sheet without any text to take for a header."""
    step = "Say another one with --sheet." if len(book.sheets) > 1 else NO_NAMES
    return FileError("There is no row of column names, nothing to read", step, where=place_name(book, sheet))

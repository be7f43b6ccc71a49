"""The columns that could be meant by a name, and how a person is told of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.addresses import column_letters
from pipeline.errors import ColumnError
from pipeline.load.header_lookup import columns_called, listed, shown
from pipeline.load.header_row import awb_like
from schemas.columns import Profile, fold

TWO_MEANINGS = frozenset({fold("Estado"), fold("State")})
"""Headers that mean a status in one column and something else in another (a state of a country): the cells decide."""

SPOKEN = {"awb_number": "AWBs", "order_ref": "order references", "order_status": "the status"}
"""How the canonical names are said in a sentence."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What naming goes by.

    ``headers``: from column A. ``need``: canonical names without which nothing can be done. ``named``: canonical name
    -> header, by hand; an empty header says that the sheet has no such column. ``own``: columns of an earlier run of
    this tool. ``where``: file, sheet and row, for messages.
    """

    headers: tuple[str, ...]
    profile: Profile
    need: tuple[str, ...]
    named: Mapping[str, str]
    own: frozenset[int]
    where: str
    _by_name: dict[str, list[int]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Folds the headers once: a sheet may have 16,384."""
        for column, header in enumerate(self.headers):
            if column not in self.own:
                self._by_name.setdefault(fold(header), []).append(column)

    def called(self, header: str) -> list[int]:
        """The columns of that header, compared folded, our own left out."""
        return self._by_name.get(fold(header), [])

    def choices(self, name: str, taken: frozenset[int] = frozenset()) -> Iterator[list[int]]:
        """The columns that may be ``name``, the preferred first; more than one together where a header stands twice."""
        for header in self.profile.columns[name]:
            free = [column for column in self.called(header) if column not in taken]
            if free:
                yield free

    def awb_like(self, taken: frozenset[int]) -> list[int]:
        """Every column that could be AWBs, known by its header or only looking like it."""
        known = {column for columns in self.choices("awb_number", taken) for column in columns}
        likely = {column for column, header in enumerate(self.headers) if awb_like(header)}
        return sorted(known | (likely - taken - self.own))

    def known(self, name: str, column: int) -> bool:
        """Whether a column's header is a known spelling of ``name``."""
        return fold(self.headers[column]) in {fold(header) for header in self.profile.columns[name]}

    def two_meanings(self, column: int) -> bool:
        """Whether only the cells can say if this column is a status."""
        return fold(self.headers[column]) in TWO_MEANINGS and "order_status" not in self.profile.preferred

    def said(self, column: int) -> str:
        """A column in a sentence: ``'AWB Code' (column C)``."""
        return f"{shown(self.headers[column])!r} (column {column_letters(column)})"

    def option(self, name: str, column: int) -> str:
        """What a person types to name this very column."""
        header = shown(self.headers[column]) or column_letters(column)
        same = columns_called(header, self.headers)
        numbered = len(same) > 1 and column in same
        typed = f"{header}#{same.index(column) + 1}" if numbered else header
        if all(letter.isalnum() or letter in "_.-" for letter in typed):
            return f"--column {name}={typed}"
        quote = '"' if "'" in typed else "'"
        return f"--column {quote}{name}={typed}{quote}"


def several(sheet: Sheet, name: str, columns: Sequence[int]) -> ColumnError:
    """More than one column could be meant, and none is taken silently."""
    return ColumnError(
        f"{len(columns)} columns could be the {SPOKEN.get(name, name)}: {', '.join(map(sheet.said, columns))}",
        f"Say which one: {' or '.join(sheet.option(name, column) for column in columns)}.",
        where=sheet.where,
    )


def missing(sheet: Sheet, name: str, columns: Mapping[str, int]) -> ColumnError:
    """A column without which nothing can be done is not there; the message lists those that are."""
    seen = listed(["" if column in sheet.own else header for column, header in enumerate(sheet.headers)])
    step = (
        f"If a column holds them, say --column {name}=HEADER (or its letter); if this is not the header row, "
        "--header-row N (0: there is none)."
    )
    problem = f"No column is known to hold {SPOKEN.get(name, name)}"
    if name == "awb_number" and "order_ref" in columns:
        ref = sheet.said(columns["order_ref"])
        problem = f"This sheet has order references, {ref}, but no AWBs: nothing can be cancelled from it"
        step = f"Give the courier's export, which has both, as INPUT, and this file with --pick-from. {step}"
    return ColumnError(problem, f"{step} Headers seen: {seen.rstrip('.')}.", where=sheet.where)


def both_at_once(sheet: Sheet, column: int) -> ColumnError:
    """One column was named by hand as AWB and as reference."""
    problem = f"{sheet.said(column)} is named both as the AWBs and as the order references"
    return ColumnError(problem, "Name two columns, or leave order_ref out.", where=sheet.where)


def no_yes_no(sheet: Sheet, column: int, example: str) -> ColumnError:
    """A column named by hand as the marks holds something else."""
    problem = f"{sheet.said(column)} is no yes/no column: it holds {example!r}"
    step = "Every filled cell must be yes, y, true, 1, x, ✓ or cancel, or else no, n, false, 0, - or keep."
    return ColumnError(problem, step, where=sheet.where)

"""Tells this tool's own columns of an earlier run from the export's, and says what the new ones are called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pipeline.limits import MOST_COLUMNS
from schemas.annotated import ADDED_COLUMNS, FIRST_COLUMNS, VERIFIED_COLUMN

PREFIX = "cancel_"
"""What stands before our names where the sheet has a ``status`` of its own (docs/interface.md, "What is written")."""

MOST_SUFFIXES = 10
"""How many of our own names are recognised again: ``status``, ``cancel_status``, ``cancel_status (2)``, …"""


def own_candidates(headers: Sequence[str]) -> list[int]:
    """Where a ``status``, ``remark``, ``refnum`` begins: side by side, and spelt just as we write them."""
    trios = {_names(number)[: len(FIRST_COLUMNS)] for number in range(MOST_SUFFIXES)}
    size = len(FIRST_COLUMNS)
    return [at for at in range(len(headers) - size + 1) if tuple(headers[at : at + size]) in trios]


def own_columns(headers: Sequence[str], starts: Iterable[int]) -> frozenset[int]:
    """Every column of an earlier run, ``verified`` included: never the export's own."""
    own: set[int] = set()
    for start in starts:
        ours = {*names_at(headers, start), headers[start].replace("status", VERIFIED_COLUMN)}
        end = start + len(FIRST_COLUMNS)
        while headers[end : end + 1] and headers[end] in ours:
            end += 1
        own.update(range(start, end))
    return frozenset(own)


def names_at(headers: Sequence[str], start: int) -> tuple[str, ...]:
    """What the added columns of an earlier run are called that begin at ``start``, those that it lacks too."""
    return tuple(headers[start].replace("status", name) for name in ADDED_COLUMNS)


def updated_in_place(headers: Sequence[str], starts: Sequence[int]) -> int | None:
    """Which trio is written again: ``cancel_status`` says more clearly than ``status`` that it is ours."""
    return max(starts, key=lambda start: (headers[start].startswith(PREFIX), start), default=None)


def new_names(headers: Sequence[str], own: frozenset[int]) -> tuple[str, ...]:
    """What the added columns are called in a sheet that has none of ours."""
    taken = {header.strip().lower() for column, header in enumerate(headers) if column not in own}
    for names in _all_names():
        verified = names[0].replace("status", VERIFIED_COLUMN)
        if not taken & {*names, verified}:
            return names
    raise AssertionError("a sheet has at most 16,384 columns")


def _all_names() -> Iterator[tuple[str, ...]]:
    return (_names(number) for number in range(MOST_COLUMNS))


def _names(number: int) -> tuple[str, ...]:
    """The names that are tried: ``status``, then ``cancel_status``, then ``cancel_status (2)``, …"""
    prefix = PREFIX if number else ""
    suffix = f" ({number})" if number > 1 else ""
    return tuple(f"{prefix}{name}{suffix}" for name in ADDED_COLUMNS)

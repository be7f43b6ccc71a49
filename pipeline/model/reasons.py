"""Why something is as it is, counted: the one type for every "no, because" that a person is shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found of rows or cells: in words, how many, and where the first ones stand.

    ``first``: row numbers or cell addresses as a person types them; fewer than ``count`` where there are many.
    """

    words: str
    count: int
    first: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NamedNotDone:
    """An order or AWB that a person asked for by name and that is not cancelled: as it was named, and why.

    ``row``: where it stands in the sheet; None where it does not.
    """

    named: str
    why: str
    row: int | None = None

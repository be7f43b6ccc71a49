"""TODO."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reason:
    """Why rows are not sent: the words, how many rows, and where the first ones stand."""

    words: str
    count: int
    first: tuple[str, ...] = ()

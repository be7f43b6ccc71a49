"""Cell addresses of a sheet: ``A1:T100`` as four numbers, and back."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Za-z]{1,3})\$?([0-9]{1,7}))?")


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells; rows count from 1, columns from 0, all four inclusive."""

    top: int
    left: int
    bottom: int
    right: int

    @classmethod
    def parse(cls, text: str) -> Area | None:
        """``A1:T100`` or ``A1``, with or without dollars; None for anything else."""
        found = _ADDRESS.fullmatch(text.strip())
        if found is None:
            return None
        left, top, right, bottom = found.groups()
        first = column_number(left)
        return cls(int(top), first, int(bottom or top), column_number(right) if right else first)

    def __str__(self) -> str:
        start = f"{column_letters(self.left)}{self.top}"
        end = f"{column_letters(self.right)}{self.bottom}"
        return start if start == end else f"{start}:{end}"

    def to_column(self, right: int) -> Area:
        """The same with another right edge."""
        return replace(self, right=right)

    def union(self, other: Area) -> Area:
        """The smallest area that holds both."""
        return Area(
            min(self.top, other.top),
            min(self.left, other.left),
            max(self.bottom, other.bottom),
            max(self.right, other.right),
        )

    def overlaps(self, other: Area) -> bool:
        """Whether they share a cell."""
        apart = self.right < other.left or other.right < self.left or self.bottom < other.top or other.bottom < self.top
        return not apart


def column_number(letters: str) -> int:
    """A is 0, Z is 25, AA is 26."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def column_letters(column: int) -> str:
    """Column 0 is A, 25 is Z, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters

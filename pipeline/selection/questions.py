"""Collects what a person must settle before anything is sent: states that nobody knows, and marks that are no marks."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pandas as pd

from pipeline.selection.filter import CANT_TELL

MOST_SHOWN = 10
"""States or cells that a question names; the sheet that ``plan`` writes has them all."""


@dataclass(slots=True)
class Questions:
    """What the rows of a sheet ask. ``unknown``: a state with its column -> how many rows bear it; ``odd``: the first
    marks that are neither yes nor no, as (row, text), and how many there are."""

    unknown: Counter[str] = field(default_factory=Counter)
    odd: list[tuple[int, str]] = field(default_factory=list)
    odd_count: int = 0
    unread: Counter[str] = field(default_factory=Counter)  # why --where can't be told -> how many rows

    def add(self, choice: pd.DataFrame) -> None:
        """Takes what ``choose`` said of a frame."""
        self.add_states(choice["unknown"])
        self.add_marks(choice["odd"])
        unread = choice["reason"][choice["reason"].str.startswith(CANT_TELL)]
        self.unread.update({str(why): int(count) for why, count in unread.value_counts().items()})

    def add_states(self, unknown: pd.Series[str]) -> None:
        """Takes the states that nobody knows, "" for rows without one."""
        words = unknown[unknown != ""]
        self.unknown.update({str(word): int(count) for word, count in words.value_counts().items()})

    def add_marks(self, odd: pd.Series[str]) -> None:
        """Takes the marks that are neither yes nor no, index the row, "" for rows without one."""
        odd = odd[odd != ""]
        self.odd_count += len(odd)
        first = odd.iloc[: MOST_SHOWN - len(self.odd)]
        self.odd += [(int(str(row)), str(text)) for row, text in first.items()]

    @property
    def any(self) -> bool:
        """Whether any row asks something."""
        return bool(self.odd or self.unknown or self.unread)

    def about_marks(self, prefix: str) -> str:
        """What to ask about marks, or "".

        Args:
            prefix: the column's address without the row: ``Orders!D``.
        """
        if not self.odd:
            return ""
        cells = ", ".join(f"{prefix}{row} {text}" for row, text in self.odd)
        more = f" and {self.odd_count - len(self.odd):,} more" if self.odd_count > len(self.odd) else ""
        return (
            f"The yes/no column has cells that are neither yes nor no: {cells}{more}. Make them yes or no, or say "
            "--column cancel= if that column is none"
        )

    def about_where(self) -> str:
        """What to ask about cells that decide for ``--where`` and that are no number or no value, or ""."""
        if not self.unread:
            return ""
        most = [(why.removeprefix(CANT_TELL), count) for why, count in self.unread.most_common(MOST_SHOWN)]
        cells = "; ".join(f"{why} ({_rows(count)})" for why, count in most)
        more = f" and {len(self.unread) - len(most)} more" if len(self.unread) > len(most) else ""
        name, _, rest = most[0][0].partition(" holds ")
        value = rest.rpartition(", which is ")[0]
        return (
            f"--where can't be told for {_rows(self.unread.total())}: {cells}{more}. Mend the cells, or leave such "
            f"rows out with: and {name} != {value}"
        )

    def about_states(self) -> str:
        """What to ask about states, or "": the words with their counts, and the options that answer."""
        if not self.unknown:
            return ""
        most = self.unknown.most_common(MOST_SHOWN)
        words = ", ".join(f"{word} ({_rows(count)})" for word, count in most)
        more = f" and {len(self.unknown) - len(most)} more" if len(self.unknown) > len(most) else ""
        typed = most[0][0].rpartition(" in ")[0] if len(most) == 1 else "STATUS"
        return (
            f"{_rows(self.unknown.total())} to be cancelled with a state that nobody knows: {words}{more}. Say "
            f"--too-late {typed} for each that must stay, --allow-late {typed} for each that may be cancelled all the "
            "same, or list them in a profile"
        )


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"

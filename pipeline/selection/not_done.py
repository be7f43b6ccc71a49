"""Collects what was asked for by name and will not be done: it is work for a person, whatever the reason."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from pipeline.model.reasons import NamedNotDone
from pipeline.selection.reference_list import NOT_FOUND, Listed


@dataclass(slots=True)
class AskedNotDone:
    """Everything that a list or ``--awb`` names and that is not picked: not found, or left out and why."""

    lines: list[NamedNotDone] = field(default_factory=list)

    @classmethod
    def of(cls, listed: Listed | None) -> AskedNotDone:
        """Begins with what stands in no row of the sheet."""
        return cls([NamedNotDone(name, NOT_FOUND) for name in listed.unmatched] if listed else [])

    def add(self, choice: pd.DataFrame) -> None:
        """Takes what ``choose`` said of a frame."""
        rows = choice[choice["named"] != ""]
        named = zip(rows.index, rows["named"].tolist(), rows["reason"].tolist(), strict=True)
        self.lines += [NamedNotDone(str(name), str(why), int(row)) for row, name, why in named]

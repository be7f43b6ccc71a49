"""Says why nothing would be cancelled: a misspelt status, a sheet without rows or AWBs, filters that leave none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from pipeline.selection.pick import NO_DATE
from pipeline.selection.rules import By, Rules
from pipeline.selection.state_words import Coded, Words, shown
from schemas.columns import near

MOST_STATES = 2_000
"""Different states that are kept for finding the near ones."""

NARROWED = ("--where ", "not older than ", NO_DATE)
"""How the reasons of rows begin that only ``--where`` or ``--older-than`` leaves out."""


@dataclass(slots=True)
class Emptiness:
    """What is counted for it. ``states``: the different states of the sheet, where ``--status`` names some."""

    rules: Rules
    picked: int = 0
    invalid: int = 0
    rows: int = 0
    awbs: int = 0
    states: Counter[str] = field(default_factory=Counter)

    def add(self, frame: pd.DataFrame, choice: pd.DataFrame, invalid: int) -> None:
        """Takes a canonical frame, what ``choose`` said of it, and how many of its picked rows are Invalid."""
        orders = frame["aside"] == ""
        self.rows += int(orders.sum())
        self.awbs += int((orders & (frame["awb_number"] != "")).sum())
        self.picked += int(choice["picked"].sum())
        self.invalid += invalid
        if self.rules.words is not None and len(self.states) < MOST_STATES:
            self.states.update(word for word in Coded.of(frame.loc[orders, "order_status"]).words if word)

    def misspelt(self, typed: Sequence[str]) -> str:
        """The words of ``--status`` that no row has, with the nearest ones of the sheet; "" where each has some."""
        missing = [word for word in typed if not any(state in Words.of([word]) for state in self.states)]
        said = [f"no row has the status {shown(word)}{_meant(word, self.states)}" for word in missing]
        return "; ".join(said)

    def why(self, reasons: pd.Series[int]) -> str:
        """Why nothing would be cancelled, one sentence without a full stop; "" where something would.

        Args:
            reasons: how many rows are left out for each reason.
        """
        if self.picked > self.invalid:
            return ""
        if self.picked:
            return f"all {self.picked:,} picked rows are Invalid, so nothing can be sent"
        if not self.rows:
            return "the sheet has column names and no rows below them"
        if not self.awbs:
            return "no row has an AWB"
        narrowed = sum(int(count) for why, count in reasons.items() if str(why).startswith(NARROWED))
        if narrowed:
            return f"--where and --older-than leave nothing: {narrowed:,} rows were picked without them"
        return (
            "nothing of what was named is to be cancelled" if self.rules.by is By.LIST else "no row is to be cancelled"
        )


def _meant(word: str, states: Counter[str]) -> str:
    found = near(word, states)
    return f" (did you mean {' or '.join(map(shown, found))}?)" if found else ""

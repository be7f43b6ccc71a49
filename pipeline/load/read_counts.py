"""Counts what is met while a sheet is read: wrappers, hidden rows, doubts, and whether the AWBs look like AWBs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.load.totals import RunningTotals
from pipeline.model.texts import TextBytes

FIRST_ROWS = 5
"""Rows that are named beside a reason; the sheet and the report have them all."""

MOST_REASONS = 100
"""Different reasons that are kept apart; the rest is counted together."""

SHAPES = {
    "phone numbers": r"(?:\+91[ -]?|91[ -]|0)?[6-9][0-9]{9}",
    "pincodes": r"[1-9][0-9]{5}",
    "dates": r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}(?:[ T].*)?",
    "order numbers": r"#.+",
}
"""What is mistaken for AWBs in India: mobile numbers have 10 digits and begin with 6 to 9, pincodes have 6 digits."""

ANY_SHAPE = "|".join(f"(?:{pattern})" for pattern in SHAPES.values())
"""One look at an AWB instead of four: most have none of these."""

LENGTHS = (6, 10, 11, 12)
"""Digits of those among them that have nothing but digits (a test holds it)."""

NEARLY_ALL = 0.9
"""The share of cells that gives a column its shape; one odd cell doesn't change what a column is."""


@dataclass(slots=True)
class FindingTally:
    """How often a reason was met, and the first rows."""

    count: int = 0
    rows: list[int] = field(default_factory=list)


@dataclass(slots=True)
class ReadCounts:
    """Everything that is counted over the frames of one sheet."""

    rows: int = 0
    orders: int = 0
    hidden: int = 0
    with_awb: int = 0
    unwrapped: int = 0
    printed: int = 0
    ambiguous_dates: int = 0
    contrary_dates: int = 0
    unread_dates: int = 0
    both: int = 0  # rows with an AWB and a reference
    equal: int = 0  # of these, where they are the same
    unseen: Counter[str] = field(default_factory=Counter)  # cells whose format hides or changes what is stored
    asides: Counter[str] = field(default_factory=Counter)
    shapes: Counter[str] = field(default_factory=Counter)
    awb_doubts: dict[str, FindingTally] = field(default_factory=dict)
    ref_doubts: dict[str, FindingTally] = field(default_factory=dict)
    other_tables: list[int] = field(default_factory=list)
    totals: RunningTotals = field(default_factory=RunningTotals)

    def add(self, frame: pd.DataFrame) -> None:
        """Takes a canonical frame, every row of it."""
        orders = frame[frame["aside"] == ""]
        self.rows += len(frame)
        self.orders += len(orders)
        self.hidden += int(orders["hidden"].sum())
        self.asides.update({str(why): int(count) for why, count in frame["aside"].value_counts().items() if why})
        awbs = orders["awb_number"]
        filled = awbs != ""
        self.with_awb += int(filled.sum())
        shaped = awbs[_may_be_shaped(awbs)]
        shaped = shaped[shaped.str.fullmatch(ANY_SHAPE)]
        for shape, pattern in SHAPES.items() if len(shaped) else ():
            self.shapes[shape] += int(shaped.str.fullmatch(pattern).sum())
        both = filled & (orders["order_ref"] != "")
        self.both += int(both.sum())
        self.equal += int((both & (awbs == orders["order_ref"])).sum())
        if "order_date" in orders:
            self.unread_dates += int(((orders["order_date"] == "") & (orders["order_date_raw"] != "")).sum())
        _gather(self.awb_doubts, orders["awb_doubt"])
        _gather(self.ref_doubts, orders["order_ref_doubt"])

    def add_unseen(self, what: str, count: int) -> None:
        """Takes cells of which a person sees something else than is stored; they are left blank."""
        self.unseen[what] += count

    @property
    def shape(self) -> str:
        """What nearly all AWBs look like, if not like AWBs: ``phone numbers``, …"""
        return next(
            (shape for shape, count in self.shapes.items() if count and count >= NEARLY_ALL * self.with_awb), ""
        )

    @property
    def same_as_reference(self) -> bool:
        """Whether the AWB column repeats the reference column."""
        return self.both > 0 and self.equal >= NEARLY_ALL * self.both

    def notes(self) -> Iterator[str]:
        """What the person should know, a sentence each."""
        for count, what in (
            (self.unwrapped, 'AWBs with something taken off (="…", apostrophes, blanks around them)'),
            (self.printed, "AWBs printed with .0 or .00 behind, whose digits are exact"),
            (self.hidden, "rows hidden in the sheet, by a filter or by hand"),
            (self.ambiguous_dates, "dates that could be day-month or month-day, read as the profile's date_order says"),
            (self.contrary_dates, "dates that make sense only in another order than the profile's date_order"),
            (self.unread_dates, "order dates that can't be read"),
            (0 if self.same_as_reference else self.equal, "rows in which the AWB is the order reference"),
        ):
            if count:
                yield f"{what}: {count:,}"
        for what, count in self.unseen.items():
            yield f"{what}s of which something else is shown than is stored, left out: {count:,}"
        if self.shape:
            yield f"the AWBs look like {self.shape}: {self.shapes[self.shape]:,} of {self.with_awb:,}"

    def clear(self) -> None:
        """Begins anew, for reading a sheet again."""
        for each in fields(self):
            setattr(self, each.name, getattr(ReadCounts(), each.name))


def _may_be_shaped(awbs: pd.Series[str]) -> npt.NDArray[np.bool_]:
    """Which AWBs may have one of the shapes; in most columns are only digits, and these are told by their number."""
    looked = TextBytes.of(awbs)
    return np.isin(looked.lengths, LENGTHS) if looked.only("[0-9]") else looked.lengths > 0


def _gather(known: dict[str, FindingTally], doubts: pd.Series[str]) -> None:
    """Counts by why and what to do: what the cell holds is another each time and stands before the last colon."""
    doubts = doubts[doubts != ""]
    if doubts.empty:
        return
    doubts = doubts.str.replace("(?s)^.*: ", "", regex=True)
    doubts = doubts.str.replace("^line [0-9]+ ", "the line ", regex=True)
    for words, count in doubts.value_counts(sort=False).items():
        reason = known.get(str(words))
        if reason is None and len(known) >= MOST_REASONS:
            reason = known.setdefault("other reasons", FindingTally())
        reason = known.setdefault(str(words), FindingTally()) if reason is None else reason
        reason.count += int(count)
    first = doubts[doubts.groupby(doubts, sort=False).cumcount() < FIRST_ROWS]
    for row, words in first.iloc[: MOST_REASONS * FIRST_ROWS].items():
        reason = known.get(str(words))
        if reason is not None and len(reason.rows) < FIRST_ROWS:
            reason.rows.append(int(str(row)))

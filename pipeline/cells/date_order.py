"""Judges a column of dates as a whole: in which order its day and month stand, and whether Excel has swapped some.

What is impossible in an order, or lies in the future in it, speaks against it. Where two orders remain that make a
difference, a person has to say which.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.dates import TIME, WRITTEN, CalendarDays, WrittenDates
from pipeline.cells.displayed import as_text
from pipeline.model.sheet import CellColumn, Kind

ORDERS = ("dmy", "mdy", "ymd")

NUMBERS_ONLY = next(pattern for form, pattern in WRITTEN if form == "order") + TIME
"""Dates of three numbers, the year not in four digits first."""

FIRST_HALF = 12
"""Days up to here can be months: where Excel expects the month first, it takes 05/11 for the 11th of May."""

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(slots=True)
class DateEvidence:
    """What the cells of a column say about the order, frame by frame.

    ``latest``: the last day, ISO, that an order can be of. ``before``: the first day that is not old enough, ISO; "":
    any other day makes a difference. ``impossible`` and ``future`` count the dates that speak against an order;
    ``differing`` holds the first date that two orders read so that it makes a difference.
    """

    latest: str
    before: str
    impossible: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ORDERS, 0))
    future: dict[str, int] = field(default_factory=lambda: dict.fromkeys(ORDERS, 0))
    differing: dict[tuple[str, str], str] = field(default_factory=dict)
    typed: int = 0  # cells typed as dates
    typed_late: int = 0  # of these, with a day beyond the twelfth
    typed_two_ways: int = 0  # of these, with a day and a month that differ
    texts: int = 0
    texts_two_ways: int = 0  # of these, that are days in two orders

    def add(self, column: CellColumn) -> None:
        """Takes the cells of a frame."""
        texts = as_text(column)
        self._add_typed(texts[column.kind == Kind.DATE])
        written = texts[column.kind != Kind.DATE].str.lower()
        parts = pc.extract_regex(pa.array(written, type=pa.large_string()), NUMBERS_ONLY)
        fits = parts.is_valid()
        if pc.any(fits, min_count=0).as_py():
            self._add_written(written[np.asarray(fits)], WrittenDates(parts.filter(fits), "order", "dmy"))

    def _add_typed(self, texts: pd.Series[str]) -> None:
        days = pd.to_numeric(texts.str.slice(8, 10), errors="coerce")
        months = pd.to_numeric(texts.str.slice(5, 7), errors="coerce")
        self.typed += int(days.notna().sum())
        self.typed_late += int((days > FIRST_HALF).sum())
        self.typed_two_ways += int(((days <= FIRST_HALF) & (days != months)).sum())

    def _add_written(self, texts: pd.Series[str], found: WrittenDates) -> None:
        read = {order: _as_numbers(found.read_as(order)) for order in ORDERS}
        first = found.year_last()
        read["ymd"] = np.where(first, np.where(read["dmy"] > 0, read["dmy"], read["mdy"]), read["ymd"])
        last = _number(self.latest)
        for order, days in read.items():
            self.impossible[order] += int((days == 0).sum())
            self.future[order] += int((days > last).sum())
        self.impossible["ymd"] += int(first.sum())  # years of four digits stand last, so they do not stand first
        self.texts += len(texts)
        self.texts_two_ways += int(((read["dmy"] > 0) & (read["mdy"] > 0) & (read["dmy"] != read["mdy"])).sum())
        for one, other in (("dmy", "mdy"), ("dmy", "ymd"), ("mdy", "ymd")):
            differ = self._differ(read[one], read[other])
            if (one, other) not in self.differing and differ.any():
                self.differing[one, other] = str(texts.iloc[int(np.argmax(differ))])

    def _differ(self, one: Ints, other: Ints) -> Flags:
        both = (one > 0) & (other > 0)
        if not self.before:
            return np.asarray(both & (one != other))
        first = _number(self.before)
        return np.asarray(both & ((one < first) != (other < first)))

    @property
    def swapped(self) -> bool:
        """Whether Excel took some days for months: cells that it made dates of have days up to the twelfth only, and
        those that it left as text could not be read the other way."""
        late_only = self.texts > 0 and self.texts_two_ways == 0
        return late_only and self.typed_late == 0 and self.typed_two_ways > 0

    def orders(self) -> tuple[str, ...]:
        """The orders that the column may have; all where each has something against it."""
        possible = [order for order in ORDERS if not self.impossible[order]]
        past = [order for order in possible if not self.future[order]]
        return tuple(past or possible or ("dmy", "mdy"))

    @property
    def mixed(self) -> bool:
        """Whether no order fits all dates."""
        return self.texts > 0 and all(self.impossible.values())

    def example(self, orders: tuple[str, ...]) -> str:
        """A date that two of these orders read so that it makes a difference; "" where there is none."""
        return next((text for pair, text in self.differing.items() if set(pair) <= set(orders)), "")


def _number(day: str) -> int:
    return int(day.replace("-", ""))


def _as_numbers(days: CalendarDays) -> Ints:
    """Days as numbers that can be compared, 20260131; 0 for none."""
    return np.asarray(np.where(days.exists(), days.year * 10_000 + days.month * 100 + days.day, 0), np.int64)

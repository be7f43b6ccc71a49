"""Reads the order dates of an export, however they are written, and says which could have meant another day.

Cells typed as dates, ISO text, ``31-01-2026`` in the order that the profile names, and named months. What can't be read
for certain is no date: under ``--older-than`` such a row is not picked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells.displayed import as_text
from pipeline.model.sheet import CellColumn, Kind
from pipeline.model.texts import blank

FIRST_YEAR, LAST_YEAR = 2000, 2099
"""Orders are of this century, also where a year has two digits: 1970-01-01, 1899-12-30 and 9999-12-31 stand for "no
date", or are a time of day alone."""

TIME = (
    r"(?:[ t,]+(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?"
    r" *(?P<half>[ap])?\.?(?:m\.?)?"
    r" *(?:z|utc|gmt|ist|(?:gmt|utc)?[+-][0-9]{2}:?[0-9]{2})?)?$"
)
"""A time of day behind a date; the zone is that of the person who reads the sheet, so it is passed over."""

PLAIN = r"^20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])(?:[ t](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])?$"
"""ISO text of a day that every month has: nothing is left to find out, and most dates of most exports are such."""

_DAY_NAME = r"^(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}[., ]+)?"
_MONTH_NAME = r"(?P<name>[a-zç]{3,10})\.?"
_YEAR = "(?P<year>[0-9]{4}|[0-9]{2})"

WRITTEN: tuple[tuple[str, str], ...] = (
    ("ymd", r"^(?P<year>[0-9]{4})[-/.](?P<month>[0-9]{1,2})[-/.](?P<day>[0-9]{1,2})"),  # ISO, and 2026/1/31
    ("ymd", r"^(?P<year>20[0-9]{2})(?P<month>[01][0-9])(?P<day>[0-3][0-9])"),  # 20260131
    ("order", r"^(?P<first>[0-9]{1,2})[-/.](?P<second_one>[0-9]{1,2})[-/.](?P<third>[0-9]{4}|[0-9]{2})"),  # 31-01-2026
    (
        "name",
        rf"{_DAY_NAME}(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th|º)?[-/., ]*(?:de )?{_MONTH_NAME}[-/.,' ]*(?:de )?{_YEAR}",
    ),
    ("name", rf"{_DAY_NAME}{_MONTH_NAME}[- ]*(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?[-, ]+{_YEAR}"),  # Jan 31, 2026
    ("name", rf"^(?P<year>[0-9]{{4}})[-/. ]{_MONTH_NAME}[-/. ](?P<day>[0-9]{{1,2}})"),  # 2026-Jan-31
)
"""How dates are written, in small letters, ``TIME`` behind; each is tried on what those before it did not fit."""

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january janeiro ene enero",
            "feb february fev fevereiro febrero",
            "mar march março marco marzo",
            "apr april abr abril",
            "may mai maio mayo",
            "jun june junho junio",
            "jul july julho julio",
            "aug august ago agosto",
            "sep sept september set setembro septiembre setiembre",
            "oct october out outubro octubre",
            "nov november novembro noviembre",
            "dec december dez dezembro dic diciembre",
        ),
        start=1,
    )
    for name in names.split()
}
"""Months in English, Portuguese and Spanish, the languages of the exports (docs/order-exports.md)."""

_ORDERS = {"dmy": ("first", "second_one", "third"), "mdy": ("second_one", "first", "third")}
_YEAR_FIRST = ("third", "second_one", "first")

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Dates:
    """Dates as ``2026-01-31`` or ``2026-01-31 10:30:00``; "" where blank or unreadable.

    ``ambiguous``: how many could have been another day, had the order of day and month been another. ``contrary``: how
    many make sense in that other order only; they are left unread, for they say that the order is wrong.
    """

    iso: pd.Series[str]
    ambiguous: int
    contrary: int


@dataclass(frozen=True, slots=True)
class CalendarDays:
    """Years, months and days side by side; not all of them need exist."""

    year: Ints
    month: Ints
    day: Ints

    def exists(self) -> npt.NDArray[np.bool_]:
        """Which of them are days of this century."""
        leap = (self.year % 4 == 0) & ((self.year % 100 != 0) | (self.year % 400 == 0))
        lengths = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
        in_year = (self.month >= 1) & (self.month <= 12)
        length = lengths[np.where(in_year, self.month, 0)] + (leap & (self.month == 2))
        in_month = in_year & (self.day >= 1) & (self.day <= length)
        return np.asarray(in_month & (self.year >= FIRST_YEAR) & (self.year <= LAST_YEAR), dtype=bool)


def as_dates(column: CellColumn, order: str, *, typed: bool = True) -> Dates:
    """Reads a column of dates.

    Args:
        column: the cells as the file stores them.
        typed: whether cells typed as dates are believed; not where Excel has swapped days and months.
        order: ``dmy``, ``mdy`` or ``ymd``, as the profile says. Under ``ymd`` a date with the year last is read only
            where it can be but one day.
    """
    readable = np.isin(column.kind, (Kind.TEXT, Kind.NUMBER, *([Kind.DATE] if typed else [])))
    texts = as_text(column).str.lower()
    texts = texts if readable.all() else texts.where(readable, "")
    plain = np.asarray(pc.match_substring_regex(pa.array(texts), PLAIN), dtype=bool)
    if plain.all():
        return Dates(_as_they_are(texts), 0, 0)
    iso = blank(texts.index)
    iso[plain] = _as_they_are(texts[plain])
    rows = np.flatnonzero((texts != "").to_numpy(dtype=bool) & ~plain)
    ambiguous = contrary = 0
    for form, pattern in WRITTEN:
        if len(rows) == 0:
            break
        parts = pc.extract_regex(pa.array(texts.iloc[rows]), pattern + TIME)
        fits = np.asarray(parts.is_valid())
        if fits.any():
            found = WrittenDates(parts.filter(pa.array(fits)), form, order)
            iso.iloc[rows[fits]] = found.iso()
            ambiguous += found.ambiguous
            contrary += found.contrary
            rows = rows[~fits]
    return Dates(iso, ambiguous, contrary)


def _as_they_are(plain: pd.Series[str]) -> pd.Series[str]:
    """What is ISO text already, without midnight."""
    if not plain.str.len().gt(len("2026-01-31")).any():
        return plain
    return plain.str.replace("t", " ", regex=False).str.removesuffix(" 00:00:00")


class WrittenDates:
    """Texts of one form, taken apart."""

    def __init__(self, parts: pa.StructArray, form: str, order: str) -> None:
        self.parts = parts
        self.ambiguous = self.contrary = 0
        match form:
            case "ymd":
                self.day = CalendarDays(self._number("year"), self._number("month"), self._number("day"))
            case "name":
                self.day = CalendarDays(self._full_year("year"), self._month(), self._number("day"))
            case _:
                self.day = self._in_order(order)

    def _field(self, name: str) -> pa.Array:
        return pc.fill_null(pc.struct_field(self.parts, name), "")

    def _number(self, name: str) -> Ints:
        text = self._field(name)
        return np.asarray(pc.cast(pc.if_else(pc.equal(text, ""), "0", text), pa.int64()))

    def _full_year(self, name: str) -> Ints:
        year = self._number(name)
        return np.where(np.asarray(pc.utf8_length(self._field(name))) == 2, year + FIRST_YEAR, year)

    def _month(self) -> Ints:
        coded = pc.dictionary_encode(self._field("name"))
        numbers = pa.array([MONTHS.get(name, 0) for name in coded.dictionary.to_pylist()], type=pa.int64())
        return np.asarray(numbers.take(coded.indices))

    def read_as(self, order: str) -> CalendarDays:
        """What stands in three numbers, read in an order: dmy, mdy, or ymd with the year first."""
        day, month, year = _YEAR_FIRST if order == "ymd" else _ORDERS[order]
        return self._read(day, month, year)

    def year_last(self) -> npt.NDArray[np.bool_]:
        """Which have four digits last, so that no year stands first."""
        return np.asarray(np.asarray(pc.utf8_length(self._field("third"))) == 4)

    def _read(self, day: str, month: str, year: str) -> CalendarDays:
        return CalendarDays(self._full_year(year), self._number(month), self._number(day))

    def _in_order(self, order: str) -> CalendarDays:
        if order == "ymd":
            return self._year_first()
        day, other = (self._read(*_ORDERS[which]) for which in (order, "mdy" if order == "dmy" else "dmy"))
        self._count(day, other)
        return day

    def _year_first(self) -> CalendarDays:
        """``26-01-31`` as it is; ``31/01/2026`` only where the other order makes no day."""
        dmy, mdy = self._read(*_ORDERS["dmy"]), self._read(*_ORDERS["mdy"])
        year_last = np.asarray(pc.utf8_length(self._field("third"))) == 4
        one_way = ~(dmy.exists() & mdy.exists()) | (dmy.month == mdy.month)
        self.ambiguous += int((year_last & ~one_way).sum())
        last = _chosen(dmy.exists(), dmy, mdy)
        none = np.zeros_like(last.day)
        last = CalendarDays(last.year, last.month, np.where(one_way, last.day, none))
        first = self._read(*_YEAR_FIRST)
        first_ambiguous = ~year_last & first.exists() & (first.day <= 12) & (first.day != first.month)
        self.ambiguous += int(first_ambiguous.sum())
        return _chosen(year_last, last, first)

    def _count(self, day: CalendarDays, other: CalendarDays) -> None:
        self.ambiguous += int((day.exists() & other.exists() & (day.month != other.month)).sum())
        self.contrary += int((~day.exists() & other.exists()).sum())

    def iso(self) -> pd.Series[str]:
        """The dates, with the time of day where one stands and it is not midnight."""
        hour, minute, second = self._hour(), self._number("minute"), self._number("second")
        exists = self.day.exists() & (hour >= 0) & (hour <= 23) & (minute <= 59) & (second <= 59)
        date = _padded((self.day.year, self.day.month, self.day.day), "-")
        midnight = (hour == 0) & (minute == 0) & (second == 0)
        if not midnight.all():
            date = date.where(midnight, date + " " + _padded((hour, minute, second), ":"))
        return date.where(exists, "")

    def _hour(self) -> Ints:
        """The hour of 24; -1 where a morning or afternoon has none such."""
        hour, half = self._number("hour"), self._field("half")
        twelve = np.asarray(pc.not_equal(half, ""))
        afternoon = np.asarray(pc.equal(half, "p"))
        of_24 = hour % 12 + 12 * afternoon
        return np.where(twelve, np.where((hour >= 1) & (hour <= 12), of_24, -1), hour)


def _chosen(which: npt.NDArray[np.bool_], one: CalendarDays, other: CalendarDays) -> CalendarDays:
    return CalendarDays(
        np.where(which, one.year, other.year),
        np.where(which, one.month, other.month),
        np.where(which, one.day, other.day),
    )


def _padded(numbers: tuple[Ints, ...], mark: str) -> pd.Series[str]:
    """Numbers as two digits at least, joined: ``2026-01-31``."""
    texts = [pc.utf8_lpad(pc.cast(pa.array(number), pa.string()), 2, "0") for number in numbers]
    return pd.Series(pd.array(pc.binary_join_element_wise(*texts, mark), dtype="str"))

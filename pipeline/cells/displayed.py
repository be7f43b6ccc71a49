"""Reads AWBs and order references as a person sees them in the cell, and says where that person would hesitate.

A text is taken as it stands, without what was only put around it. A number is taken where its cell shows exactly its
digits. All else is a doubt (the rules and their words are in ``doubts``), and a doubted AWB is never sent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells import problems
from pipeline.cells.characters import made_of, matches, named, stripped, unwrapped, without_formula
from pipeline.cells.digits import KEPT_DIGITS, Numerals, as_printed, numerals, with_rows, written_out
from pipeline.cells.number_formats import shown_by
from pipeline.cells.problems import Doubt, Family
from pipeline.cells.rendering import AS_IT_IS, around_text, instead_of_text, shown_number
from pipeline.model.sheet import CellColumn, Kind
from pipeline.model.texts import TextBytes, blank, ordinary

CLEAN = {Family.AWB: "[0-9A-Za-z-]", Family.REFERENCE: "[0-9A-Za-z#/_-]"}
"""The signs of texts with nothing around them and nothing in them to doubt; whether one can be an AWB is the schema's
to say."""

PRINTED = "[0-9]+[.]0{1,2}"
"""``123.00``: a number as a program prints it. Believed where a whole column is (docs/order-exports.md, "Only
printed oddly")."""

NUMERAL = "[0-9]+(?:[.][0-9]+)?"
"""The texts that make up that whole column; an ``SF1234`` among them says nothing about how numbers are printed."""

NO_DIGIT = "^(?:[^0-9]*|0)$"
"""What may be said instead of an AWB."""

FIRST = 1_000
"""Among so many texts there is mostly a whole number, where there are any; then nothing else need be looked at."""

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Seen:
    """A column as a person sees it; the text of a doubted cell is what is stored, for showing.

    ``doubt``: "" or one sentence without the address. ``unwrapped``: how many cells had something around the text.
    ``printed``: from how many ``.0`` or ``.00`` was taken off. ``decimals``: whether every number of this frame, and
    at least one, is printed so.
    """

    text: pd.Series[str]
    doubt: pd.Series[str]
    unwrapped: int
    printed: int
    decimals: bool


def as_seen(
    column: CellColumn, *, formats_known: bool, printed: bool | None = None, family: Family = Family.AWB
) -> Seen:
    """Reads a column of AWBs or order references.

    Args:
        column: the cells as the file stores them.
        formats_known: whether the file tells number formats.
        printed: whether every number of the whole column is printed as ``123.00`` (ask ``printed_with_decimals`` of
            each frame); None: as this frame says.
        family: what the cells should be.
    """
    reading = _Reading(column, family)
    for kind, doubt in problems.NO_NUMBER.items():
        reading.doubt(reading.rows(kind), doubt)
    dates = reading.rows(Kind.DATE)
    if len(dates):
        reading.doubt(dates[~matches(reading.text.iloc[dates], "[-:]").to_numpy(dtype=bool)], problems.NO_DATE)
    if column.struck is not None:
        reading.doubt(np.flatnonzero(column.struck), problems.STRUCK)
    if formats_known:
        reading.put_around()
    unwrapped_ones = reading.unwrap(reading.trusted_texts())
    if family is Family.AWB:
        reading.blank_placeholders(reading.trusted_texts())
    decimals = reading.all_printed() is True
    taken_off = reading.texts(printed=decimals if printed is None else printed)
    reading.numbers(formats_known=formats_known)
    if family is Family.AWB:
        reading.blank_zeros(reading.rows(Kind.NUMBER))
    return Seen(reading.text, reading.doubts, unwrapped_ones, taken_off, decimals)


def printed_with_decimals(column: CellColumn) -> bool | None:
    """Whether every number in some rows of a column is printed as ``123.00``; None: there is no number."""
    reading = _Reading(column, Family.AWB)
    reading.unwrap(reading.rows(Kind.TEXT))
    return reading.all_printed()


def as_text(column: CellColumn) -> pd.Series[str]:
    """A column as text for reading and comparing: trimmed, numbers without needless zeros, dates without midnight."""
    text = _stored(column)
    numbers = np.flatnonzero(column.kind == Kind.NUMBER)
    if len(numbers):
        text = with_rows(text, numbers, as_printed(text.iloc[numbers]))
    dates = np.flatnonzero(column.kind == Kind.DATE)
    if len(dates):
        text = with_rows(text, dates, text.iloc[dates].str.replace("[ T]00:00(?::00)?$", "", regex=True))
    return text if ordinary(text) else without_formula(stripped(text))


def _stored(column: CellColumn) -> pd.Series[str]:
    blank = column.kind == Kind.BLANK
    return column.text.mask(blank, "") if blank.any() else column.text.copy()


class _Reading:
    """A column while it is read: what each cell shows, and why it is doubted."""

    def __init__(self, column: CellColumn, family: Family) -> None:
        self.column = column
        self.family = family
        self.text = _stored(column)
        self.doubts = blank(self.text.index)

    def rows(self, kind: Kind) -> Rows:
        """Where cells of a kind stand."""
        return np.flatnonzero(self.column.kind == kind)

    def trusted_texts(self) -> Rows:
        """Where texts stand that are not doubted."""
        rows = self.rows(Kind.TEXT)
        return rows[(self.doubts.iloc[rows] == "").to_numpy(dtype=bool)]

    def doubt(self, rows: Rows, doubt: Doubt, **said: pd.Series[str]) -> None:
        """Doubts the cells of some rows."""
        if len(rows):
            said_here = problems.sentences(self.text.iloc[rows], doubt, self.family, **said)
            self.doubts.iloc[rows] = said_here

    def put_around(self) -> None:
        """Puts around texts what their format shows there; doubts those that the format does not show."""
        rows = self.rows(Kind.TEXT)
        formats = self.column.format[rows]
        for which in np.unique(formats[formats >= 0]):
            code, some = self.column.formats[which], self._undoubted(rows, formats == which)
            around = around_text(code)
            if around is None:
                doubt = problems.HIDDEN_TEXT if instead_of_text(code) == "" else problems.FORMAT_TEXT
                self.doubt(some, doubt, format=pd.Series(code, index=self.text.index[some], dtype="str"))
            elif around != AS_IT_IS:
                self.text.iloc[some] = around[0] + self.text.iloc[some] + around[1]

    def unwrap(self, rows: Rows) -> int:
        """Takes off what was put around texts; says of how many."""
        before = self.text.iloc[rows]
        after = unwrapped(before, CLEAN[self.family])
        if after is before:
            return 0
        changed = (before != after).to_numpy(dtype=bool)
        if changed.any():
            self.text.iloc[rows[changed]] = after[changed]
        return int(changed.sum())

    def blank_placeholders(self, rows: Rows) -> None:
        """Takes what people write where there is no AWB for nothing; no AWB is without a digit."""
        looked = TextBytes.of(self.text.iloc[rows])
        begin, end = looked.edges("[0-9]")
        rows = rows[~((begin | end) & (looked.lengths > 1))]  # a digit, and no bare 0: the others are few
        rows = rows[matches(self.text.iloc[rows], NO_DIGIT).to_numpy(dtype=bool)]
        if not len(rows):
            return
        letters = pc.replace_substring_regex(pc.utf8_lower(pa.array(self.text.iloc[rows])), r"[\s\pP\pS\pZ]", "")
        blank = pc.is_in(letters, value_set=pa.array(["", *sorted(problems.PLACEHOLDERS)], letters.type))
        self.text.iloc[rows[np.asarray(blank, dtype=bool)]] = ""

    def blank_zeros(self, rows: Rows) -> None:
        """Takes a bare 0 for nothing."""
        rows = rows[((self.text.iloc[rows] == "0") & (self.doubts.iloc[rows] == "")).to_numpy(dtype=bool)]
        if len(rows):
            self.text.iloc[rows] = ""

    def all_printed(self) -> bool | None:
        """Whether every number of the column is a text such as ``123.00``; None: there is no number."""
        if (self.column.kind == Kind.NUMBER).any():
            return False
        texts = self.text.iloc[self.rows(Kind.TEXT)]
        if (texts.iloc[:FIRST].str.fullmatch("[0-9]+")).any():
            return False
        some = texts[texts.str.fullmatch(NUMERAL)]
        return bool(some.str.fullmatch(PRINTED).all()) if len(some) else None

    def texts(self, *, printed: bool) -> int:
        """Doubts what stands in texts; takes printed decimals off and says of how many."""
        rows = self.trusted_texts()
        rows = rows[~made_of(self.text.iloc[rows], CLEAN[self.family])]
        for pattern, doubt in problems.TEXTS[self.family]:
            hit = matches(self.text.iloc[rows], pattern).to_numpy(dtype=bool)
            if hit.any():
                said = {"name": named(self.text.iloc[rows[hit]], pattern)} if "{name}" in doubt.what else {}
                self.doubt(rows[hit], doubt, **said)
                rows = rows[~hit]
        return self._decimals(rows, printed=printed)

    def _decimals(self, rows: Rows, *, printed: bool) -> int:
        rows = rows[self.text.iloc[rows].str.fullmatch(PRINTED).to_numpy(dtype=bool)]
        digits = self.text.iloc[rows].str.replace("[.]0+$", "", regex=True)
        long = (digits.str.lstrip("0").str.len() > KEPT_DIGITS).to_numpy(dtype=bool)
        if printed:
            self.doubt(rows[long], problems.LONG)
            self.text.iloc[rows[~long]] = digits[~long]
            return int((~long).sum())
        if self.family is Family.AWB:  # an order may well be called 1001.0
            self.doubt(rows, problems.PRINTED)
        return 0

    def numbers(self, *, formats_known: bool) -> None:
        """Takes whole numbers below 16 digits as their format shows them; doubts the others."""
        rows = self.rows(Kind.NUMBER)
        if len(rows) == 0:
            return
        spelt = self.text.iloc[rows]
        found = numerals(spelt)
        self.text = with_rows(self.text, rows, written_out(found, spelt))
        for hit, doubt in (
            (~found.readable, problems.UNREADABLE),
            ((found.whole.str.len() > KEPT_DIGITS).to_numpy(dtype=bool), problems.LONG),
            (found.negative, problems.NEGATIVE),
        ):
            self.doubt(self._undoubted(rows, hit), doubt)
        self._fractions(rows, found)
        formats = self.column.format[rows] if formats_known else np.full(len(rows), -1)
        if self.family is Family.AWB:  # an order reference is compared, not sent: without its zeros it proves nothing
            doubt = problems.NO_STYLE if formats_known else problems.UNKNOWN_FORMAT
            self.doubt(self._undoubted(rows, formats < 0), doubt)
        for which in np.unique(formats[formats >= 0]):
            self._format(self._undoubted(rows, formats == which), self.column.formats[which])

    def _fractions(self, rows: Rows, found: Numerals) -> None:
        """Doubts numbers with a fraction, in full: Excel may show none of it."""
        fraction = (found.rest != "").to_numpy(dtype=bool)
        if not fraction.any():
            return
        exact = pd.Series((found.whole + "." + found.rest).array, index=self.text.index[rows])
        shows_none = ~self.text.iloc[rows].str.contains(".", regex=False).to_numpy(dtype=bool)
        for hit, doubt in ((fraction & shows_none, problems.ROUNDED), (fraction & ~shows_none, problems.FRACTION)):
            some = self._undoubted(rows, hit)
            self.doubt(some, doubt, exact=exact[self.text.index[some]])

    def _undoubted(self, rows: Rows, hit: npt.NDArray[np.bool_]) -> Rows:
        rows = rows[hit]
        return rows[(self.doubts.iloc[rows] == "").to_numpy(dtype=bool)] if len(rows) else rows

    def _format(self, rows: Rows, code: str) -> None:
        none = (self.text.iloc[rows] == "0").to_numpy(dtype=bool)
        if none.any():
            self._zeros(rows[none], code)
            rows = rows[~none]
        shows = shown_by(code)
        if shows.doubt:
            doubt = problems.HIDDEN if shows.hidden else problems.FORMAT
            self.doubt(rows, doubt, format=pd.Series(code, index=self.text.index[rows], dtype="str"))
        elif shows.width:
            self.text.iloc[rows] = self.text.iloc[rows].str.zfill(shows.width)

    def _zeros(self, rows: Rows, code: str) -> None:
        """Zero may have a section of its own, which hides it or says something else."""
        shown = shown_number(code, "0")
        if shown is None or not shown.strip():
            doubt = problems.FORMAT if shown is None else problems.HIDDEN
            self.doubt(rows, doubt, format=pd.Series(code, index=self.text.index[rows], dtype="str"))
        else:
            self.text.iloc[rows] = shown.strip()

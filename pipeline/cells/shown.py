"""Reads the columns that decide (states, yes or no, dates, amounts) as a person sees them: through the number format.

A number or a text is shown as its format shows it. Where the format hides what is stored, or what it shows can't be
told, the cell is a problem.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.cells import problems
from pipeline.cells.date_formats import shows_day
from pipeline.cells.digits import as_printed, with_rows
from pipeline.cells.displayed import as_text
from pipeline.cells.number_formats import places_shown, shown_by
from pipeline.cells.problems import Deciding, Doubt
from pipeline.cells.rendering import AS_IT_IS, around_text, instead_of_text, shown_number
from pipeline.model.sheet import CellColumn, Kind
from pipeline.model.texts import blank

MOST_NUMBERS = 2_000
"""Different numbers of one format that are shown one by one. A column with more holds amounts, not words; what merely
prints their digits is passed over then, and anything else is a problem."""

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class DisplayedColumn:
    """A column as text, trimmed; where ``doubt`` is not "", it is what is stored, and why that is not believed."""

    text: pd.Series[str]
    doubt: pd.Series[str]


def as_shown(column: CellColumn, family: Deciding, *, formats_known: bool = True) -> DisplayedColumn:
    """Reads a column of words, dates or amounts.

    Args:
        column: the cells as the file stores them.
        family: what the cells should be.
        formats_known: whether the file tells number formats; without them everything is taken as it is stored.
    """
    text = as_text(column)
    reading = _Rendering(column, family, text, blank(text.index))
    for kind in (Kind.ERROR, Kind.EMPTY_FORMULA):
        reading.doubt(np.flatnonzero(column.kind == kind), problems.NO_NUMBER[kind])
    if column.struck is not None:
        reading.doubt(np.flatnonzero(column.struck), problems.STRUCK)
    if not formats_known or not _formatted(column):
        return DisplayedColumn(reading.text, reading.doubts)
    for which in np.unique(column.format[column.format >= 0]):
        code = column.formats[which]
        of_format = column.format == which
        reading.texts(np.flatnonzero(of_format & (column.kind == Kind.TEXT)), code)
        reading.numbers(np.flatnonzero(of_format & (column.kind == Kind.NUMBER)), code)
        if not shows_day(code):
            reading.doubt(np.flatnonzero(of_format & (column.kind == Kind.DATE)), problems.NO_DAY, code)
    return DisplayedColumn(reading.text, reading.doubts)


def _formatted(column: CellColumn) -> bool:
    """Whether any cell has a format that might show something else than is stored."""
    used = {column.formats[which] for which in np.unique(column.format[column.format >= 0])}
    return not used <= {"General", "@", ""}


class _Rendering:
    """A column while it is read."""

    def __init__(self, column: CellColumn, family: Deciding, text: pd.Series[str], doubts: pd.Series[str]) -> None:
        self.column = column
        self.family = family
        self.text = text
        self.doubts = doubts

    def doubt(self, rows: Rows, doubt: Doubt, code: str = "") -> None:
        """Doubts the cells of some rows."""
        if not len(rows):
            return
        stored = self.text.iloc[rows]
        said = {"format": pd.Series(code, index=stored.index, dtype="str")}
        self.doubts = with_rows(self.doubts, rows, problems.sentences(stored, doubt, self.family, **said))

    def texts(self, rows: Rows, code: str) -> None:
        """Puts around texts what the format does."""
        around = around_text(code)
        if around == AS_IT_IS or not len(rows):
            return
        instead = instead_of_text(code)
        if around is not None:
            stored = self.column.text.iloc[rows]  # with its own blanks, which then stand inside
            self.text = with_rows(self.text, rows, (around[0] + stored + around[1]).str.strip())
        elif instead:
            self.text = with_rows(self.text, rows, pd.Series(instead, index=self.text.index[rows], dtype="str"))
        else:
            self.doubt(rows, problems.HIDDEN_TEXT if instead == "" else problems.FORMAT_TEXT, code)

    def numbers(self, rows: Rows, code: str) -> None:
        """Shows numbers as the format does."""
        if not len(rows) or code in ("General", "@", ""):
            return
        spelt = as_printed(self.column.text.iloc[rows])
        codes, numbers = pd.factorize(spelt)
        if len(numbers) > MOST_NUMBERS:
            self._many_numbers(rows, spelt, code)
            return
        shown = [shown_number(code, str(number)) if _is_number(str(number)) else None for number in numbers]
        told = np.array([bool(one) for one in shown], dtype=bool)[codes]
        hidden = np.array([one == "" for one in shown], dtype=bool)[codes]
        texts = pd.Series([(one or "").strip() for one in shown], dtype="str")
        self.text = with_rows(self.text, rows[told], texts.iloc[codes[told]])
        self.doubt(rows[hidden], problems.HIDDEN, code)
        self.doubt(rows[~told & ~hidden], problems.FORMAT, code)

    def _many_numbers(self, rows: Rows, spelt: pd.Series[str], code: str) -> None:
        shows = shown_by(code)
        if shows.doubt:
            self.doubt(rows, problems.HIDDEN if shows.hidden else problems.FORMAT, code)
        elif places_shown(code) >= 0:
            self.text = with_rows(self.text, rows, _rounded(spelt, places_shown(code)))


def _rounded(spelt: pd.Series[str], places: int) -> pd.Series[str]:
    """Numbers with so many digits behind the point, half up as Excel does it; longer ones as they are."""
    fits = spelt.str.fullmatch(r"-?[0-9]{1,15}(?:[.][0-9]{1,9})?").to_numpy(dtype=bool)
    exact = pc.cast(pa.array(spelt.where(fits, "0"), type=pa.large_string()), pa.decimal128(38, 9))
    rounded = pc.cast(pc.round(exact, places, "half_towards_infinity"), pa.large_string())
    texts = pd.Series(pd.array(rounded, dtype="str"), index=spelt.index).str.replace(r"\.?0+$", "", regex=True)
    return texts.where(fits, spelt)


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdecimal() and text.isascii()

"""The frozen values that flow through the job, from the cell that was read to the answer that was given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.addresses import column_letters
from pipeline.source_file import SourceFile

# --- the sheet ---------------------------------------------------------------------------------------------------


class Kind(IntEnum):
    """What a cell stores, whatever its format shows."""

    BLANK = 0
    TEXT = 1
    NUMBER = 2
    DATE = 3  # a number under a date format, or a cell typed as a date
    BOOLEAN = 4
    ERROR = 5
    EMPTY_FORMULA = 6  # a formula whose value the file does not hold


class Visibility(StrEnum):
    """How a worksheet shows among the tabs."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    VERY_HIDDEN = "very hidden"


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """One worksheet of a workbook; delimited text has one, named ""."""

    name: str
    visibility: Visibility = Visibility.VISIBLE


@dataclass(frozen=True, slots=True)
class HeadRow:
    """One of the first rows of a sheet, for finding the header: ``number`` counts from 1, ``cells`` from column A."""

    number: int
    cells: tuple[str, ...]
    kinds: tuple[Kind, ...]


@dataclass(frozen=True, slots=True)
class CellColumn:
    """One column of a frame as the file stores it, cell by cell side by side.

    ``text`` is what is stored: a text's characters; a number as the file spells it (``86210010463``, ``1.5E+3``); a
    date as ISO text (``2026-01-31`` or ``2026-01-31 10:30:00``); a boolean as ``TRUE``/``FALSE``; an error as ``#N/A``.
    ``format`` indexes ``formats``, number formats in Excel's language (``General``, ``00000000``); -1: not known.
    """

    kind: npt.NDArray[np.int8]
    text: pd.Series[str]
    format: npt.NDArray[np.int32]
    formats: tuple[str, ...]
    formula: npt.NDArray[np.bool_] | None = None  # cells computed by a formula, where the file tells
    struck: npt.NDArray[np.bool_] | None = None
    """Cells whose text is struck out as a whole, or whose parts differ in strike, superscript or visibility."""


@dataclass(frozen=True, slots=True)
class RawFrame:
    """Some consecutive rows of a sheet, only the columns that were asked for.

    ``rows``: row numbers as a spreadsheet shows them, ascending. Rows that the file lacks may be left out.
    ``content``: whether any cell of the row, in whatever column, holds something.
    ``trouble``: rows that could not be read whole (too many cells, a quote left open, …), with the reason.
    """

    rows: npt.NDArray[np.int64]
    hidden: npt.NDArray[np.bool_]
    content: npt.NDArray[np.bool_]
    columns: Mapping[int, CellColumn]
    trouble: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a sheet reaches, formatted blanks included; rows count from 1, columns from 0 (-1: no cell at all)."""

    last_row: int
    last_column: int


class Book(Protocol):
    """An opened input of any format: what ``load`` asks of it. Each of the ``sheets`` modules makes one."""

    format: str  # xlsx xlsm xls xlsb ods xml html csv tsv txt: told by content
    sheets: tuple[SheetInfo, ...]
    notes: tuple[str, ...]  # what was found out on opening, in a user's words: encoding, delimiter, "HTML named .xls"
    hidden_known: bool  # whether hidden rows can be told
    formats_known: bool  # whether number formats can be told
    checks_itself: bool  # whether ``write`` itself refuses an input that is no longer the one of ``place.digest``

    @property
    def source(self) -> SourceFile:
        """The file, opened once for all readers."""
        ...

    @property
    def path(self) -> Path:
        """Where the file stands."""
        ...

    def head(self, sheet: str, rows: int) -> list[HeadRow]:
        """The first rows that the file holds, at most ``rows``; texts as stored, trimmed of nothing."""
        ...

    def frames(self, sheet: str, after: int, columns: Sequence[int], size: int) -> Iterator[RawFrame]:
        """All rows with a number above ``after``, in frames of at most ``size`` rows, in ascending order."""
        ...

    def extent(self, sheet: str) -> Extent:
        """How far the sheet reaches. Cheap once ``frames`` was read to its end; reads the sheet otherwise."""
        ...

    def hidden_columns(self, sheet: str) -> frozenset[int]:
        """The columns that are hidden in the sheet, from 0."""
        ...

    def total_rows(self, sheet: str, column: int) -> frozenset[int]:
        """The rows that the file itself calls the totals of a table which has this column (from 0)."""
        ...

    def release(self) -> None:
        """Lets go of what only reading needs: called when everything was read. Whoever reads again, finds it again."""
        ...

    def write(self, place: Place, marks: pd.DataFrame, target: Path) -> Written:
        """Writes the sheet with the marks beside its rows, as the format allows: patched, or as a new workbook.

        Args:
            place: the way back to the sheet.
            marks: index the row number, ascending; a column for each of ``place.added``, "" for nothing.
            target: a temporary path; the file there is complete and flushed on return.
        Raises:
            PipelineError: there is no room in the sheet, or the file or the disk refuses.
        """
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """The way back to the sheet: which file, which sheet, which column is what, and where the new columns go."""

    path: Path
    format: str
    sheet: str
    header_row: int  # from 1; 0 when the sheet has none
    headers: tuple[str, ...]  # by column, from A
    columns: Mapping[str, int]  # canonical name -> column, from 0
    added: tuple[str, ...]  # headers of the columns to write: status, remark, refnum (or cancel_status, …)
    own_column: int | None  # where this tool's own columns of an earlier run begin; they are written in place
    extent: Extent
    digest: str  # SHA-256 of the file's bytes, hexadecimal

    @property
    def added_at(self) -> tuple[int, ...]:
        """The column of each added one, for a sheet that is written anew: those of an earlier run stand where they
        stood, the others behind the last column; nothing else is in their way."""
        kept = 0
        while self.own_column is not None and kept < len(self.added):
            column = self.own_column + kept
            if column >= len(self.headers) or self.headers[column].strip().lower() != self.added[kept].lower():
                break
            kept += 1
        first, behind = self.own_column or 0, self.extent.last_column + 1
        return (*range(first, first + kept), *range(behind, behind + len(self.added) - kept))

    def cell(self, canonical: str, row: int) -> str:
        """The address of a cell as a person types it: ``Orders!C17``, or ``C17`` in delimited text."""
        address = f"{column_letters(self.columns[canonical])}{row}"
        return f"{self.sheet}!{address}" if self.sheet else address


OUTLINED = "outlined"
"""In a frame: says yes of the rows that are blank from the left up to the status (absent where none is)."""


class StateRole(StrEnum):
    """How surely the cells of a column are states of an order or a parcel, by its header."""

    SURE = "sure"  # every word in it counts; one that nobody knows is asked about
    FLAG = "flag"  # the header is the state, the cells say yes or no: "Is Delivered?"
    DATED = "dated"  # the header is the state, the cells say when it came to be: "Delivered Date"
    DAY = "day"  # the same, and the day may be one that is only foreseen: "Dispatch Date"
    CONSENT = "consent"  # the header speaks of cancelling, and it does not pick the rows: a no in it keeps one
    REFUSAL = "refusal"  # the same with a not in it, "Do Not Cancel": a yes keeps
    MAYBE = "maybe"  # it may mean something else ("State"): only a known word counts


@dataclass(frozen=True, slots=True)
class StateColumn:
    """A column that can keep a row: its name in the frames, and how a sentence calls it."""

    name: str
    said: str
    role: StateRole


@dataclass(frozen=True, slots=True)
class Written:
    """A sheet that was written: where, and what its reader should know ("the columns stand one column away, …").

    ``digest``, ``input_digest``: the SHA-256 of what was written and of what was read for it, where it was taken on the
    way; "" elsewhere.
    """

    path: Path
    notes: tuple[str, ...] = ()
    digest: str = ""
    input_digest: str = ""


# --- the calls ---------------------------------------------------------------------------------------------------


# --- what the ledger knows ---------------------------------------------------------------------------------------

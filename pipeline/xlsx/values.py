"""The values that go into the workbook library and come out of it: what cells hold, and what is to be added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd


class ValueKind(IntEnum):
    """What a cell stores, whatever its format shows."""

    BLANK = 0
    TEXT = 1
    NUMBER = 2
    DATE = 3  # a number under a date format, or a cell typed as a date
    BOOLEAN = 4
    ERROR = 5
    EMPTY_FORMULA = 6  # a formula whose value the file does not hold, or that was not calculated


class TabState(StrEnum):
    """How a worksheet shows among the tabs (ECMA-376, part 1, 18.18.68)."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    VERY_HIDDEN = "veryHidden"


@dataclass(frozen=True, slots=True)
class TopRow:
    """One of the first rows of a sheet: ``number`` counts from 1, ``texts`` from column A."""

    number: int
    texts: tuple[str, ...]
    kinds: tuple[ValueKind, ...]


@dataclass(frozen=True, slots=True)
class ColumnCells:
    """One column of some rows as the file stores it, cell by cell side by side.

    ``kind``: a ``ValueKind`` each. ``text``: a text's characters; a number as the file spells it; a date as ISO text; a
    boolean as ``TRUE``/``FALSE``; an error as ``#N/A``. ``format`` indexes ``formats``; -1: not known.
    """

    kind: npt.NDArray[np.int8]
    text: pd.Series[str]
    format: npt.NDArray[np.int32]
    formats: tuple[str, ...]
    formula: npt.NDArray[np.bool_]
    struck: npt.NDArray[np.bool_] | None = None  # cells that are struck out, or whose parts differ in strike or level


@dataclass(frozen=True, slots=True)
class SheetRows:
    """Some consecutive rows of a sheet with the columns that were asked for, by column from 0.

    ``numbers`` ascend. ``content``: whether any cell of the row, in whatever column, holds something. ``trouble``: rows
    that could not be read whole, with the reason.
    """

    numbers: npt.NDArray[np.int64]
    hidden: npt.NDArray[np.bool_]
    content: npt.NDArray[np.bool_]
    columns: Mapping[int, ColumnCells]
    trouble: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UsedRange:
    """How far a sheet reaches, formatted blanks included; rows count from 1, columns from 0 (-1: no cell at all)."""

    last_row: int
    last_column: int


@dataclass(frozen=True, slots=True)
class NewColumns:
    """The columns to add to a sheet.

    ``header_row``: the row of the column names, from 1 (0: none). ``headers``: the names that stand there, by column.
    ``names``: the new ones. ``own``: where they stand already, from an earlier run (None: nowhere); ``own_count``: how
    many of them at least, whatever they are called. ``reach``: how far the sheet reaches. ``key``: the column by which
    its rows are told apart.
    """

    sheet: str
    header_row: int
    headers: tuple[str, ...]
    names: tuple[str, ...]
    own: int | None
    reach: UsedRange
    own_count: int = 0
    key: int = 0


@dataclass(frozen=True, slots=True)
class NewLook:
    """How the added cells look.

    ``fills``: the colour of a cell of the first column by its text; ``ink``: the font's colour on it (both ARGB, eight
    hexadecimal digits). ``widths``: of the columns, in characters; a further one is as wide as the first.
    """

    fills: Mapping[str, str]
    ink: str
    widths: tuple[int, ...]

"""Holds the cells of a workbook that can't be patched in place, compactly, and shows them as frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from pipeline.model.sheet import CellColumn, Extent, HeadRow, Kind, RawFrame, SheetInfo

STRINGS: Any = pd.StringDtype("pyarrow", na_value=np.nan)


@dataclass(frozen=True, slots=True)
class Strip:
    """One column of some rows: kind, text and number format side by side; ``formula`` where any cell has one."""

    kind: npt.NDArray[np.int8]
    text: pa.LargeStringArray
    format: npt.NDArray[np.int16]
    formula: npt.NDArray[np.bool_] | None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some consecutive rows that hold anything; a column that is blank in all of them is left out."""

    rows: npt.NDArray[np.int64]
    hidden: npt.NDArray[np.bool_]
    content: npt.NDArray[np.bool_]
    strips: Mapping[int, Strip]


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet: its rows in chunks, ascending, and how far it reaches."""

    chunks: tuple[Chunk, ...]
    extent: Extent


@dataclass(slots=True)
class GridBook:
    """A ``Book`` whose sheets are held in memory."""

    path: Path
    format: str
    sheets: tuple[SheetInfo, ...]
    grids: Mapping[str, Grid]
    formats: tuple[str, ...]
    notes: tuple[str, ...] = ()
    hidden_known: bool = True
    formats_known: bool = True
    _blanks: dict[int, CellColumn] = field(default_factory=dict, repr=False)

    def head(self, sheet: str, rows: int) -> list[HeadRow]:
        """The first rows that hold anything, at most ``rows``, each up to its last cell."""
        found: list[HeadRow] = []
        for chunk in self.grids[sheet].chunks:
            take = min(rows - len(found), len(chunk.rows))
            found += [_head_row(chunk, at) for at in range(take)]
        return found

    def frames(self, sheet: str, after: int, columns: Sequence[int], size: int) -> Iterator[RawFrame]:
        """The rows that hold anything above row ``after``, in frames of at most ``size``."""
        for chunk in self.grids[sheet].chunks:
            first = int(np.searchsorted(chunk.rows, after, side="right"))
            for start in range(first, len(chunk.rows), size):
                yield self._frame(chunk, slice(start, min(start + size, len(chunk.rows))), columns)

    def extent(self, sheet: str) -> Extent:
        """How far the sheet reaches."""
        return self.grids[sheet].extent

    def _frame(self, chunk: Chunk, part: slice, columns: Sequence[int]) -> RawFrame:
        picked = {column: self._column(chunk.strips.get(column), part) for column in columns}
        return RawFrame(chunk.rows[part], chunk.hidden[part], chunk.content[part], picked)

    def _column(self, strip: Strip | None, part: slice) -> CellColumn:
        size = part.stop - part.start
        if strip is None:
            return self._blank(size)
        text = _series(strip.text[part])
        formula = None if strip.formula is None else strip.formula[part]
        return CellColumn(strip.kind[part], text, strip.format[part].astype(np.int32), self.formats, formula)

    def _blank(self, size: int) -> CellColumn:
        """A column without any cell; made once for each size, for a wide sheet has many."""
        if size not in self._blanks:
            text = _series(pa.array([""] * size, pa.large_string()))
            kind, form = np.zeros(size, np.int8), np.full(size, -1, np.int32)
            self._blanks[size] = CellColumn(kind, text, form, self.formats)
        return self._blanks[size]


def _head_row(chunk: Chunk, at: int) -> HeadRow:
    held = {column: strip for column, strip in chunk.strips.items() if strip.kind[at] != Kind.BLANK}
    width = max(held, default=-1) + 1
    cells, kinds = [""] * width, [Kind.BLANK] * width
    for column, strip in held.items():
        cells[column], kinds[column] = strip.text[at].as_py(), Kind(strip.kind[at])
    return HeadRow(int(chunk.rows[at]), tuple(cells), tuple(kinds))


def _series(texts: pa.LargeStringArray) -> pd.Series[str]:
    """Texts of Arrow as a column of pandas, without copying them."""
    made: pd.Series[str] = pd.Series(STRINGS.__from_arrow__(texts), dtype="str")
    return made

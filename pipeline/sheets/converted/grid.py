"""Holds the cells of a workbook that can't be patched in place, compactly, and shows them as frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from pipeline.errors import FileError
from pipeline.model.sheet import CellColumn, Extent, HeadRow, Kind, Place, RawFrame, SheetInfo, Written
from pipeline.sheets.converted.merged import NOTHING, Merged, OverlappingAreasError
from pipeline.sheets.converted.strips import SheetStrip, Strip
from pipeline.source_file import SourceFile

STRINGS: Any = pd.StringDtype("pyarrow", na_value=np.nan)


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet: its rows in chunks, ascending, how far it reaches, and its merged areas."""

    chunks: tuple[SheetStrip, ...]
    extent: Extent
    merged: Merged = NOTHING
    hidden_columns: frozenset[int] = frozenset()


@dataclass(slots=True)
class GridBook:
    """A ``Book`` whose sheets are held in memory."""

    source: SourceFile
    format: str
    sheets: tuple[SheetInfo, ...]
    grids: Mapping[str, Grid]
    formats: tuple[str, ...]
    notes: tuple[str, ...] = ()
    hidden_known: bool = True
    formats_known: bool = True
    checks_itself: bool = False
    _blanks: dict[int, CellColumn] = field(default_factory=dict, repr=False)

    @property
    def path(self) -> Path:
        """The file."""
        return self.source.path

    def head(self, sheet: str, rows: int) -> list[HeadRow]:
        """The first rows that hold anything, at most ``rows``, each up to its last cell.

        A merged cell counts in each of its rows, and only in its first column: the names of a table's other columns
        are not the title above them.

        Raises:
            FileError: merged areas lie upon one another.
        """
        grid, found = self.grids[sheet], list[HeadRow]()
        for chunk in grid.chunks:
            take = slice(0, min(rows - len(found), len(chunk.rows)))
            below = {int(column) for column in grid.merged.areas[:, 2]} if take.stop else set()
            strips = {
                column: self._seen(grid, chunk, column, take, sideways=False)
                for column in sorted({*chunk.strips, *below})
            }
            held = {column: strip for column, strip in strips.items() if strip is not None}
            found += [_head_row(int(chunk.rows[at]), held, at) for at in range(take.stop)]
        return found

    def frames(self, sheet: str, after: int, columns: Sequence[int], size: int) -> Iterator[RawFrame]:
        """The rows that hold anything above row ``after``, in frames of at most ``size``; merged cells hold their
        area's value.

        Raises:
            FileError: merged areas lie upon one another.
        """
        return self._frames(self.grids[sheet], after, columns, size)

    def stored(self, sheet: str, columns: Sequence[int], size: int) -> Iterator[RawFrame]:
        """All rows as the file stores them, merged areas not filled: to be written again beside those areas."""
        grid = self.grids[sheet]
        return self._frames(Grid(grid.chunks, grid.extent), 0, columns, size)

    def extent(self, sheet: str) -> Extent:
        """How far the sheet reaches."""
        return self.grids[sheet].extent

    def hidden_columns(self, sheet: str) -> frozenset[int]:
        """The columns that are hidden in the sheet, from 0."""
        return self.grids[sheet].hidden_columns

    def total_rows(self, sheet: str, column: int) -> frozenset[int]:  # noqa: ARG002
        """None: only Excel's own tables tell."""
        return frozenset()

    def release(self) -> None:
        """The cells stay: they are written again."""

    def write(self, place: Place, marks: pd.DataFrame, target: Path) -> Written:
        """Writes a new workbook (see ``writer.write_converted``)."""
        from pipeline.sheets.converted.writer import write_converted

        return write_converted(self, place, marks, target)

    def _frames(self, grid: Grid, after: int, columns: Sequence[int], size: int) -> Iterator[RawFrame]:
        for chunk in grid.chunks:
            first = int(np.searchsorted(chunk.rows, after, side="right"))
            for start in range(first, len(chunk.rows), size):
                part = slice(start, min(start + size, len(chunk.rows)))
                picked = {column: self._column(self._seen(grid, chunk, column, part), part) for column in columns}
                yield RawFrame(chunk.rows[part], chunk.hidden[part], chunk.content[part], picked)

    def _seen(self, grid: Grid, chunk: SheetStrip, column: int, part: slice, *, sideways: bool = True) -> Strip | None:
        strip = chunk.strips.get(column)
        stored = None if strip is None else strip.part(part)
        try:
            return grid.merged.fill(stored, column, chunk.rows[part], sideways=sideways)
        except OverlappingAreasError as error:
            step = "Open it, unmerge its cells, save it, and give that."
            problem = "This file is damaged: merged cells of it lie upon one another"
            raise FileError(problem, step, where=self.path.name) from error

    def _column(self, strip: Strip | None, part: slice) -> CellColumn:
        if strip is None:
            return self._blank(part.stop - part.start)
        form = strip.format.astype(np.int32)
        return CellColumn(strip.kind, _series(strip.text), form, self.formats, strip.formula, strip.struck)

    def _blank(self, size: int) -> CellColumn:
        """A column without any cell; made once for each size, for a wide sheet has many."""
        if size not in self._blanks:
            text = _series(pa.array([""] * size, pa.large_string()))
            kind, form = np.zeros(size, np.int8), np.full(size, -1, np.int32)
            self._blanks[size] = CellColumn(kind, text, form, self.formats)
        return self._blanks[size]


def _head_row(number: int, strips: Mapping[int, Strip], at: int) -> HeadRow:
    held = {column: strip for column, strip in strips.items() if strip.kind[at] != Kind.BLANK}
    width = max(held, default=-1) + 1
    cells, kinds = [""] * width, [Kind.BLANK] * width
    for column, strip in held.items():
        cells[column], kinds[column] = strip.text[at].as_py(), Kind(strip.kind[at])
    return HeadRow(number, tuple(cells), tuple(kinds))


def _series(texts: pa.LargeStringArray) -> pd.Series[str]:
    """Texts of Arrow as a column of pandas, without copying them."""
    made: pd.Series[str] = pd.Series(STRINGS.__from_arrow__(texts), dtype="str")
    return made

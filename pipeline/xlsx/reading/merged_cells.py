"""Gives every cell of a merged area what its top left cell holds: that is what a person sees, whatever is below it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.limits import MOST_COLUMNS
from pipeline.xlsx.errors import BrokenSheetError
from pipeline.xlsx.reading.cell_block import CellBlock, CellLooks, holding
from pipeline.xlsx.reading.merged_areas import Areas, Ints


def source_columns(areas: Areas, columns: Sequence[int], after: int) -> list[int]:
    """The columns that have to be read beside the wanted ones: those of top left cells that reach into them."""
    below = areas.some(areas.bottom > after)
    wanted = np.unique(np.asarray(columns, np.int64))
    reached = np.searchsorted(wanted, below.right, "right") > np.searchsorted(wanted, below.left)
    return sorted(set(below.left[reached].tolist()) - set(wanted.tolist()))


def spread(
    pieces: Iterable[CellBlock],
    areas: Areas,
    columns: Sequence[int],
    looks: CellLooks,
    empty: pa.Array,
    *,
    sideways: bool = True,
) -> Iterator[CellBlock]:
    """The pieces, their rows ascending throughout, with merged areas filled.

    Args:
        pieces: with the columns of ``source_columns`` among theirs.
        areas: those of the sheet.
        columns: those that are wanted.
        looks: the numbering of types and styles.
        empty: the numbers of empty shared strings, as text.
        sideways: whether an area fills its further columns too; for names of columns only downwards counts, for the
            names of a table's other columns are not the title above them.
    Raises:
        BrokenSheetError: areas lie upon one another.
    """
    if not len(areas):
        yield from pieces
        return
    filling = _Filling(areas, np.unique(np.asarray(columns, np.int64)), sideways=sideways)
    for piece in pieces:
        yield filling.fill(piece, looks, empty) if len(piece.rows) else piece


@dataclass(frozen=True, slots=True)
class _Covered:
    """The cells within areas: which area, the place of the row in the piece, the column."""

    area: Ints
    row: Ints
    column: Ints


class _Filling:
    """The areas, and what the top left cells of those hold that go on below the rows seen so far."""

    def __init__(self, areas: Areas, columns: Ints, *, sideways: bool) -> None:
        self._sideways = sideways
        order = np.argsort(areas.top, kind="stable")
        self._areas = Areas(areas.top[order], areas.bottom[order], areas.left[order], areas.right[order])
        self._columns = columns
        self._sources: CellBlock | None = None  # one cell each, their rows those of the top left cells
        self._trouble: dict[int, str] = {}

    def fill(self, piece: CellBlock, looks: CellLooks, empty: pa.Array) -> CellBlock:
        areas = self._areas.some((self._areas.bottom >= piece.rows[0]) & (self._areas.top <= piece.rows[-1]))
        if not len(areas):
            return piece
        have = piece if self._sources is None else _together(self._sources, piece)
        keys = have.rows[have.row] * MOST_COLUMNS + have.column
        order = np.argsort(keys, kind="stable")
        places = np.searchsorted(keys[order], areas.top * MOST_COLUMNS + areas.left)
        source = order[np.minimum(places, len(order) - 1)] if len(order) else np.zeros(len(areas), np.int64)
        found = np.zeros(len(areas), bool)
        if len(order):
            found = keys[source] == areas.top * MOST_COLUMNS + areas.left
        self._keep(have, source[found & (areas.bottom > piece.rows[-1])], piece)
        return self._filled(piece, have, areas, np.where(found, source, -1), looks, empty)

    def _keep(self, have: CellBlock, cells: Ints, piece: CellBlock) -> None:
        """What goes on in the next piece."""
        rows, place = np.unique(have.rows[have.row[cells]], return_inverse=True)
        order = np.argsort(place, kind="stable")
        self._sources = replace(_cells(have, cells[order]), rows=rows, row=place[order].astype(np.int64))
        self._trouble = {row: why for row, why in {**self._trouble, **piece.trouble}.items() if row in rows}

    def _filled(
        self, piece: CellBlock, have: CellBlock, areas: Areas, source: Ints, looks: CellLooks, empty: pa.Array
    ) -> CellBlock:
        covered = self._covered(piece, areas)
        lost = np.isin(piece.row * MOST_COLUMNS + piece.column, covered.row * MOST_COLUMNS + covered.column)
        filled = (source[covered.area] >= 0) & (self._sideways | (covered.column == areas.left[covered.area]))
        area, row = covered.area[filled], covered.row[filled]
        new = replace(_cells(have, source[area]), row=row, column=covered.column[filled].astype(np.int32))
        whole = _sorted(_joined_cells(_cells(piece, np.flatnonzero(~lost)), new))
        content = piece.content.copy()
        content[row[holding(new, looks, empty)]] = True
        trouble = self._with_trouble(piece, areas)
        return replace(
            piece, content=content, trouble=trouble, row=whole.row, column=whole.column, look=whole.look,
            text=whole.text, present=whole.present, formula=whole.formula,
        )  # fmt: skip

    def _covered(self, piece: CellBlock, areas: Areas) -> _Covered:
        first, stop = np.searchsorted(piece.rows, areas.top), np.searchsorted(piece.rows, areas.bottom, "right")
        left = np.searchsorted(self._columns, areas.left)
        width = np.searchsorted(self._columns, areas.right, "right") - left
        counts = (stop - first) * width
        if counts.sum() > len(piece.rows) * len(self._columns):
            raise BrokenSheetError("some of its merged areas lie upon one another")
        area = np.repeat(np.arange(len(areas)), counts)
        turn = np.arange(len(area)) - np.repeat(np.cumsum(counts) - counts, counts)
        row, column = first[area] + turn // width[area], self._columns[left[area] + turn % width[area]]
        own = (piece.rows[row] == areas.top[area]) & (column == areas.left[area])
        return _Covered(area[~own], row[~own], column[~own])

    def _with_trouble(self, piece: CellBlock, areas: Areas) -> Mapping[int, str]:
        """A row that could not be read whole makes every row doubtful that shows its cells."""
        trouble = dict(piece.trouble)
        tops = frozenset(areas.top.tolist())
        for top, why in ((top, why) for top, why in {**self._trouble, **piece.trouble}.items() if top in tops):
            for area in np.flatnonzero((areas.top == top) & (areas.bottom > top)).tolist():
                rows = piece.rows[(piece.rows > top) & (piece.rows <= areas.bottom[area])]
                trouble.update({row: why for row in rows.tolist() if row not in trouble})
        return trouble


def _together(sources: CellBlock, piece: CellBlock) -> CellBlock:
    """Cells kept from earlier pieces, with those of this one behind them."""
    both = _joined_cells(sources, replace(piece, row=piece.row + len(sources.rows)))
    return replace(both, rows=np.concatenate([sources.rows, piece.rows]))


def _cells(piece: CellBlock, which: npt.NDArray[np.intp]) -> CellBlock:
    return replace(
        piece, row=piece.row[which], column=piece.column[which], look=piece.look[which],
        text=piece.text.take(pa.array(which)), present=piece.present[which], formula=piece.formula[which],
    )  # fmt: skip


def _joined_cells(one: CellBlock, other: CellBlock) -> CellBlock:
    return replace(
        one,
        row=np.concatenate([one.row, other.row]),
        column=np.concatenate([one.column, other.column]),
        look=np.concatenate([one.look, other.look]),
        text=pa.concat_arrays([one.text, other.text]),
        present=np.concatenate([one.present, other.present]),
        formula=np.concatenate([one.formula, other.formula]),
    )


def _sorted(piece: CellBlock) -> CellBlock:
    return _cells(piece, np.argsort(piece.row, kind="stable"))

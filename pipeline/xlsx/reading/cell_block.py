"""Some rows of a worksheet as they were found in its XML: cell by cell, before anything is made of their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from threading import Lock

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.addresses import column_letters
from pipeline.limits import MOST_COLUMNS
from pipeline.xlsx.errors import BrokenSheetError


class Type(IntEnum):
    """How a cell stores its value: the attribute ``t`` (ECMA-376 part 1, 18.18.11)."""

    NUMBER = 0
    SHARED = 1
    TEXT = 2
    INLINE = 3
    BOOLEAN = 4
    ERROR = 5
    DATE = 6
    STRUCK = 7  # an inline text that is struck out, or whose parts differ


STRUCK = "\0"
"""Spells that type here; no XML can hold it."""

SPELT = {
    "n": Type.NUMBER,
    "s": Type.SHARED,
    "str": Type.TEXT,
    "inlineStr": Type.INLINE,
    "b": Type.BOOLEAN,
    "e": Type.ERROR,
    "d": Type.DATE,
    STRUCK: Type.STRUCK,
}


class CellLooks:
    """The few different pairs of a cell's type and style, numbered; shared by all pieces of one reading.

    Pieces are read in several threads, so a number is given out by one at a time.
    """

    def __init__(self) -> None:
        self._codes: dict[tuple[Type, int], int] = {}
        self._lock = Lock()

    def code(self, spelt: str, style: str) -> int:
        """The number of a pair as the attributes ``t`` and ``s`` spell it; BrokenSheetError for what no workbook has.

        ``s=""`` is the usual style, as Excel takes it.
        """
        style = style or "0"
        if spelt not in SPELT or not (style.isascii() and style.isdigit() and len(style) < 8):
            raise BrokenSheetError(f"a cell has the type {spelt[:20]!r} and the style {style[:20]!r}")
        with self._lock:
            return self._codes.setdefault((SPELT[spelt], int(style)), len(self._codes))

    @property
    def types(self) -> npt.NDArray[np.int8]:
        """The type of each number."""
        return np.array([kind for kind, _ in self._all()], np.int8)

    @property
    def styles(self) -> npt.NDArray[np.int32]:
        """The style of each number."""
        return np.array([style for _, style in self._all()], np.int32)

    def _all(self) -> list[tuple[Type, int]]:
        with self._lock:
            return list(self._codes)


@dataclass(frozen=True, slots=True)
class CellBlock:
    """Rows (one entry each) and the cells of the wanted columns (one entry each, row by row).

    ``row``: the place of a cell's row in ``rows``. ``text``: its character data. ``present``: it has a value element,
    perhaps an empty one. ``last_row`` and ``last_column`` take every cell into account, wanted or not; 0 and -1: none.
    """

    rows: npt.NDArray[np.int64]
    hidden: npt.NDArray[np.bool_]
    content: npt.NDArray[np.bool_]
    row: npt.NDArray[np.int64]
    column: npt.NDArray[np.int32]
    look: npt.NDArray[np.int32]
    text: pa.Array
    present: npt.NDArray[np.bool_]
    formula: npt.NDArray[np.bool_]
    last_row: int
    last_column: int
    trouble: Mapping[int, str] = field(default_factory=dict)

    @property
    def ascending(self) -> bool:
        """Whether each row number is above the one before."""
        return bool((np.diff(self.rows) > 0).all())


def holding(piece: CellBlock, looks: CellLooks, empty: pa.Array) -> npt.NDArray[np.bool_]:
    """Whether each cell holds something: a formula or a value that is not the empty text.

    Args:
        empty: the numbers of shared strings that are empty, as text.
    """
    filled: npt.NDArray[np.bool_] = pc.binary_length(piece.text).to_numpy(zero_copy_only=False) > 0
    if len(empty) and len(piece.text):
        shared = looks.types[piece.look] == Type.SHARED
        filled &= ~(shared & pc.is_in(piece.text, value_set=empty).to_numpy(zero_copy_only=False))
    return filled | piece.formula


def with_content(piece: CellBlock, looks: CellLooks, empty: pa.Array) -> CellBlock:
    """The piece, knowing which of its rows hold something in one of the cells that it has."""
    content = np.zeros(len(piece.rows), bool)
    content[piece.row[holding(piece, looks, empty)]] = True
    return replace(piece, content=content)


def joined(pieces: Sequence[CellBlock]) -> CellBlock:
    """Consecutive pieces as one."""
    if len(pieces) == 1:
        return pieces[0]
    before = np.cumsum([0, *(len(piece.rows) for piece in pieces[:-1])])
    return CellBlock(
        rows=np.concatenate([piece.rows for piece in pieces]),
        hidden=np.concatenate([piece.hidden for piece in pieces]),
        content=np.concatenate([piece.content for piece in pieces]),
        row=np.concatenate([piece.row + count for piece, count in zip(pieces, before, strict=True)]),
        column=np.concatenate([piece.column for piece in pieces]),
        look=np.concatenate([piece.look for piece in pieces]),
        text=pa.concat_arrays([piece.text for piece in pieces]),
        present=np.concatenate([piece.present for piece in pieces]),
        formula=np.concatenate([piece.formula for piece in pieces]),
        last_row=max(piece.last_row for piece in pieces),
        last_column=max(piece.last_column for piece in pieces),
        trouble={row: reason for piece in pieces for row, reason in piece.trouble.items()},
    )


def cut(piece: CellBlock, first: int, stop: int) -> CellBlock:
    """The rows from ``first`` to before ``stop``, counted within the piece."""
    if first == 0 and stop >= len(piece.rows):
        return piece
    low, high = np.searchsorted(piece.row, [first, stop])
    rows = piece.rows[first:stop]
    trouble = {row: reason for row, reason in piece.trouble.items() if row in rows}
    return replace(
        piece,
        rows=rows,
        hidden=piece.hidden[first:stop],
        content=piece.content[first:stop],
        row=piece.row[low:high] - first,
        column=piece.column[low:high],
        look=piece.look[low:high],
        text=piece.text.slice(low, high - low),
        present=piece.present[low:high],
        formula=piece.formula[low:high],
        trouble=trouble,
    )


def ordered(piece: CellBlock) -> CellBlock:
    """The piece with its rows in ascending order; rows of one number become one, which is in trouble."""
    rows, place, count = np.unique(piece.rows, return_inverse=True, return_counts=True)
    row = place[piece.row]
    order = np.argsort(row, kind="stable")
    merged = CellBlock(
        rows=rows,
        hidden=_any(place, piece.hidden, len(rows)),
        content=_any(place, piece.content, len(rows)),
        row=row[order],
        column=piece.column[order],
        look=piece.look[order],
        text=piece.text.take(pa.array(order)),
        present=piece.present[order],
        formula=piece.formula[order],
        last_row=piece.last_row,
        last_column=piece.last_column,
        trouble={int(number): f"two rows of the file claim the number {number}" for number in rows[count > 1]},
    )
    return _first_cells(replace(merged, trouble={**merged.trouble, **piece.trouble}))


def _any(place: npt.NDArray[np.int64], flags: npt.NDArray[np.bool_], size: int) -> npt.NDArray[np.bool_]:
    found = np.zeros(size, bool)
    found[place[flags]] = True
    return found


def _first_cells(piece: CellBlock) -> CellBlock:
    """Where two cells have one address, the first stays; the row is in trouble either way."""
    _, first = np.unique(piece.row * MOST_COLUMNS + piece.column, return_index=True)
    if len(first) == len(piece.row):
        return piece
    doubled = np.ones(len(piece.row), bool)
    doubled[first] = False
    trouble = dict(piece.trouble)
    for row, column in zip(piece.rows[piece.row[doubled]].tolist(), piece.column[doubled].tolist(), strict=True):
        trouble[row] = f"two cells claim {column_letters(column)}{row}"
    keep = np.sort(first)
    return replace(
        piece,
        row=piece.row[keep],
        column=piece.column[keep],
        look=piece.look[keep],
        text=piece.text.take(pa.array(keep)),
        present=piece.present[keep],
        formula=piece.formula[keep],
        trouble=trouble,
    )

"""Turns statuses, remarks and refnums into cells, once for each text that repeats, a slice of rows at a time.

Cells are inline strings: the workbook's shared strings stay as they are, and a text can never be taken for a formula.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from pipeline.addresses import column_letters
from pipeline.xlsx.cell_text import ILLEGAL, LOOKS_ESCAPED, MOST_UNCOUNTED, cell_text
from pipeline.xlsx.patching.placement import Landing
from pipeline.xlsx.patching.styles import CellStyles

SLICE = 8192
"""Marks that are turned into cells at once: the memory that this takes does not grow with the sheet."""

FEW = 1024
"""Different texts of a column whose cells are made once for the whole sheet."""

ROW = b"\0"
"""Stands for the row number in a template; XML can't hold it, so no text has one."""

_NEEDS_CARE = re.compile(f"{ILLEGAL.pattern}|[&<>\r\t\n]|{LOOKS_ESCAPED.pattern}|(?:^|\\|)\\s|\\s(?:$|\\||\\s)")
"""Whether any of some texts, joined with ``|``, is more than plain characters."""

_SAFE = re.compile("[0-9A-Za-z|.,:/()-]*")
"""Texts, joined likewise, that need no care for certain, as numbers and references: told ten times as fast."""

_KEEPS_BLANKS = re.compile(r"\A\s|\s\Z|\s\s|[\t\n]")


def cell(prefix: str, letters: str, style: int | str | None, text: str) -> str:
    """A cell's XML with ``\\0`` for its row number; "" for no text."""
    if not text:
        return ""
    opening, closing = _around(prefix, letters, style, 'xml:space="preserve"' if _KEEPS_BLANKS.search(text) else "")
    return opening + cell_text(text) + closing


def _beginning(prefix: str, letters: str) -> pa.Scalar:
    """A cell's XML up to its row number."""
    return pa.scalar(f'<{prefix}c r="{letters}'.encode(), pa.large_binary())


def _around(prefix: str, letters: str, style: int | str | None, space: str = "") -> tuple[str, str]:
    styled = "" if style is None else f' s="{style}"'
    kept = f" {space}" if space else ""
    p = prefix
    return f'<{p}c r="{letters}\0"{styled} t="inlineStr"><{p}is><{p}t{kept}>', f"</{p}t></{p}is></{p}c>"


@dataclass(frozen=True, slots=True)
class AddedCells:
    """The cells of one of our columns: what stands before the row's number, and behind it (null: no cell)."""

    head: pa.Scalar
    tails: pa.Array


@dataclass(frozen=True, slots=True)
class _Distinct:
    """The different cells of a column, the last one none; and what of each stands behind the row's number."""

    cells: list[bytes]
    tails: pa.Array


class Cells:
    """The cells to write, by row.

    Args:
        marks: index the row number, ascending; the first columns are written, as many as ``landing`` has names.
        landing: where the columns stand.
        styles: how the cells look.
        prefix: of the worksheet's elements, with the colon.
    """

    def __init__(self, marks: pd.DataFrame, landing: Landing, styles: CellStyles, prefix: str) -> None:
        self.marks = marks.iloc[:, : len(landing.names)]
        self.landing = landing
        self.styles = styles
        self.prefix = prefix
        self._kept: tuple[int, list[bytes]] = (-1, [])
        self._tails: tuple[int, list[pa.Array]] = (-1, [])

    @cached_property
    def rows(self) -> npt.NDArray[np.int64]:
        """The row numbers, ascending."""
        return np.asarray(self.marks.index, dtype=np.int64)

    def at(self, position: int) -> bytes:
        """The cells of the mark at a position, with ``ROW`` for its number; quick for one position after the other."""
        start = position - position % SLICE
        return self._slice(start)[position - start]

    def new_row(self, position: int) -> bytes:
        """A whole row for the mark at a position, where the sheet has none; nothing where it gets no cell."""
        row, prefix = b"%d" % self.rows[position], self.prefix.encode()
        cells = self.at(position).replace(ROW, row)
        return b'<%brow r="%b">%b</%brow>' % (prefix, row, cells, prefix) if cells else b""

    def columns(self, first: int, stop: int) -> list[AddedCells]:
        """The cells of the marks from one position to before another, column by column."""
        starts = range(first - first % SLICE, max(stop, first + 1), SLICE)
        parts = ([one[max(first - start, 0) : stop - start] for one in self._slice_tails(start)] for start in starts)
        return [
            AddedCells(_beginning(self.prefix, column_letters(self.landing.first + place)), pa.concat_arrays(tails))
            for place, tails in enumerate(zip(*parts, strict=True))
        ]

    def _slice(self, start: int) -> list[bytes]:
        if self._kept[0] != start:
            self._kept = (start, self._templates(start))
        return self._kept[1]

    def header(self, style: str | None) -> bytes:
        """The template of the new header cells, in the style of the cell beside them."""
        columns = enumerate(self.landing.fresh_names, self.landing.fresh_first)
        cells = (cell(self.prefix, column_letters(column), style, name) for column, name in columns)
        return "".join(cells).encode()

    def _slice_tails(self, start: int) -> list[pa.Array]:
        """What stands behind the row numbers, column by column, of one slice of the marks."""
        if self._tails[0] != start:
            self._tails = (start, [distinct.tails.take(pa.array(codes)) for distinct, codes in self._coded(start)])
        return self._tails[1]

    def _coded(self, start: int) -> Iterator[tuple[_Distinct, npt.NDArray[np.integer[Any]]]]:
        """The different cells of each column, and which of them each mark of one slice has."""
        for place, few in enumerate(self._few):
            column = self.marks.iloc[start : start + SLICE, place]
            if few is not None:
                codes = np.asarray(column.cat.codes)
                yield few, np.where(codes < 0, len(few.cells) - 1, codes)
            else:
                found, texts = pd.factorize(column)
                yield self._distinct(place, texts), np.where(found < 0, len(texts), found)

    @cached_property
    def _few(self) -> list[_Distinct | None]:
        """The cells of the columns that have few different texts, which are made only once."""
        columns = [self.marks.iloc[:, place] for place in range(self.marks.shape[1])]
        return [
            self._distinct(place, column.cat.categories)
            if isinstance(column.dtype, pd.CategoricalDtype) and len(column.cat.categories) <= FEW
            else None
            for place, column in enumerate(columns)
        ]

    def _distinct(self, place: int, texts: pd.Index[str]) -> _Distinct:
        cells = [*self._column(place, [str(text) for text in texts.tolist()]), b""]
        return _Distinct(cells, pa.array([one.partition(ROW)[2] or None for one in cells], pa.large_binary()))

    def _templates(self, start: int) -> list[bytes]:
        columns = [(distinct.cells, codes) for distinct, codes in self._coded(start)]
        rows = self.rows[start : start + SLICE]
        combined = np.zeros(len(rows), dtype=np.int64)
        for cells, codes in columns:
            combined = combined * len(cells) + codes
        _, firsts, inverse = np.unique(combined, return_index=True, return_inverse=True)
        side_by_side = zip(*([cells[code] for code in codes[firsts].tolist()] for cells, codes in columns), strict=True)
        joined = [b"".join(cells) for cells in side_by_side]
        return [joined[i] for i in inverse.tolist()]

    def _column(self, place: int, texts: Sequence[str]) -> list[bytes]:
        """The cells of a column's distinct texts; in one go when no text needs care."""
        letters = column_letters(self.landing.first + place)
        style: Callable[[str], int | None] = self.styles.of if place == 0 else lambda _: self.styles.text
        long = any(len(text) > MOST_UNCOUNTED for text in texts)
        joined = "|".join(texts)
        if place == 0 or long or not (_SAFE.fullmatch(joined) or not _NEEDS_CARE.search(joined)):
            return [cell(self.prefix, letters, style(text), text).encode() for text in texts]
        opening, closing = (part.encode() for part in _around(self.prefix, letters, self.styles.text))
        return [opening + text.encode() + closing if text else b"" for text in texts]


MakeCells = Callable[[str], Cells]
"""Makes the cells for the prefix of the sheet's elements."""


NEVER = 1 << 62
"""A row number that no sheet reaches: there are no more marks."""

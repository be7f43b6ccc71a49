"""Says which rows of a text table can't be read whole, and why, in a user's words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.sheets.delimited.dialect import TextFormat
from pipeline.sheets.delimited.field_reader import row_cells
from pipeline.sheets.delimited.row_chunks import MOST_CELLS, RowChunk
from pipeline.sheets.delimited.row_splitter import Offsets

BLOCK_OF_EXCEL = 16
"""Excel leaves blank cells at the ends of rows out, 16 rows at a time (Microsoft KB 77295): a run of so many rows of
one length was cut on purpose, and nothing in it has shifted."""


MISSING = "so a closing quote may be missing"
SHIFTED = "so they may stand in the wrong columns"


LEAST_SWALLOWED = 5
"""A line inside quotes with just as many cells as the header is a row, not a line of an address, from so many on."""


@dataclass(frozen=True, slots=True)
class Header:
    """How wide a row of the table should be: ``named`` cells up to the last with a name, ``whole`` cells in all;
    ``usual``: so many cells nearly all rows have (0: no number of cells is that frequent)."""

    named: int
    whole: int
    usual: int = 0

    @property
    def least(self) -> int:
        """A row with fewer cells may be shifted to the left."""
        return max(self.named, self.usual)

    @property
    def most(self) -> int:
        """A row with more cells may be shifted to the right."""
        return max(self.named, self.usual) if self.usual else self.whole


@dataclass(frozen=True, slots=True)
class Among:
    """A chunk, and the numbers of cells of the rows just before and after it."""

    before: npt.NDArray[np.int64]
    chunk: RowChunk
    after: npt.NDArray[np.int64]


ANY_WIDTH = Header(0, MOST_CELLS)
"""Where no row says how wide the table is."""


def among(chunks: Iterable[RowChunk]) -> Iterator[Among]:
    """Each chunk with the widths of the rows around it."""
    before = np.empty(0, dtype=np.int64)
    waiting: RowChunk | None = None
    for chunk in chunks:
        if waiting is not None:
            yield Among(before, waiting, chunk.fields[:BLOCK_OF_EXCEL])
            before = np.concatenate([before, waiting.fields])[-BLOCK_OF_EXCEL:]
        waiting = chunk
    if waiting is not None:
        yield Among(before, waiting, before[:0])


def header_of(cells: list[str]) -> Header:
    """The widths that a header row gives its table."""
    named = max((at + 1 for at, cell in enumerate(cells) if cell.strip()), default=0)
    return Header(named, len(cells))


def troubles(
    part: Among, header: Header, content: npt.NDArray[np.bool_], first: int, layout: TextFormat
) -> dict[int, str]:
    """The rows that could not be read whole, by row number.

    Args:
        content: which rows of the chunk hold something; blank ones are never listed.
        first: the chunk's rows before this one are no data.
    """
    chunk = part.chunk
    data = content & (np.arange(len(content)) >= first)
    cut = _in_long_run(part)
    found = {**_short(chunk, header, data & ~cut), **_long(chunk, header, data, cut, layout)}
    found |= _said(chunk, _swallowing(chunk, header, layout), f"holds a whole row inside quotes, {MISSING}")
    found |= _said(chunk, _late_quotes(chunk, layout), f"has a quote behind a blank, which opens no cell, {SHIFTED}")
    found |= _said(chunk, _rows_with_zeros(chunk), "holds NUL bytes, which no text has")
    found |= _said(chunk, chunk.broken, "has text right after a closing quote, so its cells are doubtful")
    return {chunk.row + index: reason for index, reason in sorted(found.items()) if data[index]}


def _short(chunk: RowChunk, header: Header, data: npt.NDArray[np.bool_]) -> dict[int, str]:
    unnamed = data & (chunk.fields < header.least) & (chunk.fields >= header.named)
    named = np.flatnonzero(data & (chunk.fields < header.named))
    found = _said(
        chunk, np.flatnonzero(unnamed), f"has fewer cells ({{}}) than the other rows ({header.least}), {SHIFTED}"
    )
    return found | _said(chunk, named, f"has fewer cells ({{}}) than the header ({header.named}), {SHIFTED}")


def _long(
    chunk: RowChunk, header: Header, data: npt.NDArray[np.bool_], cut: npt.NDArray[np.bool_], layout: TextFormat
) -> dict[int, str]:
    beyond = data & (chunk.fields > header.whole)
    blank = beyond & (chunk.fields == header.usual)  # as nearly all rows, and it must hold nothing
    filled = [
        at for at in np.flatnonzero(blank & ~_trailing(chunk, header)).tolist() if _surplus(chunk, at, header, layout)
    ]
    beyond &= ~blank
    beyond[filled] = True
    within = np.flatnonzero(data & (chunk.fields > header.most) & (chunk.fields <= header.whole) & ~cut)
    found = _said(chunk, within, f"has more cells ({{}}) than the other rows ({header.most}), {SHIFTED}")
    rows = np.flatnonzero(beyond)
    return found | _said(chunk, rows, f"has more cells ({{}}) than the header ({header.whole}), {SHIFTED}")


def _surplus(chunk: RowChunk, row: int, header: Header, layout: TextFormat) -> bool:
    return any(cell.strip() for cell in row_cells(chunk, row, layout)[header.whole :])


def _said(chunk: RowChunk, rows: Offsets, words: str) -> dict[int, str]:
    """The words for each of the rows, with its line, and its number of cells in the braces."""
    told = zip(rows.tolist(), chunk.lines(rows).tolist(), chunk.fields[rows].tolist(), strict=True)
    return {row: f"line {line} {words.format(fields)}" for row, line, fields in told}


def _swallowing(chunk: RowChunk, header: Header, layout: TextFormat) -> Offsets:
    """Rows with a quoted text that holds a line which would be a row of the table by itself."""
    rows = np.searchsorted(chunk.ends, chunk.inner)
    pairs = np.flatnonzero(rows[1:] == rows[:-1]) if header.whole >= LEAST_SWALLOWED else rows[:0]
    bounds = zip(chunk.inner[pairs].tolist(), chunk.inner[pairs + 1].tolist(), strict=True)
    lines = [chunk.data[begin:end] for begin, end in bounds]
    mark, delimiter = layout.dialect.quote, layout.dialect.delimiter
    found = [line.count(delimiter) == header.whole - 1 and mark not in line for line in lines]
    return np.unique(rows[pairs[np.array(found, dtype=np.bool_)]])


def _late_quotes(chunk: RowChunk, layout: TextFormat) -> Offsets:
    """Rows of a file divided by ``, `` in which a quoted text holds a delimiter: the quote does not begin its cell."""
    quote, delimiter = re.escape(layout.dialect.quote), re.escape(layout.dialect.delimiter)
    if layout.dialect.quote not in chunk.data or b" " + layout.dialect.quote not in chunk.data:
        return np.empty(0, dtype=np.int64)
    late = re.compile(delimiter + rb"[ ]+" + quote + rb"[^" + quote + delimiter + rb"\r\n]*+" + delimiter)
    starts = np.array([match.start() for match in late.finditer(chunk.data)], dtype=np.int64)
    outside = starts[np.isin(starts, chunk.delimiters)]
    return np.unique(np.searchsorted(chunk.ends, outside, "right"))


def _rows_with_zeros(chunk: RowChunk) -> Offsets:
    zeros = np.flatnonzero(np.frombuffer(chunk.data if b"\0" in chunk.data else b"", dtype=np.uint8) == 0)
    return np.unique(np.searchsorted(chunk.ends, zeros, "right"))


def _trailing(chunk: RowChunk, header: Header) -> npt.NDArray[np.bool_]:
    """Which rows have nothing but delimiters beyond the header's width."""
    surplus = chunk.fields - header.whole
    found = np.zeros(len(surplus), dtype=np.bool_)
    rows = np.flatnonzero(surplus > 0)
    if rows.size:
        first = np.searchsorted(chunk.delimiters, chunk.starts[rows]) + header.whole - 1
        found[rows] = chunk.stops[rows] - chunk.delimiters[first] == surplus[rows]
    return found


def _in_long_run(part: Among) -> npt.NDArray[np.bool_]:
    """Which rows stand among at least ``BLOCK_OF_EXCEL`` neighbours with as many cells, themselves included."""
    fields = np.concatenate([part.before, part.chunk.fields, part.after])
    turns = np.flatnonzero(np.diff(fields, prepend=-1))
    lengths = np.diff(turns, append=len(fields))
    begin = len(part.before)
    return np.repeat(lengths >= BLOCK_OF_EXCEL, lengths)[begin : begin + len(part.chunk.fields)]

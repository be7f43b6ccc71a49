"""Reads a worksheet from its first row to its last: the fast way where it can, the exact way where it must."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pyarrow as pa

from pipeline.limits import MOST_ROWS
from pipeline.xlsx.errors import BrokenSheetError
from pipeline.xlsx.markup.row_blocks import WORKSHEET, Stretches, odd_markup
from pipeline.xlsx.reading.cell_block import CellBlock, CellLooks, cut, joined, ordered
from pipeline.xlsx.reading.fast_rows import Wish, scan
from pipeline.xlsx.reading.parsed_rows import read_exactly

SCANNERS = 1
"""Threads that scan stretches while the next one is unpacked: NumPy and Arrow let go of Python's lock while they work.
Two save another 12 thousandths of a second of 100,000 rows, and take a quarter more of the processor."""

HELD = 50_000
"""Rows that are read before the first is given out: a sheet as small as this may have its rows in any order."""

HELD_BYTES = 64 << 20
"""Text that is held at most; sheets of long texts come in smaller frames."""

UNORDERED_BYTES = 1 << 30
"""Text that is held at most while rows are put in order."""


@dataclass(frozen=True, slots=True)
class _Coming:
    """A stretch that is being scanned; see ``Stretches.torn``."""

    stretch: bytes
    torn: bool
    piece: Future[CellBlock | None]


def pieces(stream: Iterator[bytes], wish: Wish, looks: CellLooks, empty: pa.Array) -> Iterator[CellBlock]:
    """The rows of a worksheet part in the order of the file.

    Args:
        stream: the part's bytes.
        wish: the columns to give back.
        looks: the numbering of types and styles, which grows.
        empty: the numbers of empty shared strings, as text.
    Raises:
        BrokenSheetError, ForbiddenXmlError: it is damaged.
    """
    part = Stretches(stream, WORKSHEET)
    if part.head is None:
        yield from read_exactly(part.rest(), wish, looks, empty)
        return

    def read(stretch: bytes) -> CellBlock | None:
        return scan(stretch, wish, looks, empty)

    previous, coming = 0, deque[_Coming]()
    with ThreadPoolExecutor(SCANNERS, thread_name_prefix="scan") as pool:
        while one := _next(part, coming, pool, read):
            stretch, piece = one.stretch, one.piece.result()
            if piece is None:
                stretch = _without_end(part, stretch)
                piece = read(stretch)
            if part.ended:
                coming.clear()  # what stands behind the end of the rows is none
            if piece is None and (one.torn or odd_markup(stretch)):
                rest = chain([part.head, stretch], (more.stretch for more in coming), part.rest())
                yield from read_exactly(rest, wish, looks, empty, previous)
                return
            if piece is None:
                piece = joined(list(read_exactly([part.head, stretch, WORKSHEET.tail], wish, looks, empty, previous)))
            previous = int(piece.rows[-1]) if len(piece.rows) else previous
            yield piece
    if not part.ended:
        raise BrokenSheetError("its end is missing")


def _next(
    part: Stretches, coming: deque[_Coming], pool: Executor, read: Callable[[bytes], CellBlock | None]
) -> _Coming | None:
    """The next stretch of the part; those behind it are scanned meanwhile."""
    while len(coming) <= SCANNERS and (stretch := part.next()):
        coming.append(_Coming(stretch, part.torn, pool.submit(read, stretch)))
    return coming.popleft() if coming else None


def _without_end(part: Stretches, stretch: bytes) -> bytes:
    """A stretch up to the end of the rows, where it is there (and no comment could have feigned it)."""
    end = stretch.find(WORKSHEET.end)
    if end < 0 or odd_markup(stretch[:end]):
        return stretch
    part.end()
    return stretch[:end]


def in_order(parts: Iterator[CellBlock], size: int, after: int) -> Iterator[CellBlock]:
    """Pieces joined to longer ones whose rows ascend throughout.

    Args:
        parts: as the file has them.
        size: rows that are wanted together; those up to row ``after`` stand before the first ones and don't count.
    Raises:
        BrokenSheetError: rows stand out of order so far down that those above are given out already.
    """
    waiting: list[CellBlock] = []
    rows = weight = last = 0
    given, tidy = False, True
    for piece in parts:
        if not len(piece.rows):
            continue
        if piece.rows[0] <= last or not piece.ascending:
            tidy = False
            if given:
                raise BrokenSheetError(f"its rows are out of order after row {last:,}")
        last = max(last, int(piece.rows.max()))
        waiting.append(piece)
        rows += int(np.count_nonzero(piece.rows > after))
        weight += piece.text.nbytes
        if not tidy and (rows > MOST_ROWS or weight > UNORDERED_BYTES):
            raise BrokenSheetError(f"it has too many rows out of order ({rows:,} so far)")
        if tidy and (rows >= max(size, HELD) or weight > HELD_BYTES):
            whole = joined(waiting)
            rows = rows % size if rows > size else 0  # frames of full size, and the rest with what follows
            stop = len(whole.rows) - rows
            yield cut(whole, 0, stop)
            waiting, weight, given = [cut(whole, stop, len(whole.rows))], 0, True
    if waiting:
        yield joined(waiting) if tidy else ordered(joined(waiting))

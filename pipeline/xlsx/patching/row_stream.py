"""Patches a worksheet part while it streams by, in blocks of whole rows: at once where it can, parsed where it must."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from itertools import chain

import numpy as np
import numpy.typing as npt

from pipeline.containers.zip_rewrite import Chunk
from pipeline.xlsx.markup.edits import codec_of
from pipeline.xlsx.markup.row_blocks import LONGEST
from pipeline.xlsx.patching.cell_xml import Cells, MakeCells
from pipeline.xlsx.patching.fast_rows import FastRows, PatchedBlock
from pipeline.xlsx.patching.parsed_rows import ParsedRows
from pipeline.xlsx.patching.sheet_parts import Frame
from pipeline.xlsx.values import NewColumns

LONGEST_HEAD = 16_000_000
"""Bytes before the rows; a real sheet has some thousand."""

FEW = 8
"""Pieces of a block that are packed one by one; more are put together, for each is handed to another thread."""

_HEAD = re.compile(rb"<((?:[A-Za-z_][\w.-]*:)?)sheetData(?:\s[^<>]*)?>")


def patch_rows(
    pieces: Iterator[bytes],
    frame: Frame,
    make_cells: MakeCells,
    new: NewColumns,
    present: npt.NDArray[np.int64] | None = None,
) -> Iterator[Chunk]:
    """The worksheet part with our cells, piece by piece.

    Args:
        pieces: the part, in pieces of any size.
        frame: edits what stands before and behind the rows.
        make_cells: makes the cells for the prefix of the sheet's elements.
        new: the columns to add.
        present: the numbers of all rows, where they are known not to rise.
    Raises:
        StartOverError: see ``fallbacks``.
        CannotPatchError: it is no worksheet, or has cells where our columns would stand.
    """
    head, rest = _head(pieces) if present is None else (None, b"")
    if head is None:
        yield from ParsedRows(frame, make_cells, new, present).patched(chain([rest], pieces))
        return
    yield frame.head(head[0])
    yield from RowStream(pieces, head[0], frame, make_cells(head[1]), new).patched(rest)


class RowStream:
    """The rows of a worksheet part whose head was understood.

    Args:
        pieces: the part behind what was read of it.
        head: the part up to its rows; it is written already.
        frame: edits what stands behind the rows.
        cells: what to write.
        new: the columns to add.
    """

    def __init__(self, pieces: Iterator[bytes], head: bytes, frame: Frame, cells: Cells, new: NewColumns) -> None:
        self.pieces = pieces
        self.head = head
        self.frame = frame
        self.cells = cells
        self.fast = FastRows(cells, new.header_row)
        self.last = 0  # the number of the row before
        self.position = 0  # of the first mark that is not written yet
        self._new = new
        self._parsed: ParsedRows | None = None

    @property
    def parsed(self) -> ParsedRows:
        """One parser for all rows that are spelt unusually; most sheets have none but the header's."""
        if self._parsed is None:
            self._parsed = ParsedRows(self.frame, lambda _: self.cells, self._new)
            self._parsed.begin(self.head)
        return self._parsed

    def patched(self, kept: bytes) -> Iterator[Chunk]:
        """The rows with our cells, and the end of the part.

        Args:
            kept: what was read of the rows.
        """
        opening, closing = self.fast.spelling.row_name + b" ", b"</%bsheetData" % self.cells.prefix.encode()
        while (end := kept.find(closing)) < 0:
            piece = next(self.pieces, None)
            cut = -1 if piece is None else piece.rfind(opening)
            if piece is None or (cut < 0 and len(kept) > LONGEST):
                yield from self._rest((kept, piece or b""))
                return
            if cut < 0:  # a row longer than a piece, or its tag stands across two of them
                kept += piece
                continue
            if not (yield from self._block((kept, piece[:cut]))):
                yield from self._rest((kept, piece))
                return
            kept = piece[cut:]
        if not (yield from self._block((kept[:end],))):
            yield from self._rest((kept,))
            return
        yield from (self.cells.new_row(position) for position in range(self.position, len(self.cells.rows)))
        yield self.frame.tail(self.head, b"".join((kept[end:], *self.pieces)))

    def _rest(self, parts: tuple[bytes, ...]) -> Iterator[Chunk]:
        """All that is left, parsed: it can't be told where its rows begin and end."""
        yield from self.parsed.patched(chain(parts, self.pieces), self.last, self.position)

    def _block(self, parts: tuple[bytes, ...]) -> Generator[Chunk, None, bool]:
        """A block of whole rows; False, and nothing written, where that can't be told."""
        block = self.fast.block(parts, self.position)
        if block is None:
            blank = not b"".join(parts).strip()
            yield from parts if blank else ()
            return blank
        chunks = [block.lead, *self._rows(block, self.position)]
        yield from chunks if len(chunks) <= FEW else [b"".join(chunks)]
        return True

    def _rows(self, block: PatchedBlock, base: int) -> Iterator[Chunk]:
        row, rows = 0, block.rows
        while row < len(rows.begin):
            stop, number = int(block.until[row]), int(rows.number[row])
            if block.done[row] and number > self.last and base + block.marks[row] == self.position:
                yield block.head(row)
                yield block.body(row, stop)
                self.last = int(rows.number[stop - 1])
                self.position = base + int(block.marks[stop - 1] + block.marked[stop - 1])
            else:
                stop = row + 1 if block.done[row] else stop
                yield self.parsed.rows(block.stored(row, stop), self.last, self.position)
                self.last, self.position = self.parsed.last, self.parsed.next_missing
            row = stop


def _head(pieces: Iterator[bytes]) -> tuple[tuple[bytes, str] | None, bytes]:
    """Everything up to the tag of ``sheetData``, its prefix, and what was read beyond; or None, and what was read."""
    read = b""
    for piece in pieces:
        read += piece
        found = _HEAD.search(read)
        if found is None and len(read) < LONGEST_HEAD:
            continue
        plain = found and not found[0].endswith(b"/>") and b"<!" not in read[: found.end()]
        if not found or not plain or codec_of(read) != "utf-8":
            break
        return (read[: found.end()], found[1].decode()), read[found.end() :]
    return None, read

"""Remembers where the rows of a text table end and how wide they are, so that writing need not find it out again.

A few bytes a row: lengths are kept compressed. What was remembered holds for the bytes that were read; whoever uses it
must see that they still are the same (``pipeline.sheets.delimited.reader``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.errors import was_changed
from pipeline.sheets.delimited.dialect import TextFormat
from pipeline.sheets.delimited.encoding import See
from pipeline.sheets.delimited.row_chunks import RowChunk
from pipeline.sheets.delimited.row_splitter import Offsets

CODEC = "zstd"

NONE: Offsets = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Whole numbers from 0 on, compressed; where all are the same, only the first."""

    first: int
    packed: bytes
    dtype: np.dtype[Any]

    @classmethod
    def of(cls, numbers: Offsets) -> _Numbers:
        first, most = int(numbers[0]), int(numbers.max())
        small = numbers.astype(np.min_scalar_type(most))
        if int(numbers.min()) == most:
            return cls(first, b"", small.dtype)
        return cls(first, pa.compress(pa.py_buffer(small), codec=CODEC, asbytes=True), small.dtype)

    def all(self, count: int) -> Offsets:
        if not self.packed:
            return np.full(count, self.first, dtype=np.int64)
        plain = pa.decompress(self.packed, decompressed_size=count * self.dtype.itemsize, codec=CODEC)
        found: npt.NDArray[Any] = np.frombuffer(plain, self.dtype)
        return found.astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A chunk without its bytes: the lengths of its rows with their line ends, of the line ends, and the widths."""

    size: int
    rows: int
    row: int
    line: int
    lengths: _Numbers
    breaks: _Numbers
    fields: _Numbers


@dataclass(slots=True)
class RowMap:
    """All chunks of a text table, without their bytes."""

    _pieces: list[_Piece] = field(default_factory=list)

    def add(self, chunk: RowChunk) -> None:
        """Takes the next chunk."""
        piece = _Piece(
            size=len(chunk.data),
            rows=len(chunk.ends),
            row=chunk.row,
            line=chunk.line,
            lengths=_Numbers.of(chunk.ends - chunk.starts),
            breaks=_Numbers.of(chunk.ends - chunk.stops),
            fields=_Numbers.of(chunk.fields),
        )
        self._pieces.append(piece)

    def chunks(self, layout: TextFormat, see: See) -> Iterator[RowChunk]:
        """The same chunks with their bytes, read again, and without their delimiters.

        Args:
            layout: of the same file; its encoding must be one whose text is read as it stands.
            see: is given all bytes of the file as they are read.
        Raises:
            OutputError: the file has become shorter.
        """
        with layout.source.open() as file:
            see(file.read(len(layout.encoding.bom) + len(layout.lead)))
            for piece in self._pieces:
                data = file.read(piece.size)
                see(data)
                if len(data) < piece.size:
                    raise was_changed(layout.source.name)
                yield _chunk(piece, data)
            see(file.read())


def _chunk(piece: _Piece, data: bytes) -> RowChunk:
    ends = np.cumsum(piece.lengths.all(piece.rows))
    return RowChunk(
        data=data,
        starts=np.concatenate([ends[:1] * 0, ends[:-1]]),
        stops=ends - piece.breaks.all(piece.rows),
        ends=ends,
        delimiters=NONE,
        fields=piece.fields.all(piece.rows),
        inner=NONE,
        broken=NONE,
        row=piece.row,
        line=piece.line,
    )

"""Gives a text table back: each row's own bytes to the letter, and the added fields in the file's own manner."""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256
from io import RawIOBase
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import OutputError
from pipeline.model.sheet import Place, Written
from pipeline.prefetch import ahead
from pipeline.sheets.delimited.added_fields import Marks
from pipeline.sheets.delimited.dialect import TextFormat
from pipeline.sheets.delimited.field_writer import Dresser
from pipeline.sheets.delimited.row_chunks import RowChunk, chunks
from pipeline.sheets.delimited.row_map import RowMap
from pipeline.sheets.delimited.row_splitter import Offsets

CHANGED = "The file has changed since it was read"
RUN_AGAIN = "Run the same command again: what was done is in the ledger, and nothing is sent twice."


@dataclass(frozen=True, slots=True)
class Spot:
    """Where fields go: into columns ``first`` to before ``last``; ``fresh``: behind all that the file holds."""

    first: int
    last: int
    fresh: bool


def write_delimited(
    layout: TextFormat, place: Place, marks: pd.DataFrame, target: Path, known: RowMap | None = None
) -> Written:
    """Writes the annotated text table, flushed to the disk.

    The header and the rows of ``marks`` get the added fields; titles, blank lines and footers stay as they are.

    Args:
        layout: how the table is written, as it was read.
        place: the way back to it.
        marks: index the row number, ascending; one column for each of ``place.added``.
        known: where the rows end, if the file was read to its end before; the caller compares the digest.
    Raises:
        OutputError: the file is not the one that was read.
        OSError: the target can't be written.
    """
    ready = Marks(marks, place, Dresser(layout))
    spots, seen = _spots(place), 0
    source, output = sha256(), sha256()
    known = known if all(spot.fresh for spot in spots) and not layout.encoding.wide else None
    rows = chunks(layout, source.update) if known is None else known.chunks(layout, source.update)
    with target.open("wb", buffering=0) as file:
        begin = layout.encoding.bom + layout.encoding.to_file(layout.lead)
        for last, data in chain([(0, begin)], ahead(_annotated(chunk, ready, spots, layout) for chunk in ahead(rows))):
            output.update(data)
            _write_all(file, data)
            seen = last
        file.flush()
        os.fsync(file.fileno())
    if seen < max(place.header_row, ready.last_row):
        raise OutputError(CHANGED, RUN_AGAIN, where=place.path.name)
    return Written(target, ready.notes(), output.hexdigest(), source.hexdigest())


def _write_all(file: RawIOBase, data: bytes | memoryview) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) or 0 :]


def _spots(place: Place) -> tuple[Spot, ...]:
    """The columns to write: this tool's own of an earlier run in place, all others after the widest row."""
    own, added, kept = place.own_column, len(place.added), 0
    if own is not None:
        there = [header.strip().lower() for header in place.headers[own : own + added]]
        kept = sum(name.lower() == header for name, header in zip(place.added, there, strict=False))
    end = place.extent.last_column + 1
    replaced = (Spot(own, own + kept, fresh=False),) if own is not None and kept else ()
    return (*replaced, Spot(end, end + added - kept, fresh=True)) if kept < added else replaced


def _annotated(
    chunk: RowChunk, marks: Marks, spots: tuple[Spot, ...], layout: TextFormat
) -> tuple[int, bytes | memoryview]:
    """The number of a chunk's last row, and its rows as they are written."""
    rows = _joined(_pieces(chunk, marks, spots, layout))
    written = layout.encoding.to_file(bytes(rows)) if layout.encoding.wide else rows
    return chunk.row + len(chunk.ends) - 1, written


def _pieces(chunk: RowChunk, marks: Marks, spots: tuple[Spot, ...], layout: TextFormat) -> list[pa.LargeBinaryArray]:
    """What each row of a chunk is made of: its own bytes before each spot, padding, the fields, and its own rest."""
    marked, fields = marks.fields(chunk.row, len(chunk.ends))
    delimiter = layout.dialect.delimiter
    pieces: list[pa.LargeBinaryArray] = []
    done, width = chunk.starts, chunk.fields
    for spot in spots:
        if spot.fresh and (width[marked] > spot.first).any():
            raise OutputError(CHANGED, RUN_AGAIN, where=layout.source.name)
        cut, resume = _bounds(chunk, spot, marked)
        missing = np.where(marked, np.maximum(spot.first - width + 1, 0), 0)
        pieces += [_slices(chunk, done, cut), _repeated(delimiter, missing), fields.pop(0)]
        for _ in range(spot.first + 1, spot.last):
            pieces += [_repeated(delimiter, marked.astype(np.int64)), fields.pop(0)]
        done, width = resume, np.maximum(width, spot.last)
    return [*pieces, _slices(chunk, done, chunk.ends)]


def _bounds(chunk: RowChunk, spot: Spot, marked: npt.NDArray[np.bool_]) -> tuple[Offsets, Offsets]:
    """Where in each row the fields of a spot begin and end: at the row's end where it has none there."""
    cut, resume = chunk.stops.copy(), chunk.stops.copy()
    base = np.searchsorted(chunk.delimiters, chunk.starts)
    has = marked & (chunk.fields > spot.first)
    cut[has] = chunk.delimiters[base[has] + spot.first - 1] + 1 if spot.first else chunk.starts[has]
    goes_on = marked & (chunk.fields > spot.last)
    resume[goes_on] = chunk.delimiters[base[goes_on] + spot.last - 1]
    return cut, resume


def _slices(chunk: RowChunk, begins: Offsets, ends: Offsets) -> pa.LargeBinaryArray:
    """A slice of each row's bytes; the rows are in order, so what lies between the slices can be skipped over."""
    bounds = np.stack([begins, ends], axis=1).ravel()
    buffers = [None, pa.py_buffer(bounds), pa.py_buffer(chunk.data)]
    both = pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(bounds) - 1, buffers)
    return both.take(pa.array(np.arange(0, len(bounds), 2)))


def _repeated(delimiter: bytes, times: Offsets) -> pa.LargeBinaryArray:
    """So many delimiters for each row."""
    numbers, codes = np.unique(times, return_inverse=True)
    return pa.array([delimiter * number for number in numbers.tolist()], type=pa.large_binary()).take(pa.array(codes))


def _joined(pieces: list[pa.LargeBinaryArray]) -> memoryview:
    """The rows of a chunk, one after the other."""
    rows = pc.binary_join_element_wise(*pieces, pa.scalar(b"", pa.large_binary()))
    _, offsets, data = rows.buffers()
    length = np.frombuffer(offsets, dtype=np.int64)[len(rows)]
    return memoryview(data)[:length]

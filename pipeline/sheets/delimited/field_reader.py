"""Cuts the rows of a text table into cells: only the columns that are asked for, many rows at a time."""

from __future__ import annotations

import codecs
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv

from pipeline.model.sheet import CellColumn, Kind
from pipeline.sheets.delimited.dialect import TextFormat, cells
from pipeline.sheets.delimited.row_chunks import RowChunk

FEW = 32
"""So few rows of one number of cells are cut one by one; more of them by the fast reader, together."""

Columns = dict[int, "pa.LargeStringArray"]


def read_columns(chunk: RowChunk, wanted: Sequence[int], layout: TextFormat) -> Columns:
    """The wanted columns of all rows of a chunk; a cell that a row lacks is ""."""
    blank = chunk.starts == chunk.stops
    width = np.where(blank, np.bincount(chunk.fields).argmax(), chunk.fields)
    widths, times = np.unique(width, return_counts=True)
    few = np.isin(width, widths[times < FEW]) if len(widths) > 1 else blank[:0]
    groups = [np.flatnonzero(width == number) for number in widths[(times >= FEW) | (len(widths) == 1)].tolist()]
    parts = [_group(chunk, rows, int(width[rows[0]]), wanted, layout) for rows in groups]
    if few.any():
        groups.append(np.flatnonzero(few))
        parts.append(_exact(_gathered(chunk, groups[-1]), wanted, layout))
    if len(parts) == 1:
        return parts[0]
    back = pa.array(np.argsort(np.concatenate(groups)))
    return {column: pa.concat_arrays([part[column] for part in parts]).take(back) for column in wanted}


def row_cells(chunk: RowChunk, index: int, layout: TextFormat) -> list[str]:
    """All cells of one row."""
    return cells(chunk.record(index).decode(layout.encoding.inner), layout.dialect)


def content(chunk: RowChunk, layout: TextFormat) -> npt.NDArray[np.bool_]:
    """Which rows hold anything but delimiters, quotes and blanks."""
    letters = np.frombuffer(chunk.data, dtype=np.uint8)
    full = ~layout.dialect.empty
    first = full[letters[chunk.starts]]
    second = full[letters[np.minimum(chunk.starts + 1, len(letters) - 1)]] & (chunk.starts + 1 < chunk.stops)
    known: npt.NDArray[np.bool_] = first | second
    if known.all():
        return known
    found: npt.NDArray[np.bool_] = np.logical_or.reduceat(full[letters], chunk.starts)
    return found


def cell_column(texts: pa.LargeStringArray) -> CellColumn:
    """A column of texts as the model wants it: delimited text has no types and no number formats."""
    lengths = np.diff(np.frombuffer(texts.buffers()[1], dtype=np.int64)[texts.offset : texts.offset + len(texts) + 1])
    return CellColumn(
        kind=np.where(lengths > 0, np.int8(Kind.TEXT), np.int8(Kind.BLANK)),
        text=pd.Series(pd.array(texts, dtype="str")),
        format=np.full(len(texts), -1, dtype=np.int32),
        formats=(),
    )


def _group(
    chunk: RowChunk, rows: npt.NDArray[np.int64], width: int, wanted: Sequence[int], layout: TextFormat
) -> Columns:
    """Rows of one width, cut together; where the fast reader does not see the same rows, one by one."""
    data = chunk.data if len(rows) == len(chunk.ends) else b"".join(_gathered(chunk, rows))
    found = _fast(data, len(rows), width, wanted, layout)
    return _exact(_gathered(chunk, rows), wanted, layout) if found is None else found


def _gathered(chunk: RowChunk, rows: npt.NDArray[np.int64]) -> list[bytes]:
    """The bytes of some rows, line ends included."""
    bounds = zip(chunk.starts[rows].tolist(), chunk.ends[rows].tolist(), strict=True)
    return [chunk.data[start:end] for start, end in bounds]


def _exact(records: Sequence[bytes], wanted: Sequence[int], layout: TextFormat) -> Columns:
    """Cuts each row by itself."""
    texts = [record.rstrip(b"\r\n").decode(layout.encoding.inner) for record in records]
    rows = [cells(text, layout.dialect) for text in texts]
    return {
        column: pa.array([row[column] if column < len(row) else "" for row in rows], type=pa.large_string())
        for column in wanted
    }


def _fast(data: bytes, rows: int, width: int, wanted: Sequence[int], layout: TextFormat) -> Columns | None:
    """Cuts rows of one width together; None where the fast reader finds other rows than ``row_splitter``."""
    kept = [str(column) for column in wanted if column < width]
    found: Columns = {column: pa.repeat(pa.scalar("", pa.large_string()), rows) for column in wanted}
    if not kept:
        return found
    if layout.encoding.inner != "utf-8" and not data.isascii():
        data = data.decode(layout.encoding.inner).encode("utf-8")
    try:
        table = _arrow(data, width, kept, layout)
    except pa.ArrowInvalid:
        return None
    if table.num_rows != rows:
        return None
    return found | {int(name): table.column(name).combine_chunks() for name in kept}


def _arrow(data: bytes, width: int, kept: list[str], layout: TextFormat) -> pa.Table:
    """The fast reader: every cell a text, nothing inferred, nothing missing."""
    bom = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""  # it would drop one that is text of a cell
    return pa_csv.read_csv(
        pa.BufferReader(bom + data),
        pa_csv.ReadOptions(column_names=[str(n) for n in range(width)], use_threads=False, block_size=len(data) + 8),
        pa_csv.ParseOptions(
            delimiter=layout.dialect.delimiter.decode(),
            quote_char=layout.dialect.quote.decode(),
            newlines_in_values=True,
            ignore_empty_lines=False,
        ),
        pa_csv.ConvertOptions(
            include_columns=kept,
            column_types=dict.fromkeys(kept, pa.large_string()),
            strings_can_be_null=False,
            check_utf8=False,  # encoding.py has read the whole file strictly
        ),
    )

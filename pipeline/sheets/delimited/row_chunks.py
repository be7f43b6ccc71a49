"""Yields a text table in pieces of whole rows, and refuses quotes that may enclose rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pipeline.errors import FileError
from pipeline.sheets.delimited.dialect import TextFormat
from pipeline.sheets.delimited.encoding import See, blocks, unseen
from pipeline.sheets.delimited.row_splitter import Division, Offsets, delimiters, divide, field_counts, open_quote

LONGEST_RECORD = 16 * 1024 * 1024
"""Bytes of one row: a full Excel cell holds 32,767 characters, and no export has five hundred such in a row."""

MOST_CELLS = 16_384
"""Cells of one row: the columns of an Excel sheet (Microsoft, "Excel specifications and limits")."""

MOST_LINES = 200
"""Line breaks inside one row: an address has five, a long remark fifty; more is a quote that was never closed."""

CLOSE_IT = "Close the quote there, or double it where it belongs to the text, and run the command again."


@dataclass(frozen=True, slots=True)
class RowChunk:
    """Some whole consecutive rows: row ``i`` is ``data[starts[i]:stops[i]]``, and its line end goes to ``ends[i]``.

    ``delimiters``: offsets of those that divide fields. ``fields``: how many fields each row has (a blank line: 1).
    ``inner``: ends of line breaks inside quotes. ``broken``: rows with text right after a closing quote.
    ``row``, ``line``: the numbers of the first row and of the line it begins in.
    """

    data: bytes
    starts: Offsets
    stops: Offsets
    ends: Offsets
    delimiters: Offsets
    fields: Offsets
    inner: Offsets
    broken: Offsets
    row: int
    line: int

    def lines(self, rows: Offsets) -> Offsets:
        """The lines in which rows of the chunk begin."""
        found: Offsets = self.line + rows + np.searchsorted(self.inner, self.starts[rows], "right")
        return found

    def record(self, index: int) -> bytes:
        """The bytes of a row without its line end."""
        return self.data[self.starts[index] : self.stops[index]]


def chunks(layout: TextFormat, see: See = unseen) -> Iterator[RowChunk]:
    """All rows of the file, in pieces of bounded size.

    Args:
        see: is given all bytes of the file as they are read.
    Raises:
        FileError: a quote that is never closed or encloses lines, or a row beyond the limits, with the line.
    """
    row, line, carry = 1, 1 + bool(layout.lead), b""
    for block, final in _last_marked(layout, see):
        data = carry + block
        part = divide(data, layout.dialect, final=final)
        cut = int(part.ends[-1]) if part.ends.size else 0
        _check(data, part, cut, line, layout, final=final)
        if cut:
            chunk = _chunk(data[:cut], part, row, line, layout)
            yield chunk
            row += len(chunk.ends)
            line += len(chunk.ends) + len(chunk.inner)
        carry = data[cut:]


def _last_marked(layout: TextFormat, see: See) -> Iterator[tuple[bytes, bool]]:
    """The file's blocks after its ``sep=`` line, each with whether it is the last."""
    skip = len(layout.lead)
    waiting = b""
    for block in blocks(layout.source, layout.encoding, layout.block, see):
        if waiting:
            yield waiting, False
        waiting, skip = block[skip:], max(0, skip - len(block))
    yield waiting, True


def _chunk(data: bytes, part: Division, row: int, line: int, layout: TextFormat) -> RowChunk:
    """The whole rows of a piece, measured.

    Raises:
        FileError: a row has more cells than any spreadsheet.
    """
    ends = part.ends
    starts = np.concatenate([ends[:1] * 0, ends[:-1]])
    letters = np.frombuffer(data, dtype=np.uint8)
    last = letters[ends - 1]
    feed = last == 10
    pair = feed & (ends - starts >= 2) & (letters[np.maximum(ends - 2, 0)] == 13)
    dividers = delimiters(data, part.quotes[: np.searchsorted(part.quotes, len(data))], layout.dialect)
    chunk = RowChunk(
        data=data,
        starts=starts,
        stops=ends - (feed | (last == 13)) - pair,
        ends=ends,
        delimiters=dividers,
        fields=field_counts(ends, dividers),
        inner=part.inner[: np.searchsorted(part.inner, len(data), "right")],
        broken=np.unique(np.searchsorted(ends, part.broken[0][part.broken[0] < len(data)], "right")),
        row=row,
        line=line,
    )
    widest = chunk.fields.argmax(axis=0, keepdims=True)
    if chunk.fields[widest[0]] > MOST_CELLS:
        problem = f"A row has {chunk.fields[widest[0]]} cells, and a sheet {MOST_CELLS} at most"
        where = layout.where(int(chunk.lines(widest)[0]))
        raise FileError(problem, "See that the file is a table.", where=where)
    return chunk


def _check(data: bytes, part: Division, cut: int, line: int, layout: TextFormat, *, final: bool) -> None:
    """Refuses quotes that may enclose rows, as the AWBs in them could not be told apart."""
    breaks = np.sort(np.concatenate([part.ends, part.inner]))

    def place(offset: int) -> str:
        return layout.where(line + int(np.searchsorted(breaks, offset, "right")))

    begins, ends = part.broken
    lines = np.searchsorted(part.inner, ends, "right") - np.searchsorted(part.inner, begins, "right")
    if lines.any():
        first = int((lines > 0).argmax())
        problem = f"A quote opens here, and the next one, {lines[first]} lines on, has text right after it"
        where = place(int(begins[first]))
        raise FileError(f"{problem}: rows between them may have become one", CLOSE_IT, where=where)
    bounds = np.append(part.ends, len(data)) if not final else part.ends
    held = np.diff(np.searchsorted(part.inner, bounds, "right"), prepend=0)
    opened = open_quote(part.quotes)
    if opened is not None and (final or held[-1] > MOST_LINES or len(data) - cut > LONGEST_RECORD):
        raise FileError("A quote opens here and is not closed", CLOSE_IT, where=place(opened))
    if held.size and held.max() > MOST_LINES:
        begin = int(np.append(0, part.ends)[held.argmax()])
        problem = f"The row that begins here goes on inside quotes for more than {MOST_LINES} lines"
        raise FileError(problem, f"See that its quotes are right. {CLOSE_IT}", where=place(begin))
    if len(data) - cut > LONGEST_RECORD:
        problem = f"A line is longer than {LONGEST_RECORD // 1024 // 1024} MB"
        raise FileError(problem, "See that the file is a table.", where=place(cut))

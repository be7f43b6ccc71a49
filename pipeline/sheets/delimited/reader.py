"""Reads a text table row by row, exactly: no row is lost, joined or shifted, however large the file."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.errors import was_changed
from pipeline.model.sheet import Extent, HeadRow, Kind, Place, RawFrame, SheetInfo, Written
from pipeline.prefetch import ahead
from pipeline.sheets.delimited.detect_dialect import survey
from pipeline.sheets.delimited.dialect import TextFormat
from pipeline.sheets.delimited.field_reader import cell_column, content, read_columns, row_cells
from pipeline.sheets.delimited.row_chunks import RowChunk, chunks
from pipeline.sheets.delimited.row_map import RowMap
from pipeline.sheets.delimited.row_widths import ANY_WIDTH, Among, Header, among, header_of, troubles
from pipeline.sheets.delimited.usual_width import check_not_cut, with_usual
from pipeline.source_file import SourceFile


@dataclass(slots=True)
class DelimitedBook:
    """An opened text table; see ``pipeline.model.Book``."""

    source: SourceFile
    format: str
    notes: tuple[str, ...]
    _layout: TextFormat = field(repr=False)
    sheets: tuple[SheetInfo, ...] = (SheetInfo(""),)
    hidden_known: bool = True  # text hides no rows
    formats_known: bool = True  # and has no number formats
    checks_itself: bool = True  # what is written is made of the bytes whose digest is compared
    _extent: Extent | None = field(default=None, repr=False)
    _rows: RowMap | None = field(default=None, repr=False)

    @property
    def path(self) -> Path:
        """The file."""
        return self.source.path

    def head(self, sheet: str, rows: int) -> list[HeadRow]:  # noqa: ARG002  there is but one sheet
        """The first rows; a blank line is a row of one blank cell.

        Raises:
            FileError: quotes that are never closed, a row beyond the limits.
        """
        found: list[HeadRow] = []
        for chunk in chunks(self._layout):
            for index in range(min(rows - len(found), len(chunk.ends))):
                found.append(_head_row(chunk, index, self._layout))
            if len(found) >= rows:
                break
        return found

    def frames(self, sheet: str, after: int, columns: Sequence[int], size: int) -> Iterator[RawFrame]:  # noqa: ARG002
        """All rows after ``after``, blank lines included; a row of another width than row ``after`` is a trouble.

        Raises:
            FileError: quotes that are never closed, a row beyond the limits.
        """
        header: Header | None = None
        last_row, widest = 0, 0
        whole, known = sha256(), RowMap()
        for part in among(ahead(chunks(self._layout, whole.update))):
            chunk = part.chunk
            known.add(chunk)
            last_row, widest = chunk.row + len(chunk.ends) - 1, max(widest, int(chunk.fields.max()))
            if header is None and last_row >= after:
                header = _header(chunk, after, self._layout)
            if last_row > after:
                yield from _frames(part, header or ANY_WIDTH, after, columns, size, self._layout)
        self._extent, self._rows = Extent(last_row, widest - 1), known
        self._layout.source.read_whole = whole.hexdigest()

    def hidden_columns(self, sheet: str) -> frozenset[int]:  # noqa: ARG002
        """None: text hides no columns."""
        return frozenset()

    def extent(self, sheet: str) -> Extent:  # noqa: ARG002
        """The number of rows, and the widest row's last column."""
        if self._extent is None:
            last_row, widest = 0, 0
            for chunk in chunks(self._layout):
                last_row, widest = chunk.row + len(chunk.ends) - 1, max(widest, int(chunk.fields.max()))
            self._extent = Extent(last_row, widest - 1)
        return self._extent

    def total_rows(self, sheet: str, column: int) -> frozenset[int]:  # noqa: ARG002
        """None: only Excel's own tables tell."""
        return frozenset()

    def release(self) -> None:
        """Nothing of it is held."""

    def write(self, place: Place, marks: pd.DataFrame, target: Path) -> Written:
        """Writes the annotated text table (see ``writer.write_delimited``).

        Raises:
            OutputError: the file is no longer the one of ``place.digest``.
        """
        from pipeline.sheets.delimited.writer import write_delimited

        known = self._rows if self._layout.source.read_whole == place.digest else None
        written = write_delimited(self._layout, place, marks, target, known)
        if written.input_digest != place.digest:
            raise was_changed(self.source.name)
        return written


def open_delimited(source: SourceFile, format: str) -> DelimitedBook:
    """Opens a text table.

    Args:
        format: ``csv``, ``tsv`` or ``txt``, by the file's name: no more than a hint.
    Raises:
        FileError: it is empty, no text, or not all of it decodes, with line and column.
    """
    layout = survey(source, format)
    return DelimitedBook(source, format, layout.notes, layout)


def _head_row(chunk: RowChunk, index: int, layout: TextFormat) -> HeadRow:
    cells = tuple(row_cells(chunk, index, layout))
    return HeadRow(chunk.row + index, cells, tuple(Kind.TEXT if cell else Kind.BLANK for cell in cells))


def _header(chunk: RowChunk, after: int, layout: TextFormat) -> Header | None:
    """The widths of the header row, or without one, of the first row with content; and what is usual below it."""
    filled = content(chunk, layout)
    if not after and not filled.any():
        return None
    at = after - chunk.row if after else int(filled.argmax())
    header = header_of(row_cells(chunk, at, layout))
    if after:
        check_not_cut(header, chunk, at + 1, filled, layout)
    return with_usual(header, chunk, at + bool(after), filled, layout)


def _frames(
    part: Among, header: Header, after: int, columns: Sequence[int], size: int, layout: TextFormat
) -> Iterator[RawFrame]:
    chunk = part.chunk
    first = max(0, after + 1 - chunk.row)
    filled = content(chunk, layout)
    doubts = troubles(part, header, filled, first, layout)
    doubted = list(doubts)
    texts = read_columns(chunk, columns, layout)
    for begin in range(first, len(chunk.ends), size):
        end = min(begin + size, len(chunk.ends))
        rows: npt.NDArray[np.int64] = np.arange(chunk.row + begin, chunk.row + end, dtype=np.int64)
        yield RawFrame(
            rows=rows,
            hidden=np.zeros(end - begin, dtype=np.bool_),
            content=filled[begin:end],
            columns={column: cell_column(text.slice(begin, end - begin)) for column, text in texts.items()},
            trouble={
                row: doubts[row] for row in doubted[bisect_left(doubted, rows[0]) : bisect_right(doubted, rows[-1])]
            },
        )

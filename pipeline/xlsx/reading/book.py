"""Reads a workbook: its first rows for the header, then the wanted columns of all rows, as the file stores them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.containers.safe_xml import ForbiddenXml
from pipeline.errors import FileTrouble
from pipeline.model.sheet import Book, Extent, HeadRow, Kind, RawFrame, SheetInfo
from pipeline.xlsx.errors import BrokenSheet
from pipeline.xlsx.markup.byte_search import LAST_COLUMN
from pipeline.xlsx.memory import keep_memory
from pipeline.xlsx.package import Package, SheetPart, open_package
from pipeline.xlsx.reading.cell_block import Looks, Piece, cut, ordered
from pipeline.xlsx.reading.fast_rows import Wish
from pipeline.xlsx.reading.frame import Meaning, raw_frame
from pipeline.xlsx.reading.merged_areas import Areas, read_merged
from pipeline.xlsx.reading.merged_cells import source_columns, spread
from pipeline.xlsx.reading.number_formats import read_formats
from pipeline.xlsx.reading.parsed_rows import first_rows
from pipeline.xlsx.reading.row_stream import in_order, pieces
from pipeline.xlsx.reading.shared_strings import read_shared_strings


def open_xlsx(path: Path, format: str) -> Book:
    """Opens a workbook.

    Args:
        path: the file.
        format: ``xlsx`` or ``xlsm``, as its content was told.
    Raises:
        FileTrouble: it is no workbook, a damaged one, or one made to hurt.
    """
    return XlsxBook(path, format)


class XlsxBook:
    """An opened .xlsx or .xlsm (see ``model.Book``)."""

    hidden_known = True
    formats_known = True

    def __init__(self, path: Path, format: str) -> None:
        """Opens it; raises FileTrouble."""
        keep_memory()
        self.path = path
        self.format = format
        self._package = open_package(path)
        self.sheets = tuple(SheetInfo(sheet.name, sheet.visibility) for sheet in self._package.sheets)
        self.notes: tuple[str, ...] = ()
        self._extents: dict[str, Extent] = {}
        self._areas: dict[str, Areas] = {}
        if not self.sheets:
            raise FileTrouble("This workbook has no worksheet", "Give the file that holds the orders.", where=path.name)

    @cached_property
    def _meaning(self) -> Meaning:
        return Meaning(read_shared_strings(self._package), read_formats(self._package), self._package.date1904)

    @cached_property
    def _empty(self) -> pa.Array:
        """The numbers of shared strings that are empty: a cell that names one holds nothing."""
        empty = np.flatnonzero(pc.equal(self._meaning.strings, "").to_numpy(zero_copy_only=False))
        return pa.array([str(number) for number in empty], pa.large_string())

    def head(self, sheet: str, rows: int) -> list[HeadRow]:
        """The first rows that the file holds, for finding the header."""
        part = self._package.sheet(sheet)
        looks = Looks()
        with _told(self._package, part):
            found = ordered(first_rows(self._package.archive.stream(part.part), rows, looks, self._empty))
            areas = self._merged(part)
            columns = _reached(found, areas)
            found = next(spread([found], areas, columns, looks, self._empty))
            return _head_rows(found, raw_frame(found, columns, looks, self._meaning))

    def frames(self, sheet: str, after: int, columns: Sequence[int], size: int) -> Iterator[RawFrame]:
        """All rows below ``after``, in ascending order (see ``model.Book``)."""
        part = self._package.sheet(sheet)
        wanted = np.zeros(LAST_COLUMN + 1, bool)
        wanted[list(columns)] = True
        with _told(self._package, part):
            looks = Looks()
            areas = self._merged(part)
            wanted[source_columns(areas, columns, after)] = True
            wholes = in_order(self._pieces(part, Wish(wanted), looks), size, after)
            for whole in spread(wholes, areas, columns, looks, self._empty):
                first = int(np.searchsorted(whole.rows, after, side="right"))
                for start in range(first, len(whole.rows), size):
                    yield raw_frame(cut(whole, start, start + size), columns, looks, self._meaning)

    def extent(self, sheet: str) -> Extent:
        """How far the sheet reaches; known for free when ``frames`` was read to its end."""
        if sheet not in self._extents:
            part = self._package.sheet(sheet)
            with _told(self._package, part):
                for _ in self._pieces(part, Wish(np.zeros(LAST_COLUMN + 1, bool), content=False), Looks()):
                    pass
        return self._extents[sheet]

    def _merged(self, part: SheetPart) -> Areas:
        if part.name not in self._areas:
            self._areas[part.name] = read_merged(lambda: self._package.archive.stream(part.part))
        return self._areas[part.name]

    def _pieces(self, part: SheetPart, wish: Wish, looks: Looks) -> Iterator[Piece]:
        row, column = 0, -1
        for piece in pieces(self._package.archive.stream(part.part), wish, looks, self._empty):
            row, column = max(row, piece.last_row), max(column, piece.last_column)
            yield piece
        self._extents[part.name] = Extent(row, column)


def _reached(piece: Piece, areas: Areas) -> list[int]:
    """The columns of the cells, and of what merged areas make of them."""
    if not len(piece.rows):
        return []
    columns = set(np.unique(piece.column).tolist())
    among = areas.some(
        (areas.top <= piece.rows[-1]) & (areas.bottom >= piece.rows[0]) & np.isin(areas.left, piece.column)
    )
    for right in np.unique(among.right).tolist():
        left = int(among.left[among.right == right].min())
        columns.update(range(left, min(right, piece.last_column) + 1))
    return sorted(columns)


def _head_rows(piece: Piece, frame: RawFrame) -> list[HeadRow]:
    """Each row up to its own last cell."""
    widths = np.zeros(len(piece.rows), np.int64)
    np.maximum.at(widths, piece.row, piece.column + 1)
    texts = [[""] * width for width in widths.tolist()]
    kinds = [[Kind.BLANK] * width for width in widths.tolist()]
    for column, cells in frame.columns.items():
        stored, kind = cells.text.tolist(), cells.kind.tolist()
        for row in piece.row[piece.column == column].tolist():
            texts[row][column] = str(stored[row])
            kinds[row][column] = Kind(kind[row])
    return [HeadRow(number, tuple(texts[row]), tuple(kinds[row])) for row, number in enumerate(frame.rows.tolist())]


@contextmanager
def _told(package: Package, part: SheetPart) -> Iterator[None]:
    """What goes wrong while reading a worksheet, in a person's words."""
    try:
        yield
    except BrokenSheet as error:
        raise _damaged(package, part, str(error)) from error
    except ForbiddenXml as error:
        raise _damaged(package, part, "it declares a DTD, as no workbook does") from error


def _damaged(package: Package, part: SheetPart, what: str) -> FileTrouble:
    return FileTrouble(
        f"This sheet is damaged: {what}",
        "Open it in Excel and save it again, or export it anew.",
        where=f"{package.path.name}, sheet {part.name}",
    )

"""Reads a workbook: its first rows for the header, then the wanted columns of all rows, as the file stores them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.containers.safe_xml import ForbiddenXmlError
from pipeline.limits import MOST_COLUMNS
from pipeline.xlsx.errors import BrokenSheetError, WorkbookError
from pipeline.xlsx.memory import keep_memory
from pipeline.xlsx.package import Package, SheetPart
from pipeline.xlsx.reading.cell_block import CellBlock, CellLooks, cut, ordered
from pipeline.xlsx.reading.fast_rows import Wish
from pipeline.xlsx.reading.frame import BookMeaning, rows_of
from pipeline.xlsx.reading.hidden_columns import read_hidden_columns
from pipeline.xlsx.reading.merged_areas import Areas, read_merged
from pipeline.xlsx.reading.merged_cells import source_columns, spread
from pipeline.xlsx.reading.number_formats import read_formats
from pipeline.xlsx.reading.parsed_rows import first_rows
from pipeline.xlsx.reading.row_stream import in_order, pieces
from pipeline.xlsx.reading.shared_strings import read_shared_strings
from pipeline.xlsx.tables import read_tables
from pipeline.xlsx.values import SheetRows, TopRow, UsedRange, ValueKind


class WorkbookReader:
    """Reads the worksheets of an opened workbook.

    Args:
        package: the workbook's parts.
    Raises:
        WorkbookError: it has no worksheet.
    """

    def __init__(self, package: Package) -> None:
        keep_memory()
        self.package = package
        self._known: tuple[BookMeaning, pa.Array] | None = None
        self._reaches: dict[str, UsedRange] = {}
        self._areas: dict[str, Areas] = {}
        if not package.sheets:
            raise WorkbookError("This workbook has no worksheet", "Give the file that holds the orders.")

    def total_rows(self, sheet: str, column: int) -> frozenset[int]:
        """The rows that are an Excel table's totals in a column (from 0): a sum that the table keeps, and no data."""
        tables = read_tables(self.package, self.package.sheet(sheet).part)
        return frozenset(row for one in tables if one.area.left <= column <= one.area.right for row in one.totals)

    def release(self) -> None:
        """Lets go of the texts that all cells share; they are read again when they are asked for."""
        self._known = None

    def _meaning(self) -> tuple[BookMeaning, pa.Array]:
        """What the workbook says of its cells, and the numbers of empty shared strings: a cell of these is empty."""
        if self._known is None:
            package = self.package
            meaning = BookMeaning(
                *read_shared_strings(package), read_formats(package), package.date1904, package.uncalculated
            )
            empty = np.flatnonzero(pc.equal(meaning.strings, "").to_numpy(zero_copy_only=False))
            self._known = meaning, pa.array([str(number) for number in empty], pa.large_string())
        return self._known

    def top_rows(self, sheet: str, most: int) -> list[TopRow]:
        """The first rows that the file holds, each up to its last cell."""
        part = self.package.sheet(sheet)
        looks, (meaning, empty) = CellLooks(), self._meaning()
        with _told(part):
            found = ordered(first_rows(self.package.archive.stream(part.part), most, looks, empty))
            areas = self._merged(part)
            columns = np.unique(found.column).tolist()
            found = next(spread([found], areas, columns, looks, empty, sideways=False))
            return _top_rows(found, rows_of(found, columns, looks, meaning))

    def rows(self, sheet: str, after: int, columns: Sequence[int], size: int) -> Iterator[SheetRows]:
        """All rows with a number above ``after``, ascending, at most ``size`` at a time, with some of their columns.

        Raises:
            WorkbookError: there is no such sheet, or it is damaged.
        """
        part = self.package.sheet(sheet)
        wanted = np.zeros(MOST_COLUMNS, bool)
        wanted[list(columns)] = True
        meaning, empty = self._meaning()
        with _told(part):
            looks = CellLooks()
            areas = self._merged(part)
            wanted[source_columns(areas, columns, after)] = True
            wholes = in_order(self._pieces(part, Wish(wanted), looks, empty), size, after)
            for whole in spread(wholes, areas, columns, looks, empty):
                first = int(np.searchsorted(whole.rows, after, side="right"))
                for start in range(first, len(whole.rows), size):
                    yield rows_of(cut(whole, start, start + size), columns, looks, meaning)

    def reach(self, sheet: str) -> UsedRange:
        """How far the sheet reaches; known for free when ``rows`` was read to its end."""
        if sheet not in self._reaches:
            part, empty = self.package.sheet(sheet), self._meaning()[1]
            with _told(part):
                for _ in self._pieces(part, Wish(np.zeros(MOST_COLUMNS, bool), content=False), CellLooks(), empty):
                    pass
        return self._reaches[sheet]

    def hidden_columns(self, sheet: str) -> frozenset[int]:
        """The columns of a sheet that are hidden, from 0."""
        part = self.package.sheet(sheet)
        with _told(part):
            return read_hidden_columns(self.package.archive.stream(part.part))

    def _merged(self, part: SheetPart) -> Areas:
        if part.name not in self._areas:
            self._areas[part.name] = read_merged(lambda: self.package.archive.stream(part.part))
        return self._areas[part.name]

    def _pieces(self, part: SheetPart, wish: Wish, looks: CellLooks, empty: pa.Array) -> Iterator[CellBlock]:
        row, column = 0, -1
        for piece in pieces(self.package.archive.stream(part.part), wish, looks, empty):
            row, column = max(row, piece.last_row), max(column, piece.last_column)
            yield piece
        self._reaches[part.name] = UsedRange(row, column)


def _top_rows(piece: CellBlock, found: SheetRows) -> list[TopRow]:
    """Each row up to its own last cell."""
    widths = np.zeros(len(piece.rows), np.int64)
    np.maximum.at(widths, piece.row, piece.column + 1)
    texts = [[""] * width for width in widths.tolist()]
    kinds = [[ValueKind.BLANK] * width for width in widths.tolist()]
    for column, cells in found.columns.items():
        stored, kind = cells.text.tolist(), cells.kind.tolist()
        for row in piece.row[piece.column == column].tolist():
            texts[row][column] = str(stored[row])
            kinds[row][column] = ValueKind(kind[row])
    return [TopRow(number, tuple(texts[row]), tuple(kinds[row])) for row, number in enumerate(found.numbers.tolist())]


@contextmanager
def _told(part: SheetPart) -> Iterator[None]:
    """What goes wrong while reading a worksheet, with its name."""
    try:
        yield
    except BrokenSheetError as error:
        raise _damaged(part, str(error)) from error
    except ForbiddenXmlError as error:
        raise _damaged(part, "it declares a DTD, as no workbook does") from error


def _damaged(part: SheetPart, what: str) -> WorkbookError:
    step = "Open it in Excel and save it again, or export it anew."
    return WorkbookError(f"This sheet is damaged: {what}", step, sheet=part.name)

"""Shows a workbook of Excel as the product's book, and writes it back; translates the library's values and troubles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.containers.zip_archive import Archive
from pipeline.errors import FileError, NotPatchedError
from pipeline.model.sheet import CellColumn, Extent, HeadRow, Kind, Place, RawFrame, SheetInfo, Visibility, Written
from pipeline.sheets.status_style import FILLS, INK, WIDTHS
from pipeline.source_file import SourceFile
from pipeline.xlsx import (
    CannotPatchError,
    ColumnCells,
    NewColumns,
    NewLook,
    Package,
    SheetRows,
    TabState,
    UsedRange,
    ValueKind,
    WorkbookError,
    WorkbookReader,
    check_patch,
    open_package,
    write_patched,
)
from schemas.annotated import FIRST_COLUMNS

KINDS = {
    ValueKind.BLANK: Kind.BLANK,
    ValueKind.TEXT: Kind.TEXT,
    ValueKind.NUMBER: Kind.NUMBER,
    ValueKind.DATE: Kind.DATE,
    ValueKind.BOOLEAN: Kind.BOOLEAN,
    ValueKind.ERROR: Kind.ERROR,
    ValueKind.EMPTY_FORMULA: Kind.EMPTY_FORMULA,
}
BY_NUMBER = np.array([KINDS[kind] for kind in sorted(KINDS)], np.int8)

VISIBILITIES = {
    TabState.VISIBLE: Visibility.VISIBLE,
    TabState.HIDDEN: Visibility.HIDDEN,
    TabState.VERY_HIDDEN: Visibility.VERY_HIDDEN,
}

LOOK = NewLook({str(status): fill for status, fill in FILLS.items()}, INK, WIDTHS)


class XlsxBook:
    """An opened .xlsx or .xlsm (see ``model.sheet.Book``).

    Args:
        archive: the checked zip.
        format: ``xlsx`` or ``xlsm``, as its content was told.
    Raises:
        FileError: it is no workbook, a damaged one, or one made to hurt.
    """

    hidden_known = True
    formats_known = True
    checks_itself = False

    def __init__(self, archive: Archive, format: str) -> None:
        self.path = archive.path
        self.format = format
        self.notes: tuple[str, ...] = ()
        with _told(self.path):
            self._reader = WorkbookReader(open_package(archive))
        self.sheets = tuple(SheetInfo(one.name, VISIBILITIES[one.state]) for one in self.package.sheets)

    @property
    def package(self) -> Package:
        """The workbook's parts."""
        return self._reader.package

    @property
    def source(self) -> SourceFile:
        """The file."""
        return self.package.archive.source

    def head(self, sheet: str, rows: int) -> list[HeadRow]:
        """The first rows that the file holds, for finding the header."""
        with _told(self.path):
            found = self._reader.top_rows(sheet, rows)
        return [HeadRow(row.number, row.texts, tuple(KINDS[kind] for kind in row.kinds)) for row in found]

    def frames(self, sheet: str, after: int, columns: Sequence[int], size: int) -> Iterator[RawFrame]:
        """All rows below ``after``, in ascending order (see ``model.sheet.Book``)."""
        with _told(self.path):
            for rows in self._reader.rows(sheet, after, columns, size):
                yield _frame(rows)

    def extent(self, sheet: str) -> Extent:
        """How far the sheet reaches; known for free when ``frames`` was read to its end."""
        with _told(self.path):
            reach = self._reader.reach(sheet)
        return Extent(reach.last_row, reach.last_column)

    def hidden_columns(self, sheet: str) -> frozenset[int]:
        """The columns that are hidden in the sheet."""
        with _told(self.path):
            return self._reader.hidden_columns(sheet)

    def total_rows(self, sheet: str, column: int) -> frozenset[int]:
        """The rows that are an Excel table's totals in a column."""
        with _told(self.path):
            return self._reader.total_rows(sheet, column)

    def release(self) -> None:
        """Lets go of the workbook's texts, which only reading needs."""
        self._reader.release()

    def why_not_patched(self, place: Place) -> str:
        """What the workbook's parts tell, before anything is sent, of why it can't be patched; "" when it can."""
        try:
            with _told(self.path):
                check_patch(self.package, new_columns(place))
        except NotPatchedError as trouble:
            return str(trouble)
        return ""

    def write(self, place: Place, marks: pd.DataFrame, target: Path) -> Written:
        """Writes the workbook with a status, a remark and a refnum for each row that has a mark; see ``Book``.

        Raises:
            NotPatchedError: signed, no room, or no worksheet that can be patched safely.
            FileError: the file is damaged.
        """
        with _told(self.path):
            return Written(target, write_patched(self.package, new_columns(place), marks, LOOK, target))


def _frame(rows: SheetRows) -> RawFrame:
    columns = {column: _column(cells) for column, cells in rows.columns.items()}
    return RawFrame(rows.numbers, rows.hidden, rows.content, columns, rows.trouble)


def _column(cells: ColumnCells) -> CellColumn:
    return CellColumn(BY_NUMBER[cells.kind], cells.text, cells.format, cells.formats, cells.formula, cells.struck)


def new_columns(place: Place) -> NewColumns:
    """The columns to add, in the library's terms."""
    return NewColumns(
        sheet=place.sheet,
        header_row=place.header_row,
        headers=place.headers,
        names=place.added,
        own=place.own_column,
        reach=UsedRange(place.extent.last_row, place.extent.last_column),
        own_count=len(FIRST_COLUMNS),
        key=place.columns.get("awb_number", 0),
    )


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """The library's troubles as a person's, with the file's name."""
    try:
        yield
    except CannotPatchError as error:
        raise NotPatchedError(error.problem, error.next_step, where=_where(path, error)) from error
    except WorkbookError as error:
        raise FileError(error.problem, error.next_step, where=_where(path, error)) from error


def _where(path: Path, error: WorkbookError) -> str:
    return f"{path.name}, sheet {error.sheet}" if error.sheet else path.name

"""Writes a workbook back with our columns: the worksheet is patched while it streams by, all else stays as it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

import pandas as pd

from pipeline.addresses import Area
from pipeline.containers.zip_rewrite import Chunk, ZipTooLargeError, rewrite_zip
from pipeline.xlsx.errors import CannotPatchError
from pipeline.xlsx.memory import keep_memory
from pipeline.xlsx.package import Package, SheetPart
from pipeline.xlsx.patching.cell_xml import Cells
from pipeline.xlsx.patching.defined_names import widen_filter_name
from pipeline.xlsx.patching.fallbacks import PatchAttempt, StartOverError
from pipeline.xlsx.patching.placement import Landing, land, widened_filter
from pipeline.xlsx.patching.row_numbers import numbers_of_rows
from pipeline.xlsx.patching.row_stream import patch_rows
from pipeline.xlsx.patching.sheet_parts import Frame
from pipeline.xlsx.patching.styles import CellStyles, add_styles
from pipeline.xlsx.patching.tables import widen
from pipeline.xlsx.tables import TablePart, read_tables
from pipeline.xlsx.values import NewColumns, NewLook

PIECE = 1 << 20
"""Bytes of the part worked on at once: some thousand rows, so that what each step costs by itself is little."""


def write_patched(
    package: Package, new: NewColumns, marks: pd.DataFrame, look: NewLook, target: Path
) -> tuple[str, ...]:
    """Writes the workbook with new cells for each row that has a mark.

    Args:
        package: the workbook.
        new: the columns to add; ``own`` says that an earlier run's are written in place.
        marks: index the row number, ascending; a column of texts for each of ``new.names``, "" for no cell.
        look: how the cells look.
        target: overwritten; complete and on the disk on return.
    Returns:
        What the reader of the new workbook should know, a sentence each.
    Raises:
        CannotPatchError: signed, no room, or no worksheet that can be patched safely.
        WorkbookError: the file is damaged.
    """
    keep_memory()
    patch, attempt = SheetPatch(package, _sheet(package, new), new, marks, look), PatchAttempt()
    while True:
        try:
            return patch.write(target, attempt)
        except StartOverError as found:
            attempt = found.change(attempt)
        except ZipTooLargeError as error:
            raise CannotPatchError("The new sheet would be larger than a workbook can be") from error
        except (expat.ExpatError, ValueError) as error:
            raise CannotPatchError(
                f"The sheet {new.sheet} is written in a way that can't be patched ({error})"
            ) from error


def check_patch(package: Package, new: NewColumns) -> None:
    """Finds out what the workbook's parts tell of whether it can be patched; its rows are not looked at.

    Raises:
        CannotPatchError: signed, or no room.
    """
    sheet = _sheet(package, new)
    land(new, read_tables(package, sheet.part), new.reach.last_row)


def _sheet(package: Package, new: NewColumns) -> SheetPart:
    if package.signed:
        raise CannotPatchError("This workbook is signed, and any change would break the signature")
    sheet = next((one for one in package.sheets if one.name == new.sheet), None)
    if sheet is None:
        raise CannotPatchError(f"The workbook has no sheet {new.sheet} any more")
    return sheet


@dataclass(frozen=True, slots=True)
class SheetPatch:
    """One sheet to be written, whatever the attempt."""

    package: Package
    sheet: SheetPart
    new: NewColumns
    marks: pd.DataFrame
    look: NewLook

    def write(self, target: Path, attempt: PatchAttempt) -> tuple[str, ...]:
        """Writes the whole workbook; what its reader should know.

        Raises:
            StartOverError: another attempt is needed.
        """
        new, archive = self.new, self.package.archive
        none = new.header_row or 1
        first, last = (int(self.marks.index[0]), int(self.marks.index[-1])) if len(self.marks) else (none, none)
        tables = read_tables(self.package, self.sheet.part)
        landing = land(new, tables, max(last, new.reach.last_row), attempt.beyond)
        parts: dict[str, Iterable[Chunk]] = {}
        styles = self._styles(parts)
        for table in landing.widened:
            parts[table.part] = [
                widen(archive.read(table.part), table, landing.fresh_names, self._totals(table, landing))
            ]
        named_filter = self._filter(landing, attempt, parts)
        frame = Frame(new, landing, (min(first, none), last), self.look.widths, named_filter)
        parts[self.sheet.part] = self._patched(frame, styles, attempt)
        rewrite_zip(archive, target, parts)
        return (*landing.notes, *frame.notes)

    def _totals(self, table: TablePart, landing: Landing) -> list[str]:
        """What the new columns say of the row of a table's totals."""
        said = self.marks.loc[self.marks.index.isin(table.totals)].iloc[:1, landing.fresh_first - landing.first :]
        return [str(text) for row in said.itertuples(index=False) for text in row]

    def _styles(self, parts: dict[str, Iterable[Chunk]]) -> CellStyles:
        """Adds the styles; a workbook without any stays so, and our cells are plain."""
        if self.package.styles is None:
            return CellStyles()
        old = self.package.archive.read(self.package.styles)
        new, styles = add_styles(old, self.look)
        if new != old:
            parts[self.package.styles] = [new]
        return styles

    def _filter(self, landing: Landing, attempt: PatchAttempt, parts: dict[str, Iterable[Chunk]]) -> Area | None:
        """Widens the workbook's name for the sheet's filter; what it was, or None when it stays."""
        if not attempt.filter_name or not landing.fresh:
            return None
        new, old = widen_filter_name(
            self.package.archive.read(self.package.workbook),
            self.sheet.position,
            lambda area: widened_filter(area, self.new, landing),
        )
        if old:
            parts[self.package.workbook] = [new]
        return old

    def _patched(self, frame: Frame, styles: CellStyles, attempt: PatchAttempt) -> Iterator[Chunk]:
        def make_cells(prefix: str) -> Cells:
            return Cells(self.marks, frame.landing, styles, prefix)

        archive, part = self.package.archive, self.sheet.part
        present = numbers_of_rows(archive.stream(part)) if attempt.unordered else None
        return patch_rows(_ahead(archive.stream(part)), frame, make_cells, self.new, present)


def _ahead(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The part in smaller pieces, the next ones unpacked on another thread while these are worked on."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = thread.submit(next, pieces, None)
            yield from (piece[start : start + PIECE] for start in range(0, len(piece), PIECE))

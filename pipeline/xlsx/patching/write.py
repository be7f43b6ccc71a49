"""Writes a workbook back with our columns: the worksheet is patched while it streams by, all else stays as it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

import pandas as pd

from pipeline.addresses import Area
from pipeline.containers.zip_rewrite import Chunk, rewrite_zip
from pipeline.model.sheet import Place, Written
from pipeline.xlsx.errors import CannotPatch
from pipeline.xlsx.memory import keep_memory
from pipeline.xlsx.package import Package, SheetPart, open_package
from pipeline.xlsx.patching.cell_xml import Cells
from pipeline.xlsx.patching.defined_names import widen_filter_name
from pipeline.xlsx.patching.fallbacks import Attempt, StartOver
from pipeline.xlsx.patching.parsed_rows import ExactRows
from pipeline.xlsx.patching.placement import Landing, land, widened_filter
from pipeline.xlsx.patching.row_numbers import survey
from pipeline.xlsx.patching.row_stream import patch_plain
from pipeline.xlsx.patching.sheet_parts import Frame
from pipeline.xlsx.patching.styles import Styles, add_styles
from pipeline.xlsx.patching.tables import read_tables, widen

__all__ = ["CannotPatch", "check_xlsx", "write_xlsx"]

PIECE = 1 << 20
"""Bytes of the part worked on at once: some thousand rows, so that what each step costs by itself is little."""


def write_xlsx(place: Place, marks: pd.DataFrame, target: Path) -> Written:
    """Writes the workbook with a status, a remark and a refnum for each row that has a mark.

    Args:
        place: the way back to the sheet; ``own_column`` says that an earlier run's columns are written in place.
        marks: index the row number, ascending; columns in the order of ``place.added``.
        target: overwritten; complete and on the disk on return.
    Raises:
        CannotPatch: signed, no room, or no worksheet that can be patched safely.
        FileTrouble: the file is damaged.
    """
    keep_memory()
    package, sheet = _opened(place)
    work, attempt = Work(package, sheet, place, marks), Attempt()
    while True:
        try:
            return work.write(target, attempt)
        except StartOver as found:
            attempt = found.change(attempt)
        except (expat.ExpatError, ValueError) as error:
            raise CannotPatch(
                f"The sheet {place.sheet} is written in a way that can't be patched ({error})", where=place.path.name
            ) from error


def check_xlsx(place: Place) -> None:
    """Finds out, before anything is sent, what its parts tell of whether a workbook can be patched.

    Raises:
        CannotPatch: signed, or no room.
    """
    package, sheet = _opened(place)
    land(place, read_tables(package, sheet.part), place.extent.last_row)


def _opened(place: Place) -> tuple[Package, SheetPart]:
    package = open_package(place.path)
    if package.signed:
        raise CannotPatch("This workbook is signed, and any change would break the signature", where=place.path.name)
    sheet = next((one for one in package.sheets if one.name == place.sheet), None)
    if sheet is None:
        raise CannotPatch(f"The workbook has no sheet {place.sheet} any more", where=place.path.name)
    return package, sheet


@dataclass(frozen=True, slots=True)
class Work:
    """One sheet to be written, whatever the attempt."""

    package: Package
    sheet: SheetPart
    place: Place
    marks: pd.DataFrame

    def write(self, target: Path, attempt: Attempt) -> Written:
        """Writes the whole workbook.

        Raises:
            StartOver: another attempt is needed.
        """
        place, archive = self.place, self.package.archive
        none = place.header_row or 1
        first, last = (int(self.marks.index[0]), int(self.marks.index[-1])) if len(self.marks) else (none, none)
        tables = read_tables(self.package, self.sheet.part)
        landing = land(place, tables, max(last, place.extent.last_row), attempt.beyond)
        parts: dict[str, Iterable[Chunk]] = {}
        styles = self._styles(parts)
        for table in landing.widened:
            parts[table.part] = [widen(archive.read(table.part), table, landing.fresh_names)]
        frame = Frame(place, landing, (min(first, none), last), self._filter(landing, attempt, parts))
        parts[self.sheet.part] = self._patched(frame, styles, attempt)
        rewrite_zip(place.path, target, parts)
        return Written(target, (*landing.notes, *frame.notes))

    def _styles(self, parts: dict[str, Iterable[Chunk]]) -> Styles:
        """Adds the styles; a workbook without any stays so, and our cells are plain."""
        if self.package.styles is None:
            return Styles()
        old = self.package.archive.read(self.package.styles)
        new, styles = add_styles(old)
        if new != old:
            parts[self.package.styles] = [new]
        return styles

    def _filter(self, landing: Landing, attempt: Attempt, parts: dict[str, Iterable[Chunk]]) -> Area | None:
        """Widens the workbook's name for the sheet's filter; what it was, or None when it stays."""
        if not attempt.filter_name or not landing.fresh:
            return None
        new, old = widen_filter_name(
            self.package.archive.read(self.package.workbook),
            self.sheet.position,
            lambda area: widened_filter(area, self.place, landing),
        )
        if old:
            parts[self.package.workbook] = [new]
        return old

    def _patched(self, frame: Frame, styles: Styles, attempt: Attempt) -> Iterator[Chunk]:
        def make_cells(prefix: str) -> Cells:
            return Cells(self.marks, frame.landing, styles, prefix)

        archive, part = self.package.archive, self.sheet.part
        if not attempt.exact:
            return patch_plain(_ahead(archive.stream(part)), frame, make_cells, self.place.header_row)
        present = survey(archive.stream(part)) if attempt.survey else None
        return ExactRows(frame, make_cells, self.place, present).patched(archive.stream(part))


def _ahead(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The part in smaller pieces, the next ones unpacked on another thread while these are worked on."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = thread.submit(next, pieces, None)
            yield from (piece[start : start + PIECE] for start in range(0, len(piece), PIECE))

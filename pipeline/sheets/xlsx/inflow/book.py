"""Reads a workbook: its first rows for the header, then the wanted columns of all rows, as the file stores them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from xml.parsers import expat

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import FileTrouble
from pipeline.model import CellColumn, Extent, HeadRow, Kind, RawFrame, SheetInfo
from pipeline.sheets.archive import ForbiddenXml
from pipeline.sheets.xlsx.inflow.block import Block, BrokenSheet, OddXml
from pipeline.sheets.xlsx.inflow.exact import Row, as_block, read_rows
from pipeline.sheets.xlsx.inflow.formats import Formats, iso_dates, read_formats
from pipeline.sheets.xlsx.inflow.scanning import Scanner, blocks
from pipeline.sheets.xlsx.inflow.strings import read_shared_strings
from pipeline.sheets.xlsx.package import Package, SheetPart, open_package

TEXT_KINDS = ("s", "inlineStr", "str")
BOOLEANS = {"1": "TRUE", "0": "FALSE", "true": "TRUE", "false": "FALSE"}


class XlsxBook:
    """An opened .xlsx or .xlsm (see ``model.Book``)."""

    hidden_known = True
    formats_known = True

    def __init__(self, path: Path, format: str) -> None:
        """Opens it; raises FileTrouble."""
        self.path = path
        self.format = format
        self._package = open_package(path)
        self.sheets = tuple(SheetInfo(sheet.name, sheet.visibility) for sheet in self._package.sheets)
        self.notes: tuple[str, ...] = ()
        self._extents: dict[str, Extent] = {}
        if not self.sheets:
            raise FileTrouble("This workbook has no worksheet", "Give the file that holds the orders.", where=path.name)

    @cached_property
    def _formats(self) -> Formats:
        return read_formats(self._package)

    @cached_property
    def _strings(self) -> pa.Array:
        return read_shared_strings(self._package)

    def head(self, sheet: str, rows: int) -> list[HeadRow]:
        """The first rows that the file holds, for finding the header."""
        part = self._package.sheet(sheet)
        with _told(self._package, part):
            found, _ = read_rows(self._package.archive.stream(part.part), rows)
            return [self._head_row(row) for row in found]

    def _head_row(self, row: Row) -> HeadRow:
        width = max((cell.column for cell in row.cells), default=-1) + 1
        texts, kinds = [""] * width, [Kind.BLANK] * width
        wanted = sorted({cell.column for cell in row.cells})
        for column, found in self._finish(as_block([row], wanted), wanted).columns.items():
            texts[column] = str(found.text.iloc[0])
            kinds[column] = Kind(int(found.kind[0]))
        return HeadRow(row.number, tuple(texts), tuple(kinds))

    def frames(self, sheet: str, after: int, columns: Sequence[int], size: int) -> Iterator[RawFrame]:
        """All rows below ``after``, in ascending order (see ``model.Book``)."""
        part = self._package.sheet(sheet)
        with _told(self._package, part):
            done = _Done()
            try:
                for block in _together(self._fast(part, columns), size):
                    done.note(block)
                    yield self._finish(block.below(after), columns)
            except OddXml:
                yield from self._exact(part, after, columns, size, done)

    def _fast(self, part: SheetPart, columns: Sequence[int]) -> Iterator[Block]:
        scanner = Scanner(columns)
        for block in blocks(self._package.archive.stream(part.part)):
            yield scanner.scan(block)
        self._extents[part.name] = Extent(scanner.last_row, scanner.last_column)

    def _exact(self, part: SheetPart, after: int, columns: Sequence[int], size: int, done: _Done) -> Iterator[RawFrame]:
        rows, reader = read_rows(self._package.archive.stream(part.part))
        self._extents[part.name] = Extent(reader.last_row, reader.last_column)
        left = [row for row in rows if row.number > done.last]
        if len(rows) - len(left) != done.count:
            raise BrokenSheet("its rows are out of order")
        for start in range(0, len(left), size):
            yield self._finish(as_block(left[start : start + size], columns).below(after), columns)

    def extent(self, sheet: str) -> Extent:
        """How far the sheet reaches; known for free when ``frames`` was read to its end."""
        if sheet not in self._extents:
            for _ in self.frames(sheet, 0, (), 1_000_000):
                pass
        return self._extents[sheet]

    # --- from stored cells to columns -------------------------------------------------------------------------------

    def _finish(self, block: Block, columns: Sequence[int]) -> RawFrame:
        """What the cells mean: shared strings looked up, dates told from numbers by their format."""
        kinds = self._kinds(block)
        texts = self._texts(block, kinds)
        formats = self._format_places(block.style)
        frame = {}
        for column in columns:
            mine = block.column == column
            place = np.searchsorted(block.rows, block.row[mine])
            frame[column] = self._column(len(block.rows), place, mine, kinds, texts, formats, block.formula)
        return RawFrame(block.rows, block.hidden, block.content, frame, block.trouble)

    def _column(
        self,
        count: int,
        place: npt.NDArray[np.int64],
        mine: npt.NDArray[np.bool_],
        kinds: npt.NDArray[np.int8],
        texts: pd.Series[str],
        formats: npt.NDArray[np.int32],
        formula: npt.NDArray[np.bool_],
    ) -> CellColumn:
        kind = np.zeros(count, np.int8)
        kind[place] = kinds[mine]
        shown = np.zeros(count, np.int32)
        shown[place] = formats[mine]
        computed = np.zeros(count, np.bool_)
        computed[place] = formula[mine]
        source = np.full(count, -1, np.int64)
        source[place] = np.flatnonzero(mine)
        text = texts.take(np.maximum(source, 0)) if len(texts) else pd.Series("", index=range(count), dtype="str")
        text = text.reset_index(drop=True).where(source >= 0, "")
        return CellColumn(kind, text, shown, self._formats.codes, computed)

    def _format_places(self, style: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
        known = self._formats.of_style
        return known[np.where(style < len(known), style, 0)]

    def _kinds(self, block: Block) -> npt.NDArray[np.int8]:
        filled = pc.not_equal(block.value, "").to_numpy(zero_copy_only=False)
        kind = block.kind
        dated = self._formats.dates[self._format_places(block.style)]
        number = np.where(dated, np.int8(Kind.DATE), np.int8(Kind.NUMBER))
        found = np.select(
            [
                ~filled & block.formula & (kind != "str"),
                ~filled,
                np.isin(kind, TEXT_KINDS),
                kind == "b",
                kind == "e",
                kind == "d",
            ],
            [Kind.EMPTY_FORMULA, Kind.BLANK, Kind.TEXT, Kind.BOOLEAN, Kind.ERROR, Kind.DATE],
            number,
        )
        return found.astype(np.int8)

    def _texts(self, block: Block, kinds: npt.NDArray[np.int8]) -> pd.Series[str]:
        values = block.value
        shared = block.kind == "s"
        if shared.any():
            values = pc.if_else(pa.array(shared), self._looked_up(values, shared), values)
        texts = pd.Series(values, dtype="str")
        dates = (kinds == Kind.DATE) & (block.kind != "d")
        if dates.any():
            texts[dates] = iso_dates(texts[dates], date1904=self._package.date1904)
        if (block.kind == "d").any():
            days = pd.Series(block.kind == "d")
            texts = texts.where(~days, texts.str.replace("T", " ").str.removesuffix(" 00:00:00"))
        booleans = kinds == Kind.BOOLEAN
        if booleans.any():
            texts[booleans] = texts[booleans].map(BOOLEANS).fillna("FALSE")
        kinds[(kinds == Kind.TEXT) & (texts == "").to_numpy()] = Kind.BLANK
        return texts

    def _looked_up(self, values: pa.Array, shared: npt.NDArray[np.bool_]) -> pa.Array:
        spelt = pc.if_else(pa.array(shared), values, "0")
        digits = pc.match_substring_regex(spelt, "^[0-9]{1,9}$")
        place = pc.cast(pc.if_else(digits, spelt, "0"), pa.int64())
        blank = pc.equal(values, "")
        if not pc.all(pc.or_(digits, blank)).as_py() or (
            len(place) and pc.max(place).as_py() >= max(len(self._strings), 1)
        ):
            raise BrokenSheet("a cell names a text that the workbook does not hold")
        if not len(self._strings):
            return pa.nulls(len(values), pa.string()).fill_null("")
        return pc.if_else(blank, "", self._strings.take(place))


@dataclass(slots=True)
class _Done:
    """What the fast way handed out before it met something odd."""

    last: int = 0
    count: int = 0

    def note(self, block: Block) -> None:
        self.count += len(block.rows)
        self.last = int(block.rows[-1]) if len(block.rows) else self.last


def _together(parts: Iterator[Block], size: int) -> Iterator[Block]:
    """Small blocks joined to frames of about ``size`` rows, never more."""
    waiting: list[Block] = []
    count = 0
    for part in parts:
        if waiting and count + len(part.rows) > size:
            yield Block.joined(waiting)
            waiting, count = [], 0
        waiting.append(part)
        count += len(part.rows)
    if waiting:
        yield Block.joined(waiting)


@contextmanager
def _told(package: Package, part: SheetPart) -> Iterator[None]:
    """What goes wrong while reading a worksheet, in a person's words."""
    try:
        yield
    except BrokenSheet as error:
        raise _damaged(package, part, str(error)) from error
    except (expat.ExpatError, ForbiddenXml, pa.ArrowInvalid, UnicodeDecodeError, LookupError) as error:
        raise _damaged(package, part, "its XML can't be read") from error


def _damaged(package: Package, part: SheetPart, what: str) -> FileTrouble:
    return FileTrouble(
        f"This sheet is damaged: {what}",
        "Open it in Excel and save it again, or export it anew.",
        where=f"{package.path.name}, sheet {part.name}",
    )

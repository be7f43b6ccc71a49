"""Gathers the cells that a reader meets, row by row, into compact columns, and stops before memory runs out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.errors import FileError
from pipeline.limits import MOST_COLUMNS, MOST_ROWS
from pipeline.model.sheet import Extent, Kind, SheetInfo, Visibility
from pipeline.sheets.converted.grid import Grid, GridBook
from pipeline.sheets.converted.merged import MergedArea, merged_of
from pipeline.sheets.converted.strips import SheetStrip, Strip, as_arrow
from pipeline.source_file import SourceFile

MOST_CELLS = 40_000_000  # cells of a book, blanks between them counted: about 500 MB as it is held here
MOST_CHARACTERS = 400_000_000  # characters of a book's texts
MOST_FORMATS = 2_000  # distinct number formats; Excel itself allows some hundred

CHUNK_ROWS = 16_384
CHUNK_CELLS = 400_000
CHUNK_CHARACTERS = 16_000_000

OTHER_FORMAT = '"…"'
"""Stands for all formats beyond ``MOST_FORMATS``: one that shows a text instead of the number, so never believed."""

WHOLE_BELOW = 1e18


class Cell(NamedTuple):
    """A cell that isn't blank: its column from 0, what it stores, the number of its format, whether it is computed, and
    whether it is struck out or has parts that are (``CellColumn.struck``)."""

    column: int
    kind: Kind
    text: str
    format: int = -1
    formula: bool = False
    struck: bool = False


def number_text(value: float) -> str:
    """A stored number's digits: a whole number without exponent or fraction, others as short as they are exact."""
    if value == value // 1 and abs(value) < WHOLE_BELOW:
        return str(int(value))
    return repr(value)


@dataclass(slots=True)
class _Growing:
    """A column of the chunk that is being gathered: only cells that hold something, with their place in the chunk."""

    at: list[int] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    formats: list[int] = field(default_factory=list)
    formulas: list[int] = field(default_factory=list)
    struck: list[int] = field(default_factory=list)

    def strip(self, size: int) -> Strip:
        kind, form = np.zeros(size, np.int8), np.full(size, -1, np.int16)
        texts = np.full(size, "", dtype=object)
        kind[self.at], form[self.at], texts[self.at] = self.kinds, self.formats, self.texts
        formula, struck = _flags(self.formulas, size), _flags(self.struck, size)
        return Strip(kind, as_arrow(texts.tolist()), form, formula, struck)


def _flags(at: list[int], size: int) -> npt.NDArray[np.bool_] | None:
    if not at:
        return None
    flags = np.zeros(size, np.bool_)
    flags[at] = True
    return flags


class BookBuilder:
    """Gathers the sheets of one file; the limits hold for all of them together."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self._formats: dict[str, int] = {}
        self._sheets: dict[str, tuple[SheetInfo, Grid]] = {}
        self._cells = self._characters = 0

    def format_index(self, code: str) -> int:
        """The number under which a number format is kept."""
        if code not in self._formats and len(self._formats) >= MOST_FORMATS:
            code = OTHER_FORMAT
        return self._formats.setdefault(code, len(self._formats))

    def spend(self, cells: int, characters: int) -> None:
        """Counts what is held.

        Raises:
            FileError: it is more than can be held.
        """
        self._cells += cells
        self._characters += characters
        if self._cells > MOST_CELLS or self._characters > MOST_CHARACTERS:
            raise FileError(
                f"This file has more than {MOST_CELLS // 1_000_000} million cells, or as much text as no table has",
                "Save the one sheet as .xlsx or .csv, and give that.",
                where=self.source.name,
            )

    def add(self, name: str, visibility: Visibility, sheet: SheetBuilder) -> None:
        """Takes a sheet that was read to its end; a name that a damaged file uses twice gets a number."""
        names = (name if number == 1 else f"{name} ({number})" for number in count(1))
        unique = next(free for free in names if free not in self._sheets)
        self._sheets[unique] = (SheetInfo(unique, visibility), sheet.finish())

    def book(self, kind: str, *, notes: Sequence[str] = (), hidden: bool = True, formats: bool = True) -> GridBook:
        """The book of everything that was added; ``hidden``, ``formats``: whether the reader could tell them."""
        if not self._sheets:
            raise FileError("This file has no sheet with cells", "Export it again.", where=self.source.name)
        infos = tuple(info for info, _ in self._sheets.values())
        grids = {info.name: grid for info, grid in self._sheets.values()}
        return GridBook(self.source, kind, infos, grids, tuple(self._formats), tuple(notes), hidden, formats)


class SheetBuilder:
    """Gathers the rows of one sheet, ascending."""

    def __init__(self, book: BookBuilder) -> None:
        self._book = book
        self._chunks: list[SheetStrip] = []
        self._last_row, self._last_column = 0, -1
        self._areas: list[MergedArea] = []
        self._hidden_columns: set[int] = set()
        self._begin()

    def _begin(self) -> None:
        self._rows: list[int] = []
        self._hidden: list[bool] = []
        self._content: list[bool] = []
        self._columns: dict[int, _Growing] = {}
        self._characters = 0

    def reach(self, row: int, column: int) -> None:
        """Notes a cell that stands there without holding anything, so that nothing is written over its format."""
        self._last_row, self._last_column = max(self._last_row, row), max(self._last_column, column)

    def merge(self, area: MergedArea) -> None:
        """Notes a merged area, before or after its cells; one beyond what a worksheet can have is cut there."""
        area = MergedArea(area.top, min(area.bottom, MOST_ROWS), area.left, min(area.right, MOST_COLUMNS - 1))
        if area.top <= area.bottom and area.left <= area.right:
            self._areas.append(area)

    def hide(self, first: int, last: int) -> None:
        """Notes columns (from 0) that are hidden, the last one too."""
        self._hidden_columns.update(range(max(first, 0), min(last + 1, MOST_COLUMNS)))

    def row(self, number: int, cells: Sequence[Cell], *, hidden: bool = False, repeat: int = 1) -> None:
        """Takes a row (from 1), and the same again below it ``repeat`` times; a row without cells is not kept."""
        if not cells:
            return
        if number + repeat - 1 > MOST_ROWS or cells[-1].column >= MOST_COLUMNS:
            raise FileError(
                "A sheet of this file has more rows or columns than a worksheet can have",
                "Save the table as .csv, and give that.",
                where=self._book.source.name,
            )
        weight = sum([len(cell.text) for cell in cells])
        self._book.spend(0, weight * repeat)
        self.reach(number + repeat - 1, cells[-1].column)
        while repeat > 0:
            take = min(repeat, self._room(cells, weight))
            self._take(number, cells, hidden, take)
            self._characters += weight * take
            number, repeat = number + take, repeat - take

    def _room(self, cells: Sequence[Cell], weight: int) -> int:
        """How many such rows still fit into the chunk; a full chunk is put away first."""
        width = max(len(self._columns), len(cells))
        room = min(CHUNK_ROWS, CHUNK_CELLS // width) - len(self._rows)
        if (room < 1 or self._characters > CHUNK_CHARACTERS) and self._rows:
            self._close()
            room = min(CHUNK_ROWS, CHUNK_CELLS // len(cells))
        return max(1, min(room, CHUNK_CHARACTERS // max(weight, 1)))

    def _take(self, number: int, cells: Sequence[Cell], hidden: bool, repeat: int) -> None:
        begin = len(self._rows)
        self._rows.extend(range(number, number + repeat))
        self._hidden.extend([hidden] * repeat)
        self._content.extend([any(c.text or c.kind == Kind.EMPTY_FORMULA for c in cells)] * repeat)
        for column, kind, text, form, formula, struck in cells:
            growing = self._columns.get(column)
            if growing is None:
                growing = self._columns[column] = _Growing()
            at = range(begin, begin + repeat)
            growing.at += at
            growing.kinds += [kind] * repeat
            growing.texts += [text] * repeat
            growing.formats += [form] * repeat
            if formula:
                growing.formulas += at
            if struck:
                growing.struck += at

    def _close(self) -> None:
        size = len(self._rows)
        self._book.spend(size * len(self._columns), 0)
        strips = {column: growing.strip(size) for column, growing in sorted(self._columns.items())}
        rows, hidden = np.array(self._rows, np.int64), np.array(self._hidden, np.bool_)
        self._chunks.append(SheetStrip(rows, hidden, np.array(self._content, np.bool_), strips))
        self._begin()

    def finish(self) -> Grid:
        """The sheet, whole."""
        if self._rows:
            self._close()
        merged = merged_of(self._areas, self._chunks)
        extent = Extent(self._last_row, self._last_column)
        return Grid(tuple(self._chunks), extent, merged, frozenset(self._hidden_columns))

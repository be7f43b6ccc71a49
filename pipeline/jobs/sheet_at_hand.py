"""A sheet that was read once and is kept as columns, so that every other choice of a person is answered at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from pipeline.jobs.inspection import Inspection, inspect
from pipeline.jobs.read_orders import OrdersRead, load_options, orders_of
from pipeline.load import Table, Wishes, load
from pipeline.model.options import SelectionOptions
from pipeline.model.progress import Reporter
from pipeline.model.sheet import Book, Extent, HeadRow, Place, RawFrame, SheetInfo, Written
from pipeline.selection import names_in
from pipeline.sheets import open_book
from pipeline.source_file import SourceFile

FIRST_ROWS = 50
"""Rows by whose width it is told how many columns a sheet has."""

MOST_COLUMNS = 60
"""Columns that are kept of a sheet without being asked for; of a wider one only those that somebody asks for."""

FRAME = 100_000
"""Rows that are read together."""

MOST_TABLES = 4
"""Ways of understanding one sheet whose rows are kept: going back and forth between two costs nothing."""


class KeptBook:
    """A book whose rows are read once, however often they are asked for; everything else is the book's own."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._frames: dict[tuple[str, int], list[RawFrame]] = {}
        self.format = book.format
        self.sheets: tuple[SheetInfo, ...] = book.sheets
        self.notes = book.notes
        self.hidden_known = book.hidden_known
        self.formats_known = book.formats_known
        self.checks_itself = book.checks_itself

    @property
    def source(self) -> SourceFile:
        """The file."""
        return self._book.source

    @property
    def path(self) -> Path:
        """Where the file stands."""
        return self._book.path

    def head(self, sheet: str, rows: int) -> list[HeadRow]:
        """The first rows that the file holds."""
        return self._book.head(sheet, rows)

    def frames(self, sheet: str, after: int, columns: Sequence[int], size: int) -> Iterator[RawFrame]:
        """The rows after one, in the frames in which they were read first, whatever ``size`` says."""
        del size
        kept = self._frames.get((sheet, after))
        if kept is None or not kept or any(column not in kept[0].columns for column in columns):
            kept = self._frames[sheet, after] = self._read(sheet, after, columns)
        for frame in kept:
            yield replace(frame, columns=MappingProxyType({column: frame.columns[column] for column in columns}))

    def _read(self, sheet: str, after: int, columns: Sequence[int]) -> list[RawFrame]:
        before = self._frames.get((sheet, after), [])
        width = max((len(row.cells) for row in self._book.head(sheet, FIRST_ROWS)), default=0)
        known = set(before[0].columns) if before else set()
        wanted = sorted({*columns, *known, *range(min(width, MOST_COLUMNS))})
        return list(self._book.frames(sheet, after, wanted, FRAME))

    def extent(self, sheet: str) -> Extent:
        """How far the sheet reaches."""
        return self._book.extent(sheet)

    def hidden_columns(self, sheet: str) -> frozenset[int]:
        """The columns that are hidden in the sheet, from 0."""
        return self._book.hidden_columns(sheet)

    def total_rows(self, sheet: str, column: int) -> frozenset[int]:
        """The rows that the file itself calls totals."""
        return self._book.total_rows(sheet, column)

    def release(self) -> None:
        """Keeps everything: somebody will ask again."""

    def write(self, place: Place, marks: pd.DataFrame, target: Path) -> Written:
        """See ``Book``."""
        return self._book.write(place, marks, target)


@dataclass(slots=True)
class SheetAtHand:
    """One file, read once, and what it comes to under one choice after another."""

    book: KeptBook
    _understood: dict[str, tuple[Table, list[pd.DataFrame]]] = field(default_factory=dict)
    _inspected: dict[str, Inspection] = field(default_factory=dict)

    @staticmethod
    def open(path: Path) -> SheetAtHand:
        """Raises FileError where the file can't be read as a table."""
        return SheetAtHand(KeptBook(open_book(path)))

    def understood(self, options: SelectionOptions) -> tuple[Table, list[pd.DataFrame]]:
        """The sheet as these options understand it, and its rows. Raises PipelineError as ``load`` does."""
        wishes = load_options(options, extra=names_in(options.where) if options.where else ())
        name = _name_of(wishes)
        if name not in self._understood:
            table = load(self.book, wishes)
            if len(self._understood) >= MOST_TABLES:
                self._understood.pop(next(iter(self._understood)))
            self._understood[name] = table, list(table.frames())
        return self._understood[name]

    def orders(self, options: SelectionOptions, reporter: Reporter) -> OrdersRead:
        """Which rows these options pick, as ``read_orders`` says it of the file. Raises PipelineError as it does."""
        table, frames = self.understood(options)
        return orders_of(table, frames, options, reporter)

    def inspection(self, options: SelectionOptions) -> Inspection:
        """What is understood of the sheet, column by column. Raises PipelineError as ``load`` does."""
        wishes = load_options(options)
        name = _name_of(wishes)
        if name not in self._inspected:
            self._inspected = {name: inspect(load(self.book, wishes))}
        return self._inspected[name]


def _name_of(wishes: Wishes) -> str:
    profile = wishes.profile.name if wishes.profile else None
    said: Mapping[str, object] = {"columns": sorted(wishes.columns.items()), "extra": wishes.extra}
    return repr((wishes.sheet, wishes.header_row, profile, said, wishes.need, wishes.dates))

"""A sheet that is understood: what is where in it, its rows as frames, and the way back to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from pipeline.addresses import column_letters
from pipeline.cells.displayed import printed_with_decimals
from pipeline.load.canonical_frame import ColumnLayout, as_canonical
from pipeline.load.column_checks import FRAME, PrintedWithDecimals, glance
from pipeline.load.date_choice import DatesDecide
from pipeline.load.read_counts import ReadCounts
from pipeline.model.sheet import Book, CellColumn, Place, RawFrame, StateColumn
from schemas.columns import Profile

MOST_CELLS = 4_000_000
"""Cells of a frame: a sheet may have 16,384 columns, and ``inspect`` reads them all."""

SAY_WHICH = "say --column awb_number=HEADER"
"""How a person takes the word for the AWB column; nobody is asked twice."""

ORDERS = ("awb_number",)
"""What an export of orders must have."""

REFERENCES = ("order_ref",)
"""What a list for ``--pick-from`` must have."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person says about the file.

    ``profile``: None tells it by its signature. ``columns``: canonical name -> header (``HEADER#2`` is the second of
    that name, an empty one says that there is none). ``extra``: what ``--where`` names, by header or canonical name.
    ``need``: ``ORDERS`` or ``REFERENCES``. ``dates``: that the order dates decide, and how; None: they don't.
    """

    sheet: str | None = None
    header_row: int | None = None
    profile: Profile | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    extra: tuple[str, ...] = ()
    need: tuple[str, ...] = ORDERS
    dates: DatesDecide | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet that is understood, and its rows to be read.

    ``columns``: canonical name -> column, from 0. ``names``: what ``--where`` may call a column -> its name in the
    frames. ``states``: the columns whose cells can keep a row. ``added`` and ``own_column``: see ``Place``. ``tally``:
    what was counted by the frames read so far.
    """

    book: Book = field(repr=False)
    sheet: str
    header_row: int
    headers: tuple[str, ...]
    profile: Profile
    columns: Mapping[str, int]
    names: Mapping[str, str]
    added: tuple[str, ...]
    own_column: int | None
    layout: ColumnLayout = field(repr=False)
    decided: tuple[str, ...]
    asks: tuple[str, ...]
    by_hand: bool  # whether the person named the AWB column
    states: tuple[StateColumn, ...] = ()
    hidden: Mapping[str, str] = field(default_factory=dict)  # canonical name -> what is asked, for it is hidden
    tally: ReadCounts = field(default_factory=ReadCounts)

    def frames(self) -> Iterator[pd.DataFrame]:
        """The rows below the header, as canonical frames (one at a time is kept)."""
        return (frame for _, frame in self.read(self.layout.wanted))

    def read(self, columns: Sequence[int]) -> Iterator[tuple[RawFrame, pd.DataFrame]]:
        """The rows below the header, as stored and as canonical frames side by side.

        Args:
            columns: those to read, with at least ``layout.wanted`` among them.
        """
        self.tally.clear()
        printed: bool | None = None
        size = min(FRAME, max(MOST_CELLS // max(len(columns), 1), 1))
        for raw in self.book.frames(self.sheet, self.header_row, columns, size):
            if printed is None and "awb_number" in self.columns:
                printed = self._printed(raw.columns[self.columns["awb_number"]])
            yield raw, as_canonical(raw, self.layout, self.tally, printed)

    def _printed(self, first: CellColumn) -> bool | None:
        """Whether every number in the AWB column is printed as ``123.00``: what one frame says, all of them must."""
        said = printed_with_decimals(first)
        if not said:
            return said
        column = self.columns["awb_number"]
        found = glance(self.book, self.sheet, self.header_row, {column: PrintedWithDecimals()})
        return found[column].fits

    def place(self) -> Place:
        """The way back to the sheet; cheap once the frames were read."""
        return Place(
            path=self.book.path,
            format=self.book.format,
            sheet=self.sheet,
            header_row=self.header_row,
            headers=self.headers,
            columns=self.columns,
            added=self.added,
            own_column=self.own_column,
            extent=self.book.extent(self.sheet),
            digest=self.book.source.read_whole or self.book.source.digest(),
        )

    def hidden_question(self, deciding: Iterable[str]) -> str:
        """What to ask about the first of these canonical names whose column is hidden in the sheet; "" for none."""
        return next((self.hidden[name] for name in deciding if name in self.hidden), "")

    @property
    def hidden_unknown(self) -> bool:
        """Whether hidden rows can't be told in this format: ``cancel`` wants ``--include-hidden`` then."""
        return not self.book.hidden_known

    @property
    def notes(self) -> tuple[str, ...]:
        """What was decided and met, in a user's words: a sentence each, without a full stop."""
        hidden = (f"hidden rows can't be told in a .{self.book.format} file",) if self.hidden_unknown else ()
        met = (note.rstrip(".") for note in self.book.notes)
        return (*met, *self.decided, *hidden, *self._no_awbs(), *self.tally.notes())

    def _no_awbs(self) -> tuple[str, ...]:
        """A note where the AWB column holds nothing: a header over several columns may stand in the wrong one."""
        column = self.columns.get("awb_number")
        if column is None or self.tally.with_awb or not self.tally.orders or self.tally.awb_doubts:
            return ()
        where = f"{' '.join(self.headers[column].split())!r} (column {column_letters(column)})"
        return (f"{where} holds no AWB at all: if they stand in another column, say --column awb_number=HEADER",)

    @property
    def questions(self) -> str:
        """Why ``cancel`` must ask before it sends, and what to say, or ""; complete once the frames were read."""
        asks = list(self.asks)
        if self.tally.same_as_reference and not self.by_hand:
            asks.append(
                "the AWBs and the order references are the same, so one is not what it is taken for: " + SAY_WHICH
            )
        if self.tally.other_tables and not self.by_hand:
            rows = ", ".join(str(row) for row in self.tally.other_tables[:3])
            asks.append(f"a table with other columns seems to begin in row {rows}: split the file, or {SAY_WHICH}")
        said = "; ".join(asks)
        return said[:1].upper() + said[1:]

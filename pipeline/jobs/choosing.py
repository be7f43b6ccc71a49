"""What a person looks at before a plan is made: what was understood of the sheet, and how many AWBs that picks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from pipeline.addresses import column_letters
from pipeline.cells.displayed import as_text
from pipeline.errors import PipelineError
from pipeline.jobs.read_orders import OrdersRead
from pipeline.jobs.sheet_at_hand import FIRST_ROWS, SheetAtHand
from pipeline.load.header_lookup import columns_called, shown
from pipeline.model.options import SelectionOptions
from pipeline.model.progress import Reporter
from pipeline.model.sheet import Visibility

SAMPLES = 3
"""Real values that stand below a header."""

ROWS_TO_CHOOSE = 12
"""First rows of a sheet that are offered as the row of column names."""

CELLS_TO_CHOOSE = 8

MOST_REASONS = 12

NOT_SHOWN = ("_doubt", "_raw", "hidden", "aside")
"""Columns of the frames that the sheet has not."""

NO_KNOWN_STATE = "which is no known state"
"""What the reason of a row says whose state nobody knows (``selection.objections``)."""


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column of the sheet: its name, what it is taken for ("" = nothing), and real values from it.

    ``said``: how ``--column`` and ``--where`` name it without being mistaken.
    """

    letter: str
    said: str
    header: str
    taken_for: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WordView:
    """One status word of the file: how many orders bear it, what it means, and whether it picks as things stand."""

    word: str
    count: int
    meaning: str
    picks: bool


@dataclass(frozen=True, slots=True)
class SheetView:
    """What was understood of the sheet; ``trouble``: why it can't be understood as it is, and what to do."""

    format: str
    sheets: tuple[tuple[str, bool], ...]  # name, whether it shows
    sheet: str
    header_row: int
    first_rows: tuple[tuple[int, tuple[str, ...]], ...]
    columns: tuple[ColumnView, ...] = ()
    words: tuple[WordView, ...] = ()
    problems: tuple[tuple[str, str, int, tuple[str, ...]], ...] = ()  # column, words, count, first cells
    rows: Mapping[str, int] = field(default_factory=dict)
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class PickedView:
    """What one choice comes to. ``question``: what must be settled before anything can be sent."""

    awbs: int = 0
    rows: int = 0
    invalid: int = 0
    picked_by: str = ""
    left_out: tuple[tuple[str, int], ...] = ()
    problems: tuple[tuple[str, int, tuple[str, ...]], ...] = ()
    unknown: tuple[tuple[str, int], ...] = ()
    question: str = ""
    example: tuple[tuple[str, str], ...] = ()  # header or name, value
    nothing: str = ""
    notes: tuple[str, ...] = ()
    trouble: str = ""


def view_sheet(at_hand: SheetAtHand, options: SelectionOptions) -> SheetView:
    """What these options understand of the sheet; what can't be understood is said, with what can be chosen."""
    book = at_hand.book
    sheets = tuple((info.name, info.visibility is Visibility.VISIBLE) for info in book.sheets)
    try:
        found = at_hand.inspection(replace(options, older_than=None, where=None))
    except PipelineError as trouble:
        sheet = options.sheet or next((name for name, visible in sheets if visible), sheets[0][0])
        first = _first_rows(at_hand, sheet)
        row = options.header_row if options.header_row is not None else _widest(first)
        columns = _named_columns(at_hand, sheet, row)
        return SheetView(book.format, sheets, sheet, row, first, columns, trouble=str(trouble))
    headers = at_hand.understood(replace(options, older_than=None, where=None))[0].headers
    samples = _samples(at_hand, found.sheet, found.header_row, len(headers))
    columns = tuple(
        ColumnView(one.letter, _said(number, headers), one.header, one.canonical, samples[number])
        for number, one in enumerate(found.columns)
    )
    words = tuple(WordView(one.word, one.count, one.meaning, _picks(one.word, one.meaning, options))
                  for one in found.statuses)  # fmt: skip
    problems = tuple((one.column, one.found.words, one.found.count, tuple(one.found.first)) for one in found.problems)
    first = _first_rows(at_hand, found.sheet)
    return SheetView(
        book.format, sheets, found.sheet, found.header_row, first, columns, words, problems, dict(found.rows)
    )


def view_picked(at_hand: SheetAtHand, options: SelectionOptions, reporter: Reporter) -> PickedView:
    """How many AWBs these options pick, why the other rows stay, and what must be settled first."""
    try:
        orders = at_hand.orders(options, reporter)
    except PipelineError as trouble:
        return PickedView(trouble=str(trouble))
    picked = orders.gathered.picked
    valid = picked["problems"] == ""
    reasons = tuple((str(words), int(count)) for words, count in orders.gathered.reasons().items() if count)
    return PickedView(
        awbs=int(picked.loc[valid, "key"].nunique()),
        rows=len(picked),
        invalid=int((~valid).sum()),
        picked_by=orders.picked_by,
        left_out=reasons[:MOST_REASONS],
        problems=tuple((one.words, one.count, tuple(one.first)) for one in orders.problems),
        unknown=tuple((_word(state), count) for state, count in orders.unknown_states.items()),
        question=orders.question,
        example=_example(at_hand, options, orders) if orders.question else (),
        nothing=orders.nothing,
        notes=tuple(orders.notes),
    )


def _said(column: int, headers: Sequence[str]) -> str:
    """By its letters, unless another column has these as its header."""
    letters, header = column_letters(column), headers[column].strip()
    names = [letters, header, *(f"{header}#{number}" for number in range(1, 100))]
    return next((name for name in names if columns_called(name, headers) == [column]), letters)


def _picks(word: str, meaning: str, options: SelectionOptions) -> bool:
    return word in options.statuses if options.statuses else meaning == "cancel"


def _word(state: str) -> str:
    """``Lunch`` of ``"Lunch" in Status (column C)``."""
    return state.rpartition(" in ")[0].strip("\"'“”") or state


def _first_rows(at_hand: SheetAtHand, sheet: str) -> tuple[tuple[int, tuple[str, ...]], ...]:
    rows = at_hand.book.head(sheet, ROWS_TO_CHOOSE)
    return tuple((row.number, tuple(shown(cell) for cell in row.cells[:CELLS_TO_CHOOSE])) for row in rows)


def _widest(rows: Sequence[tuple[int, tuple[str, ...]]]) -> int:
    filled = [(sum(1 for cell in cells if cell.strip()), -number) for number, cells in rows]
    return -max(filled, default=(0, -1))[1]


def _named_columns(at_hand: SheetAtHand, sheet: str, row: int) -> tuple[ColumnView, ...]:
    heads = {head.number: head for head in at_hand.book.head(sheet, max(FIRST_ROWS, row))}
    if row not in heads:
        return ()
    cells = heads[row].cells
    samples = _samples(at_hand, sheet, row, len(cells))
    return tuple(
        ColumnView(column_letters(number), _said(number, cells), shown(cell), "", found)
        for number, (cell, found) in enumerate(zip(cells, samples, strict=True))
    )


def _samples(at_hand: SheetAtHand, sheet: str, after: int, width: int) -> list[tuple[str, ...]]:
    """The first different values of each column."""
    frame = next(iter(at_hand.book.frames(sheet, after, range(width), FIRST_ROWS)), None)
    if frame is None:
        return [()] * width
    found = []
    for column in range(width):
        texts = as_text(frame.columns[column]).iloc[:1000].str.strip()
        found.append(tuple(shown(str(text)) for text in texts[texts != ""].unique()[:SAMPLES]))
    return found


def _example(at_hand: SheetAtHand, options: SelectionOptions, orders: OrdersRead) -> tuple[tuple[str, str], ...]:
    """One row that the question is about: one whose state nobody knows, else one that would be sent."""
    remarks = orders.gathered.left_out["remark"].astype("str")
    asked = remarks[remarks.str.contains(NO_KNOWN_STATE, regex=False)]
    numbers = [*asked.index[:1], *orders.gathered.picked.index[:1]]
    _, frames = at_hand.understood(options)
    for number in numbers:
        for frame in frames:
            if number in frame.index:
                return (("row", str(number)), *_cells(frame.loc[number]))
    return ()


def _cells(row: pd.Series[str]) -> list[tuple[str, str]]:
    shown_ones = [str(name) for name in row.index if not str(name).endswith(NOT_SHOWN)]
    return [(name.removeprefix("state:"), str(row[name])) for name in shown_ones if str(row[name]).strip()]

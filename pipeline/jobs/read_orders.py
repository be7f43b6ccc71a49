"""Reads a whole sheet, frame by frame, and sorts its rows: which are picked, which are not, and why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pandas as pd

from pipeline.addresses import column_letters
from pipeline.config import user_folder
from pipeline.errors import UsageError
from pipeline.jobs.pick_list import PickList, read_pick_list
from pipeline.load import DatesDecide, Table, Wishes, load
from pipeline.model.asked import AskedFor
from pipeline.model.options import SelectionOptions
from pipeline.model.progress import Reporter
from pipeline.model.reasons import Finding, NamedNotDone
from pipeline.model.sheet import Book, Place
from pipeline.planning.row_collector import Gathered, Gathering
from pipeline.prefetch import ahead
from pipeline.selection import (
    AskedNotDone,
    Emptiness,
    NamedRows,
    Questions,
    Rules,
    choose,
    continued,
    decide,
    matched,
    names_in,
    outlined,
    typed,
)
from pipeline.sheets import check_writable, open_book
from pipeline.validate import FIRST_CELLS, grouped, remarks, validate
from schemas.annotated import CANCEL_COLUMN
from schemas.columns import ProfileError, load_profile, profiles

CANCEL = re.compile(re.escape(CANCEL_COLUMN) + r"(?: \(\d+\))?")
"""The header of a plan's fourth column (``writing.added_columns.cancel_header``)."""


@dataclass(frozen=True, slots=True)
class OrdersRead:
    """A sheet that was read to its end.

    ``picked_by``: the rule that picked, in words. ``problems``: why picked rows are Invalid, grouped. ``question``: why
    ``cancel`` must ask before it sends ("" when it need not); ``rows_ask``: whether it is about rows that are held back
    for it, so that it must be asked even if nothing else is to be sent. ``not_done``: all that a list or ``--awb``
    names and that is not to be cancelled. ``nothing``: why nothing would be cancelled, "" where something would.
    ``unknown_states``: the states that nobody knows, each with its rows. ``asked``: all that is named, with its rows;
    None where nothing is. ``list_given``: the list, to be given back.
    """

    book: Book | None  # None: a sealed plan is carried out without its sheet
    place: Place
    gathered: Gathered
    picked_by: str
    problems: Sequence[Finding]
    notes: Sequence[str]
    question: str
    rows_ask: bool = False
    not_done: Sequence[NamedNotDone] = ()
    nothing: str = ""
    unknown_states: Mapping[str, int] = field(default_factory=dict)
    asked: AskedFor | None = None
    list_given: PickList | None = None


@dataclass(slots=True)
class _Problems:
    """The reasons of all frames, with the first addresses of each."""

    counts: Counter[str] = field(default_factory=Counter)
    cells: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add(self, troubles: pd.DataFrame) -> None:
        for found in grouped(troubles):
            self.counts[found.words] += found.count
            self.cells[found.words] = (self.cells.get(found.words, ()) + found.first)[:FIRST_CELLS]

    def findings(self) -> list[Finding]:
        return [Finding(why, count, self.cells[why]) for why, count in self.counts.most_common()]


def place_of_profile(name: str) -> str:
    """The path of a profile in the user's own folder; anything else, and a built-in name, stays as it is."""
    own = user_folder() / "profiles" / f"{name}.toml"
    plain = Path(name).name == name and name not in [one.name for one in profiles()]
    return str(own) if plain and own.is_file() else name


def load_options(options: SelectionOptions, *, extra: tuple[str, ...] = ()) -> Wishes:
    """What a person said about the sheet, for ``load``; raises UsageError."""
    columns = {}
    for text in options.columns:
        name, equals, header = text.partition("=")
        if not equals:
            raise UsageError(f"--column {text!r} names no header", "Write it as --column awb_number=HEADER.")
        columns[name.strip()] = header
    try:
        profile = load_profile(place_of_profile(options.profile)) if options.profile else None
    except ProfileError as error:
        raise UsageError(str(error)) from error
    return Wishes(options.sheet, options.header_row, profile, columns, extra, dates=_dates(options, extra))


def _dates(options: SelectionOptions, named: tuple[str, ...]) -> DatesDecide | None:
    """Whether the order dates decide which rows are picked; an order is at most of tomorrow, somewhere on earth."""
    if not options.today or (options.older_than is None and "order_date" not in map(str.lower, named)):
        return None
    today = date.fromisoformat(options.today)
    before = "" if options.older_than is None else (today - timedelta(days=options.older_than)).isoformat()
    return DatesDecide((today + timedelta(days=1)).isoformat(), before, options.date_order or "")


def read_orders(source: Path, options: SelectionOptions, reporter: Reporter, opened: Book | None = None) -> OrdersRead:
    """Reads the sheet and sorts its rows; sends and writes nothing.

    Args:
        source: the input.
        options: what the person said about the sheet and its rows.
        reporter: told of each step.
        opened: the input, where it is opened already.
    Raises:
        PipelineError: the file, a column, or an option can't be had.
    """
    reporter.step(f"Reading {source.name} …")
    book = opened or open_book(source)
    table = load(book, load_options(options, extra=names_in(options.where) if options.where else ()))
    return orders_of(table, table.frames(), options, reporter)


def orders_of(
    table: Table, frames: Iterable[pd.DataFrame], options: SelectionOptions, reporter: Reporter
) -> OrdersRead:
    """Sorts the rows of a sheet that is understood.

    Args:
        table: the sheet.
        frames: its rows; they may have been read before.
        options: what the person said about its rows.
        reporter: told of what should be known before the result is trusted.
    Raises:
        PipelineError: a column or an option can't be had.
    """
    book, name = table.book, table.book.path.name
    picking = _named(options, table)
    rules = decide(options, table, picking.listed if picking else None)
    if cancel_column(table) is not None:
        reporter.warn(f"{name} looks like a plan's sheet, but its seal is missing: it is read as any sheet.")
    gathering, problems, questions, undone = Gathering(), _Problems(), Questions(), AskedNotDone.of(rules.listed)
    empty, named = Emptiness(rules), NamedRows(rules.listed) if rules.listed else None
    for frame in continued(outlined(ahead(iter(frames)))):
        choice = choose(frame, rules)
        questions.add(choice)
        undone.add(choice)
        if named:
            named.add(frame, choice)
        troubles = validate(frame[choice["picked"]], table)
        problems.add(troubles)
        empty.add(frame, choice, troubles["row"].nunique())
        gathering.add(frame, choice, remarks(troubles))
    place = table.place()
    check_writable(book, place)
    book.release()
    gathered = gathering.gathered()
    nothing, misspelt = empty.why(gathered.reasons()), empty.misspelt(options.statuses)
    if loud := "; ".join(filter(None, (misspelt, nothing))):
        reporter.warn(f"{loud[:1].upper()}{loud[1:]}.")
    return OrdersRead(
        book=book,
        place=place,
        gathered=gathered,
        picked_by=rules.picked_by,
        problems=problems.findings(),
        notes=[*table.notes, *(rules.listed.notes() if rules.listed else ())],
        question=_question(table, options, rules, questions) or (picking.question if picking else ""),
        rows_ask=questions.any or bool(picking and picking.question),
        not_done=tuple(undone.lines),
        nothing=nothing,
        unknown_states=dict(questions.unknown),
        asked=named.asked_for() if named else None,
        list_given=picking if options.pick_from else None,
    )


def cancel_column(table: Table) -> int | None:
    """Where a plan's sheet has its ``cancel?``: behind this program's own columns; None where it has none."""
    own = len(table.headers) if table.own_column is None else table.own_column
    found = [column for column, header in enumerate(table.headers) if column > own and CANCEL.fullmatch(header)]
    return found[-1] if found else None


def _named(options: SelectionOptions, table: Table) -> PickList | None:
    """What ``--pick-from`` or ``--awb`` names, looked for in the sheet."""
    if options.pick_from:
        return read_pick_list(options, table)
    return PickList(matched(typed(options.awbs), table.frames())) if options.awbs else None


def _question(table: Table, options: SelectionOptions, rules: Rules, questions: Questions) -> str:
    """One thing at a time: what was understood of the sheet first, then what its rows say."""
    if table.hidden_unknown and not options.include_hidden:
        return f"Hidden rows can't be told in a .{table.book.format} file: save it as .xlsx, or say --include-hidden"
    hidden = table.hidden_question(rules.deciding)
    marks = table.columns.get("cancel")
    address = column_letters(marks) if marks is not None else ""
    about_marks = questions.about_marks(f"{table.sheet}!{address}" if table.sheet else address)
    return table.questions or hidden or about_marks or questions.about_where() or questions.about_states()

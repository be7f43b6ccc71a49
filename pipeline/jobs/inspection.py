"""Everything that was understood of a file, for ``inspect``: column by column, row counts, and every doubtful cell."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.addresses import column_letters
from pipeline.cells.displayed import as_text
from pipeline.jobs.read_orders import load_options
from pipeline.load import load
from pipeline.load.header_lookup import shown
from pipeline.load.non_order_rows import BLANK
from pipeline.load.order_table import Table
from pipeline.load.read_counts import FindingTally
from pipeline.model.options import SelectionOptions
from pipeline.model.reasons import Finding
from pipeline.model.sheet import CellColumn, Kind
from pipeline.sheets import open_book
from schemas.columns import Meaning
from schemas.marks import Mark, mark_of

LONGEST_SAMPLE = 24
"""Characters of a sample cell that are shown."""

MOST_DISTINCT = 1_000
"""Different values are counted up to here; what matters is whether a column repeats itself."""

MOST_STATUSES = 50
"""Different status words that are listed; a column with more is no column of states."""


@dataclass(frozen=True, slots=True)
class ColumnInspection:
    """One column: ``canonical`` is what it is taken for ("" = nothing); ``distinct`` stops at ``MOST_DISTINCT``."""

    letter: str
    header: str
    canonical: str
    filled: int
    distinct: int
    kinds: Mapping[str, int]
    sample: str


@dataclass(frozen=True, slots=True)
class StateWord:
    """One status word as the sheet spells it, how many orders bear it, and what it means (see ``Meaning``)."""

    word: str
    count: int
    meaning: str


@dataclass(frozen=True, slots=True)
class CellProblem:
    """Cells of one column that can't be trusted for one reason."""

    column: str
    found: Finding


@dataclass(frozen=True, slots=True)
class Inspection:
    """What ``inspect`` shows."""

    file: str
    format: str
    sheet: str
    sheets: tuple[tuple[str, str], ...]
    header_row: int
    profile: str
    columns: tuple[ColumnInspection, ...]
    rows: Mapping[str, int]
    picked_by: str
    statuses: tuple[StateWord, ...]
    problems: tuple[CellProblem, ...]
    notes: tuple[str, ...]
    question: str

    def as_json(self) -> str:
        """What ``inspect --json`` prints."""
        found: dict[str, Any] = {"version": 1}
        for name, value in asdict(self).items():
            found["doubts" if name == "problems" else name] = value
        found["sheets"] = [{"name": name, "shows": how} for name, how in self.sheets]
        found["doubts"] = [{"column": one.column, **_finding(one.found)} for one in self.problems]
        return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


@dataclass(slots=True)
class _InspectedColumn:
    """What is gathered of one column."""

    kinds: Counter[str] = field(default_factory=Counter)
    filled: int = 0
    values: set[str] = field(default_factory=set)
    sample: str = ""

    def add(self, cells: CellColumn) -> None:
        if not cells.kind.any():  # blank, as thousands are where a cell stands far to the right
            return
        counts = np.bincount(cells.kind, minlength=len(Kind))
        self.kinds.update({kind.name.lower(): int(counts[kind]) for kind in Kind if kind and counts[kind]})
        texts = as_text(cells).str.strip()
        texts = texts[texts != ""]
        self.filled += len(texts)
        if len(texts) and not self.sample:
            self.sample = shown(str(texts.iloc[0]))
        if len(self.values) < MOST_DISTINCT:
            self.values.update(str(text) for text in texts.unique()[:MOST_DISTINCT])


def inspect(table: Table, watch: Callable[[pd.DataFrame], None] | None = None) -> Inspection:
    """Reads the whole sheet, every column of it.

    Args:
        table: the sheet as ``load`` understood it.
        watch: gets each canonical frame too, for what else is to be found out in the same pass.
    """
    columns = [_InspectedColumn() for _ in table.headers]
    marks: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    for raw, frame in table.read(range(len(columns))):
        for number, column in enumerate(columns):
            column.add(raw.columns[number])
        orders = frame[frame["aside"] == ""]
        _count(marks, orders, "cancel")
        _count(statuses, orders, "order_status")
        if watch is not None:
            watch(frame)
    return _inspection(table, columns, marks, statuses)


def inspect_orders(source: Path, options: SelectionOptions) -> Inspection:
    """Everything that is understood of a file; sends and writes nothing. Raises PipelineError as ``load`` does."""
    return inspect(load(open_book(source), load_options(options)))


def _finding(found: Finding) -> dict[str, Any]:
    return {"reason": found.words, "count": found.count, "cells": list(found.first)}


def _count(counts: Counter[str], orders: pd.DataFrame, name: str) -> None:
    if name in orders:
        texts = orders[name].str.strip()
        counts.update({str(text): int(count) for text, count in texts.value_counts().items() if text})


def _inspection(
    table: Table, columns: list[_InspectedColumn], marks: Counter[str], statuses: Counter[str]
) -> Inspection:
    tally = table.tally
    return Inspection(
        file=table.book.path.name,
        format=table.book.format,
        sheet=table.sheet,
        sheets=tuple((info.name, str(info.visibility)) for info in table.book.sheets),
        header_row=table.header_row,
        profile=table.profile.name,
        columns=tuple(_column(table, number, column) for number, column in enumerate(columns)),
        rows={
            "read": tally.rows,
            "orders": tally.orders,
            "with an AWB": tally.with_awb,
            "hidden": tally.hidden,
            **{why: count for why, count in sorted(tally.asides.items()) if why != BLANK},
            BLANK: tally.asides[BLANK],
        },
        picked_by=_picked_by(table, marks),
        statuses=_statuses(table, statuses),
        problems=(*_doubts(table, "awb_number", tally.awb_doubts), *_doubts(table, "order_ref", tally.ref_doubts)),
        notes=table.notes,
        question=table.questions,
    )


def _column(table: Table, number: int, column: _InspectedColumn) -> ColumnInspection:
    canonical = next((name for name, where in table.columns.items() if where == number), "")
    sample = column.sample
    return ColumnInspection(
        letter=column_letters(number),
        header=shown(table.headers[number]),
        canonical=canonical,
        filled=column.filled,
        distinct=min(len(column.values), MOST_DISTINCT),
        kinds=dict(column.kinds),
        sample=sample if len(sample) <= LONGEST_SAMPLE else f"{sample[: LONGEST_SAMPLE - 1]}…",
    )


def _picked_by(table: Table, marks: Counter[str]) -> str:
    """Which rule would pick without any option (docs/interface.md, "Which rows are picked")."""
    if "cancel" in table.columns:
        yes = sum(count for word, count in marks.items() if mark_of(word) is Mark.YES)
        return f"the yes/no column {_said(table, 'cancel')}: {yes:,} rows say yes"
    if "order_status" in table.columns:
        return f'the status in {_said(table, "order_status")}: the words for "to be cancelled", below'
    return "nothing by itself: say --all or --pick-from, or name a column with --column"


def _said(table: Table, name: str) -> str:
    column = table.columns[name]
    return f"{shown(table.headers[column])!r} (column {column_letters(column)})"


def _statuses(table: Table, counts: Counter[str]) -> tuple[StateWord, ...]:
    most = counts.most_common(MOST_STATUSES)
    meanings = table.profile.meanings(word for word, _ in most)
    order = list(Meaning)
    listed = [StateWord(word, count, str(meanings[word])) for word, count in most]
    listed.sort(key=lambda status: order.index(Meaning(status.meaning)))
    others = sum(counts.values()) - sum(count for _, count in most)
    return (*listed, StateWord("(others)", others, "")) if others else tuple(listed)


def _doubts(table: Table, name: str, reasons: Mapping[str, FindingTally]) -> tuple[CellProblem, ...]:
    if name not in table.columns:
        return ()
    letter = column_letters(table.columns[name])
    prefix = f"{table.sheet}!{letter}" if table.sheet else letter
    ordered = sorted(reasons.items(), key=lambda item: -item[1].count)
    return tuple(
        CellProblem(name, Finding(why, met.count, tuple(f"{prefix}{row}" for row in met.rows))) for why, met in ordered
    )

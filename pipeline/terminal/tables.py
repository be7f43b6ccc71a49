"""Shows what was and what is there: the runs, one run, and everything that is understood of a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.model.command_line import as_told
from pipeline.model.moments import local_time
from pipeline.terminal.wording import counted, first, with_commas, with_host
from schemas.annotated import Status

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.jobs.history import PastRun, RunRecord
    from pipeline.jobs.inspection import Inspection
    from pipeline.jobs.request import ListedAwb


def listed_table(awbs: Sequence[ListedAwb]) -> Table:
    """AWBs one by one, with what the sheet says of each; a column without a word is left out."""
    said = {
        "AWB": [each.awb for each in awbs],
        "order": [each.order_ref for each in awbs],
        "status in the sheet": [each.order_status for each in awbs],
        "courier": [each.courier for each in awbs],
        "amount": [each.amount for each in awbs],
    }
    table = Table(box=None, padding=(0, 2, 0, 2))
    filled = {name: texts for name, texts in said.items() if any(texts)}
    for name in filled:
        table.add_column(name, overflow="fold", no_wrap=name == "AWB")
    for line in zip(*filled.values(), strict=True):
        table.add_row(*(Text(text[:LONGEST_CELL]) for text in line))
    return table


LONGEST_CELL = 60
"""Characters of a cell in a list of AWBs."""


MOST_RUNS = 20
MOST_ROWS = 50
"""Runs, and calls and rows of one run, that are shown; ``--json`` has them all."""


def show_runs(out: Console, runs: Sequence[PastRun], older: int) -> None:
    """The newest runs of the ledger, and how many older ones there are."""
    if not runs:
        out.print(Text("There were no runs yet."))
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    titles = ("run", "started", "environment", "command", "file", "AWBs sent", "rows", "cancelled")
    for name in (*titles, "by", "how it ended"):
        table.add_column(name, overflow="fold", no_wrap=name in ("run", "environment"))  # names to copy
    for past in runs:
        run = past.info
        ended = run.stopped or ("finished" if run.finished else "has not ended, or was killed")
        file = run.input.replace("\\", "/").rpartition("/")[2]
        fates = ", ".join(f"{past.counts[word]:,} {word}" for word in map(str, Status) if past.counts.get(word))
        amount = with_commas(past.amount) if past.amount else ""
        facts = (run.run, local_time(run.started), with_host(run.environment), run.command, file)
        table.add_row(*map(Text, (*facts, f"{run.sent:,}", fates, amount, run.who, ended)))
    out.print(table)
    if older:
        out.print(Text(as_told(f"… and {counted(older, 'older run')}: `bulk-cancel history --json` has them all")))


def show_run(out: Console, record: RunRecord) -> None:
    """One run: its facts, its calls and its rows."""
    info = record.info
    for name, value in (
        ("run", info.run), ("environment", info.environment), ("file", info.input), ("sheet", info.sheet),
        ("output", info.output), ("by", info.who), ("account (digest)", info.account),
        ("started", local_time(info.started)), ("stopped early", info.stopped),
    ):  # fmt: skip
        if value:
            out.print(Text(f"{name}: {value}"))
    calls = record.calls[["call", "began", "elapsed", "awbs", "note"]]
    _frame(out, calls.assign(began=calls["began"].map(local_time)), "call", info.run)
    _frame(out, record.rows.drop(columns="run").reset_index(), "row", info.run)


def _frame(out: Console, frame: pd.DataFrame, thing: str, run: str) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in frame.columns:
        table.add_column(str(name), overflow="fold")
    for line in frame.head(MOST_ROWS).fillna("").astype("str").itertuples(index=False, name=None):
        table.add_row(*map(Text, line))
    out.print()
    out.print(table)
    if len(frame) > MOST_ROWS:
        more = counted(len(frame) - MOST_ROWS, f"more {thing}")
        out.print(Text(as_told(f"… and {more}: `bulk-cancel history {run} --json` has them all")))


def show_inspection(out: Console, found: Inspection) -> None:
    """Everything that is understood of a file, on one screen."""
    place = f"{found.file}: {found.format}" + (f", sheet {found.sheet}" if found.sheet else "")
    out.print(Text(f"{place}, column names in row {found.header_row}, profile {found.profile}"))
    for note in found.notes:
        out.print(Text(f"  {note}"))
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("column", "header", "taken for", "filled", "different", "stored as", "for example"):
        table.add_column(name, overflow="fold")
    for column in found.columns:
        kinds = ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in column.kinds.items())
        filled, distinct = f"{column.filled:,}", f"{column.distinct:,}"
        cells = (column.letter, column.header, column.canonical, filled, distinct, kinds, column.sample)
        table.add_row(*map(Text, cells))
    out.print(table)
    out.print(Text("Rows: " + ", ".join(f"{count:,} {name}" for name, count in found.rows.items())))
    out.print(Text(f"Picked by: {found.picked_by}"))
    for status in found.statuses:
        out.print(Text(f"  {status.count:,} × {status.word!r}: {status.meaning or 'not known, not picked'}"))
    for problem in found.problems:
        where = first(problem.found)
        out.print(Text(f"Doubtful: {problem.found.count:,} × {problem.column} {problem.found.words} ({where})"))
    if found.question:
        out.print(Text(f"Question: {found.question}", style="bold"))

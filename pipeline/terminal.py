"""What the person at the keyboard sees: the plan before, the bar during, the result after. Results on stdout."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from pipeline.cancel import Watcher
from pipeline.errors import NotConfirmed
from pipeline.job import Forecast
from pipeline.load.survey import Survey
from pipeline.model import Batch, Outcome, RunInfo
from pipeline.settings import Environment, Settings
from pipeline.sifting import Reason
from pipeline.summary import Summary
from schemas.annotated import Status

if TYPE_CHECKING:
    import pandas as pd

COLOURS = {
    Status.SUCCESS: "green",
    Status.FAILED: "red",
    Status.UNKNOWN: "magenta",
    Status.INVALID: "yellow",
    Status.PLANNED: "cyan",
}
"""Never colour alone: the word always stands beside it."""

MEANINGS = {
    Status.SUCCESS: "cancelled: the service said yes, or tracking confirmed it",
    Status.FAILED: "the service said no: see the remark",
    Status.UNKNOWN: "sent, but no answer that can be believed: run verify",
    Status.INVALID: "not sent: the row must be mended first",
    Status.SKIPPED: "not picked, or left out: the remark says why",
    Status.NOT_SENT: "the run stopped first: run the same command again",
    Status.PLANNED: "would be sent",
}

BANNERS = {
    Environment.SANDBOX: "SANDBOX: the built-in service answers, and nothing real is cancelled.",
    Environment.STAGING: "STAGING: the vendor's test system; no real parcel is touched.",
    Environment.PRODUCTION: "PRODUCTION: real shipments are cancelled, and that can't be undone.",
}

PLAIN_LINES_EVERY = 5.0
"""Seconds between two plain progress lines where there is no terminal to draw a bar on."""

FIRST_REASONS = 6
"""Reasons shown before "and N more": the sheet has them all."""


WIDE = 240
"""Columns of what goes into a file or a pipe: nobody there folds a table, and many would have to unfold it."""


def _console(*, stderr: bool) -> Console:
    shown = (sys.stderr if stderr else sys.stdout).isatty()
    width = None if shown or "COLUMNS" in os.environ else WIDE
    return Console(stderr=stderr, highlight=False, soft_wrap=not shown, width=width)


@dataclass(slots=True)
class Terminal:
    """The screen of the commands: messages on ``err``, results on ``out``."""

    quiet: bool = False
    verbose: bool = False
    yes: bool = False
    as_json: bool = False
    out: Console = field(default_factory=lambda: _console(stderr=False))
    err: Console = field(default_factory=lambda: _console(stderr=True))

    def say(self, text: str) -> None:
        """A step or a fact, on stderr."""
        if not self.quiet and not self.as_json:
            self.err.print(Text(text))

    def detail(self, text: str) -> None:
        """What only ``-v`` shows."""
        if self.verbose:
            self.err.print(Text(text, style="dim"))

    def warn(self, text: str) -> None:
        """What the person should know, on stderr, also with ``-q``."""
        self.err.print(Text.assemble(("Note: ", "yellow"), text))

    # --- before -------------------------------------------------------------------------------------------------

    def forecast(self, forecast: Forecast) -> None:
        """The plan: how many rows, why not the others, how many calls."""
        if self.quiet or self.as_json:
            return
        self.err.print(Text(BANNERS[Environment(forecast.environment)], style="bold"))
        for note in forecast.notes:
            self.err.print(Text(note))
        self.err.print(Text(f"Picked: {forecast.picked_by}"))
        self.err.print(_counts(forecast.counts, forecast.rows))
        self._reasons("Left out", forecast.left_out)
        self._reasons("Invalid", forecast.invalid)
        calls = f"{forecast.calls:,} call{'s' if forecast.calls != 1 else ''}"
        awbs = f"{forecast.awbs:,} AWB{'s' if forecast.awbs != 1 else ''}"
        self.err.print(Text(f"To be sent: {awbs} in {calls}." if forecast.awbs else "Nothing is to be sent."))

    def _reasons(self, title: str, reasons: Sequence[Reason]) -> None:
        for reason in reasons[:FIRST_REASONS]:
            first = f" ({_first(reason)})" if reason.first else ""
            self.err.print(Text(f"  {title}: {reason.count:,} × {reason.words}{first}"))
        if len(reasons) > FIRST_REASONS:
            self.err.print(Text(f"  {title}: and {len(reasons) - FIRST_REASONS} more reasons; the sheet has them all"))

    def confirm(self, settings: Settings, awbs: int) -> None:
        """Asks for the typed number of AWBs, where something real could happen.

        Raises:
            NotConfirmed: another number, nothing, or nobody there to ask.
        """
        if settings.environment is Environment.SANDBOX or self.yes or awbs == 0:
            return
        if not sys.stdin.isatty():
            raise NotConfirmed(
                f"{awbs} AWB{'s' if awbs != 1 else ''} would be cancelled in {settings.environment}, and there is no terminal to ask",
                "Look at `bulk-cancel plan` first, then add --yes (make: YES=1). Nothing was sent.",
            )
        self.err.print(Text(BANNERS[settings.environment], style="bold"))
        typed = self.err.input(f"Type the number of AWBs ({awbs}) to cancel them, or press Enter to leave: ")
        if typed.strip().replace(",", "") != str(awbs):
            raise NotConfirmed("Not confirmed", "Nothing was sent.")

    # --- during -------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def sending(self, awbs: int) -> Iterator[Watcher]:
        """A bar with rate, time left and running counts; plain lines where there is no terminal."""
        with self._progress() as bar:
            task = bar.add_task("sending", total=awbs, counts="") if bar else None
            yield _SendingWatcher(self, awbs, bar, task)

    @contextlib.contextmanager
    def looking_up(self, awbs: int) -> Iterator[Callable[[int], None]]:
        """A bar for the AWBs in doubt."""
        self.say(f"Looking up {awbs:,} AWB{'s' if awbs != 1 else ''} in doubt (nothing is cancelled by asking) …")
        with self._progress() as bar:
            task = bar.add_task("looking up", total=awbs, counts="") if bar else None

            def looked_up(count: int) -> None:
                if bar is not None and task is not None:
                    bar.advance(task, count)

            yield looked_up

    @contextlib.contextmanager
    def _progress(self) -> Iterator[Progress | None]:
        if self.quiet or self.as_json or not self.err.is_terminal:
            yield None
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=None if self.err.width > 100 else 16),
            MofNCompleteColumn(),
            TextColumn("AWBs"),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[counts]}"),
        )
        with Progress(*columns, console=self.err) as bar:
            yield bar

    # --- after --------------------------------------------------------------------------------------------------

    def finished(self, summary: Summary, needs: Sequence[Reason]) -> None:
        """The result: a short table, where the files are, and what needs a person, last."""
        if self.as_json:
            sys.stdout.write(summary.as_json())
            return
        self.out.print(_counts(summary.counts, summary.rows))
        if summary.environment.startswith(Environment.SANDBOX):
            self.out.print(Text(BANNERS[Environment.SANDBOX], style="bold"))
        for name, path in (("Sheet", summary.output), ("Report", summary.report)):
            self.out.print(Text(f"{name}:  {path}"))
        if summary.stopped:
            self.out.print(Text(f"Stopped early: {summary.stopped}", style="bold red"))
        for reason in needs:
            rows = f"row{'s' if reason.count > 1 else ''} {_first(reason)}"
            self.out.print(Text(f"Needs a person: {reason.count:,} {reason.words} ({rows})"))
        if not needs:
            self.out.print(Text("No row needs a person."))

    # --- what was, and what is there ---------------------------------------------------------------------------

    def runs(self, runs: Sequence[RunInfo]) -> None:
        """The runs of the ledger, the newest first."""
        if self.as_json:
            known = [{name: str(value) for name, value in asdict(run).items()} for run in runs]
            sys.stdout.write(json.dumps(known, ensure_ascii=False, indent=2) + "\n")
            return
        if not runs:
            self.out.print(Text("There were no runs yet."))
            return
        table = Table(box=None, padding=(0, 2, 0, 0))
        for name in ("run", "environment", "command", "file", "sent", "exit", "how it ended"):
            table.add_column(name, overflow="fold", no_wrap=name in ("run", "environment"))  # names to copy
        for run in runs:
            ended = run.stopped or ("finished" if run.finished else "has not ended, or was killed")
            code = "" if run.exit_code is None else str(run.exit_code)
            file = run.input.replace("\\", "/").rpartition("/")[2]
            table.add_row(*map(Text, (run.run, run.environment, run.command, file, f"{run.sent:,}", code, ended)))
        self.out.print(table)

    def run(self, info: RunInfo, calls: pd.DataFrame, rows: pd.DataFrame) -> None:
        """One run: its facts, its calls and its rows."""
        for name, value in (
            ("run", info.run), ("environment", info.environment), ("file", info.input), ("sheet", info.sheet),
            ("output", info.output), ("by", info.who), ("account (digest)", info.account),
            ("started", f"{info.started:%Y-%m-%d %H:%M:%S} UTC"), ("stopped early", info.stopped),
        ):  # fmt: skip
            if value:
                self.out.print(Text(f"{name}: {value}"))
        self._frame(calls[["call", "began", "elapsed", "awbs", "note"]])
        self._frame(rows.reset_index())

    def _frame(self, frame: pd.DataFrame) -> None:
        table = Table(box=None, padding=(0, 2, 0, 0))
        for name in frame.columns:
            table.add_column(str(name), overflow="fold")
        for line in frame.fillna("").astype("str").itertuples(index=False, name=None):
            table.add_row(*map(Text, line))
        self.out.print()
        self.out.print(table)

    def survey(self, found: Survey) -> None:
        """Everything that is understood of a file, on one screen."""
        place = f"{found.file}: {found.format}" + (f", sheet {found.sheet}" if found.sheet else "")
        self.out.print(Text(f"{place}, column names in row {found.header_row}, profile {found.profile}"))
        for note in found.notes:
            self.out.print(Text(f"  {note}"))
        table = Table(box=None, padding=(0, 2, 0, 0))
        for name in ("column", "header", "taken for", "filled", "different", "stored as", "for example"):
            table.add_column(name, overflow="fold")
        for column in found.columns:
            kinds = ", ".join(f"{count:,} {kind.replace('_', ' ')}" for kind, count in column.kinds.items())
            filled, distinct = f"{column.filled:,}", f"{column.distinct:,}"
            cells = (column.letter, column.header, column.canonical, filled, distinct, kinds, column.sample)
            table.add_row(*map(Text, cells))
        self.out.print(table)
        self.out.print(Text("Rows: " + ", ".join(f"{count:,} {name}" for name, count in found.rows.items())))
        self.out.print(Text(f"Picked by: {found.picked_by}"))
        for status in found.statuses:
            self.out.print(Text(f"  {status.count:,} × {status.word!r}: {status.meaning or 'not known, not picked'}"))
        for doubt in found.doubts:
            first = ", ".join(doubt.cells) + (", …" if doubt.count > len(doubt.cells) else "")
            self.out.print(Text(f"Doubtful: {doubt.count:,} × {doubt.column} {doubt.reason} ({first})"))
        if found.question:
            self.out.print(Text(f"Question: {found.question}", style="bold"))


@dataclass(slots=True)
class _SendingWatcher:
    terminal: Terminal
    total: int
    bar: Progress | None
    task: TaskID | None
    done: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)
    said: float = field(default_factory=time.monotonic)

    def sent(self, batch: Batch) -> None:
        """Shows the call only with ``-v``: its AWBs are no secret, its body is never shown."""
        self.terminal.detail(f"call: {len(batch.items)} AWBs, the first {batch.items[0].awb}")

    def settled(self, outcomes: Sequence[Outcome], note: str) -> None:
        """Moves the bar by the AWBs that have an answer now."""
        final = [outcome for outcome in outcomes if outcome.status != Status.NOT_SENT]
        self.counts.update(outcome.status for outcome in final)
        self.done += len(final)
        if note:
            self.terminal.detail(f"answer: {note}")
        counts = ", ".join(f"{count:,} {word}" for word, count in sorted(self.counts.items()))
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, completed=self.done, counts=counts)
        elif time.monotonic() - self.said > PLAIN_LINES_EVERY:
            self.said = time.monotonic()
            rate = self.done / max(self.said - self.began, 0.001)
            self.terminal.say(f"{self.done:,} of {self.total:,} AWBs, {rate:,.0f} a second: {counts}")


def _first(reason: Reason) -> str:
    return ", ".join(reason.first) + (", …" if reason.count > len(reason.first) else "")


def _counts(counts: Mapping[str, int], rows: int) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for word in Status:
        if counts[word]:
            style = COLOURS.get(word, "")
            table.add_row(Text(word, style=style), Text(f"{counts[word]:,}", justify="right"), MEANINGS[word])
    table.add_row("rows", Text(f"{rows:,}", justify="right"), "read, blank ones included")
    return table

"""What the person at the keyboard sees: the plan before, the bar during, the result after. Results on stdout."""

from __future__ import annotations

import contextlib
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from pipeline.errors import NotConfirmedError
from pipeline.model.calls import Batch, Outcome
from pipeline.model.command_line import as_told
from pipeline.model.plans import PlanInfo
from pipeline.model.progress import SendingProgress
from pipeline.model.reasons import Finding, NamedNotDone
from pipeline.model.runs import Environment, RunInfo
from pipeline.terminal.plans import show_plan, show_plans
from pipeline.terminal.tables import listed_table, show_inspection, show_run, show_runs
from pipeline.terminal.wording import BANNERS, console, counted, counts_table, first, sum_of_asked
from schemas.annotated import Status

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.jobs.deliver import Delivered
    from pipeline.jobs.evidence import EvidenceFound
    from pipeline.jobs.history import PastRun, RunRecord
    from pipeline.jobs.inspection import Inspection
    from pipeline.jobs.plans import PlanRecord
    from pipeline.jobs.request import Preview

PLAIN_LINES_EVERY = 5.0
"""Seconds between two plain progress lines where there is no terminal to draw a bar on."""

FIRST_FINDINGS = 6
"""Reasons shown before "and N more": the sheet has them all."""

MOST_NOT_DONE = 10
"""Named orders or AWBs shown that were not cancelled, before "and N more"."""


@dataclass(slots=True)
class Terminal:
    """The screen of the commands: messages on ``err``, results on ``out``."""

    quiet: bool = False
    verbose: bool = False
    yes: bool = False
    as_json: bool = False
    asking: bool = False  # whether the question stands on the screen
    out: Console = field(default_factory=lambda: console(stderr=False))
    err: Console = field(default_factory=lambda: console(stderr=True))

    @property
    def tells(self) -> bool:
        """Whether more than the result is shown."""
        return not self.quiet and not self.as_json

    def step(self, text: str) -> None:
        """A step or a fact, on stderr."""
        if self.tells:
            self.err.print(Text(text))

    def detail(self, text: str) -> None:
        """What only ``-v`` shows."""
        if self.verbose:
            self.err.print(Text(text, style="dim"))

    def warn(self, text: str) -> None:
        """What the person should know, on stderr, also with ``-q``."""
        self.err.print(Text.assemble(("Note: ", "yellow"), as_told(text)))

    # --- before -------------------------------------------------------------------------------------------------

    def preview(self, preview: Preview, *, acts: bool = True) -> None:
        """The plan: first what goes, by state, courier and so on, and the largest; then what stays, and why."""
        if not self.tells:
            return
        environment = Environment(preview.environment)
        plan = f"PLAN for {environment}: nothing is sent."
        self.err.print(Text(BANNERS[environment] if acts else plan, style="bold"))
        self.err.print(Text(f"Account {preview.account} at {preview.host}"))
        for note in preview.notes:
            self.err.print(Text(note))
        self.err.print(Text(f"Picked: {preview.picked_by}"))
        awbs, rows = counted(preview.awbs, "AWB"), counted(preview.counts[Status.PLANNED], "row")
        sent = f"To be sent: {awbs} of {rows}, in {counted(preview.calls, 'call')}."
        self.err.print(Text(sent if preview.awbs else "Nothing is to be sent."))
        for title, words in preview.going:
            self.err.print(Text(f"  Rows {title.lower()}: {words}"))
        if preview.largest:
            self.err.print(Text("  The largest:"))
        for line in preview.largest:
            self.err.print(Text(f"    {line}"))
        self._listed(preview)
        if acts:  # a plan ends with the same table
            self.err.print(counts_table(preview.counts, preview.rows))
        self._findings("Left out", preview.left_out)
        self._findings("Invalid", preview.invalid)

    def _findings(self, title: str, findings: Sequence[Finding]) -> None:
        for found in findings[:FIRST_FINDINGS]:
            cells = f" ({first(found)})" if found.first else ""
            self.err.print(Text(f"  {title}: {found.count:,} × {found.words}{cells}"))
        if len(findings) > FIRST_FINDINGS:
            self.err.print(
                Text(f"  {title}: and {len(findings) - FIRST_FINDINGS} more reasons; the sheet has them all")
            )

    def _listed(self, preview: Preview) -> None:
        """The AWBs one by one, where they are few."""
        if preview.listed:
            self.err.print(listed_table(preview.listed))

    def confirm(self, preview: Preview) -> None:
        """Asks for the typed number of AWBs, where something real could happen.

        Raises:
            NotConfirmedError: another number, nothing, or nobody there to ask.
        """
        environment, awbs = Environment(preview.environment), preview.awbs
        if environment is Environment.SANDBOX or self.yes or awbs == 0:
            return
        if not sys.stdin.isatty():
            raise NotConfirmedError(
                f"{counted(awbs, 'AWB')} would be cancelled in {environment}, and there is no terminal to ask",
                "Look at `bulk-cancel plan` first, then add --yes (make: YES=1). Nothing was sent.",
            )
        self.err.print(Text(BANNERS[environment], style="bold"))
        self.err.print(Text(f"Environment {environment}, account {preview.account}, at {preview.host}"))
        if self.quiet or self.as_json:
            self._listed(preview)
        self.asking = True
        try:
            typed = self.err.input(f"Type the number of AWBs ({awbs}) to cancel them, or press Enter to leave: ")
        except EOFError:
            typed = ""
        finally:
            self.asking = False
        if typed.strip().replace(",", "") != str(awbs):
            raise NotConfirmedError("Not confirmed", "Nothing was sent.")

    # --- during -------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def sending(self, awbs: int) -> Iterator[SendingProgress]:
        """A bar with rate, time left and running counts; plain lines where there is no terminal."""
        with self._progress() as bar:
            task = bar.add_task("sending", total=awbs, counts="") if bar else None
            yield _SendingLine(self, awbs, bar, task)

    @contextlib.contextmanager
    def looking_up(self, awbs: int) -> Iterator[Callable[[int], None]]:
        """A bar for the AWBs in doubt."""
        self.step(f"Looking up {counted(awbs, 'AWB')} in doubt (nothing is cancelled by asking) …")
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

    def finished(self, delivered: Delivered) -> None:
        """The result: a short table, where the files are, and what needs a person, last."""
        summary = delivered.summary
        for note in delivered.notes:
            self.step(note)
        if self.as_json:
            sys.stdout.write(summary.as_json())
            return
        self.out.print(counts_table(summary.counts, summary.rows))
        if summary.environment.startswith(Environment.SANDBOX):
            self.out.print(Text(BANNERS[Environment.SANDBOX], style="bold"))
        plan = "" if summary.run else summary.plan
        for name, value in (
            ("Plan", plan),
            ("Sheet", summary.output),
            ("List", summary.list),
            ("Report", summary.report),
        ):
            if value:
                self.out.print(Text(f"{name}:  {value}"))
        if summary.stopped:
            self.out.print(Text(f"Stopped early: {as_told(summary.stopped)}", style="bold red"))
        for found in delivered.needs:
            rows = f"row{'s' if found.count > 1 else ''} {first(found)}"
            self.out.print(Text(f"Needs a person: {found.count:,} {found.words} ({rows})"))
        if summary.asked:
            self.out.print(Text(sum_of_asked(summary.asked)))
        self._not_done(delivered.summary.not_done)
        if not delivered.needs and not summary.not_done:
            self.out.print(Text("No row needs a person."))

    def _not_done(self, lines: Sequence[NamedNotDone]) -> None:
        """What was asked for by name and not done: the first ones, and where all of them stand."""
        if not lines:
            return
        self.out.print(Text(f"To do: {len(lines):,} asked for by name, and not cancelled", style="bold"))
        for line in lines[:MOST_NOT_DONE]:
            place = f" (row {line.row:,})" if line.row else ""
            self.out.print(Text(f"  {line.named}{place}: {line.why}"))
        if len(lines) > MOST_NOT_DONE:
            self.out.print(Text(f"  and {len(lines) - MOST_NOT_DONE:,} more; the report lists them all"))

    # --- what was, and what is there ---------------------------------------------------------------------------

    def runs(self, runs: Sequence[PastRun], older: int) -> None:
        """The newest runs of the ledger, and how many older ones are not shown."""
        show_runs(self.out, runs, older)

    def runs_as_json(self, runs: Sequence[RunInfo]) -> None:
        """All runs, for scripts."""
        from pipeline.jobs.history import runs_as_json

        sys.stdout.write(runs_as_json(runs))

    def run(self, record: RunRecord, *, as_csv: bool) -> None:
        """One run: its facts, its calls and its rows; as CSV, each AWB with its times and answers."""
        if as_csv:
            sys.stdout.write(record.as_csv())
        elif self.as_json:
            sys.stdout.write(record.as_json())
        else:
            show_run(self.out, record)

    def evidence(self, found: EvidenceFound, written: Path | None) -> None:
        """What was found of each AWB, in one sentence, and where it stands; without a file, the lines as CSV."""
        for note in found.notes:
            self.step(note)
        if written is None:
            sys.stdout.write(found.as_csv())
            return
        counts = ", ".join(f"{count:,} {word}" for word, count in found.counts().items()) or "none"
        self.out.print(Text(f"Evidence of {found.about}: {counted(len(found.evidence.lines), 'AWB')} ({counts})"))
        self.out.print(Text(f"File:  {written}"))

    def plans(self, plans: Sequence[PlanInfo]) -> None:
        """The sealed plans, the newest first."""
        if self.as_json:
            from pipeline.jobs.plans import plans_as_json

            sys.stdout.write(plans_as_json(plans))
        else:
            show_plans(self.out, plans)

    def plan(self, record: PlanRecord) -> None:
        """One plan: its facts, what was said of it, and its AWBs call by call."""
        if self.as_json:
            sys.stdout.write(record.as_json())
        else:
            show_plan(self.out, record)

    def inspection(self, found: Inspection) -> None:
        """Everything that is understood of a file, on one screen."""
        if self.as_json:
            sys.stdout.write(found.as_json())
        else:
            show_inspection(self.out, found)


@dataclass(slots=True)
class _SendingLine:
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
        now = time.monotonic()
        rate = self.done / max(now - self.began, 0.001)
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, completed=self.done, counts=f"{rate:,.0f}/s  {counts}")
        elif now - self.said > PLAIN_LINES_EVERY:
            self.said = now
            self.terminal.step(f"{self.done:,} of {self.total:,} AWBs, {rate:,.0f} a second: {counts}")

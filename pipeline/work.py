"""What every command does with a sheet before and after the calls: decide, forecast, give back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import monotonic

import pandas as pd

from pipeline.errors import LedgerTrouble, OutputTrouble, PipelineError, UsageTrouble
from pipeline.files import file_digest, write_text
from pipeline.job import Forecast, Job, Screen
from pipeline.ledger import Ledger, RunStart
from pipeline.model.keys import among, no_keys
from pipeline.model.reasons import Reason
from pipeline.model.sheet import Written
from pipeline.planning.plan import Decided, plan_calls
from pipeline.planning.row_collector import Gathered
from pipeline.report.next_steps import quoted, word_of
from pipeline.report.page import Story, page
from pipeline.report.summary import NEEDS_A_PERSON, Summary, count_rows, exit_code, sum_amounts
from pipeline.sending.pacing import Pacer
from pipeline.settings import Settings
from pipeline.sifting import Sifted
from pipeline.writing.added_columns import marks_of
from pipeline.writing.annotate import annotate
from pipeline.writing.target import Target
from schemas.annotated import VERIFIED_COLUMN, Status

FIRST_ROWS = 5
"""Rows named beside a reason; the sheet has them all."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How the calls ended; the default is that of a command that makes none."""

    stopped: str = ""
    interrupted: bool = False
    calls: int = 0
    keys: pd.Index[str] = field(default_factory=no_keys)  # of the AWBs that went out


@dataclass(frozen=True, slots=True)
class Work:
    """One sheet on the desk, with everything that a command needs to finish it."""

    job: Job
    settings: Settings
    ledger: Ledger
    screen: Screen
    sifted: Sifted
    target: Target
    pacer: Pacer  # one for all calls of the command, whatever they ask
    began: float = field(default_factory=monotonic)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))

    def known(self) -> pd.DataFrame:
        """What the ledger knows of the picked AWBs."""
        return self.ledger.known(self.settings.ledger_key, self.sifted.gathered.picked["key"])

    def in_doubt(self, decided: Decided | None = None) -> pd.DataFrame:
        """The AWBs of valid picked rows that an earlier run left in doubt, index the key.

        Args:
            decided: where nothing was in doubt when it was decided, nothing is, and the ledger is not asked again.
        """
        if decided is not None and not decided.any_in_doubt:
            return decided.before.iloc[:0]
        picked = self.sifted.gathered.picked
        known = self.known()
        return known[
            (known["status"] == str(Status.UNKNOWN)) & known.index.isin(picked.loc[picked["problems"] == "", "key"])
        ]

    def decide(self) -> Decided:
        """The plan and the fate of every picked row, from the sheet and what the ledger knows now."""
        return plan_calls(self.sifted.gathered, self.known(), self.job.options)

    def forecast(self, decided: Decided, *, acts: bool = True) -> Forecast:
        """What would happen, for the person to look at."""
        gathered = self.sifted.gathered
        counts = count_rows(decided.rows, len(gathered.left_out), gathered.blank)
        return Forecast(
            environment=self.settings.environment,
            picked_by=self.sifted.picked_by,
            notes=self.sifted.notes,
            calls=len(decided.plan.batches),
            awbs=decided.plan.awbs,
            rows=sum(counts.values()),
            counts=counts,
            left_out=_left_out(gathered),
            invalid=self.sifted.problems,
            output=self.target.sheet,
            acts=acts,
        )

    def check(self, decided: Decided) -> None:
        """What forbids sending although everything could be read; raises UsageTrouble."""
        invalid = int((decided.rows["status"] == str(Status.INVALID)).sum())
        if self.job.strict and invalid:
            raise UsageTrouble(
                f"{invalid:,} picked rows are Invalid and --strict is set, so nothing was sent",
                "`bulk-cancel plan` writes a sheet that says which and why.",
            )
        if decided.plan.awbs and self.sifted.question:
            raise UsageTrouble(self.sifted.question, "Nothing was sent.", where=self.job.input.name)

    def start_run(self, command: str) -> str:
        """Writes the run into the ledger; returns its name."""
        return self.ledger.start_run(
            RunStart(
                key=self.settings.ledger_key,
                command=command,
                input=str(self.job.input.absolute()),
                sheet=self.sifted.place.sheet,
                digest=self.sifted.place.digest,
                account=self.settings.account,
                who=self.job.who,
                options=self.job.said.as_json(),
            )
        )

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """From here on something may have been sent, whatever the ledger's trouble says by itself."""
        try:
            yield
        except LedgerTrouble as trouble:
            raise _broken_off(trouble) from trouble

    # --- giving back ----------------------------------------------------------------------------------------------

    def give_back(
        self, rows: pd.DataFrame, run: str, ending: Ending | None = None, verified: pd.Series[str] | None = None
    ) -> Summary:
        """Closes the run and writes the sheet, the page and the summary.

        Args:
            rows: the picked rows with their final fate.
            run: the run's name; "" for a plan.
            ending: how the calls ended.
            verified: what tracking says of each row (``verify --all``), index the row number.
        Raises:
            OutputTrouble: a file could not be written; what was done is in the ledger, the message says how to go on.
        """
        ending = ending or Ending()
        summary = self._summary(rows, run, ending)
        if run:
            self.ledger.record_rows(run, rows)
            self.ledger.finish(run, exit_code=summary.exit_code, stopped=ending.stopped, output=summary.output)
        return self._deliver(rows, summary, verified)

    def give_again(self, rows: pd.DataFrame, run: str, ending: Ending) -> Summary:
        """Writes the files of a run that is over; the ledger keeps what it holds of it."""
        return self._deliver(rows, self._summary(rows, run, ending), None)

    def _deliver(self, rows: pd.DataFrame, summary: Summary, verified: pd.Series[str] | None) -> Summary:
        try:
            written = self._write_sheet(rows, verified)
            summary = replace(summary, output=str(written.path))
            self._write_beside(rows, summary, written)
        except PipelineError as trouble:
            raise self._written_later(trouble, summary) from trouble
        for note in written.notes:
            self.screen.say(note)
        self.screen.finished(summary, _needs(rows))
        return summary

    def _written_later(self, trouble: PipelineError, summary: Summary) -> OutputTrouble:
        stage = word_of(summary.environment)
        command = f"bulk-cancel annotate {summary.run}" + ("" if stage == "sandbox" else f" --env {stage}")
        if self.job.output is not None:
            command += f" -o {quoted(str(self.job.output))}"
        mend = "make room, close the file, or put it back as it was"
        done = f"What was done is in the ledger: {mend}; then `{command}` writes it."
        told = OutputTrouble(trouble.problem, done if summary.run else "Nothing was sent.", where=trouble.where)
        told.exit_code = 3 if summary.run else 2
        return told

    def _summary(self, rows: pd.DataFrame, run: str, ending: Ending) -> Summary:
        gathered = self.sifted.gathered
        counts = count_rows(rows, len(gathered.left_out), gathered.blank)
        before = rows["status"].eq(str(Status.SUCCESS)) & ~among(rows["key"], ending.keys)
        return Summary(
            run=run,
            environment=self.settings.ledger_key.environment,
            input=str(self.job.input),
            output=str(self.target.sheet),
            report=str(self.target.report),
            sheet=self.sifted.place.sheet,
            exit_code=exit_code(counts, stopped=bool(ending.stopped), interrupted=ending.interrupted),
            rows=sum(counts.values()),
            counts=counts,
            awbs={
                "picked": int(rows.loc[rows["key"] != "", "key"].nunique()),
                "sent": len(ending.keys),
                "already_cancelled": int(rows.loc[before, "key"].nunique()),
            },
            calls=ending.calls,
            elapsed_s=round(monotonic() - self.began, 3),
            amount=sum_amounts(rows, gathered.skipped_amount),
            stopped=ending.stopped or None,
        )

    def _write_sheet(self, rows: pd.DataFrame, verified: pd.Series[str] | None) -> Written:
        place = self.sifted.place
        if verified is not None:
            place = replace(place, added=(*place.added, place.added[0].replace("status", VERIFIED_COLUMN)))
        return annotate(place, marks_of(rows, self.sifted.gathered.left_out, verified), self.target.sheet)

    def _write_beside(self, rows: pd.DataFrame, summary: Summary, written: Written) -> None:
        write_text(page(self._story(rows, summary, written.notes)), self.target.report)
        write_text(summary.as_json(), self.target.summary)
        files = (written.path, self.target.report, self.target.summary)
        self.ledger.wrote({path: file_digest(path) for path in files})

    def _story(self, rows: pd.DataFrame, summary: Summary, notes: Sequence[str]) -> Story:
        return Story(
            summary=summary,
            picked=rows,
            left_out={reason.words: reason.count for reason in _left_out(self.sifted.gathered)},
            calls=self.ledger.calls(summary.run),
            picked_by=self.sifted.picked_by,
            notes=[*self.sifted.notes, *notes],
            account=self.settings.account,
            who=self.job.who,
            started=f"{self.started:%Y-%m-%d %H:%M:%S} UTC",
            version=self.job.version,
        )


def _broken_off(trouble: LedgerTrouble) -> LedgerTrouble:
    """Another ledger would know nothing of this run: that is the one way to send twice, so none is offered."""
    step = (
        "The run ended there and sent nothing more. Mend this, keep the ledger where it is, and run the same command "
        "again: AWBs whose answer was not written down are Unknown, and are looked up first."
    )
    told = LedgerTrouble(trouble.problem, step, where=trouble.where)
    told.exit_code = 3
    return told


def _left_out(gathered: Gathered) -> list[Reason]:
    return [Reason(str(words), int(count)) for words, count in gathered.reasons().items() if count]


def _needs(rows: pd.DataFrame) -> list[Reason]:
    """The rows that need a person, by status, the most pressing first."""
    found = []
    for word in NEEDS_A_PERSON:
        numbers = rows.index[rows["status"] == str(word)]
        if len(numbers):
            found.append(Reason(str(word), len(numbers), tuple(str(number) for number in numbers[:FIRST_ROWS])))
    return found

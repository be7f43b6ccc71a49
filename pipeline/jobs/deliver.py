"""Writes what became of a run: the sheet, the page, the summary; and, if the sheet can't be written, a plain list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import monotonic

import pandas as pd

from pipeline.errors import OutputError, PipelineError, SheetNotWrittenError, problem_of
from pipeline.files import file_digest, write_text
from pipeline.jobs.executed import Executed
from pipeline.jobs.list_back import write_list
from pipeline.jobs.prepare import Prepared, left_out
from pipeline.model.keys import among
from pipeline.model.moments import local_time
from pipeline.model.reasons import Finding
from pipeline.model.sheet import Written
from pipeline.report.asked import counts_asked
from pipeline.report.next_steps import quoted
from pipeline.report.page import Story, page
from pipeline.report.summary import NEEDS_A_PERSON, Summary, count_rows, exit_code, sum_amounts
from pipeline.writing.added_columns import cancel_header, marks_of, with_cancel_column
from pipeline.writing.annotate import annotate
from pipeline.writing.plain_list import write_plain_list
from schemas.annotated import VERIFIED_COLUMN, Status

FIRST_ROWS = 5
"""Rows named beside a status; the sheet has them all."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What was written, and what a person has to do: ``needs`` are rows by status, the most pressing first."""

    summary: Summary
    needs: Sequence[Finding]
    notes: Sequence[str] = ()


def deliver_plan(prepared: Prepared) -> Delivered:
    """Writes what would happen; nothing was sent.

    Raises:
        OutputError: a file could not be written.
    """
    return deliver_again(Executed(prepared, "", prepared.decided.rows))


def deliver(executed: Executed) -> Delivered:
    """Closes the run in the ledger, and writes its sheet, page and summary.

    Raises:
        SheetNotWrittenError: a file could not be written; what was done is in the ledger, and as far as possible in
            the page, the summary and a plain list; the message says where, and how to write the sheet later.
    """
    closed = close(executed)
    try:
        return deliver_again(closed)
    finally:
        if closed is not executed:
            close(closed)  # what was in the way may be gone


def close(executed: Executed, output: str | None = None) -> Executed:
    """Writes down in the ledger that the run is over.

    Args:
        executed: the run.
        output: its sheet; None: where the target says.
    Returns:
        The run; where that can't be written down, it was stopped by that, and is told all the same.
    """
    try:
        sheet = str(executed.prepared.target.sheet) if output is None else output
        code = _ended_as(executed, _counted(executed))
        executed.prepared.ledger.finish(executed.run, exit_code=code, stopped=executed.stopped, output=sheet)
    except Exception as error:
        why = f"the end of the run could not be written down: {problem_of(error)}"
        return replace(executed, stopped="; ".join(filter(None, (executed.stopped, why))))
    return executed


def deliver_again(executed: Executed) -> Delivered:
    """Writes the files of a run that is over; the ledger keeps what it holds of it. Raises as ``deliver``."""
    try:
        return _written(executed)
    except Exception as error:  # whatever broke, what was sent must be told
        raise _written_later(executed, error) from error


def _written(executed: Executed) -> Delivered:
    rows, prepared = executed.rows, executed.prepared
    written = _write_sheet(executed)
    _remember(prepared, written.path, digest=written.digest)  # before the others: it is replaced if they fail
    listed = write_list(executed, written.path)
    if listed.path is not None:
        _remember(prepared, listed.path)
    notes = (*written.notes, *listed.notes)
    summary = replace(summarise(executed), output=str(written.path), list=str(listed.path) if listed.path else None)
    _write_summary(executed, summary)
    _write_page(executed, summary, notes)
    _remember(prepared, prepared.target.report, prepared.target.summary)
    return Delivered(summary, needs_of(rows), notes)


def _remember(prepared: Prepared, *paths: Path, digest: str = "") -> None:
    """Lets the ledger know the files as they are; without it, `annotate` takes other names, and nothing is lost.

    Args:
        digest: of the files, where it is known.
    """
    with suppress(Exception):
        prepared.ledger.wrote({path: digest or file_digest(path) for path in paths})


def summarise(executed: Executed) -> Summary:
    """The numbers of a run, as the JSON summary has them."""
    prepared, rows = executed.prepared, executed.rows
    gathered, counts = prepared.orders.gathered, _counted(executed)
    before = rows["status"].eq(str(Status.SUCCESS)) & ~among(rows["key"], executed.keys)
    return Summary(
        run=executed.run,
        environment=prepared.settings.ledger_key.environment,
        input=str(prepared.request.input),
        output=str(prepared.target.sheet),
        report=str(prepared.target.report),
        sheet=prepared.orders.place.sheet,
        exit_code=_ended_as(executed, counts),
        rows=sum(counts.values()),
        counts=counts,
        awbs={
            "picked": int(rows.loc[rows["key"] != "", "key"].nunique()),
            "sent": len(executed.keys),
            "already_cancelled": int(rows.loc[before, "key"].nunique()),
        },
        calls=executed.calls,
        elapsed_s=round(monotonic() - prepared.began, 3),
        amount=sum_amounts(rows, gathered.skipped_amount),
        stopped=executed.stopped or None,
        plan=prepared.sealed.name if prepared.sealed else "",
        seal=prepared.sealed.seal if prepared.sealed else "",
        not_done=prepared.orders.not_done,
        asked=counts_asked(prepared.orders.asked, rows) if prepared.orders.asked else None,
    )


def _counted(executed: Executed) -> dict[str, int]:
    gathered = executed.prepared.orders.gathered
    return count_rows(executed.rows, len(gathered.left_out), gathered.blank)


def _ended_as(executed: Executed, counts: Mapping[str, int]) -> int:
    """The exit code of a run with so many rows of each status."""
    return exit_code(
        counts,
        stopped=bool(executed.stopped),
        interrupted=executed.interrupted,
        not_done=bool(executed.prepared.orders.not_done),
    )


def needs_of(rows: pd.DataFrame) -> list[Finding]:
    """The rows that need a person, by status, the most pressing first."""
    found = []
    for word in NEEDS_A_PERSON:
        numbers = rows.index[rows["status"] == str(word)]
        if len(numbers):
            found.append(Finding(str(word), len(numbers), tuple(str(number) for number in numbers[:FIRST_ROWS])))
    return found


# --- the files --------------------------------------------------------------------------------------------------------


def _write_sheet(executed: Executed) -> Written:
    prepared, verified = executed.prepared, executed.verified
    place = prepared.orders.place
    if verified is not None:
        place = replace(place, added=(*place.added, place.added[0].replace("status", VERIFIED_COLUMN)))
    marks = marks_of(executed.rows, prepared.orders.gathered.left_out, verified)
    if prepared.orders.book is None:
        raise AssertionError("a plan that is carried out without its sheet has none to write")
    sealed = prepared.sealed if not executed.run else None
    if sealed is None:
        return annotate(prepared.orders.book, place, marks, prepared.target.sheet)
    place = replace(place, added=(*place.added, cancel_header(place.headers)))
    marks, seal = with_cancel_column(marks), f"{sealed.name} {sealed.seal}"
    return annotate(prepared.orders.book, place, marks, prepared.target.sheet, seal)


def _write_summary(executed: Executed, summary: Summary) -> None:
    write_text(summary.as_json(), executed.prepared.target.summary)


def _write_page(executed: Executed, summary: Summary, notes: Sequence[str]) -> None:
    write_text(page(_story(executed, summary, notes)), executed.prepared.target.report)


def _story(executed: Executed, summary: Summary, notes: Sequence[str]) -> Story:
    prepared = executed.prepared
    calls, unread = _calls(executed)
    return Story(
        summary=summary,
        picked=executed.rows,
        left_out={found.words: found.count for found in left_out(prepared.orders.gathered)},
        calls=calls,
        picked_by=prepared.orders.picked_by,
        notes=[*prepared.orders.notes, *notes, *unread],
        account=prepared.settings.account,
        who=prepared.request.who,
        started=local_time(prepared.started.isoformat()),
        version=prepared.request.version,
        options=" ".join(quoted(argument) for argument in _options(executed)),
    )


def _calls(executed: Executed) -> tuple[pd.DataFrame, Sequence[str]]:
    """The calls of the run, in order; where the ledger can't be read, none, and why."""
    try:
        return executed.prepared.ledger.calls(executed.run), ()
    except Exception as error:
        return pd.DataFrame(), (f"The calls can't be listed: {problem_of(error)}",)


def _options(executed: Executed) -> list[str]:
    """What the next command needs; ``verify`` and a second ``cancel`` of a run take the rest from the ledger."""
    request = executed.prepared.request
    return request.arguments() if not executed.run else []


# --- when the sheet can't be written ----------------------------------------------------------------------------------


def _written_later(executed: Executed, error: Exception) -> PipelineError:
    """The sheet is for later; what became of each AWB is written down now, as far as that can be."""
    if not isinstance(error, PipelineError):
        words = f"The sheet could not be written, by {problem_of(error)}"
        error = OutputError(words, where=executed.prepared.target.sheet.name)
    if not executed.run:
        return OutputError(error.problem, "Nothing was sent.", where=error.where)
    plain = _write_plainly(executed, error)
    listed = f" {plain.name} says what became of each AWB." if plain else ""
    command, mend = (
        executed.prepared.annotate_command(executed.run),
        "make room, close the file, or put it back as it was",
    )
    step = f"What was done is in the ledger: {mend}; then `{command}` writes it.{listed}"
    return SheetNotWrittenError(error.problem, step, where=error.where)


def _write_plainly(executed: Executed, error: PipelineError) -> Path | None:
    """The plain list, the summary and the page, each whether or not the others can be written; None without a list."""
    prepared, target = executed.prepared, executed.prepared.target
    plain = target.sheet.with_name(f"{target.sheet.stem}.awbs.csv")
    note = f"{error.problem}: this list of AWBs stands in for the sheet until it is written"
    there = _written_to(plain, partial(write_plain_list, executed.rows, plain))
    notes, output = ((note,), str(plain)) if there else ((error.problem,), "")

    def summary() -> Summary:
        return replace(summarise(executed), output=output, exit_code=SheetNotWrittenError.exit_code)

    beside = _written_to(target.summary, lambda: _write_summary(executed, summary()))
    beside |= _written_to(target.report, lambda: _write_page(executed, summary(), notes))
    with suppress(Exception):  # without it, `annotate` takes other names, and nothing is lost
        prepared.ledger.wrote(there | beside)
    return plain if there else None


def _written_to(path: Path, write: Callable[[], None]) -> dict[Path, str]:
    """The file's digest by its path; nothing where it could not be written, which is no reason to tell less."""
    try:
        write()
        return {path: file_digest(path)}
    except Exception:  # the error that is told is the one of the sheet
        return {}

"""Looks up the rows of a sheet that are in doubt, settles what can be settled, and says what the sheet is then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event

from pipeline.files import file_digest
from pipeline.jobs.cancel import pacer_for, under_way
from pipeline.jobs.executed import Executed
from pipeline.jobs.lookup import look_up
from pipeline.jobs.prepare import Prepared, prepare, ready_ledger
from pipeline.jobs.request import Request
from pipeline.ledger import Ledger
from pipeline.model.keys import by_key
from pipeline.model.options import SelectionOptions
from pipeline.model.progress import Reporter
from pipeline.model.runs import LedgerKey, RunInfo
from pipeline.planning.plan import settle_rows
from pipeline.services.contract import Courier
from pipeline.settings import Settings

NOT_YET = "not sent by any run yet"


@contextmanager
def opened_as_run(request: Request, settings: Settings, reporter: Reporter) -> Iterator[Prepared]:
    """The sheet, prepared with the options of the last run of this very file; without one, with those given."""
    with Ledger.open(settings.ledger) as ledger:
        ready_ledger(ledger, settings, request.who)
        last = _last_run(ledger, settings.ledger_key, request.input)
        if last is not None:
            stored = SelectionOptions.from_json(last.options)
            request = replace(request, selection=stored.without_resending())
        yield prepare(request, settings, ledger, reporter)


def _last_run(ledger: Ledger, key: LedgerKey, source: Path) -> RunInfo | None:
    """The newest run that cancelled (or did what ``key`` says) from this file, as it is now."""
    if not source.is_file():
        return None
    digest = file_digest(source)
    mine = (run for run in ledger.runs() if run.command == key.action and run.key == key)
    return next((run for run in mine if run.digest == digest), None)


def verify_orders(
    prepared: Prepared, courier: Courier, reporter: Reporter, stop: Event, *, everything: bool
) -> Executed:
    """Looks up the rows in doubt, or all sent ones with ``everything``; nothing is cancelled by asking.

    Raises:
        LedgerError: another run is at work, or the ledger can't be written.
    """
    with prepared.ledger.hold(prepared.settings.ledger_key):
        run = prepared.ledger.start_run(prepared.run_start("verify"))
        with under_way(prepared, run):
            asked = prepared.known() if everything else prepared.in_doubt()
            found = look_up(prepared, run, asked, courier, pacer_for(prepared), reporter, stop)
            rows = settle_rows(prepared.decided_anew().decided, by_key(()), NOT_YET)
            prepared.ledger.record_rows(run, rows)
    verified = found.words(rows["key"]) if everything else None
    return Executed(prepared, run, rows, interrupted=stop.is_set(), verified=verified)

"""The commands that send nothing: look up, show what was done, write a run's sheet again, look at a file."""

from __future__ import annotations

import csv
import json
import sys
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from threading import Event

from pipeline.errors import FileTrouble, LedgerTrouble
from pipeline.files import file_digest
from pipeline.job import Job, Screen
from pipeline.ledger import Ledger
from pipeline.load import load
from pipeline.load.survey import as_json, survey
from pipeline.model.keys import by_key
from pipeline.model.options import Said
from pipeline.model.runs import RunInfo
from pipeline.planning.plan import settle_rows
from pipeline.report.summary import Summary
from pipeline.run import look_up, open_client, open_work
from pipeline.settings import Settings
from pipeline.sheets import open_book
from pipeline.sifting import wishes_of
from pipeline.terminal import Terminal
from pipeline.work import Ending

NOT_YET = "not sent by any run yet"


def verify_orders(job: Job, settings: Settings, screen: Screen, stop: Event, *, everything: bool) -> Summary:
    """Looks up the rows in doubt (all sent ones with ``everything``), settles what can be, writes the sheet again.

    The rows are those that the last run of this very file picked; without one, those that the options pick.
    """
    with ExitStack() as things:
        ledger = things.enter_context(Ledger.open(settings.ledger))
        last = _last_run(ledger, settings.ledger_key.environment, job.input)
        if last is not None:
            job = replace(job, said=Said.from_json(last.options).only_looking())
        work = open_work(job, settings, screen, things, infix="annotated", alone=True)
        run = work.start_run("verify")
        client = things.enter_context(open_client(work))
        found = look_up(work, client, run, work.known() if everything else work.in_doubt(), stop)
        rows = settle_rows(work.decide(), by_key(()), NOT_YET)
        said = found.words(rows["key"]) if everything else None
        return work.give_back(rows, run, Ending(interrupted=stop.is_set()), said)


def _last_run(ledger: Ledger, environment: str, source: Path) -> RunInfo | None:
    """The newest run that cancelled from this file, as it is now."""
    if not source.is_file():
        return None
    digest = file_digest(source)
    mine = (run for run in ledger.runs() if run.command == "cancel" and run.environment == environment)
    return next((run for run in mine if run.digest == digest), None)


def annotate_run(name: str, output: Path | None, settings: Settings, screen: Screen, who: str) -> Summary:
    """Writes a run's sheet and report again, from the file and the ledger; nothing is sent.

    Raises:
        LedgerTrouble: there is no such run.
        FileTrouble: its file is gone or has changed since, so that its rows can't be trusted to be the same.
    """
    with ExitStack() as things:
        ledger = things.enter_context(Ledger.open(settings.ledger))
        info = ledger.run(name)
        environment = settings.ledger_key.environment
        if info.environment != environment:
            raise LedgerTrouble(
                f"Run {info.run} was one of {info.environment}, and the environment is {environment}",
                f"Say --env {info.environment.partition(' ')[0]}.",
            )
        source = Path(info.input)
        if not source.is_file() or file_digest(source) != info.digest:
            raise FileTrouble(
                f"{source.name} is gone or has changed since run {info.run}, so its rows may be others now",
                f"`bulk-cancel history {info.run} --csv` lists what was done with each AWB.",
                where=str(source.parent),
            )
        job = Job(source, Said.from_json(info.options).only_looking(), output=output, who=who)
        work = open_work(job, settings, screen, things, infix="annotated", alone=False)
        rows = settle_rows(work.decide(), by_key(()), NOT_YET)
        known = work.known()
        sent = known.index[known["run"] == info.run]
        ending = Ending(info.stopped, interrupted=info.exit_code == 130, calls=info.calls, keys=sent)
        return work.give_again(rows, info.run, ending)


def show_history(settings: Settings, screen: Terminal, name: str | None, *, as_csv: bool) -> None:
    """The runs, or one of them: for people as a table, for auditors as CSV or JSON."""
    ledger = Ledger.peek(settings.ledger)
    if ledger is None:
        if name:
            raise LedgerTrouble(f"The ledger has no run {name!r}", "There were no runs yet.")
        screen.runs([])
        return
    with ledger:
        if name is None:
            screen.runs(ledger.runs())
            return
        info = ledger.run(name)
        if as_csv:
            _as_csv(ledger, info.run)
        elif screen.as_json:
            sys.stdout.write(_as_json(ledger, info))
        else:
            screen.run(info, ledger.calls(info.run), ledger.rows(info.run))


def inspect_orders(source: Path, said: Said, screen: Terminal) -> None:
    """Shows everything that is understood of a file; sends and writes nothing."""
    found = survey(load(open_book(source), wishes_of(said)))
    if screen.as_json:
        sys.stdout.write(json.dumps(as_json(found), ensure_ascii=False, indent=2) + "\n")
    else:
        screen.survey(found)


def _as_json(ledger: Ledger, info: RunInfo) -> str:
    """A run with its calls, its rows, and every entry that the ledger holds of its AWBs."""
    tables = {
        "calls": ledger.calls(info.run),
        "rows": ledger.rows(info.run).reset_index(),
        "entries": ledger.audit(info.run),
    }
    told = {name: json.loads(table.to_json(orient="records")) for name, table in tables.items()}
    run = {name: str(value) if isinstance(value, datetime) else value for name, value in asdict(info).items()}
    return json.dumps({"version": 1, "run": run, **told}, ensure_ascii=False, indent=2) + "\n"


def _as_csv(ledger: Ledger, run: str) -> None:
    entries = ledger.audit(run)
    lines = csv.writer(sys.stdout, lineterminator="\r\n")
    lines.writerow(entries.columns)
    lines.writerows(entries.astype("str").itertuples(index=False, name=None))

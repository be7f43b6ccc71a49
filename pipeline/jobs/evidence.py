"""Brings an auditor one line an AWB: of a file, a run, a plan or a month, through all runs that had to do with it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pandas as pd

from pipeline.errors import LedgerError, OutputError, UsageError
from pipeline.files import file_digest, replacing
from pipeline.ledger import Ledger
from pipeline.model.evidence import Evidence, EvidenceScope
from pipeline.model.plans import PlanInfo
from pipeline.model.runs import RunInfo, account_in
from pipeline.report.next_steps import word_of
from pipeline.settings import Settings
from pipeline.sheets.formula_guard import guarded
from pipeline.sheets.new_workbook import MONEY, MOST_ROWS_BELOW, WHOLE, PlainTable, write_tables
from schemas.annotated import ADDED_COLUMNS, Status

MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")

TITLES = {
    "order_ref": "Order",
    "awb": "AWB",
    "amount": "Amount",
    **dict(zip(ADDED_COLUMNS, ("Final state", "Remark", *ADDED_COLUMNS[2:]), strict=True)),
    "first_sent": "First sent (UTC)",
    "last_answer": "Last answer (UTC)",
    "times_sent": "Times sent",
    "environment": "Environment",
    "account": "Account (digest)",
    "plan": "Plan",
    "made_by": "Made by",
    "made_at": "Made (UTC)",
    "approved_by": "Approved by",
    "approved_at": "Approved (UTC)",
    "run": "Run",
    "found_by_run": "Last answer found by run",
    "file": "File",
}
"""How the columns of the first sheet are called; those of the events keep their names in the ledger."""

TIMES = ("first_sent", "last_answer", "made_at", "approved_at")

SANDBOX = "sandbox"


@dataclass(frozen=True, slots=True)
class EvidenceFound:
    """Evidence and its name: for a file, and for the sentence that says what it is about."""

    name: str
    about: str
    evidence: Evidence
    notes: Sequence[str] = ()

    def as_csv(self) -> str:
        """The lines, one an AWB, as CSV; what a spreadsheet would run as a formula gets an apostrophe."""
        text = io.StringIO()
        lines = csv.writer(text, lineterminator="\r\n")
        shown = _titled(self.evidence.lines).astype("str")
        lines.writerow(shown.columns)
        lines.writerows([guarded(cell) for cell in line] for line in shown.itertuples(index=False, name=None))
        return text.getvalue()

    def counts(self) -> dict[str, int]:
        """How many AWBs there are of each final state."""
        found = self.evidence.lines["status"].value_counts()
        return {str(word): int(found[str(word)]) for word in Status if str(word) in found}


def gather_evidence(
    settings: Settings, what: str, environment: str | None = None, account: str | None = None
) -> EvidenceFound:
    """What the ledger holds of the AWBs of a file, a run, a plan or a month.

    Args:
        settings: which ledger.
        what: a path, a run's or plan's name or the beginning of it, or ``2026-11``.
        environment: only what was sent there; None: everything but the sandbox, where there is anything else.
        account: only what was sent for it, by the name that the ledger knows it by; None: for whichever.
    Raises:
        LedgerError: there is no such thing in the ledger.
    """
    ledger = Ledger.peek(settings.ledger)
    if ledger is None:
        raise LedgerError(f"There is no evidence of {what!r}", "There were no runs yet.")
    with ledger:
        name, about, scope = _scope(ledger, what)
        found = EvidenceFound(name, about, ledger.evidence(scope))
    return _of_account(_of_environment(found, environment), account)


# --- what it is about -------------------------------------------------------------------------------------------------


def _scope(ledger: Ledger, what: str) -> tuple[str, str, EvidenceScope]:
    path = Path(what)
    if path.is_file():
        return path.stem, path.name, _of_file(ledger, path)
    if month := MONTH.fullmatch(what):
        since, until = _month(int(month[1]), int(month[2]))
        return what, f"all that went out in {what}", EvidenceScope(since=since, until=until)
    if what.upper().startswith("P-"):
        plan = ledger.plan(what).name
        return plan, f"plan {plan}", EvidenceScope(plans=(plan,), whole_file=False)
    runs = ledger.runs()
    if path.suffix and str(path.absolute()) in _inputs(ledger):
        return path.stem, path.name, _of_file(ledger, path)
    run = ledger.run(what)
    of_key = [one for one in runs if one.key == run.key]
    scope = _job({run.digest} - {""}, of_key, [plan for plan in ledger.plans() if plan.facts.key == run.key])
    if run.run not in scope.runs:
        scope = replace(scope, runs=(*scope.runs, run.run))
    return run.run, f"the job of run {run.run}", scope


def _of_file(ledger: Ledger, path: Path) -> EvidenceScope:
    """The runs of a file by its content; else of what was written there, or stood there when a run began."""
    runs, whole = ledger.runs(), str(path.absolute())
    digest = file_digest(path) if path.is_file() else ""
    plans = ledger.plans()
    known = {run.digest for run in runs} | {plan.facts.digest for plan in plans}
    digests = {digest} if digest in known else {run.digest for run in runs if _wrote(run, path)}
    digests = digests or {run.digest for run in runs if run.input == whole}
    digests = digests or {plan.facts.digest for plan in plans if plan.facts.input == whole}
    if not digests:
        step = "`bulk-cancel history` lists the runs; a file is known by its content or by its place."
        raise LedgerError(f"No run and no plan in the ledger is one of {path.name}", step)
    return _job(digests, runs, plans)


def _inputs(ledger: Ledger) -> set[str]:
    return {run.input for run in ledger.runs()} | {plan.facts.input for plan in ledger.plans()}


def _wrote(run: RunInfo, path: Path) -> bool:
    """Whether a run wrote its sheet there; the ledger has the name as it was typed, mostly beside the input."""
    if not run.output:
        return False
    beside = Path(run.input).with_name(Path(run.output).name)
    return path.absolute() in (Path(run.output), beside)


def _job(digests: set[str], runs: Sequence[RunInfo], plans: Sequence[PlanInfo]) -> EvidenceScope:
    """All runs of the files, and of the sheets of their plans: a reviewer's sheet is another file, and the same job."""
    names: set[str] = set()
    while True:
        of_plan = {run.run: run for run in runs if run.digest in digests or (run.plan and run.plan in names)}
        more = {run.digest for run in of_plan.values()} | digests
        planned = {plan.name for plan in plans if plan.facts.digest in more} | {
            run.plan for run in of_plan.values() if run.plan
        }
        if (more, planned) == (digests, names):
            return EvidenceScope(runs=tuple(of_plan), plans=tuple(sorted(names)))
        digests, names = more, planned


def _month(year: int, month: int) -> tuple[str, str]:
    """The first moment of a month where this computer stands, and that of the next, ISO 8601 in UTC."""
    after = (year + month // 12, month % 12 + 1)
    first, last = (datetime(*day, 1).astimezone().astimezone(UTC) for day in ((year, month), after))
    return first.isoformat(timespec="milliseconds"), last.isoformat(timespec="milliseconds")


def _of_environment(found: EvidenceFound, environment: str | None) -> EvidenceFound:
    lines, events = found.evidence.lines, found.evidence.events
    where = lines["environment"].map(word_of)
    keep = where == environment if environment else where != SANDBOX
    if environment is None and not keep.any():
        return found
    kept = Evidence(lines[keep], events[events["environment"].isin(set(lines.loc[keep, "environment"]))])
    left = int((~keep).sum())
    which = f"of other environments than {environment}" if environment else "of the sandbox"
    notes = (f"left out: {left:,} AWBs {which}",) if left else ()
    return replace(found, evidence=kept, notes=notes)


def _of_account(found: EvidenceFound, account: str | None) -> EvidenceFound:
    if account is None:
        return found
    lines, events = found.evidence.lines, found.evidence.events
    keep = lines["environment"].map(account_in) == account
    kept = Evidence(lines[keep], events[events["environment"].map(account_in) == account])
    left = int((~keep).sum())
    notes = (f"left out: {left:,} AWBs of other accounts than {account}",) if left else ()
    return replace(found, evidence=kept, notes=(*found.notes, *notes))


# --- the file ---------------------------------------------------------------------------------------------------------


def write_evidence(found: EvidenceFound, output: Path | None) -> Path:
    """Writes the evidence, .xlsx or .csv by its name; never over a file that is there.

    Args:
        found: what ``gather_evidence`` found.
        output: where it goes; None: ``evidence-NAME.xlsx`` in the working folder.
    Raises:
        UsageError: another ending.
        OutputError: it is there already, can't be written, or an .xlsx has no room for so many lines.
    """
    target = _free(Path(f"evidence-{found.name}.xlsx")) if output is None else output
    if output is not None and output.exists():
        raise OutputError(f"{output} is there already, and evidence overwrites nothing", "Say another name with -o.")
    match target.suffix.lower():
        case ".csv":
            with replacing(target, like=None) as temporary:
                temporary.write_text(found.as_csv(), encoding="utf-8-sig", newline="")
        case ".xlsx":
            _write_workbook(found, target)
        case _:
            raise UsageError(f"Evidence is an .xlsx or .csv file, and {target.name} is neither", "Say another with -o.")
    return target


def _write_workbook(found: EvidenceFound, target: Path) -> None:
    lines, events = found.evidence.lines, found.evidence.events
    if max(len(lines), len(events)) > MOST_ROWS_BELOW:
        problem = f"{len(events):,} events don't fit into a worksheet of {MOST_ROWS_BELOW:,} rows"
        raise OutputError(problem, "Say -o NAME.csv, or ask for less: one run, or one plan.")
    titled = _titled(lines)
    numbers = {TITLES["amount"]: MONEY, TITLES["times_sent"]: WHOLE}
    tables = [
        PlainTable("Evidence", titled, numbers, TITLES["status"]),
        PlainTable("Events", events.fillna("").astype("str"), {"call": WHOLE}),
    ]
    with replacing(target, like=None) as temporary:
        write_tables(tables, temporary)


def _titled(lines: pd.DataFrame) -> pd.DataFrame:
    """The lines under their titles, the times as people read them."""
    times = {name: lines[name].str.slice(0, 19).str.replace("T", " ", regex=False) for name in TIMES}
    return lines.assign(**times)[list(TITLES)].rename(columns=TITLES)


def _free(wanted: Path) -> Path:
    names = (wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}") for number in count(2))
    return wanted if not wanted.exists() else next(name for name in names if not name.exists())

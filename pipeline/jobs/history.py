"""What the ledger holds of the runs so far: all of them, or one with its calls and rows."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import pandas as pd

from pipeline.errors import LedgerError
from pipeline.ledger import Ledger
from pipeline.model.amount_sums import AmountSum, orders_of
from pipeline.model.amounts import as_amount
from pipeline.model.runs import RunInfo
from pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run: ``calls`` and ``rows`` as the ledger has them; ``entries``: each AWB, when, by whom, what was said."""

    info: RunInfo
    calls: pd.DataFrame
    rows: pd.DataFrame
    entries: pd.DataFrame

    def as_json(self) -> str:
        """The run with its calls, its rows, and every entry that the ledger holds of its AWBs."""
        tables = {"calls": self.calls, "rows": self.rows.reset_index(), "entries": self.entries}
        records = {name: json.loads(table.to_json(orient="records")) for name, table in tables.items()}
        run = {name: str(value) if isinstance(value, datetime) else value for name, value in asdict(self.info).items()}
        return json.dumps({"version": 1, "run": run, **records}, ensure_ascii=False, indent=2) + "\n"

    def as_csv(self) -> str:
        """The entries, for auditors."""
        text = io.StringIO()
        lines = csv.writer(text, lineterminator="\r\n")
        lines.writerow(self.entries.columns)
        lines.writerows(self.entries.astype("str").itertuples(index=False, name=None))
        return text.getvalue()


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run as a list shows it: ``counts``: its picked rows by status; ``amount``: of the cancelled ones, "" = none."""

    info: RunInfo
    counts: Mapping[str, int]
    amount: str


def latest_runs(settings: Settings, wanted: Callable[[RunInfo], bool], most: int) -> tuple[list[PastRun], int]:
    """The newest runs with what became of their rows, so many at most; and how many older ones there are.

    Args:
        settings: whose ledger; it is not made for this.
        wanted: whether a run is shown.
        most: runs at most.
    """
    ledger = Ledger.peek(settings.ledger)
    if ledger is None:
        return [], 0
    with ledger:
        runs = [run for run in ledger.runs() if wanted(run)]
        names = [run.run for run in runs[:most]]
        fates, amounts = ledger.row_fates(names), ledger.cancelled_amounts(names)
    counts: dict[str, dict[str, int]] = {}
    for run, status, count in fates.itertuples(index=False, name=None):
        counts.setdefault(run, {})[status] = count
    sums = {str(run): _sum(of_run) for run, of_run in amounts.groupby("run")}
    shown = [PastRun(run, counts.get(run.run, {}), sums.get(run.run, "")) for run in runs[:most]]
    return shown, len(runs) - len(shown)


def _sum(rows: pd.DataFrame) -> str:
    """The amount of some cancelled rows, each order's once, exactly."""
    tally = AmountSum()
    tally.add(rows["amount"], orders_of(rows["order_ref"], rows["awb"]))
    return as_amount(tally.total)


def past_runs(settings: Settings) -> list[RunInfo]:
    """Every run, the newest first; a ledger is not made for it."""
    ledger = Ledger.peek(settings.ledger)
    if ledger is None:
        return []
    with ledger:
        return ledger.runs()


def past_run(settings: Settings, name: str) -> RunRecord:
    """One run, by its name or the beginning of it.

    Raises:
        LedgerError: there is no such run.
    """
    ledger = Ledger.peek(settings.ledger)
    if ledger is None:
        raise LedgerError(f"The ledger has no run {name!r}", "There were no runs yet.")
    with ledger:
        info = ledger.run(name)
        return RunRecord(info, ledger.calls(info.run), ledger.rows(info.run), ledger.audit(info.run))


def find_entries(settings: Settings, text: str, most: int) -> list[dict[str, str]]:
    """What became of AWBs and order numbers that hold a text, run by run, the newest first.

    Args:
        settings: whose ledger.
        text: a part of an AWB or order number.
        most: lines at most.
    Returns:
        Lines of awb, order_ref, status, remark, run, plan, who, started, environment.
    """
    ledger = Ledger.peek(settings.ledger)
    if ledger is None:
        return []
    with ledger:
        found = ledger.find_rows(text, most)
    return [{str(name): str(value) for name, value in line.items()} for line in found.to_dict("records")]


def runs_as_json(runs: Sequence[RunInfo]) -> str:
    """The runs for scripts, each with all that the ledger knows of it."""
    known = [{name: str(value) for name, value in asdict(run).items()} for run in runs]
    return json.dumps(known, ensure_ascii=False, indent=2) + "\n"

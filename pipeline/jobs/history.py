"""What the ledger holds of the runs so far: all of them, or one with its calls and rows."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import pandas as pd

from pipeline.errors import LedgerError
from pipeline.ledger import Ledger
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

"""What the ledger is asked; nothing here changes it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Self

import pandas as pd
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError

from pipeline.errors import LedgerError
from pipeline.ledger import errors, evidence, plans, queries
from pipeline.ledger.schema import calls, history, outputs, rows
from pipeline.model.evidence import Evidence, EvidenceScope
from pipeline.model.plans import PlanFacts, PlanInfo, SealedPlan
from pipeline.model.runs import LedgerKey, RunInfo


class LedgerReader:
    """The questions of an opened ledger. Threads may share it, and take turns.

    A context manager: it is closed at the end. Every method raises LedgerError where the database can't be read.
    """

    def __init__(self, engine: Engine, location: str) -> None:
        """Takes an engine whose tables are those of this version, and the location as messages show it."""
        self._engine = engine
        self._location = location
        self._turn = Lock()

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Closes it."""
        self.close()

    def close(self) -> None:
        """Lets go of the file."""
        self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self._turn, self._engine.connect().execution_options(reading=True) as connection:
                yield connection
        except DBAPIError as error:
            raise errors.as_trouble(self._location, error) from error

    def last_written(self, path: Path) -> str | None:
        """The digest of what this program last wrote at a path."""
        newest = select(outputs.c.digest).where(outputs.c.path == str(path.absolute())).order_by(outputs.c.entry.desc())
        with self._reading() as connection:
            return connection.execute(newest.limit(1)).scalar()

    def last_entry(self) -> int:
        """The number of the newest entry, 0 in an empty ledger: while it stays the same, nothing new is known."""
        with self._reading() as connection:
            return connection.execute(select(func.max(history.c.entry))).scalar() or 0

    def known(self, key: LedgerKey, keys: pd.Series[str]) -> pd.DataFrame:
        """What any run found out about these AWBs.

        Args:
            key: whose AWBs, where, and what is done with them.
            keys: AWBs in capital letters; may repeat.
        Returns:
            Index the key; awb, status (Success, Failed or Unknown), remark, refnum, run, at (ISO 8601, UTC), refused
            (Unknown, and only because calls with it were refused as a whole). An attempt without an answer is Unknown.
        """
        with self._reading() as connection:
            return queries.known(connection, key, keys)

    def environments_of(self, key: LedgerKey, account: str) -> list[str]:
        """The environments, with their accounts' names, under which runs, plans and rules of these keys are kept.

        Args:
            key: its service and action count.
            account: the digest of the keys.
        """
        with self._reading() as connection:
            return queries.environments_of(connection, key, account)

    def runs(self) -> list[RunInfo]:
        """Every run, the newest first."""
        with self._reading() as connection:
            return queries.all_runs(connection)

    def run(self, name: str) -> RunInfo:
        """One run, by its name or the beginning of it; LedgerError says which there are."""
        found = self.runs()
        exact = [run for run in found if run.run == name] or [run for run in found if run.run.startswith(name)]
        if len(exact) == 1:
            return exact[0]
        newest = ", ".join(run.run for run in (exact or queries.nearest(found, name))[:3]) or "none yet"
        problem = f"Several runs begin with {name!r}" if exact else f"The ledger has no run {name!r}"
        raise LedgerError(problem, f"There is: {newest}; `bulk-cancel history` lists them all.")

    def calls(self, run: str) -> pd.DataFrame:
        """The calls of a run: call, run, began, settled, elapsed, awbs, sent, note."""
        with self._reading() as connection:
            return queries.frame(connection, select(calls).where(calls.c.run == run).order_by(calls.c.call))

    def rows(self, run: str) -> pd.DataFrame:
        """The picked rows of a run and their fate; index the row number."""
        with self._reading() as connection:
            found = queries.frame(connection, select(rows).where(rows.c.run == run).order_by(rows.c.row))
        return found.set_index("row")

    def audit(self, run: str) -> pd.DataFrame:
        """For auditors: each AWB of a run, when it went out, what was found and when, by whom, from which file."""
        with self._reading() as connection:
            return queries.audit(connection, run)

    def evidence(self, scope: EvidenceScope) -> Evidence:
        """For auditors: one line for each AWB of a scope, whichever runs it stands in, and each event."""
        with self._reading() as connection:
            return evidence.collect(connection, scope)

    def row_fates(self, names: Sequence[str]) -> pd.DataFrame:
        """How many picked rows of some runs have each status: run, status, count."""
        with self._reading() as connection:
            return queries.row_fates(connection, names)

    def cancelled_amounts(self, names: Sequence[str]) -> pd.DataFrame:
        """The rows of some runs that are Success and have an amount: run, awb, order_ref, amount (exact text)."""
        with self._reading() as connection:
            return queries.cancelled_amounts(connection, names)

    def find_rows(self, text: str, most: int) -> pd.DataFrame:
        """The rows of runs whose AWB or order reference holds a text, the newest run first, so many at most.

        Returns:
            awb, order_ref, status, remark, run, plan, who, started, environment.
        """
        with self._reading() as connection:
            return queries.find_rows(connection, text, most)

    def count_calls(self, run: str) -> int:
        """How many calls a run made."""
        with self._reading() as connection:
            return queries.count_calls(connection, run)

    def plans(self) -> list[PlanInfo]:
        """Every sealed plan, the newest first, and what became of it."""
        with self._reading() as connection:
            return plans.all_infos(connection, datetime.now(UTC))

    def plan(self, name: str) -> SealedPlan:
        """One plan with its AWBs, by its name or the beginning of it.

        Raises:
            LedgerError: there is no such plan, or its seal is broken.
        """
        with self._reading() as connection:
            return plans.load(connection, plans.find(connection, name))

    def would_lack_approval(self, facts: PlanFacts) -> bool:
        """Whether a rule demands another person's word for a plan that is not sealed yet."""
        with self._reading() as connection:
            return plans.would_lack_approval(connection, facts)

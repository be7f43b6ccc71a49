"""The journal of what was sent and what came back: written before a call goes out, and again when its answer is in."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Engine, bindparam, func, insert, literal, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from pipeline.errors import LedgerTrouble
from pipeline.ledger import asking, holding, opening
from pipeline.ledger.tables import (
    FAILED,
    OPEN,
    RELEASED,
    SUCCESS,
    UNKNOWN,
    attempts,
    calls,
    history,
    outputs,
    rows,
    runs,
)
from pipeline.model import Batch, Outcome, RunInfo
from schemas.annotated import Status

STATE_OF = {
    Status.SUCCESS: SUCCESS,
    Status.FAILED: FAILED,
    Status.UNKNOWN: UNKNOWN,
    Status.NOT_SENT: RELEASED,
}
"""How an outcome is kept."""

NO_ANSWER = "The run that sent it ended before its answer came. The shipment may be cancelled."
"""The remark of an AWB whose call was under way when its run was killed."""


@dataclass(frozen=True, slots=True)
class RunStart:
    """What is known of a run before its first call; ``account`` is a digest of the token, never the token."""

    environment: str
    command: str
    input: str
    sheet: str
    digest: str
    account: str
    who: str
    options: str = "{}"


class Ledger:
    """An opened ledger. Written by one thread; SQLite by default, whatever SQLAlchemy speaks otherwise."""

    def __init__(self, engine: Engine, location: str) -> None:
        """Use ``open`` or ``peek``."""
        self._engine = engine
        self._location = location

    @classmethod
    def open(cls, location: str) -> Ledger:
        """Opens the ledger at a path or SQLAlchemy URL; makes it, readable for its owner only, where there is none.

        Raises:
            LedgerTrouble: damaged, newer, read-only, no ledger, or on a full disk; nothing is sent then.
        """
        return cls(opening.open_engine(location), location)

    @classmethod
    def peek(cls, location: str) -> Ledger | None:
        """The ledger to read only; None where there is none yet. Never makes or changes a file."""
        engine = opening.peek_engine(location)
        return cls(engine, location) if engine else None

    def close(self) -> None:
        """Lets go of the file."""
        self._engine.dispose()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise opening.as_trouble(self._location, error) from error

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise opening.as_trouble(self._location, error) from error

    # --- a run ----------------------------------------------------------------------------------------------------

    def hold(self, environment: str) -> AbstractContextManager[None]:
        """One run per environment at a time; raises LedgerTrouble that says who holds it."""
        path = opening.sqlite_path(self._location)
        folder = path.absolute().parent if path else _data_folder()
        return holding.hold(folder, opening.shown(self._location), environment)

    def start_run(self, start: RunStart) -> str:
        """Writes the run down; what an earlier run left without an answer is Unknown from now on."""
        now = _now()
        run = f"{now[:19].replace('-', '').replace(':', '').replace('T', '-')}-{secrets.token_hex(2)}"
        with self._writing() as connection:
            connection.execute(
                insert(runs).values(
                    run=run,
                    environment=start.environment,
                    command=start.command,
                    started=now,
                    input=start.input,
                    digest=start.digest,
                    sheet=start.sheet,
                    account=start.account,
                    who=start.who,
                    options=start.options,
                )
            )
            self._close_open(connection, run, start.environment, now)
        return run

    @staticmethod
    def _close_open(connection: Connection, run: str, environment: str, now: str) -> None:
        left = (attempts.c.environment == environment) & (attempts.c.state == OPEN)
        found = select(attempts.c.attempt, *_constants(run, now, UNKNOWN, NO_ANSWER), attempts.c.refnum).where(left)
        connection.execute(insert(history).from_select(["attempt", "run", "at", "state", "remark", "refnum"], found))
        connection.execute(update(attempts).where(left).values(state=UNKNOWN, remark=NO_ANSWER, at=now))

    def begin(self, run: str, batch: Batch, *, resend: bool = False) -> int:
        """Writes down that the batch goes out; it is on disk when this returns. Returns the call's number.

        Raises:
            LedgerTrouble: an AWB of it is open or done already (or in doubt, without ``resend``); nothing was written.
        """
        now = _now()
        try:
            with self._writing() as connection:
                environment = connection.execute(select(runs.c.environment).where(runs.c.run == run)).scalar_one()
                if not resend:
                    self._refuse_doubtful(connection, environment, batch)
                call = connection.execute(
                    insert(calls).values(run=run, began=now, awbs=len(batch.items))
                ).inserted_primary_key
                number = call[0] if call else 0
                fixed = {"call": number, "run": run, "environment": environment, "state": OPEN, "at": now}
                connection.execute(
                    insert(attempts), [{**fixed, "key": item.key, "awb": item.awb} for item in batch.items]
                )
                self._append(connection, attempts.c.call == number, run, now)
        except LedgerTrouble as error:
            if isinstance(error.__cause__, IntegrityError):
                raise LedgerTrouble(
                    "An AWB of the next call is under way or cancelled already, by another run",
                    "Nothing of it was sent.",
                ) from error
            raise
        return int(number)

    @staticmethod
    def _refuse_doubtful(connection: Connection, environment: str, batch: Batch) -> None:
        states = asking.latest_states(connection, environment, [item.key for item in batch.items])
        if UNKNOWN in states:
            raise LedgerTrouble("An AWB of the next call is in doubt", "Only --resend-unknown sends it again.")

    def settle(self, call: int, outcomes: Sequence[Outcome], *, note: str, elapsed: float) -> None:
        """Writes down what became of each AWB of the call, in one transaction."""
        now = _now()
        with self._writing() as connection:
            found = [_found(outcome, now) for outcome in outcomes]
            same = update(attempts).where(attempts.c.call == call, attempts.c.key == bindparam("of"))
            connection.execute(same, found)
            run = connection.execute(select(calls.c.run).where(calls.c.call == call)).scalar_one()
            self._append(connection, attempts.c.call == call, run, now)
            ended = update(calls).where(calls.c.call == call)
            connection.execute(ended.values(settled=now, elapsed=round(elapsed, 4), note=note))

    @staticmethod
    def _append(connection: Connection, which: ColumnElement[bool], run: str, now: str) -> None:
        """The history's entry of each attempt ``which``, as it stands now."""
        columns = [attempts.c.attempt, *_constants(run, now), attempts.c.state, attempts.c.remark, attempts.c.refnum]
        entries = select(*columns).where(which)
        connection.execute(insert(history).from_select(["attempt", "run", "at", "state", "remark", "refnum"], entries))

    def confirm(self, run: str, environment: str, outcomes: Sequence[Outcome]) -> None:
        """Writes down what tracking said of AWBs that were in doubt (or refused): proof makes them Success."""
        if not outcomes:
            return
        now = _now()
        with self._writing() as connection:
            latest = asking.latest_attempts(connection, environment, [outcome.awb.upper() for outcome in outcomes])
            for outcome in outcomes:
                attempt = latest.get(outcome.awb.upper())
                if attempt is None:
                    continue
                one = attempts.c.attempt == attempt
                values = {key: value for key, value in _found(outcome, now).items() if key != "of"}
                connection.execute(update(attempts).where(one).values(**values))
                self._append(connection, one, run, now)

    def record_rows(self, run: str, fates: pd.DataFrame) -> None:
        """Keeps the final fate of the picked rows: index the row number; awb, order_ref, status, remark, refnum."""
        if fates.empty:
            return
        table = fates[["awb", "order_ref", "status", "remark", "refnum"]].astype("object")
        table.insert(0, "row", fates.index.astype("int64"))
        table.insert(0, "run", run)
        with self._writing() as connection:
            connection.execute(
                insert(rows),
                [dict(zip(table.columns, line, strict=True)) for line in table.itertuples(index=False, name=None)],
            )

    def finish(self, run: str, *, exit_code: int, stopped: str, output: str) -> None:
        """Writes down how the run ended."""
        with self._writing() as connection:
            ended = update(runs).where(runs.c.run == run)
            connection.execute(ended.values(finished=_now(), exit_code=exit_code, stopped=stopped, output=output))

    def wrote(self, files: dict[Path, str]) -> None:
        """Remembers the digests of the files that were written, so that somebody's later edit is known as one."""
        now = _now()
        with self._writing() as connection:
            entries = [{"path": str(path.absolute()), "digest": digest, "at": now} for path, digest in files.items()]
            connection.execute(insert(outputs), entries)

    # --- what is known --------------------------------------------------------------------------------------------

    def last_written(self, path: Path) -> str | None:
        """The digest of what this program last wrote at a path."""
        newest = select(outputs.c.digest).where(outputs.c.path == str(path.absolute())).order_by(outputs.c.entry.desc())
        with self._reading() as connection:
            return connection.execute(newest.limit(1)).scalar()

    def known(self, environment: str, keys: pd.Series[str]) -> pd.DataFrame:
        """What any run found out about these AWBs.

        Args:
            environment: the ledger's key of the environment.
            keys: AWBs in capital letters; may repeat.
        Returns:
            Index the key; awb, status (Success, Failed or Unknown), remark, refnum, run, at (ISO 8601, UTC). An attempt
            without an answer is Unknown.
        """
        with self._reading() as connection:
            return asking.known(connection, environment, keys)

    def runs(self) -> list[RunInfo]:
        """Every run, the newest first."""
        with self._reading() as connection:
            return asking.all_runs(connection)

    def run(self, name: str) -> RunInfo:
        """One run, by its name or the beginning of it; LedgerTrouble says which there are."""
        found = self.runs()
        exact = [run for run in found if run.run == name] or [run for run in found if run.run.startswith(name)]
        if len(exact) == 1:
            return exact[0]
        newest = ", ".join(run.run for run in (exact or found)[:3]) or "none yet"
        problem = f"Several runs begin with {name!r}" if exact else f"The ledger has no run {name!r}"
        raise LedgerTrouble(problem, f"The newest: {newest}; `bulk-cancel history` lists them all.")

    def calls(self, run: str) -> pd.DataFrame:
        """The calls of a run: call, began, settled, elapsed, awbs, note."""
        with self._reading() as connection:
            return asking.frame(connection, select(calls).where(calls.c.run == run).order_by(calls.c.call))

    def rows(self, run: str) -> pd.DataFrame:
        """The picked rows of a run and their fate; index the row number."""
        with self._reading() as connection:
            found = asking.frame(connection, select(rows).where(rows.c.run == run).order_by(rows.c.row))
        return found.set_index("row")

    def audit(self, run: str) -> pd.DataFrame:
        """For auditors: each AWB of a run, when it went out, what was found and when, by whom, from which file."""
        with self._reading() as connection:
            return asking.audit(connection, run)

    def count_calls(self, run: str) -> int:
        """How many calls a run made."""
        with self._reading() as connection:
            return int(connection.execute(select(func.count()).where(calls.c.run == run)).scalar_one())


def _constants(*texts: str) -> list[ColumnElement[Any]]:
    return [literal(text) for text in texts]


def _found(outcome: Outcome, now: str) -> dict[str, str]:
    state = STATE_OF[outcome.status]
    return {"of": outcome.awb.upper(), "state": state, "remark": outcome.remark, "refnum": outcome.refnum, "at": now}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _data_folder() -> Path:
    from platformdirs import user_data_path

    return user_data_path("bulk-cancel", appauthor=False, ensure_exists=True)

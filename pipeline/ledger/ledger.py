"""The ledger of what was sent and what came back: written before a call goes out, and again when its answer is in."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from pipeline.ledger import connect, errors, leases, plans, run_lock, writes
from pipeline.ledger.leases import LeaseClock, LeaseTerms, stamp
from pipeline.ledger.plans import ApprovalRule
from pipeline.ledger.reading import LedgerReader
from pipeline.ledger.writes import RunStart
from pipeline.model.calls import Batch, Outcome
from pipeline.model.plans import PlanEntry, PlanFacts, PlanState, SealedPlan
from pipeline.model.runs import LedgerKey


def _utc() -> datetime:
    return datetime.now(UTC)


LEASES = LeaseTerms()

WHOLE = (0, 1)
"""How a run ends that came to the end of its plan (docs/interface.md, "Exit codes")."""


@dataclass(slots=True)
class _Holding:
    """The environment that is held, and the runs that started meanwhile."""

    key: LedgerKey
    holder: run_lock.Holder
    runs: tuple[str, ...] = ()

    def add(self, run: str) -> None:
        """Takes in a run that started."""
        self.runs = (*self.runs, run)
        self.holder.name(run)


class Ledger(LedgerReader):
    """An opened ledger; SQLite by default, whatever SQLAlchemy speaks otherwise. Threads may share it, and take turns.

    A context manager: it is closed at the end. Every method raises LedgerError where the database can't be read or
    written; what a method writes is written as a whole or not at all.
    """

    def __init__(
        self,
        engine: Engine,
        location: str,
        clock: Callable[[], datetime],
        terms: LeaseTerms,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """Use ``open`` or ``peek``."""
        super().__init__(engine, location)
        self._held = LeaseClock(clock, ticks)
        self._clock = clock
        self._terms = terms
        self._holding: _Holding | None = None

    @classmethod
    def open(
        cls,
        location: str,
        *,
        clock: Callable[[], datetime] = _utc,
        terms: LeaseTerms = LEASES,
        ticks: Callable[[], float] = time.monotonic,
    ) -> Ledger:
        """Opens the ledger at a path or SQLAlchemy URL; makes it, readable for its owner only, where there is none.

        An older ledger gets the tables of this version, after a copy of its file.

        Args:
            location: a path or an SQLAlchemy URL.
            clock: tells the time, aware.
            terms: how long a run that says nothing counts as alive.
            ticks: seconds, by a clock that nobody sets.
        Raises:
            LedgerError: damaged, newer, read-only, no ledger, or on a full disk; nothing is sent then.
        """
        return cls(connect.open_engine(location, clock()), location, clock, terms, ticks)

    @classmethod
    def peek(cls, location: str) -> Ledger | None:
        """The ledger to read only; None where there is none yet. Never makes a ledger or changes one."""
        engine = connect.peek_engine(location)
        return cls(engine, location, _utc, LEASES) if engine else None

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        try:
            with self._turn, self._engine.begin() as connection:
                yield connection
        except IntegrityError as error:
            raise errors.contradiction(self._location, error) from error
        except DBAPIError as error:
            raise errors.as_trouble(self._location, error) from error

    # --- a run ----------------------------------------------------------------------------------------------------

    @contextmanager
    def hold(self, key: LedgerKey) -> Iterator[None]:
        """One run per environment at a time: holds it until the block ends, or the process dies.

        The leases of the runs that start meanwhile are renewed, and are over at the end of the block.

        Raises:
            LedgerError: another run holds it; the message says which.
        """
        with run_lock.hold(self._engine, connect.lock_place(self._location), key.environment) as holder:
            self._holding = _Holding(key, holder)
            try:
                with leases.renewed(self._renew_held, self._terms.renewed_every):
                    yield
            finally:
                ended, self._holding = self._holding.runs, None
                with suppress(Exception):  # a lease that can't be given back is over in time; the run must be told
                    self._release(ended)

    def start_run(self, start: RunStart) -> str:
        """Writes the run down, with its lease; what runs that are over left without an answer is Unknown from now on.

        Over is a run of the same key whose lease is, and any that held the environment before this one holds it.
        Returns the run's name, as ``20261123-101502-7f3a`` (UTC).
        """
        now = self._clock()
        run = f"{now.astimezone(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        holding = self._holding if self._holding and self._holding.key == start.key else None
        own = holding.runs if holding else ()
        with self._writing() as connection:
            writes.start_run(connection, run, start, stamp(now))
            over = leases.find_over(connection, start.key, now, alone=bool(holding), except_for=own)
            if over:
                writes.mark_lost(connection, run, over, stamp(now))
                leases.close(connection, over, now)
            leases.take(connection, run, start.key, now + self._terms.lasts, locked=bool(holding))
            if start.plan:
                started = PlanEntry(PlanState.STARTED, start.who, stamp(now), run=run)
                plans.add_state(connection, start.plan, started)
        if holding:
            holding.add(run)
        return run

    def renew(self, run: str) -> None:
        """Says that a run is alive: for one that is at work outside ``hold``, at least every minute."""
        with self._writing() as connection:
            began = self._held.now()
            expires = leases.renew(connection, run, began[0], self._terms)
        if expires:
            self._held.holds_until(run, expires, began)

    def _renew_held(self) -> None:
        for run in self._holding.runs if self._holding else ():
            self.renew(run)

    def _release(self, ended: Sequence[str]) -> None:
        for run in ended:
            with self._writing() as connection:
                leases.release(connection, run, self._clock())

    def begin(self, run: str, batch: Batch, *, resend: bool = False) -> int:
        """Writes down that the batch goes out; it is on disk when this returns. Returns the call's number.

        An AWB whose call was refused needs no ``resend``: whoever sends it again has asked tracking before.

        Raises:
            LedgerError: an AWB of it is open or done already (or in doubt, without ``resend``), or the run's lease
                is over; nothing was written, and nothing may be sent.
        """
        with self._writing() as connection:
            began = self._held.now()  # not before: waiting for the turn may have taken long
            held = leases.require(connection, run, began[0], self._terms)
            call = writes.begin(connection, run, held.key, batch, resend=resend, now=stamp(began[0]))
        self._held.holds_until(run, held.expires, began)
        return call

    def may_send(self, run: str) -> bool:
        """Whether the lease that ``begin`` saw still holds: asked right before the first byte of a call.

        Whoever was stopped between the two, or slept, sends nothing more: its call may have been declared lost. Asks no
        database and waits for none. Both the ledger's clock and one that nobody sets have to say so.
        """
        return self._held.holds(run)

    def settle(
        self, call: int, outcomes: Sequence[Outcome], *, note: str, elapsed: float, refused: bool = False
    ) -> None:
        """Writes down what became of each AWB of the call, in one transaction.

        Args:
            call: what ``begin`` returned.
            outcomes: one for each AWB of the call; ``Not sent`` says that it was certainly not sent.
            note: what the service said of the call as a whole, in plain words.
            elapsed: seconds that the call took.
            refused: the call left the machine and was refused as a whole.
        Raises:
            LedgerError: the call is settled already; nothing was written.
            ValueError: the outcomes are not those of the call's AWBs; nothing was written.
        """
        with self._writing() as connection:
            now = stamp(self._clock())
            writes.settle(connection, call, outcomes, note=note, elapsed=elapsed, refused=refused, now=now)

    def confirm(self, run: str, key: LedgerKey, outcomes: Sequence[Outcome]) -> None:
        """Writes down what tracking said, of the newest attempt of each AWB.

        A Success settles an Unknown or a Failed one for good; an Unknown gives an Unknown one its new remark. Nothing
        else is changed: what is Success stays so, and tracking's silence takes back no "no".
        """
        with self._writing() as connection:
            writes.confirm(connection, run, key, outcomes, stamp(self._clock()))

    def record_rows(self, run: str, fates: pd.DataFrame) -> None:
        """Keeps the final fate of the picked rows: index the row number; awb, order_ref, status, remark, refnum,
        and amount where the sheet has one."""
        with self._writing() as connection:
            writes.record_rows(connection, run, fates)

    def finish(self, run: str, *, exit_code: int, stopped: str, output: str) -> None:
        """Writes down how the run ended; its lease is over then."""
        now = self._clock()
        ended = {"exit_code": exit_code, "stopped": stopped, "output": output}
        with self._writing() as connection:
            writes.finish(connection, run, ended, stamp(now))
            if not stopped and exit_code in WHOLE:
                plans.end(connection, run, stamp(now))
            leases.release(connection, run, now)

    def wrote(self, files: dict[Path, str]) -> None:
        """Remembers the digests of the files that were written, so that somebody's later edit is known as one."""
        with self._writing() as connection:
            writes.wrote(connection, files, stamp(self._clock()))

    # --- sealed plans ---------------------------------------------------------------------------------------------

    def seal(self, facts: PlanFacts, awbs: pd.DataFrame) -> SealedPlan:
        """Names a plan, seals it and keeps it; ``awbs`` is a frame of ``schemas.frames.PLAN_AWBS``."""
        with self._writing() as connection:
            return plans.seal(connection, facts, awbs)

    def say_of_plan(self, plan: str, state: PlanState, who: str, because: str = "") -> None:
        """Writes down that somebody approved or rejected a plan.

        Raises:
            LedgerError: it is done or rejected, or its maker would approve it; nothing was written.
        """
        with self._writing() as connection:
            plans.add_state(connection, plan, PlanEntry(state, who, stamp(self._clock()), because))

    def keep_rule(self, rule: ApprovalRule) -> None:
        """Remembers which plans of an account need another person's word; the database holds it from then on."""
        with self._writing() as connection:
            plans.keep_rule(connection, rule, stamp(self._clock()))

    @property
    def now(self) -> datetime:
        """The time by the ledger's clock."""
        return self._clock()

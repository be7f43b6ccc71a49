"""How long a run that says nothing is still taken to be alive: its lease, renewed while it runs, over when it is.

What a run sent and got no answer for is Unknown only once its lease is over: until then the answer may still come, to a
worker on this machine or another. And a run whose lease is over sends nothing more, even if it only slept.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from pipeline.errors import LedgerError
from pipeline.ledger.schema import leases
from pipeline.model.runs import LedgerKey


@dataclass(frozen=True, slots=True)
class LeaseTerms:
    """How long a lease lasts, and how often a living run renews it.

    Far more than the clocks of two machines differ, and than a computer at work stands still; and less than anybody
    who resends what is Unknown would wait (chosen 2026-11).
    """

    lasts: timedelta = timedelta(minutes=5)
    renewed_every: timedelta = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class HeldLease:
    """A lease as it was last read or renewed: whose it is, and when it is over by the ledger's clock."""

    key: LedgerKey
    expires: str


@dataclass(slots=True)
class LeaseClock:
    """Knows without the database until when the runs of this process may send.

    By two clocks, and the earlier one counts: the ledger's, which goes on while the computer sleeps, and one that
    nobody sets back (``ticks``, seconds), which goes on while the process alone is stopped.
    """

    clock: Callable[[], datetime]
    ticks: Callable[[], float]
    _ends: dict[str, tuple[str, float]] = field(default_factory=dict)

    def holds_until(self, run: str, expires: str, began: tuple[datetime, float]) -> None:
        """Takes in a lease that was read or renewed; ``began``: ``now()`` from before that."""
        now, ticks = began
        self._ends[run] = expires, ticks + (datetime.fromisoformat(expires) - now).total_seconds()

    def now(self) -> tuple[datetime, float]:
        """Both clocks."""
        return self.clock(), self.ticks()

    def holds(self, run: str) -> bool:
        """Whether a run of this process still has its lease."""
        expires, last_tick = self._ends.get(run, ("", -math.inf))
        return stamp(self.clock()) < expires and self.ticks() < last_tick


HELD = (
    select(leases.c.service, leases.c.environment, leases.c.action, leases.c.expires, leases.c.closed)
    .where(leases.c.run == bindparam("of_run"))
    .with_for_update()
)
"""Locked until the call is written down (SQLite locks the whole file): whoever looks for lost calls waits for it."""

RENEW = (
    update(leases)
    .where(leases.c.run == bindparam("of_run"), leases.c.closed.is_(None), leases.c.expires > bindparam("now"))
    .values(expires=bindparam("until"))
)
"""A lease that is over is not renewed: somebody may have declared its calls Unknown already."""


def stamp(moment: datetime) -> str:
    """A time as the ledger keeps it: ISO 8601 in UTC, in milliseconds; sorts as text."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def take(connection: Connection, run: str, key: LedgerKey, until: datetime, *, locked: bool) -> None:
    """Gives a new run its lease.

    Args:
        connection: in a transaction.
        run: its name.
        key: what it works on.
        until: when the lease is over.
        locked: whether the run holds the lock of ``run_lock`` for its key until it dies.
    """
    connection.execute(insert(leases).values(run=run, **asdict(key), locked=locked, expires=stamp(until)))


def require(connection: Connection, run: str, now: datetime, terms: LeaseTerms) -> HeldLease:
    """The lease of a run, which still holds; renewed if that is due.

    Raises:
        LedgerError: it is over, or there never was one; the run must send nothing more.
    """
    found = connection.execute(HELD, {"of_run": run}).one_or_none()
    if found is None or found.closed is not None or found.expires <= stamp(now):
        raise LedgerError(
            f"Run {run} stood still for so long that it counts as ended (the computer slept, or was too busy)",
            "Nothing more of it was sent. Run the same command again: it goes on from what the ledger says.",
        )
    expires = found.expires
    if expires <= stamp(now + terms.lasts - terms.renewed_every):
        expires = renew(connection, run, now, terms) or expires
    return HeldLease(LedgerKey(found.service, found.environment, found.action), expires)


def renew(connection: Connection, run: str, now: datetime, terms: LeaseTerms) -> str:
    """Makes the lease last its whole time from now; returns until when, "" where it is over and nothing was done."""
    until = stamp(now + terms.lasts)
    done = connection.execute(RENEW, {"of_run": run, "now": stamp(now), "until": until})
    return until if done.rowcount else ""


def release(connection: Connection, run: str, now: datetime) -> None:
    """The run is over: its lease too, from now on."""
    live = (leases.c.run == run) & leases.c.closed.is_(None) & (leases.c.expires > stamp(now))
    connection.execute(update(leases).where(live).values(expires=stamp(now)))


def find_over(
    connection: Connection, key: LedgerKey, now: datetime, *, alone: bool, except_for: Sequence[str]
) -> list[str]:
    """The runs of a key that are over and whose calls nobody looked through since.

    Args:
        connection: in a transaction.
        key: the service, environment and action.
        now: the time.
        alone: the caller holds the lock of ``run_lock`` for this key: then whoever held it before is certainly dead.
        except_for: runs of the caller's own.
    """
    over = leases.c.expires <= stamp(now)
    if alone:
        over = or_(over, leases.c.locked.is_(True) & leases.c.run.not_in(except_for))
    of_key = [leases.c[name] == value for name, value in asdict(key).items()]
    found = select(leases.c.run).where(*of_key, leases.c.closed.is_(None), over).with_for_update()
    return list(connection.execute(found).scalars())


def close(connection: Connection, runs: Sequence[str], now: datetime) -> None:
    """Says that the calls of these runs have been looked through: none of them may ever send again."""
    connection.execute(update(leases).where(leases.c.run.in_(runs)).values(closed=stamp(now)))


@contextlib.contextmanager
def renewed(renew_now: Callable[[], None], every: timedelta) -> Iterator[None]:
    """Calls ``renew_now`` every so often, in a thread, until the block ends.

    A renewal that fails (a full disk) is tried again at the next turn; if none succeeds the lease is over in time.
    """
    ended = Event()

    def work() -> None:
        while not ended.wait(every.total_seconds()):
            with contextlib.suppress(LedgerError):
                renew_now()

    thread = Thread(target=work, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()

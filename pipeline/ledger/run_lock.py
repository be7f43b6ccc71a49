"""One run per environment at a time: a lock that the operating system frees when the process dies.

The lock is of the environment alone, not of the whole key: version 1.0.0 knows no other, and has to be kept out too.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from pipeline.errors import LedgerError
from pipeline.ledger.databases import KNOWN

NEXT_STEP = "Nothing was sent. Wait until it is done, or stop it, and run the same command again."


MIGRATION_TIMEOUT = 120.0
"""Seconds to wait for another program that changes the tables: 400,000 attempts take it 4 (measured 2026-11-27)."""


@dataclass(frozen=True, slots=True)
class LockPlace:
    """Where the lock lies: ``ledger`` tells ledgers in one folder apart."""

    folder: Path
    ledger: str


@dataclass(frozen=True, slots=True)
class Holder:
    """The file beside the lock in which a run says who it is; only read by people, and never believed."""

    path: Path
    since: str

    def name(self, run: str) -> None:
        """Says which run it is. A failure costs nothing: the lock is what holds."""
        told = f"run {run}, " if run else ""
        with contextlib.suppress(OSError):
            self.path.write_text(f"{told}process {os.getpid()}, since {self.since}", encoding="utf-8")


@contextlib.contextmanager
def hold(engine: Engine, place: LockPlace, environment: str) -> Iterator[Holder]:
    """Holds the environment until the block ends.

    Args:
        engine: a database that several machines share holds it too: runs elsewhere see no file of this one.
        place: where the lock lies.
        environment: the ledger's key of the environment.
    Raises:
        LedgerError: another run holds it; the message says who.
    """
    name = hashlib.sha256(f"{place.ledger}\n{environment}".encode()).hexdigest()[:16]
    holder = Holder(place.folder / f"bulk-cancel-{name}.holder", f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC")

    def busy() -> LedgerError:
        return LedgerError(f"Another run is at work in {environment} ({_who(holder.path)})", NEXT_STEP)

    with _file_lock(place.folder / f"bulk-cancel-{name}.lock", busy):
        try:
            with _database_lock(engine, int(name[:15], 16), environment):
                holder.name("")
                yield holder
        finally:
            with contextlib.suppress(OSError):
                holder.path.unlink(missing_ok=True)


@contextlib.contextmanager
def hold_migration(place: LockPlace) -> Iterator[None]:
    """Lets one program at a time change the tables of a ledger; waits until another is done.

    Raises:
        LedgerError: another is still at it after two minutes.
    """
    name = hashlib.sha256(place.ledger.encode()).hexdigest()[:16]
    busy = LedgerError("Another program is bringing the ledger up to date", NEXT_STEP)
    with _file_lock(place.folder / f"bulk-cancel-{name}.migration", lambda: busy, MIGRATION_TIMEOUT):
        yield


@contextlib.contextmanager
def _file_lock(path: Path, busy: Callable[[], LedgerError], timeout: float = 0) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(path, mode=0o600)
    try:
        lock.acquire(timeout=timeout)
    except Timeout as error:
        raise busy() from error
    except OSError as error:
        raise LedgerError(
            f"The ledger's folder can't be written ({error.strerror or error})",
            "Nothing was sent. BULK_CANCEL_LEDGER names another place for it.",
            where=str(path.parent),
        ) from error
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # the system frees it at the end of the process
            lock.release()


@contextlib.contextmanager
def _database_lock(engine: Engine, number: int, environment: str) -> Iterator[None]:
    """The lock of a database that several machines share, on a connection of its own: it ends with the connection."""
    server = KNOWN[engine.dialect.name].server_lock
    if server is None:
        yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.execute(server.take(number)).scalar_one():
            raise LedgerError(f"Another run is at work in {environment}, on another machine", NEXT_STEP)
        try:
            yield
        finally:
            with contextlib.suppress(SQLAlchemyError):  # a connection that is lost has freed it; the run must be told
                connection.execute(server.free(number))


def _who(holder: Path) -> str:
    try:
        return holder.read_text(encoding="utf-8") or "it does not say which"
    except (OSError, ValueError):
        return "it does not say which"

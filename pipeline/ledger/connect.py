"""Opens the ledger, or says in a sentence why it can't be used; a damaged or newer one is left alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import StaticPool

from pipeline.errors import LedgerError
from pipeline.ledger import run_lock, sqlite_file
from pipeline.ledger.databases import checked
from pipeline.ledger.errors import ELSEWHERE, as_trouble, shown
from pipeline.ledger.migrations import VERSION, ledger_version, make_new, migrate, missing_steps
from pipeline.ledger.run_lock import LockPlace
from pipeline.ledger.schema import meta, runs


def open_engine(location: str, now: datetime) -> Engine:
    """The engine of a ledger that is whole, ours, writable, and of this version; makes it where there is none yet.

    Raises:
        LedgerError: it can't be used; nothing about it was changed.
    """
    with _told(location):
        path = _sqlite_path(location)
        if path is not None:
            sqlite_file.prepare_file(path)
            with sqlite_file.reader(path).connect() as connection:
                ledger_version(connection, location)  # before anything is opened that could change it
        engine = _engine(location, path)
        try:
            _set_up(engine, location, path, now)
        except BaseException:
            engine.dispose()
            raise
        return engine


def peek_engine(location: str) -> Engine | None:
    """The engine of a ledger that is only read; None where there is none yet. Never makes a ledger or changes one.

    An older ledger is read from a copy that has the tables of this version, and vanishes.
    """
    with _told(location):
        path = _sqlite_path(location)
        if path is None:
            engine = _engine(location, None)
        elif sqlite_file.is_there(path):
            sqlite_file.check_header(path)
            engine = sqlite_file.reader(path)
        else:
            return None
        with engine.connect() as connection:
            version = ledger_version(connection, location)
        if version in (0, VERSION):
            return engine if version else None
        if path is None:
            raise LedgerError(
                f"The ledger is of an older version ({version}; this program's is {VERSION})",
                "`bulk-cancel plan` of any sheet brings it up to date.",
                where=shown(location),
            )
        return _migrated_copy(path, version)


def lock_place(location: str) -> LockPlace:
    """Beside an SQLite ledger, by whatever path it is reached; in the user's data folder for another database."""
    path = _sqlite_path(location)
    if path is not None:
        whole = path.resolve()
        return LockPlace(whole.parent, whole.name)
    from platformdirs import user_data_path

    return LockPlace(user_data_path("bulk-cancel", appauthor=False, ensure_exists=True), shown(location))


@contextmanager
def _told(location: str) -> Iterator[None]:
    try:
        yield
    except (DBAPIError, sqlite3.Error, OSError) as error:
        raise as_trouble(location, error) from error
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError) as error:
        raise LedgerError(
            "BULK_CANCEL_LEDGER is no usable database address",
            "Give a path, or an SQLAlchemy URL whose driver is installed.",
        ) from error


def _sqlite_path(location: str) -> Path | None:
    """The file of an SQLite ledger; None for another database."""
    if "://" not in location:
        try:
            return Path(location).expanduser()
        except RuntimeError as error:
            raise LedgerError("The ledger's path names the home of a user who has none", ELSEWHERE) from error
    url = make_url(location)
    if url.get_backend_name() != "sqlite":
        return None
    if url.database in (None, "", ":memory:"):
        raise LedgerError("A ledger in memory forgets what was cancelled", "BULK_CANCEL_LEDGER must name a file.")
    return Path(str(url.database))


def _engine(location: str, path: Path | None) -> Engine:
    if path is None:
        return create_engine(checked(make_url(location)), hide_parameters=True, pool_pre_ping=True)
    address = URL.create("sqlite", database=str(path))
    options = {"check_same_thread": False, "timeout": 10}
    engine = create_engine(address, poolclass=StaticPool, connect_args=options, hide_parameters=True)
    return _in_transactions(engine, sqlite_file.PRAGMAS)


def _in_transactions(engine: Engine, pragmas: tuple[str, ...]) -> Engine:
    """Lets this module say BEGIN, in the place of Python's driver: its own would not hold a change of tables."""

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in pragmas:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading")  # waits for nobody, and sees one moment
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _migrated_copy(path: Path, version: int) -> Engine:
    copy = sqlite_file.private_copy(path)
    engine = _in_transactions(create_engine("sqlite://", creator=lambda: copy, poolclass=StaticPool), ())
    with engine.begin() as connection:
        for migration in missing_steps(version):
            migrate(connection, migration)
    copy.execute("PRAGMA query_only=ON")
    return engine


def _set_up(engine: Engine, location: str, path: Path | None, now: datetime) -> None:
    """Tables, triggers, and a real write each time: a full or read-only disk is found out before anything is sent."""
    with engine.begin() as connection:
        version = ledger_version(connection, location)
        if not version:
            make_new(connection)
    if version and version < VERSION:
        _bring_up(engine, location, path, now)
    with engine.begin() as connection:
        opened = update(meta).where(meta.c.name == "opened")
        connection.execute(opened.values(value=now.isoformat(timespec="microseconds")))


def _bring_up(engine: Engine, location: str, path: Path | None, now: datetime) -> None:
    """Takes every missing step while no run is at work, after a copy."""
    with engine.connect().execution_options(reading=True) as connection:
        environments = list(connection.execute(select(runs.c.environment).distinct()).scalars())
    place = lock_place(location)
    with run_lock.hold_migration(place), ExitStack() as held:
        with engine.connect().execution_options(reading=True) as connection:
            version = ledger_version(connection, location)
        if version == VERSION:  # another program did it meanwhile
            return
        for environment in environments:
            held.enter_context(run_lock.hold(engine, place, environment))
        if path is not None:
            sqlite_file.keep_copy(path, version, now)
        with engine.begin() as connection:
            for migration in missing_steps(version):
                migrate(connection, migration)

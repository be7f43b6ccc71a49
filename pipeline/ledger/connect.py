"""Opens the ledger, or says in a sentence why it can't be used; a damaged or newer one is left alone."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, inspect, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool, StaticPool

from pipeline.errors import LedgerTrouble
from pipeline.ledger.errors import DAMAGED, ELSEWHERE, LEFT_ALONE, NO_LEDGER, as_trouble, shown
from pipeline.ledger.run_lock import LockPlace
from pipeline.ledger.schema import VERSION, guards, meta, metadata

SQLITE_HEADER = b"SQLite format 3\x00"

PRAGMAS = (
    "PRAGMA busy_timeout=10000",  # first: the next one may have to wait for a run that opens the ledger too
    "PRAGMA journal_mode=WAL",  # readers (history) beside a run
    "PRAGMA synchronous=FULL",  # with NORMAL a committed `begin` can vanish at a power cut (docs/decisions.md)
    "PRAGMA foreign_keys=ON",
)


def open_engine(location: str) -> Engine:
    """The engine of a ledger that is whole, ours, and writable; makes it where there is none yet.

    Raises:
        LedgerTrouble: it can't be used; nothing about it was changed.
    """
    with _told(location):
        path = _sqlite_path(location)
        if path is not None:
            _prepare_file(path)
        engine = _engine(location, path)
        try:
            with engine.begin() as connection:
                _set_up(connection, location)
        except BaseException:
            engine.dispose()
            raise
        return engine


def peek_engine(location: str) -> Engine | None:
    """The engine of a ledger that is only read; None where there is none yet. Never makes a ledger or changes one."""
    with _told(location):
        path = _sqlite_path(location)
        if path is None:
            engine = _engine(location, None)
        elif path.exists():
            _check_header(path)
            engine = _reader(path)
        else:
            return None
        with engine.connect() as connection:
            return engine if _is_ledger(connection, location) else None


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
        raise LedgerTrouble(
            "BULK_CANCEL_LEDGER is no usable database address",
            "Give a path, or an SQLAlchemy URL whose driver is installed.",
        ) from error


def _sqlite_path(location: str) -> Path | None:
    """The file of an SQLite ledger; None for another database."""
    if "://" not in location:
        return Path(location).expanduser()
    url = make_url(location)
    if url.get_backend_name() != "sqlite":
        return None
    if url.database in (None, "", ":memory:"):
        raise LedgerTrouble("A ledger in memory forgets what was cancelled", "BULK_CANCEL_LEDGER must name a file.")
    return Path(str(url.database))


def _engine(location: str, path: Path | None) -> Engine:
    if path is None:
        return create_engine(location, hide_parameters=True)
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=StaticPool,
        connect_args={"check_same_thread": False, "timeout": 10},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # this module says BEGIN itself
        for pragma in PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading")  # waits for nobody, and sees one moment
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _reader(path: Path) -> Engine:
    """Reads an SQLite file and can't write it."""
    address = f"{path.absolute().as_uri()}?mode=ro"
    if not _opens(address):
        journal = path.with_name(f"{path.name}-wal")
        if journal.exists() and journal.stat().st_size:
            raise LedgerTrouble(
                "The ledger was not closed (a run was killed) and lies on a disk that can't be written",
                "Copy it, with the file that ends in -wal, to another folder that BULK_CANCEL_LEDGER names.",
                where=str(path),
            )
        address += "&immutable=1"  # SQLite wants to make its side files, or a promise that nobody writes
    return create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(address, uri=True, check_same_thread=False, timeout=10),
        poolclass=NullPool,
    )


def _opens(address: str) -> bool:
    probe = sqlite3.connect(address, uri=True)
    try:
        probe.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.OperationalError:
        return False
    finally:
        probe.close()
    return True


def _prepare_file(path: Path) -> None:
    """Makes the file, or looks at the one that is there without a chance of changing it."""
    if path.is_dir():
        raise LedgerTrouble("The ledger's path is a folder", ELSEWHERE, where=str(path))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        _make_file(path)
    if path.stat().st_size == 0:  # somebody else's empty file
        path.touch(mode=0o600)
        return
    _check_header(path)
    with _reader(path).connect() as connection:
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if found != "ok":
            raise LedgerTrouble(f"{DAMAGED} ({found})", f"{LEFT_ALONE} {ELSEWHERE}", where=str(path))
        _is_ledger(connection, str(path))


def _make_file(path: Path) -> None:
    """Makes an empty database in WAL mode, readable for its owner only, and puts it there as a whole.

    Two runs that find a new file and both switch it to WAL lock each other out at once, whatever the busy timeout, for
    SQLite sees a deadlock (sqlite.org/c3ref/busy_handler.html). A file that appears here has been switched already.
    """
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        made.touch(mode=0o600, exist_ok=False)
        with contextlib.closing(sqlite3.connect(made)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
        with contextlib.suppress(OSError):  # another run was faster, or the disk knows no hard links
            os.link(made, path)
    finally:
        made.unlink(missing_ok=True)
    if not path.exists():
        path.touch(mode=0o600)


def _check_header(path: Path) -> None:
    with path.open("rb") as file:
        header = file.read(len(SQLITE_HEADER))
    if header and header != SQLITE_HEADER:
        raise LedgerTrouble(NO_LEDGER, f"{LEFT_ALONE} {ELSEWHERE}", where=str(path))


def _is_ledger(connection: Connection, location: str) -> bool:
    """False: the database is empty. LedgerTrouble: it is something else, newer, or incomplete."""
    names = set(inspect(connection).get_table_names())
    if not names:
        return False
    where = shown(location)
    if meta.name not in names:
        raise LedgerTrouble("This database holds other tables than a ledger's", ELSEWHERE, where=where)
    version = connection.execute(select(meta.c.value).where(meta.c.name == "version")).scalar()
    if version is not None and version.isdigit() and int(version) > VERSION:
        raise LedgerTrouble(
            f"The ledger was written by a newer bulk-cancel (its version is {version}, this one knows {VERSION})",
            f"It was left as it is, and nothing was sent. Update bulk-cancel. {ELSEWHERE}",
            where=where,
        )
    lost = set(metadata.tables) - names
    if version != str(VERSION) or lost:
        what = f"the table {min(lost)} is gone" if lost else "its version is gone"
        raise LedgerTrouble(f"{DAMAGED} ({what})", f"{LEFT_ALONE} {ELSEWHERE}", where=where)
    return True


def _set_up(connection: Connection, location: str) -> None:
    """Tables, triggers, and a real write each time: a full or read-only disk is found out before anything is sent."""
    if not _is_ledger(connection, location):
        metadata.create_all(connection)
        connection.execute(insert(meta), [{"name": "version", "value": str(VERSION)}, {"name": "opened", "value": ""}])
        if connection.dialect.name == "sqlite":
            for trigger in guards():
                connection.exec_driver_sql(trigger)
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    connection.execute(update(meta).where(meta.c.name == "opened").values(value=now))

"""Opens the ledger, or says in a sentence why it can't be used; a damaged or newer one is left alone."""

from __future__ import annotations

import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool, StaticPool

from pipeline.errors import LedgerTrouble
from pipeline.ledger.tables import VERSION, guards, meta, metadata

SQLITE_HEADER = b"SQLite format 3\x00"

PRAGMAS = (
    "PRAGMA journal_mode=WAL",  # readers (history) beside a run
    "PRAGMA synchronous=FULL",  # with NORMAL a committed `begin` can vanish at a power cut (LAB.md)
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=10000",
)

ELSEWHERE = "BULK_CANCEL_LEDGER names another place for it."


def is_url(location: str) -> bool:
    """Whether the setting is an SQLAlchemy URL rather than a path."""
    return "://" in location


def sqlite_path(location: str) -> Path | None:
    """The file of an SQLite ledger; None for another database."""
    if not is_url(location):
        return Path(location).expanduser()
    url = make_url(location)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def shown(location: str) -> str:
    """The location as it may be shown: without a password."""
    if not is_url(location):
        return location
    try:
        return make_url(location).render_as_string(hide_password=True)
    except ArgumentError:
        return "BULK_CANCEL_LEDGER"


def open_engine(location: str) -> Engine:
    """The engine of a ledger that is whole, ours, and writable; makes it where there is none yet.

    Raises:
        LedgerTrouble: it can't be used; nothing about it was changed.
    """
    try:
        path = sqlite_path(location)
        if path is not None:
            _prepare_file(path)
        engine = _engine(location, path)
        with engine.begin() as connection:
            _check_version(connection, location)
            metadata.create_all(connection)
            _finish_tables(connection)
    except (DBAPIError, sqlite3.Error, OSError) as error:
        raise as_trouble(location, error) from error
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise LedgerTrouble(
            "BULK_CANCEL_LEDGER is no usable database address",
            "Give a path, or an SQLAlchemy URL whose driver is installed.",
        ) from error
    return engine


def peek_engine(location: str) -> Engine | None:
    """The engine of a ledger that is only read; None where there is none yet. Never makes or changes anything."""
    path = sqlite_path(location)
    if path is None:
        return open_engine(location)
    if not path.exists():
        return None
    try:
        _check_header(path)
        writable = os.access(path.parent, os.W_OK) and os.access(path, os.W_OK)
        mode = "mode=ro" if writable else "mode=ro&immutable=1"  # WAL wants its side files, or a promise of stillness
        engine = create_engine(
            "sqlite://",
            creator=lambda: sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, check_same_thread=False),
            poolclass=NullPool,
        )
        with engine.connect() as connection:
            _check_version(connection, location)
    except (DBAPIError, sqlite3.Error, OSError) as error:
        raise as_trouble(location, error) from error
    return engine


def _engine(location: str, path: Path | None) -> Engine:
    if path is None:
        return create_engine(location, hide_parameters=True)
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=StaticPool,
        connect_args={"check_same_thread": False, "timeout": 10},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # this module says BEGIN itself: IMMEDIATE, so that two runs never interleave
        for pragma in PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _prepare_file(path: Path) -> None:
    if path.is_dir():
        raise LedgerTrouble("The ledger's path is a folder", ELSEWHERE, where=str(path))
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists() or path.stat().st_size == 0:
        path.touch(mode=0o600)
        return
    _check_header(path)
    with sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True) as probe:
        found = probe.execute("PRAGMA quick_check(1)").fetchone()
    probe.close()
    if found != ("ok",):
        raise LedgerTrouble(f"The ledger is damaged ({found[0]})", f"{LEFT_ALONE} {ELSEWHERE}", where=str(path))


LEFT_ALONE = "It was left as it is, and nothing was sent; restore it from a backup, or ask for help before going on."


def _check_header(path: Path) -> None:
    with path.open("rb") as file:
        header = file.read(len(SQLITE_HEADER))
    if header and header != SQLITE_HEADER:
        raise LedgerTrouble(
            "The ledger's file is no ledger, or it is damaged", f"{LEFT_ALONE} {ELSEWHERE}", where=str(path)
        )


def _check_version(connection: Connection, location: str) -> None:
    names = set(inspect(connection).get_table_names())
    if not names:
        return
    if "meta" not in names:
        raise LedgerTrouble("This database holds other tables than a ledger's", ELSEWHERE, where=shown(location))
    version = connection.execute(select(meta.c.value).where(meta.c.name == "version")).scalar()
    if version is None or not version.isdigit() or int(version) > VERSION:
        raise LedgerTrouble(
            f"The ledger was written by a newer bulk-cancel (its version is {version}, this one knows {VERSION})",
            f"Update bulk-cancel. {ELSEWHERE}",
            where=shown(location),
        )


def _finish_tables(connection: Connection) -> None:
    """Triggers, version, and a real write each time: a full or read-only disk is found out before anything is sent."""
    if connection.execute(select(meta.c.value).where(meta.c.name == "version")).scalar() is None:
        connection.execute(insert(meta).values(name="version", value=str(VERSION)))
        connection.execute(insert(meta).values(name="opened", value=""))
    if connection.dialect.name == "sqlite":
        for trigger in guards():
            connection.exec_driver_sql(trigger)
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    connection.execute(update(meta).where(meta.c.name == "opened").values(value=now))


CAUSES = (
    ("malformed", "The ledger is damaged", LEFT_ALONE),
    ("not a database", "The ledger's file is no ledger, or it is damaged", LEFT_ALONE),
    (
        "readonly",
        "The ledger can't be written (read-only file or folder)",
        "Nothing was sent; give yourself the right to write it.",
    ),
    (
        "read-only",
        "The ledger can't be written (read-only file or folder)",
        "Nothing was sent; give yourself the right to write it.",
    ),
    (
        "permission",
        "The ledger can't be opened: no permission",
        "Nothing was sent; give yourself the right to write it.",
    ),
    ("unable to open", "The ledger can't be opened", "Nothing was sent; is its folder there, and yours to write?"),
    ("disk i/o", "The ledger can't be written: the disk reports an error", "Nothing was sent; check the disk."),
    ("full", "The ledger can't be written: the disk is full", "Nothing was sent; make room."),
    ("no space", "The ledger can't be written: the disk is full", "Nothing was sent; make room."),
    ("locked", "The ledger is in use by another program", "Nothing was sent; wait until it is done."),
)
"""What SQLite and the system say, and what a person should know of it."""


def as_trouble(location: str, error: Exception) -> LedgerTrouble:
    words = str(getattr(error, "orig", None) or error).lower()
    for sign, problem, step in CAUSES:
        if sign in words:
            return LedgerTrouble(problem, f"{step} {ELSEWHERE}", where=shown(location))
    return LedgerTrouble("The ledger can't be used", f"Nothing was sent. {ELSEWHERE}", where=shown(location))

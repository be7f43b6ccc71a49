"""The file of an SQLite ledger: made as a whole, looked at without a chance of changing it, copied before a change."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
import stat
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from pipeline.errors import LedgerError
from pipeline.ledger.errors import DAMAGED, ELSEWHERE, LEFT_ALONE, NO_LEDGER

SQLITE_HEADER = b"SQLite format 3\x00"

PRAGMAS = (
    "PRAGMA busy_timeout=10000",  # first: the next one may have to wait for a run that opens the ledger too
    "PRAGMA journal_mode=WAL",  # readers (history) beside a run
    "PRAGMA synchronous=FULL",  # with NORMAL a committed `begin` can vanish at a power cut (docs/decisions.md)
    "PRAGMA foreign_keys=ON",
)


def reader(path: Path) -> Engine:
    """An engine that reads the file and can't write it.

    Raises:
        LedgerError: its last changes lie in a file beside it that can't be taken in, as the disk can't be written.
    """
    address = _read_only(path)
    return create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(address, uri=True, check_same_thread=False, timeout=10),
        poolclass=NullPool,
    )


def private_copy(path: Path) -> sqlite3.Connection:
    """A copy that vanishes when it is closed; SQLite keeps it in memory or in a nameless file, as it fits."""
    copy = sqlite3.connect("", check_same_thread=False)
    with contextlib.closing(sqlite3.connect(_read_only(path), uri=True, timeout=10)) as source:
        source.backup(copy)
    return copy


def keep_copy(path: Path, version: int, now: datetime) -> Path:
    """Copies the ledger, beside it, as it is before its tables change; readable for its owner only.

    Returns where the copy is: ``ledger.db.version-1.20261127-101502`` for a ledger of version 1. It is on disk as a
    whole, or not at all.
    """
    target = path.with_name(f"{path.name}.version-{version}.{now:%Y%m%d-%H%M%S}")
    made = path.with_name(f".{path.name}.copying")  # a fixed name: what a killed program left is written over
    try:
        made.unlink(missing_ok=True)
        made.touch(mode=0o600)
        with (
            contextlib.closing(sqlite3.connect(_read_only(path), uri=True, timeout=10)) as source,
            contextlib.closing(sqlite3.connect(made)) as copy,
        ):
            source.backup(copy)
        with made.open("rb+") as file:
            os.fsync(file.fileno())
        made.replace(target)
    finally:
        made.unlink(missing_ok=True)
    return target


def _read_only(path: Path) -> str:
    address = f"{path.absolute().as_uri()}?mode=ro"
    if _opens(address):
        return address
    changes = path.with_name(f"{path.name}-wal")
    if changes.exists() and changes.stat().st_size:
        raise LedgerError(
            "The ledger was not closed (a run was killed) and lies on a disk that can't be written",
            "Copy it, with the file that ends in -wal, to another folder that BULK_CANCEL_LEDGER names.",
            where=str(path),
        )
    return f"{address}&immutable=1"  # SQLite wants to make its side files, or a promise that nobody writes


def _opens(address: str) -> bool:
    probe = sqlite3.connect(address, uri=True)
    try:
        probe.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.OperationalError:
        return False
    finally:
        probe.close()
    return True


def is_there(path: Path) -> bool:
    """Whether there is a file; what is no file is never opened: a pipe would wait for ever.

    Raises:
        LedgerError: a folder, a device or a pipe is there.
        OSError: it can't be told.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISDIR(mode):
        raise LedgerError("The ledger's path is a folder", ELSEWHERE, where=str(path))
    if not stat.S_ISREG(mode):
        raise LedgerError("The ledger's path is no file, but a device or a pipe", ELSEWHERE, where=str(path))
    return True


def prepare_file(path: Path) -> None:
    """Makes the file, or looks at the one that is there: its kind, and whether every page of it is whole."""
    if not is_there(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make_file(path)
    if path.stat().st_size == 0:  # somebody else's empty file
        path.touch(mode=0o600)
        return
    check_header(path)
    with reader(path).connect() as connection:
        found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if found != "ok":
            raise LedgerError(f"{DAMAGED} ({found})", f"{LEFT_ALONE} {ELSEWHERE}", where=str(path))


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


def check_header(path: Path) -> None:
    """Raises LedgerError where the file is certainly no SQLite database; an empty one may become one."""
    with path.open("rb") as file:
        header = file.read(len(SQLITE_HEADER))
    if header and header != SQLITE_HEADER:
        raise LedgerError(NO_LEDGER, f"{LEFT_ALONE} {ELSEWHERE}", where=str(path))

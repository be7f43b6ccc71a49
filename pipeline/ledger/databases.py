"""The databases that can hold the ledger, and all in which they differ: a new one is an entry of ``KNOWN``.

Tables and statements are SQLAlchemy's, and the same on both (docs/design.md, "The ledger").
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import URL, Connection, Select, String, cast, func, literal, select

from pipeline.errors import LedgerError

if TYPE_CHECKING:
    from pipeline.ledger.guards import Guard

TEAM = "Install it with  pip install 'ithink-bulk-cancel[team]'  and run the same command again."


@dataclass(frozen=True, slots=True)
class ServerLock:
    """A lock by number that the server frees when its connection ends; ``take`` finds whether it was free."""

    take: Callable[[int], Select[tuple[bool]]]
    free: Callable[[int], Select[tuple[bool]]]


@dataclass(frozen=True, slots=True)
class Database:
    """What one database does in its own way.

    Attributes:
        driver: SQLAlchemy's name of the driver that is used whichever the address names.
        install: what to do where the driver is not there; "" where it comes with Python.
        joins_in_updates: whether it knows UPDATE … FROM.
        server_lock: where runs on several machines share it, and see no file of one another; None elsewhere.
        triggers: the statements that make it refuse what a guard forbids.
        texts: a JSON list of texts, handed over as one value, as a subquery of one column.
    """

    name: str
    driver: str
    install: str
    joins_in_updates: bool
    server_lock: ServerLock | None
    triggers: Callable[[Guard], tuple[str, ...]]
    texts: Callable[[str], Select[tuple[str]]]


def database_of(connection: Connection) -> Database:
    """Which one a connection speaks to; only known ones are ever opened."""
    return KNOWN[connection.dialect.name]


def checked(url: URL) -> URL:
    """The address with the driver that is used.

    Raises:
        LedgerError: it is another database, or the driver is not installed.
    """
    name = url.get_backend_name()
    known = KNOWN.get(name)
    if known is None:
        raise LedgerError(
            f"The ledger can't be kept in {name}: only SQLite and PostgreSQL hold its rules by themselves",
            "Nothing was sent. BULK_CANCEL_LEDGER is a path, or an address like postgresql://user@host/database.",
        )
    named = url.set(drivername=f"{name}+{known.driver}")
    try:
        named.get_dialect().import_dbapi()
    except ImportError as error:
        raise LedgerError(f"The driver for {name} is not installed", f"Nothing was sent. {known.install}") from error
    return named


def texts(connection: Connection, given: Sequence[str]) -> Select[tuple[str]]:
    """The texts as a subquery of one column, however many they are; they hold no NUL."""
    return database_of(connection).texts(json.dumps(given))


def _sqlite_triggers(guard: Guard) -> tuple[str, ...]:
    """See sqlite.org/lang_createtrigger.html; it comes back as SQLAlchemy's IntegrityError."""
    return (
        f"DROP TRIGGER IF EXISTS {guard.name}",
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} WHEN {guard.condition} "
        f"BEGIN SELECT RAISE(ABORT, '{_quoted(guard.words)}'); END",
    )


def _postgresql_triggers(guard: Guard) -> tuple[str, ...]:
    """A function for each trigger (postgresql.org/docs/14/plpgsql-trigger.html); an IntegrityError too.

    What the guard looks at is locked first: of two transactions at once the second waits, and its condition, a
    statement of its own, sees what the first one wrote (postgresql.org/docs/14/transaction-iso.html, "Read Committed").
    """
    result = "OLD" if guard.event == "DELETE" else "NEW"
    lock = f"PERFORM 1 FROM {guard.locks}; " if guard.locks else ""
    return (
        f"CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {lock}"
        f"IF {guard.condition} THEN "
        f"RAISE EXCEPTION '{_quoted(guard.words)}' USING ERRCODE = 'check_violation'; END IF; "
        f"RETURN {result}; END $$",
        f"DROP TRIGGER IF EXISTS {guard.name} ON {guard.table}",
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} FOR EACH ROW "
        f"EXECUTE FUNCTION {guard.name}()",
    )


def _quoted(words: str) -> str:
    return words.replace("'", "''")


def _sqlite_texts(packed: str) -> Select[tuple[str]]:
    """See sqlite.org/json1.html."""
    return select(func.json_each(literal(packed, String)).table_valued("value").c.value)


def _postgresql_texts(packed: str) -> Select[tuple[str]]:
    from sqlalchemy.dialects.postgresql import JSONB

    listed = cast(literal(packed, String), JSONB)
    return select(func.jsonb_array_elements_text(listed).table_valued("value").c.value)


KNOWN = {
    "sqlite": Database(
        name="sqlite",
        driver="pysqlite",
        install="",
        joins_in_updates=sqlite3.sqlite_version_info >= (3, 33),  # sqlite.org/lang_update.html
        server_lock=None,
        triggers=_sqlite_triggers,
        texts=_sqlite_texts,
    ),
    "postgresql": Database(
        name="postgresql",
        driver="psycopg",
        install=TEAM,
        joins_in_updates=True,
        server_lock=ServerLock(  # postgresql.org/docs/14/functions-admin.html, "Advisory Lock Functions"
            take=lambda number: select(func.pg_try_advisory_lock(number)),
            free=lambda number: select(func.pg_advisory_unlock(number)),
        ),
        triggers=_postgresql_triggers,
        texts=_postgresql_texts,
    ),
}
"""By SQLAlchemy's name."""

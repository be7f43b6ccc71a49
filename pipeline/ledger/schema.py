"""The ledger's tables: who ran what, which AWB went out in which call, and what was found; nothing is ever deleted.

SQLAlchemy Core, so that the same tables stand on SQLite and PostgreSQL. "Never twice" is the unique index
``one_open_or_done``, not our care (docs/design.md, "The ledger").
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

VERSION = 1
"""Of these tables. A ledger with a higher one was written by a newer program and is refused."""

OPEN = "open"  # written down, and no answer yet
SUCCESS = "success"
FAILED = "failed"
UNKNOWN = "unknown"
RELEASED = "released"  # certainly not processed, or refused as a whole: as if it had never been sent

MAY_BECOME = {
    OPEN: (SUCCESS, FAILED, UNKNOWN, RELEASED),
    UNKNOWN: (SUCCESS, FAILED, UNKNOWN, RELEASED),  # by proof only: tracking, or the call's own answer that came late
    FAILED: (SUCCESS,),  # tracking knows better than a "no"
    SUCCESS: (),  # a shipment that is cancelled stays cancelled
    RELEASED: (),
}
"""What an attempt may become; a trigger forbids the rest (``guards``)."""

metadata = MetaData()

meta = Table("meta", metadata, Column("name", String(40), primary_key=True), Column("value", Text, nullable=False))

runs = Table(
    "runs",
    metadata,
    Column("run", String(40), primary_key=True),
    Column("environment", Text, nullable=False),
    Column("command", String(20), nullable=False),
    Column("started", String(32), nullable=False),  # ISO 8601, UTC
    Column("finished", String(32)),
    Column("input", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("sheet", Text, nullable=False),
    Column("output", Text, nullable=False, default=""),
    Column("account", String(40), nullable=False),  # a digest of the token, never the token
    Column("who", Text, nullable=False),
    Column("options", Text, nullable=False),
    Column("exit_code", Integer),
    Column("stopped", Text, nullable=False, default=""),
)

calls = Table(
    "calls",
    metadata,
    Column("call", Integer, primary_key=True, autoincrement=True),
    Column("run", String(40), ForeignKey("runs.run"), nullable=False, index=True),
    Column("began", String(32), nullable=False),
    Column("settled", String(32)),
    Column("elapsed", Float),
    Column("awbs", Integer, nullable=False),
    Column("sent", Integer, nullable=False),  # of these, those that were not released
    Column("note", Text, nullable=False, default=""),
)

attempts = Table(
    "attempts",
    metadata,
    Column("attempt", Integer, primary_key=True, autoincrement=True),
    Column("call", Integer, ForeignKey("calls.call"), nullable=False),
    Column("run", String(40), ForeignKey("runs.run"), nullable=False),
    Column("environment", Text, nullable=False),
    Column("key", String(64), nullable=False),
    Column("awb", String(64), nullable=False),
    Column("state", String(10), nullable=False),
    Column("remark", Text, nullable=False, server_default=""),
    Column("refnum", Text, nullable=False, server_default=""),
    Column("at", String(32), nullable=False),  # when this state was found
    UniqueConstraint("call", "key"),
    CheckConstraint(f"state IN ({', '.join(repr(state) for state in MAY_BECOME)})", name="known_state"),
)

_claimed = text("state IN ('open', 'success')")
Index(
    "one_open_or_done",
    attempts.c.environment,
    attempts.c.key,
    unique=True,
    sqlite_where=_claimed,
    postgresql_where=_claimed,
)
Index("by_awb", attempts.c.environment, attempts.c.key)

in_doubt = text("attempts.state IN ('open', 'unknown')")
"""As the index below says it: SQLite uses a partial index only where the question repeats its words."""

_doubtful = text("state IN ('open', 'unknown')")
Index("in_doubt", attempts.c.environment, sqlite_where=_doubtful, postgresql_where=_doubtful)

history = Table(
    "history",
    metadata,
    Column("entry", Integer, primary_key=True, autoincrement=True),
    Column("attempt", Integer, ForeignKey("attempts.attempt"), nullable=False),
    Column("run", String(40), nullable=False, index=True),  # the run that found this out
    Column("at", String(32), nullable=False),
    Column("state", String(10), nullable=False),
    Column("remark", Text, nullable=False, server_default=""),
    Column("refnum", Text, nullable=False, server_default=""),
)

rows = Table(
    "rows",
    metadata,
    Column("run", String(40), ForeignKey("runs.run"), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("awb", Text, nullable=False),
    Column("order_ref", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("remark", Text, nullable=False),
    Column("refnum", Text, nullable=False),
)

outputs = Table(
    "outputs",
    metadata,
    Column("entry", Integer, primary_key=True, autoincrement=True),
    Column("path", Text, nullable=False, index=True),
    Column("digest", String(64), nullable=False),
    Column("at", String(32), nullable=False),
)

APPEND_ONLY = ("history", "outputs")
"""Tables whose rows never change; in no table a row is ever deleted."""


def guards() -> list[str]:
    """The triggers (SQLite) that hold this and ``MAY_BECOME``, whoever opens the file."""
    kept = [
        _trigger(f"keep_{table.name}", f"DELETE ON {table.name}", "nothing is ever deleted from the ledger")
        for table in metadata.sorted_tables
    ]
    fixed = [_trigger(f"fixed_{name}", f"UPDATE ON {name}", "the history is only added to") for name in APPEND_ONLY]
    changes = [
        _trigger(
            f"from_{state}",
            f"UPDATE ON attempts WHEN OLD.state = '{state}' AND NEW.state NOT IN ({_listed(next_states)})",
            f"an AWB that is {state} can't become that",
        )
        for state, next_states in MAY_BECOME.items()
    ]
    return kept + fixed + changes


def _trigger(name: str, event: str, words: str) -> str:
    quoted = words.replace("'", "''")
    return f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {event} BEGIN SELECT RAISE(ABORT, '{quoted}'); END"


def _listed(states: tuple[str, ...]) -> str:
    return ", ".join(f"'{state}'" for state in states)

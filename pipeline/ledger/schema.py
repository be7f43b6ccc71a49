"""The ledger's tables: who ran what, which AWB went out in which call, and what was found; nothing is ever deleted.

SQLAlchemy Core, so that the same tables stand on SQLite and PostgreSQL. "Never twice" is the unique index
``one_open_or_done``, not our care (docs/design.md, "The ledger").
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)

from schemas.annotated import TEXTS

OPEN = "open"  # written down, and no answer yet
SUCCESS = "success"
FAILED = "failed"
UNKNOWN = "unknown"
RELEASED = "released"  # certainly not sent: as if it had never been sent

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
    Column("service", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("action", Text, nullable=False),
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
    Column("plan", String(40), nullable=False, server_default=""),  # the sealed plan that it carries out
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
    Column("service", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("key", String(64), nullable=False),
    Column("awb", String(64), nullable=False),
    Column("state", String(10), nullable=False),
    *(Column(name, Text, nullable=False, server_default="") for name in TEXTS),
    Column("at", String(32), nullable=False),  # when this state was found
    UniqueConstraint("call", "key"),
    CheckConstraint(f"state IN ({', '.join(repr(state) for state in MAY_BECOME)})", name="known_state"),
)

refusals = Table(
    "refusals",
    metadata,
    Column("call", Integer, ForeignKey("calls.call"), primary_key=True),
    Column("at", String(32), nullable=False),
)
"""Calls that left the machine and were refused as a whole: what is Unknown of them may go out again once tracking was
asked and knows nothing of it (docs/design.md, "Doing again")."""


def _partial(index: Index, condition: str) -> Index:
    """The index over the rows of a condition only. SQLAlchemy takes one under each database's own name, so it is told
    when the index is made: naming PostgreSQL here would load all of its dialect into every command."""

    @event.listens_for(index, "before_create")
    def tell(target: Index, connection: Connection, **_: object) -> None:
        target.dialect_options[connection.dialect.name]["where"] = text(condition)

    return index


one_open_or_done = _partial(
    Index(
        "one_open_or_done",
        attempts.c.service,
        attempts.c.environment,
        attempts.c.action,
        attempts.c.key,
        unique=True,
    ),
    "state IN ('open', 'success')",
)
by_awb = Index("by_awb", attempts.c.key)  # the AWB alone: few have attempts under more than one key

leases = Table(
    "leases",
    metadata,
    Column("run", String(40), ForeignKey("runs.run"), primary_key=True),
    Column("service", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("locked", Boolean, nullable=False),  # the run also holds the lock of ``run_lock`` as long as it lives
    Column("expires", String(32), nullable=False),  # the run is over then, unless it renewed its lease before
    Column("closed", String(32)),  # when its calls without an answer were declared Unknown
)
_partial(
    Index("leases_not_closed", leases.c.service, leases.c.environment, leases.c.action),
    "closed IS NULL",
)

history = Table(
    "history",
    metadata,
    Column("entry", Integer, primary_key=True, autoincrement=True),
    Column("attempt", Integer, ForeignKey("attempts.attempt"), nullable=False),
    Column("run", String(40), nullable=False, index=True),  # the run that found this out
    Column("at", String(32), nullable=False),
    Column("state", String(10), nullable=False),
    *(Column(name, Text, nullable=False, server_default="") for name in TEXTS),
)

rows = Table(
    "rows",
    metadata,
    Column("run", String(40), ForeignKey("runs.run"), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("awb", Text, nullable=False),
    Column("order_ref", Text, nullable=False),
    Column("status", String(20), nullable=False),
    *(Column(name, Text, nullable=False) for name in TEXTS),
    Column("amount", Text, nullable=False, server_default=""),  # exact, as 1299.00; "" where there is none
)

outputs = Table(
    "outputs",
    metadata,
    Column("entry", Integer, primary_key=True, autoincrement=True),
    Column("path", Text, nullable=False, index=True),
    Column("digest", String(64), nullable=False),
    Column("at", String(32), nullable=False),
)

plans = Table(
    "plans",
    metadata,
    Column("plan", String(40), primary_key=True),  # P-20261127-4f2a
    Column("service", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("account", String(40), nullable=False),
    Column("person", Text, nullable=False),  # who made it, without the computer's name
    Column("made", String(32), nullable=False),
    Column("awbs", Integer, nullable=False),
    Column("facts", Text, nullable=False),  # JSON of ``model.plans.PlanFacts``
    Column("seal", String(64), nullable=False),  # SHA-256 over the name, the facts and the AWBs
)

plan_awbs = Table(
    "plan_awbs",
    metadata,
    Column("plan", String(40), ForeignKey("plans.plan", deferrable=True, initially="DEFERRED"), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("call", Integer, nullable=False),
    Column("awb", String(64), nullable=False),
    Column("refs", Text, nullable=False),
    Column("rows", Text, nullable=False),
    Column("before", Text, nullable=False),
    sqlite_with_rowid=False,  # half the writing: one tree, in the order of the key
)

plan_states = Table(
    "plan_states",
    metadata,
    Column("entry", Integer, primary_key=True, autoincrement=True),
    Column("plan", String(40), ForeignKey("plans.plan"), nullable=False, index=True),
    Column("state", String(10), nullable=False),
    Column("person", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", String(32), nullable=False),
    Column("because", Text, nullable=False, server_default=""),
    Column("run", String(40), nullable=False, server_default=""),
    CheckConstraint("state IN ('approved', 'rejected', 'started', 'done')", name="known_plan_state"),
)

approval_rules = Table(
    "approval_rules",
    metadata,
    Column("entry", Integer, primary_key=True, autoincrement=True),
    Column("service", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("account", String(40), nullable=False),
    Column("at_least", Integer, nullable=False),  # AWBs from which a plan needs another person's word; -1: none does
    Column("person", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("at", String(32), nullable=False),
)

APPEND_ONLY = ("history", "outputs", "refusals", "plans", "plan_awbs", "plan_states", "approval_rules")
"""Tables whose rows never change; in no table a row is ever deleted."""

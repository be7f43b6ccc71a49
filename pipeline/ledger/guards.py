"""What the database itself refuses, whoever opens it: each rule once, and as the triggers of each database.

SQLite is told with ``RAISE(ABORT)`` (sqlite.org/lang_createtrigger.html), PostgreSQL with a function for each trigger
(postgresql.org/docs/14/plpgsql-trigger.html); both come back as SQLAlchemy's IntegrityError.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from pipeline.ledger.schema import APPEND_ONLY, MAY_BECOME, metadata


@dataclass(frozen=True, slots=True)
class Guard:
    """A change of a table that is refused: when ``condition`` (SQL of both databases; OLD, NEW) holds, in ``words``."""

    name: str
    event: str  # INSERT, UPDATE or DELETE
    table: str
    words: str
    condition: str = "1 = 1"


def install_guards(connection: Connection) -> None:
    """Replaces the triggers of the ledger by those of this version; other databases than the two have none."""
    makers = {"sqlite": _of_sqlite, "postgresql": _of_postgresql}
    make = makers.get(connection.dialect.name)
    for guard in all_guards() if make else ():
        for statement in make(guard) if make else ():
            connection.exec_driver_sql(statement)


def all_guards() -> Iterator[Guard]:
    """Every rule."""
    for table in metadata.sorted_tables:
        yield Guard(f"keep_{table.name}", "DELETE", table.name, "nothing is ever deleted from the ledger")
    for name in APPEND_ONLY:
        yield Guard(f"fixed_{name}", "UPDATE", name, "the history is only added to")
    for state, next_states in MAY_BECOME.items():
        allowed = f" AND NEW.state NOT IN ({_listed(next_states)})" if next_states else ""
        words = f"an AWB that is {state} can't become that"
        yield Guard(f"from_{state}", "UPDATE", "attempts", words, f"OLD.state = '{state}'{allowed}")
    yield Guard(
        "needs_lease",  # a version that knows no leases, and opened the ledger before it was migrated, sends nothing
        "INSERT",
        "calls",
        "a call goes out only under the lease of its run",
        "NOT EXISTS (SELECT 1 FROM leases WHERE leases.run = NEW.run AND leases.closed IS NULL)",
    )
    yield Guard("over_is_over", "UPDATE", "leases", "a run that is over stays so", "OLD.closed IS NOT NULL")


def _of_sqlite(guard: Guard) -> tuple[str, ...]:
    return (
        f"DROP TRIGGER IF EXISTS {guard.name}",
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} WHEN {guard.condition} "
        f"BEGIN SELECT RAISE(ABORT, '{_quoted(guard.words)}'); END",
    )


def _of_postgresql(guard: Guard) -> tuple[str, ...]:
    result = "OLD" if guard.event == "DELETE" else "NEW"
    return (
        f"CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {guard.condition} THEN "
        f"RAISE EXCEPTION '{_quoted(guard.words)}' USING ERRCODE = 'check_violation'; END IF; "
        f"RETURN {result}; END $$",
        f"DROP TRIGGER IF EXISTS {guard.name} ON {guard.table}",
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} FOR EACH ROW "
        f"EXECUTE FUNCTION {guard.name}()",
    )


def _listed(states: tuple[str, ...]) -> str:
    return ", ".join(f"'{state}'" for state in states)


def _quoted(words: str) -> str:
    return words.replace("'", "''")

"""Brings the tables of an older ledger to those of this version, step by step; all are done or none is.

A step is a ``Migration`` in ``MIGRATIONS``, numbered by the version that it leads to. All those that a ledger lacks run
in one transaction: killed at any moment, it has its old tables or its new ones, and the next start goes on. Before them
an SQLite ledger is copied (``sqlite_file.keep_copy``). A new ledger gets today's tables at once.

To change the tables: change ``schema.py`` (a column that is written back stands in ``schemas/annotated.py``); write a
function below that does the same to a ledger which has rows already, and add it to ``MIGRATIONS``, with the next number
and the tables that it makes. A new table is one line,
``schema.plans.create(connection)``, a new column ``_add_column(connection, "runs", Column(...))`` with the value that
old rows get. Write columns out here, never take them from ``schema.py``, for what stands there may change again.
Triggers need no step: the last migration installs all of ``guards.py`` anew. Nothing is deleted, ever: a column that
nobody uses any more stays. ``tests/test_ledger_migrations.py`` compares a migrated ledger with a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Column, Connection, String, Text, insert, inspect, null, select, true, update
from sqlalchemy.schema import CreateColumn

from pipeline.errors import LedgerError
from pipeline.ledger import schema
from pipeline.ledger.errors import DAMAGED, ELSEWHERE, LEFT_ALONE, shown
from pipeline.ledger.guards import install_guards
from pipeline.ledger.schema import attempts, leases, meta, metadata, refusals, runs


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: ``change`` turns a ledger of version ``to - 1`` into one of ``to``; ``tables`` are those it makes."""

    to: int
    change: Callable[[Connection], None]
    tables: frozenset[str] = frozenset()


def _add_leases_and_keys(connection: Connection) -> None:
    """Version 1 (1.0.0) knew one service and one action, and no leases: whoever held the environment was the run."""
    for table in ("runs", "attempts"):
        _add_column(connection, table, Column("service", Text, nullable=False, server_default="ithink"))
        _add_column(connection, table, Column("action", Text, nullable=False, server_default="cancel"))
    leases.create(connection)
    lost = select(attempts.c.run).where(attempts.c.state == schema.OPEN)
    columns = [runs.c.run, runs.c.service, runs.c.environment, runs.c.action, true(), runs.c.started, null()]
    names = ["run", "service", "environment", "action", "locked", "expires", "closed"]
    connection.execute(insert(leases).from_select(names, select(*columns).where(runs.c.run.in_(lost))))
    for name in ("in_doubt", "one_open_or_done", "by_awb"):
        connection.exec_driver_sql(f"DROP INDEX {name}")
    for index in (schema.one_open_or_done, schema.by_awb):
        index.create(connection)


def _add_plans(connection: Connection) -> None:
    """Version 2 kept no plans; its runs carried out none that was sealed."""
    _add_column(connection, "runs", Column("plan", String(40), nullable=False, server_default=""))
    for table in (schema.plans, schema.plan_awbs, schema.plan_states, schema.approval_rules):
        table.create(connection)


def _add_refusals(connection: Connection) -> None:
    """Version 3 took a call that was refused as a whole for one that was never sent: none of its calls is here."""
    refusals.create(connection)


def _add_amounts(connection: Connection) -> None:
    """Version 4 kept no amount of a row: evidence of its runs has none."""
    _add_column(connection, "rows", Column("amount", Text, nullable=False, server_default=""))


MIGRATIONS = (
    Migration(2, _add_leases_and_keys, frozenset({"leases"})),
    Migration(3, _add_plans, frozenset({"plans", "plan_awbs", "plan_states", "approval_rules"})),
    Migration(4, _add_refusals, frozenset({"refusals"})),
    Migration(5, _add_amounts),
)
"""Every step there ever was, the oldest first: a ledger of any version gets those that it lacks."""

VERSION = MIGRATIONS[-1].to
"""Of the tables in ``schema``. An older ledger is migrated; one with a higher version is refused."""


def ledger_version(connection: Connection, location: str) -> int:
    """The version of a ledger that is whole; 0 where the database is empty.

    Raises:
        LedgerError: it is something else, newer than this program, or incomplete; nothing about it was changed.
    """
    found = set(inspect(connection).get_table_names())
    if not found:
        return 0
    where = shown(location)
    if meta.name not in found:
        raise LedgerError("This database holds other tables than a ledger's", ELSEWHERE, where=where)
    said = connection.execute(select(meta.c.value).where(meta.c.name == "version")).scalar()
    version = int(said) if said is not None and said.isdecimal() else 0
    if version > VERSION:
        raise LedgerError(
            f"The ledger was written by a newer bulk-cancel (its version is {version}, this one knows {VERSION})",
            f"It was left as it is, and nothing was sent. Update bulk-cancel. {ELSEWHERE}",
            where=where,
        )
    made_later = {name for migration in MIGRATIONS if migration.to > version for name in migration.tables}
    names = set(inspect(connection).get_table_names())  # after the version: another program may migrate just now
    lost = set(metadata.tables) - made_later - names
    if not version or lost:
        what = f"the table {min(lost)} is gone" if lost else "its version is gone"
        raise LedgerError(f"{DAMAGED} ({what})", f"{LEFT_ALONE} {ELSEWHERE}", where=where)
    return version


def make_new(connection: Connection) -> None:
    """Makes the tables of this version in an empty database, in the caller's transaction."""
    metadata.create_all(connection)
    install_guards(connection)
    connection.execute(insert(meta), [{"name": "version", "value": str(VERSION)}, {"name": "opened", "value": ""}])


def missing_steps(version: int) -> Iterator[Migration]:
    """The migrations that a ledger of a version lacks, in their order."""
    return (migration for migration in MIGRATIONS if migration.to > version)


def migrate(connection: Connection, migration: Migration) -> None:
    """Takes one step, in the caller's transaction; another program may have been faster, then nothing is done."""
    one = meta.c.name == "version"
    found = connection.execute(select(meta.c.value).where(one).with_for_update()).scalar_one()
    if int(found) >= migration.to:
        return
    migration.change(connection)
    if migration.to == VERSION:
        install_guards(connection)
    connection.execute(update(meta).where(one).values(value=str(migration.to)))


def _add_column(connection: Connection, table: str, column: Column[str]) -> None:
    """Adds a column; its ``server_default`` is what the rows that are there get."""
    told = CreateColumn(column).compile(dialect=connection.dialect)
    connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {told}")

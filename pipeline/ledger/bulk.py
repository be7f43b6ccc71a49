"""Hands many rows to the database in one statement: two of them stand between two calls, and must not be the slow part.

SQLAlchemy makes a dictionary of each row's values; for 100,000 rows that takes longer than the database does. And
Python's driver of SQLite lets go of Python's lock for each row of an ``executemany``, and has to get it back from the
threads that read answers meanwhile. So a statement for so many rows is built and compiled once, and given their values
as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    Connection,
    Insert,
    String,
    Table,
    Update,
    bindparam,
    column,
    insert,
    update,
    values,
)
from sqlalchemy.engine import Dialect

from pipeline.ledger.databases import database_of
from pipeline.ledger.schema import attempts
from schemas.annotated import TEXTS

VALUES_AT_ONCE = 999
"""Values of one statement that every SQLite takes (SQLITE_MAX_VARIABLE_NUMBER before 3.32; sqlite.org/limits.html)."""

SETTLED = ("key", "state", *TEXTS, "at")
"""What an answer says of an attempt, in the order in which ``settle_many`` takes it."""


@dataclass(frozen=True, slots=True)
class BulkStatement:
    """A statement for so many rows, as the driver of the database takes it.

    ``names``: of the values, where the driver wants them by name; ``places``: of the values among those that are given,
    where it wants them in another order.
    """

    text: str
    names: tuple[str, ...] = ()
    places: tuple[int, ...] = ()

    def given(self, flat: Sequence[Any]) -> Any:
        """The values of a statement as the driver takes them."""
        if self.names:
            return dict(zip(self.names, flat, strict=True))
        return itemgetter(*self.places)(flat) if self.places else tuple(flat)

    def run(self, connection: Connection, flat: tuple[Any, ...]) -> int:
        """Carries it out; returns how many rows it changed."""
        changed = connection.exec_driver_sql(self.text, self.given(flat)).rowcount
        if changed < 0:  # Python's driver of SQLite does not count where a statement begins with WITH
            changed = int(connection.exec_driver_sql("SELECT changes()").scalar_one())
        return changed


def insert_many(connection: Connection, table: Table, names: tuple[str, ...], lines: Sequence[Sequence[Any]]) -> None:
    """Inserts the lines.

    Args:
        connection: in a transaction.
        table: where to.
        names: its columns, in the order of each line's values.
        lines: the values, a sequence for each row.
    """
    size = VALUES_AT_ONCE // len(names)
    for start in range(0, len(lines), size):
        part = lines[start : start + size]
        _inserting(connection.dialect, table, names, len(part)).run(connection, tuple(chain.from_iterable(part)))


def insert_each(connection: Connection, table: Table, names: tuple[str, ...], lines: Sequence[Sequence[Any]]) -> None:
    """The same by the driver's own ``executemany``, which is the quickest where no other thread reads answers."""
    if lines:
        one = _inserting(connection.dialect, table, names, 1)
        connection.exec_driver_sql(one.text, [one.given(line) for line in lines])


def settle_many(connection: Connection, call: int, lines: Sequence[tuple[str, ...]]) -> int:
    """Gives the attempts of a call what their lines say (``SETTLED``); returns how many of these it had."""
    size = VALUES_AT_ONCE // len(SETTLED) - 1
    if not database_of(connection).joins_in_updates:
        size = 1
    changed = 0
    for start in range(0, len(lines), size):
        part = lines[start : start + size]
        changed += _settling(connection.dialect, len(part)).run(connection, (*chain.from_iterable(part), call))
    return changed


@lru_cache(maxsize=128)
def _inserting(dialect: Dialect, table: Table, names: tuple[str, ...], count: int) -> BulkStatement:
    rows = [{name: bindparam(f"{name}_{row}", type_=table.c[name].type) for name in names} for row in range(count)]
    order = [f"{name}_{row}" for row in range(count) for name in names]
    return _compiled(dialect, insert(table).values(rows), order)


@lru_cache(maxsize=128)
def _settling(dialect: Dialect, count: int) -> BulkStatement:
    order = [f"{name}_{row}" for row in range(count) for name in SETTLED]
    of_call = attempts.c.call == bindparam("of_call")
    if count == 1:
        found = {name: bindparam(f"{name}_0", type_=String) for name in SETTLED}
        one = update(attempts).where(of_call, attempts.c.key == found.pop("key")).values(found)
        return _compiled(dialect, one, [*order, "of_call"])
    rows = [tuple(bindparam(f"{name}_{row}", type_=String) for name in SETTLED) for row in range(count)]
    said = values(*(column(name, String) for name in SETTLED), name="said").data(rows).cte("said")
    many = update(attempts).where(of_call, attempts.c.key == said.c.key)
    return _compiled(dialect, many.values({name: said.c[name] for name in SETTLED[1:]}), [*order, "of_call"])


def _compiled(dialect: Dialect, statement: Insert | Update, order: list[str]) -> BulkStatement:
    """The statement for the driver of a database.

    Args:
        dialect: of the database.
        statement: with a parameter of its own for each value.
        order: the parameters' names, in the order in which the values will come.
    """
    compiled = statement.compile(dialect=dialect)
    by_place = getattr(compiled, "positiontup", None)
    if by_place is None:
        return BulkStatement(str(compiled), names=tuple(order))
    if list(by_place) == order:
        return BulkStatement(str(compiled))
    return BulkStatement(str(compiled), places=tuple(order.index(name) for name in by_place))

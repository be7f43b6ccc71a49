"""Hands many rows to the database at once: the journal stands between two calls, so it must not be the slow part.

SQLAlchemy makes a dictionary of each row's values; for 100,000 rows that takes longer than the database does. So a
statement is compiled once for the database at hand and given the rows as they are. And Python's driver of SQLite lets
go of Python's lock for each row, and has to get it back from the threads that read answers meanwhile: so many rows are
one statement there, which takes two thirds of the time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Insert, Update
from sqlalchemy.engine import Dialect

from pipeline.ledger import statements

VALUES_AT_ONCE = 999
"""Values of one statement that every SQLite takes (SQLITE_MAX_VARIABLE_NUMBER before 3.32; sqlite.org/limits.html)."""

JOINS_IN_UPDATES = sqlite3.sqlite_version_info >= (3, 33)
"""Whether this SQLite knows UPDATE … FROM (sqlite.org/lang_update.html)."""


def insert_many(connection: Connection, statement: Insert, names: tuple[str, ...], lines: Sequence[Any]) -> None:
    """Inserts the lines.

    Args:
        connection: in a transaction.
        statement: a constant, as it is compiled once.
        names: the columns, in the order of each line's values.
        lines: the values, a tuple each.
    """
    if connection.dialect.name != "sqlite":
        _execute_each(connection, statement, names, lines)
        return
    text, order = _compiled(connection.dialect, statement, names)
    assert order == names  # noqa: S101 - an insert keeps the order of its columns
    size = VALUES_AT_ONCE // len(names)
    for start in range(0, len(lines), size):
        part = lines[start : start + size]
        connection.exec_driver_sql(_of_rows(text, len(part)), tuple(chain.from_iterable(part)))


def settle_many(connection: Connection, call: int, lines: Sequence[tuple[str, str, str, str, str]]) -> int:
    """Gives the attempts of a call their state, remark, refnum and time; the last value of a line is the key.

    Returns how many attempts there were of these keys.
    """
    if connection.dialect.name == "sqlite" and JOINS_IN_UPDATES and len(lines) * 5 < VALUES_AT_ONCE:
        text = _of_rows(statements.SETTLE_TOGETHER, len(lines))
        return connection.exec_driver_sql(text, (*chain.from_iterable(lines), call)).rowcount
    names = ("state", "remark", "refnum", "at", "of_key", "of_call")
    return _execute_each(connection, statements.SETTLE, names, [(*line, call) for line in lines])


def _execute_each(
    connection: Connection, statement: Insert | Update, names: tuple[str, ...], lines: Sequence[Any]
) -> int:
    """Carries a statement out for each line; returns how many rows it changed."""
    if not lines:
        return 0
    text, order = _compiled(connection.dialect, statement, names)
    if order is None:
        values: list[Any] = [dict(zip(names, line, strict=True)) for line in lines]
    elif order == names:
        values = list(lines)
    else:
        places = [names.index(name) for name in order]
        values = [tuple(line[place] for place in places) for line in lines]
    return connection.exec_driver_sql(text, values).rowcount


@lru_cache(maxsize=32)
def _of_rows(text: str, count: int) -> str:
    """A statement with the values of one row, as one with the values of so many rows."""
    head, values, rest = text.partition("VALUES ")
    row, end, rest = rest.partition(")")
    return head + values + ", ".join([row + end] * count) + rest


@lru_cache(maxsize=32)
def _compiled(
    dialect: Dialect, statement: Insert | Update, names: tuple[str, ...]
) -> tuple[str, tuple[str, ...] | None]:
    """The statement as this database's driver takes it, and the order of its values (None: by name)."""
    columns = list(names) if isinstance(statement, Insert) else None
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    order = getattr(compiled, "positiontup", None)
    return str(compiled), tuple(order) if order is not None else None

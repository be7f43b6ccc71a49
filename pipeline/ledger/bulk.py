"""Hands many rows to the database at once: the journal stands between two calls, so it must not be the slow part.

SQLAlchemy makes a dictionary of each row's values; for 100,000 rows that takes longer than the database does. So a
statement is compiled once for the database at hand and given the rows as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Insert, Update
from sqlalchemy.engine import Dialect


def execute_many(
    connection: Connection, statement: Insert | Update, names: tuple[str, ...], lines: Sequence[Any]
) -> int:
    """Carries a statement out for each line; returns how many rows it changed.

    Args:
        connection: in a transaction.
        statement: an insert, or an update with ``bindparam``s; a constant, as it is compiled once.
        names: the columns of an insert or the parameters of an update, in the order of each line's values.
        lines: the values, a tuple each.
    """
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
def _compiled(
    dialect: Dialect, statement: Insert | Update, names: tuple[str, ...]
) -> tuple[str, tuple[str, ...] | None]:
    """The statement as this database's driver takes it, and the order of its values (None: by name)."""
    columns = list(names) if isinstance(statement, Insert) else None
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    order = getattr(compiled, "positiontup", None)
    return str(compiled), tuple(order) if order is not None else None

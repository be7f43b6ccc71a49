"""A ledger as any other program opens it, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.pool import NullPool

from pipeline.ledger.databases import checked


@contextmanager
def raw(location: str) -> Iterator[Connection]:
    """A connection of its own; what is done with it is not kept."""
    from sqlalchemy.engine import make_url

    url = checked(make_url(location)) if "://" in location else URL.create("sqlite", database=location)
    with create_engine(url, poolclass=NullPool).connect() as connection:
        yield connection


def ask(connection: Connection, statement: str, **values: Any) -> Any:
    """Carries out SQL with values by their names, as ``:name``."""
    return connection.execute(text(statement), values)

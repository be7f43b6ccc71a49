"""Where the tests' ledgers lie: in a file, or in a database of a server of their own; what surrounds each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.postgresql_server import server

NUMBERS = count(1)

# A make that a test starts is one that a person types, also where the tests were started by `make test ARGS=…`.
for left_by_make in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "GNUMAKEFLAGS"):
    os.environ.pop(left_by_make, None)
for given_to_make in ("ARGS", "INPUT", "OUTPUT", "RUN", "YES", "VERSION"):
    os.environ.pop(given_to_make, None)

# How long an example takes says how busy the machine is, and nothing of the program. Where a change is checked (CI is
# set) each check tries the same examples; a developer's run tries new ones.
settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A running server: what stands behind the database's name in an address of it."""
    pytest.importorskip("psycopg", reason="the driver psycopg is not installed: no test on PostgreSQL")
    with server() as rest:
        yield rest


@pytest.fixture
def postgresql(postgresql_server: str) -> str:
    """The address of an empty ledger: a schema of its own, quicker made than a database, and the same to us."""
    import psycopg
    from sqlalchemy.engine import make_url

    name = f"ledger{next(NUMBERS)}"
    query = make_url(f"postgresql://{postgresql_server}").query
    with psycopg.connect(host=query["host"], user=query["user"], dbname="postgres", autocommit=True) as admin:
        admin.execute(f"CREATE SCHEMA {name}")
    return f"postgresql:///postgres{postgresql_server}&options=-csearch_path%3D{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a ledger lies, on each of the databases that can hold one."""
    if request.param == "sqlite":
        return str(tmp_path / "ledger.db")
    return str(request.getfixturevalue("postgresql"))

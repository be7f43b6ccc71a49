"""A PostgreSQL server of the tests' own: in a temporary folder, on a socket in it, gone when they are done."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
SETTINGS = ("listen_addresses=", "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")
"""No port; and nothing of it needs to outlive a power cut."""


def program(name: str) -> str:
    """The path of one of PostgreSQL's programs, of the newest release that is here; skips the test where it is not."""
    found = str(PROGRAMS[-1] / name) if PROGRAMS else shutil.which(name)
    if not found:
        pytest.skip(f"PostgreSQL is not installed here: no {name}")
    return found


def _run(folder: Path, *command: str) -> None:
    """Runs one of PostgreSQL's programs, which want no root."""
    user = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"] if os.getuid() == 0 else []
    subprocess.run([*user, *command], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Starts one; gives the part of its addresses behind the name of the database."""
    initdb, control = program("initdb"), program("pg_ctl")
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # a short path: a socket's may have 107 bytes
    data = str(folder / "data")
    try:
        if os.getuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        _run(folder, initdb, "-D", data, "-U", "clerk", "-A", "trust", "-N", "-E", "UTF8")
        options = " ".join([f"-k {folder}", *(f"-c {one}" for one in SETTINGS)])
        _run(folder, control, "-D", data, "-l", str(folder / "log"), "-w", "-o", options, "start")
        try:
            yield f"?host={folder}&user=clerk"
        finally:
            _run(folder, control, "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)

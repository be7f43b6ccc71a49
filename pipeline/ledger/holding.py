"""One run per environment at a time: a lock that the operating system frees when the process dies."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pipeline.errors import LedgerTrouble


@contextlib.contextmanager
def hold(folder: Path, ledger: str, environment: str) -> Iterator[None]:
    """Holds the environment until the block ends.

    Args:
        folder: where the lock file lies.
        ledger: which ledger; two ledgers don't stand in each other's way.
        environment: the ledger's key of the environment.
    Raises:
        LedgerTrouble: another run holds it; the message says who.
    """
    from filelock import FileLock, Timeout

    name = hashlib.sha256(f"{ledger}\n{environment}".encode()).hexdigest()[:16]
    lock_path = folder / f"bulk-cancel-{name}.lock"
    holder = folder / f"bulk-cancel-{name}.holder"
    lock = FileLock(lock_path)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise LedgerTrouble(
            f"Another run is at work in {environment} ({_who(holder)})",
            "Nothing was sent. Wait until it is done, or stop it, and run the same command again.",
        ) from error
    except OSError as error:
        raise LedgerTrouble(
            f"The ledger's folder can't be written ({error.strerror or error})",
            "Nothing was sent. BULK_CANCEL_LEDGER names another place for it.",
            where=str(folder),
        ) from error
    try:
        holder.write_text(f"process {os.getpid()}, since {datetime.now(UTC):%Y-%m-%d %H:%M} UTC", encoding="utf-8")
        yield
    finally:
        with contextlib.suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _who(holder: Path) -> str:
    try:
        return holder.read_text(encoding="utf-8") or "it does not say which"
    except OSError:
        return "it does not say which"

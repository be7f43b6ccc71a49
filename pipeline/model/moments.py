"""Says a moment as a person here reads it."""

from __future__ import annotations

from datetime import datetime


def local_time(moment: datetime | str) -> str:
    """A moment of the ledger as a clock here shows it, with its zone: ``2026-11-27 15:00:12 IST``.

    Args:
        moment: aware, or in ISO 8601 with its offset.
    """
    when = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{when.astimezone():%Y-%m-%d %H:%M:%S %Z}"

"""Reads a ``Retry-After`` header: how long a service asks its callers to wait."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_RETRY_AFTER = 300.0
"""Seconds that a ``Retry-After`` is capped at: five minutes a person may wait. Asked for more, we come back
too early, are sent away again, and the run ends when its tries are used up."""


SHORTEST_RETRY_AFTER = 1.0
"""``Retry-After: 0`` and a date that is past mean soon, not a hundred times a second."""


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a ``Retry-After`` header asks for (RFC 9110, 10.2.3), capped; None where it says no time.

    Args:
        value: the header's text, seconds or an HTTP date; None where it is absent.
        now: the present, aware.
    """
    text = (value or "").strip()
    if re.fullmatch(r"[0-9]{1,12}(?:\.[0-9]{1,9})?", text):
        seconds = float(text)
    else:
        until = _date(text)
        if until is None:
            return None
        seconds = (until - now).total_seconds()
    return min(max(seconds, SHORTEST_RETRY_AFTER), LONGEST_RETRY_AFTER)


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)  # "-0000": UTC, says RFC 5322

"""Says when the next call may go out, and how long to wait after one that failed: arithmetic, no clock, no sleep."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

CALLS_PER_SECOND = 1.0
"""The pace outside the sandbox: the vendor's rate limit is unknown (docs/contract-ithink.md), and a call carries up
to 100 AWBs, so even
ten thousand of them are out in two minutes."""

TRIES = 4
"""How often a call that certainly was not processed goes out in one run: with the waits below that outlasts a
restart of the service or a lost Wi-Fi; a longer trouble is better seen by a person, and running again goes on."""

FIRST_WAIT = 1.0
"""Seconds before the second try, at most; each later wait may be twice as long."""

LONGEST_WAIT = 30.0
"""Seconds that a wait is capped at: a person sits in front of it."""

SHORTEST_SHARE = 0.5
"""The part of each wait that jitter leaves: "full" jitter could make it nothing, and knock on a closed door at once."""

LONGEST_RETRY_AFTER = 300.0
"""Seconds that a ``Retry-After`` is capped at: five minutes a person may wait. Asked for more, we come back
too early, are sent away again, and the run ends when its tries are used up."""

SHORTEST_RETRY_AFTER = 1.0
"""``Retry-After: 0`` and a date that is past mean soon, not a hundred times a second."""


class Pacer:
    """Spaces calls evenly: no two start closer together than ``1 / rate`` seconds, and a pause saves up no burst.

    Times are seconds on any clock that only goes forward; the caller reads it. One thread asks, as ``cancel`` does.
    """

    __slots__ = ("_gap", "_next")

    def __init__(self, rate: float) -> None:
        """``rate``: calls in a second, above 0; ``math.inf`` sets no limit.

        Raises:
            ValueError: a rate that is 0, negative or not a number.
        """
        if not rate > 0:
            raise ValueError(f"a rate of {rate} calls a second is none")
        self._gap = 1.0 / rate
        self._next = -math.inf

    def wait(self, now: float) -> float:
        """Seconds until the next call may start, 0 if it may start now."""
        return max(0.0, self._next - now)

    def take(self, now: float) -> None:
        """Notes that a call starts now."""
        self._next = max(self._next, now) + self._gap


def backoff(attempt: int, jitter: float) -> float:
    """Seconds to wait after a try that failed: twice as long each time, capped, shortened by chance.

    Args:
        attempt: how many tries failed before this one, from 0.
        jitter: by chance, from 0 (the shortest wait) to 1 (the longest), so that many runs don't knock in step
            (Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
    """
    doublings = min(max(attempt, 0), 30)  # 2**30 seconds is beyond the cap, and no power overflows
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0**doublings)
    return longest * (SHORTEST_SHARE + (1 - SHORTEST_SHARE) * min(max(jitter, 0.0), 1.0))


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

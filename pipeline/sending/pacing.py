"""Says when the next call may go out, and how long to wait after one that failed; and waits, if nobody says stop."""

from __future__ import annotations

import math
from threading import Event

CALLS_PER_SECOND = 1.0
"""The pace outside the sandbox: the vendor's rate limit is unknown (docs/contract-ithink.md), and a call carries up
to 100 AWBs, so even ten thousand of them are out in two minutes."""

TRIES = 4
"""How often a call that certainly was not processed goes out in one run: with the waits below that outlasts a
restart of the service or a lost Wi-Fi; a longer trouble is better seen by a person, and running again goes on."""

FIRST_WAIT = 1.0
"""Seconds before the second try, at most; each later wait may be twice as long."""

LONGEST_WAIT = 30.0
"""Seconds that a wait is capped at: a person sits in front of it."""

SHORTEST_SHARE = 0.5
"""The part of each wait that jitter leaves: "full" jitter could make it nothing, and the next try would follow at
once."""


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
        jitter: by chance, from 0 (the shortest wait) to 1 (the longest), so that many runs don't try in step
            (Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
    """
    doublings = min(max(attempt, 0), 30)  # 2**30 seconds is beyond the cap, and no power overflows
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0**doublings)
    return longest * (SHORTEST_SHARE + (1 - SHORTEST_SHARE) * min(max(jitter, 0.0), 1.0))


def pause(seconds: float, stop: Event) -> None:
    """Waits, but no longer than until ``stop`` is set."""
    stop.wait(max(0.0, seconds))

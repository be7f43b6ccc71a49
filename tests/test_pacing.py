"""The pace, the waits and Retry-After."""

from __future__ import annotations

import itertools
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.sending.pacing import LONGEST_WAIT, Pacer, backoff
from pipeline.services.retry_after import LONGEST_RETRY_AFTER, retry_after

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


def starts(rate: float, asked: list[float]) -> list[float]:
    """When calls start that become ready at the given times."""
    pacer = Pacer(rate)
    times = []
    now = 0.0
    for ready in asked:
        now = max(now, ready)
        now += pacer.wait(now)
        pacer.take(now)
        times.append(now)
    return times


def test_the_first_call_starts_at_once_and_the_next_ones_evenly() -> None:
    assert starts(2.0, [0, 0, 0, 0]) == [0.0, 0.5, 1.0, 1.5]


def test_a_long_silence_saves_up_no_burst() -> None:
    assert starts(1.0, [0, 100, 100, 100]) == [0.0, 100.0, 101.0, 102.0]


def test_without_a_limit_nothing_waits() -> None:
    assert starts(math.inf, [0, 0, 0]) == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("rate", [0, -1, math.nan])
def test_a_rate_that_is_none_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="rate"):
        Pacer(rate)


@given(st.floats(0.01, 1000), st.lists(st.floats(0, 1000), min_size=2, max_size=30).map(sorted))
def test_no_two_calls_start_closer_than_the_rate_allows(rate: float, asked: list[float]) -> None:
    times = starts(rate, asked)
    assert all(later - earlier >= 1 / rate - 1e-6 for earlier, later in itertools.pairwise(times))


@pytest.mark.parametrize(
    ("attempt", "jitter", "seconds"),
    [(0, 1.0, 1.0), (1, 1.0, 2.0), (2, 1.0, 4.0), (3, 1.0, 8.0), (0, 0.0, 0.5), (2, 0.0, 2.0), (2, 0.5, 3.0)],
)
def test_each_wait_is_twice_the_one_before_and_shortened_by_chance(attempt: int, jitter: float, seconds: float) -> None:
    assert backoff(attempt, jitter) == seconds


@given(st.integers(-5, 10**9), st.floats(-1, 2))
def test_a_wait_is_never_nothing_and_never_beyond_the_cap(attempt: int, jitter: float) -> None:
    assert 0.5 <= backoff(attempt, jitter) <= LONGEST_WAIT


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("17", 17.0),
        (" 17 ", 17.0),
        ("2.5", 2.5),
        ("0", 1.0),
        ("86400", LONGEST_RETRY_AFTER),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Monday, 23-Nov-26 12:00:30 GMT", 30.0),
        ("Mon Nov 23 12:00:30 2026", 30.0),
        ("Mon, 23 Nov 2026 17:30:30 +0530", 30.0),
        ("Mon, 23 Nov 2026 12:00:30 -0000", 30.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 1.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_RETRY_AFTER),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1e3", None),
        ("nan", None),
        ("٣", None),
        ("9" * 4000, None),
        ("Mon, 99 Nov 2026 12:00:30 GMT", None),
        ("Mon, 23 Nov 99999999 12:00:30 GMT", None),
    ],
)
def test_retry_after_is_read_in_seconds_and_as_a_date(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOON) == seconds


@given(st.text(max_size=60))
def test_retry_after_takes_any_text(value: str) -> None:
    seconds = retry_after(value, NOON)
    assert seconds is None or 1.0 <= seconds <= LONGEST_RETRY_AFTER

"""Spells the day's number of a date cell as ISO text, in both calendars of spreadsheets."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

DAY = 86_400
NO_SUCH_DAY = 60
"""Excel believes in 1900-02-29."""

END_1900 = 2_958_466  # 10000-01-01

BEGIN_1900 = date(1899, 12, 30)
"""Day 0 of Excel's calendar of 1900 as it runs from day 61 on."""

BEGIN_1904 = date(1904, 1, 1)
"""Day 0 of the calendar that Excel for the Macintosh had."""


@lru_cache(maxsize=1 << 16)
def serial_text(value: float, begin: date = BEGIN_1900) -> str:
    """``2026-01-31``, with a time ``2026-01-31 10:30:00``, below 1 the time alone; "" when no calendar has it.

    Args:
        value: days.
        begin: day 0.
    """
    if not 0 <= value < END_1900:
        return ""
    days, seconds = divmod(round(value * DAY), DAY)
    if days < NO_SUCH_DAY and begin == BEGIN_1900:
        days += 1
    try:
        day = begin + timedelta(days)
    except OverflowError:
        return ""
    time = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if value < 1:
        return time
    return f"{day} {time}" if seconds else str(day)

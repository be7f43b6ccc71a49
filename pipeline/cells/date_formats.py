"""Tells whether a date format shows the day and the month of a date, or something else than the date that is stored."""

from __future__ import annotations

import re
from functools import lru_cache

from pipeline.cells.number_formats import GENERAL, condition, for_numbers, sections, shows_nothing

DAY_CODE, MONTH_CODE = re.compile("d", re.IGNORECASE), re.compile("m", re.IGNORECASE)
IN_A_DATE = re.compile(r"(?:[\W_]|[年月日년월일]|[tz]|de|of|st|nd|rd|th)*", re.IGNORECASE)
"""Fixed text that stands within a date and takes nothing away from it."""


@lru_cache(maxsize=4096)
def shows_day(code: str) -> bool:
    """Whether a date under this format shows its day and its month, and nothing else is said."""
    parts = for_numbers(sections(code or GENERAL))
    section = [token for token in parts[0] if not shows_nothing(token)]
    if code in ("", GENERAL, "@"):
        return True
    fixed = "".join(token.text for token in section if token.kind in ("quoted", "escaped"))
    codes = "".join(token.text for token in section if token.kind in ("other", "mark", "digit"))
    return (
        not any(condition(part) for part in parts)
        and IN_A_DATE.fullmatch(fixed) is not None
        and re.fullmatch(r"(?i)(?:am/pm|a/p|[ymdhsegtz/:.,'0\W]|[年月日])*", codes) is not None
        and DAY_CODE.search(codes) is not None
        and MONTH_CODE.search(codes) is not None
    )

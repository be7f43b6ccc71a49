"""Keeps a text of a CSV from being run as a formula by the spreadsheet that opens it; a number stays a number."""

from __future__ import annotations

import re

FORMULA = re.compile(r"[\t\r\n]|[\s\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]")
"""What makes a spreadsheet take a text for a formula (OWASP, "CSV Injection"), also in full width and behind blanks."""

NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
"""Texts that begin like a formula and are none."""


def guarded(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it."""
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text

"""Tells from a number and the text that a document shows for it which number format Excel would need for that.

OpenDocument keeps, beside each number, the text that was on the screen. The loader asks for Excel's formats, so that
the rules for what a person sees are written once; a text that no plain format explains becomes one of fixed text.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

GENERAL = "General"
LONGEST_FIXED = 200
"""Characters of a fixed text in a format; Excel takes 255 for the whole format."""

SCIENTIFIC = re.compile(r"([-−]?[0-9](?:[.,]([0-9]+))?)E([+-]?[0-9]{1,3})", re.IGNORECASE)
NUMBER = re.compile(r"[0-9](?:[0-9.,'’ \u00a0\u202f]*[0-9])?")
SEPARATORS = re.compile(r"[.,'’ \u00a0\u202f]")
GROUPS = re.compile(r"[1-9][0-9]{0,2}(?:[.,'’ \u00a0\u202f][0-9]{2,3})*[.,'’ \u00a0\u202f][0-9]{3}")
LAST_POINT = re.compile(r"(.*)[.,]([0-9]+)")


def format_of(value: str, shown: str) -> str:
    """The number format that shows ``value`` (as the document spells it) as ``shown``."""
    return GENERAL if value == shown else _format_of(value, shown.strip())


@lru_cache(maxsize=1 << 16)
def _format_of(value: str, shown: str) -> str:
    try:
        stored = Decimal(value)
    except InvalidOperation:
        return fixed(shown)
    if scientific := SCIENTIFIC.fullmatch(shown):
        return _scientific(stored, scientific) or fixed(shown)
    found = NUMBER.search(shown)
    if found is None:
        return fixed(shown)
    before, after = shown[: found.start()], shown[found.end() :]
    if stored < 0 and before.endswith(("-", "−")):
        before = before[:-1]
    percent = after.lstrip() == "%"
    code = _plain(abs(stored) * (100 if percent else 1), found.group())
    if not code:
        return fixed(shown)
    return _quoted(before) + code + (_quoted(after[:-1]) + "%" if after.lstrip() == "%" else _quoted(after))


def fixed(shown: str) -> str:
    """A format that shows this text whatever the number."""
    return _quoted(shown[:LONGEST_FIXED]) or '""'


def _quoted(text: str) -> str:
    """Literal text inside a format; a quotation mark can't stand within quotation marks."""
    return '\\"'.join(f'"{piece}"' if piece else "" for piece in text.split('"'))


def _scientific(stored: Decimal, found: re.Match[str]) -> str:
    mantissa = found[1].replace(",", ".").replace("−", "-")
    decimals = len(found[2] or "")
    tolerance = Decimal(1).scaleb(int(found[3]) - decimals)
    if abs(Decimal(f"{mantissa}E{found[3]}") - stored) > tolerance:
        return ""
    return f"0.{'0' * decimals}E+00" if decimals else "0E+00"


def _plain(stored: Decimal, shown: str) -> str:
    """The format of digits with or without separators and decimals, "" when they are those of another number."""
    readings = [(_digits(shown), "")] if shown.isdigit() or GROUPS.fullmatch(shown) else []
    if pointed := LAST_POINT.fullmatch(shown):
        readings.append((_digits(pointed[1]), pointed[2]))
    for whole, decimals in readings:
        number = Decimal(f"{whole}.{decimals or 0}")
        if abs(number - stored) <= Decimal("0.5").scaleb(-len(decimals)):
            grouped = len(shown) > len(whole) + len(decimals) + bool(decimals)
            point = f".{'0' * len(decimals)}" if decimals else ""
            return _whole(whole, grouped=grouped) + point
    return ""


def _digits(text: str) -> str:
    return SEPARATORS.sub("", text)


def _whole(digits: str, *, grouped: bool) -> str:
    if len(digits) > 1 and digits.startswith("0"):
        return "0" * len(digits)
    return "#,##0" if grouped else "0"

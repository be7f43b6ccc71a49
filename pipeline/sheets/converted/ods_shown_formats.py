"""Tells from a number and the text that a document shows for it which number format Excel would need for that.

OpenDocument keeps, beside each number, the text that was on the screen. It counts where the cell's style is not in the
document, and where the text is not what the style shows. The loader asks for Excel's formats, so that the rules for
what a person sees are written once; a text that no plain format explains becomes one of fixed text.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from pipeline.sheets.converted.ods_data_styles import GENERAL, quoted

LONGEST_FIXED = 200
"""Characters of a fixed text in a format; Excel takes 255 for the whole format."""

SCIENTIFIC = re.compile(r"([-−]?[0-9](?:[.,]([0-9]+))?)E([+-]?[0-9]{1,3})", re.IGNORECASE)
NUMBER = re.compile(r"[0-9](?:[0-9.,'’ \u00a0\u202f]*[0-9])?")
SEPARATORS = re.compile(r"[.,'’ \u00a0\u202f]")
GROUPS = re.compile(r"[0-9]{1,4}(?:[.,'’ \u00a0\u202f][0-9]{2,4})+")
"""Digits in groups, of whatever size a format makes them: they are those of the number, or it is another one."""
NOT_DIGITS = re.compile(r"[^0-9]")
PLAIN = re.compile(r"General|[#0,]*0(?:\.0+)?|0(?:\.0+)?E\+0+")
"""Formats that show a number's own digits, with zeros in front at most."""

LAST_POINT = re.compile(r"(.*)[.,]([0-9]+)")


def seen_format(value: str, shown: str, code: str, *, named: bool) -> str:
    """The format of a number: its style's, unless the document shows something else than that.

    Args:
        value: as the document spells it.
        shown: the text beside it, "" when there is none.
        code: the format of its style.
        named: whether the document names that style, or the number just has none.
    """
    padding = _padding(code)
    if not shown or padding < 0:
        return code
    if value == shown and len(value) >= padding and _begins_plainly(value):
        return code if named else GENERAL
    by_text = format_of(value, shown)
    shown_padding = _padding(by_text)
    if shown_padding < 0:
        return by_text
    digits = len(NOT_DIGITS.sub("", value.partition(".")[0]).lstrip("0"))
    if "E" not in value and max(digits, padding) != max(digits, shown_padding):
        return fixed(shown)
    return code if named else by_text


@lru_cache(maxsize=1 << 12)
def _padding(code: str) -> int:
    """How many digits a plain format shows at least; -1 for one that is not plain."""
    return code.partition(".")[0].partition("E")[0].count("0") if PLAIN.fullmatch(code) else -1


def _begins_plainly(value: str) -> bool:
    return value[0] != "0" or len(value) == 1 or value[1] == "."


def format_of(value: str, shown: str) -> str:
    """The number format that shows ``value`` (as the document spells it) as ``shown``."""
    return GENERAL if value == shown and _begins_plainly(value) else _format_of(value, shown.strip())


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
    return quoted(before) + code + (quoted(after[:-1]) + "%" if after.lstrip() == "%" else quoted(after))


def fixed(shown: str) -> str:
    """A format that shows this text whatever the number."""
    return quoted(shown[:LONGEST_FIXED]) or '""'


def _scientific(stored: Decimal, found: re.Match[str]) -> str:
    mantissa = found[1].replace(",", ".").replace("−", "-")
    decimals = len(found[2] or "")
    tolerance = Decimal(1).scaleb(int(found[3]) - decimals)
    if abs(Decimal(f"{mantissa}E{found[3]}") - stored) > tolerance:
        return ""
    return f"0.{'0' * decimals}E+00" if decimals else "0E+00"


def _plain(stored: Decimal, shown: str) -> str:
    """The format of digits with or without separators and decimals, "" when they are those of another number."""
    pointed = LAST_POINT.fullmatch(shown)
    readings = [(_digits(pointed[1]), pointed[2])] if pointed else []
    if shown.isdigit() or GROUPS.fullmatch(shown):
        readings.append((_digits(shown), ""))
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

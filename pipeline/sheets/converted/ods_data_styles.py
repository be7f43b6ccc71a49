"""Turns OpenDocument's number and date styles into number formats in Excel's language (ODF 1.3 part 3, 16.29)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

NUMBER = "urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0 "
STYLE = "urn:oasis:names:tc:opendocument:xmlns:style:1.0 "

GENERAL = "General"
QUOTES = '""'
TEXTS = f"{NUMBER}text-style"
KINDS = frozenset(
    f"{NUMBER}{kind}-style" for kind in ("number", "currency", "percentage", "date", "time", "boolean", "text")
)
DATES = frozenset({f"{NUMBER}date-style", f"{NUMBER}time-style"})

MOST_DIGITS = 60
BARE = re.compile(r"[-/: .,%()]+")
"""Literal text that needs no quotes in a format."""

ABOVE, BELOW, NOT_BELOW = ">0", "<0", ">=0"

Attributes = Mapping[str, str]


@dataclass(slots=True)
class DataStyle:
    """A style as the document spells it: its pieces in their order, and other styles under conditions."""

    kind: str
    elapsed: bool = False  # hours beyond a day count on
    foreign: bool = False  # in the digits of another script
    pieces: list[str] = field(default_factory=list)
    plain: bool = True  # nothing but a number as it is
    maps: list[tuple[str, str]] = field(default_factory=list)  # condition, style

    @property
    def date(self) -> bool:
        """Whether a number under it is a date or a time."""
        return self.kind in DATES and not self.elapsed

    @property
    def own(self) -> str:
        """Its format without the conditions."""
        code = "".join(self.pieces)
        if self.kind == TEXTS and "@" not in self.pieces and not self.maps:
            code = f";;;{code or QUOTES}"  # texts are not shown
        return f"[$-D000000]{code}" if self.foreign else code or QUOTES


def started(name: str, attributes: Attributes) -> DataStyle:
    """A style that begins."""
    script = attributes.get(f"{NUMBER}transliteration-format", "1")
    elapsed = attributes.get(f"{NUMBER}truncate-on-overflow") == "false"
    return DataStyle(name, elapsed=elapsed, foreign=script not in ("1", ""))


def code_of(style: DataStyle, styles: Mapping[str, DataStyle]) -> str:
    """The whole format, with the sections that its conditions choose."""
    found = [
        (when.replace("value()", "").replace(" ", ""), styles[other].own)
        for when, other in style.maps
        if other in styles
    ]
    conditions = [when for when, _ in found]
    sections = [section for _, section in found]
    if conditions in ([NOT_BELOW], [ABOVE, BELOW]) or (style.kind == TEXTS and len(found) == 3):
        return ";".join([*sections, style.own])
    return ";".join([*(f"[{when}]{section}" for when, section in found), style.own])


def quoted(text: str) -> str:
    """Literal text inside a format; a quotation mark can't stand within quotation marks."""
    return '\\"'.join(f'"{piece}"' if piece else "" for piece in text.split('"'))


def literal(text: str) -> str:
    """Literal text, without quotes where it needs none."""
    return text if BARE.fullmatch(text) else quoted(text)


def number(attributes: Attributes, embedded: Mapping[int, str]) -> str:
    """``number:number``: digits before and behind the point, grouped where the style says so."""
    least, places = _count(attributes, "min-integer-digits", 1), attributes.get(f"{NUMBER}decimal-places")
    grouped = attributes.get(f"{NUMBER}grouping") == "true"
    if places is None and least <= 1 and not grouped and not embedded:
        return GENERAL
    whole = _whole(least, grouped=grouped, embedded=embedded)
    return whole + _decimals(attributes) + "," * _thousands(attributes.get(f"{NUMBER}display-factor", "1"))


def scientific(attributes: Attributes) -> str:
    """``number:scientific-number``."""
    power = "0" * max(_count(attributes, "min-exponent-digits", 2), 1)
    return "0" * max(_count(attributes, "min-integer-digits", 1), 1) + _decimals(attributes) + "E+" + power


def _whole(least: int, *, grouped: bool, embedded: Mapping[int, str]) -> str:
    width = max([least, 1, *(place + 1 for place in embedded), *([4] if grouped else [])])
    spelt = ""
    for place in range(width):  # from the right
        if grouped and place and place % 3 == 0:
            spelt = "," + spelt
        if place and (text := embedded.get(place)):
            spelt = "".join(f"\\{sign}" for sign in text) + spelt
        spelt = ("0" if place < least else "#") + spelt
    return spelt


def _decimals(attributes: Attributes) -> str:
    places = _count(attributes, "decimal-places", 0)
    always = _count(attributes, "min-decimal-places", 0 if f"{NUMBER}decimal-replacement" in attributes else places)
    return "." + "0" * min(always, places) + "#" * (places - min(always, places)) if places else ""


def _count(attributes: Attributes, name: str, default: int) -> int:
    text = attributes.get(NUMBER + name, "")
    return min(int(text), MOST_DIGITS) if text.isascii() and text.isdigit() and len(text) < 6 else default


def _thousands(factor: str) -> int:
    """How many times a number is divided by a thousand before it is shown."""
    zeros = re.fullmatch(r"1(0{3,30})(?:\.0*)?", factor)
    return len(zeros[1]) // 3 if zeros else 0


def _long(attributes: Attributes, long: str, short: str) -> str:
    return long if attributes.get(f"{NUMBER}style") == "long" else short


def _month(attributes: Attributes) -> str:
    if attributes.get(f"{NUMBER}textual") == "true":
        return _long(attributes, "mmmm", "mmm")
    return _long(attributes, "mm", "m")


def _seconds(attributes: Attributes) -> str:
    places = _count(attributes, "decimal-places", 0)
    return _long(attributes, "ss", "s") + ("." + "0" * min(places, 3) if places else "")


PARTS: Mapping[str, Callable[[Attributes], str]] = {
    f"{NUMBER}scientific-number": scientific,
    f"{NUMBER}fraction": lambda _: "# ?/?",
    f"{NUMBER}text-content": lambda _: "@",
    f"{NUMBER}boolean": lambda _: GENERAL,
    f"{NUMBER}day": lambda given: _long(given, "dd", "d"),
    f"{NUMBER}month": _month,
    f"{NUMBER}year": lambda given: _long(given, "yyyy", "yy"),
    f"{NUMBER}era": lambda given: _long(given, "ggg", "g"),
    f"{NUMBER}day-of-week": lambda given: _long(given, "dddd", "ddd"),
    f"{NUMBER}hours": lambda given: _long(given, "hh", "h"),
    f"{NUMBER}minutes": lambda given: _long(given, "mm", "m"),
    f"{NUMBER}seconds": _seconds,
    f"{NUMBER}am-pm": lambda _: "AM/PM",
    f"{NUMBER}quarter": lambda _: '"Q"',
    f"{NUMBER}week-of-year": lambda _: '"W"',
}
"""Each part of a style that needs nothing but its attributes."""

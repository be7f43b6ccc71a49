"""Tells whether a number format merely prints the digits of a whole number, or shows a person something else.

A format is read in Excel's own language (ECMA-376 part 1, 18.8.31): ``General``, ``00000000``, ``#,##0.00``. Only the
part used for positive numbers counts. Whatever is not known to leave the digits alone is doubted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

BLANKS = frozenset(" \u00a0\u2007\u2009\u202f")
"""Fixed text that shows nothing: it may stand anywhere, and between digits it groups them (``#\\ ##0``)."""

GROUPING = frozenset(",'’")
"""Fixed text that groups digits when it stands between two of them: ``##\\,##\\,##0`` writes lakhs."""

COLOURS = re.compile(r"(?i)black|blue|cyan|green|magenta|red|white|yellow|color ?[0-9]{1,2}")
"""In brackets these only colour the number."""

LOCALES = re.compile(r"(?i)\$-(?:0?[01])?[0-9a-f]{0,6}")
"""A language code changes no digit, unless its first byte names other digits than 0 to 9: ``[$-D000000]`` is Thai."""

NEVER_POSITIVE = re.compile(r"<\s*(?:-[0-9.]+|0|1)|<=\s*(?:-[0-9.]+|0)|=\s*(?:-[0-9.]+|0)")
"""Conditions that no positive whole number meets: their section is used for other numbers only."""

_CONDITION = re.compile(r"\s*(?:<=|>=|<>|<|>|=)\s*-?[0-9.]+\s*")

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_(?P<skipped>.)|\*(?P<filled>.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General)|(?P<exponent>E[+-])|(?P<digit>[0#?])|(?P<mark>[.,%/@])|(?P<end>;)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a format does to a positive whole number: at least ``width`` digits, with zeros in front; or it hides it, or
    shows something else than its digits."""

    width: int = 0
    hidden: bool = False
    other: bool = False

    @property
    def doubt(self) -> bool:
        """Whether the number can't be taken as it is stored."""
        return self.hidden or self.other


HIDES = Shown(hidden=True)
ELSE = Shown(other=True)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


@lru_cache(maxsize=4096)
def shown_by(code: str) -> Shown:
    """What a number format shows of a positive whole number.

    Args:
        code: the format as the file spells it; "" is ``General``.
    """
    sections = _sections(code or "General")
    candidates = [section for section in _for_positive(sections) if not _never_positive(section)]
    if not candidates:
        return ELSE
    shown = {_judge(section) for section in candidates}
    return shown.pop() if len(shown) == 1 else ELSE


def _sections(code: str) -> list[list[_Token]]:
    sections: list[list[_Token]] = [[]]
    for match in _TOKEN.finditer(code):
        kind = match.lastgroup or "other"
        if kind == "end":
            sections.append([])
        else:
            sections[-1].append(_Token(kind, match[kind]))
    return sections


def _for_positive(sections: list[list[_Token]]) -> list[list[_Token]]:
    """Without conditions the first; with them, any of the first three may be the one, and all have to agree."""
    conditional = any(
        _CONDITION.fullmatch(token.text) for part in sections for token in part if token.kind == "bracket"
    )
    return sections[:3] if conditional else sections[:1]


def _never_positive(section: Sequence[_Token]) -> bool:
    return any(token.kind == "bracket" and NEVER_POSITIVE.fullmatch(token.text.strip()) for token in section)


def _judge(section: list[_Token]) -> Shown:
    tokens = [token for token in section if not _shows_nothing(token)]
    kinds = [token.kind for token in tokens]
    if not tokens:
        return HIDES
    if kinds == ["general"] or [token.text for token in tokens] == ["@"]:
        return Shown()
    if set(kinds) & {"general", "bracket", "filled", "other"} or "digit" not in kinds:
        return ELSE
    if "exponent" in kinds:  # shortened on the screen only: the file has every digit
        mantissa = tokens[: kinds.index("exponent")]
        return Shown() if _mantissa_only(mantissa, tokens[len(mantissa) + 1 :]) else ELSE
    return _digits(tokens)


def _shows_nothing(token: _Token) -> bool:
    """Colours, conditions, languages, and whatever only moves the number by some blanks."""
    match token.kind:
        case "skipped":
            return True
        case "filled" | "quoted" | "escaped" | "other":
            return set(token.text) <= BLANKS
        case "bracket":
            return any(known.fullmatch(token.text) for known in (COLOURS, LOCALES, _CONDITION))
        case _:
            return False


def _mantissa_only(mantissa: Sequence[_Token], exponent: Sequence[_Token]) -> bool:
    points = [token for token in mantissa if token.text == "."]
    plain = all(token.kind == "digit" or token.text == "." for token in mantissa)
    return plain and len(points) <= 1 and all(token.kind == "digit" for token in exponent)


def _digits(tokens: Sequence[_Token]) -> Shown:
    """Placeholders, grouping between two of them, and at most one decimal point with placeholders after it."""
    points = [place for place, token in enumerate(tokens) if token.text == "." and token.kind == "mark"]
    before = list(tokens[: points[0]] if points else tokens)
    after = list(tokens[points[0] + 1 :] if points else [])
    if any(token.kind != "digit" for token in after):  # a second point, a percent sign, scaling, fixed text
        return ELSE
    for place, token in enumerate(before):
        inside = 0 < place < len(before) - 1 and before[place - 1].kind == before[place + 1].kind == "digit"
        if token.kind != "digit" and not (inside and set(token.text) <= GROUPING):
            return ELSE
    return _padded("".join(token.text for token in before if token.kind == "digit"))


def _padded(places: str) -> Shown:
    """From the first ``0`` on, every place shows a digit: ``0###`` prints 5 as 0005."""
    width = len(places) - places.index("0") if "0" in places else 0
    return ELSE if "?" in places[len(places) - width :] else Shown(width)

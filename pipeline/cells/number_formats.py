"""Tells whether a number format merely prints the digits of a whole number, or shows a person something else.

A format is read in Excel's own language (ECMA-376 part 1, 18.8.31): ``General``, ``00000000``, ``#,##0.00``. Only the
part used for positive numbers counts. Whatever is not known to leave the digits alone is doubted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

BLANKS = frozenset(" \u00a0\u2007\u2009\u202f\u200b\u200e\u2060\ufeff")
"""Fixed text that shows nothing: it may stand anywhere, and between digits it groups them (``#\\ ##0``)."""

GROUPING = frozenset(",'’")
"""Fixed text that groups digits when it stands between two of them: ``##\\,##\\,##0`` writes lakhs."""

COLOURS = re.compile(r"(?i)black|blue|cyan|green|magenta|red|white|yellow|color ?[0-9]{1,2}")
"""In brackets these only colour the number."""

LOCALES = re.compile(r"(?i)\$\s*(?:-(?:0?[01])?[0-9a-f]{0,6})?")
"""A language code changes no digit, unless its first byte names other digits than 0 to 9: ``[$-D000000]`` is Thai."""

FRACTIONS = re.compile(r"[#0]+ [?#]+/(?:[?#]+|[1-9][0-9]*)")
"""``# ??/??`` shows a whole number as it is, with blanks behind it."""

NEVER_POSITIVE = re.compile(r"<\s*(?:-[0-9.]+|0|1)|<=\s*(?:-[0-9.]+|0)|=\s*(?:-[0-9.]+|0)")
"""Conditions that no positive whole number meets: their section is used for other numbers only."""

CONDITION = re.compile(r"\s*(?:<=|>=|<>|<|>|=)\s*-?[0-9.]+\s*")

PIECES = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|_(?P<skipped>.)|\*(?P<filled>.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General)|(?P<exponent>E[+-])|(?P<digit>[0#?])|(?P<mark>[.,%/@])|(?P<end>;)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class FormatEffect:
    """What a format does to a positive whole number: at least ``width`` digits, with zeros in front; or it hides it, or
    shows something else than its digits."""

    width: int = 0
    hidden: bool = False
    other: bool = False

    @property
    def doubt(self) -> bool:
        """Whether the number can't be taken as it is stored."""
        return self.hidden or self.other


GENERAL = "General"
HIDES = FormatEffect(hidden=True)
ELSE = FormatEffect(other=True)


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a format: its kind is the name of its group in the pattern."""

    kind: str
    text: str


@lru_cache(maxsize=4096)
def shown_by(code: str) -> FormatEffect:
    """What a number format shows of a positive whole number.

    Args:
        code: the format as the file spells it; "" is ``General``.
    """
    candidates = [part for part in _for_positive(for_numbers(sections(code or GENERAL))) if not _never_positive(part)]
    shown = [_judge(section) for section in candidates]
    if len(shown) == 1:
        return shown[0]
    alike = {replace(one, width=max(one.width, 1)) for one in shown}  # a positive number has a digit anyhow
    return alike.pop() if len(alike) == 1 else ELSE


def sections(code: str) -> list[list[Token]]:
    """A format taken apart: for positive numbers, for negative ones, for zero, for texts; or as conditions say."""
    found: list[list[Token]] = [[]]
    for match in PIECES.finditer(code):
        kind = match.lastgroup or "other"
        if kind == "end":
            found.append([])
        else:
            found[-1].append(Token(kind, match[kind]))
    return found


def for_numbers(parts: list[list[Token]]) -> list[list[Token]]:
    """The sections that numbers may have; a last one with ``@`` is for texts, and alone it leaves numbers General."""
    if len(parts) > 3:
        return parts[:3]
    texts = any(token.text == "@" and token.kind == "mark" for token in parts[-1])
    return (parts[:-1] or sections(GENERAL)) if texts else parts


def condition(section: Sequence[Token]) -> str:
    """The condition of a section, ``>=100000``; "" where it has none."""
    brackets = (token.text for token in section if token.kind == "bracket")
    return next((text.replace(" ", "") for text in brackets if CONDITION.fullmatch(text)), "")


@lru_cache(maxsize=4096)
def places_shown(code: str) -> int:
    """How many digits a format shows behind the point; for those that ``shown_by`` does not doubt.

    A negative number of them says that it shows as many as there are (``General``).
    """
    section = for_numbers(sections(code or GENERAL))[0]
    if not any(token.kind == "digit" for token in section):
        return -1
    point = next((place for place, token in enumerate(section) if token == Token("mark", ".")), len(section))
    return sum(token.kind == "digit" for token in section[point:])


def _for_positive(parts: list[list[Token]]) -> list[list[Token]]:
    """Without conditions the first; with them, any may be the one, and all have to agree. A number for which none
    holds is General for some programs."""
    if not any(condition(part) for part in parts):
        return parts[:1]
    return [*parts, *sections(GENERAL)] if condition(parts[-1]) else parts


def _never_positive(section: Sequence[Token]) -> bool:
    return any(token.kind == "bracket" and NEVER_POSITIVE.fullmatch(token.text.strip()) for token in section)


def _judge(section: list[Token]) -> FormatEffect:
    tokens = [token for token in section if not shows_nothing(token)]
    kinds = [token.kind for token in tokens]
    if not tokens:
        return HIDES
    if kinds == ["general"] or FRACTIONS.fullmatch("".join(token.text for token in section)):
        return FormatEffect()
    if set(kinds) & {"general", "bracket", "filled", "other"} or "digit" not in kinds:
        return ELSE
    if "exponent" in kinds:  # shortened on the screen only: the file has every digit
        mantissa = tokens[: kinds.index("exponent")]
        return FormatEffect() if _mantissa_only(mantissa, tokens[len(mantissa) + 1 :]) else ELSE
    return _digits(tokens)


def shows_nothing(token: Token) -> bool:
    """Whether a piece changes nothing that is seen: a colour, a condition, a language, or only some blanks."""
    match token.kind:
        case "skipped":
            return True
        case "filled" | "quoted" | "escaped" | "other":
            return set(token.text) <= BLANKS
        case "bracket":
            return any(known.fullmatch(token.text) for known in (COLOURS, LOCALES, CONDITION))
        case _:
            return False


def _mantissa_only(mantissa: Sequence[Token], exponent: Sequence[Token]) -> bool:
    points = [token for token in mantissa if token.text == "."]
    plain = all(token.kind == "digit" or token.text == "." for token in mantissa)
    return plain and len(points) <= 1 and all(token.kind == "digit" for token in exponent)


def _digits(tokens: Sequence[Token]) -> FormatEffect:
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


def _padded(places: str) -> FormatEffect:
    """From the first ``0`` on, every place shows a digit: ``0###`` prints 5 as 0005."""
    return FormatEffect(len(places) - places.index("0") if "0" in places else 0)

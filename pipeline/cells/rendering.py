"""Shows a number or a text as its number format does (ECMA-376 part 1, 18.8.31), or says that it can't tell.

Where programs differ, and where the width of the column decides, nothing is said: that cell is a problem.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from pipeline.cells.number_formats import BLANKS, COLOURS, CONDITION, LOCALES, Token, condition, for_numbers, sections

COMPARED: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}

_COMPARISON = re.compile(r"(<=|>=|<>|<|>|=)(-?[0-9.]+)")

MOST_PLACES = 30
"""Digits before or behind the point that are shown; a number has 15."""

AS_IT_IS = ("", "")


@lru_cache(maxsize=4096)
def around_text(code: str) -> tuple[str, str] | None:
    """What a format shows before and behind a text; None where it does not show the text, or that can't be told.

    Args:
        code: the format as the file spells it; "" is ``General``.
    """
    parts = sections(code)
    section = parts[3] if len(parts) > 3 else parts[-1]
    if len(parts) < 4 and not any(token == Token("mark", "@") for token in section):
        return AS_IT_IS
    pieces = [_literal(token, text=True) for token in section if token != Token("mark", "@")]
    if any(piece is None for piece in pieces) or section.count(Token("mark", "@")) != 1:
        return None
    at = section.index(Token("mark", "@"))
    before, behind = ("".join(piece or "" for piece in part) for part in (pieces[:at], pieces[at:]))
    return before, behind


@lru_cache(maxsize=4096)
def instead_of_text(code: str) -> str | None:
    """What a format shows in place of every text: ``0;0;0;"Delivered"``; "" where it hides them, None else."""
    parts = sections(code)
    if len(parts) < 4 or Token("mark", "@") in parts[3]:
        return None
    pieces = [_literal(token, text=True) for token in parts[3]]
    return None if None in pieces else "".join(piece or "" for piece in pieces)


@lru_cache(maxsize=1 << 14)
def shown_number(code: str, number: str) -> str | None:
    """A number as its format shows it, "" where it hides it; None where that can't be told.

    Args:
        code: the format as the file spells it; "" is ``General``.
        number: a decimal number without an exponent, as a person writes it.
    """
    value = Decimal(number)
    section = _section(for_numbers(sections(code or "General")), value)
    if section is None:
        return None
    tokens = [token for token in section.tokens if not _passed_over(token)]
    if [token.kind for token in tokens if token.kind not in ("quoted", "escaped", "other")] == ["general"]:
        pieces = [number.lstrip("-") if token.kind == "general" else _literal(token) for token in tokens]
    else:
        pieces = _with_digits(tokens, abs(value))
    if not tokens or None in pieces:
        return None if tokens else ""
    shown = "".join(piece or "" for piece in pieces)
    if section.minus and not re.search("[0-9]", shown):
        return None  # -1 under "-": programs differ in whether a sign stands in front (docs/as-shown.md)
    return f"-{shown}" if section.minus and re.search("[1-9]", shown) else shown


@dataclass(frozen=True, slots=True)
class _Section:
    tokens: Sequence[Token]
    minus: bool  # whether a sign is put in front


def _section(parts: list[list[Token]], value: Decimal) -> _Section | None:
    """The section that a number has; None where programs differ."""
    conditions = [condition(part) for part in parts]
    if not any(conditions):
        if len(parts) == 1:
            return _Section(parts[0], value < 0)
        return _Section(parts[1 if value < 0 else 2 if value == 0 and len(parts) > 2 else 0], False)
    if value < 0 or len(parts) - len(list(filter(None, conditions))) > 1 or not conditions[0]:
        return None
    for part, said in zip(parts, conditions, strict=True):
        if not said or _holds(said, value):
            return _Section(part, False)
    return None


def _holds(said: str, value: Decimal) -> bool:
    match = _COMPARISON.fullmatch(said)
    try:
        return match is not None and COMPARED[match[1]](value, Decimal(match[2]))
    except ArithmeticError:  # [>1.2.3]
        return False


def _passed_over(token: Token) -> bool:
    known = (COLOURS, LOCALES, CONDITION)
    return token.kind == "bracket" and any(pattern.fullmatch(token.text) for pattern in known)


def _literal(token: Token, *, text: bool = False) -> str | None:
    """What a piece shows by itself; None for what depends on the number, the column's width, or is not known."""
    currency = token.text.startswith("$") and token.kind == "bracket"  # [$₹-4009]
    match token.kind:
        case "quoted" | "escaped":
            shown: str | None = token.text
        case "skipped":
            shown = " "
        case "filled":
            shown = "" if set(token.text) <= BLANKS else None
        case "bracket":
            shown = "" if _passed_over(token) else token.text[1:].partition("-")[0] if currency else None
        case "other":
            shown = token.text if text or not token.text.isalpha() else None
        case _:
            shown = None
    return shown


def _with_digits(tokens: Sequence[Token], value: Decimal) -> list[str | None]:
    """Literals, and placeholders filled from the right (behind the point from the left); None for what is neither."""
    points = [place for place, token in enumerate(tokens) if token == Token("mark", ".")]
    marks = {place for place, token in enumerate(tokens) if token.kind == "mark"}
    digits = [place for place, token in enumerate(tokens) if token.kind == "digit"]
    if len(points) > 1 or any(token.text in "/@" or token.kind == "exponent" for token in tokens if _is_mark(token)):
        return [None]
    if not digits:
        return [None if place in marks else _literal(token) for place, token in enumerate(tokens)]
    point = points[0] if points else len(tokens)
    whole = [place for place in digits if place < point]
    rest = [place for place in digits if place > point]
    commas = {place for place in marks if tokens[place].text == ","}
    scaled = {place for place in commas if not whole or whole[-1] < place < point or (rest and place > rest[-1])}
    percent = sum(token.text == "%" for token in tokens if token.kind == "mark")
    value = (value * 100**percent / 1000 ** len(scaled)).quantize(Decimal(1).scaleb(-len(rest)), ROUND_HALF_UP)
    spelt, _, behind = f"{value:f}".partition(".")
    filled = _filled_whole([tokens[place].text for place in whole], spelt.lstrip("0"), grouped=bool(commas - scaled))
    filled += _filled_rest([tokens[place].text for place in rest], behind)
    at = dict(zip([*whole, *rest], filled, strict=True))
    if not whole and spelt.strip("0"):
        at[point] = spelt
    return [_piece(token, place, at, commas) for place, token in enumerate(tokens)]


def _is_mark(token: Token) -> bool:
    return token.kind in ("mark", "exponent")


def _piece(token: Token, place: int, at: Mapping[int, str], commas: set[int]) -> str | None:
    if token.kind == "mark":
        return at.get(place, "") + ("" if place in commas else token.text)
    return at[place] if place in at else _literal(token)


def _filled_whole(places: Sequence[str], digits: str, *, grouped: bool) -> list[str]:
    """The digits of each placeholder before the point; the first one has all that are left."""
    filled: list[str] = []
    for number, place in enumerate(reversed(places)):
        last = number == len(places) - 1
        text = digits[: len(digits) - number] if last else digits[len(digits) - number - 1 : len(digits) - number]
        text = text if number < len(digits) else {"0": "0", "?": " "}.get(place, "")
        filled.append(_grouped(text, number) if grouped else text)
    return filled[::-1]


def _grouped(text: str, behind: int) -> str:
    """Digits with a comma before every third one, ``behind`` of them being to the right of these."""
    if not text.strip():
        return text
    signs = []
    for turn, sign in enumerate(reversed(text)):
        if (behind + turn) % 3 == 0 and behind + turn:
            signs.append(",")
        signs.append(sign)
    return "".join(reversed(signs))


def _filled_rest(places: Sequence[str], digits: str) -> list[str]:
    last = len(digits.rstrip("0"))
    return [
        digit if number < last or place == "0" else {"?": " "}.get(place, "")
        for number, (place, digit) in enumerate(zip(places, digits, strict=True))
    ]

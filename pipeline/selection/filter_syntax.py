"""Reads what a person writes behind ``--where`` into a tree of tests, or says at which character it can't be read.

Text stands in single or double quotes, a name with blanks or signs in `backticks` or [brackets], a day as 2026-01-31.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NoReturn

from pipeline.errors import UsageError
from pipeline.selection.filter_compare import OPERATORS, PIECES, UNEQUAL

OPTION = "--where"
EXAMPLE = "For example: --where \"amount > 500 and courier = 'Delhivery'\"."

SPELLINGS = {"==": "=", "<>": UNEQUAL}
"""Other languages' spellings of the operators."""

DEEPEST = 50
"""Parentheses within parentheses; more are a mistake, or an attack on the stack."""

_TOKEN = re.compile(
    r"\s*(?:(?P<operator><=|>=|<>|!=|==|=|<|>)|(?P<sign>[(),])|`(?P<ticked>[^`]*)`|\[(?P<bracketed>[^\]]*)\]"
    r"|'(?P<single>(?:[^']|'')*)'|\"(?P<double>(?:[^\"]|\"\")*)\"|(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9]))"
    r"|(?P<number>-?[0-9]+(?:\.[0-9]+)?(?![\w.]))|(?P<word>[^\W\d]\w*)|(?P<end>$))"
)

LONGEST_SHOWN = 80
"""Characters of an expression that a message repeats."""


@dataclass(frozen=True, slots=True)
class Name:
    """A column, as the person called it."""

    text: str


@dataclass(frozen=True, slots=True)
class LiteralValue:
    """A text, a number or a day."""

    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """``left operator right``; at least one side is a column."""

    operator: str
    left: Name | LiteralValue
    right: Name | LiteralValue


@dataclass(frozen=True, slots=True)
class Within:
    """``left in (…)``."""

    left: Name
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextTest:
    """``left contains 'piece'``, and the other tests of a piece."""

    test: str
    left: Name
    piece: str


@dataclass(frozen=True, slots=True)
class Not:
    """The negation of a test; not known stays not known."""

    of: Test


@dataclass(frozen=True, slots=True)
class Joined:
    """Tests joined by ``and`` or by ``or``."""

    word: str
    tests: tuple[Test, ...]


Test = Comparison | Within | TextTest | Not | Joined


def parse(expression: str) -> Test:
    """Reads an expression.

    Raises:
        UsageError: it can't be read; the message says at which character, and why.
    """
    return _Parser(expression).parsed()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int  # the character it begins with, from 0


class _Parser:
    """Reads an expression from left to right, the loosest binding first: or, and, not, one test."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(self._tokens())
        self.place = 0
        self.depth = 0

    def _tokens(self) -> Iterator[_Token]:
        at = 0
        while True:
            match = _TOKEN.match(self.text, at)
            if match is None:
                start = at + len(self.text[at:]) - len(self.text[at:].lstrip())
                self._fail(start, "a sign that means nothing here, or a quote or bracket that is left open")
            kind = match.lastgroup or "end"
            text = match[kind].replace("''", "'") if kind == "single" else match[kind]
            yield _Token(
                kind, text.replace('""', '"') if kind == "double" else text, match.end() - len(match[0].lstrip())
            )
            if kind == "end":
                return
            at = match.end()

    def _fail(self, at: int, why: str) -> NoReturn:
        seen = self.text[at : at + 20]
        place = f"at character {at + 1}, {seen!r}" if seen.strip() else "at its end"
        text = self.text if len(self.text) <= LONGEST_SHOWN else f"{self.text[:LONGEST_SHOWN]}…"
        raise UsageError(f"{OPTION} {text!r} can't be read {place}: {why}", EXAMPLE)

    @property
    def next(self) -> _Token:
        """The token that is to be read."""
        return self.tokens[self.place]

    def _takes(self, *words: str) -> str:
        """The next token if it is one of these signs or words, which is then read; else ""."""
        token = self.next
        found = token.text.lower() if token.kind in ("word", "sign", "operator") else ""
        if found not in words:
            return ""
        self.place += 1
        return found

    def parsed(self) -> Test:
        """The whole expression."""
        if not self.text.strip():
            raise UsageError(f"{OPTION} is empty", EXAMPLE)
        test = self._joined("or", lambda: self._joined("and", self._negated))
        if self.next.kind != "end":
            self._fail(self.next.at, "the expression could have ended here; join tests with and, or")
        return test

    def _joined(self, word: str, part: Callable[[], Test]) -> Test:
        tests = [part()]
        while self._takes(word):
            tests.append(part())
        return tests[0] if len(tests) == 1 else Joined(word, tuple(tests))

    def _negated(self) -> Test:
        negative = False
        while self._takes("not"):
            negative = not negative
        test = self._grouped() if self._takes("(") else self._test()
        return Not(test) if negative else test

    def _grouped(self) -> Test:
        self.depth += 1
        if self.depth > DEEPEST:
            self._fail(self.next.at, f"more than {DEEPEST} parentheses within each other")
        test = self._joined("or", lambda: self._joined("and", self._negated))
        if not self._takes(")"):
            self._fail(self.next.at, "a closing parenthesis is missing")
        self.depth -= 1
        return test

    def _test(self) -> Test:
        at = self.next.at
        left = self._operand()
        negative = bool(self._takes("not"))
        word = self._takes("in", *PIECES) or ("" if negative else self._takes(*OPERATORS, *SPELLINGS))
        if not word:
            self._fail(self.next.at, "a comparison (= != < > in contains …) has to stand here")
        if word in OPERATORS or word in SPELLINGS:
            return self._comparison(SPELLINGS.get(word, word), left, at)
        if not isinstance(left, Name):
            self._fail(at, "a column has to stand here; a name with blanks in it is written [so]")
        test = Within(left, self._options()) if word == "in" else TextTest(word, left, self._value().text)
        return Not(test) if negative else test

    def _comparison(self, operator: str, left: Name | LiteralValue, at: int) -> Test:
        right = self._operand()
        sides = (left, right)
        if not any(isinstance(side, Name) for side in sides):
            self._fail(at, "no column is compared here; a name with blanks in it is written [so]")
        if operator != UNEQUAL and LiteralValue("") in sides:
            self._fail(at, "a blank is never true, so this would pick nothing; != '' picks what is filled")
        return Comparison(operator, left, right)

    def _operand(self) -> Name | LiteralValue:
        token = self.next
        if token.kind in ("word", "ticked", "bracketed") and token.text.strip():
            self.place += 1
            return Name(token.text.strip())
        return self._value()

    def _value(self) -> LiteralValue:
        token = self.next
        if token.kind not in ("single", "double", "number", "day"):
            self._fail(token.at, "a column or a value has to stand here; a text is written in quotes")
        self.place += 1
        return LiteralValue(token.text.strip())

    def _options(self) -> tuple[str, ...]:
        if not self._takes("("):
            self._fail(self.next.at, "the values stand in parentheses: in ('A', 'B')")
        options = [self._value().text]
        while self._takes(","):
            options.append(self._value().text)
        if not self._takes(")"):
            self._fail(self.next.at, "a comma or a closing parenthesis has to stand here")
        return tuple(options)

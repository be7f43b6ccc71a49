"""Says for which rows the expression of ``--where`` is true. It only compares values; no code is run.

    amount > 500 and courier in ('Delhivery', 'Blue Dart') and not (`Customer City` contains 'pune')

Names are canonical ones or headers. Words are compared in any letter case, numbers as numbers; a blank is never true.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import UsageError
from pipeline.selection.filter_compare import (
    EQUAL,
    UNEQUAL,
    Side,
    compare,
    filled,
    has_piece,
    is_number,
    literal,
    side_of,
    unsure,
    within,
)
from pipeline.selection.filter_syntax import (
    OPTION,
    Comparison,
    Joined,
    LiteralValue,
    Name,
    Not,
    Test,
    TextTest,
    Within,
    parse,
)
from schemas.columns import fold, near

NOT_TRUE = "--where is not true for it"
CANT_TELL = "--where can't be told for it: "
"""Why a row is not picked; behind the latter, the cell that can't be read."""

LONGEST_SHOWN = 60
"""Characters of a cell that the reason shows."""


@dataclass(frozen=True, slots=True)
class Where:
    """A readable expression. ``columns``: a name in the expression -> the frames' column.

    ``needs``: the columns that a frame must have.
    """

    text: str
    columns: Mapping[str, str]
    _test: Test = field(repr=False)

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns of the frames that are looked at."""
        return tuple(dict.fromkeys(self.columns.values()))

    def test(self, frame: pd.DataFrame) -> pd.Series[bool]:
        """For which rows of a frame it is true; a blank never makes it so."""
        return self.verdicts(frame) == ""

    def verdicts(self, frame: pd.DataFrame) -> pd.Series[str]:
        """Of each row "" where it is true, else why not: that it is not, or which cell should be a number and is none.

        The latter only where that cell decides: what another comparison rules out already is simply not true.
        """
        sides = {name: side_of(frame[column]) for name, column in self.columns.items()}
        answer = _evaluate(self._test, sides, len(frame))
        true = np.asarray(pc.fill_null(answer, False), dtype=bool)
        why = pd.Series(np.where(true, "", NOT_TRUE), index=frame.index, dtype="str")
        unknown = np.asarray(pc.is_null(answer), dtype=bool)
        if not unknown.any():
            return why
        numbers = dict(_compared_with_numbers(self._test))
        for name, side in sides.items():
            cells = frame[self.columns[name]].str.strip().str.slice(0, LONGEST_SHOWN)
            if name in numbers:
                unread = pc.and_(pc.is_valid(side.texts), pc.is_null(side.numbers)) if numbers[name] else unsure(side)
                of_these = unknown & np.asarray(unread, dtype=bool)
                why = why.mask(of_these, CANT_TELL + name + " holds '" + cells + "', which is no number for certain")
            broken = unknown & np.asarray(side.broken, dtype=bool)
            why = why.mask(broken, CANT_TELL + name + " holds '" + cells + "', which is an error and no value")
        return why


def names_in(expression: str) -> tuple[str, ...]:
    """The columns that an expression names, as they are written there.

    Raises:
        UsageError: the expression can't be read; the message says at which character.
    """
    return tuple(dict.fromkeys(_names(parse(expression))))


def compile_where(expression: str, names: Mapping[str, str]) -> Where:
    """Makes an expression ready for frames.

    Args:
        expression: what the person wrote.
        names: what a column may be called -> the column of the frames.
    Raises:
        UsageError: it can't be read, or there is no such column; the message lists similar names.
    """
    test = parse(expression)
    return Where(expression, {name: _resolved(name, names) for name in dict.fromkeys(_names(test))}, test)


def _resolved(name: str, names: Mapping[str, str]) -> str:
    if name in names:
        return names[name]
    alike = {column for known, column in names.items() if fold(known) == fold(name)}
    if len(alike) == 1:
        return alike.pop()
    meant = near(name, names)
    hint = f"Did you mean {' or '.join(meant)}?" if meant else f"Columns: {', '.join(names)}."
    quotes = f"A text is written in quotes: '{name}'."
    raise UsageError(f"{OPTION} speaks of a column {name!r}, and there is none", f"{hint} {quotes}")


def _names(test: Test) -> Iterator[str]:
    match test:
        case Comparison(left=left, right=right):
            yield from (side.text for side in (left, right) if isinstance(side, Name))
        case Within(left=left) | TextTest(left=left):
            yield left.text
        case Not(of=inner):
            yield from _names(inner)
        case Joined(tests=tests):
            for each in tests:
                yield from _names(each)


def _compared_with_numbers(test: Test) -> Iterator[tuple[str, bool]]:
    """The columns that are compared with a number, and whether by their size; those that are last."""
    found = list(_number_comparisons(test))
    yield from sorted(found, key=lambda one: one[1])


def _number_comparisons(test: Test) -> Iterator[tuple[str, bool]]:
    match test:
        case Comparison(operator=operator, left=left, right=right):
            numbers = [side for side in (left, right) if isinstance(side, LiteralValue) and is_number(side.text)]
            by_size = operator not in (EQUAL, UNEQUAL)
            yield from ((side.text, by_size) for side in (left, right) if isinstance(side, Name) and numbers)
        case Within(left=left, options=options) if any(map(is_number, options)):
            yield left.text, False
        case Not(of=inner):
            yield from _number_comparisons(inner)
        case Joined(tests=tests):
            for each in tests:
                yield from _number_comparisons(each)
        case _:
            return


def _evaluate(test: Test, sides: Mapping[str, Side], count: int) -> pa.Array:
    match test:
        case Comparison(operator=operator, left=left, right=right):
            if LiteralValue("") in (left, right):  # != '' is all that the parser lets through
                return filled(sides[next(side.text for side in (left, right) if isinstance(side, Name))])
            said = next((side.text for side in (left, right) if isinstance(side, LiteralValue)), "")
            one, other = (
                sides[side.text] if isinstance(side, Name) else literal(side.text, count) for side in (left, right)
            )
            return compare(operator, one, other, said)
        case Within(left=left, options=options):
            return within(sides[left.text], options)
        case TextTest(test=which, left=left, piece=piece):
            return has_piece(which, sides[left.text], piece)
        case Not(of=inner):
            return pc.invert(_evaluate(inner, sides, count))
        case Joined(word=word, tests=tests):
            join = pc.and_kleene if word == "and" else pc.or_kleene
            result, *others = (_evaluate(each, sides, count) for each in tests)
            for each in others:
                result = join(result, each)
            return result

"""Compares the cells of a column for ``--where``: as numbers where both sides are numbers, else as text in any case.

A blank is never true, nor is its opposite: as in databases there is a third answer, "not known" (null), for it, for
what can't be put in an order (a word and a number, a day and something that is no day), and for what shows no value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.model.amounts import numbers

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?P<time>[ T][0-9]{2}:[0-9]{2}.*)?")
"""A day without a time stands for the whole day."""

ERRORS = (
    "#n/a", "#ref!", "#value!", "#div/0!", "#name?", "#num!", "#null!", "#spill!", "#calc!", "#getting_data", "#error!",
)  # fmt: skip
"""What a cell shows whose formula came to nothing, in small letters (support.microsoft.com, "How to correct a #VALUE!
error" and its neighbours; Google Sheets has ``#ERROR!``)."""

SHORTENED = r"^[-+]?[0-9]+(?:[.,][0-9]+)?e[-+]?[0-9]+$|^-?[1-9][0-9]{0,2}[.,][0-9]{3}$"
"""A number that lost digits (``1.30E+03``), or could be two (``1.299``)."""

EQUAL, UNEQUAL = "=", "!="

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    EQUAL: pc.equal,
    UNEQUAL: pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}

PIECES: dict[str, Callable[[pa.Array, str], pa.Array]] = {
    "contains": pc.match_substring,
    "startswith": pc.starts_with,
    "endswith": pc.ends_with,
    "like": pc.match_like,
}
"""Tests of a piece of the text; ``like`` has ``%`` for any characters and ``_`` for one."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: texts in small letters (null where blank), and the numbers among them.

    ``broken``: an error stands there, and no value.
    """

    texts: pa.Array
    numbers: pa.Array
    broken: pa.Array


def side_of(cells: pd.Series[str], *, literal: bool = False) -> Side:
    """A column as it is compared; or, as a column of one cell, what a person wrote (``literal``)."""
    texts = pc.utf8_lower(pc.utf8_trim_whitespace(pa.array(cells, type=pa.large_string())))
    texts = pc.if_else(pc.equal(texts, ""), None, texts)
    return Side(texts, numbers(texts, point=literal), pc.is_in(texts, pa.array(ERRORS, pa.large_string())))


def literal(text: str, count: int) -> Side:
    """What a person wrote in the expression, as often as there are rows."""
    one = side_of(pd.Series([text], dtype="str"), literal=True)
    every = pa.array(np.zeros(count, dtype=np.int64))
    return Side(one.texts.take(every), one.numbers.take(every), one.broken.take(every))


def is_number(text: str) -> bool:
    """Whether what a person wrote is compared as a number."""
    return bool(side_of(pd.Series([text], dtype="str"), literal=True).numbers.null_count == 0)


def is_error(text: str) -> bool:
    """Whether what a person wrote is what a broken cell shows: it is then compared as any text."""
    return text.strip().lower() in ERRORS


def compare(operator: str, left: Side, right: Side, said: str = "") -> pa.Array:
    """Whether the comparison holds, cell by cell; null: not known.

    Args:
        operator: one of ``OPERATORS``.
        left: one side.
        right: the other.
        said: what a person wrote for one of them; it may be a day, or an error.
    """
    answer = _compared(operator, left, right, said)
    return answer if is_error(said) else pc.if_else(pc.or_(left.broken, right.broken), None, answer)


def _compared(operator: str, left: Side, right: Side, said: str) -> pa.Array:
    by = OPERATORS[operator]
    ordering = operator not in (EQUAL, UNEQUAL)
    if day := DAY.fullmatch(said.strip()):
        whole = day["time"] is None
        return by(*(_days(side.texts, whole=whole, ordering=ordering) for side in (left, right)))
    number, other = (pc.is_valid(side.numbers) for side in (left, right))
    as_text = by(left.texts, right.texts)
    if ordering:  # a word is neither more nor less than a number
        as_text = pc.if_else(pc.or_(number, other), None, as_text)
    else:
        doubtful = pc.or_(pc.and_(number, unsure(right)), pc.and_(other, unsure(left)))
        alike = pc.equal(left.texts, right.texts)  # what was typed is what the cell shows
        as_text = pc.if_else(pc.and_(doubtful, pc.invert(alike)), None, as_text)
    as_text = pc.cast(as_text, pa.bool_())
    return pc.if_else(pc.and_(number, other), by(left.numbers, right.numbers), as_text)


def unsure(side: Side) -> pa.Array:
    """Where a number stands of which it is not known which one it is."""
    spelt = pc.fill_null(pc.match_substring_regex(side.texts, SHORTENED), False)
    return pc.and_(spelt, pc.is_null(side.numbers))


def _days(texts: pa.Array, *, whole: bool, ordering: bool) -> pa.Array:
    """Texts that begin with a day, cut to the ``whole`` day; null for all others."""
    is_day = pc.match_substring_regex(texts, r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ t]|$)")
    days = pc.utf8_slice_codeunits(texts, 0, 10) if whole else pc.replace_substring(texts, "t", " ", max_replacements=1)
    return pc.if_else(is_day, days, None if ordering else texts)


def within(left: Side, options: tuple[str, ...]) -> pa.Array:
    """Whether the cells are one of these."""
    count = len(left.texts)
    found = pc.if_else(pc.is_valid(left.texts), False, None)
    for option in options:
        found = pc.or_kleene(found, compare(EQUAL, left, literal(option, count), option))
    return found


def filled(side: Side) -> pa.Array:
    """Whether the cells hold anything: true, or not known."""
    return pc.if_else(pc.and_(pc.is_valid(side.texts), pc.invert(side.broken)), True, None)


def has_piece(test: str, left: Side, piece: str) -> pa.Array:
    """Whether the cells contain a piece of text, begin or end with it, or are like it."""
    found = PIECES[test](left.texts, piece.strip().lower())
    return found if is_error(piece) else pc.if_else(left.broken, None, found)

"""Finds where each row of a piece of text ends; used for reading and for writing, so that both see the same rows.

A line break inside quotes belongs to the row. A quote opens a field only at its beginning; elsewhere it is a letter
(RFC 4180, and what spreadsheets and Python's csv module do). Where every quote stands beside a delimiter, a line end
or another quote, counting them is exact: after an odd number one is inside. Elsewhere the odd quotes are sorted out
one by one, and counting goes on with the others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from pipeline.sheets.delimited.dialect import Dialect

Offsets = npt.NDArray[np.int64]

NONE: tuple[Offsets, Offsets] = (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Division:
    """Where the rows of a piece of text end; the rest after the last one is no whole row.

    ``quotes``: those that open or close, not those that are letters. ``inner``: ends of line breaks inside quotes.
    ``broken``: the begins and the ends of the quoted texts that more text follows, as in ``"abc"def``.
    """

    ends: Offsets
    quotes: Offsets
    inner: Offsets
    broken: tuple[Offsets, Offsets]


def divide(data: bytes, dialect: Dialect, *, final: bool) -> Division:
    """Finds the rows of a text that begins with the beginning of a row.

    Args:
        final: nothing follows, so what stands after the last line end is a row as well.
    """
    plain = dialect.plain(data)
    quotes, broken = _quotes(plain, dialect)
    breaks = _line_breaks(plain, final=final)
    if not quotes.size:
        ends, inner = breaks, breaks[:0]
    else:
        inside = np.searchsorted(quotes, breaks) % 2 == 1
        ends, inner = breaks[~inside], breaks[inside]
    if final and data and (not ends.size or ends[-1] < len(data)):
        ends = np.append(ends, len(data))
    return Division(ends, quotes, inner, broken)


def delimiters(data: bytes, quotes: Offsets, dialect: Dialect) -> Offsets:
    """Where the delimiters stand that divide fields."""
    found = _positions(dialect.plain(data), dialect.delimiter)
    return found[np.searchsorted(quotes, found) % 2 == 0] if quotes.size else found


def field_counts(ends: Offsets, dividers: Offsets) -> Offsets:
    """How many fields each row has."""
    return np.diff(np.searchsorted(dividers, ends), prepend=0) + 1


def _positions(data: bytes, byte: bytes) -> Offsets:
    if byte not in data:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == byte[0])


def _line_breaks(data: bytes, *, final: bool) -> Offsets:
    """Offsets just after each CR LF, LF or CR; a CR at the very end waits, as its LF may follow."""
    feeds = _positions(data, b"\n") + 1
    letters = np.frombuffer(data, dtype=np.uint8)
    if np.count_nonzero(letters == 13) == np.count_nonzero(letters[np.maximum(feeds - 2, 0)] == 13):
        return feeds  # every CR stands before an LF
    returns = _positions(data, b"\r") + 1
    letters = np.frombuffer(data + (b"\0" if final else b"\n"), dtype=np.uint8)
    return np.sort(np.concatenate([feeds, returns[letters[returns] != 10]]))


def _quotes(data: bytes, dialect: Dialect) -> tuple[Offsets, tuple[Offsets, Offsets]]:
    """The quotes that open or close, and the quoted texts that are followed by more text."""
    found = _positions(data, dialect.quote)
    if not found.size:
        return found, NONE
    letters, fence = np.frombuffer(data, dtype=np.uint8), dialect.fence
    opening, closing = found[0::2], found[1::2]
    before = fence[letters[np.maximum(opening - 1, 0)]] | (opening == 0)
    after = fence[letters[np.minimum(closing + 1, len(data) - 1)]] | (closing == len(data) - 1)
    if before.all() and after.all():
        return found, NONE
    return _sorted_out(data, found, dialect)


def _sorted_out(data: bytes, found: Offsets, dialect: Dialect) -> tuple[Offsets, tuple[Offsets, Offsets]]:
    """The slow, exact way: each quoted text from its opening to its closing quote; quotes beside them are letters."""
    fence = set(dialect.delimiter + b"\r\n")
    literal: list[int] = []
    begins: list[int] = []
    ends: list[int] = []
    for match in _quoted_text(dialect.delimiter, dialect.quote).finditer(data):
        begin, end = match.span()
        if match[1] is None:
            literal.append(begin)
        elif match[1] and end < len(data) and data[end] not in fence:
            begins.append(begin)
            ends.append(end)
    broken = np.array(begins, dtype=np.int64), np.array(ends, dtype=np.int64)
    return found[~np.isin(found, literal, assume_unique=True)], broken


@cache
def _quoted_text(delimiter: bytes, quote: bytes) -> re.Pattern[bytes]:
    """A quoted text (its group is empty where the data end before it is closed), or else a quote that is a letter."""
    end, mark = re.escape(delimiter), re.escape(quote)
    opened = rb"(?:(?<=[" + end + rb"\r\n])|\A)" + mark
    body = rb"[^" + mark + rb"]*+(?:" + mark + mark + rb"[^" + mark + rb"]*+)*+"
    return re.compile(opened + body + rb"(" + mark + rb"?)|" + mark)


def open_quote(quotes: Offsets) -> int | None:
    """Where the quoted text opens that is still open at the end; a doubled quote does not open it anew."""
    if len(quotes) % 2 == 0:
        return None
    at = len(quotes) - 1
    while at and quotes[at] == quotes[at - 1] + 1:
        at -= 2
    return int(quotes[at])

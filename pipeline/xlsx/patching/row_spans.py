"""Finds where each row of a block of worksheet XML begins and ends, all of them at once."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from pipeline.xlsx.markup.byte_search import (
    Bytes,
    Flags,
    Ints,
    Words,
    behind,
    places_of,
    spelt_at,
    usual_numbers,
    words_of,
)
from pipeline.xlsx.markup.row_blocks import odd_markup
from pipeline.xlsx.markup.tag_scanner import slices

TAGS = (64, 256)
"""Bytes behind a row's number in which its tag ends: few at first, for most are short."""

ROOM = bytes(512)
"""Stands at both ends of a block, so that what is near them is looked at like the rest."""

BLANKS = b" \t\r\n"
ATTRIBUTES = rb'(?:\s+(?!r=)[A-Za-z_][\w:.-]*="[^"<>]*")*'
END, SLASH = ord(">"), ord("/")


class Spelling:
    """How the tags of a sheet are spelt, by the prefix of its elements (with the colon)."""

    def __init__(self, prefix: str) -> None:
        p = prefix.encode()
        self.row_name, self.row, self.row_end = b"<%brow" % p, b'<%brow r="' % p, b"</%brow>" % p
        self.late_number = re.compile(b"<%brow" % re.escape(p) + ATTRIBUTES + rb'\s+r="')
        self.cell_name, self.cell, self.cell_end = b"<%bc" % p, b'<%bc r="' % p, b"</%bc>" % p


@dataclass(frozen=True, slots=True)
class RowSpans:
    """The rows of a block.

    ``begin``, ``stop``: from its tag to the next one's. ``digits``, ``quote``, ``tag_end``: the number, the quote
    behind it, the end of the tag; ``late``: the number stands behind other attributes. ``end``: where its end tag
    begins; of a row of one tag, what follows it. ``usual``: rows that are spelt as most programs do, with numbers that
    rise; of the others nothing is known but ``begin`` and ``stop``.
    """

    data: Bytes
    words: Words
    begin: Ints
    stop: Ints
    digits: Ints
    late: Flags
    quote: Ints
    tag_end: Ints
    end: Ints
    number: Ints
    usual: Flags


def find_rows(parts: tuple[bytes, ...], spelling: Spelling) -> RowSpans | None:
    """The rows of a block; None where it can't be told for certain where they begin and end.

    In well-formed XML without comments and the like, ``<`` stands only where a tag begins.

    Args:
        parts: whole rows and the blanks around them, cut anywhere.
    """
    block = b"".join((ROOM, *parts, ROOM))
    data, words = np.frombuffer(block, np.uint8), words_of(block)
    letters = places_of(data, ord("w"))
    begin = _named(words, letters, spelling.row_name)
    close = _named(words, letters, spelling.row_end)
    last = len(data) - len(ROOM)
    if not len(begin) or odd_markup(block) or block[len(ROOM) : begin[0]].strip(BLANKS):
        return None
    stop = np.append(begin[1:], last)
    digits, late = _digits(block, words, begin, spelling)
    number, length, usual = usual_numbers(words[digits])
    quote = digits + length
    tag_end = np.where(usual, behind(data, quote, END, TAGS), -1)
    usual &= tag_end >= 0
    if len(close) == len(begin) and (stop == close + len(spelling.row_end)).all():
        end = close  # nothing stands between the rows, as most programs write them
    else:
        found = _ends(data, begin, stop, tag_end, usual, close, len(spelling.row_end))
        if found is None:
            return None
        end = found
    usual &= (tag_end < end) & _rising(number, usual)
    return RowSpans(data, words, begin, stop, digits, late, quote, tag_end, end, number, usual)


def _named(words: Words, letters: Ints, name: bytes) -> Ints:
    """Where a name of an element stands, by its letter w."""
    places = letters - name.index(b"w")
    return places[spelt_at(words, places, name)]


def _digits(block: bytes, words: Words, begin: Ints, spelling: Spelling) -> tuple[Ints, Flags]:
    """Where the number of each row stands (at its tag, where there is none), and whether attributes stand before it."""
    digits, late = begin + len(spelling.row), ~spelt_at(words, begin, spelling.row)
    for row in np.flatnonzero(late).tolist():
        found = spelling.late_number.match(block, begin[row])
        digits[row] = found.end() if found else begin[row]
    return digits, late


def _ends(data: Bytes, begin: Ints, stop: Ints, tag_end: Ints, usual: Flags, close: Ints, size: int) -> Ints | None:
    """Where each row's end tag begins, or where its only tag is over; None where one has neither, or something else."""
    first = np.searchsorted(close, begin)
    count = np.searchsorted(close, stop) - first
    single = usual & (data[tag_end - 1] == SLASH)
    if (count > 1).any() or (single & (count > 0)).any() or not (single | (count == 1))[usual].all():
        return None
    if not all(_one_tag(data[begin[at] : stop[at]].tobytes()) for at in np.flatnonzero(~usual & (count == 0))):
        return None
    end = np.where(count == 1, np.append(close, 0)[first], tag_end + 1)
    known = usual | (count == 1)
    behind_it = np.where(count == 1, end + size, end)[known]
    gaps = slices(data, behind_it, stop[known]).unique().to_pylist()
    return None if any(gap.strip(BLANKS) for gap in gaps) else end


def _one_tag(row: bytes) -> bool:
    return row.count(b"<") == 1 and row.rstrip(BLANKS).endswith(b"/>")


def _rising(number: Ints, usual: Flags) -> Flags:
    """Which usual rows have a higher number than all usual ones before."""
    among = number[usual]
    rising = np.ones(len(number), np.bool_)
    if len(among) > 1 and not (np.diff(among) > 0).all():
        rising[np.flatnonzero(usual)[1:]] = among[1:] > np.maximum.accumulate(among)[:-1]
    return rising

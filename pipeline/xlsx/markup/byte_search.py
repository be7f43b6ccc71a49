"""Looks at thousands of places of a worksheet's XML at once: which tag, which row, which column stands there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.limits import LAST_COLUMN

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
Words = npt.NDArray[np.uint64]
"""Eight bytes each as one number, the first byte the lowest."""

QUOTE, DIGIT, LETTER = ord('"'), ord("0"), ord("A")
WORD = 8

MASKS = np.array([(1 << 8 * length) - 1 for length in range(WORD + 1)], np.uint64)
"""By a number: so many bytes of a word, its first ones."""


def places_of(data: Bytes, sign: int) -> Ints:
    """Where a byte stands that is rare: eight bytes are passed over at once."""
    hit = data == sign
    whole = len(hit) // WORD * WORD
    words = np.flatnonzero(hit[:whole].view(np.uint64) != 0)
    inside = np.flatnonzero(hit[:whole].reshape(-1, WORD)[words].ravel())
    found = words[inside // WORD] * WORD + inside % WORD
    return found if whole == len(hit) else np.concatenate([found, whole + np.flatnonzero(hit[whole:])])


def words_of(data: bytes) -> Words:
    """The eight bytes from each place on, without a copy (up to the last place that has eight)."""
    return np.ndarray((len(data) - WORD + 1,), "<u8", data, 0, (1,))


def windows(data: Bytes, size: int) -> Bytes:
    """So many bytes from each place on, without a copy."""
    return np.ndarray((len(data) - size + 1, size), np.uint8, data, 0, (1, 1))


def word(text: bytes) -> np.uint64:
    """Up to eight bytes as a word."""
    return np.uint64(int.from_bytes(text, "little"))


def starting(words: Words, text: bytes) -> Flags:
    """Which words begin with a text of at most eight bytes."""
    same: Flags = words & MASKS[len(text)] == word(text)
    return same


def spelt_at(words: Words, places: Ints, text: bytes) -> Flags:
    """At which places a text of any length stands."""
    same = starting(words[places], text[:WORD])
    for offset in range(WORD, len(text), WORD):
        same &= starting(words[places + offset], text[offset : offset + WORD])
    return same


def row_numbers(words: Words) -> tuple[Ints, Ints] | None:
    """The numbers that some words begin with, and how many digits each has; None where one is spelt unusually.

    Args:
        words: each digits without a zero in front, and the quote behind them.
    """
    numbers, lengths, usual = usual_numbers(words)
    return (numbers, lengths) if usual.all() else None


def usual_numbers(words: Words) -> tuple[Ints, Ints, Flags]:
    """The same, and which of them are spelt as usual; the others are no numbers."""
    signs = words.view(np.uint8).reshape(-1, WORD)
    lengths = np.argmax(signs == QUOTE, axis=1)
    usual: Flags = (lengths > 0) & (signs[:, 0] != DIGIT)
    numbers = np.zeros(len(words), np.int64)
    for place in range(int(lengths.max(initial=0))):
        digit = signs[:, place] - np.uint8(DIGIT)
        inside = place < lengths
        usual &= (digit <= 9) | ~inside
        numbers = np.where(inside, numbers * 10 + digit, numbers)
    return numbers, lengths, usual


def columns_of(data: Bytes, places: Ints) -> tuple[Ints, Ints] | None:
    """The columns whose letters stand at some places, and how many letters spell each (one number where all have one).

    None where one is no column.
    """
    column, letters, usual = usual_columns(data, places)
    return (column, letters) if usual.all() else None


def usual_columns(data: Bytes, places: Ints) -> tuple[Ints, Ints, Flags]:
    """The same, and at which places there is a column; the others are none."""
    first, second, third = (np.take(data[offset:], places, mode="clip") - np.uint8(LETTER) for offset in range(3))
    usual: Flags = first < 26
    two = usual & (second < 26)
    if not two.any():
        return first.astype(np.int64), np.array([1]), usual
    three = two & (third < 26)
    column = first.astype(np.int64)
    column = np.where(two, (column + 1) * 26 + second, column)
    column = np.where(three, (column + 1) * 26 + third, column)
    return column, 1 + two.astype(np.int64) + three, usual & (column <= LAST_COLUMN)


def behind(data: Bytes, places: Ints, sign: int, sizes: tuple[int, ...]) -> Ints:
    """Where a byte stands for the first time from each place on; -1 where it is further than the largest size.

    Args:
        data: goes on behind the last place for as many bytes as the largest size.
        places: where to begin.
        sign: the byte.
        sizes: how many bytes are looked at: at first, and where these were too few.
    """
    found, left = np.full(len(places), -1), np.arange(len(places))
    for size in sizes:
        hits: Flags = windows(data, size)[places[left]] == sign
        first = np.argmax(hits, axis=1)
        there = hits[np.arange(len(left)), first]
        found[left[there]] = places[left[there]] + first[there]
        left = left[~there]
        if not len(left):
            break
    return found

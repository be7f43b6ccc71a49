"""Reads the tags of a worksheet's rows: their numbers, and whether they show."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.sheets.xlsx.inflow.pieces import LAST_ROW
from pipeline.sheets.xlsx.inflow.tokens import ATTRIBUTES, Bytes, Ints, Tags, slices

QUOTE, DIGIT = ord('"'), ord("0")
ROW_TAG = ((3, ord("w")), (5, ord("r")), (6, ord("=")), (7, QUOTE))
"""What stands where in ``<row r="``; the blank before ``r`` may be a line break."""

MOST_DIGITS = 7  # of 1048576
POWERS = 10 ** np.arange(MOST_DIGITS, dtype=np.int64)[::-1]

ATTRIBUTE = re.compile(r'\s([A-Za-z_][\w:.-]*)="([^"]*)"')
ZERO = re.compile(r"\s*\+?0+(?:\.0*)?\s*|\s*\+?\.0+\s*")
"""A height of nothing: such a row is hidden, whatever else is said of it."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a stretch; ``digits`` are their numbers as spelt, ``lengths`` how many digits these have."""

    numbers: Ints
    digits: Bytes
    lengths: Ints
    hidden: npt.NDArray[np.bool_]


def is_hidden(hidden: str, height: str) -> bool:
    """Whether a row does not show, by its attributes ``hidden`` and ``ht``."""
    return hidden in ("1", "true") or bool(ZERO.fullmatch(height))


def spelt_so(data: Bytes, places: Ints, letters: tuple[tuple[int, int], ...]) -> bool:
    """Whether each of some tags has these letters at these distances from its ``<``."""
    return all(bool((np.take(data, places + offset, mode="clip") == letter).all()) for offset, letter in letters)


def read_rows(tags: Tags, row_tags: Ints) -> Rows | None:
    """The rows of a stretch, by the places of their tags among all; None where one is spelt unusually."""
    begin = tags.begin[row_tags]
    if not spelt_so(tags.data, begin, ROW_TAG):
        return None
    number = begin + 8
    digits = np.take(tags.data, number[:, None] + np.arange(MOST_DIGITS + 1), mode="clip")
    lengths = np.argmax(digits == QUOTE, axis=1)
    figures = digits[:, :MOST_DIGITS].astype(np.int64) - DIGIT
    inside = np.arange(MOST_DIGITS) < lengths[:, None]
    if not lengths.all() or ((figures < 0) | (figures > 9))[inside].any():
        return None
    shift = POWERS[MOST_DIGITS - lengths]  # 10 to the power of length - 1
    numbers = (np.where(inside, figures, 0) * POWERS).sum(axis=1) // (POWERS[0] // shift)
    if numbers[0] < 1 or numbers[-1] > LAST_ROW or (digits[:, 0] == DIGIT).any() or not (np.diff(numbers) > 0).all():
        return None
    hidden = _hidden(slices(tags.data, number + lengths + 1, tags.end[row_tags]))
    return None if hidden is None else Rows(numbers, digits, lengths, hidden)


def _hidden(attributes: pa.Array) -> npt.NDArray[np.bool_] | None:
    coded = attributes.dictionary_encode()
    verdicts = []
    for spelt in coded.dictionary.to_pylist():
        found = attributes_of(spelt)
        if found is None:
            return None
        verdicts.append(is_hidden(found.get("hidden", ""), found.get("ht", "")))
    by_row: npt.NDArray[np.bool_] = np.array(verdicts, bool)[coded.indices.to_numpy()]
    return by_row


def attributes_of(spelt: bytes) -> dict[str, str] | None:
    """What stands in a tag after its address; None where it is not plain or says a thing twice."""
    text = spelt.decode("latin-1")
    if not ATTRIBUTES.fullmatch(text):
        return None
    pairs = ATTRIBUTE.findall(text)
    found = dict(pairs)
    odd = len(found) != len(pairs) or "r" in found or any(name.startswith("xmlns") for name in found)
    return None if odd else found

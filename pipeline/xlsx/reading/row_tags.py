"""Reads the tags of a worksheet's rows: their numbers, and whether they show."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.limits import MOST_ROWS
from pipeline.xlsx.markup.byte_search import QUOTE, Bytes, Ints, Words, row_numbers
from pipeline.xlsx.markup.tag_scanner import ATTRIBUTES, Tags, slices

ROW_TAG = ((3, ord("w")), (5, ord("r")), (6, ord("=")), (7, QUOTE))
"""What stands where in ``<row r="``; the blank before ``r`` may be a line break."""

ATTRIBUTE = re.compile(r'\s([A-Za-z_][\w:.-]*)="([^"]*)"')
ZERO = re.compile(r"\s*\+?0+(?:\.0*)?\s*|\s*\+?\.0+\s*")
"""A height of nothing: such a row is hidden, whatever else is said of it."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a stretch; ``words`` begin with the numbers as spelt, ``lengths`` says of how many digits."""

    numbers: Ints
    words: Words
    lengths: Ints
    hidden: npt.NDArray[np.bool_]


def is_hidden(hidden: str, height: str) -> bool:
    """Whether a row does not show, by its attributes ``hidden`` and ``ht``."""
    return hidden in ("1", "true") or bool(ZERO.fullmatch(height))


def spelt_so(data: Bytes, places: Ints, letters: tuple[tuple[int, int], ...]) -> bool:
    """Whether each of some tags has these letters at these distances from its ``<``."""
    return all(bool((np.take(data[offset:], places) == letter).all()) for offset, letter in letters)


def read_rows(tags: Tags, row_tags: Ints) -> Rows | None:
    """The rows of a stretch, by the places of their tags among all; None where one is spelt unusually."""
    begin = tags.begin[row_tags]
    if not spelt_so(tags.data, begin, ROW_TAG):
        return None
    number = begin + 8
    words = tags.words[number]
    found = row_numbers(words)
    if found is None or found[0][-1] > MOST_ROWS or not (np.diff(found[0]) > 0).all():
        return None
    numbers, lengths = found
    hidden = _hidden(slices(tags.data, number + lengths + 1, tags.end[row_tags]))
    return None if hidden is None else Rows(numbers, words, lengths, hidden)


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

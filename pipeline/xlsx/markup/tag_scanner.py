"""Finds all tags of a piece of XML at once, and cuts texts out of it without a loop.

In well-formed XML a ``<`` stands only where a tag, a comment or the like begins, and the first ``>`` after it ends the
tag, unless an attribute holds one. So when the tags of a piece follow one another as a table of pairs allows, and the
attributes that count are plain, the piece is understood; anything else (a comment, a prefix, a rich text) is left to
the exact way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.xlsx.markup.byte_search import WORD, Bytes, Ints, Words, words_of

LESS, SLASH = ord("<"), ord("/")
TAG = 0x3E3C  # "<" and ">" as one number of two bytes
FORBIDDEN, ALLOWED, WHEN_EMPTY = 0, 1, 2
WIDTH = 16  # kinds of tags that a grammar may have

ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}
"""XML's own, in the order in which they may be replaced: ``&amp;lt;`` is the text ``&lt;``."""

ATTRIBUTES = re.compile(r'(?:\s+[A-Za-z_][\w:.-]*="[^"<&]*")*\s*/?')
"""Attributes without references, in double quotes; of the bytes of a tag, what follows its name or first attribute."""

REFERENCE = r"&(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});"
_REFERENCE = re.compile(REFERENCE)


@dataclass(frozen=True, slots=True)
class Grammar:
    """Which tags may stand in a piece, and which may follow which.

    ``codes``: by the two bytes after ``<``; 0 is unknown. ``pairs``: by two codes: never, always, or only when the
    first one is an empty element (``<c/>``).
    """

    codes: Bytes
    pairs: Bytes


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags of a piece in order: where each begins and ends (at its ``>``), and its code.

    ``data`` goes on for some zeros, so that there are ``words`` at each place of the piece.
    """

    data: Bytes
    words: Words
    begin: Ints
    end: Ints
    code: Bytes


def grammar(
    names: Mapping[str, int], follow: Mapping[int, tuple[int, ...]], empty: Mapping[int, tuple[int, ...]]
) -> Grammar:
    """Makes a grammar.

    Args:
        names: the two characters after ``<`` -> code, from 1 to 15.
        follow: code -> codes that may come next.
        empty: code -> codes that may come next when the tag is an empty element.
    """
    codes = np.zeros(1 << 16, np.uint8)
    for name, code in names.items():
        codes[ord(name[0]) << 8 | ord(name[1])] = code
    pairs = np.full(WIDTH * WIDTH, FORBIDDEN, np.uint8)
    for table, verdict in ((follow, ALLOWED), (empty, WHEN_EMPTY)):
        for first, seconds in table.items():
            pairs[[first * WIDTH + second for second in seconds]] = verdict
    return Grammar(codes, pairs)


def find_tags(piece: bytes, rules: Grammar) -> Tags | None:
    """All tags of a piece, or None when it holds anything that the grammar does not know."""
    padded = piece + bytes(WORD)
    data = np.frombuffer(padded, np.uint8)
    marks = np.flatnonzero((data & 0xFD) == LESS)  # "<" and ">" differ in one bit
    if not _alternate(np.take(data, marks)):
        begins = data[marks] == LESS
        marks = marks[begins | np.concatenate([[False], begins[:-1]])]  # a ">" after a ">" is text
        if not _alternate(np.take(data, marks)):
            return None
    begin, end = marks[0::2].copy(), marks[1::2].copy()  # whoever takes of them would copy every time
    key = np.take(data[1:], begin).astype(np.uint16)
    key <<= 8
    key |= np.take(data[2:], begin)
    code = np.take(rules.codes, key)
    verdict = np.take(rules.pairs, code[:-1] * np.uint8(WIDTH) + code[1:])
    if len(code) == 0 or not verdict.all():
        return None
    closed = end[:-1][verdict == WHEN_EMPTY]
    if not (data[closed - 1] == SLASH).all():
        return None
    return Tags(data, words_of(padded), begin, end, code)


def _alternate(marks: Bytes) -> bool:
    return len(marks) % 2 == 0 and bool((marks.view("<u2") == TAG).all())


def plain_tags(tags: Tags, numbers: Ints) -> bool:
    """Whether some tags of one letter (``<v>``, ``<t xml:space="preserve">``) have no attributes but plain ones."""
    begin, end = np.take(tags.begin, numbers), np.take(tags.end, numbers)
    longer = np.flatnonzero(end - begin > len("<v"))
    attributes = slices(tags.data, begin[longer] + 2, end[longer]).unique()
    return all(ATTRIBUTES.fullmatch(spelt.decode("latin-1")) for spelt in attributes.to_pylist())


def slices(data: Bytes, starts: Ints, ends: Ints) -> pa.Array:
    """The bytes between each start and end, as one Arrow array; places ascend and don't overlap."""
    if len(starts) == 0:
        return pa.array([], pa.large_binary())
    offsets = np.empty(2 * len(starts), np.int64)
    offsets[0::2] = starts
    offsets[1::2] = ends
    every = pa.LargeBinaryArray.from_buffers(
        pa.large_binary(), len(offsets) - 1, [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    )
    return every.take(pa.array(np.arange(0, len(offsets), 2)))


def as_text(raw: pa.Array, *, references: bool) -> pa.Array | None:
    """Bytes of XML as text, entities and character references resolved; None where they are not right.

    Args:
        raw: binary Arrow array, UTF-8, line ends as XML wants them.
        references: whether any ``&`` is there at all.
    """
    try:
        texts = raw.cast(pa.large_string())
    except pa.ArrowInvalid:
        return None
    if not references:
        return texts
    marked = pc.match_substring(texts, "&")
    changed = _resolved(texts.filter(marked))
    return None if changed is None else pc.replace_with_mask(texts, marked, changed)


def _resolved(texts: pa.Array) -> pa.Array | None:
    if len(texts) == 0:
        return texts
    if not pc.count_substring(texts, "&").equals(pc.count_substring_regex(texts, REFERENCE)):
        return None
    if pc.any(pc.match_substring(texts, "&#")).as_py():
        try:
            return pa.array([_REFERENCE.sub(_character, text) for text in texts.to_pylist()], pa.large_string())
        except ValueError:
            return None
    for entity, character in ENTITIES.items():
        texts = pc.replace_substring(texts, entity, character)
    return texts


def _character(found: re.Match[str]) -> str:
    reference = found[0]
    if reference in ENTITIES:
        return ENTITIES[reference]
    number = int(reference[3:-1], 16) if reference[2] == "x" else int(reference[2:-1])
    if number not in (9, 10, 13) and not (0x20 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or number > 0xFFFF):
        raise ValueError(number)
    return chr(number)

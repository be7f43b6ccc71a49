"""Reads which areas of a worksheet are merged: their addresses stand behind the rows (ECMA-376 part 1, 18.3.1.55)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.containers.safe_xml import make_parser
from pipeline.limits import LAST_COLUMN, MOST_ROWS
from pipeline.xlsx.errors import BrokenSheetError
from pipeline.xlsx.markup.expat_events import FEED, MAIN, parse
from pipeline.xlsx.markup.row_blocks import is_utf8, odd_markup
from pipeline.xlsx.reading.parsed_rows import column_number

NAME = b"mergeCell"
AREA = re.compile(rb"""<(?:[\w.-]+:)?mergeCell\s(?:[^<>]*\s)?ref\s*=\s*["']([^"'<>]*)["'][^<>]*>""")
DECLARATION = re.compile(rb"""\A(?:\xef\xbb\xbf)?<\?xml[^<>]*>""")
ADDRESS = r"^(?P<left>[A-Za-z]{1,3})(?P<top>[0-9]{1,9}):(?P<right>[A-Za-z]{1,3})(?P<bottom>[0-9]{1,9})$"

LONGEST_TAG = 1000
"""Bytes of an element that names an area; one that goes on over the end of a portion is looked at again whole."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Areas:
    """Merged areas side by side: their first and last rows (from 1) and columns (from 0)."""

    top: Ints
    bottom: Ints
    left: Ints
    right: Ints

    def __len__(self) -> int:
        """How many there are."""
        return len(self.top)

    def some(self, which: npt.NDArray[np.bool_]) -> Areas:
        """Those that are asked for."""
        return Areas(self.top[which], self.bottom[which], self.left[which], self.right[which])


def read_merged(stream: Callable[[], Iterator[bytes]]) -> Areas:
    """The merged areas of a worksheet part; those of one cell are left out.

    Args:
        stream: gives the part's bytes from the beginning each time it is called.
    Raises:
        BrokenSheetError, ForbiddenXmlError: an address is none, or the part is no XML.
    """
    portions = stream()
    first = next(portions, b"")
    found = _searched(chain([first], portions)) if is_utf8(first) else None
    return _areas(_parsed(stream()) if found is None else found)


def _searched(portions: Iterator[bytes]) -> list[bytes] | None:
    """The addresses by their spelling; None where a comment or CDATA might feign one. ``<`` stands in no text."""
    found: list[bytes] = []
    before = b""
    for portion in portions:
        if not _holds(portion) and not _holds(before + portion[:LONGEST_TAG]):
            before = portion[-LONGEST_TAG:]
            continue
        whole = before + portion
        if odd_markup(DECLARATION.sub(b"", whole, count=1)):
            return None
        last = 0
        for match in AREA.finditer(whole):
            found.append(match[1])
            last = match.end()
        before = whole[max(last, len(whole) - LONGEST_TAG) :]
    return found


def _holds(portion: bytes) -> bool:
    """Whether the name stands there; one letter that rows of numbers don't have is found sooner than all of it."""
    return b"g" in portion and NAME in portion


def _parsed(portions: Iterator[bytes]) -> list[bytes]:
    """The addresses as an XML parser finds them."""
    found: list[bytes] = []
    names = frozenset(f"{space} mergeCell" for space in MAIN)

    def start(full: str, attributes: dict[str, str]) -> None:
        if full in names:
            found.append(attributes.get("ref", "").encode())

    parser = make_parser()
    parser.StartElementHandler = start
    for portion in portions:
        for begin in range(0, len(portion), FEED):
            parse(parser, portion[begin : begin + FEED])
    parse(parser, b"", last=True)
    return found


def _areas(spelt: list[bytes]) -> Areas:
    texts = pa.array([one.decode("ascii", "replace") for one in spelt], pa.large_string())
    texts = texts.filter(pc.match_substring(texts, ":"))  # one cell alone covers none
    parts = pc.extract_regex(texts, ADDRESS)
    if parts.null_count:
        wrong = str(texts.filter(pc.is_null(parts))[0])
        raise BrokenSheetError(f"it says that {wrong[:40]!r} is merged, and that is no area")
    left, right = (_columns(pc.struct_field(parts, name)) for name in ("left", "right"))
    top, bottom = (pc.struct_field(parts, name).cast(pa.int64()).to_numpy() for name in ("top", "bottom"))
    fits = (left >= 0) & (left <= right) & (right <= LAST_COLUMN) & (top >= 1) & (top <= bottom) & (bottom <= MOST_ROWS)
    if not fits.all():
        wrong = str(texts[int(np.argmin(fits))])
        raise BrokenSheetError(f"it says that {wrong[:40]!r} is merged, and that is no area")
    return Areas(top, bottom, left, right).some((left < right) | (top < bottom))


def _columns(letters: pa.Array) -> Ints:
    coded = pc.dictionary_encode(letters)
    numbers = np.array([column_number(one) for one in coded.dictionary.to_pylist()], np.int64)
    return np.asarray(numbers[np.asarray(coded.indices)])

"""Spells texts as they stand in a cell's XML: cut to what a cell holds, with an escape for what XML lacks."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.limits import LONGEST_CELL

ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0, production 2
LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")

MOST_UNCOUNTED = LONGEST_CELL // 2
"""Characters that fit into a cell whatever they are: none has more than two units of UTF-16."""

_CARE = re.compile(f"{ILLEGAL.pattern}|{LOOKS_ESCAPED.pattern}|[&<>\r]")
_TWO_UNITS = "[\U00010000-\U0010ffff]"


def cell_text(text: str) -> str:
    """Text as it stands in an element: what XML lacks as ``_xHHHH_`` (ECMA-376, part 1, 22.9.2.19), cut to a cell.

    What counts is the text that a reader gets: an escape is one character of it, an emoji two units.
    """
    if len(text) > MOST_UNCOUNTED:
        text = _cut(text)
    if not _CARE.search(text):
        return text
    text = LOOKS_ESCAPED.sub("_x005F_", text)
    text = ILLEGAL.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return escape(text, {"\r": "&#13;"})


def _cut(text: str) -> str:
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * LONGEST_CELL:
        return text
    return units[: 2 * (LONGEST_CELL - 1)].decode("utf-16-le", "ignore") + "…"


def count_cut(texts: pa.Array) -> int:
    """How many texts are longer than a cell, so that ``cell_text`` cuts them."""
    long = texts.filter(pc.greater(pc.utf8_length(texts), MOST_UNCOUNTED))
    if not len(long):
        return 0
    units = pc.add(pc.utf8_length(long), pc.count_substring_regex(long, _TWO_UNITS))
    return int(pc.sum(pc.greater(units, LONGEST_CELL)).as_py())

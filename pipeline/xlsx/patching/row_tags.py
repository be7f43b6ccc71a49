"""Widens the spans in rows' start tags; each spelling of the rest of a tag is looked at once."""

from __future__ import annotations

import re

MOST_SPELLINGS = 4096
"""Spellings of tags that are kept in mind; sheets with more (a height of its own for each row) begin again."""

_ATTRIBUTES = re.compile(rb'(?:\s+(?!r=)[A-Za-z_][\w:.-]*="[^"<>]*")*\s*/?')
_SPANS = re.compile(rb'(\sspans="(?:[0-9]+:[0-9]+\s+)*[0-9]+:)([0-9]+)"')


class RowTags:
    """The ends of rows' start tags, from the quote behind the number on.

    Args:
        last: our last column, from 0.
    """

    def __init__(self, last: int) -> None:
        self._last = last
        self._known: dict[bytes, bytes | None] = {}

    def rest(self, attributes: bytes) -> bytes | None:
        """The end of a tag with wide spans, by what stands behind the number's quote; None where that is not plain."""
        if attributes not in self._known:
            if len(self._known) >= MOST_SPELLINGS:
                self._known.clear()
            plain = _ATTRIBUTES.fullmatch(attributes)
            self._known[attributes] = b'"%b>' % self.widened(attributes) if plain else None
        return self._known[attributes]

    def widened(self, text: bytes) -> bytes:
        """Attributes with spans that reach over our columns."""
        return _SPANS.sub(lambda found: b'%b%d"' % (found[1], max(int(found[2]), self._last + 1)), text)

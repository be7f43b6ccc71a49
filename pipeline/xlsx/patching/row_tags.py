"""Tells one row's start tag from the next, and widens the spans in it; each spelling is looked at once."""

from __future__ import annotations

import re

from pipeline.xlsx.patching.fallbacks import NotPlain

MOST_SPELLINGS = 4096
"""Spellings of tags that are kept in mind; sheets with more (a height of its own for each row) begin again."""

_ATTRIBUTES = re.compile(rb'(?:\s+(?!r=)[A-Za-z_][\w:.-]*="[^"<>]*")*\s*')
_SPANS = re.compile(rb'(\sspans="(?:[0-9]+:[0-9]+\s+)*[0-9]+:)([0-9]+)"')


class RowTags:
    """The start tags of rows, in three pieces: up to the number, the number, the rest.

    Args:
        prefix: of the sheet's elements, with the colon.
        last: our last column, from 0.

    Attributes:
        next_row: a row's tag, and the blanks between it and the ">" before. Groups: the lead, the number, attributes.
        boundary: the same with the end tag of the row before.
        leads: what stands before the number, and what is to stand there.
        rests: the attributes behind it, and what is to stand there: with the quote before and the bracket behind.
    """

    def __init__(self, prefix: str, last: int) -> None:
        lead = rf'(>\s*<{prefix}row(?:\s[^<>]*?)??\sr=")([0-9]+)"([^<>]*)>'
        self.next_row = re.compile(lead.encode())
        self.boundary = re.compile(f"</{prefix}row{lead}".encode())
        self.name = f"<{prefix}row".encode()
        self.last = last
        self.leads: dict[bytes, bytes] = {}
        self.rests: dict[bytes, bytes] = {}

    def lead(self, text: bytes) -> bytes:
        """What stands before the number, with wide spans; NotPlain when it is not what it seems."""
        if text not in self.leads:
            attributes = text[text.index(self.name) + len(self.name) : -len(b' r="')]
            self._keep(self.leads, text, attributes, self._widened(text))
        return self.leads[text]

    def rest(self, attributes: bytes) -> bytes:
        """The end of the tag from the quote behind the number on, with wide spans."""
        if attributes not in self.rests:
            self._keep(self.rests, attributes, attributes, b'"%b>' % self._widened(attributes))
        return self.rests[attributes]

    def opening(self, piece: bytes, begin: int, found: re.Match[bytes]) -> bytes:
        """The source from a position up to the end of a row's tag, which is an opening one afterwards."""
        start = found.start(1)
        lead = self.lead(found[1])[max(0, begin - start) :]
        rest = self.rest(found[3].removesuffix(b"/"))
        return b"%b%b%b%b" % (piece[begin:start], lead, found[2], rest)

    def _widened(self, text: bytes) -> bytes:
        return _SPANS.sub(lambda found: b'%b%d"' % (found[1], max(int(found[2]), self.last + 1)), text)

    def _keep(self, known: dict[bytes, bytes], text: bytes, attributes: bytes, new: bytes) -> None:
        if not _ATTRIBUTES.fullmatch(attributes):
            raise NotPlain
        if len(known) >= MOST_SPELLINGS:
            known.clear()
        known[text] = new

"""Cuts a long XML part into stretches of whole rows (or whole texts), so that it is never held as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

CHUNK = 1 << 20
"""Bytes looked at in one go: what they need beside them still fits in a processor's cache."""

LONGEST = 16 << 20
"""A stretch without an end of a row: 16,384 cells of a thousand characters. Beyond, the exact way reads on."""

LONGEST_HEAD = 4 << 20
"""What stands before the rows: 16,384 columns with a width each are 1.5 MB."""

MAIN = rb"http://schemas\.openxmlformats\.org/spreadsheetml/2006/main|http://purl\.oclc\.org/ooxml/spreadsheetml/main"
_START = rb"""\A(?:\xef\xbb\xbf)?(?:<\?xml[^<>]*\?>)?\s*<%s(?=\s)[^<>]*\sxmlns=["'](?:""" + MAIN + rb""")["'][^<>]*>"""
_ENCODING = re.compile(rb"""\A(?:\xef\xbb\xbf)?<\?xml[^<>]*\sencoding\s*=\s*["']([^"']*)["']""")


@dataclass(frozen=True, slots=True)
class Shape:
    """How a part is built: what stands before its items, how an item begins, how the items end, how the part ends."""

    head: re.Pattern[bytes]
    item: bytes
    end: bytes
    tail: bytes


WORKSHEET = Shape(
    re.compile(_START % b"worksheet" + rb"(?s:.*?)<sheetData\s*/?>"),
    b"<row",
    b"</sheetData",
    b"</sheetData></worksheet>",
)
STRINGS = Shape(re.compile(_START % b"sst"), b"<si", b"</sst", b"</sst>")


def is_utf8(beginning: bytes) -> bool:
    """Whether an XML part is UTF-8, by its first bytes."""
    if beginning[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in beginning[:4]:
        return False
    declared = _ENCODING.match(beginning)
    return declared is None or declared[1].lower() in (b"utf-8", b"utf8", b"us-ascii", b"ascii")


class Stretches:
    """A part that is read from its beginning, stretch by stretch.

    ``head`` is what stands before the first item, or None where the part is spelt in a way that only the exact way
    knows. ``ended``: the items' end was seen. ``torn``: no end of an item was found in the last stretch.
    """

    def __init__(self, stream: Iterator[bytes], shape: Shape) -> None:
        self.shape = shape
        self.ended = self.torn = False
        self._stream = stream
        self._rest = b""
        self._over = False  # nothing more to come
        self.head = self._read_head()

    def _read_head(self) -> bytes | None:
        found = None
        while found is None and not self._over and len(self._rest) < LONGEST_HEAD:
            self._read_to(len(self._rest) + 1)
            found = self.shape.head.match(self._rest)
        if found is None or not is_utf8(found[0]) or odd_markup(found[0].removeprefix(b"\xef\xbb\xbf")[2:]):
            return None
        self._rest = self._rest[found.end() :]
        if found[0].endswith(b"/>"):
            self.end()
        return found[0]

    def _read_to(self, size: int) -> None:
        pieces, have = [self._rest], len(self._rest)
        while have < size and not self._over:
            piece = next(self._stream, None)
            self._over = piece is None
            pieces.append(piece or b"")
            have += len(pieces[-1])
        self._rest = b"".join(pieces)

    def next(self) -> bytes:
        """The next stretch of whole items; the last one goes on to the end of the part. Empty: no more."""
        if self.ended:
            return b""
        size = CHUNK
        while True:
            self._read_to(size)
            cut = -1 if self._over else self._rest.rfind(self.shape.item)
            if cut > 0:
                stretch, self._rest = self._rest[:cut], self._rest[cut:]
                return stretch
            self.torn = not self._over and size >= LONGEST and self.shape.end not in self._rest
            if self._over or self.torn or self.shape.end in self._rest:
                stretch, self._rest = self._rest, b""
                return stretch
            size *= 2

    def end(self) -> None:
        """The items are over; what follows them is unpacked all the same, so that damage there is found."""
        self.ended = True
        self._rest = b""
        for _ in self._stream:
            pass

    def rest(self) -> Iterator[bytes]:
        """All bytes that were not given out yet."""
        yield self._rest
        yield from self._stream


def odd_markup(data: bytes) -> bool:
    """Whether comments, CDATA or instructions are there, in which a ``<`` means nothing."""
    return (b"!" in data and b"<!" in data) or (b"?" in data and b"<?" in data)  # one byte is found sooner than two

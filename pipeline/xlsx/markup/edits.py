"""Changes a few places of an XML part and keeps every other byte: expat says where each element stands.

Rebuilding a part from a tree would lose the writer's own spelling (prefixes, quotes, comments, encoding); here a part
is its bytes and a list of edits. It works for every encoding that expat reads: positions are those of the original
bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from pipeline.containers.safe_xml import make_parser

MAIN_NAMESPACES = frozenset(
    {
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",  # transitional, what everybody writes
        "http://purl.oclc.org/ooxml/spreadsheetml/main",  # strict (ISO/IEC 29500-1)
    }
)

BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
"""How a part in UTF-16 begins, with or without its mark (XML 1.0, appendix F)."""

START_TAG = re.compile(r"""<([^\s/>"'=]+)(?:\s+[^\s=/>"']+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*(/?)>""")
_DECLARED = re.compile(rb"""\A<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_TAG_WINDOW = 512


class Edit(NamedTuple):
    """Bytes that take the place of others."""

    start: int
    end: int
    new: bytes


@dataclass(slots=True)
class PartElement:
    """Where an element stands: ``start`` its tag, ``inner`` to ``inner_end`` its content, ``end`` past its end tag."""

    path: tuple[str, ...]  # local names from the root down to its own
    attributes: dict[str, str]
    start: int
    inner: int
    inner_end: int = -1
    end: int = -1


def codec_of(data: bytes) -> str:
    """The Python codec of an XML part, by its first bytes and its declaration."""
    if data[:2] in BYTE_ORDER_MARKS:
        return BYTE_ORDER_MARKS[data[:2]]
    declared = _DECLARED.match(data.removeprefix(b"\xef\xbb\xbf"))
    return declared[1].decode("ascii").lower() if declared else "utf-8"


def tag_at(data: bytes | bytearray, start: int, codec: str) -> str:
    """The whole start tag that begins at a position, as text."""
    window = _TAG_WINDOW
    while True:
        found = START_TAG.match(bytes(data[start : start + window]).decode(codec, "ignore"))
        if found or start + window >= len(data):
            return found[0] if found else ""
        window *= 4


def with_attribute(tag: str, name: str, value: str) -> str:
    """A start tag with the attribute set to the value, all else as it was; added at the end when it has none."""
    found = re.search(rf"""\s{re.escape(name)}\s*=\s*("[^"]*"|'[^']*')""", tag)
    if found:
        return tag[: found.start(1)] + quoteattr(value) + tag[found.end(1) :]
    cut = re.search(r"\s*/?>\Z", tag)
    at = cut.start() if cut else len(tag)
    return f"{tag[:at]} {name}={quoteattr(value)}{tag[at:]}"


def without_attribute(tag: str, name: str) -> str:
    """A start tag without the attribute."""
    return re.sub(rf"""\s+{re.escape(name)}\s*=\s*(?:"[^"]*"|'[^']*')""", "", tag)


def prefix_of(tag: str) -> str:
    """``x:`` of ``<x:row …>``; empty without a prefix."""
    found = START_TAG.match(tag)
    name = found[1] if found else ""
    return name[: name.index(":") + 1] if ":" in name else ""


class Markup:
    """A part, the elements in it that were asked for, and the edits to make.

    Args:
        data: the part's bytes, or its beginning up to a complete tag (``whole=False``).
        wanted: local names of the main namespace to note.
        visit: called with the path and attributes of every other element of the main namespace.
    Raises:
        expat.ExpatError, ForbiddenXmlError: it is no XML, or none that a workbook may hold.
    """

    def __init__(
        self,
        data: bytes,
        wanted: Collection[str],
        *,
        whole: bool = True,
        visit: Callable[[tuple[str, ...], dict[str, str]], None] | None = None,
    ) -> None:
        self.data = data
        self.codec = codec_of(data)
        self.elements: list[PartElement] = []
        self._edits: list[Edit] = []
        self._wanted = frozenset(wanted)
        self._visit = visit
        self._path: tuple[str, ...] = ()
        self._open: list[PartElement | None] = []
        self._parser = make_parser()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.Parse(data, whole)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        known = namespace in MAIN_NAMESPACES
        self._path = (*self._path, local if known else name)
        if not known or local not in self._wanted:
            self._open.append(None)
            if known and self._visit:
                self._visit(self._path, attributes)
            return
        start = self._parser.CurrentByteIndex
        inner = start + len(tag_at(self.data, start, self.codec).encode(self.codec))
        element = PartElement(self._path, attributes, start, inner)
        self._open.append(element)
        self.elements.append(element)

    def _end(self, _: str) -> None:
        self._path = self._path[:-1]
        element = self._open.pop()
        if element is None:
            return
        if self.tag(element).endswith("/>"):
            element.inner_end = element.end = element.inner
            return
        element.inner_end = self._parser.CurrentByteIndex
        element.end = end_of_end_tag(self.data, element.inner_end, self.codec)

    def find(self, *path: str) -> PartElement | None:
        """The first element of that path."""
        return next((element for element in self.elements if element.path == path), None)

    def all(self, *path: str) -> list[PartElement]:
        """Every element of that path, in the order of the part."""
        return [element for element in self.elements if element.path == path]

    def tag(self, element: PartElement) -> str:
        """Its start tag as text."""
        return self.data[element.start : element.inner].decode(self.codec)

    def text(self, element: PartElement) -> str:
        """Its source, tags and all."""
        return self.data[element.start : element.end].decode(self.codec)

    def inner(self, element: PartElement) -> str:
        """The source between its tags."""
        return self.data[element.inner : element.inner_end].decode(self.codec)

    def prefix(self, element: PartElement) -> str:
        """The prefix of its name, with the colon."""
        return prefix_of(self.tag(element))

    def replace(self, start: int, end: int, text: str) -> None:
        """Puts text in the place of the bytes from start to end."""
        self._edits.append(Edit(start, end, encoded(text, self.codec)))

    def set(self, element: PartElement, name: str, value: str) -> None:
        """Sets an attribute of an element; once for an element, for its whole start tag is replaced."""
        self.replace(element.start, element.inner, with_attribute(self.tag(element), name, value))

    def append(self, element: PartElement, text: str, *, tag: str | None = None) -> None:
        """Adds text at the end of an element's content; ``tag`` replaces its start tag at the same time."""
        old = self.tag(element)
        tag = tag or old
        if not tag.endswith("/>"):
            if tag != old:
                self.replace(element.start, element.inner, tag)
            self.replace(element.inner_end, element.inner_end, text)
            return
        found = START_TAG.match(tag)
        name = found[1] if found else ""
        self.replace(element.start, element.end, f"{tag[:-2].rstrip()}>{text}</{name}>")

    def append_counted(self, element: PartElement, text: str, count: int) -> None:
        """Adds children to an element that may say in ``count`` how many it has."""
        tag = self.tag(element)
        self.append(
            element, text, tag=with_attribute(tag, "count", str(count)) if "count" in element.attributes else tag
        )

    def result(self, since: int = 0) -> bytes:
        """The part with its edits, from a position of the original on."""
        return apply_edits(self.data[since:], self._edits, since)


def end_of_end_tag(data: bytes | bytearray, start: int, codec: str) -> int:
    """The position after an end tag that begins at ``start``."""
    window = _TAG_WINDOW
    while True:
        text = bytes(data[start : start + window]).decode(codec, "ignore")
        at = text.find(">")
        if at >= 0 or start + window >= len(data):
            return start + len(text[: at + 1].encode(codec))
        window *= 4


def encoded(text: str, codec: str) -> bytes:
    """Text in the part's own encoding; what that lacks as a character reference."""
    return text.encode(codec, "xmlcharrefreplace")


def apply_edits(data: bytes | bytearray, edits: list[Edit], base: int = 0) -> bytes:
    """The bytes with the edits made; positions count from ``base``. Edits of one place keep their order."""
    pieces: list[bytes] = []
    done = 0
    for edit in sorted(edits, key=lambda one: (one.start, one.end)):
        pieces += (bytes(data[done : edit.start - base]), edit.new)
        done = edit.end - base
    pieces.append(bytes(data[done:]))
    return b"".join(pieces)


def attribute_text(text: str) -> str:
    """Text for an attribute between double quotes; what a parser would turn into blanks as references."""
    return escape(text, {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})

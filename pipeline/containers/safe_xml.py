"""Parses XML that nobody vouches for: without document types and entities, and within limits."""

from __future__ import annotations

from xml.etree import ElementTree as ET
from xml.parsers import expat

MOST_ELEMENTS = 3_000_000  # of a part held as a tree: 65,490 cell formats and as many styles are under a million

DEEPEST = 200  # nesting of a part held as a tree; Office stays below 30

FEED = 1 << 16  # expat stops only between two portions: small ones, so that it stops soon


class ForbiddenXmlError(ValueError):
    """XML with a document type, and so perhaps with entities, or beyond the limits; no genuine workbook has such."""


def make_parser(namespace_separator: str | None = " ") -> expat.XMLParserType:
    """An expat parser that refuses document types and entities."""
    parser = expat.ParserCreate(namespace_separator=namespace_separator)
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def refuse(*_: object) -> None:
        raise ForbiddenXmlError

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


class _Tree:
    """Builds a tree from what expat tells, within the limits."""

    def __init__(self) -> None:
        self.builder = ET.TreeBuilder()
        self.elements = self.depth = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        self.depth += 1
        if self.elements > MOST_ELEMENTS or self.depth > DEEPEST:
            raise ForbiddenXmlError
        self.builder.start(_braced(tag), {_braced(key): value for key, value in attributes.items()})

    def end(self, tag: str) -> None:
        self.depth -= 1
        self.builder.end(_braced(tag))


def _braced(name: str) -> str:
    return "{" + name if "}" in name else name


def parse_xml(data: bytes) -> ET.Element:
    """A small XML part as a tree; raises ForbiddenXmlError, expat.ExpatError, or LookupError (an unknown encoding)."""
    tree = _Tree()
    parser = make_parser("}")
    parser.StartElementHandler, parser.EndElementHandler = tree.start, tree.end
    parser.CharacterDataHandler = tree.builder.data
    for start in range(0, len(data), FEED):
        parser.Parse(data[start : start + FEED], False)
    parser.Parse(b"", True)
    return tree.builder.close()

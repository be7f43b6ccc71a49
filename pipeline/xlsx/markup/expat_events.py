"""Lets an XML parser read a part in portions, and says which of its elements mean something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from xml.parsers import expat

from pipeline.containers.safe_xml import ForbiddenXmlError
from pipeline.xlsx.errors import BrokenSheetError

MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",  # strict, ECMA-376 part 1
)
"""The namespaces of worksheets; elements of any other are extensions, which hold no cells."""

FEED = 1 << 16
"""Bytes that expat is given at once: it stops only between two portions."""


@dataclass(frozen=True, slots=True)
class ElementRule:
    """What to do at an element's start and end, and which elements in it mean something."""

    inside: ElementRules
    start: Callable[[dict[str, str]], None] | None = None
    end: Callable[[], None] | None = None


ElementRules = dict[str, ElementRule]
"""By expat's full name."""


def within(name: str, element: ElementRule) -> ElementRules:
    """An element of either main namespace."""
    return {f"{space} {name}": element for space in MAIN}


def parse(parser: expat.XMLParserType, data: bytes, *, last: bool = False) -> None:
    """Lets expat read on; BrokenSheetError where that is no XML, or in an encoding that nobody knows."""
    try:
        parser.Parse(data, last)
    except (BrokenSheetError, ForbiddenXmlError, IndexError, KeyError):  # the latter two would be ours
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise BrokenSheetError(f"its XML can't be read ({error})") from error

"""Reads which columns of a worksheet are hidden; it says so before its rows (ECMA-376 part 1, 18.3.1.13)."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.containers.safe_xml import make_parser
from pipeline.limits import MOST_COLUMNS
from pipeline.xlsx.markup.expat_events import FEED, MAIN, parse

COLUMNS = frozenset(f"{space} col" for space in MAIN)
ROWS = frozenset(f"{space} sheetData" for space in MAIN)
TRUE = ("1", "true")


def read_hidden_columns(stream: Iterable[bytes]) -> frozenset[int]:
    """The hidden columns, from 0; one of no width is hidden too.

    Args:
        stream: the part's bytes; those behind the beginning of the rows are not asked for.
    Raises:
        BrokenSheetError, ForbiddenXmlError: the part is no XML.
    """
    hidden: set[int] = set()
    over: list[bool] = []

    def start(full: str, attributes: dict[str, str]) -> None:
        if full in COLUMNS and _is_hidden(attributes):
            first, last = (_number(attributes.get(name, "")) for name in ("min", "max"))
            hidden.update(range(max(first, 1) - 1, min(last, MOST_COLUMNS)))
        elif full in ROWS:
            over.append(True)

    parser = make_parser()
    parser.StartElementHandler = start
    for portion in stream:
        for begin in range(0, len(portion), FEED):
            parse(parser, portion[begin : begin + FEED])
            if over:
                return frozenset(hidden)
    return frozenset(hidden)


def _is_hidden(attributes: dict[str, str]) -> bool:
    width = attributes.get("width", "")
    return attributes.get("hidden", "") in TRUE or (width != "" and not width.strip("0."))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

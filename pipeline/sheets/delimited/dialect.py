"""What is known of one text table before its rows are read: encoding, delimiter, quotes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from pipeline.sheets.delimited.encoding import BLOCK, Encoding
from pipeline.source_file import SourceFile

COMMA, SEMICOLON, TAB, PIPE = b",", b";", b"\t", b"|"
DELIMITERS = (COMMA, SEMICOLON, TAB, PIPE)
"""The delimiters that exports use (docs/order-exports.md, "Messes"), the likelier first; a ``sep=`` line may name
another."""

DELIMITER_WORDS = {COMMA: "comma", SEMICOLON: "semicolon", TAB: "tab", PIPE: "pipe"}

DOUBLE, SINGLE = b'"', b"'"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text table is written.

    ``masked``: the first bytes of characters whose second byte may look like the delimiter (``|`` in Shift-JIS).
    """

    delimiter: bytes
    quote: bytes = DOUBLE
    quotes_all: bool = False  # the file's own lines put every field in quotes, so ours are too
    masked: bytes = b""

    def plain(self, data: bytes) -> bytes:
        """The bytes to look for delimiters in: of the same length, second bytes that only look like one put out."""
        return re.sub(b"[" + self.masked + rb"][\x40-\xfe]", b"\x80\x80", data) if self.masked else data

    @property
    def fence(self) -> npt.NDArray[np.bool_]:
        """For each byte, whether a quote beside it can open or close a field."""
        table = np.zeros(256, dtype=np.bool_)
        table[list(self.delimiter + self.quote + b"\r\n")] = True
        return table

    @property
    def empty(self) -> npt.NDArray[np.bool_]:
        """For each byte, whether a row of nothing else has no content."""
        table = np.zeros(256, dtype=np.bool_)
        table[list(self.delimiter + self.quote + b" \t\r\n")] = True
        return table


@dataclass(frozen=True, slots=True)
class TextFormat:
    """A text table's encoding and dialect; ``lead`` is its ``sep=`` line, which no spreadsheet counts as a row."""

    source: SourceFile
    encoding: Encoding
    dialect: Dialect
    lead: bytes = b""
    notes: tuple[str, ...] = ()
    block: int = BLOCK  # bytes read at a time

    def where(self, line: int) -> str:
        """A place in the file as a person names it."""
        return f"{self.source.name}, line {line}"


@cache
def field_pattern(delimiter: str, quote: str) -> re.Pattern[str]:
    """One field: what stands in quotes, then what follows the closing quote; or a field without quotes."""
    end, mark = re.escape(delimiter), re.escape(quote)
    return re.compile(f"{mark}([^{mark}]*+(?:{mark}{mark}[^{mark}]*+)*+){mark}([^{end}]*+)|([^{end}]*+)")


def cells(record: str, dialect: Dialect) -> list[str]:
    """The fields of one record, as Python's csv module and spreadsheets see them.

    Args:
        record: its text without the line end.
    """
    delimiter, quote = dialect.delimiter.decode(), dialect.quote.decode()
    if quote not in record:
        return record.split(delimiter)
    pattern, found, position = field_pattern(delimiter, quote), [], 0
    while (match := pattern.match(record, position)) is not None:
        quoted, rest, bare = match.groups()
        found.append(bare if quoted is None else quoted.replace(quote * 2, quote) + rest)
        if match.end() == len(record):
            break
        position = match.end() + 1
    return found

"""Tells how a text table is written: its encoding, its delimiter and its quotes."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from pipeline.errors import FileError
from pipeline.sheets.delimited.dialect import (
    COMMA,
    DELIMITER_WORDS,
    DELIMITERS,
    PIPE,
    SINGLE,
    TAB,
    Dialect,
    TextFormat,
    cells,
)
from pipeline.sheets.delimited.encoding import BLOCK, TWO_BYTE, Encoding, blocks, find_encoding
from pipeline.sheets.delimited.row_splitter import divide, open_quote
from pipeline.source_file import SourceFile

SAMPLE = 262_144
"""Bytes from which the delimiter is told."""

SAMPLE_ROWS = 200
"""Rows with content from which the delimiter is told."""

LEAST_SHARE = 0.3
"""A delimiter that gives fewer rows than this the same number of cells divides nothing: the file has one column."""

NAMELIKE = 0.5
"""Share of a row's cells that look like names (not blank, no digit) from which on it may be the header."""

SKIPPED = 0.6
"""How much less a delimiter counts when rows above its first even one hold a delimiter: they may be the header."""

SEP_LINE = re.compile(rb'(?i)"?sep=([^\r\n"])"?(?:\r\n|\r|\n|\Z)')
"""Excel takes the delimiter from such a first line and does not show it."""


def survey(source: SourceFile, kind: str, block: int = BLOCK) -> TextFormat:
    """Opens a text table as far as to know how to read and write it; the same file gives the same layout every time.

    Args:
        kind: ``csv``, ``tsv`` or ``txt``; a hint where several delimiters fit equally.
        block: bytes to be read at a time later on.
    Raises:
        FileError: the file is empty, no text, or not all of it decodes.
    """
    encoding = find_encoding(source)
    start = next(blocks(source, encoding), b"")
    if not start.strip(b" \t\r\n") and source.size == len(encoding.bom) + len(start):
        raise FileError("The file holds nothing but blanks", "Export it again.", where=source.name)
    lead = SEP_LINE.match(start)
    sample = start[lead.end() if lead else 0 :][:SAMPLE]
    masked = TWO_BYTE.get(encoding.name, b"")
    if lead is not None:
        dialect, how = Dialect(lead[1], masked=masked if lead[1] == PIPE else b""), " (its sep= line says so)"
    else:
        dialect, how = _likeliest(sample, encoding, masked, (TAB,) if kind == "tsv" else ()), ""
    dialect = replace(dialect, quotes_all=_all_quoted(_records(sample, dialect), dialect))
    notes = (f"encoding {encoding.words}", f"delimiter {_delimiter_words(dialect)}{how}", *_quote_notes(dialect))
    return TextFormat(source, encoding, dialect, lead[0] if lead else b"", notes, block)


def _delimiter_words(dialect: Dialect) -> str:
    return DELIMITER_WORDS.get(dialect.delimiter, dialect.delimiter.decode("latin-1"))


def _quote_notes(dialect: Dialect) -> tuple[str, ...]:
    every = ("every field in quotes",) if dialect.quotes_all else ()
    return (*every, "single quotes") if dialect.quote == SINGLE else every


def _likeliest(sample: bytes, encoding: Encoding, masked: bytes, hints: tuple[bytes, ...]) -> Dialect:
    """The delimiter that divides the rows most evenly, and double quotes unless single ones do it better."""
    order = dict.fromkeys((*hints, *DELIMITERS))
    best, score = Dialect(hints[0] if hints else COMMA), 0.0
    for delimiter in order:
        dialect = Dialect(delimiter, masked=masked if delimiter == PIPE else b"")
        evenness = _evenness(sample, dialect, encoding)
        if evenness > score:
            best, score = dialect, evenness
    single = replace(best, quote=SINGLE)
    quoted = SINGLE in sample and not divide(sample, best, final=True).quotes.size
    closed = quoted and (len(sample) == SAMPLE or open_quote(divide(sample, single, final=True).quotes) is None)
    return single if closed and _evenness(sample, single, encoding) > score else best


def _evenness(sample: bytes, dialect: Dialect, encoding: Encoding) -> float:
    """How well a dialect fits: the share of rows with the commonest number of cells, more for more cells.

    The first row with that number should be the header: names, hardly a digit. A false delimiter, such as the decimal
    comma or one inside addresses, finds its first such row among the data, below rows that it does not divide.
    """
    rows = _rows(sample, dialect, encoding)
    counts = np.array([len(row) for row in rows])
    wide = counts[counts >= 2]
    if not wide.size:
        return 0.0
    numbers, times = np.unique(wide, return_counts=True)
    common = int(numbers[::-1][times[::-1].argmax()])
    first = int((counts == common).argmax())
    names = [bool(cell.strip()) and not re.search(r"\d", cell) for cell in rows[first]]
    namelike = sum(names) / len(names)
    considered = counts[first:] if namelike >= NAMELIKE else counts  # titles above a header have fewer cells
    share = float((considered == common).mean())
    skipped = any(len(row) > 1 or any(other.decode() in row[0] for other in DELIMITERS) for row in rows[:first])
    fit = share * (1 - 1 / common) * (0.25 + 0.75 * namelike) * (SKIPPED if skipped else 1)
    return fit if share >= LEAST_SHARE else 0.0


def _rows(sample: bytes, dialect: Dialect, encoding: Encoding) -> list[list[str]]:
    """The first rows with content, cell by cell."""
    return [cells(record.decode(encoding.inner, "replace"), dialect) for record in _records(sample, dialect)]


def _records(sample: bytes, dialect: Dialect) -> list[bytes]:
    """The first rows with content, without their line ends."""
    part = divide(sample, dialect, final=len(sample) < SAMPLE)
    if not part.ends.size:
        part = divide(sample, dialect, final=True)
    found: list[bytes] = []
    begin = 0
    for end in part.ends.tolist():
        record = sample[begin:end].rstrip(b"\r\n")
        begin = end
        if record.translate(None, b" \t" + dialect.delimiter + dialect.quote):
            found.append(record)
        if len(found) == SAMPLE_ROWS:
            break
    return found


def _all_quoted(records: list[bytes], dialect: Dialect) -> bool:
    """Whether each field of each row stands in quotes."""
    mark, end = re.escape(dialect.quote), re.escape(dialect.delimiter)
    field = mark + rb"[^" + mark + rb"]*+(?:" + mark + mark + rb"[^" + mark + rb"]*+)*+" + mark
    whole = re.compile(field + rb"(?:" + end + field + rb")*+")
    return bool(records) and all(whole.fullmatch(record) for record in records)

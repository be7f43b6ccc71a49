"""Measures the sheets of an .xlsb before a library unpacks them, and finds their error cells.

calamine lays a sheet out as a full rectangle: two cells in opposite corners would take hundreds of gigabytes, rows in a
wrong order end the whole program, and an error comes back as a blank. Records: Microsoft, [MS-XLSB], 2.1.4 and 2.4.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pipeline.containers.zip_archive import Archive
from pipeline.limits import LAST_COLUMN, MOST_ROWS

ROW_HEADER = 0
LAST_CELL = 11  # records 1 to 11: blank, number, error, boolean, real, text, shared text, four kinds of formula
ERROR_CELLS = (3, 11)  # an error, a formula with an error; the code stands behind column and style, 8 bytes
SHEET_ENTRY = 156  # BrtBundleSh: state, id, the relationship's id, the name

ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}

MOST_CELLS = 20_000_000
"""Of the rectangle; calamine takes 32 bytes for each."""

LARGEST_PART = 400_000_000
"""Bytes of a sheet, unpacked: some 25 million cells."""

RELATIONSHIP = re.compile(rb"<(?:\w+:)?Relationship\s([^>]*)>")
ATTRIBUTE = re.compile(rb"""(\w+)\s*=\s*["']([^"']*)["']""")


class Unsafe(ValueError):
    """A sheet that must not be given to the library, and why."""


@dataclass(slots=True)
class Measured:
    """A sheet's rectangle (from 0; without any cell the last row is below the first), and its error cells."""

    first_row: int = 0
    last_row: int = -1
    first_column: int = LAST_COLUMN
    last_column: int = -1
    errors: dict[int, dict[int, str]] = field(default_factory=dict)  # row -> column -> word

    def check(self) -> None:
        """Raises Unsafe for a rectangle that is too large to lay out."""
        if self.last_row >= MOST_ROWS or self.last_column > LAST_COLUMN:
            raise Unsafe("a cell stands outside of what a worksheet can hold")
        rows, columns = self.last_row - self.first_row + 1, self.last_column - self.first_column + 1
        if rows > 0 and rows * columns > MOST_CELLS:
            raise Unsafe(f"its cells are spread over {rows:,} rows and {columns:,} columns")


def records(data: bytes) -> Iterator[tuple[int, int]]:
    """Each record's number and where its content begins; a record that is cut off raises Unsafe."""
    at, end = 0, len(data)
    while at < end:
        kind = data[at]
        at += 1
        try:
            if kind & 0x80:
                kind = kind & 0x7F | (data[at] & 0x7F) << 7
                at += 1
            size = shift = 0
            while True:
                byte = data[at]
                at += 1
                size |= (byte & 0x7F) << shift
                shift += 7
                if byte < 0x80 or shift == 28:
                    break
        except IndexError as error:
            raise Unsafe("it is cut off") from error
        if at + size > end:
            raise Unsafe("it is cut off")
        yield kind, at
        at += size


def measure(data: bytes) -> Measured:
    """Looks at each record of a sheet's part.

    Raises:
        Unsafe: it is damaged, out of order, or too large to lay out.
    """
    found, row, began = Measured(), -1, False
    try:
        for kind, at in records(data):
            if kind == ROW_HEADER:
                number = int.from_bytes(data[at : at + 4], "little")
                if number < row:
                    raise Unsafe("its rows are out of order")
                row = number
            elif kind <= LAST_CELL:
                column = int.from_bytes(data[at : at + 4], "little")
                if not began:
                    found.first_row, began = max(row, 0), True
                found.last_row = max(row, 0)
                found.first_column = min(found.first_column, column)
                found.last_column = max(found.last_column, column)
                if kind in ERROR_CELLS:
                    found.errors.setdefault(row, {})[column] = ERRORS.get(data[at + 8], "#VALUE!")
    except IndexError as error:
        raise Unsafe("it is cut off") from error
    found.check()
    return found


def measure_all(archive: Archive) -> Mapping[str, Measured]:
    """Each part that the workbook's relationships call a worksheet, measured, by the names of the sheets.

    Raises:
        Unsafe: one of them must not be unpacked.
    """
    measured = {name: measure(_read(archive, part)) for name, part in _worksheets(archive).items()}
    names = _sheet_names(archive)
    return {names.get(name, name): found for name, found in measured.items()}


def _read(archive: Archive, part: str) -> bytes:
    if archive.entries[part].file_size > LARGEST_PART:
        raise Unsafe("a sheet is larger than can be held")
    return b"".join(archive.stream(part))


def _worksheets(archive: Archive) -> Mapping[str, str]:
    """The parts that may be sheets, by the id of their relationship (or by their own name)."""
    found = {
        name: name for name in archive.entries if name.lower().startswith("xl/worksheets/") and name[-4:] == ".bin"
    }
    rels = archive.find("xl/_rels/workbook.bin.rels")
    for relationship in RELATIONSHIP.findall(archive.read(rels) if rels else b""):
        attributes = {key.decode(): value.decode("utf-8", "replace") for key, value in ATTRIBUTE.findall(relationship)}
        target = attributes.get("Target", "").lstrip("/").removeprefix("xl/")
        part = archive.find(f"xl/{target}")
        if part and attributes.get("Type", "").endswith("/worksheet"):
            found.pop(part, None)
            found[attributes.get("Id", part)] = part
    return found


def _sheet_names(archive: Archive) -> Mapping[str, str]:
    """The names of the sheets by the id of their relationship."""
    part = archive.find("xl/workbook.bin")
    names: dict[str, str] = {}
    data = _read(archive, part) if part else b""
    for kind, at in records(data):
        if kind == SHEET_ENTRY:
            relationship, after = _wide(data, at + 8)
            names[relationship], _ = _wide(data, after)
    return names


def _wide(data: bytes, at: int) -> tuple[str, int]:
    """A text with its length before it, and where it ends."""
    try:
        (length,) = struct.unpack_from("<I", data, at)
    except struct.error as error:
        raise Unsafe("its list of sheets is cut off") from error
    end = at + 4 + 2 * (0 if length == 0xFFFFFFFF else length)
    return data[at + 4 : end].decode("utf-16-le", "replace"), end

"""Makes small .xls files by hand, record by record, with the flaws of other writers ([MS-XLS], [MS-CFB])."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

Value = str | float | bool | None


@dataclass(frozen=True, slots=True)
class Styled:
    """A cell: what it holds, the number of its style, and for texts the runs (position, font) of other fonts."""

    value: Value
    style: int = 0
    runs: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class OldSheet:
    """A sheet: rows (from 0) of cells by column; heights in twips; merged areas as first and last row and column."""

    rows: Mapping[int, Mapping[int, Styled | Value]]
    heights: Mapping[int, int] = field(default_factory=dict)
    hidden: frozenset[int] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden_columns: tuple[int, ...] = ()


def record(kind: int, content: bytes = b"") -> bytes:
    """One record: its number, the length of its content, its content."""
    return struct.pack("<HH", kind, len(content)) + content


def workbook(
    sheets: Mapping[str, OldSheet],
    styles: Sequence[tuple[int, int]] = ((0, 0),),
    formats: Mapping[int, str] | None = None,
    *,
    date1904: bool = False,
) -> bytes:
    """The stream of a workbook.

    Args:
        styles: font and number format of each style; font 5 is struck out, font 6 is superscript.
        formats: number formats by their number.
    """
    body = record(0x42, struct.pack("<H", 1200)) + record(0x22, struct.pack("<H", date1904))
    body += 4 * _font() + _font(struck=True) + _font(raised=True)  # there is no font 4
    body += b"".join(
        record(0x41E, struct.pack("<HHB", number, len(code), 1) + code.encode("utf-16-le"))
        for number, code in (formats or {}).items()
    )
    body += b"".join(record(0xE0, struct.pack("<HHHBBBBIIH", *style, 1, 0, 0, 0, 0, 0, 0, 0)) for style in styles)
    start = len(record(0x809, bytes(16))) + len(body) + len(record(0x0A))
    start += sum(12 + 2 * len(name) for name in sheets)
    parts = [_sheet(sheet) for sheet in sheets.values()]
    for name, part in zip(sheets, parts, strict=True):
        body += record(0x85, struct.pack("<IHBB", start, 0, len(name), 1) + name.encode("utf-16-le"))
        start += len(part)
    return _begin(5) + body + record(0x0A) + b"".join(parts)


def _begin(kind: int) -> bytes:
    return record(0x809, struct.pack("<HHHHII", 0x600, kind, 0x0DBB, 0x07CC, 0, 6))


def _font(*, struck: bool = False, raised: bool = False) -> bytes:
    name = "Arial"
    start = struct.pack("<HHHHHBBBB", 200, 8 if struck else 0, 0x7FFF, 400, int(raised), 0, 0, 0, 0)
    return record(0x31, start + struct.pack("<BB", len(name), 0) + name.encode())


def _sheet(sheet: OldSheet) -> bytes:
    last = max(sheet.rows, default=-1) + 1
    body = b"".join(record(0x7D, struct.pack("<HHHHHH", one, one, 0, 0, 1, 0)) for one in sheet.hidden_columns)
    body += record(0x200, struct.pack("<IIHHH", 0, last, 0, 256, 0))
    for row in sorted({*sheet.rows, *sheet.heights, *sheet.hidden}):
        flags = 0x100 | (0x20 if row in sheet.hidden else 0)
        body += record(0x208, struct.pack("<HHHHHHI", row, 0, 256, sheet.heights.get(row, 0xFF), 0, 0, flags))
    for row, cells in sheet.rows.items():
        for column, cell in cells.items():
            body += _cell(row, column, cell if isinstance(cell, Styled) else Styled(cell))
    if sheet.merged:
        areas = b"".join(struct.pack("<HHHH", *area) for area in sheet.merged)
        body += record(0xE5, struct.pack("<H", len(sheet.merged)) + areas)
    return _begin(0x10) + body + record(0x0A)


def _cell(row: int, column: int, cell: Styled) -> bytes:
    start = struct.pack("<HHH", row, column, cell.style)
    match cell.value:
        case None:
            return record(0x201, start)
        case bool():
            return record(0x205, start + bytes([cell.value, 0]))
        case str():
            text = struct.pack("<HB", len(cell.value), 1) + cell.value.encode("utf-16-le")
            runs = struct.pack("<H", len(cell.runs)) + b"".join(struct.pack("<HH", *run) for run in cell.runs)
            return record(0xD6, start + text + runs) if cell.runs else record(0x204, start + text)
    return record(0x203, start + struct.pack("<d", cell.value))


SECTOR = 512
END, FREE, TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def compound(stream: bytes, name: str = "Workbook", *, shared_sectors: bool = False) -> bytes:
    """The stream in a compound file: the directory in sector 0, the tables behind it, then the stream.

    Args:
        shared_sectors: the root entry claims the stream's sectors for small streams, as PhpSpreadsheet writes it.
    """
    stream = stream.ljust(max(len(stream), 4096), b"\0")
    stream += bytes(-len(stream) % SECTOR)
    count = len(stream) // SECTOR
    tables = 1
    while tables * 128 < 1 + tables + count:
        tables += 1
    first = 1 + tables
    chain = [END, *[TABLE] * tables, *range(first + 1, first + count), END]
    chain += [FREE] * (tables * 128 - len(chain))
    small = (first, len(stream)) if shared_sectors else (END, 0)
    entries = _entry("Root Entry", 5, 1, *small) + _entry(name, 2, FREE, first, len(stream)) + bytes(256)
    places = [*range(1, 1 + tables), *[FREE] * (109 - tables)]
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    head += struct.pack("<IIIIIIII", tables, 0, 0, 4096, END, 0, END, 0) + struct.pack("<109I", *places)
    return head + entries + struct.pack(f"<{len(chain)}I", *chain) + stream


def _entry(name: str, kind: int, child: int, first: int, size: int) -> bytes:
    spelt = name.encode("utf-16-le") + b"\0\0"
    start = spelt.ljust(64, b"\0") + struct.pack("<HBBIII", len(spelt), kind, 1, FREE, FREE, child)
    return start + bytes(36) + struct.pack("<IQ", first, size)


def make_xls(path: Path, sheet: OldSheet, *styles: tuple[int, int], **more: object) -> Path:
    """Writes a workbook of one sheet, ``Orders``, in a compound file."""
    flawed = bool(more.pop("shared_sectors", False))
    stream = workbook({"Orders": sheet}, ((0, 0), *styles), **more)  # type: ignore[arg-type]
    path.write_bytes(compound(stream, shared_sectors=flawed))
    return path

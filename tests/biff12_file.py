"""Makes small .xlsb files by hand, record by record: there is no library that writes them ([MS-XLSB])."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"

Value = str | float | bool | None
"""The text of an error is an error cell; ``=text`` a formula with that cached text; ``'text`` an inline text."""

ERRORS = {"#N/A": 0x2A, "#REF!": 0x17, "#DIV/0!": 0x07}
DATE_STYLE = 1


def record(kind: int, content: bytes = b"") -> bytes:
    """One record: its number, the length of its content, its content."""
    number = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = len(content), b""
    while size > 0x7F:
        length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
    return number + length + bytes([size]) + content


def wide(text: str) -> bytes:
    """A text with its length in units of UTF-16."""
    units = text.encode("utf-16-le")
    return struct.pack("<I", len(units) // 2) + units


def cell(column: int, value: Value, shared: list[str]) -> bytes:
    """One cell; a negative number is written without its sign, under the date style."""
    start = struct.pack("<I", column)
    match value:
        case None:
            return record(1, start + bytes(4))
        case bool():
            return record(4, start + bytes(4) + bytes([value]))
        case str() if value in ERRORS:
            return record(3, start + bytes(4) + bytes([ERRORS[value]]))
        case str() if value.startswith("="):
            return record(8, start + bytes(4) + wide(value[1:]) + bytes(2) + struct.pack("<I", 0) + bytes(4))
        case str() if value.startswith("'"):
            return record(6, start + bytes(4) + wide(value[1:]))
        case str():
            if value not in shared:
                shared.append(value)
            return record(7, start + bytes(4) + struct.pack("<I", shared.index(value)))
        case int() if 0 <= value < 1 << 29:
            return record(2, start + bytes(4) + struct.pack("<I", value << 2 | 2))
    style = DATE_STYLE if value < 0 else 0
    return record(5, start + style.to_bytes(3, "little") + b"\0" + struct.pack("<d", abs(value)))


def sheet_part(rows: Sequence[tuple[int, Sequence[tuple[int, Value]]]], shared: list[str]) -> bytes:
    """A worksheet of rows (from 0) of cells (column from 0, value), in the order given."""
    body = b""
    for number, cells in rows:
        body += record(0, struct.pack("<I", number) + bytes(13))
        body += b"".join(cell(column, value, shared) for column, value in cells)
    columns = [column for _, cells in rows for column, _ in cells] or [0]
    numbers = [number for number, _ in rows] or [0]
    dimension = struct.pack("<4I", min(numbers), max(numbers), min(columns), max(columns))
    return record(129) + record(148, dimension) + record(145) + body + record(146) + record(130)


def _styles() -> bytes:
    """Two cell styles: General, and the built-in format 22 (a day with a time)."""
    xf = "<HHHHHBBHH"
    styles = [struct.pack(xf, 0, number, 0, 0, 0, 0, 0, 0, 0)[:16] for number in (0, 22)]
    cell_styles = record(617, struct.pack("<I", 2)) + b"".join(record(47, one) for one in styles) + record(618)
    return record(278) + cell_styles + record(279)


def make_xlsb(
    path: Path, sheets: dict[str, Sequence[tuple[int, Sequence[tuple[int, Value]]]]], *, state: int = 0
) -> Path:
    """Writes a workbook; ``state`` is that of every sheet but the first (1 hidden, 2 very hidden)."""
    shared: list[str] = []
    parts = {f"xl/worksheets/sheet{n}.bin": sheet_part(rows, shared) for n, rows in enumerate(sheets.values(), 1)}
    bundle = b"".join(
        record(156, struct.pack("<II", state if number > 1 else 0, number) + wide(f"rId{number}") + wide(name))
        for number, name in enumerate(sheets, 1)
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{RELS}/worksheet" Target="worksheets/sheet{n}.bin"/>'
        for n in range(1, len(sheets) + 1)
    )
    links += f'<Relationship Id="rIdS" Type="{RELS}/sharedStrings" Target="sharedStrings.bin"/>'
    links += f'<Relationship Id="rIdT" Type="{RELS}/styles" Target="styles.bin"/>'
    texts = b"".join(record(19, b"\0" + wide(text)) for text in shared)
    parts |= {
        "[Content_Types].xml": (
            f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            f'<Default Extension="bin" ContentType="{MAIN}"/></Types>'
        ).encode(),
        "_rels/.rels": _relationships(f'<Relationship Id="r1" Type="{RELS}/officeDocument" Target="xl/workbook.bin"/>'),
        "xl/_rels/workbook.bin.rels": _relationships(links),
        "xl/workbook.bin": record(131)
        + record(153, bytes(12))
        + record(143)
        + bundle
        + record(144)
        + record(157, bytes(26))
        + record(132),
        "xl/sharedStrings.bin": record(159, struct.pack("<II", len(shared), len(shared))) + texts + record(160),
        "xl/styles.bin": _styles(),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def _relationships(inner: str) -> bytes:
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'
    ).encode()

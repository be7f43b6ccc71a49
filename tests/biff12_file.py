"""Makes small .xlsb files by hand, record by record: there is no library that writes them ([MS-XLSB])."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"


@dataclass(frozen=True, slots=True)
class Styled:
    """A cell under a style of its own: what it holds, the number of its style, and where other fonts begin."""

    value: str | float | bool | None
    style: int
    runs: tuple[tuple[int, int], ...] = ()


Value = str | float | bool | None | Styled
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
    number, content = _content(value, shared)
    return record(number, struct.pack("<I", column) + content)


def short_cell(value: Value, shared: list[str]) -> bytes:
    """A cell right of the one before, without a column of its own."""
    number, content = _content(value, shared)
    return record(number + 11, content)


def _content(value: Value, shared: list[str]) -> tuple[int, bytes]:
    """The number of a cell's record, and what follows the column."""
    plain = value.value if isinstance(value, Styled) else value
    style = value.style if isinstance(value, Styled) else 0
    if not isinstance(value, Styled) and isinstance(plain, float | int) and not isinstance(plain, bool) and plain < 0:
        plain, style = abs(plain) + 0.0, DATE_STYLE
    start = style.to_bytes(3, "little") + b"\0"
    match plain:
        case None:
            return 1, start
        case bool():
            return 4, start + bytes([plain])
        case str() if isinstance(value, Styled) and value.runs:
            runs = struct.pack("<I", len(value.runs)) + b"".join(struct.pack("<HH", *run) for run in value.runs)
            return 62, start + b"\1" + wide(plain) + runs
        case str() if plain in ERRORS:
            return 3, start + bytes([ERRORS[plain]])
        case str() if plain.startswith("="):
            return 8, start + wide(plain[1:]) + bytes(2) + struct.pack("<I", 0) + bytes(4)
        case str() if plain.startswith("'"):
            return 6, start + wide(plain[1:])
        case str():
            if plain not in shared:
                shared.append(plain)
            return 7, start + struct.pack("<I", shared.index(plain))
        case int() if 0 <= plain < 1 << 29:
            return 2, start + struct.pack("<I", plain << 2 | 2)
    return 5, start + struct.pack("<d", plain)


Rows = Sequence[tuple[int, Sequence[tuple[int, Value]]]]


@dataclass(frozen=True, slots=True)
class More:
    """What a workbook can have besides its cells: rows (from 0) that are hidden or have no height, merged areas (first
    and last row and column), short cells, styles (font, number format), number formats by number, days from 1904,
    columns (first, last, width, flags)."""

    hidden: frozenset[int] = frozenset()
    flat: frozenset[int] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()
    short: bool = False
    styles: tuple[tuple[int, int], ...] = ()
    formats: Mapping[int, str] | None = None
    date1904: bool = False
    columns: tuple[tuple[int, int, int, int], ...] = ()


def sheet_part(rows: Rows, shared: list[str], more: More) -> bytes:
    """A worksheet of rows (from 0) of cells (column from 0, value), in the order given."""
    body = b""
    for number, cells in rows:
        flags = (0x10 if number in more.hidden else 0) | (0x20 if number in more.flat else 0)
        body += record(0, struct.pack("<IIHBBB", number, 0, 0, 0, flags, 0) + bytes(4))
        for at, (column, value) in enumerate(cells):
            formula = isinstance(value, str) and value.startswith("=")  # these are never short
            beside = more.short and not formula and at and cells[at - 1][0] == column - 1
            body += short_cell(value, shared) if beside else cell(column, value, shared)
    columns = [column for _, cells in rows for column, _ in cells] or [0]
    numbers = [number for number, _ in rows] or [0]
    dimension = struct.pack("<4I", min(numbers), max(numbers), min(columns), max(columns))
    infos = b"".join(
        record(60, struct.pack("<4IH", first, last, width, 0, flags)) for first, last, width, flags in more.columns
    )
    described = record(390) + infos + record(391) if infos else b""
    areas = b"".join(record(176, struct.pack("<4I", *area)) for area in more.merged)
    merged = record(177, struct.pack("<I", len(more.merged))) + areas + record(178) if areas else b""
    return record(129) + record(148, dimension) + described + record(145) + body + record(146) + merged + record(130)


def _styles(more: More) -> bytes:
    """Cell styles: General, the built-in format 22 (day and time), and others; fonts: plain, struck out, raised."""
    xf = "<HHHHHBBHH"
    styles = [
        struct.pack(xf, 0, number, font, 0, 0, 0, 0, 0, 0)[:16] for font, number in ((0, 0), (0, 22), *more.styles)
    ]
    formats = b"".join(
        record(44, struct.pack("<H", number) + wide(code)) for number, code in (more.formats or {}).items()
    )
    fonts = b"".join(
        record(43, struct.pack("<HHHH", 220, strike, 400, raised) + bytes(13) + wide("Calibri"))
        for strike, raised in ((0, 0), (8, 0), (0, 1))
    )
    cell_styles = record(617, struct.pack("<I", len(styles))) + b"".join(record(47, one) for one in styles)
    head = (
        record(615, struct.pack("<I", len(more.formats or {})))
        + formats
        + record(616)
        + record(611, struct.pack("<I", 3))
        + fonts
    )
    return record(278) + head + record(612) + cell_styles + record(618) + record(279)


def make_xlsb(path: Path, sheets: Mapping[str, Rows], *, state: int = 0, more: More | None = None) -> Path:
    """Writes a workbook; ``state`` is that of every sheet but the first (1 hidden, 2 very hidden)."""
    shared: list[str] = []
    more = more or More()
    parts = {f"xl/worksheets/sheet{n}.bin": sheet_part(rows, shared, more) for n, rows in enumerate(sheets.values(), 1)}
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
        + record(153, struct.pack("<I", more.date1904) + bytes(8))
        + record(143)
        + bundle
        + record(144)
        + record(157, bytes(26))
        + record(132),
        "xl/sharedStrings.bin": record(159, struct.pack("<II", len(shared), len(shared))) + texts + record(160),
        "xl/styles.bin": _styles(more),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def _relationships(inner: str) -> bytes:
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'
    ).encode()

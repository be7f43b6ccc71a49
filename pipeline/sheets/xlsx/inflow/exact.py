"""Reads worksheets through an XML parser: every legal spelling, at a tenth of the speed of ``scanning``.

Prefixes, comments, CDATA, other encodings, cells and rows without an address, rows out of order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from pipeline.model import column_letters
from pipeline.sheets.archive import make_parser
from pipeline.sheets.xlsx.inflow.block import (
    ADDRESS,
    LAST_COLUMN,
    LAST_ROW,
    Block,
    BrokenSheet,
    column_number,
    is_true,
)
from pipeline.sheets.xlsx.inflow.strings import decode_escapes


@dataclass(slots=True)
class Cell:
    """One cell as it is being read."""

    row: int
    column: int
    kind: str
    style: int
    formula: bool = False
    value: str | None = None


@dataclass(slots=True)
class Row:
    """One row as it is being read."""

    number: int
    hidden: bool
    cells: list[Cell] = field(default_factory=list)


class ExactReader:
    """Feeds on the bytes of a worksheet and collects its rows."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.last_column = -1
        self.last_row = 0
        self._path: list[str] = []
        self._row = 0
        self._column = -1
        self._cell: Cell | None = None
        self._text: list[str] = []
        self._parser = make_parser()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        """Takes the next bytes; raises ExpatError, ForbiddenXml or BrokenSheet."""
        self._parser.Parse(piece, last)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        within = self._path[-1] if self._path else ""
        self._path.append(name)
        if name == "row" and within == "sheetData":
            self._start_row(attributes)
        elif name == "c" and within == "row":
            self._start_cell(attributes)
        elif within == "c" and self._cell is not None and name == "f":
            self._cell.formula = True
        elif name in ("v", "is") and within == "c":
            self._text.clear()

    def _start_row(self, attributes: dict[str, str]) -> None:
        text = attributes.get("r", str(self._row + 1))
        self._row = int(text) if text.isdigit() and len(text) < 9 else 0
        if not 1 <= self._row <= LAST_ROW:
            raise BrokenSheet(f"it has a row {text[:20]}")
        self._column = -1
        self.last_row = max(self.last_row, self._row)
        height = attributes.get("ht", "")
        flat = bool(height) and not height.strip("0.")
        self.rows.append(Row(self._row, is_true(attributes.get("hidden", "")) or flat))

    def _start_cell(self, attributes: dict[str, str]) -> None:
        address = attributes.get("r")
        if address is None:
            self._column += 1
        else:
            found = ADDRESS.fullmatch(address)
            if found is None or int(found[2]) != self._row:
                raise BrokenSheet(f"row {self._row} has a cell {address[:20]!r}")
            self._column = column_number(found[1])
        if self._column > LAST_COLUMN:
            raise BrokenSheet(f"row {self._row} has a cell beyond column XFD")
        self.last_column = max(self.last_column, self._column)
        style = attributes.get("s", "0")
        if not style.isdigit() or len(style) > 7:
            raise BrokenSheet(f"a cell has the style {style[:20]!r}")
        self._cell = Cell(self._row, self._column, attributes.get("t", "n"), int(style))

    def _data(self, text: str) -> None:
        if self._cell is None:
            return
        name = self._path[-1]
        if name == "v" or (name == "t" and "rPh" not in self._path):
            self._text.append(text)

    def _end(self, _: str) -> None:
        name = self._path.pop()
        if self._cell is None:
            return
        if name == "v":
            text = "".join(self._text)
            self._cell.value = decode_escapes(text) if self._cell.kind == "str" else text
        elif name == "is":
            self._cell.value = decode_escapes("".join(self._text))
        elif name == "c":
            self.rows[-1].cells.append(self._cell)
            self._cell = None


def read_rows(stream: Iterator[bytes], most: int | None = None) -> tuple[list[Row], ExactReader]:
    """The rows of a worksheet in the order of their numbers; with ``most``, only its first ones."""
    reader = ExactReader()
    for piece in stream:
        for start in range(0, len(piece), 1 << 16):
            reader.feed(piece[start : start + (1 << 16)])
            if most is not None and len(reader.rows) > most:
                return sorted(reader.rows, key=_number)[:most], reader
    reader.feed(b"", last=True)
    return sorted(reader.rows, key=_number)[:most], reader


def _number(row: Row) -> int:
    return row.number


def as_block(rows: Sequence[Row], wanted: Sequence[int]) -> Block:
    """Rows as a block; rows or cells that claim one place are told as trouble."""
    trouble: dict[int, str] = {}
    merged: dict[int, Row] = {}
    for row in rows:
        if row.number in merged:
            trouble[row.number] = f"the file holds row {row.number} twice"
            continue
        merged[row.number] = row
        places = [cell.column for cell in row.cells]
        if len(set(places)) < len(places):
            twice = min(place for place in places if places.count(place) > 1)
            trouble[row.number] = f"two cells claim {column_letters(twice)}{row.number}"
    chosen = set(wanted)
    cells = [
        cell
        for row in merged.values()
        for cell in {one.column: one for one in row.cells}.values()
        if cell.column in chosen
    ]
    return Block(
        rows=np.array(list(merged), np.int64),
        hidden=np.array([row.hidden for row in merged.values()], np.bool_),
        content=np.array(
            [any(one.formula or one.value is not None for one in row.cells) for row in merged.values()], np.bool_
        ),
        column=np.array([cell.column for cell in cells], np.int32),
        row=np.array([cell.row for cell in cells], np.int64),
        kind=np.array([cell.kind for cell in cells], np.str_),
        style=np.array([cell.style for cell in cells], np.int32),
        formula=np.array([cell.formula for cell in cells], np.bool_),
        value=pa.array([cell.value or "" for cell in cells], pa.string()),
        trouble=trouble,
    )

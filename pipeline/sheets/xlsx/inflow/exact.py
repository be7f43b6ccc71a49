"""Reads worksheets through an XML parser: every legal spelling, at a tenth of the speed of ``scanning``.

Prefixes, comments, CDATA, rich text, other encodings, cells and rows without an address, rows out of order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

import numpy as np
import pyarrow as pa

from pipeline.model import column_letters
from pipeline.sheets.archive import ForbiddenXml, make_parser
from pipeline.sheets.xlsx.inflow.pieces import LAST_COLUMN, LAST_ROW, BrokenSheet, Looks, Piece, cut
from pipeline.sheets.xlsx.inflow.scanning import Wish, is_hidden

MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",  # strict, ECMA-376 part 1
)
"""The namespaces of worksheets; elements of any other are extensions, which hold no cells."""

ADDRESS = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
NUMBER = re.compile(r"[0-9]{1,9}")

FEED = 1 << 16
AT_ONCE = 4096
"""Rows given back together."""

LONGEST_TEXT = 10_000
"""Portions (of some kilobytes each) of a cell's text; Excel allows 32,767 characters."""

DEEPEST = 100
"""Nesting that no worksheet reaches (its extensions end at some 20)."""


def short_names(*names: str) -> dict[str, str]:
    """Expat's full name -> name, for elements of the main namespaces."""
    return {f"{space} {name}": name for space in MAIN for name in names}


NAMES = short_names("worksheet", "sheetData", "row", "c", "v", "f", "is", "t", "r")


@dataclass(slots=True)
class _Cells:
    """The cells of the wanted columns, side by side."""

    row: list[int] = field(default_factory=list)
    column: list[int] = field(default_factory=list)
    look: list[int] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    present: list[bool] = field(default_factory=list)
    formula: list[bool] = field(default_factory=list)


def parse(parser: expat.XMLParserType, data: bytes, *, last: bool = False) -> None:
    """Lets expat read on; BrokenSheet where that is no XML, or in an encoding that nobody knows."""
    try:
        parser.Parse(data, last)
    except (BrokenSheet, ForbiddenXml):
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise BrokenSheet(f"its XML can't be read ({error})") from error


class ExactReader:
    """Feeds on the bytes of a worksheet and gives back its rows.

    Args:
        wish: the columns to give back.
        looks: the numbering of types and styles, which grows.
        empty: the numbers of empty shared strings, as text.
        previous: the number of the row before the first one, for rows that have none of their own.
    """

    def __init__(self, wish: Wish, looks: Looks, empty: pa.Array, previous: int = 0) -> None:
        self.wish = wish
        self.looks = looks
        self.empty = frozenset(empty.to_pylist())
        self.number = previous
        self.rows: list[int] = []
        self._hidden: list[bool] = []
        self._content: list[bool] = []
        self._cells = _Cells()
        self._trouble: dict[int, str] = {}
        self._last_row, self._last_column = 0, -1
        self._path: list[str] = []
        self._column = -1
        self._inside = False  # a cell
        self._start_cell({})
        self._parser = make_parser()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def feed(self, data: bytes, *, last: bool = False) -> None:
        """Reads on; raises BrokenSheet or ForbiddenXml."""
        parse(self._parser, data, last=last)
        if len(self._value) + len(self._runs) > LONGEST_TEXT:
            raise BrokenSheet(f"a cell of row {self.number} has a text without end")

    # --- what expat tells -------------------------------------------------------------------------------------------

    def _start(self, full: str, attributes: dict[str, str]) -> None:
        name = NAMES.get(full, "")
        parent = self._path[-1] if self._path else ""
        if not self._path and name != "worksheet":
            raise BrokenSheet("it is no worksheet")
        self._path.append(name)
        match parent, name:
            case "row", "c":
                self._start_cell(attributes)
            case ("c", "v") | ("is", "t"):
                self._listen(name)
            case "r", "t" if self._path[-3] == "is":
                self._listen(name)
            case "c", "f":
                self._formula = True
            case "sheetData", "row":
                self._start_row(attributes)
        if len(self._path) > DEEPEST:
            raise BrokenSheet("its XML is nested too deeply")

    def _end(self, _: str) -> None:
        name = self._path.pop()
        if name in ("v", "t"):
            self._parser.CharacterDataHandler = None
        elif name == "c" and self._inside:
            self._end_cell()

    def _listen(self, name: str) -> None:
        heard = self._value if name == "v" else self._runs
        heard.append("")
        self._parser.CharacterDataHandler = heard.append

    # --- rows and cells ---------------------------------------------------------------------------------------------

    def _start_row(self, attributes: dict[str, str]) -> None:
        spelt = attributes.get("r")
        if spelt is not None and not NUMBER.fullmatch(spelt):
            raise BrokenSheet(f"a row has the number {spelt[:20]!r}")
        self.number = self.number + 1 if spelt is None else int(spelt)
        if not 1 <= self.number <= LAST_ROW:
            raise BrokenSheet(f"it has a row {self.number:,}, and sheets end at row {LAST_ROW:,}")
        self._column = -1
        self._seen: set[int] = set()
        self.rows.append(self.number)
        self._hidden.append(is_hidden(attributes.get("hidden", ""), attributes.get("ht", "")))
        self._content.append(False)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._value: list[str] = []
        self._runs: list[str] = []
        self._formula = False
        self._attributes = attributes
        self._inside = bool(self.rows)
        if not self._inside:
            return
        spelt = attributes.get("r")
        self._column = self._column + 1 if spelt is None else self._address(spelt)
        if self._column > LAST_COLUMN:
            raise BrokenSheet(f"row {self.number} has a cell beyond column XFD")
        if self._column in self._seen:
            self._trouble[self.number] = f"two cells claim {column_letters(self._column)}{self.number}"

    def _address(self, spelt: str) -> int:
        found = ADDRESS.fullmatch(spelt)
        if found is None:
            raise BrokenSheet(f"a cell of row {self.number} has the address {spelt[:20]!r}")
        if int(found[2]) != self.number:
            self._trouble[self.number] = f"a cell with the address {spelt} stands in row {self.number}"
        column = 0
        for letter in found[1].upper():
            column = column * 26 + ord(letter) - 64
        return column - 1

    def _end_cell(self) -> None:
        self._inside = False
        column = self._column
        look = self.looks.code(self._attributes.get("t", "n"), self._attributes.get("s", "0"))
        text = "".join(self._runs or self._value)
        shared = self._attributes.get("t") == "s"
        self._content[-1] |= self._formula or (text != "" and not (shared and text in self.empty))
        self._last_row = max(self._last_row, self.number)
        self._last_column = max(self._last_column, column)
        if column in self._seen:  # the first one stays
            return
        self._seen.add(column)
        if self.wish.columns is None or self.wish.columns[column]:
            cells = self._cells
            cells.row.append(len(self.rows) - 1)
            cells.column.append(column)
            cells.look.append(look)
            cells.text.append(text)
            cells.present.append(bool(self._runs or self._value))
            cells.formula.append(self._formula)

    def take(self) -> Piece:
        """The whole rows read since the last time; the one that is being read stays."""
        cells, self._cells = self._cells, _Cells()
        piece = Piece(
            rows=np.array(self.rows, np.int64),
            hidden=np.array(self._hidden, bool),
            content=np.array(self._content, bool),
            row=np.array(cells.row, np.int64),
            column=np.array(cells.column, np.int32),
            look=np.array(cells.look, np.int32),
            text=pa.array(cells.text, pa.large_string()),
            present=np.array(cells.present, bool),
            formula=np.array(cells.formula, bool),
            last_row=self._last_row,
            last_column=self._last_column,
            trouble=self._trouble,
        )
        self.rows, self._hidden, self._content, self._trouble = [], [], [], {}
        return piece

    @property
    def between_rows(self) -> bool:
        """Whether no row is being read: only then may ``take`` be called."""
        return "row" not in self._path


def read_exactly(
    stream: Iterable[bytes], wish: Wish, looks: Looks, empty: pa.Array, previous: int = 0
) -> Iterator[Piece]:
    """The rows of a worksheet part, in the order of the file; every legal spelling.

    Args:
        stream: the whole part; or its beginning, some of its rows, and its end.
        wish, looks, empty, previous: see ``ExactReader``.
    Raises:
        BrokenSheet, ForbiddenXml: it is no worksheet, or damaged.
    """
    reader = ExactReader(wish, looks, empty, previous)
    for data in stream:
        for start in range(0, len(data), FEED):
            reader.feed(data[start : start + FEED])
            if len(reader.rows) >= AT_ONCE and reader.between_rows:
                yield reader.take()
    reader.feed(b"", last=True)
    yield reader.take()


def first_rows(stream: Iterable[bytes], most: int, looks: Looks, empty: pa.Array) -> Piece:
    """The first rows of a worksheet part with all their cells; not much more of it is read."""
    reader = ExactReader(Wish(columns=None), looks, empty)
    for data in stream:
        for start in range(0, len(data), FEED):
            reader.feed(data[start : start + FEED])
            if len(reader.rows) > most:  # the last one may not be whole
                return cut(reader.take(), 0, most)
    reader.feed(b"", last=True)
    return cut(reader.take(), 0, most)

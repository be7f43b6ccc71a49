"""Reads worksheets through an XML parser: every legal spelling, at a tenth of the speed of ``scanning``.

Prefixes, comments, CDATA, rich text, other encodings, cells and rows without an address, rows out of order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pyarrow as pa

from pipeline.addresses import column_letters
from pipeline.containers.safe_xml import make_parser
from pipeline.limits import LAST_COLUMN, MOST_ROWS
from pipeline.xlsx.errors import BrokenSheetError
from pipeline.xlsx.markup.expat_events import FEED, ElementRule, ElementRules, parse, within
from pipeline.xlsx.reading.cell_block import STRUCK, CellBlock, CellLooks, cut
from pipeline.xlsx.reading.fast_rows import Wish
from pipeline.xlsx.reading.rich_text import Runs
from pipeline.xlsx.reading.row_tags import is_hidden

LETTERS = re.compile(r"[A-Za-z]{1,3}")
NUMBER = re.compile(r"[0-9]{1,9}")

AT_ONCE = 4096
"""Rows given back together."""

FEW = FEED // 4
"""Bytes read at once where a few rows are wanted."""

LONGEST_TEXT = 10_000
"""Portions (of some kilobytes each) of a cell's text; Excel allows 32,767 characters."""

DEEPEST = 100
"""Nesting that no worksheet reaches (its extensions end at some 20)."""


@dataclass(slots=True)
class _CellLists:
    """The cells of the wanted columns, side by side."""

    row: list[int] = field(default_factory=list)
    column: list[int] = field(default_factory=list)
    look: list[int] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    present: list[bool] = field(default_factory=list)
    formula: list[bool] = field(default_factory=list)


class ExactReader:
    """Feeds on the bytes of a worksheet and gives back its rows.

    Args:
        wish: the columns to give back.
        looks: the numbering of types and styles, which grows.
        empty: the numbers of empty shared strings, as text.
        previous: the number of the row before the first one, for rows that have none of their own.
    """

    def __init__(self, wish: Wish, looks: CellLooks, empty: pa.Array, previous: int = 0) -> None:
        self.rows: list[int] = []
        self.between_rows = True  # only then may ``take`` be called, but at the end
        self._wanted = None if wish.columns is None else frozenset(np.flatnonzero(wish.columns).tolist())
        self._looks = looks
        self._codes: dict[tuple[str, str], int] = {}
        self._empty = frozenset(empty.to_pylist())
        self._hidden: list[bool] = []
        self._content: list[bool] = []
        self._cells = _CellLists()
        self._trouble: dict[int, str] = {}
        self._last_row, self._last_column = 0, -1
        self._number, self._spelt_number = previous, ""
        self._column, self._seen = -1, set[int]()
        self._attributes: dict[str, str] = {}
        self._value: list[str] = []
        self._runs: list[str] = []
        self._formula = False
        self._parts = Runs()
        self._inside = self._elements()
        self._outside: list[tuple[ElementRules, Callable[[], None] | None]] = []
        self._skipped = 0  # elements within one that means nothing here
        self._parser = make_parser()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def _elements(self) -> ElementRules:
        """What may stand in what (ECMA-376 part 1, 18.3.1), and what to do at its start and its end."""
        text = within("t", ElementRule({}, self._start_text, self._end_text))
        font = within("strike", ElementRule({}, self._start_strike)) | within(
            "vertAlign", ElementRule({}, self._start_level)
        )
        inline = text | within("r", ElementRule(text | within("rPr", ElementRule(font)), self._start_run))
        value = within("v", ElementRule({}, self._start_value, self._end_text))
        value |= within("is", ElementRule(inline)) | within("f", ElementRule({}, self._start_formula))
        cell = within("c", ElementRule(value, self._start_cell, self._end_cell))
        row = within("row", ElementRule(cell, self._start_row, self._end_row))
        return within("worksheet", ElementRule(within("sheetData", ElementRule(row))))

    def feed(self, data: bytes, *, last: bool = False) -> None:
        """Reads on; raises BrokenSheetError or ForbiddenXmlError."""
        parse(self._parser, data, last=last)
        if len(self._value) + len(self._runs) > LONGEST_TEXT:
            raise BrokenSheetError(f"a cell of row {self._number} has a text without end")

    # --- what expat tells -------------------------------------------------------------------------------------------

    def _start(self, full: str, attributes: dict[str, str]) -> None:
        element = None if self._skipped else self._inside.get(full)
        if element is None:
            self._skip()
            return
        self._outside.append((self._inside, element.end))
        self._inside = element.inside
        if element.start is not None:
            element.start(attributes)

    def _skip(self) -> None:
        self._skipped += 1
        if not self._outside:
            raise BrokenSheetError("it is no worksheet")
        if self._skipped > DEEPEST:
            raise BrokenSheetError("its XML is nested too deeply")

    def _end(self, _: str) -> None:
        if self._skipped:
            self._skipped -= 1
            return
        self._inside, end = self._outside.pop()
        if end is not None:
            end()

    # --- rows -------------------------------------------------------------------------------------------------------

    def _start_row(self, attributes: dict[str, str]) -> None:
        spelt = attributes.get("r")
        if spelt is not None and not NUMBER.fullmatch(spelt):
            raise BrokenSheetError(f"a row has the number {spelt[:20]!r}")
        self._number = self._number + 1 if spelt is None else int(spelt)
        if not 1 <= self._number <= MOST_ROWS:
            raise BrokenSheetError(f"it has a row {self._number:,}, and sheets end at row {MOST_ROWS:,}")
        self._spelt_number = str(self._number)
        self._column, self._seen = -1, set()
        self.rows.append(self._number)
        self._hidden.append(is_hidden(attributes.get("hidden", ""), attributes.get("ht", "")))
        self._content.append(False)
        self.between_rows = False

    def _end_row(self) -> None:
        self.between_rows = True
        if self._seen:
            self._last_row = max(self._last_row, self._number)
            self._last_column = max(self._last_column, *self._seen)

    # --- cells ------------------------------------------------------------------------------------------------------

    def _start_cell(self, attributes: dict[str, str]) -> None:
        spelt = attributes.get("r")
        self._column = self._column + 1 if spelt is None else self._address(spelt)
        if self._column > LAST_COLUMN:
            raise BrokenSheetError(f"row {self._number} has a cell beyond column XFD")
        self._attributes = attributes
        self._value, self._runs, self._formula = [], [], False
        self._parts.begin()

    def _address(self, spelt: str) -> int:
        letters = spelt.rstrip("0123456789")
        column = column_number(letters)
        number = spelt[len(letters) :]
        if column < 0 or not NUMBER.fullmatch(number):
            raise BrokenSheetError(f"a cell of row {self._number} has the address {spelt[:20]!r}")
        if number != self._spelt_number and int(number) != self._number:
            self._trouble[self._number] = f"a cell with the address {spelt} stands in row {self._number}"
        return column

    def _start_value(self, _: dict[str, str]) -> None:
        self._value.append("")
        self._parser.CharacterDataHandler = self._value.append

    def _start_text(self, _: dict[str, str]) -> None:
        self._parts.text()
        self._runs.append("")
        self._parser.CharacterDataHandler = self._runs.append

    def _end_text(self) -> None:
        self._parser.CharacterDataHandler = None

    def _start_run(self, _: dict[str, str]) -> None:
        self._parts.part()

    def _start_strike(self, attributes: dict[str, str]) -> None:
        self._parts.font("strike", attributes)

    def _start_level(self, attributes: dict[str, str]) -> None:
        self._parts.font("vertAlign", attributes)

    def _start_formula(self, _: dict[str, str]) -> None:
        self._formula = True

    def _end_cell(self) -> None:
        look = self._look()
        heard = self._runs or self._value
        text = "".join(heard)
        shared = text in self._empty and self._attributes.get("t") == "s"
        self._content[-1] |= self._formula or (text != "" and not shared)
        column = self._column
        if column in self._seen:  # the first one stays
            self._trouble[self._number] = f"two cells claim {column_letters(column)}{self._number}"
            return
        self._seen.add(column)
        if self._wanted is None or column in self._wanted:
            cells = self._cells
            cells.row.append(len(self.rows) - 1)
            cells.column.append(column)
            cells.look.append(look)
            cells.text.append(text)
            cells.present.append(bool(heard))
            cells.formula.append(self._formula)

    def _look(self) -> int:
        spelt = STRUCK if self._parts.odd else self._attributes.get("t", "n"), self._attributes.get("s", "0")
        if spelt not in self._codes:
            self._codes[spelt] = self._looks.code(*spelt)
        return self._codes[spelt]

    def take(self) -> CellBlock:
        """The rows read since the last time."""
        cells, self._cells = self._cells, _CellLists()
        piece = CellBlock(
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


@lru_cache(maxsize=1 << 15)
def column_number(letters: str) -> int:
    """A is 0, AA is 26, in any letter case; -1 for what names no column of any sheet."""
    if not LETTERS.fullmatch(letters):
        return -1
    column = 0
    for letter in letters.upper():
        column = column * 26 + ord(letter) - 64
    return column - 1


def read_exactly(
    stream: Iterable[bytes], wish: Wish, looks: CellLooks, empty: pa.Array, previous: int = 0
) -> Iterator[CellBlock]:
    """The rows of a worksheet part, in the order of the file; every legal spelling.

    Args:
        stream: the whole part; or its beginning, some of its rows, and its end.
        wish, looks, empty, previous: see ``ExactReader``.
    Raises:
        BrokenSheetError, ForbiddenXmlError: it is no worksheet, or damaged.
    """
    reader = ExactReader(wish, looks, empty, previous)
    for data in stream:
        for start in range(0, len(data), FEED):
            reader.feed(data[start : start + FEED])
            if len(reader.rows) >= AT_ONCE and reader.between_rows:
                yield reader.take()
    reader.feed(b"", last=True)
    yield reader.take()


def first_rows(stream: Iterable[bytes], most: int, looks: CellLooks, empty: pa.Array) -> CellBlock:
    """The first rows of a worksheet part with all their cells; not much more of it is read."""
    reader = ExactReader(Wish(columns=None), looks, empty)
    for data in stream:
        for start in range(0, len(data), FEW):
            reader.feed(data[start : start + FEW])
            if len(reader.rows) > most:  # the last one may not be whole
                return cut(reader.take(), 0, most)
    reader.feed(b"", last=True)
    return cut(reader.take(), 0, most)

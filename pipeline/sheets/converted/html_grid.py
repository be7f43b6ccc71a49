"""Puts the cells of an HTML table into rows and columns as a browser does, around the cells that span several."""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.model.sheet import Kind
from pipeline.sheets.converted.grid_builder import BookBuilder, Cell, SheetBuilder

MOST_COLUMNS_SPANNED = 1_000  # the limits of the HTML standard, 4.9.11
MOST_ROWS_SPANNED = 65_534

AROUND_BREAK = re.compile(r" *\n[ \n]*")
SPACES = re.compile(r"  +")


class _Laid(NamedTuple):
    """A cell as the page has it: its text, and over how many columns and rows it stands."""

    text: str
    columns: int
    rows: int


class TableRows:
    """One table of a page. A text that spans rows stands in each of them; one that spans columns, in the first."""

    def __init__(self, builder: BookBuilder) -> None:
        self.sheet = SheetBuilder(builder)
        self.cells = 0
        self._row = 0
        self._laid: list[_Laid] | None = None
        self._hidden = False
        self._text: list[str] | None = None
        self._spans = (1, 1)
        self._from_above: dict[int, _Laid] = {}

    def start_row(self, *, hidden: bool = False) -> None:
        """A row begins; one that was left open ends."""
        self.end_row()
        self._laid, self._hidden = [], hidden

    def start_cell(self, columns: str, rows: str) -> None:
        """A cell begins, with what the page says of its spans."""
        self.end_cell()
        if self._laid is None:
            self.start_row()
        self._text = []
        self._spans = _span(columns, MOST_COLUMNS_SPANNED), _span(rows, MOST_ROWS_SPANNED)

    def write(self, text: str) -> None:
        """Text inside the open cell; ignored outside of one."""
        if self._text is not None:
            self._text.append(text)

    def end_cell(self) -> None:
        """The open cell, if any, ends."""
        if self._text is not None and self._laid is not None:
            text = "".join(self._text)
            if "\n" in text or "  " in text:
                text = SPACES.sub(" ", AROUND_BREAK.sub("\n", text))
            text = text.strip(" \n")
            self._laid.append(_Laid("" if text.isspace() else text, *self._spans))
        self._text = None

    def end_row(self) -> None:
        """The open row, if any, ends, and is laid out."""
        self.end_cell()
        if self._laid is None:
            return
        self._row += 1
        placed = self._place(self._laid)
        cells = [Cell(column, Kind.TEXT, text) for column, text in sorted(placed.items()) if text]
        self.cells += len(cells)
        self.sheet.row(self._row, cells, hidden=self._hidden)
        self._laid = None

    def _place(self, laid: list[_Laid]) -> dict[int, str]:
        """The texts by column; what reaches into the row from above keeps its place."""
        if not self._from_above and all(cell.rows == cell.columns == 1 for cell in laid):
            return dict(enumerate(cell.text for cell in laid))
        placed = {column: cell.text for column, cell in self._from_above.items()}
        below = {
            column: _Laid(cell.text, 1, cell.rows - 1) for column, cell in self._from_above.items() if cell.rows > 1
        }
        column = 0
        for cell in laid:
            while column in self._from_above:
                column += 1
            placed[column] = cell.text
            if cell.rows > 1:
                below |= {
                    column + step: _Laid("" if step else cell.text, 1, cell.rows - 1) for step in range(cell.columns)
                }
            column += cell.columns
        self._from_above = below
        return placed


def _span(text: str, most: int) -> int:
    if not text:
        return 1
    text = text.strip()
    return min(max(int(text), 1), most) if text.isascii() and text.isdigit() and len(text) < 7 else 1

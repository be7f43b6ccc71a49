"""Lays the cells of an HTML table out in rows and columns, as a browser does: spans moved out of the way."""

from __future__ import annotations

from typing import NamedTuple

from pipeline.model.sheet import Kind
from pipeline.sheets.converted.grid_builder import BookBuilder, Cell, SheetBuilder
from pipeline.sheets.converted.html_cells import NOTHING_GIVEN, Given, HtmlCell, read_cell, shown_text
from pipeline.sheets.converted.merged import MergedArea

MOST_COLUMNS_SPANNED = 1_000  # the limits of the HTML standard, 4.9.11
MOST_ROWS_SPANNED = 65_534


class Spans(NamedTuple):
    """Over how many columns and rows a cell stands."""

    columns: int = 1
    rows: int = 1

    @staticmethod
    def of(columns: str, rows: str) -> Spans:
        """From what the page says of them."""
        return Spans(_span(columns, MOST_COLUMNS_SPANNED), _span(rows, MOST_ROWS_SPANNED))


ALONE = Spans()


class _Laid(NamedTuple):
    """A cell as the page has it."""

    read: HtmlCell
    spans: Spans
    struck: bool
    formula: bool


class TableRows:
    """One table of a page. A cell that spans rows or columns is a merged one."""

    def __init__(self, builder: BookBuilder) -> None:
        self.sheet = SheetBuilder(builder)
        self.cells = 0
        self._builder = builder
        self._row = 0
        self._laid: list[_Laid] | None = None
        self._hidden = False
        self._next_column = 0  # of those that ``col`` describes
        self._text: list[str] | None = None
        self._given, self._spans = NOTHING_GIVEN, ALONE
        self._struck = False
        self._raised: set[bool] = set()
        self._from_above: dict[int, int] = {}  # columns that a cell above still takes, and for how many rows

    def column(self, span: str, *, hidden: bool) -> None:
        """A ``col``: what the page says of the next column, or of so many."""
        count = _span(span, MOST_COLUMNS_SPANNED)
        if hidden:
            self.sheet.hide(self._next_column, self._next_column + count - 1)
        self._next_column += count

    def start_row(self, *, hidden: bool = False) -> None:
        """A row begins; one that was left open ends."""
        self.end_row()
        self._laid, self._hidden = [], hidden

    def start_cell(self, spans: Spans, given: Given) -> None:
        """A cell begins, with what the page says of its spans and its value."""
        self.end_cell()
        if self._laid is None:
            self.start_row()
        self._text, self._given, self._spans = [], given, spans
        self._struck = False
        self._raised.clear()

    def write(self, text: str, *, struck: bool = False, raised: bool = False) -> None:
        """Text inside the open cell; outside of one it belongs to nothing."""
        if self._text is not None:
            self._text.append(text)
            if text and not text.isspace():
                self._struck |= struck
                self._raised.add(raised)

    def end_cell(self) -> None:
        """The open cell, if any, ends."""
        if self._text is not None and self._laid is not None:
            read = read_cell(shown_text(self._text), self._given)
            struck = self._struck or len(self._raised) > 1
            self._laid.append(_Laid(read, self._spans, struck, self._given.formula))
        self._text = None

    def end_row(self) -> None:
        """The open row, if any, ends, and is laid out."""
        self.end_cell()
        if self._laid is None:
            return
        self._row += 1
        placed = self._place(self._laid)
        cells = [self._cell(column, laid) for column, laid in sorted(placed.items()) if laid.read.text]
        self.cells += len(cells)
        self.sheet.row(self._row, cells, hidden=self._hidden)
        self._laid = None

    def _cell(self, column: int, laid: _Laid) -> Cell:
        form = self._builder.format_index(laid.read.format) if laid.read.format else -1
        return Cell(column, Kind(laid.read.kind), laid.read.text, form, laid.formula, laid.struck)

    def _place(self, laid: list[_Laid]) -> dict[int, _Laid]:
        """The cells by column; what reaches into the row from above keeps its place."""
        if not self._from_above and all(cell.spans == ALONE for cell in laid):
            return dict(enumerate(laid))
        placed: dict[int, _Laid] = {}
        below = {column: rows - 1 for column, rows in self._from_above.items() if rows > 1}
        column = 0
        for cell in laid:
            while column in self._from_above:
                column += 1
            placed[column] = cell
            columns, rows = cell.spans
            if cell.spans != ALONE and cell.read.text:
                self.sheet.merge(MergedArea(self._row, self._row + rows - 1, column, column + columns - 1))
            if rows > 1:
                below |= dict.fromkeys(range(column, column + columns), rows - 1)
            column += columns
        self._from_above = below
        return placed


def _span(text: str, most: int) -> int:
    if not text:
        return 1
    text = text.strip()
    return min(max(int(text), 1), most) if text.isascii() and text.isdigit() and len(text) < 7 else 1

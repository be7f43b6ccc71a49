"""Reads the tables of an OpenDocument from the events of its XML: sheets, rows, cells, merged areas."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

from pipeline.limits import MOST_COLUMNS, MOST_ROWS
from pipeline.model.sheet import Visibility
from pipeline.sheets.converted.grid_builder import BookBuilder, Cell, SheetBuilder
from pipeline.sheets.converted.merged import MergedArea
from pipeline.sheets.converted.ods_cells import OdsShown, OdsValue, value_of
from pipeline.sheets.converted.ods_styles import Look, OdsStyles
from pipeline.sheets.converted.serials import BEGIN_1900

ODF = "urn:oasis:names:tc:opendocument:xmlns:"
TABLE, TEXT, OFFICE = f"{ODF}table:1.0 ", f"{ODF}text:1.0 ", f"{ODF}office:1.0 "
DRAW = f"{ODF}drawing:1.0 "
STYLE_NAME = f"{TABLE}style-name"

SKIPPED = frozenset(
    {
        f"{OFFICE}annotation",
        f"{OFFICE}forms",
        f"{OFFICE}dde-source",
        f"{TABLE}shapes",
        f"{TABLE}tracked-changes",
        f"{TABLE}dde-links",
        f"{TEXT}ruby-text",
    }
)
"""What a document holds besides the cells: notes, shapes and old versions, whose texts must not get into a cell."""

HIDDEN_ROW = ("collapse", "filter")
"""``table:visibility`` of a row that was hidden by hand, or by a filter (ODF 1.3 part 3, 19.749)."""

OTHER_DOCUMENT = re.compile(r"'[a-z][a-z0-9+.-]*:.*'#.*", re.IGNORECASE | re.DOTALL)
"""How LibreOffice names the copy of another document's sheet that a formula refers to."""

ONLY_RESULTS = "copy-results-only"
"""How such a copy says that it is one (``table:mode``; ODF 1.3 part 3, 19.690)."""

BLANKS = re.compile(r"[ \t\r\n]+")
MOST_AREAS_REPEATED = 1_000


class TableReader:
    """Takes the events of the XML in turn; one sheet, one row, one cell and one paragraph are open at a time."""

    def __init__(self, book: BookBuilder, styles: OdsStyles) -> None:
        self.book = book
        self._styles = styles
        self._skipping = 0
        self._begin = BEGIN_1900
        self._foreign = False
        self._column_styles: list[tuple[int, str]] = []  # where a run of columns ends, and the style of its cells
        self._spans: list[str] = []  # styles of the texts that are open
        self._looks: set[Look] = set()  # of the cell's texts
        self._name, self._visibility = "", Visibility.VISIBLE
        self._sheet: SheetBuilder | None = None
        self._groups: list[bool] = []  # the row groups around this row: whether each is folded away
        self._column_groups: list[bool] = []  # the same of columns
        self._row = 1
        self._row_attributes: Mapping[str, str] = {}
        self._cells: list[Cell] = []
        self._column = 0
        self._cell: Mapping[str, str] | None = None
        self._shown: list[str] = []
        self._paragraph: list[str] | None = None
        self._starts: dict[str, Callable[[Mapping[str, str]], None]] = {
            f"{TABLE}null-date": self._null_date,
            f"{TABLE}table": self._start_sheet,
            f"{TABLE}table-source": self._source,
            f"{TABLE}table-column": self._column_style,
            f"{TABLE}table-column-group": lambda group: self._column_groups.append(_is_folded(group)),
            f"{TABLE}table-row-group": lambda group: self._groups.append(_is_folded(group)),
            f"{TABLE}table-row": self._start_row,
            f"{TABLE}table-cell": self._start_cell,
            f"{TABLE}covered-table-cell": self._covered_cell,
            f"{TEXT}p": self._start_paragraph,
            f"{TEXT}h": self._start_paragraph,
            f"{TEXT}span": self._start_span,
            f"{TEXT}s": self._spaces,
            f"{TEXT}tab": lambda _: self._add("\t"),
            f"{TEXT}line-break": lambda _: self._add("\n"),
        }
        self._ends: dict[str, Callable[[], None]] = {
            f"{TABLE}table": self._end_sheet,
            f"{TABLE}table-column-group": lambda: self._leave(self._column_groups),
            f"{TABLE}table-row-group": lambda: self._leave(self._groups),
            f"{TABLE}table-row": self._end_row,
            f"{TABLE}table-cell": self._end_cell,
            f"{TEXT}p": self._end_paragraph,
            f"{TEXT}h": self._end_paragraph,
            f"{TEXT}span": self._end_span,
        }

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        if self._skipping:
            self._skipping += 1
        elif (begin := self._starts.get(name)) is not None:
            begin(attributes)
        elif name in SKIPPED or name.startswith(DRAW):
            self._skipping = 1

    def end(self, name: str) -> None:
        """An element ends."""
        if self._skipping:
            self._skipping -= 1
        elif (finish := self._ends.get(name)) is not None:
            finish()

    def characters(self, text: str) -> None:
        """Text; outside of a paragraph it belongs to nothing."""
        if self._paragraph is not None and not self._skipping:
            odd = "  " in text or "\n" in text or "\t" in text or "\r" in text
            self._paragraph.append(BLANKS.sub(" ", text) if odd else text)
            if self._spans or self._looks:
                self._note_look(text)

    def _start_span(self, attributes: Mapping[str, str]) -> None:
        if not self._spans:
            self._note_look("".join([*self._shown, *(self._paragraph or ())]))  # what stands before it
        self._spans.append(attributes.get(f"{TEXT}style-name", ""))

    def _note_look(self, text: str) -> None:
        """Notes how a text of the cell looks."""
        if text.strip():
            self._looks.add(self._look())

    def _look(self) -> Look:
        look = self._styles.look_of(self._style_of(self._cell or {}))
        for style in self._spans:
            span = self._styles.look_of(style)
            look = Look(look.struck or span.struck, span.raised or look.raised)
        return look

    def _add(self, text: str) -> None:
        if self._paragraph is not None:
            self._paragraph.append(text)

    def _null_date(self, attributes: Mapping[str, str]) -> None:
        try:
            self._begin = date.fromisoformat(attributes.get(f"{TABLE}date-value", ""))
        except ValueError:
            self._begin = BEGIN_1900

    def _source(self, attributes: Mapping[str, str]) -> None:
        self._foreign |= attributes.get(f"{TABLE}mode") == ONLY_RESULTS

    def _column_style(self, attributes: Mapping[str, str]) -> None:
        end = self._column_styles[-1][0] if self._column_styles else 0
        first, end = end, end + _count(attributes, f"{TABLE}number-columns-repeated", MOST_COLUMNS)
        hidden = attributes.get(f"{TABLE}visibility") in HIDDEN_ROW or any(self._column_groups)
        if self._sheet is not None and (hidden or attributes.get(STYLE_NAME) in self._styles.flat_columns):
            self._sheet.hide(first, end - 1)
        self._column_styles.append((end, attributes.get(f"{TABLE}default-cell-style-name", "")))

    def _start_sheet(self, attributes: Mapping[str, str]) -> None:
        if self._sheet is not None:  # a table within a cell
            self._skipping = 1
            return
        self._name = attributes.get(f"{TABLE}name", "")
        self._foreign = OTHER_DOCUMENT.fullmatch(self._name) is not None
        self._column_styles = []
        hidden = attributes.get(STYLE_NAME) in self._styles.hidden_tables
        self._visibility = Visibility.HIDDEN if hidden else Visibility.VISIBLE
        self._sheet, self._row = SheetBuilder(self.book), 1
        self._groups, self._column_groups = [], []

    def _end_sheet(self) -> None:
        if self._sheet is not None and not self._foreign:  # other people's data must not travel on
            self.book.add(self._name, self._visibility, self._sheet)
        self._sheet = None

    @staticmethod
    def _leave(groups: list[bool]) -> None:
        groups.pop()

    def _start_row(self, attributes: Mapping[str, str]) -> None:
        self._row_attributes, self._cells, self._column = attributes, [], 0

    def _end_row(self) -> None:
        repeat = _count(self._row_attributes, f"{TABLE}number-rows-repeated", MOST_ROWS)
        if self._sheet is not None:
            hidden = self._row_attributes.get(f"{TABLE}visibility") in HIDDEN_ROW or any(self._groups)
            hidden |= self._row_attributes.get(STYLE_NAME) in self._styles.flat_rows
            self._sheet.row(self._row, self._cells, hidden=hidden, repeat=repeat)
        self._row += repeat

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        self._cell, self._shown, self._spans = attributes, [], []
        self._looks.clear()

    def _covered_cell(self, attributes: Mapping[str, str]) -> None:
        """A cell below a merged one: nobody sees what it holds."""
        self._column += _count(attributes, f"{TABLE}number-columns-repeated", MOST_COLUMNS)

    def _end_cell(self) -> None:
        attributes = self._cell or {}
        repeat = _count(attributes, f"{TABLE}number-columns-repeated", MOST_COLUMNS)
        if attributes or self._shown:
            style = self._style_of(attributes)
            shown = OdsShown("\n".join(self._shown), self._styles.format_of(style), self._begin)
            value = value_of(attributes, shown)
            if value is not None:
                self._keep(value, repeat, self._is_struck(style))
                self._merge(attributes)
        self._column += repeat
        self._cell = None

    def _style_of(self, attributes: Mapping[str, str]) -> str:
        """The style of the cell, or else that of its row or column."""
        own = attributes.get(STYLE_NAME) or self._row_attributes.get(f"{TABLE}default-cell-style-name")
        if own:
            return own
        return next((style for end, style in self._column_styles if self._column < end), "")

    def _is_struck(self, style: str) -> bool:
        """Whether the cell or a part of it is struck out or hidden, or parts of it are raised and others not."""
        own = self._styles.look_of(style)
        looks = self._looks or {own}
        return own.struck or any(look.struck for look in looks) or len({look.raised for look in looks}) > 1

    def _keep(self, value: OdsValue, repeat: int, struck: bool) -> None:
        form = self.book.format_index(value.format) if value.format else -1
        beyond = min(self._column + repeat, MOST_COLUMNS + 1)
        for column in range(self._column, beyond):
            self._cells.append(Cell(column, value.kind, value.text, form, value.formula, struck))

    def _merge(self, attributes: Mapping[str, str]) -> None:
        rows = _count(attributes, f"{TABLE}number-rows-spanned", MOST_ROWS)
        columns = _count(attributes, f"{TABLE}number-columns-spanned", MOST_COLUMNS)
        if self._sheet is None or rows == columns == 1:
            return
        repeated = _count(self._row_attributes, f"{TABLE}number-rows-repeated", MOST_AREAS_REPEATED)
        for row in range(self._row, self._row + repeated):
            self._sheet.merge(MergedArea(row, row + rows - 1, self._column, self._column + columns - 1))
        self._sheet.reach(self._row, min(self._column + columns, MOST_COLUMNS) - 1)

    def _start_paragraph(self, _: Mapping[str, str]) -> None:
        if self._cell is not None:
            self._paragraph = []

    def _end_paragraph(self) -> None:
        if self._paragraph is not None:
            self._shown.append("".join(self._paragraph))
        self._paragraph = None

    def _end_span(self) -> None:
        if self._spans:
            self._spans.pop()

    def _spaces(self, attributes: Mapping[str, str]) -> None:
        self._add(" " * _count(attributes, f"{TEXT}c", 10_000))


def _count(attributes: Mapping[str, str], name: str, most: int) -> int:
    """A count that an attribute gives, 1 when it gives none; never more than ``most`` + 1."""
    text = attributes.get(name)
    if text is None:
        return 1
    return min(max(int(text), 1), most + 1) if text.isascii() and text.isdigit() and len(text) < 12 else 1


def _is_folded(group: Mapping[str, str]) -> bool:
    """Whether a group of rows or columns is folded away."""
    return group.get(f"{TABLE}display") == "false"

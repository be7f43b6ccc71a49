"""Reads .ods: streams the document's own XML, with its hidden rows, hidden sheets and the texts that it shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from xml.parsers import expat

from pipeline.containers.safe_xml import ForbiddenXml, make_parser
from pipeline.containers.zip_archive import Archive, open_archive
from pipeline.errors import FileTrouble
from pipeline.limits import MOST_COLUMNS, MOST_ROWS
from pipeline.model.sheet import Visibility
from pipeline.sheets.converted.grid import GridBook
from pipeline.sheets.converted.grid_builder import BookBuilder, Cell, SheetBuilder
from pipeline.sheets.converted.ods_cells import Value, value_of

ODF = "urn:oasis:names:tc:opendocument:xmlns:"
TABLE, TEXT, STYLE, OFFICE = f"{ODF}table:1.0 ", f"{ODF}text:1.0 ", f"{ODF}style:1.0 ", f"{ODF}office:1.0 "
DRAW = f"{ODF}drawing:1.0 "

SKIPPED = frozenset(
    {
        f"{OFFICE}annotation",
        f"{OFFICE}forms",
        f"{OFFICE}dde-source",
        f"{TABLE}shapes",
        f"{TABLE}tracked-changes",
        f"{TABLE}table-source",
        f"{TABLE}dde-links",
    }
)
"""What a document holds besides the cells: notes, shapes and old versions, whose texts must not get into a cell."""

HIDDEN_ROW = ("collapse", "filter")
"""``table:visibility`` of a row that was hidden by hand, or by a filter (ODF 1.3 part 3, 19.749)."""

BLANKS = re.compile(r"[ \t\r\n]+")


def read_ods(path: Path) -> GridBook:
    """Reads a spreadsheet document.

    Raises:
        FileTrouble: damaged, protected with a password, or larger than can be held.
    """
    archive = open_archive(path)
    _check_password(archive)
    reader = _Reader(BookBuilder(path))
    try:
        for piece in archive.stream("content.xml"):
            reader.parser.Parse(piece, False)
        reader.parser.Parse(b"", True)
    except ForbiddenXml as error:
        raise FileTrouble("This file's XML has a document type, which no spreadsheet has", where=path.name) from error
    except (IndexError, KeyError):  # these would be ours
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:  # the latter two: an encoding that nobody knows
        step = "Open it in LibreOffice and save it again."
        raise FileTrouble(f"This file is damaged: its table isn't XML ({error})", step, where=path.name) from error
    return reader.book.book("ods")


def _check_password(archive: Archive) -> None:
    manifest = archive.find("META-INF/manifest.xml")
    if manifest and b"encryption-data" in archive.read(manifest):
        step = "Open it in LibreOffice, save it without a password, and give that."
        raise FileTrouble("This file is protected with a password", step, where=archive.path.name)


class _Reader:
    """Takes the events of the XML in turn; one sheet, one row, one cell and one paragraph are open at a time."""

    def __init__(self, book: BookBuilder) -> None:
        self.book = book
        self.parser = make_parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self._skipping = 0
        self._style = ""
        self._hidden_styles: set[str] = set()
        self._name, self._visibility = "", Visibility.VISIBLE
        self._sheet: SheetBuilder | None = None
        self._groups: list[bool] = []  # the row groups around this row: whether each is folded away
        self._row = 1
        self._row_attributes: Mapping[str, str] = {}
        self._cells: list[Cell] = []
        self._column = 0
        self._cell: Mapping[str, str] | None = None
        self._shown: list[str] = []
        self._paragraph: list[str] | None = None
        self._starts: dict[str, Callable[[Mapping[str, str]], None]] = {
            f"{STYLE}style": self._start_style,
            f"{STYLE}table-properties": self._table_properties,
            f"{TABLE}table": self._start_sheet,
            f"{TABLE}table-row-group": self._start_group,
            f"{TABLE}table-row": self._start_row,
            f"{TABLE}table-cell": self._start_cell,
            f"{TABLE}covered-table-cell": self._covered_cell,
            f"{TEXT}p": self._start_paragraph,
            f"{TEXT}h": self._start_paragraph,
            f"{TEXT}s": self._spaces,
            f"{TEXT}tab": lambda _: self._add("\t"),
            f"{TEXT}line-break": lambda _: self._add("\n"),
        }
        self._ends: dict[str, Callable[[], None]] = {
            f"{TABLE}table": self._end_sheet,
            f"{TABLE}table-row-group": self._end_group,
            f"{TABLE}table-row": self._end_row,
            f"{TABLE}table-cell": self._end_cell,
            f"{TEXT}p": self._end_paragraph,
            f"{TEXT}h": self._end_paragraph,
        }

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        if self._skipping:
            self._skipping += 1
        elif (begin := self._starts.get(name)) is not None:
            begin(attributes)
        elif name in SKIPPED or name.startswith(DRAW):
            self._skipping = 1

    def _end(self, name: str) -> None:
        if self._skipping:
            self._skipping -= 1
        elif (finish := self._ends.get(name)) is not None:
            finish()

    def _characters(self, text: str) -> None:
        if self._paragraph is not None and not self._skipping:
            odd = "  " in text or "\n" in text or "\t" in text or "\r" in text
            self._paragraph.append(BLANKS.sub(" ", text) if odd else text)

    def _add(self, text: str) -> None:
        if self._paragraph is not None:
            self._paragraph.append(text)

    def _start_style(self, attributes: Mapping[str, str]) -> None:
        self._style = attributes.get(f"{STYLE}name", "")

    def _table_properties(self, attributes: Mapping[str, str]) -> None:
        if attributes.get(f"{TABLE}display") == "false":
            self._hidden_styles.add(self._style)

    def _start_sheet(self, attributes: Mapping[str, str]) -> None:
        if self._sheet is not None:  # a table within a cell
            self._skipping = 1
            return
        self._name = attributes.get(f"{TABLE}name", "")
        hidden = attributes.get(f"{TABLE}style-name") in self._hidden_styles
        self._visibility = Visibility.HIDDEN if hidden else Visibility.VISIBLE
        self._sheet, self._row, self._groups = SheetBuilder(self.book), 1, []

    def _end_sheet(self) -> None:
        if self._sheet is not None:
            self.book.add(self._name, self._visibility, self._sheet)
        self._sheet = None

    def _start_group(self, attributes: Mapping[str, str]) -> None:
        self._groups.append(attributes.get(f"{TABLE}display") == "false")

    def _end_group(self) -> None:
        self._groups.pop()

    def _start_row(self, attributes: Mapping[str, str]) -> None:
        self._row_attributes, self._cells, self._column = attributes, [], 0

    def _end_row(self) -> None:
        repeat = _count(self._row_attributes, f"{TABLE}number-rows-repeated", MOST_ROWS)
        if self._sheet is not None:
            hidden = self._row_attributes.get(f"{TABLE}visibility") in HIDDEN_ROW or any(self._groups)
            self._sheet.row(self._row, self._cells, hidden=hidden, repeat=repeat)
        self._row += repeat

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        self._cell, self._shown = attributes, []

    def _covered_cell(self, attributes: Mapping[str, str]) -> None:
        """A cell below a merged one: nobody sees what it holds."""
        self._column += _count(attributes, f"{TABLE}number-columns-repeated", MOST_COLUMNS)

    def _end_cell(self) -> None:
        attributes = self._cell or {}
        repeat = _count(attributes, f"{TABLE}number-columns-repeated", MOST_COLUMNS)
        value = value_of(attributes, "\n".join(self._shown)) if attributes or self._shown else None
        if value is not None:
            self._keep(value, repeat)
        self._column += repeat
        self._cell = None

    def _keep(self, value: Value, repeat: int) -> None:
        form = self.book.format_index(value.format) if value.format else -1
        beyond = min(self._column + repeat, MOST_COLUMNS + 1)
        for column in range(self._column, beyond):
            self._cells.append(Cell(column, value.kind, value.text, form, value.formula))

    def _start_paragraph(self, _: Mapping[str, str]) -> None:
        if self._cell is not None:
            self._paragraph = []

    def _end_paragraph(self) -> None:
        if self._paragraph is not None:
            self._shown.append("".join(self._paragraph))
        self._paragraph = None

    def _spaces(self, attributes: Mapping[str, str]) -> None:
        self._add(" " * _count(attributes, f"{TEXT}c", 10_000))


def _count(attributes: Mapping[str, str], name: str, most: int) -> int:
    """A count that an attribute gives, 1 when it gives none; never more than ``most`` + 1."""
    text = attributes.get(name)
    if text is None:
        return 1
    return min(max(int(text), 1), most + 1) if text.isascii() and text.isdigit() and len(text) < 12 else 1

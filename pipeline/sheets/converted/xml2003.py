"""Reads an XML Spreadsheet 2003 (NetSuite, SAP and SSRS call it .xls): cells, formats, hidden rows, merged areas.

Its schema: Microsoft, "XML Spreadsheet Reference" (Office 2003); indexes count from 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from xml.parsers import expat

from pipeline.containers.safe_xml import ForbiddenXmlError, make_parser
from pipeline.errors import FileError
from pipeline.limits import MOST_COLUMNS, MOST_ROWS
from pipeline.model.sheet import Kind, Visibility
from pipeline.sheets.converted.grid import GridBook
from pipeline.sheets.converted.grid_builder import BookBuilder, Cell, SheetBuilder
from pipeline.sheets.converted.merged import MergedArea
from pipeline.sheets.converted.serials import BEGIN_1900, BEGIN_1904
from pipeline.sheets.converted.text_runs import Font
from pipeline.sheets.converted.xml2003_cells import SPACE, Xml2003Style, Xml2003Styles, cell_of
from pipeline.source_file import SourceFile

EXCEL = "urn:schemas-microsoft-com:office:excel "
HTML = "http://www.w3.org/TR/REC-html40 "

LARGEST = 400_000_000
"""Bytes."""

FEED = 1 << 20
VISIBILITIES = {"SheetHidden": Visibility.HIDDEN, "SheetVeryHidden": Visibility.VERY_HIDDEN}
STRUCK = frozenset({f"{HTML}S", f"{HTML}Del", f"{HTML}Strike"})
RAISED = frozenset({f"{HTML}Sup", f"{HTML}Sub"})

Attributes = Mapping[str, str]
NO_ATTRIBUTES: Attributes = {}


def read_xml2003(source: SourceFile) -> GridBook:
    """Reads a workbook that is one XML file.

    Raises:
        FileError: damaged, without a worksheet, or larger than can be held.
    """
    if source.size > LARGEST:
        raise FileError("This file is larger than can be held", "Save it as .xlsx or .csv.", where=source.name)
    data = source.read_bytes()
    reader = _Reader(BookBuilder(source))
    try:
        for start in range(0, len(data), FEED):
            reader.parser.Parse(data[start : start + FEED], False)
        reader.parser.Parse(b"", True)
    except ForbiddenXmlError as error:
        raise FileError("This file's XML has a document type, which no workbook has", where=source.name) from error
    except (IndexError, KeyError):  # these would be ours
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:  # the latter two: an encoding that nobody knows
        step = "Open it in Excel or LibreOffice, save it as .xlsx, and give that."
        raise FileError(f"This file is damaged: it isn't XML ({error})", step, where=source.name) from error
    return reader.book.book("xml")


class _Reader:
    """Takes the events of the XML in turn; one sheet, one row and one cell are open at a time."""

    def __init__(self, book: BookBuilder) -> None:
        self.book = book
        self.parser = make_parser()
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end
        self.parser.CharacterDataHandler = self._characters
        self._styles = Xml2003Styles()
        self._begin = BEGIN_1900
        self._sheet: SheetBuilder | None = None
        self._name, self._visibility, self._protects = "", Visibility.VISIBLE, False
        self._row, self._cells, self._row_attributes = 0, dict[int, Cell](), NO_ATTRIBUTES
        self._column, self._column_styles = -1, list[tuple[int, int, str]]()
        self._next_column = 0
        self._cell: Attributes = {}
        self._data: Attributes | None = None
        self._comment = 0
        self._text: list[str] = []
        self._fonts: list[Font] = [Font()]
        self._runs: list[Font] = []
        self._shown: list[str] | None = None
        self._starts: dict[str, Callable[[Attributes], None]] = {
            f"{SPACE}Style": self._styles.start,
            f"{SPACE}NumberFormat": self._styles.number_format,
            f"{SPACE}Font": self._styles.font,
            f"{SPACE}Worksheet": self._start_sheet,
            f"{SPACE}Column": self._start_column,
            f"{SPACE}Row": self._start_row,
            f"{SPACE}Cell": self._start_cell,
            f"{SPACE}Data": self._start_data,
            f"{EXCEL}Date1904": lambda _: self._from_1904(),
            f"{EXCEL}Visible": lambda _: self._begin_visible(),
        }
        self._ends: dict[str, Callable[[], None]] = {
            f"{SPACE}Worksheet": self._end_sheet,
            f"{SPACE}Row": self._end_row,
            f"{SPACE}Cell": self._end_cell,
            f"{EXCEL}Visible": self._end_visible,
        }

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == f"{SPACE}Comment" or self._comment:
            self._comment += 1
        elif self._data is not None and name.startswith(HTML):
            around = self._fonts[-1]
            self._fonts.append(Font(around.strikes or name in STRUCK, 1 if name in RAISED else around.position))
        elif (begin := self._starts.get(name)) is not None:
            begin(attributes)

    def _end(self, name: str) -> None:
        if self._comment:
            self._comment -= 1
        elif self._data is not None and name.startswith(HTML):
            self._fonts.pop()
        elif (finish := self._ends.get(name)) is not None:
            finish()
        elif name == f"{SPACE}Data":
            self._end_data()

    def _characters(self, text: str) -> None:
        if self._comment:
            return
        if self._data is not None:
            self._text.append(text)
            self._runs.append(self._fonts[-1])
        elif self._shown is not None:
            self._shown.append(text)

    def _from_1904(self) -> None:
        self._begin = BEGIN_1904

    def _start_sheet(self, attributes: Attributes) -> None:
        self._name = attributes.get(f"{SPACE}Name", "")
        self._sheet, self._visibility = SheetBuilder(self.book), Visibility.VISIBLE
        self._row, self._column_styles, self._next_column = 0, [], 0

    def _begin_visible(self) -> None:
        self._shown = []

    def _end_visible(self) -> None:
        self._visibility = VISIBILITIES.get("".join(self._shown or ()).strip(), Visibility.VISIBLE)
        self._shown = None

    def _end_sheet(self) -> None:
        if self._sheet is not None:
            self.book.add(self._name, self._visibility, self._sheet)
        self._sheet = None

    def _start_column(self, attributes: Attributes) -> None:
        first = _index(attributes, self._next_column, MOST_COLUMNS)
        last = first + _count(attributes, "Span", MOST_COLUMNS)
        self._column_styles.append((first, last, attributes.get(f"{SPACE}StyleID", "")))
        self._next_column = last + 1
        hidden = attributes.get(f"{SPACE}Hidden") == "1" or _is_nothing(attributes.get(f"{SPACE}Width", ""))
        if self._sheet is not None and hidden:
            self._sheet.hide(first, last)

    def _start_row(self, attributes: Attributes) -> None:
        self._row = _index(attributes, self._row, MOST_ROWS) + 1
        self._row_attributes, self._cells, self._column = attributes, {}, -1

    def _end_row(self) -> None:
        hidden = self._row_attributes.get(f"{SPACE}Hidden") == "1" or _is_nothing(
            self._row_attributes.get(f"{SPACE}Height", "")
        )
        if self._sheet is not None and self._cells:
            cells = [self._cells[column] for column in sorted(self._cells)]
            self._sheet.row(self._row, cells, hidden=hidden)
        self._row += _count(self._row_attributes, "Span", MOST_ROWS)

    def _start_cell(self, attributes: Attributes) -> None:
        self._column = _index(attributes, self._column + 1, MOST_COLUMNS)
        self._cell, self._text, self._runs = attributes, [], []

    def _start_data(self, attributes: Attributes) -> None:
        self._data, self._fonts = attributes, [self._style().font]

    def _end_data(self) -> None:
        if self._data is None or self._sheet is None:
            return
        kind, style = self._data.get(f"{SPACE}Type", "String"), self._style()
        self._data = None
        found = cell_of(kind, "".join(self._text), style, self._begin)
        if found is not None:
            form = self.book.format_index(found.format) if found.format else -1
            struck = any(font.strikes for font in self._runs) or len({font.position for font in self._runs}) > 1
            formula = f"{SPACE}Formula" in self._cell
            self._cells[self._column] = Cell(self._column, Kind(found.kind), found.text, form, formula, struck)

    def _end_cell(self) -> None:
        columns, rows = _count(self._cell, "MergeAcross", MOST_COLUMNS), _count(self._cell, "MergeDown", MOST_ROWS)
        if self._sheet is not None and self._row <= MOST_ROWS:
            last = min(self._column + columns, MOST_COLUMNS - 1)
            if columns or rows:
                self._sheet.merge(MergedArea(self._row, self._row + rows, self._column, last))
            self._sheet.reach(self._row, last)
        self._column += columns

    def _style(self) -> Xml2003Style:
        """The style of the open cell, or else that of its row or column."""
        own = self._cell.get(f"{SPACE}StyleID") or self._row_attributes.get(f"{SPACE}StyleID")
        if not own:
            runs = self._column_styles
            own = next((style for first, last, style in runs if style and first <= self._column <= last), "")
        return self._styles.of(own)


def _index(attributes: Attributes, following: int, most: int) -> int:
    """A place from 0: the one that ``ss:Index`` names, or the one after the last; never beyond ``most``."""
    text = attributes.get(f"{SPACE}Index", "")
    return min(int(text) - 1, most) if text.isascii() and text.isdigit() and 0 < len(text) < 9 else min(following, most)


def _count(attributes: Attributes, name: str, most: int) -> int:
    text = attributes.get(SPACE + name, "")
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _is_nothing(height: str) -> bool:
    return bool(height) and not height.strip("0.")

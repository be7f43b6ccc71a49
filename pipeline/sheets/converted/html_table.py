"""Reads the tables of a web page (ERPs export HTML and call it .xls), each as a sheet of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from pipeline.errors import FileError
from pipeline.model.sheet import Visibility
from pipeline.sheets.converted.grid import GridBook
from pipeline.sheets.converted.grid_builder import BookBuilder
from pipeline.sheets.converted.html_cells import NOTHING_GIVEN, Given
from pipeline.sheets.converted.html_css import Css, StyleSheets
from pipeline.sheets.converted.html_encoding import pages
from pipeline.sheets.converted.html_grid import Spans, TableRows
from pipeline.source_file import SourceFile

MOST_TABLES = 100
"""Tables that are kept, the largest; a page laid out with tables can have thousands."""

SILENT = frozenset(
    {"script", "style", "title", "template", "select", "textarea", "caption", "noscript", "svg", "object", "rt", "rp"}
)
"""Elements whose text is not a cell's."""

STRUCK = frozenset({"del", "s", "strike"})
RAISED = frozenset({"sup", "sub"})

BREAKING = frozenset({"br", "p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6"})
BLANKS = re.compile(r"[ \t\r\n\f]+")
CELLS = ("td", "th")
FEED = 1 << 18  # characters

COUNTED_WITHIN = "Rows are counted within the table: row 1 is its first."


def read_html(source: SourceFile) -> GridBook:
    """Reads a page, or a web archive (MHTML), with at least one table.

    Raises:
        FileError: it has no table, or is larger than can be held.
    """
    from lxml import etree

    builder = BookBuilder(source)
    page = _Page(builder)
    for text in pages(source):
        try:
            parser = etree.HTMLParser(target=page, encoding="utf-8", huge_tree=True)
            for start in range(0, len(text), FEED):
                parser.feed(text[start : start + FEED].encode("utf-8", "replace"))
            parser.close()
        except etree.LxmlError as error:
            raise FileError("This web page is damaged", "Export it again.", where=source.name) from error
    tables = [table for table in page.tables if table.cells]
    if not tables:
        step = "If it shows a login page, log in and export again; otherwise export as .xlsx or .csv."
        raise FileError("This is a web page without a table", step, where=source.name)
    largest = sorted(tables, key=lambda table: -table.cells)[:MOST_TABLES]
    for number, table in enumerate(tables, 1):
        if table in largest:
            builder.add(f"Table {number}", Visibility.VISIBLE, table.sheet)
    return builder.book("html", notes=(COUNTED_WITHIN,))


NO_WIDTH = re.compile(r"\s*0+(?:\.0*)?\s*(?:px|pt|%)?\s*")
"""The ``width`` of a ``col`` that Excel writes of a hidden column."""


class _Look(NamedTuple):
    """How the texts of an element look, what stands around it considered."""

    silent: bool = False
    struck: bool = False
    raised: bool = False


class _Page:
    """Takes the events of the page in turn; the innermost open table gets the cells."""

    def __init__(self, builder: BookBuilder) -> None:
        self.tables: list[TableRows] = []
        self._builder = builder
        self._open: list[TableRows] = []
        self._looks: list[_Look] = [_Look()]
        self._css = StyleSheets()
        self._sheet: list[str] | None = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        around, css = self._looks[-1], self._css.of(tag, attributes)
        unseen = css.unseen or "hidden" in attributes
        own = around if tag not in CELLS else around._replace(struck=False, raised=False)  # cells in cells are others
        silent = around.silent or tag in SILENT or (unseen and tag not in ("table", "tr"))
        self._looks.append(_Look(silent, own.struck or css.struck or tag in STRUCK, own.raised or tag in RAISED))
        if tag == "style":
            self._sheet = []
        if around.silent:
            return
        if tag == "table" and not silent:
            self._open.append(TableRows(self._builder))
            self.tables.append(self._open[-1])
        elif self._open and (tag in CELLS or tag == "col" or not silent):
            self._start_within(self._open[-1], tag, attributes, css, unseen=unseen)

    @staticmethod
    def _start_within(table: TableRows, tag: str, attributes: Mapping[str, str], css: Css, *, unseen: bool) -> None:
        if tag == "tr":
            table.start_row(hidden=unseen)
        elif tag in CELLS:
            spans = Spans.of(attributes.get("colspan", ""), attributes.get("rowspan", ""))
            table.start_cell(spans, NOTHING_GIVEN if unseen else Given.of(attributes, css.code))
        elif tag == "col":
            table.column(
                attributes.get("span", ""), hidden=unseen or NO_WIDTH.fullmatch(attributes.get("width", "")) is not None
            )
        elif tag in BREAKING:
            table.write("\n")

    def end(self, tag: str) -> None:
        """An element ends."""
        if len(self._looks) > 1:
            self._looks.pop()
        if tag == "style" and self._sheet is not None:
            self._css.add("".join(self._sheet))
            self._sheet = None
        if self._looks[-1].silent or not self._open:
            return
        if tag == "table":
            self._open.pop().end_row()
        elif tag == "tr":
            self._open[-1].end_row()
        elif tag in CELLS:
            self._open[-1].end_cell()

    def data(self, text: str) -> None:
        """Text between two tags."""
        look = self._looks[-1]
        if self._sheet is not None:
            self._sheet.append(text)
        elif self._open and not look.silent:
            self._open[-1].write(BLANKS.sub(" ", text), struck=look.struck, raised=look.raised)

    def comment(self, text: str) -> None:
        """Comments hold nothing that anybody sees; style sheets of old stand in them."""
        if self._sheet is not None:
            self._sheet.append(text)

    def close(self) -> None:
        """The page ends, and with it every table that it left open."""
        for table in reversed(self._open):
            table.end_row()
        self._open, self._looks, self._sheet = [], [_Look()], None

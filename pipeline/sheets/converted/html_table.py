"""Reads the tables of a web page (ERPs export HTML and call it .xls), each as a sheet of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipeline.errors import FileTrouble
from pipeline.model.sheet import Visibility
from pipeline.sheets.converted.grid import GridBook
from pipeline.sheets.converted.grid_builder import BookBuilder
from pipeline.sheets.converted.html_encoding import pages
from pipeline.sheets.converted.html_grid import TableRows
from pipeline.source_file import SourceFile

MOST_TABLES = 100
"""Tables that are kept, the largest; a page laid out with tables can have thousands."""

SILENT = frozenset(
    {"script", "style", "title", "template", "select", "textarea", "caption", "noscript", "svg", "object"}
)
"""Elements whose text is not a cell's."""

BREAKING = frozenset({"br", "p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6"})
NOT_SHOWN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
BLANKS = re.compile(r"[ \t\r\n\f]+")
CELLS = ("td", "th")
FEED = 1 << 18  # characters

COUNTED_WITHIN = "Rows are counted within the table: row 1 is its first."


def read_html(source: SourceFile) -> GridBook:
    """Reads a page, or a web archive (MHTML), with at least one table.

    Raises:
        FileTrouble: it has no table, or is larger than can be held.
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
            raise FileTrouble("This web page is damaged", "Export it again.", where=source.name) from error
    tables = [table for table in page.tables if table.cells]
    if not tables:
        step = "If it shows a login page, log in and export again; otherwise export as .xlsx or .csv."
        raise FileTrouble("This is a web page without a table", step, where=source.name)
    largest = sorted(tables, key=lambda table: -table.cells)[:MOST_TABLES]
    for number, table in enumerate(tables, 1):
        if table in largest:
            builder.add(f"Table {number}", Visibility.VISIBLE, table.sheet)
    return builder.book("html", notes=(COUNTED_WITHIN,))


class _Page:
    """Takes the events of the page in turn; the innermost open table gets the cells."""

    def __init__(self, builder: BookBuilder) -> None:
        self.tables: list[TableRows] = []
        self._builder = builder
        self._open: list[TableRows] = []
        self._silent = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        unseen = "hidden" in attributes or ("style" in attributes and bool(NOT_SHOWN.search(attributes["style"])))
        if self._silent or tag in SILENT or (unseen and tag not in ("table", "tr", *CELLS)):
            self._silent += 1
        elif tag == "table":
            self._open.append(TableRows(self._builder))
            self.tables.append(self._open[-1])
        elif self._open:
            self._start_within(self._open[-1], tag, attributes, unseen)

    @staticmethod
    def _start_within(table: TableRows, tag: str, attributes: Mapping[str, str], unseen: bool) -> None:
        if tag == "tr":
            table.start_row(hidden=unseen)
        elif tag in CELLS:
            table.start_cell(attributes.get("colspan", ""), attributes.get("rowspan", ""))
        elif tag in BREAKING:
            table.write("\n")

    def end(self, tag: str) -> None:
        """An element ends."""
        if self._silent:
            self._silent -= 1
        elif not self._open:
            return
        elif tag == "table":
            self._open.pop().end_row()
        elif tag == "tr":
            self._open[-1].end_row()
        elif tag in CELLS:
            self._open[-1].end_cell()

    def data(self, text: str) -> None:
        """Text between two tags."""
        if self._open and not self._silent:
            self._open[-1].write(BLANKS.sub(" ", text))

    def comment(self, _: str) -> None:
        """Comments hold nothing that anybody sees."""

    def close(self) -> None:
        """The page ends, and with it every table that it left open."""
        for table in reversed(self._open):
            table.end_row()
        self._open, self._silent = [], 0

"""Gives a text table back as a workbook (``--as xlsx``): each field a text, so that Excel changes no AWB; amounts are
numbers.

Row numbers stay those of the text. The header stays in sight, and has a filter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from pipeline.addresses import column_letters
from pipeline.errors import OutputError
from pipeline.limits import MOST_COLUMNS, MOST_ROWS
from pipeline.model.sheet import Book, Place, Written
from pipeline.sheets.new_workbook import (
    HEADER,
    MONEY,
    WIDTH_ROWS,
    Worksheet,
    beginning,
    column_cells,
    ending,
    row_xml,
    text_cell,
    width_for,
    write_workbook,
)

AMOUNTS = ("amount", "cod_amount")
"""Columns whose plain numbers are written as numbers, so that they can be added up."""

FRAME = 16_384
"""Rows held at a time."""

ADDED_WIDTHS = (13, 60, 22)
SHEET = "Orders"


def check_fits(place: Place) -> None:
    """Raises OutputError where a workbook has no room for the text table."""
    rows, columns = place.extent.last_row, _width(place) + len(place.added)
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        problem = f"{rows:,} rows and {columns:,} columns don't fit into a worksheet"
        raise OutputError(problem, "Leave --as xlsx out.", where=place.path.name)


def write_as_workbook(book: Book, place: Place, marks: pd.DataFrame, target: Path) -> Written:
    """Writes the workbook.

    Args:
        book: the opened text table.
        place: the way back to it.
        marks: index the row number; the added columns.
        target: a temporary path; the file there is complete and flushed on return.
    Raises:
        OutputError: it has no room.
    """
    check_fits(place)
    last = column_letters(_width(place) + len(place.added) - 1)
    area = f"A{place.header_row}:{last}{max(place.extent.last_row, place.header_row)}" if place.header_row else ""
    write_workbook([Worksheet(SHEET, area, _pieces(book, place, marks, area))], target)
    return Written(target, (f"{place.path.name} was written as a workbook: every field a text, amounts as numbers.",))


def _width(place: Place) -> int:
    return place.extent.last_column + 1 if place.own_column is None else place.own_column


def _pieces(book: Book, place: Place, marks: pd.DataFrame, area: str) -> Iterator[str]:
    width, added = _width(place), marks.astype("str")
    yield beginning(place.header_row, _widths(book, place))
    amounts = {place.columns[name] for name in AMOUNTS if name in place.columns}
    for raw in book.frames(place.sheet, 0, range(width), FRAME):
        rows = raw.rows.tolist()
        said = added.reindex(raw.rows).fillna("")
        columns = [
            column_cells(column_letters(column), rows, raw.columns[column].text, MONEY if column in amounts else None)
            for column in range(width)
        ]
        for offset, name in enumerate(said.columns):
            letter = column_letters(width + offset)
            columns.append(column_cells(letter, rows, said[name], coloured=offset == 0))
        if place.header_row in rows:
            at = rows.index(place.header_row)
            _write_header(columns, at, place, [raw.columns[column].text.iloc[at] for column in range(width)])
        lines = zip(rows, zip(*columns, strict=True), strict=True)
        yield "".join(row_xml(number, line) for number, line in lines if any(line))
    yield ending(area)


def _write_header(columns: list[list[str]], at: int, place: Place, own: Sequence[str]) -> None:
    for column, name in enumerate((*own, *place.added)):
        columns[column][at] = text_cell(f"{column_letters(column)}{place.header_row}", name, HEADER)


def _widths(book: Book, place: Place) -> list[int]:
    head = book.head(place.sheet, WIDTH_ROWS)
    cells = [[row.cells[column] for row in head if column < len(row.cells)] for column in range(_width(place))]
    count = len(place.added)
    added = [*ADDED_WIDTHS, *[ADDED_WIDTHS[0]] * count][:count]
    return [*map(width_for, cells), *added]

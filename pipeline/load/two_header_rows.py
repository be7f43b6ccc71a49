"""Finds column names that stand in two rows: groups above ("Order", "AWB"), their parts below ("No", "Status").

Read by the upper row alone, a column of states would have no name, and could keep no row.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pipeline.addresses import column_letters
from pipeline.errors import ColumnError
from pipeline.load.column_candidates import Sheet
from pipeline.load.header_row import LONGEST_NAME
from pipeline.load.state_columns import SPEAK
from pipeline.model.sheet import HeadRow, Kind
from schemas.columns import fold
from schemas.states import words_of

LEAST_NAMES = 2
"""So many names make a second row of them."""

_DIGIT = re.compile(r"\d")


def check_one_row(sheet: Sheet, number: int, below: Sequence[HeadRow], columns: Mapping[str, int]) -> None:
    """Raises ColumnError where the row below the header has the names that the header lacks.

    Args:
        sheet: its headers and profile.
        number: the header's row.
        below: the rows below it.
        columns: canonical name -> column, as the header alone says.
    """
    row = next((row for row in below if row.number == number + 1), None)
    if row is None or not _names_only(row):
        return
    headers = [*sheet.headers, *[""] * len(row.cells)]
    lacking = [cell for cell, header in zip(row.cells, headers, strict=False) if cell.strip() and not header.strip()]
    if not any(_known(sheet, cell) for cell in lacking):
        return
    options = " ".join(f"--column {name}={column_letters(columns[name])}" for name in TOLD if name in columns)
    raise ColumnError(
        f"The column names stand in two rows, {number} and {number + 1}",
        f"Say --header-row {number + 1} {options}; the names in row {number + 1} count then.",
        where=sheet.where,
    )


TOLD = ("awb_number", "order_ref")
"""Columns that the option's example names: their own names are in the upper row."""


def _names_only(row: HeadRow) -> bool:
    cells = [(cell.strip(), kind) for cell, kind in zip(row.cells, row.kinds, strict=True) if cell.strip()]
    return len(cells) >= LEAST_NAMES and all(
        kind == Kind.TEXT and len(cell) <= LONGEST_NAME and not _DIGIT.search(cell) for cell, kind in cells
    )


def _known(sheet: Sheet, cell: str) -> bool:
    spelt = any(fold(cell) in map(fold, headers) for headers in sheet.profile.columns.values())
    return spelt or bool(SPEAK & set(words_of(cell)))

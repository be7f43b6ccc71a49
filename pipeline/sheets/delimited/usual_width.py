"""Tells how many cells nearly all rows of a text table have: a row of another width may have shifted.

A blank cell too many at the end of a row is what a program leaves that ends each of its rows with a delimiter, and just
as well what an unquoted delimiter leaves in one row whose last cell is blank. How many rows have it tells them apart.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipeline.errors import FileError
from pipeline.sheets.delimited.dialect import COMMA, TextFormat
from pipeline.sheets.delimited.field_reader import row_cells
from pipeline.sheets.delimited.row_chunks import RowChunk
from pipeline.sheets.delimited.row_widths import Header

NEARLY_ALL = 0.9
"""Share of the rows. Of 685 files of other people's, no good one has a blank cell too many in fewer rows."""

LEAST_ROWS = 5
"""Of fewer rows, each can be the one that has shifted."""

LEAST_CUT = 2
"""Of so many rows, all are not cut by chance."""

LOOKED_AT = 200
"""Rows whose cells are looked at for what every row seems to have been divided by wrongly."""

AFTER_COMMA = re.compile(r"[ \t]+\S.*", re.DOTALL)
"""The cell behind ``Rao, Asha`` without quotes: it begins with a blank."""

NUMBER_BEFORE = re.compile(r"\D{0,4}-?[0-9]{1,6}")
NUMBER_BEHIND = re.compile(r"[0-9]{2}|[0-9]{3}(?:\.[0-9]+)?")
"""The cells that ``1,299.00`` and ``1299,00`` without quotes become."""


def with_usual(
    header: Header, chunk: RowChunk, first: int, content: npt.NDArray[np.bool_], layout: TextFormat
) -> Header:
    """The header with the width that nearly all rows have.

    Args:
        chunk: the rows around the header.
        first: the first row of the chunk below the header.
        content: which rows of the chunk hold something.
    """
    rows = np.flatnonzero(content & (np.arange(len(content)) >= first))
    if len(rows) < LEAST_ROWS:
        return header
    numbers, times = np.unique(chunk.fields[rows], return_counts=True)
    usual, often = int(numbers[times.argmax()]), int(times.max())
    if often < NEARLY_ALL * len(rows):
        return header
    if usual > header.whole:
        sample = [row_cells(chunk, at, layout) for at in rows[chunk.fields[rows] == usual][:LOOKED_AT].tolist()]
        if _divided_wrongly(sample, layout):
            return header
    return replace(header, usual=usual)


def check_not_cut(
    header: Header, chunk: RowChunk, first: int, content: npt.NDArray[np.bool_], layout: TextFormat
) -> None:
    """Raises FileError where no row fits below its header: every row of the first chunk has a filled cell too many.

    Args: as ``with_usual``.
    """
    rows = np.flatnonzero(content & (np.arange(len(content)) >= first))
    if len(rows) < LEAST_CUT or (chunk.fields[rows] <= header.whole).any():
        return
    sample = [row_cells(chunk, at, layout) for at in rows[:LOOKED_AT].tolist()]
    if not all(any(cell.strip() for cell in cells[header.whole :]) for cells in sample):
        return
    problem = (
        f"Every row has more cells ({len(sample[0])}) than the header ({header.whole}), so none stands below its name"
    )
    number = _divided_wrongly(sample, layout)
    why = "An amount like 1299,00 was cut in two: export it" if number else "Export it"
    step = f"{why} again with another delimiter (a semicolon, a tab), or as .xlsx."
    raise FileError(problem, step, where=layout.where(int(chunk.lines(rows[:1])[0])))


def _divided_wrongly(rows: list[list[str]], layout: TextFormat) -> bool:
    """Whether every row seems to hold one delimiter that is part of a text or of a number."""
    columns = list(zip(*rows, strict=True))
    begun_blank = sum(_nearly_all([bool(AFTER_COMMA.fullmatch(cell)) for cell in column]) for column in columns[1:])
    if 0 < begun_blank < len(columns) / 2:  # in more columns, blanks follow the delimiters of the file
        return True
    return layout.dialect.delimiter == COMMA and any(
        _nearly_all(
            [
                bool(NUMBER_BEFORE.fullmatch(before) and NUMBER_BEHIND.fullmatch(behind))
                for before, behind in zip(left, right, strict=True)
            ]
        )
        for left, right in pairwise(columns)
    )


def _nearly_all(found: list[bool]) -> bool:
    return sum(found) >= NEARLY_ALL * len(found)

"""Writes a workbook that can't be patched safely as CSV: its texts and numbers as stored, and the added columns.

A signed workbook, one without room for more columns, or one whose cells stand where the new columns must go.
Row numbers stay: a row that the workbook lacks is an empty line.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from pipeline.model.sheet import Book, Place, Written
from pipeline.sheets.formula_guard import guarded

FRAME = 65_536
"""Rows held at a time."""

NOTE = "the workbook itself could not be written back, so this is a CSV of its sheet: values without formats"


def write_plain(book: Book, place: Place, marks: pd.DataFrame, target: Path) -> Written:
    """Writes the sheet as CSV (UTF-8 with a BOM, so that Excel reads it right) with the added columns behind.

    Args:
        book: the opened input.
        place: the way back to the sheet.
        marks: index the row number; the added columns.
        target: a temporary path; the file there is complete and flushed on return.
    """
    width = place.extent.last_column + 1
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file, lineterminator="\r\n")
        reached = 0
        for number, cells in _rows(book, place, marks, width):
            lines.writerows([] for _ in range(reached + 1, number))
            lines.writerow([guarded(cell) for cell in cells])
            reached = number
        file.flush()
        os.fsync(file.fileno())
    return Written(target, (NOTE,))


def _rows(book: Book, place: Place, marks: pd.DataFrame, width: int) -> Iterator[tuple[int, list[str]]]:
    added = marks.astype("str")
    wide = max(width, *(column + 1 for column in place.added_at))
    for raw in book.frames(place.sheet, 0, range(width), FRAME):
        texts = [raw.columns[column].text.tolist() for column in range(width)]
        said = added.reindex(raw.rows).fillna("").to_numpy().tolist()
        for at, number in enumerate(raw.rows.tolist()):
            behind = list(place.added) if number == place.header_row else said[at]
            cells = [*(column[at] for column in texts), *[""] * (wide - width)]
            for column, word in zip(place.added_at, behind, strict=True):
                cells[column] = word
            yield number, cells if any(cells) else []

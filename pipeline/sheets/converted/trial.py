"""Tries, before anything is sent, whether the copy of a file can be written: its styles, and cells of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.errors import OutputError, PipelineError
from pipeline.model.sheet import CellColumn, Kind, Place, RawFrame
from pipeline.sheets.converted.grid import GridBook
from pipeline.sheets.converted.row_xml import Sheeting, frame_xml
from pipeline.sheets.converted.writer import LARGEST_FRAME, prepared, save

SAVE_AS_XLSX = "Open it in Excel or LibreOffice, save it as .xlsx, and give that."


def try_writing(book: GridBook, place: Place) -> None:
    """Writes the copy into memory, of each column one cell for each kind and number format in it.

    Args:
        book: the opened input.
        place: where the added columns go.
    Raises:
        OutputError: the copy can't be written, and why.
    """
    marks = pd.DataFrame({name: pd.Series(dtype="str") for name in place.added})
    try:
        copy = prepared(book, place, marks)
        rows = [
            (frame_xml(frame, sheeting, copy.looks) for frame in _samples(book, sheeting))
            for sheeting in copy.sheetings
        ]
        save(copy, rows, BytesIO())
    except PipelineError:
        raise
    except Exception as error:  # whatever it is, it is known before anything is sent
        problem = f"This file could not be written back as .xlsx ({type(error).__name__}: {error})"
        raise OutputError(problem, SAVE_AS_XLSX, where=place.path.name) from error


def _samples(book: GridBook, sheeting: Sheeting) -> Iterator[RawFrame]:
    """The rows in which a column has a kind of cell for the first time in a frame, and the header."""
    for frame in book.stored(sheeting.name, range(sheeting.width), LARGEST_FRAME):
        held = [cells for cells in frame.columns.values() if cells.kind.any()]
        first = [_first_of_each(cells) for cells in held]
        at = np.unique(np.concatenate([*first, np.flatnonzero(frame.rows == sheeting.header_row)]))
        columns = {column: _taken(cells, at) for column, cells in frame.columns.items()}
        yield RawFrame(frame.rows[at], frame.hidden[at], frame.content[at], columns)


def _first_of_each(cells: CellColumn) -> npt.NDArray[np.int64]:
    """Where each pair of kind and format stands first."""
    pairs = cells.kind.astype(np.int64) + len(Kind) * (cells.format.astype(np.int64) + 1)
    first = np.full(len(Kind) * (len(cells.formats) + 1), -1, np.int64)
    first[pairs[::-1]] = np.arange(len(pairs) - 1, -1, -1)
    return first[first >= 0]


def _taken(cells: CellColumn, at: npt.NDArray[np.int64]) -> CellColumn:
    return CellColumn(cells.kind[at], cells.text.iloc[at], cells.format[at], cells.formats)

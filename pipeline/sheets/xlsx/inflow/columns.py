"""What the cells of a worksheet mean: shared strings looked up, dates told from numbers by their format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.model import CellColumn, Kind, RawFrame, column_letters
from pipeline.sheets.xlsx.inflow.formats import Formats, iso_dates, serial_dates
from pipeline.sheets.xlsx.inflow.pieces import BrokenSheet, Looks, Piece, Type
from pipeline.sheets.xlsx.inflow.strings import decoded

KINDS = np.array(
    [Kind.NUMBER, Kind.TEXT, Kind.TEXT, Kind.TEXT, Kind.BOOLEAN, Kind.ERROR, Kind.DATE],
    np.int8,
)
"""By ``Type``."""

BOOLEANS = {"1": "TRUE", "0": "FALSE", "true": "TRUE", "false": "FALSE"}

NOT_KNOWN = -1
"""The format of a cell whose style the workbook lacks."""

NOTHING = pa.array([""], pa.large_string())
EMPTY, ZERO = (pa.scalar(text, pa.large_string()) for text in ("", "0"))


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a workbook says of all its cells."""

    strings: pa.Array
    formats: Formats
    date1904: bool


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of one column: where each stands among the rows, and what it holds."""

    place: npt.NDArray[np.int64]
    type: npt.NDArray[np.int8]
    format: npt.NDArray[np.int32]
    dated: npt.NDArray[np.bool_]
    text: pa.Array
    present: npt.NDArray[np.bool_]
    formula: npt.NDArray[np.bool_]


def raw_frame(piece: Piece, columns: Sequence[int], looks: Looks, meaning: Meaning) -> RawFrame:
    """The frame of a piece.

    Args:
        piece: its rows ascend.
        columns: those to give back, whether the piece has them or not.
        looks: the numbering of types and styles that the piece uses.
        meaning: what the workbook says of its cells.
    Raises:
        BrokenSheet: a cell names a text that the workbook lacks.
    """
    types, formats, dated = _looks(looks, meaning.formats)
    frame = {}
    for column in columns:
        at = np.flatnonzero(piece.column == column)
        look = piece.look[at]
        cells = _Cells(
            place=piece.row[at],
            type=types[look],
            format=formats[look],
            dated=dated[look],
            text=piece.text.take(pa.array(at)),
            present=piece.present[at],
            formula=piece.formula[at],
        )
        frame[column] = _column(cells, piece, column, meaning)
    return RawFrame(piece.rows, piece.hidden, piece.content, frame, piece.trouble)


def _looks(looks: Looks, formats: Formats) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    """By look: the type, the format, and whether a number is a date."""
    types, styles = looks.types, looks.styles
    known = styles < len(formats.of_style)
    places = np.where(known, formats.of_style[np.where(known, styles, 0)], NOT_KNOWN).astype(np.int32)
    return types, places, known & (types == Type.NUMBER) & formats.dates[places]


def _column(cells: _Cells, piece: Piece, column: int, meaning: Meaning) -> CellColumn:
    count = len(piece.rows)
    try:
        texts = _texts(cells, meaning)
    except IndexError as error:
        row = piece.rows[cells.place[error.args[0]]]
        raise BrokenSheet(f"cell {column_letters(column)}{row} names a text that the workbook does not hold") from error
    empty = pc.equal(texts, "").to_numpy(zero_copy_only=False)
    kinds = KINDS[cells.type]
    kinds[cells.dated] = Kind.DATE
    unfilled = cells.formula & ~(cells.present & (cells.type == Type.TEXT))  # a formula may well give the empty text
    kinds[empty] = np.where(unfilled, Kind.EMPTY_FORMULA, Kind.BLANK)[empty]
    kind = np.zeros(count, np.int8)
    kind[cells.place] = kinds
    shown = np.zeros(count, np.int32)
    shown[cells.place] = cells.format
    formula = np.zeros(count, bool)
    formula[cells.place] = cells.formula
    if len(cells.place) < count:
        source = np.full(count, len(texts))
        source[cells.place] = np.arange(len(texts))
        texts = pa.concat_arrays([texts, NOTHING]).take(pa.array(source))
    return CellColumn(kind, as_series(texts), shown, meaning.formats.codes, formula)


def as_series(texts: pa.Array) -> pd.Series[str]:
    """Arrow texts as a pandas column, without a copy."""
    return pd.Series(texts, dtype="str")


def _texts(cells: _Cells, meaning: Meaning) -> pa.Array:
    """What each cell holds; IndexError with the place of a cell that names no text of the workbook."""
    groups = cells.type + np.where(cells.dated, len(Type), 0)
    present = np.unique(groups).tolist()
    if len(present) == 1:
        return _converted(present[0], cells.text, meaning, np.arange(len(cells.place)))
    found = [cells.text.slice(0, 0)]
    source = np.empty(len(cells.place), np.int64)
    done = 0
    for group in present:
        at = np.flatnonzero(groups == group)
        found.append(_converted(group, cells.text.take(pa.array(at)), meaning, at))
        source[at] = np.arange(done, done + len(at))
        done += len(at)
    return pa.concat_arrays(found).take(pa.array(source))


def _converted(group: int, text: pa.Array, meaning: Meaning, at: npt.NDArray[np.int64]) -> pa.Array:
    """Texts of one type as they are shown (a group beyond the types: numbers that are dates)."""
    if group in (Type.TEXT, Type.INLINE):
        return decoded(text)
    if group == Type.SHARED:
        return _shared(text, meaning.strings, at)
    text = pc.ascii_trim_whitespace(text)
    if group == Type.DATE:
        return iso_dates(text)
    if group == Type.BOOLEAN:
        return pa.array([BOOLEANS.get(one, one) for one in text.to_pylist()], pa.large_string())
    if group > max(Type):
        return _dates(text, date1904=meaning.date1904)
    return text


def _dates(text: pa.Array, *, date1904: bool) -> pa.Array:
    empty = pc.equal(text, "")
    return pc.if_else(empty, EMPTY, serial_dates(pc.if_else(empty, ZERO, text), date1904=date1904))


def _shared(text: pa.Array, strings: pa.Array, at: npt.NDArray[np.int64]) -> pa.Array:
    text = pc.ascii_trim_whitespace(text)
    empty = pc.equal(text, "").to_numpy(zero_copy_only=False)
    if empty.any():
        text = pc.if_else(pa.array(empty), ZERO, text)
    try:
        number = text.cast(pa.int64()).to_numpy()
    except pa.ArrowInvalid:
        number = np.array([_place(one) for one in text.to_pylist()], np.int64)
    wrong = np.flatnonzero(((number < 0) | (number >= len(strings))) & ~empty)
    if len(wrong):
        raise IndexError(int(at[wrong[0]]))
    if not empty.any():
        return strings.take(pa.array(number))
    return pa.concat_arrays([strings, NOTHING]).take(pa.array(np.where(empty, len(strings), number)))


def _place(spelt: str) -> int:
    return int(spelt) if spelt.isascii() and spelt.isdigit() and len(spelt) < 10 else -1

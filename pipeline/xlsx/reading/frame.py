"""What the cells of a worksheet mean: shared strings looked up, dates told from numbers by their format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.addresses import column_letters
from pipeline.xlsx.errors import BrokenSheetError
from pipeline.xlsx.reading.cell_block import CellBlock, CellLooks, Type
from pipeline.xlsx.reading.number_formats import Formats, iso_dates, serial_dates
from pipeline.xlsx.reading.shared_strings import decoded
from pipeline.xlsx.values import ColumnCells, SheetRows, ValueKind

KINDS = np.array(
    [
        ValueKind.NUMBER,
        ValueKind.TEXT,
        ValueKind.TEXT,
        ValueKind.TEXT,
        ValueKind.BOOLEAN,
        ValueKind.ERROR,
        ValueKind.DATE,
        ValueKind.TEXT,
    ],
    np.int8,
)
"""By ``Type``."""

BOOLEANS = {"1": "TRUE", "0": "FALSE", "true": "TRUE", "false": "FALSE"}

NOT_KNOWN = -1
"""The format of a cell whose style the workbook lacks."""

NOTHING = pa.array([""], pa.large_string())
EMPTY, ZERO = (pa.scalar(text, pa.large_string()) for text in ("", "0"))


@dataclass(frozen=True, slots=True)
class BookMeaning:
    """What a workbook says of all its cells.

    ``odd_strings``: which shared strings are struck out, or have parts that differ. ``uncalculated``: see ``Package``.
    """

    strings: pa.Array
    odd_strings: npt.NDArray[np.bool_]
    formats: Formats
    date1904: bool
    uncalculated: bool

    def odd_numbers(self) -> pa.Array:
        """The numbers of the odd strings, as cells spell them."""
        return pa.array([str(number) for number in np.flatnonzero(self.odd_strings)], pa.large_string())


@dataclass(frozen=True, slots=True)
class _OneColumn:
    """The cells of one column: where each stands among the rows, and what it holds.

    ``types``: those that there are at all, dates beyond the others (see ``_converted``).
    """

    place: npt.NDArray[np.int64]
    types: list[int]
    type: npt.NDArray[np.int8]
    format: npt.NDArray[np.int32]
    dated: npt.NDArray[np.bool_]
    struck: npt.NDArray[np.bool_]
    text: pa.Array
    present: npt.NDArray[np.bool_]
    formula: npt.NDArray[np.bool_]


def rows_of(piece: CellBlock, columns: Sequence[int], looks: CellLooks, meaning: BookMeaning) -> SheetRows:
    """What the rows of a piece mean.

    Args:
        piece: its rows ascend.
        columns: those to give back, whether the piece has them or not.
        looks: the numbering of types and styles that the piece uses.
        meaning: what the workbook says of its cells.
    Raises:
        BrokenSheetError: a cell names a text that the workbook lacks.
    """
    types, formats, dated, struck = _looks(looks, meaning.formats)
    odd = meaning.odd_numbers()
    groups = types + np.where(dated, len(Type), 0)
    frame = {}
    for column in columns:
        at = np.flatnonzero(piece.column == column)
        look = piece.look[at]
        cells = _OneColumn(
            place=piece.row[at],
            types=np.unique(groups[np.bincount(look, minlength=len(groups)) > 0]).tolist(),
            type=types[look],
            format=formats[look],
            dated=dated[look],
            struck=_struck(struck[look], types[look], text := piece.text.take(pa.array(at)), odd),
            text=text,
            present=piece.present[at],
            formula=piece.formula[at],
        )
        frame[column] = _column(cells, piece, column, meaning)
    return SheetRows(piece.rows, piece.hidden, piece.content, frame, piece.trouble)


def _struck(
    by_look: npt.NDArray[np.bool_], types: npt.NDArray[np.int8], texts: pa.Array, odd: pa.Array
) -> npt.NDArray[np.bool_]:
    """Which cells are struck out, by their style or within their text."""
    if not len(odd):
        return by_look
    shared = types == Type.SHARED
    return np.asarray(by_look | (shared & pc.is_in(texts, value_set=odd).to_numpy(zero_copy_only=False)))


_Looks = tuple[npt.NDArray[np.int8], npt.NDArray[np.int32], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]


def _looks(looks: CellLooks, formats: Formats) -> _Looks:
    """By look: the type, the format, whether a number is a date, and whether it is struck out."""
    types, styles = looks.types, looks.styles
    known = styles < len(formats.of_style)
    places = np.where(known, formats.of_style[np.where(known, styles, 0)], NOT_KNOWN).astype(np.int32)
    struck = known & formats.struck[np.where(known, styles, 0)] | (types == Type.STRUCK)
    return types, places, known & (types == Type.NUMBER) & formats.dates[places], struck


def _column(cells: _OneColumn, piece: CellBlock, column: int, meaning: BookMeaning) -> ColumnCells:
    count = len(piece.rows)
    try:
        texts = _texts(cells, meaning)
    except IndexError as error:
        row = piece.rows[cells.place[error.args[0]]]
        raise BrokenSheetError(
            f"cell {column_letters(column)}{row} names a text that the workbook does not hold"
        ) from error
    empty = pc.equal(texts, "").to_numpy(zero_copy_only=False)
    kinds = KINDS[cells.type]
    kinds[cells.dated] = ValueKind.DATE
    unfilled = cells.formula & ~(cells.present & (cells.type == Type.TEXT))  # a formula may well give the empty text
    kinds[empty] = np.where(unfilled, ValueKind.EMPTY_FORMULA, ValueKind.BLANK)[empty]
    if meaning.uncalculated and cells.formula.any():
        kinds[cells.formula & (empty | _zero(texts))] = ValueKind.EMPTY_FORMULA
    struck = cells.struck & ~empty
    if len(cells.place) == count:
        marked = struck if struck.any() else None
        return ColumnCells(kinds, as_series(texts), cells.format, meaning.formats.codes, cells.formula, marked)
    kind, shown, formula = np.zeros(count, np.int8), np.zeros(count, np.int32), np.zeros(count, bool)
    kind[cells.place], shown[cells.place], formula[cells.place] = kinds, cells.format, cells.formula
    marked = np.zeros(count, bool) if struck.any() else None
    if marked is not None:
        marked[cells.place] = struck
    source = np.full(count, len(texts))
    source[cells.place] = np.arange(len(texts))
    texts = pa.concat_arrays([texts, NOTHING]).take(pa.array(source))
    return ColumnCells(kind, as_series(texts), shown, meaning.formats.codes, formula, marked)


def _zero(texts: pa.Array) -> npt.NDArray[np.bool_]:
    """What programs write as the result of a formula that they don't calculate."""
    return np.asarray(pc.match_substring_regex(texts, r"^0(?:\.0*)?$"), dtype=bool)


def as_series(texts: pa.Array) -> pd.Series[str]:
    """Arrow texts as a pandas column, without a copy."""
    return pd.Series(texts, dtype="str")


def _texts(cells: _OneColumn, meaning: BookMeaning) -> pa.Array:
    """What each cell holds; IndexError with the place of a cell that names no text of the workbook."""
    if len(cells.types) == 1:
        return _converted(cells.types[0], cells.text, meaning, None)
    groups = cells.type + np.where(cells.dated, len(Type), 0)
    found = [cells.text.slice(0, 0)]
    source = np.empty(len(cells.place), np.int64)
    done = 0
    for group in cells.types:
        at = np.flatnonzero(groups == group)
        found.append(_converted(group, cells.text.take(pa.array(at)), meaning, at))
        source[at] = np.arange(done, done + len(at))
        done += len(at)
    return pa.concat_arrays(found).take(pa.array(source))


def _converted(group: int, text: pa.Array, meaning: BookMeaning, at: npt.NDArray[np.int64] | None) -> pa.Array:
    """Texts of one type as they are shown (a group beyond the types: numbers that are dates).

    ``at``: where they stand among the cells of the column; None: they are all of them.
    """
    if group in (Type.TEXT, Type.INLINE, Type.STRUCK):
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


def _shared(text: pa.Array, strings: pa.Array, at: npt.NDArray[np.int64] | None) -> pa.Array:
    try:
        number, empty = text.cast(pa.int64()).to_numpy(), np.zeros(0, bool)
    except pa.ArrowInvalid:
        number, empty = _numbers(pc.ascii_trim_whitespace(text))
    wrong = (number < 0) | (number >= len(strings))
    if empty.any():
        wrong &= ~empty
        strings = pa.concat_arrays([strings, NOTHING])
        number = np.where(empty, len(strings) - 1, number)
    if wrong.any():
        first = int(np.argmax(wrong))
        raise IndexError(first if at is None else int(at[first]))
    return strings.take(pa.array(number))


def _numbers(text: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """The numbers of shared strings as some cells spell them, -1 where it is none; and which cells name no string."""
    empty = pc.equal(text, "").to_numpy(zero_copy_only=False)
    try:
        return pc.if_else(pa.array(empty), ZERO, text).cast(pa.int64()).to_numpy(), empty
    except pa.ArrowInvalid:
        return np.array([_place(one) for one in text.to_pylist()], np.int64), empty


def _place(spelt: str) -> int:
    return int(spelt) if spelt.isascii() and spelt.isdigit() and len(spelt) < 10 else -1

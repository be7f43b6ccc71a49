"""Reads rows of a worksheet at the speed of memory: whole stretches of its XML at once, never a cell at a time.

It reads what Excel, LibreOffice, openpyxl, XlsxWriter and their like write, and nothing else: the least surprise in a
stretch, and ``scan`` returns None; the exact way (``exact.py``) then reads that stretch and finds the same values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.sheets.xlsx.inflow.pieces import LAST_COLUMN, LAST_ROW, BrokenSheet, Looks, Piece, with_content
from pipeline.sheets.xlsx.inflow.tokens import Bytes, Ints, Tags, as_text, find_tags, grammar, slices

ROW, ROW_END, CELL, CELL_END, VALUE, VALUE_END, FORMULA, FORMULA_END, INLINE, INLINE_END, TEXT, TEXT_END = range(1, 13)

RULES = grammar(
    {
        "ro": ROW, "/r": ROW_END, "c ": CELL, "/c": CELL_END, "is": INLINE, "/i": INLINE_END,
        "v>": VALUE, "v/": VALUE, "v ": VALUE, "/v": VALUE_END,
        "f>": FORMULA, "f/": FORMULA, "f ": FORMULA, "/f": FORMULA_END,
        "t>": TEXT, "t/": TEXT, "t ": TEXT, "/t": TEXT_END,
    },
    follow={
        ROW: (CELL, ROW_END), ROW_END: (ROW,), CELL: (CELL_END, VALUE, FORMULA, INLINE), CELL_END: (CELL, ROW_END),
        VALUE: (VALUE_END,), VALUE_END: (CELL_END,), FORMULA: (FORMULA_END,), FORMULA_END: (VALUE, CELL_END),
        INLINE: (TEXT, INLINE_END), INLINE_END: (CELL_END,), TEXT: (TEXT_END,), TEXT_END: (INLINE_END,),
    },
    empty={
        ROW: (ROW,), CELL: (CELL, ROW_END), VALUE: (CELL_END,), FORMULA: (VALUE, CELL_END), TEXT: (INLINE_END,),
        INLINE: (CELL_END,),
    },
)  # fmt: skip
"""What may follow what between ``<sheetData>`` and its end (ECMA-376 part 1, 18.3.1)."""

QUOTE = ord('"')
LETTER = ord("A")
DIGIT = ord("0")
ROW_TAG = ((3, ord("w")), (5, ord("r")), (6, ord("=")), (7, QUOTE))
CELL_TAG = ((3, ord("r")), (4, ord("=")), (5, QUOTE))
"""What stands where in ``<row r="`` and ``<c r="``; the blank before ``r`` may be a line break."""

MOST_DIGITS = 7  # of 1048576
POWERS = 10 ** np.arange(MOST_DIGITS, dtype=np.int64)[::-1]

ATTRIBUTES = re.compile(r'(?:\s+[A-Za-z_][\w:.-]*="[^"<&]*")*\s*/?')
ATTRIBUTE = re.compile(r'\s([A-Za-z_][\w:.-]*)="([^"]*)"')
ZERO = re.compile(r"\s*\+?0+(?:\.0*)?\s*|\s*\+?\.0+\s*")
"""A height of nothing: such a row is hidden, whatever else is said of it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which columns' cells to give back (None: all), and whether to look for content in the others."""

    columns: npt.NDArray[np.bool_] | None
    content: bool = True


ALL = Wish(columns=None)


@dataclass(frozen=True, slots=True)
class _Rows:
    numbers: Ints
    digits: Bytes  # as spelt, one row of bytes each
    lengths: Ints
    hidden: npt.NDArray[np.bool_]


def is_hidden(hidden: str, height: str) -> bool:
    """Whether a row shows, by its attributes ``hidden`` and ``ht``."""
    return hidden in ("1", "true") or bool(ZERO.fullmatch(height))


def scan(chunk: bytes, wish: Wish, looks: Looks, empty: pa.Array) -> Piece | None:
    """Reads whole rows, ``<row …>`` to ``</row>``; None where they are spelt in a way that this does not know.

    Args:
        chunk: UTF-8, the bytes of whole rows of the main namespace without a prefix.
        wish: the columns to give back.
        looks: the numbering of types and styles, which grows.
        empty: the numbers of empty shared strings, as text.
    """
    if b"\r" in chunk:
        chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")  # XML 1.0, 2.11
    tags = find_tags(chunk, RULES)
    if tags is None or tags.code[0] != ROW or not _whole(tags):
        return None
    row_tags = np.flatnonzero(tags.code == ROW)
    rows = _read_rows(tags, row_tags)
    if rows is None:
        return None
    piece = _read_cells(tags, row_tags, rows, wish, looks, references=b"&" in chunk)
    if piece is None:
        return None
    piece = with_content(piece, looks, empty)
    if wish.columns is None or not wish.content or piece.content.all():
        return piece
    return _with_other_content(chunk, piece, looks, empty)


def _with_other_content(chunk: bytes, piece: Piece, looks: Looks, empty: pa.Array) -> Piece | None:
    """Rows without content in the wanted columns may have some in the others: seldom, so all is read once more."""
    whole = scan(chunk, ALL, looks, empty)
    if whole is None:
        return None
    piece.content[:] = whole.content
    return piece


def _whole(tags: Tags) -> bool:
    if tags.code[-1] == ROW:
        return bool(tags.data[tags.end[-1] - 1] == ord("/"))
    return bool(tags.code[-1] == ROW_END)


def _spelt(data: Bytes, places: Ints, letters: tuple[tuple[int, int], ...]) -> bool:
    return all(bool((np.take(data, places + offset, mode="clip") == letter).all()) for offset, letter in letters)


def _read_rows(tags: Tags, row_tags: Ints) -> _Rows | None:
    begin = tags.begin[row_tags]
    if not _spelt(tags.data, begin, ROW_TAG):
        return None
    number = begin + 8
    digits = np.take(tags.data, number[:, None] + np.arange(MOST_DIGITS + 1), mode="clip")
    lengths = np.argmax(digits == QUOTE, axis=1)
    figures = digits[:, :MOST_DIGITS].astype(np.int64) - DIGIT
    inside = np.arange(MOST_DIGITS) < lengths[:, None]
    if not lengths.all() or ((figures < 0) | (figures > 9))[inside].any():
        return None
    shift = POWERS[MOST_DIGITS - lengths]  # 10 to the power of length - 1
    numbers = (np.where(inside, figures, 0) * POWERS).sum(axis=1) // (POWERS[0] // shift)
    if numbers[0] < 1 or numbers[-1] > LAST_ROW or (digits[:, 0] == DIGIT).any() or not (np.diff(numbers) > 0).all():
        return None
    hidden = _hidden(slices(tags.data, number + lengths + 1, tags.end[row_tags]))
    return None if hidden is None else _Rows(numbers, digits, lengths, hidden)


def _hidden(attributes: pa.Array) -> npt.NDArray[np.bool_] | None:
    coded = attributes.dictionary_encode()
    verdicts = []
    for spelt in coded.dictionary.to_pylist():
        found = _attributes(spelt)
        if found is None:
            return None
        verdicts.append(is_hidden(found.get("hidden", ""), found.get("ht", "")))
    by_row: npt.NDArray[np.bool_] = np.array(verdicts, bool)[coded.indices.to_numpy()]
    return by_row


def _attributes(spelt: bytes) -> dict[str, str] | None:
    """What stands in a tag after its address; None where it is not plain or says a thing twice."""
    text = spelt.decode("latin-1")
    if not ATTRIBUTES.fullmatch(text):
        return None
    pairs = ATTRIBUTE.findall(text)
    found = dict(pairs)
    odd = len(found) != len(pairs) or "r" in found or any(name.startswith("xmlns") for name in found)
    return None if odd else found


def _read_cells(tags: Tags, row_tags: Ints, rows: _Rows, wish: Wish, looks: Looks, *, references: bool) -> Piece | None:
    cell_tags = np.flatnonzero(tags.code == CELL)
    begin = tags.begin[cell_tags]
    found = _columns(tags.data, begin) if _spelt(tags.data, begin, CELL_TAG) else None
    if found is None:
        return None
    column, letters = found
    first = np.searchsorted(cell_tags, row_tags)
    row = np.repeat(np.arange(len(row_tags)), np.diff(first, append=len(cell_tags)))
    if not _ascend(column, first):
        return None
    last_row = int(rows.numbers[row[-1]]) if len(row) else 0
    last_column = int(column.max()) if len(column) else -1
    if wish.columns is not None:
        kept = np.flatnonzero(np.take(wish.columns, column))
        cell_tags, row, column = cell_tags[kept], row[kept], column[kept]
        letters = letters[kept] if len(letters) > 1 else letters
    after = _after_address(tags, cell_tags, row, letters, rows)
    look = None if after is None else _looks(slices(tags.data, after, tags.end[cell_tags]), looks)
    if look is None:
        return None
    starts, ends, present, formula = _values(tags, cell_tags)
    text = as_text(slices(tags.data, starts, ends), references=references)
    if text is None:
        return None
    return Piece(
        rows=rows.numbers,
        hidden=rows.hidden,
        content=rows.hidden,  # put right by the caller
        row=row,
        column=column.astype(np.int32),
        look=look,
        text=text,
        present=present,
        formula=formula,
        last_row=last_row,
        last_column=last_column,
    )


def _columns(data: Bytes, begin: Ints) -> tuple[Ints, Ints] | None:
    """Each cell's column and how many letters spell it (one number for all where there is but one letter)."""
    first, second, third = (np.take(data, begin + offset, mode="clip") - np.uint8(LETTER) for offset in (6, 7, 8))
    if not (first < 26).all():
        return None
    two = second < 26
    if not two.any():
        return first.astype(np.int64), np.array([1])
    three = two & (third < 26)
    column = first.astype(np.int64)
    column = np.where(two, (column + 1) * 26 + second, column)
    column = np.where(three, (column + 1) * 26 + third, column)
    if len(column) and column.max() > LAST_COLUMN:
        return None
    return column, 1 + two.astype(np.int64) + three


def _ascend(column: Ints, first: Ints) -> bool:
    """Whether the cells of each row stand in the order of their columns, none twice."""
    back = column[1:] <= column[:-1]
    starts = first[(first > 0) & (first < len(column))]
    back[starts - 1] = False
    return not back.any()


def _after_address(tags: Tags, cell_tags: Ints, row: Ints, letters: Ints, rows: _Rows) -> Ints | None:
    """Where the other attributes begin, when each address has its own row's number."""
    number = tags.begin[cell_tags] + 6 + letters
    length = rows.lengths[row]
    if not (np.take(tags.data, number + length, mode="clip") == QUOTE).all():
        return None
    digits = rows.digits[row]
    for place in range(int(length.max()) if len(length) else 0):
        same = np.take(tags.data, number + place, mode="clip") == digits[:, place]
        if not (same | (place >= length)).all():
            return None
    return number + length + 1


def _looks(attributes: pa.Array, looks: Looks) -> npt.NDArray[np.int32] | None:
    coded = attributes.dictionary_encode()
    codes = []
    for spelt in coded.dictionary.to_pylist():
        found = _attributes(spelt)
        if found is None:
            return None
        try:
            codes.append(looks.code(found.get("t", "n"), found.get("s", "0")))
        except BrokenSheet:
            return None
    by_cell: npt.NDArray[np.int32] = np.array(codes, np.int32)[coded.indices.to_numpy()]
    return by_cell


def _values(tags: Tags, cell_tags: Ints) -> tuple[Ints, Ints, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Where each cell's text begins and ends, whether it has a value element, whether it has a formula."""
    code = tags.code
    inside = cell_tags + 1
    following = np.take(code, inside, mode="clip")
    formula = following == FORMULA
    if formula.any():
        inside = inside + formula + (formula & (np.take(code, inside + 1, mode="clip") == FORMULA_END))
    inside = inside + (following == INLINE)
    here, then = np.take(code, inside, mode="clip"), np.take(code, inside + 1, mode="clip")
    present = (here == VALUE) | (here == TEXT)
    filled = present & ((then == VALUE_END) | (then == TEXT_END))
    at = np.where(filled, inside, cell_tags)
    starts = np.take(tags.end, at) + 1
    ends = np.where(filled, np.take(tags.begin, inside + 1, mode="clip"), starts)
    return starts, ends, present, formula

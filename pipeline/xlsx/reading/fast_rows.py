"""Reads rows of a worksheet at the speed of memory: whole stretches of its XML at once, never a cell at a time.

It reads what Excel, LibreOffice, openpyxl, XlsxWriter and their like write, and nothing else: the least surprise in a
stretch, and ``scan`` returns None; the exact way (``exact.py``) then reads that stretch and finds the same values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipeline.xlsx.errors import BrokenSheetError
from pipeline.xlsx.markup.byte_search import MASKS, QUOTE, Ints, columns_of
from pipeline.xlsx.markup.tag_scanner import Tags, as_text, find_tags, grammar, plain_tags, slices
from pipeline.xlsx.reading.cell_block import CellBlock, CellLooks, with_content
from pipeline.xlsx.reading.row_tags import Rows, attributes_of, read_rows, spelt_so

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

AMPERSAND = ord("&")
CELL_TAG = ((3, ord("r")), (4, ord("=")), (5, QUOTE))
"""What stands where in ``<c r="``; the blank before ``r`` may be a line break."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which columns' cells to give back (None: all), and whether to look for content in the others."""

    columns: npt.NDArray[np.bool_] | None
    content: bool = True


ALL = Wish(columns=None)


@dataclass(frozen=True, slots=True)
class _FoundCells:
    """The cells of a stretch: which tag, in which row, in which column, spelt with how many letters (one for all)."""

    tag: Ints
    row: Ints
    column: Ints
    letters: Ints


@dataclass(frozen=True, slots=True)
class _Values:
    """What stands in each cell: its value's tag, where its text begins and ends, what there is at all."""

    tag: Ints
    starts: Ints
    ends: Ints
    present: npt.NDArray[np.bool_]
    formula: npt.NDArray[np.bool_]


def scan(chunk: bytes, wish: Wish, looks: CellLooks, empty: pa.Array) -> CellBlock | None:
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
    rows = read_rows(tags, row_tags)
    if rows is None:
        return None
    piece = _read_cells(tags, row_tags, rows, wish, looks)
    if piece is None:
        return None
    piece = with_content(piece, looks, empty)
    if wish.columns is None or not wish.content or piece.content.all():
        return piece
    return _with_other_content(chunk, piece, looks, empty)


def _with_other_content(chunk: bytes, piece: CellBlock, looks: CellLooks, empty: pa.Array) -> CellBlock | None:
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


def _read_cells(tags: Tags, row_tags: Ints, rows: Rows, wish: Wish, looks: CellLooks) -> CellBlock | None:
    every = _find_cells(tags, row_tags)
    if every is None:
        return None
    cells = every if wish.columns is None else _only(every, np.flatnonzero(np.take(wish.columns, every.column)))
    after = _after_address(tags, cells, rows)
    look = None if after is None else _looks(slices(tags.data, after, tags.end[cells.tag]), looks)
    values = _values(tags, cells.tag)
    if look is None or not plain_tags(tags, values.tag[values.present]):
        return None
    text = as_text(slices(tags.data, values.starts, values.ends), references=bool((tags.data == AMPERSAND).any()))
    if text is None:
        return None
    return CellBlock(
        rows=rows.numbers,
        hidden=rows.hidden,
        content=rows.hidden,  # put right by the caller
        row=cells.row,
        column=cells.column.astype(np.int32),
        look=look,
        text=text,
        present=values.present,
        formula=values.formula,
        last_row=int(rows.numbers[every.row[-1]]) if len(every.row) else 0,
        last_column=int(every.column.max()) if len(every.column) else -1,
    )


def _find_cells(tags: Tags, row_tags: Ints) -> _FoundCells | None:
    """All cells, when each is spelt ``<c r="`` and they stand in the order of their columns, none twice."""
    tag = np.flatnonzero(tags.code == CELL)
    begin = tags.begin[tag]
    found = columns_of(tags.data, begin + 6) if spelt_so(tags.data, begin, CELL_TAG) else None
    if found is None:
        return None
    column, letters = found
    first = np.searchsorted(tag, row_tags)  # of each row
    back = column[1:] <= column[:-1]
    back[first[(first > 0) & (first < len(column))] - 1] = False
    if back.any():
        return None
    row = np.repeat(np.arange(len(row_tags)), np.diff(first, append=len(tag)))
    return _FoundCells(tag, row, column, letters)


def _only(cells: _FoundCells, kept: Ints) -> _FoundCells:
    letters = cells.letters[kept] if len(cells.letters) == len(cells.tag) else cells.letters
    return _FoundCells(cells.tag[kept], cells.row[kept], cells.column[kept], letters)


def _after_address(tags: Tags, cells: _FoundCells, rows: Rows) -> Ints | None:
    """Where the other attributes begin, when each address has its own row's number."""
    number = tags.begin[cells.tag] + 6 + cells.letters
    length = rows.lengths[cells.row]
    differ = (tags.words[number] ^ rows.words[cells.row]) & MASKS[length + 1]
    return None if differ.any() else number + length + 1


def _looks(attributes: pa.Array, looks: CellLooks) -> npt.NDArray[np.int32] | None:
    coded = attributes.dictionary_encode()
    codes = []
    for spelt in coded.dictionary.to_pylist():
        found = attributes_of(spelt)
        if found is None:
            return None
        try:
            codes.append(looks.code(found.get("t", "n"), found.get("s", "0")))
        except BrokenSheetError:
            return None
    by_cell: npt.NDArray[np.int32] = np.array(codes, np.int32)[coded.indices.to_numpy()]
    return by_cell


def _values(tags: Tags, cell: Ints) -> _Values:
    """What stands in each cell: perhaps a formula, then perhaps a value, or a text in line."""
    code = tags.code
    inside = cell + 1
    following = np.take(code, inside, mode="clip")
    formula = following == FORMULA
    if formula.any():
        inside = inside + formula + (formula & (np.take(code, inside + 1, mode="clip") == FORMULA_END))
    inside = inside + (following == INLINE)
    here, then = np.take(code, inside, mode="clip"), np.take(code, inside + 1, mode="clip")
    present = (here == VALUE) | (here == TEXT)
    filled = present & ((then == VALUE_END) | (then == TEXT_END))
    starts = np.take(tags.end, np.where(filled, inside, cell)) + 1
    ends = np.where(filled, np.take(tags.begin, inside + 1, mode="clip"), starts)
    return _Values(inside, starts, ends, present, formula)

"""Puts the cells at the end of all rows of a block at once, where they are spelt as most programs spell them.

Of every row the same is looked at as in ``rows.py``: it follows the one before and begins as ``<row r="…"``, numbers
rise, the last cell bears the row's number and stands before our columns (or the last ones are an earlier run's, which
are written anew), no comment hides anything, and no row that has a mark is missing. A block in which one row is
otherwise is left to ``rows.py``, which writes the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.addresses import column_letters
from pipeline.xlsx.markup import byte_search
from pipeline.xlsx.markup.byte_search import WORD, Bytes, Ints, Words, starting, word
from pipeline.xlsx.markup.row_blocks import odd_markup
from pipeline.xlsx.markup.tag_scanner import slices
from pipeline.xlsx.patching.cell_xml import AddedCells, Cells
from pipeline.xlsx.patching.regex_rows import own_cells
from pipeline.xlsx.patching.row_tags import RowTags

ROW, ROW_END, CELL, CELL_END = b'<row r="', b"</row>", b'<c r="', b"</c>"

TAGS = (64, 256)
"""Bytes behind a row's number in which its tag ends, and …"""

LAST_CELLS = (64, 512)
"""… before a row's end in which its last cell begins: few at first, for most are short."""

PAD = bytes(max(*TAGS, *LAST_CELLS))
"""Stands at both ends of a block, so that what is near them is looked at like the rest."""

NOTHING = pa.scalar(b"", pa.large_binary())


@dataclass(frozen=True, slots=True)
class Patched:
    """A block with its cells added, in two pieces; ``last`` is its last row, ``marks`` how many were written."""

    head: bytes
    body: memoryview
    last: int
    marks: int


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a block: where they begin, where the quotes behind their numbers and their tags' ends stand."""

    data: Bytes
    words: Words
    begin: Ints
    quote: Ints
    tag_end: Ints
    end: Ints
    number: Ints


class AlikeRows:
    """Patches blocks of whole rows that are all alike.

    Args:
        cells: what to write.
        header_row: the row of the column names; 0: none.
    """

    def __init__(self, cells: Cells, header_row: int) -> None:
        self.cells = cells
        self.landing = cells.landing
        self.special = (header_row, *cells.landing.silent)
        self.tags = RowTags(cells.prefix, cells.landing.last)
        self.own = f"^{own_cells('', cells.landing)}$"

    def block(self, parts: tuple[bytes, ...], last: int, position: int) -> Patched | None:
        """Whole rows with their cells added; None where a row is not like the others.

        Args:
            parts: the rows' XML, cut anywhere.
            last: the number of the row before.
            position: of the first mark that is not written yet.
        """
        if self.cells.prefix:
            return None
        rows = _rows(b"".join((PAD, *parts, PAD)))
        if rows is None or rows.number[0] <= last or self._has_special(rows):
            return None
        marked = self._marked(rows, position)
        place = None if marked is None else self._place(rows, marked)
        return None if marked is None or place is None else self._patched(rows, place, marked, position)

    def _has_special(self, rows: _Rows) -> bool:
        """Whether the header's row is among them, or one whose mark is not written."""
        return any(rows.number[0] <= row <= rows.number[-1] for row in self.special)

    def _marked(self, rows: _Rows, position: int) -> pa.Array | None:
        """Which mark each row has, counted from the position, or null; None where a row that has a mark is missing."""
        until = int(np.searchsorted(self.cells.rows, rows.number[-1], side="right"))
        marks = self.cells.rows[position:until]
        place = np.searchsorted(marks, rows.number)
        found = np.append(marks, 0)[place] == rows.number
        return pa.array(place, mask=~found) if int(np.count_nonzero(found)) == len(marks) else None

    def _place(self, rows: _Rows, marked: pa.Array) -> Ints | None:
        """Where the cells of each row go: at its end, or where the same columns of an earlier run begin."""
        if not self.landing.in_place:
            return rows.end if self._end_in_a_cell(rows) else None
        return None if marked.null_count else self._earlier(rows)

    def _earlier(self, rows: _Rows) -> Ints | None:
        """Where an earlier run's cells begin in each row; None where a row does not end with them, and once."""
        tag = CELL + column_letters(self.landing.first).encode()
        begin = byte_search.places_of(rows.data, tag[-1]) - len(tag) + 1
        begin = begin[starting(rows.words[begin], tag[:WORD])]
        if len(begin) != len(rows.begin) or not ((rows.begin < begin) & (begin < rows.end)).all():
            return None
        if not self._bears_number(rows, begin + len(tag)):
            return None
        return begin if pc.all(pc.match_substring_regex(slices(rows.data, begin, rows.end), self.own)).as_py() else None

    def _bears_number(self, rows: _Rows, places: Ints) -> bool:
        """Whether each row's own number stands at a place, and the quote behind it."""
        mask = byte_search.MASKS[rows.quote - rows.begin - len(ROW) + 1]
        return not ((rows.words[places] ^ rows.words[rows.begin + len(ROW)]) & mask).any()

    def _end_in_a_cell(self, rows: _Rows) -> bool:
        """Whether the last thing in each row is a cell of the row's own number that stands before our columns."""
        cell = _last_cells(rows)
        found = None if cell is None else byte_search.columns_of(rows.data, cell + len(CELL))
        if cell is None or found is None or not starting(rows.words[cell], CELL).all():
            return False
        column, letters = found
        before = bool(column.max() < self.landing.first)
        return before and self._bears_number(rows, cell + len(CELL) + letters) and _is_last(rows, cell)

    def _patched(self, rows: _Rows, place: Ints, marked: pa.Array, position: int) -> Patched | None:
        count = len(marked) - marked.null_count
        columns = self.cells.columns(position, position + count)
        if columns[0].tails.null_count:
            return None  # a mark without a status: its row may get no cell at all
        number = slices(rows.data, rows.begin + len(ROW), rows.quote)
        cells = (piece for column in columns for piece in _pieces(column, number, marked))
        next_quote = np.append(rows.quote[1:], rows.end[-1] + len(ROW_END))
        body = pc.binary_join_element_wise(
            self._tags(rows, marked),
            slices(rows.data, rows.tag_end + 1, place),
            *cells,
            slices(rows.data, rows.end, next_quote),
            NOTHING,
            null_handling="replace",
            null_replacement=b"",
        )
        head = rows.data[rows.begin[0] : rows.quote[0]].tobytes()
        return Patched(head, _text(body), int(rows.number[-1]), count)

    def _tags(self, rows: _Rows, marked: pa.Array) -> pa.Array:
        """The rest of each row's tag from the quote on; with wide spans where the row gets cells."""
        coded = slices(rows.data, rows.quote + 1, rows.tag_end).dictionary_encode()
        spelt = coded.dictionary.to_pylist()
        wide = pa.array([self.tags.rest(one) for one in spelt], pa.large_binary()).take(coded.indices)
        if not marked.null_count:
            return wide
        as_is = pa.array([b'"%b>' % one for one in spelt], pa.large_binary()).take(coded.indices)
        return pc.if_else(marked.is_valid(), wide, as_is)


def _rows(block: bytes) -> _Rows | None:
    """The rows of a block between its pads; None where they don't join on, or are spelt otherwise."""
    data, words = np.frombuffer(block, np.uint8), byte_search.words_of(block)
    named = byte_search.places_of(data, ord("w"))
    end = named[starting(words[named - 4], ROW_END)] - 4
    starts = int(np.count_nonzero(starting(words[named - 3], ROW[:4])))
    if len(end) == 0 or starts != len(end) or end[-1] + len(ROW_END) + len(PAD) != len(data) or odd_markup(block):
        return None
    begin = np.append(len(PAD), end[:-1] + len(ROW_END))
    found = byte_search.row_numbers(words[begin + len(ROW)]) if (words[begin] == word(ROW)).all() else None
    if found is None or not (np.diff(found[0]) > 0).all():
        return None
    quote = begin + len(ROW) + found[1]
    tag_end = byte_search.behind(data, quote, ord(">"), TAGS)
    return None if tag_end is None else _Rows(data, words, begin, quote, tag_end, end, found[0])


def _last_cells(rows: _Rows) -> Ints | None:
    """Where the last cell of each row begins; None where one is longer than is looked at."""
    for size in LAST_CELLS:
        window = byte_search.windows(rows.data, size)[rows.end - size]
        cells = (window[:, :-1] == ord("<")) & (window[:, 1:] == ord("c"))
        back = np.argmax(cells[:, ::-1], axis=1)
        if cells[np.arange(len(back)), size - 2 - back].all():
            return np.asarray(rows.end - 2 - back, np.int64)
    return None


def _is_last(rows: _Rows, cell: Ints) -> bool:
    """Whether nothing stands behind the last cell of each row: it is closed there, or is one tag."""
    open_ones = np.flatnonzero(~starting(rows.words[rows.end - len(CELL_END)], CELL_END))
    tails = zip(cell[open_ones].tolist(), rows.end[open_ones].tolist(), strict=True)
    texts = (rows.data[begin:end].tobytes() for begin, end in tails)
    return all(text.endswith(b"/>") and text.rfind(b"<") == 0 for text in texts)


def _pieces(column: AddedCells, number: pa.Array, marked: pa.Array) -> tuple[pa.Array, ...]:
    """What is written for a column, piece by piece: of cells that lack in some rows, all in one."""
    tails = column.tails.take(marked)
    if not tails.null_count:
        return column.head, number, tails
    return (pc.binary_join_element_wise(column.head, number, tails, NOTHING),)


def _text(joined: pa.Array) -> memoryview:
    """All texts of an array, one behind the other."""
    _, offsets, text = joined.buffers()
    first, last = np.frombuffer(offsets, np.int64)[[joined.offset, joined.offset + len(joined)]].tolist()
    return memoryview(text)[first:last]

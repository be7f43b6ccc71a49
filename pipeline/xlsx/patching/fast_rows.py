"""Puts the cells at the end of all rows of a block at once, where they are spelt as most programs spell them.

Each row is looked at: whether it begins as ``<row r="…"``, whether numbers rise, whether the last cell bears the row's
number and stands before our columns (or the last ones are an earlier run's, which are written anew), and whether no row
that has a mark is missing. The others are left to ``parsed_rows.py``, which writes the same bytes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.addresses import column_letters
from pipeline.xlsx.markup import byte_search
from pipeline.xlsx.markup.byte_search import Flags, Ints
from pipeline.xlsx.markup.tag_scanner import slices
from pipeline.xlsx.patching.cell_xml import AddedCells, Cells
from pipeline.xlsx.patching.placement import Landing
from pipeline.xlsx.patching.row_spans import ROOM, RowSpans, Spelling, find_rows
from pipeline.xlsx.patching.row_tags import RowTags

LAST_CELLS = (64, 512)
"""Bytes before a row's end in which its last cell begins: few at first, for most are short."""

NOTHING = pa.scalar(b"", pa.large_binary())


@dataclass(frozen=True, slots=True)
class PatchedBlock:
    """A block of rows, those that could be done at once with their cells.

    ``text``, ``offsets``: of each row that is ``done`` what it became, behind the quote of its number, and up to the
    quote of the next one if that is done too and follows it. ``marks``: how many marks of the block stand before each
    row. ``until``: the first row behind each one up to which all are done and follow one another.
    """

    rows: RowSpans
    done: Flags
    marks: Ints
    marked: Flags
    until: Ints
    offsets: Ints
    text: memoryview
    tags: RowTags

    @property
    def lead(self) -> bytes:
        """What stands before the first row: blanks."""
        return self.rows.data[len(ROOM) : self.rows.begin[0]].tobytes()

    def stored(self, first: int, stop: int) -> bytes:
        """Rows as they were."""
        return self.rows.data[self.rows.begin[first] : self.rows.stop[stop - 1]].tobytes()

    def head(self, first: int) -> bytes:
        """A row's beginning up to the quote behind its number."""
        spelt = self.rows.data[self.rows.begin[first] : self.rows.quote[first]].tobytes()
        return self.tags.widened(spelt) if self.rows.late[first] and self.marked[first] else spelt

    def body(self, first: int, stop: int) -> memoryview:
        """Rows as they become, behind the ``head`` of the first."""
        return self.text[self.offsets[first] : self.offsets[stop]]


@dataclass(frozen=True, slots=True)
class _Marks:
    """Which mark each row has, by its place among those of the block, and the cells of all of them by column."""

    place: Ints
    marked: Flags
    columns: list[AddedCells]


@dataclass(frozen=True, slots=True)
class _Tags:
    """The rows' tags behind the number: which are ``plain``; the different ``texts``, what each is to be, and which."""

    plain: Flags
    wide: list[bytes | None]
    texts: list[bytes]
    codes: Ints


class FastRows:
    """Patches blocks of whole rows.

    Args:
        cells: what to write.
        header_row: the row of the column names; 0: none.
    """

    def __init__(self, cells: Cells, header_row: int) -> None:
        self.cells = cells
        self.landing = cells.landing
        self.header_row = header_row
        self.special = (header_row,) if cells.landing.fresh else ()
        self.spelling = Spelling(cells.prefix)
        self.tags = RowTags(cells.landing.last)
        self.own = f"^{_own_cells(cells.prefix, cells.landing)}$"
        self.own_tag = self.spelling.cell + column_letters(cells.landing.first).encode()

    def block(self, parts: tuple[bytes, ...], position: int) -> PatchedBlock | None:
        """Whole rows with their cells added; None where it can't be told where they begin and end.

        Args:
            parts: the rows' XML, cut anywhere.
            position: of the first mark that is not written yet.
        """
        rows = find_rows(parts, self.spelling)
        if rows is None:
            return None
        usual = rows.usual & ~np.isin(rows.number, self.special) if self._has_special(rows) else rows.usual
        marks = self._marks(rows, position)
        place = np.searchsorted(marks, rows.number)
        marked: Flags = np.append(marks, 0)[place] == rows.number
        columns = self.cells.columns(position, position + len(marks))
        if columns[0].tails.null_count:  # a mark without a status: its row may get no cell at all
            without = np.append(columns[0].tails.is_null().to_numpy(zero_copy_only=False), False)
            usual = usual & ~(marked & without[place])
        tags = self._tags(rows)
        usual = usual & tags.plain
        where, fits = self._places(rows, marked, usual)
        done = usual & fits
        joined = done[1:] & done[:-1] & ~rows.late[1:] & (place[1:] == place[:-1] + marked[:-1])
        text, offsets = self._text(rows, done, joined, where, _Marks(place, marked, columns), tags)
        return PatchedBlock(rows, done, place, marked, _until(done, joined), offsets, text, self.tags)

    def _has_special(self, rows: RowSpans) -> bool:
        known = rows.number[rows.usual]
        return len(known) > 0 and any(known[0] <= row <= known[-1] for row in self.special)

    def _marks(self, rows: RowSpans, position: int) -> Ints:
        """The rows of the marks that may be written in this block."""
        last = int(rows.number[rows.usual].max(initial=0))
        return self.cells.rows[position : int(np.searchsorted(self.cells.rows, last, side="right"))]

    def _places(self, rows: RowSpans, marked: Flags, usual: Flags) -> tuple[Ints, Flags]:
        """Where the cells of each row go, and which rows are as they must be for that."""
        if not self.landing.in_place:
            return rows.end, ~marked | self._end_in_a_cell(rows, np.flatnonzero(usual & marked))
        place, fits = self._earlier(rows)
        above = rows.number <= self.header_row
        empty = rows.end == rows.tag_end + 1
        return np.where(marked, place, rows.end), np.where(marked, fits, above | empty)

    def _earlier(self, rows: RowSpans) -> tuple[Ints, Flags]:
        """Where an earlier run's cells begin in each row, and which rows end with them."""
        begin = byte_search.places_of(rows.data, self.own_tag[-1]) - len(self.own_tag) + 1
        begin = begin[byte_search.spelt_at(rows.words, begin, self.own_tag)]
        first = np.searchsorted(begin, rows.begin)
        fits = rows.usual & (np.searchsorted(begin, rows.end) - first == 1)
        place = np.where(fits, np.append(begin, 0)[first], rows.end)
        fits &= self._bears_number(rows, place + len(self.own_tag))
        among = np.flatnonzero(fits)
        own = slices(rows.data, place[among], rows.end[among])
        fits[among] = pc.match_substring_regex(own, self.own).to_numpy(zero_copy_only=False)
        return place, fits

    def _bears_number(self, rows: RowSpans, places: Ints) -> Flags:
        """Whether each row's own number stands at a place, and the quote behind it."""
        mask = byte_search.MASKS[np.minimum(rows.quote - rows.digits + 1, byte_search.WORD)]
        same: Flags = ((rows.words[places] ^ rows.words[rows.digits]) & mask) == 0
        return same

    def _end_in_a_cell(self, rows: RowSpans, among: Ints) -> Flags:
        """In which of some rows the last thing is a cell of the row's own number that stands before our columns."""
        fits = np.zeros(len(rows.begin), np.bool_)
        cell = rows.begin.copy()
        cell[among] = self._last_cells(rows, among)
        address = cell + len(self.spelling.cell)
        column, letters, there = byte_search.usual_columns(rows.data, address)
        fits[among] = byte_search.spelt_at(rows.words, cell[among], self.spelling.cell)
        fits &= there & (column < self.landing.first) & self._bears_number(rows, address + letters)
        return fits & self._is_last(rows, cell, fits)

    def _last_cells(self, rows: RowSpans, among: Ints) -> Ints:
        """Where the last cell of some rows begins; the row's own beginning where it is further than is looked at."""
        name = self.spelling.cell_name
        found, left, end = rows.begin[among].copy(), np.arange(len(among)), rows.end[among]
        for size in LAST_CELLS:
            window = byte_search.windows(rows.data, size)[end[left] - size]
            width = size - len(name) + 1
            hits = window[:, :width] == name[0]
            for offset in range(1, len(name)):
                hits &= window[:, offset : offset + width] == name[offset]
            back = np.argmax(hits[:, ::-1], axis=1)
            there = hits[np.arange(len(back)), width - 1 - back]
            found[left[there]] = end[left[there]] - len(name) - back[there]
            left = left[~there]
            if not len(left):
                break
        return found

    def _is_last(self, rows: RowSpans, cell: Ints, among: Flags) -> Flags:
        """Whether nothing stands behind the last cell of a row: it is closed there, or is one tag."""
        size = len(self.spelling.cell_end)
        last = byte_search.spelt_at(rows.words, np.maximum(rows.end - size, 0), self.spelling.cell_end)
        for row in np.flatnonzero(among & ~last).tolist():
            text = rows.data[cell[row] : rows.end[row]].tobytes()
            last[row] = text.endswith(b"/>") and text.rfind(b"<") == 0
        return last

    def _tags(self, rows: RowSpans) -> _Tags:
        plain = np.zeros(len(rows.begin), np.bool_)
        among = np.flatnonzero(rows.usual)
        coded = slices(rows.data, rows.quote[among] + 1, rows.tag_end[among]).dictionary_encode()
        texts = coded.dictionary.to_pylist()
        wide = [self.tags.rest(text) for text in texts]
        codes = np.zeros(len(rows.begin), np.int64)
        codes[among] = coded.indices.to_numpy()
        plain[among] = np.array([one is not None for one in wide] or [False], np.bool_)[codes[among]]
        return _Tags(plain, wide, texts, codes)

    def _text(
        self,
        rows: RowSpans,
        done: Flags,
        joined: Flags,
        where: Ints,
        marks: _Marks,
        tags: _Tags,
    ) -> tuple[memoryview, Ints]:
        at = np.flatnonzero(done)
        offsets = np.zeros(len(done) + 1, np.int64)
        if not len(at):
            return memoryview(b""), offsets
        mark = pa.array(marks.place[at], mask=~marks.marked[at])
        number = slices(rows.data, rows.digits[at], rows.quote[at])
        cells = (piece for column in marks.columns for piece in _pieces(column, number, mark))
        following = np.where(np.append(joined, False), np.append(rows.quote[1:], 0), rows.stop)
        body = pc.binary_join_element_wise(
            _rests(tags, at, mark),
            slices(rows.data, rows.tag_end[at] + 1, where[at]),
            *cells,
            slices(rows.data, rows.end[at], following[at]),
            NOTHING,
            null_handling="replace",
            null_replacement=b"",
        )
        _, bounds, text = body.buffers()
        bounds = np.frombuffer(bounds, np.int64)[body.offset : body.offset + len(body) + 1]
        offsets[at + 1] = np.diff(bounds)
        return memoryview(text)[bounds[0] : bounds[-1]], np.cumsum(offsets)


def _own_cells(prefix: str, landing: Landing) -> str:
    """The pattern of an earlier run's cells in a row: as we write them, or as Excel saves them."""
    letters = "|".join(column_letters(column) for column in range(landing.first, landing.last + 1))
    p = re.escape(prefix)
    text = rf"<{p}is><{p}t(?:\s[^<>]*)?>[^<]*</{p}t></{p}is>|<{p}v>[^<]*</{p}v>"
    return rf'(?:<{p}c r="(?:{letters})[0-9]+"(?:\s[^<>]*)?(?:/>|>(?:{text})</{p}c>))+'


def _until(done: Flags, joined: Flags) -> Ints:
    """For each row the first one behind it that does not follow on, as it is done or not."""
    same = np.where(done[1:] | done[:-1], joined, True)
    ends = np.append(np.flatnonzero(~same) + 1, len(done))
    return ends[np.searchsorted(ends, np.arange(len(done)), side="right")]


def _rests(tags: _Tags, at: Ints, mark: pa.Array) -> pa.Array:
    """The rest of each row's tag from the quote on; with wide spans where the row gets cells."""
    index = pa.array(tags.codes[at])
    widened = pa.array(tags.wide, pa.large_binary()).take(index)
    if not mark.null_count:
        return widened
    as_is = pa.array([b'"%b>' % text for text in tags.texts], pa.large_binary()).take(index)
    return pc.if_else(mark.is_valid(), widened, as_is)


def _pieces(column: AddedCells, number: pa.Array, mark: pa.Array) -> tuple[pa.Array, ...]:
    """What is written for a column, piece by piece: of cells that lack in some rows, all in one."""
    tails = column.tails.take(mark)
    if not tails.null_count:
        return column.head, number, tails
    return (pc.binary_join_element_wise(column.head, number, tails, NOTHING),)

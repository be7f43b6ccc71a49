"""Puts the cells into rows of any spelling: comments, rows without numbers or out of order, UTF-16.

expat reads the rows and says where each row and cell stands in the original bytes; these bytes are kept, and only our
cells and the row's spans are put between them. It takes twenty times as long as ``fast_rows.py``, and as little memory.
"""

from __future__ import annotations

import re
from bisect import bisect_left  # NumPy would let go of the lock of Python, and wait for it, for every row
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from pipeline.addresses import column_letters, column_number
from pipeline.containers.safe_xml import make_parser
from pipeline.xlsx.errors import CannotPatchError
from pipeline.xlsx.markup.edits import Edit, apply_edits, codec_of, encoded, end_of_end_tag, prefix_of, tag_at
from pipeline.xlsx.patching.cell_xml import NEVER, ROW, MakeCells
from pipeline.xlsx.patching.fallbacks import RowOrderError
from pipeline.xlsx.patching.row_numbers import main_name
from pipeline.xlsx.patching.sheet_parts import Frame
from pipeline.xlsx.values import NewColumns

FEED = 1 << 18
"""Bytes that expat is given at once."""

_ROW_DEPTH = 3  # worksheet, sheetData, row
_CELL_DEPTH = 4

_SPANS = re.compile(r"""(\sspans\s*=\s*["'](?:[0-9]+:[0-9]+\s+)*[0-9]+:)([0-9]+)(?=["'])""")


@dataclass(slots=True)
class _Cell:
    column: int
    style: str | None
    addressed: bool
    start: int
    end: int = -1


@dataclass(slots=True)
class _Row:
    number: int
    start: int
    cells: list[_Cell] = field(default_factory=list)
    behind_cells: int = -1  # where something that is no cell begins, an extension list


class ParsedRows:
    """Patches a worksheet part of any spelling: all of it, or some of its rows after its head.

    Args:
        frame: edits what stands before and behind the rows.
        make_cells: makes the cells for the prefix of the sheet's elements.
        new: the columns to add.
        present: the numbers of all rows, when they are known not to rise.
    """

    def __init__(
        self, frame: Frame, make_cells: MakeCells, new: NewColumns, present: npt.NDArray[np.int64] | None = None
    ) -> None:
        self.frame = frame
        self.landing = frame.landing
        self.make_cells = make_cells
        self.new = new
        self.present = present
        self.raw = bytearray()  # what is not written yet; its first byte is the part's byte ``base``
        self.base = 0
        self.edits: list[Edit] = []
        self.codec = ""
        self.head = b""
        self.data_start = self.data_end = -1
        self.depth = 0
        self.row: _Row | None = None
        self.last = 0  # the row before
        self.repeated: set[int] = set()  # rows that have their mark, where one may come twice
        self.next_missing = 0  # place among the marks whose rows may lack
        self.done = 0  # up to here the bytes can be written
        self.parser = make_parser()
        self.parser.buffer_text = False
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def begin(self, head: bytes) -> None:
        """Takes note of the part up to its rows, which is written already."""
        self._feed(head)
        self.head = head
        self._drop(self.data_start)

    def rows(self, data: bytes, last: int, position: int) -> bytes:
        """Some whole rows with our cells.

        Args:
            data: their XML.
            last: the number of the row before.
            position: of the first mark that is not written yet; afterwards it is ``next_missing``.
        """
        self.last, self.next_missing = last, position
        self._feed(data)
        if self.row is not None or self.data_end >= 0:
            raise CannotPatchError(f"The rows of the sheet {self.new.sheet} are not where they seem to be")
        self.done = self.base + len(self.raw)
        return self._flushed()

    def patched(self, pieces: Iterable[bytes], last: int = 0, position: int = 0) -> Iterator[bytes]:
        """The whole part with our cells, piece by piece; or what of it is left.

        Args:
            pieces: the part, or all behind the rows that were written, which end with the number ``last``.
            last, position: see ``rows``.
        Raises:
            StartOverError: see ``fallbacks``.
            CannotPatchError: it is no worksheet, or has cells where our columns would stand.
        """
        self.last, self.next_missing = last, position
        for piece in pieces:
            for start in range(0, len(piece), FEED):
                self._feed(piece[start : start + FEED])
                yield self._flushed()
        self.parser.Parse(b"", True)
        yield self._flushed()
        if self.data_end < 0:
            raise CannotPatchError(f"The sheet {self.new.sheet} is no worksheet as Excel writes one")
        yield self.frame.tail(self.head, bytes(self.raw))

    def _feed(self, data: bytes) -> None:
        self.codec = self.codec or codec_of(data)
        self.raw += data
        self.parser.Parse(data, False)

    def _flushed(self) -> bytes:
        """What can be written: nothing until the rows begin, then all rows that are read to their end."""
        if self.data_start < 0:
            return b""
        before = b""
        if not self.head:
            self.head = bytes(self.raw[: self.data_start])
            before = self._opened(self.frame.head(self.head))
            self._drop(self.data_start)
        limit = max(self.base, self.data_end if self.data_end >= 0 else self.row.start if self.row else self.done)
        ready = [edit for edit in self.edits if edit.end <= limit]
        patched = apply_edits(self.raw[: limit - self.base], ready, self.base)
        self.edits = self.edits[len(ready) :]
        self._drop(limit)
        return before + patched

    def _drop(self, until: int) -> None:
        del self.raw[: until - self.base]
        self.base = until

    def _opened(self, head: bytes) -> bytes:
        """The head; its last tag opened when it was an empty one and rows were made."""
        slash = encoded("/>", self.codec)
        made = self.edits and self.data_end == self.data_start
        return head[: -len(slash)] + encoded(">", self.codec) if made and head.endswith(slash) else head

    def _tag(self, start: int) -> str:
        return tag_at(self.raw, start - self.base, self.codec)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > _CELL_DEPTH:
            return
        kind, at = main_name(name), self.parser.CurrentByteIndex
        if self.depth == _ROW_DEPTH - 1 and kind == "sheetData" and self.data_start < 0:
            self._open_data(at)
        elif self.depth == _ROW_DEPTH and kind == "row" and self.data_start >= 0 > self.data_end:
            self._open_row(at, attributes)
        elif self.depth == _CELL_DEPTH and self.row is not None:
            self._open_cell(self.row, kind, at, attributes)

    def _end(self, name: str) -> None:
        self.depth -= 1
        if self.depth >= _CELL_DEPTH or self.data_start < 0 or self.data_end >= 0:
            return
        at = self.parser.CurrentByteIndex
        if self.depth == _ROW_DEPTH and self.row is not None and main_name(name) == "c":
            self._close_cell(self.row.cells[-1], at)
        elif self.depth == _ROW_DEPTH - 1 and self.row is not None:
            self._close_row(self.row, at)
            self.row, self.done = None, at
        elif self.depth == _ROW_DEPTH - 2:
            self._close_data(at)

    def _open_data(self, at: int) -> None:
        tag = self._tag(at)
        self.data_start = self.done = at + len(encoded(tag, self.codec))
        self.empty_data = tag.endswith("/>")
        self.prefix = prefix_of(tag)
        self.cells = self.make_cells(self.prefix)
        rows = self.cells.rows
        self.missing = rows if self.present is None else np.setdiff1d(rows, self.present, assume_unique=True)

    def _close_data(self, at: int) -> None:
        made = self._make_rows(NEVER, at)
        if made and self.empty_data:
            self._edit(at, at, f"</{self.prefix}sheetData>")
        self.data_end = at

    def _open_row(self, at: int, attributes: dict[str, str]) -> None:
        number = int(attributes.get("r") or self.last + 1)
        if number <= self.last and self.present is None:
            raise RowOrderError
        self._make_rows(number, at)
        if self.next_missing < len(self.missing) and self.missing[self.next_missing] == number:
            self.next_missing += 1
        self.row = _Row(number, at)
        self.last = number

    def _make_rows(self, until: int, at: int) -> bool:
        """Makes the rows before ``until`` that have a mark and that the sheet lacks; whether there were any."""
        made = b""
        while self.next_missing < len(self.missing) and self.missing[self.next_missing] < until:
            made += self.cells.new_row(bisect_left(self.cells.rows, self.missing[self.next_missing]))
            self.next_missing += 1
        if made:
            self._edit(at, at, made.decode())
        return bool(made)

    def _open_cell(self, row: _Row, kind: str, at: int, attributes: dict[str, str]) -> None:
        if kind != "c":
            row.behind_cells = at if row.behind_cells < 0 else row.behind_cells
            return
        address = attributes.get("r", "")
        before = row.cells[-1].column if row.cells else -1
        column = column_number(address.rstrip("0123456789")) if address else before + 1
        row.cells.append(_Cell(column, attributes.get("s") or None, bool(address), at))

    def _close_cell(self, cell: _Cell, at: int) -> None:
        if self.landing.first <= cell.column <= self.landing.last:
            empty = self._tag(cell.start).endswith("/>")
            cell.end = at if empty else self.base + end_of_end_tag(self.raw, at - self.base, self.codec)

    def _close_row(self, row: _Row, at: int) -> None:
        if row.number == self.new.header_row and self.landing.fresh:
            first = self.landing.fresh_first
            beside = [cell for cell in row.cells if cell.column < first]
            self._put(row, at, first, self.cells.header(beside[-1].style if beside else None))
            return
        mark = bisect_left(self.cells.rows, row.number)
        if mark < len(self.cells.rows) and self.cells.rows[mark] == row.number and row.number not in self.repeated:
            self.repeated.update((row.number,) if self.present is not None else ())
            self._put(row, at, self.landing.first, self.cells.at(mark))
        elif self.landing.in_place and row.number > self.new.header_row:
            self._put(row, at, self.landing.first, b"")

    def _put(self, row: _Row, at: int, first: int, template: bytes) -> None:
        """Puts our cells where they belong among the row's others, or in the place of an earlier run's."""
        own = [cell for cell in row.cells if first <= cell.column <= self.landing.last]
        if own and (not self.landing.in_place or row.number == self.new.header_row):
            raise CannotPatchError(
                f"Row {row.number} of the sheet {self.new.sheet} has cells where the new columns would stand",
                "It was changed since it was read: run the same command again.",
            )
        behind = next((cell for cell in row.cells if cell.column > self.landing.last), None)
        text = self._filled(template, row.number) + self._filler(row, behind, bool(own or template), template)
        if own:
            self._edit(own[0].start, own[0].end, text)
            for other in own[1:]:
                self._edit(other.start, other.end, "")
        if text:
            self._put_text(row, at, behind, "" if own else text)

    def _put_text(self, row: _Row, at: int, behind: _Cell | None, text: str) -> None:
        tag = self._tag(row.start)
        wide = _SPANS.sub(lambda s: f"{s[1]}{max(int(s[2]), self.landing.last + 1)}", tag)
        if tag.endswith("/>"):
            name = f"{prefix_of(tag)}row"
            self._edit(row.start, at, f"{wide[:-2].rstrip()}>{text}</{name}>")
            return
        if wide != tag:
            self._edit(row.start, row.start + len(encoded(tag, self.codec)), wide)
        spot = behind.start if behind else row.behind_cells if row.behind_cells >= 0 else self._behind_cells(row, at)
        self._edit(spot, spot, text)

    def _behind_cells(self, row: _Row, at: int) -> int:
        """The end of a row without the blanks before its end tag."""
        inside = bytes(self.raw[row.start - self.base : at - self.base])
        blanks = len(inside) - len(inside.rstrip(b" \t\r\n"))
        return at if self.codec.startswith("utf-16") else at - blanks

    def _filler(self, row: _Row, behind: _Cell | None, changed: bool, template: bytes) -> str:
        """A cell without an address counts from the one before it: an empty one keeps it where it was."""
        if behind is None or behind.addressed or not changed:
            return ""
        letters = column_letters(behind.column - 1)
        if f'r="{letters}\0"'.encode() in template:
            return ""
        return f'<{self.prefix}c r="{letters}{row.number}"/>'

    def _filled(self, template: bytes, row: int) -> str:
        return template.replace(ROW, str(row).encode()).decode()

    def _edit(self, start: int, end: int, text: str) -> None:
        self.edits.append(Edit(start, end, encoded(text, self.codec)))

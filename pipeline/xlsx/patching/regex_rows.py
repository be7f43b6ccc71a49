"""Puts the cells at the end of each row: the quick way, for rows written as most programs do.

Nothing is assumed that is not looked at: each row must follow the one before it and begin as ``<row r="…"``, numbers
must rise, the last cell must bear the row's number and stand before our columns, and no comment may hide anything.
Whatever else there is goes the exact way (``exact.py``), which gives the same result.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from pipeline.addresses import column_letters, column_number
from pipeline.xlsx.markup.row_blocks import odd_markup
from pipeline.xlsx.patching.cell_xml import NEVER, ROW, Cells
from pipeline.xlsx.patching.fallbacks import NotPlain
from pipeline.xlsx.patching.placement import Landing
from pipeline.xlsx.patching.row_tags import RowTags

_STYLE = re.compile(rb'\ss="([0-9]+)"')
_BLANK = b" \t\r\n"


class _Spot(NamedTuple):
    """A cell: its column, where its source ends, its style."""

    column: int
    end: int
    style: str | None


class _Gap(NamedTuple):
    """What stands between two end tags of rows: the row that follows, what is written already, what was looked at."""

    found: re.Match[bytes] | None
    begin: int
    end: int


def own_cells(prefix: str, landing: Landing) -> str:
    """The pattern of an earlier run's cells in a row: as we write them, or as Excel saves them."""
    letters = "|".join(column_letters(column) for column in range(landing.first, landing.last + 1))
    text = rf"<{prefix}is><{prefix}t(?:\s[^<>]*)?>[^<]*</{prefix}t></{prefix}is>|<{prefix}v>[^<]*</{prefix}v>"
    return rf'(?:<{prefix}c r="(?:{letters})[0-9]+"(?:\s[^<>]*)?(?:/>|>(?:{text})</{prefix}c>))+'


class PlainRows:
    """Patches blocks of whole rows, one after the other.

    Args:
        cells: what to write.
        header_row: the row of the column names; 0: none.
    """

    def __init__(self, cells: Cells, header_row: int) -> None:
        prefix, landing = cells.prefix, cells.landing
        self.cells = cells
        self.landing: Landing = landing
        self.header_row = header_row
        self.prefix = prefix.encode()
        self.tags = RowTags(prefix, landing.last)
        self.close = f"</{prefix}row".encode()
        self.any_cell = f"<{prefix}c".encode()
        self.cell_end = f"</{prefix}c>".encode()
        address = rf'<{prefix}c r="([A-Z]{{1,3}})([0-9]+)"'
        self.address = re.compile(address.encode())
        self.one_cell = re.compile(rf"\s*{address}((?:\s[^<>]*?)?)(?:/>|>.*?</{prefix}c>)".encode(), re.DOTALL)
        self.before = frozenset(column_letters(column).encode() for column in range(landing.first))
        self.ours = f'<{prefix}c r="{column_letters(landing.first)}'.encode()
        self.our_cells = re.compile(own_cells(prefix, landing).encode())
        self.last_cell = b"-"  # how the last cell of the row before began: <c r="T
        self._go_on(0)
        self.last = 0

    @property
    def position(self) -> int:
        """Of the first mark that is not written yet, among all."""
        return self._passed if self._passed >= 0 else int(np.searchsorted(self.cells.rows, self.wanted))

    def passed(self, last: int, marks: int) -> None:
        """Takes note of rows, up to the ``last``, that were written otherwise, with so many marks."""
        self.last, self._passed = last, self.position + marks

    def _go_on(self, position: int) -> None:
        self.walk = self.cells.walk(position)
        self.wanted, self.template = next(self.walk, (NEVER, b""))
        self._passed = -1

    def block(self, *parts: bytes) -> bytes:
        """Whole rows, in parts that are cut anywhere, with their cells added."""
        if self._passed >= 0:
            self._go_on(self._passed)
        block = b"".join((self.close, b">", *parts))
        if odd_markup(block):
            raise NotPlain
        before, *items = self.tags.boundary.split(block)
        out: list[bytes] = []
        if before:
            self._close_block(before[len(self.close) :], out)
        final = self._cut_last(items)
        leads, rests, close, any_cell, cell_end = (
            self.tags.leads,
            self.tags.rests,
            self.close,
            self.any_cell,
            self.cell_end,
        )
        rows = zip(items[::4], items[1::4], items[2::4], items[3::4], strict=True)
        for lead, number, attributes, content in rows:
            known = int(number) == self.wanted and lead in leads and attributes in rests and content.endswith(cell_end)
            last_cell = self.last_cell + number + b'"'
            if known and self.template and content.startswith(last_cell, content.rfind(any_cell)):
                cells = self.template.replace(ROW, number)
                out += (leads[lead], number, rests[attributes], content, cells, close)
                self.last = self.wanted
                self.wanted, self.template = next(self.walk, (NEVER, b""))
            elif not (known and self.landing.in_place and self._in_place(lead, number, attributes, content, out)):
                self._unusual(b'%b%b"%b>%b' % (lead, number, attributes, content), out)
        if final:
            self._close_block(final, out)
        out[0] = out[0][1:]
        return b"".join(out)

    def _cut_last(self, items: list[bytes]) -> bytes:
        """Cuts the last row off at its end tag and gives what stands behind; all of it when it is one tag."""
        if not items:
            return b""
        lead, number, attributes, last = items[-4:]
        content, ended, final = last.rpartition(self.close)
        if ended:
            items[-1] = content
            return final
        del items[-4:]
        return b'%b%b"%b>%b' % (lead, number, attributes, last)

    def _in_place(self, lead: bytes, number: bytes, attributes: bytes, content: bytes, out: list[bytes]) -> bool:
        """A row that ends with the cells of an earlier run; whether it does."""
        cut = content.rfind(self.ours + number + b'"')
        if cut < 0 or not self.our_cells.fullmatch(content, cut):
            return False
        cells = self.template.replace(ROW, number)
        out += (self.tags.leads[lead], number, self.tags.rests[attributes], content[:cut], cells, self.close)
        self.last = self.wanted
        self.wanted, self.template = next(self.walk, (NEVER, b""))
        return True

    def _close_block(self, final: bytes, out: list[bytes]) -> None:
        """What stands behind the last end tag: rows of one tag, blanks, nothing else."""
        gap = self._empty_rows(final, out)
        if gap.found is not None or final[gap.end : gap.end + 1] != b">" or final[gap.end + 1 :].strip(_BLANK):
            raise NotPlain
        out.append(final[gap.begin :])

    def missing(self, until: int) -> bytes:
        """Rows before ``until`` that have a mark and that the sheet lacks."""
        if self._passed >= 0:
            self._go_on(self._passed)
        made = []
        while self.wanted < until:
            row = str(self.wanted).encode()
            tag = b'<%brow r="%b">%b</%brow>' % (self.prefix, row, self.template.replace(ROW, row), self.prefix)
            made.append(tag if self.template else b"")
            self.wanted, self.template = next(self.walk, (NEVER, b""))
        return b"".join(made)

    def _unusual(self, piece: bytes, out: list[bytes]) -> None:
        """A row that is not like the one before, perhaps with rows of one tag before it.

        ``piece`` goes from the ">" of the end tag before to its own end tag.
        """
        found, begin = self.tags.next_row.match(piece), 0
        if found is not None and found[3][-1:] == b"/":
            found, begin, _ = self._empty_rows(piece, out)
        if found is None or self.close in piece:
            raise NotPlain
        self._row(piece, begin, found, out)

    def _row(self, piece: bytes, begin: int, found: re.Match[bytes], out: list[bytes]) -> None:
        """One row that has an end tag; ``piece`` from ``begin`` on is not written yet."""
        row = int(found[2])
        if row != self.wanted:
            begin = self._in_order(piece, begin, found, out)
        if row <= self.last:
            raise NotPlain
        self.last = row
        if row != self.wanted:
            self._unmarked(row, piece, begin, found, out)
            return
        template = self.template
        self.wanted, self.template = next(self.walk, (NEVER, b""))
        at = piece.rfind(self.any_cell, found.end())
        last_cell = self.address.match(piece, at) if at >= 0 else None
        known = last_cell is not None and last_cell[1] in self.before and last_cell[2] == found[2]
        if last_cell is None or not known or not self._ends_with(piece, at):
            self._splice(piece, begin, found, template, out)
        elif template:
            self.last_cell = piece[at : last_cell.end(1)]
            opening = self.tags.opening(piece, begin, found)
            out += (opening, piece[found.end() :], template.replace(ROW, found[2]), self.close)
        else:
            out += (piece[begin:], self.close)

    def _ends_with(self, piece: bytes, at: int) -> bool:
        """Whether the row ends with the cell that begins at a position, and nothing stands behind it."""
        if piece.endswith(self.cell_end):
            return True
        return piece.endswith(b"/>") and piece.rfind(b"<") == at

    def _in_order(self, piece: bytes, begin: int, found: re.Match[bytes], out: list[bytes]) -> int:
        """Makes the rows that have a mark and are missing before this one; where to go on writing."""
        row = int(found[2])
        if row < self.wanted:
            return begin
        tag = piece.index(b"<", found.start())
        out += (piece[begin:tag], self.missing(row))
        return tag

    def _empty_rows(self, piece: bytes, out: list[bytes]) -> _Gap:
        """Rows that are one tag, and the row that follows them."""
        found, begin, end = self.tags.next_row.match(piece), 0, 0
        while found is not None and found[3][-1:] == b"/":
            row = int(found[2])
            begin = self._in_order(piece, begin, found, out)
            if row <= self.last:
                raise NotPlain
            self.last = row
            end = found.end() - 1
            template, opening = self._for_empty(row), self.tags.opening(piece, begin, found)
            if template:
                out += (opening, template.replace(ROW, found[2]), self.close)
                begin = end
            found = self.tags.next_row.match(piece, end)
        return _Gap(found, begin, end)

    def _for_empty(self, row: int) -> bytes:
        """What a row without cells gets."""
        if row == self.wanted:
            template = self.template
            self.wanted, self.template = next(self.walk, (NEVER, b""))
            return template
        return self.cells.header(None) if row == self.header_row else b""

    def _unmarked(self, row: int, piece: bytes, begin: int, found: re.Match[bytes], out: list[bytes]) -> None:
        """A row without a mark: the header's, one whose mark of an earlier run goes, or one that stays as it is."""
        if row == self.header_row and self.landing.fresh:
            self._splice(piece, begin, found, None, out)
        elif row > self.header_row and self.landing.in_place:
            self._splice(piece, begin, found, b"", out)
        else:
            self.tags.opening(piece, begin, found)
            out += (piece[begin:], self.close)

    def _splice(
        self, piece: bytes, begin: int, found: re.Match[bytes], template: bytes | None, out: list[bytes]
    ) -> None:
        """Puts our cells among a row's others by column, in the place of an earlier run's; None: the headers."""
        heading = template is None
        at = -1 if heading else piece.rfind(self.ours + found[2] + b'"', found.end())
        at = found.end() if at < 0 else at
        spots = self._spots(piece, at, found[2])
        first = self.landing.fresh_first if heading else self.landing.first
        before = [spot for spot in spots if spot.column < first]
        own = [spot for spot in spots if first <= spot.column <= self.landing.last]
        if own and (heading or not self.landing.in_place):
            raise NotPlain  # the exact way finds the words for it
        if template is None:
            template = self.cells.header(before[-1].style if before else None)
        cut = before[-1].end if before else at
        rest = own[-1].end if own else cut
        opening = self.tags.opening(piece, begin, found) if template else piece[begin : found.end()]
        out += (opening, piece[found.end() : cut], template.replace(ROW, found[2]), piece[rest:], self.close)

    def _spots(self, piece: bytes, at: int, row: bytes) -> list[_Spot]:
        """The cells from a position on; there must be nothing else, and their columns must rise."""
        spots: list[_Spot] = []
        while (found := self.one_cell.match(piece, at)) is not None:
            column = column_number(found[1].decode())
            if found[2] != row or (spots and column <= spots[-1].column):
                raise NotPlain
            style = _STYLE.search(found[3])
            at = found.end()
            spots.append(_Spot(column, at, style[1].decode() if style else None))
        if piece[at:].strip(_BLANK):
            raise NotPlain
        return spots

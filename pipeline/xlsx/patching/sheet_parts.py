"""What stands before and behind a sheet's rows: how far it reaches, how wide its columns are, its filter."""

from __future__ import annotations

import re

from pipeline.addresses import Area, column_letters
from pipeline.xlsx.errors import CannotPatchError
from pipeline.xlsx.markup.edits import Markup, PartElement, with_attribute, without_attribute
from pipeline.xlsx.patching.fallbacks import ObstructedError, OtherFilterError
from pipeline.xlsx.patching.placement import Landing, widened_filter
from pipeline.xlsx.values import NewColumns

WIDTH_PADDING = 0.7109375
"""What Excel adds to a number of characters for the margins (ECMA-376, part 1, 18.3.1.13, for Calibri 11)."""

NOT_FOR_OURS = ("hidden", "outlineLevel", "bestFit", "width", "customWidth")
"""Attributes of a range of columns that our columns, where they stand in it, don't take over: they must be seen.
``collapsed`` stays: it belongs to the group before, whose button stands here."""


class Frame:
    """The edits before and behind the rows.

    Args:
        new: the columns to add.
        landing: where the columns go.
        rows: the first and the last row that get a cell, header and all.
        widths: of the new columns, in characters; a further one is as wide as the first.
        named_filter: what the workbook calls the sheet's filter and was widened; None when nothing was.
    """

    def __init__(
        self,
        new: NewColumns,
        landing: Landing,
        rows: tuple[int, int],
        widths: tuple[int, ...],
        named_filter: Area | None = None,
    ) -> None:
        self.new = new
        self.landing = landing
        self.widths = widths
        self.area = Area(rows[0], landing.first, rows[1], landing.last)
        self.fresh = Area(rows[0], landing.fresh_first, rows[1], landing.last)
        self.named_filter = named_filter
        self.notes: list[str] = []

    def head(self, head: bytes) -> bytes:
        """The part up to and including the tag of its ``sheetData``, with the new columns' dimension and widths."""
        part = Markup(head, {"worksheet", "dimension", "cols", "col", "sheetData"}, whole=False)
        data = part.find("worksheet", "sheetData")
        if data is None:
            raise CannotPatchError(f"The sheet {self.new.sheet} is no worksheet as Excel writes one")
        dimension = part.find("worksheet", "dimension")
        area = Area.parse(dimension.attributes.get("ref", "")) if dimension else None
        if dimension and area and area.union(self.area) != area:
            part.set(dimension, "ref", str(area.union(self.area)))
        if self.landing.fresh:
            self._widths(part, data)
        return part.result()

    def _widths(self, part: Markup, data: PartElement) -> None:
        cols = part.find("worksheet", "cols")
        listed = part.all("worksheet", "cols", "col")
        uncovered = set(range(self.fresh.left, self.fresh.right + 1))
        for col in listed:
            first, last = (int(col.attributes.get(name, "0")) - 1 for name in ("min", "max"))
            ours = [column for column in sorted(uncovered) if first <= column <= last]
            if ours:
                part.replace(col.start, col.end, self._split(part.tag(col), first, last, ours))
                uncovered.difference_update(ours)
        for column in sorted(uncovered):
            self._add_width(part, data, cols, column)

    def _split(self, tag: str, first: int, last: int, ours: list[int]) -> str:
        """The ranges that one range of columns becomes: before ours, ours one by one, behind ours."""
        tag = re.sub(r"\s*/?>\Z", "/>", tag)
        pieces = []
        if first < ours[0]:
            pieces.append(_range_tag(tag, first, ours[0] - 1))
        bare = tag
        for name in NOT_FOR_OURS:
            bare = without_attribute(bare, name)
        for column in ours:
            pieces.append(with_attribute(_range_tag(bare, column, column), "width", self._width(column)))
            pieces[-1] = with_attribute(pieces[-1], "customWidth", "1")
        if last > ours[-1]:
            pieces.append(_range_tag(tag, ours[-1] + 1, last))
        return "".join(pieces)

    def _add_width(self, part: Markup, data: PartElement, cols: PartElement | None, column: int) -> None:
        prefix = part.prefix(cols or data)
        new = f'<{prefix}col min="{column + 1}" max="{column + 1}" width="{self._width(column)}" customWidth="1"/>'
        listed = part.all("worksheet", "cols", "col")
        behind = next((col for col in listed if int(col.attributes.get("min", "0")) - 1 > column), None)
        if behind:
            part.replace(behind.start, behind.start, new)
        elif listed and cols:
            part.replace(cols.inner_end, cols.inner_end, new)
        elif column == self.fresh.left:  # there is no range at all: all of ours in one go
            rest = range(column + 1, self.fresh.right + 1)
            all_of_ours = new + "".join(
                f'<{prefix}col min="{c + 1}" max="{c + 1}" width="{self._width(c)}" customWidth="1"/>' for c in rest
            )
            if cols:
                part.append(cols, all_of_ours)
            else:
                part.replace(data.start, data.start, f"<{prefix}cols>{all_of_ours}</{prefix}cols>")

    def _width(self, column: int) -> str:
        place = column - self.landing.first
        wanted = self.widths[place if place < len(self.widths) else 0]
        return str(max(wanted, len(self.landing.names[place]) + 3) + WIDTH_PADDING)

    def tail(self, head: bytes, tail: bytes) -> bytes:
        """The part from the end tag of ``sheetData`` on, with the filter widened.

        Raises:
            ObstructedError: merged cells are in the way.
            OtherFilterError: the workbook's name for the filter was widened for nothing.
        """
        furthest = -1

        def merged(path: tuple[str, ...], attributes: dict[str, str]) -> None:
            nonlocal furthest
            if path[-1] == "mergeCell" and self.landing.fresh:
                area = Area.parse(attributes.get("ref", ""))
                if area and area.overlaps(self.fresh):
                    furthest = max(furthest, area.right)

        part = Markup(head + tail, {"autoFilter", "sortState"}, visit=merged)
        if furthest >= 0:
            raise ObstructedError(furthest + 1)
        self._filter(part)
        return part.result(since=len(head))

    def _filter(self, part: Markup) -> None:
        found = part.find("worksheet", "autoFilter")
        area = Area.parse(found.attributes.get("ref", "")) if found else None
        wider = widened_filter(area, self.new, self.landing) if area else None
        if self.named_filter is not None and (wider is None or area != self.named_filter):
            raise OtherFilterError
        short = area is not None and area.top == self.new.header_row and area.right < self.landing.last
        if area and short and not wider and self.landing.fresh:
            ends = column_letters(area.right)
            self.notes.append(f"The filter of the sheet ends in column {ends}: it does not sort the new columns.")
        if area is None or wider is None:
            return
        for element in part.elements:
            own = Area.parse(element.attributes.get("ref", ""))
            if own and own.right == area.right and element.path[1] in ("autoFilter", "sortState"):
                part.set(element, "ref", str(own.to_column(wider.right)))


def _range_tag(tag: str, first: int, last: int) -> str:
    return with_attribute(with_attribute(tag, "min", str(first + 1)), "max", str(last + 1))

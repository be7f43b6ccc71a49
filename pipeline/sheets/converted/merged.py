"""Gives every cell of a merged area what its top left cell holds, for that is what a person sees there."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.model.sheet import Kind
from pipeline.sheets.converted.strips import SheetStrip, Strip, as_arrow

Ints = npt.NDArray[np.int64]


class MergedArea(NamedTuple):
    """A merged area: its first and last row (from 1) and column (from 0), inclusive."""

    top: int
    bottom: int
    left: int
    right: int


class OverlappingAreasError(ValueError):
    """So many areas lie upon one another that nobody can tell what a cell shows."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The merged areas of a sheet side by side, and what their top left cells hold."""

    areas: npt.NDArray[np.int64]  # one line each: top, bottom, left, right
    kind: npt.NDArray[np.int8]
    text: npt.NDArray[np.object_]
    format: npt.NDArray[np.int16]
    formula: npt.NDArray[np.bool_]
    struck: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        """How many areas there are."""
        return len(self.areas)

    def fill(self, strip: Strip | None, column: int, rows: Ints, *, sideways: bool = True) -> Strip | None:
        """One column of some rows as a person sees it.

        Args:
            strip: what the file stores there; None where it stores nothing.
            rows: the numbers of the rows, ascending.
            sideways: whether an area holds in its other columns too, and not in its first one only.
        Raises:
            OverlappingAreasError: too many areas share cells.
        """
        if not len(self.areas) or not len(rows):
            return strip
        top, bottom, left, right = self.areas.T
        reach = (left <= column) & (column <= right) if sideways else left == column
        hits = np.flatnonzero(reach & (bottom >= rows[0]) & (top <= rows[-1]))
        first = np.searchsorted(rows, np.where(left[hits] == column, top[hits] + 1, top[hits]))
        counts = np.maximum(np.searchsorted(rows, bottom[hits], "right") - first, 0)
        if counts.sum() > len(rows):
            raise OverlappingAreasError
        area = np.repeat(hits, counts)
        turn = np.arange(len(area)) - np.repeat(np.cumsum(counts) - counts, counts)
        return self._filled(strip, np.repeat(first, counts) + turn, area, len(rows)) if len(area) else strip

    def _filled(self, strip: Strip | None, at: Ints, area: Ints, size: int) -> Strip:
        stored = strip or Strip.blank(size)
        kind, form = stored.kind.copy(), stored.format.copy()
        kind[at], form[at] = self.kind[area], self.format[area]
        texts = stored.text.to_numpy(zero_copy_only=False).copy()
        texts[at] = self.text[area]
        return Strip(
            kind,
            as_arrow(texts.tolist()),
            form,
            _flags(stored.formula, at, self.formula[area], size),
            _flags(stored.struck, at, self.struck[area], size),
        )


def _flags(
    stored: npt.NDArray[np.bool_] | None, at: Ints, new: npt.NDArray[np.bool_], size: int
) -> npt.NDArray[np.bool_] | None:
    if stored is None and not new.any():
        return None
    flags = np.zeros(size, np.bool_) if stored is None else stored.copy()
    flags[at] = new
    return flags


def merged_of(areas: Iterable[MergedArea], chunks: Sequence[SheetStrip]) -> Merged:
    """The areas with what the chunks hold in their top left cells; areas of one cell are left out."""
    kept = sorted({area for area in areas if area.top < area.bottom or area.left < area.right})
    firsts = [int(chunk.rows[0]) for chunk in chunks]
    made = Merged(
        np.array(kept, np.int64).reshape(-1, 4),
        np.full(len(kept), Kind.BLANK, np.int8),
        np.full(len(kept), "", dtype=object),
        np.full(len(kept), -1, np.int16),
        np.zeros(len(kept), np.bool_),
        np.zeros(len(kept), np.bool_),
    )
    for number, area in enumerate(kept):
        chunk = chunks[max(bisect_left(firsts, area.top + 1) - 1, 0)] if chunks else None
        if chunk is not None and (strip := chunk.strips.get(area.left)) is not None:
            at = int(np.searchsorted(chunk.rows, area.top))
            if at < len(chunk.rows) and chunk.rows[at] == area.top:
                _keep(made, number, strip, at)
    return made


def _keep(made: Merged, number: int, strip: Strip, at: int) -> None:
    made.kind[number], made.format[number] = strip.kind[at], strip.format[at]
    made.text[number] = strip.text[at].as_py()
    made.formula[number] = strip.formula is not None and strip.formula[at]
    made.struck[number] = strip.struck is not None and strip.struck[at]


def apart(merged: Merged, columns: Sequence[int]) -> list[MergedArea]:
    """The areas that lie neither upon one another nor upon some columns: Excel calls others damage."""
    found: list[MergedArea] = []
    open_ones: list[MergedArea] = []  # by their columns, which don't meet
    for area in (MergedArea(*line) for line in merged.areas.tolist()):
        open_ones = [one for one in open_ones if one.bottom >= area.top]
        beside = all(one.right < area.left or area.right < one.left for one in open_ones)
        if beside and not any(area.left <= column <= area.right for column in columns):
            found.append(area)
            open_ones.append(area)
    return found


NOTHING: Merged = merged_of((), ())

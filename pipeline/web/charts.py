"""Bars of plain SVG: widths are attributes, so that the page needs no style of its own for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ORDER = ("Success", "Planned", "Failed", "Unknown", "Invalid", "Not sent", "Skipped")


@dataclass(frozen=True, slots=True)
class BarPart:
    """One part of a bar, in per cent of it."""

    word: str
    count: int
    left: float
    width: float


def chart_of(counts: Mapping[str, int]) -> list[BarPart]:
    """The counts by status as one bar; blank rows are no part of it."""
    total = sum(counts.get(word, 0) for word in ORDER)
    parts, left = [], 0.0
    for word in ORDER:
        count = counts.get(word, 0)
        if count:
            width = 100 * count / total
            parts.append(BarPart(word, count, round(left, 3), round(width, 3)))
            left += width
    return parts

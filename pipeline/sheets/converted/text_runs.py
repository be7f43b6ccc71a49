"""Judges the parts of a text that have fonts of their own: is any struck out, are some raised and others not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Font(NamedTuple):
    """What counts of a font here: whether it strikes out, and whether it raises (1) or lowers (2)."""

    strikes: bool = False
    position: int = 0


PLAIN = Font()


def is_struck(own: Font, runs: Sequence[tuple[int, Font]] = ()) -> bool:
    """Whether a cell is struck out as a whole or in part, or has parts that are raised beside others that are not.

    Args:
        own: the font of the cell's style.
        runs: where in the text another font begins, ascending, and which.
    """
    parts = [font for _, font in runs]
    if not runs or runs[0][0] > 0:  # the text begins in the font of the cell
        parts.insert(0, own)
    return any(font.strikes for font in parts) or len({font.position for font in parts}) > 1

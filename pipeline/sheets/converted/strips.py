"""Holds the cells of some rows compactly: one strip for each column, kinds, texts and number formats side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Strip:
    """One column of some rows; ``formula`` and ``struck`` (see ``CellColumn``) only where any cell is such."""

    kind: npt.NDArray[np.int8]
    text: pa.LargeStringArray
    format: npt.NDArray[np.int16]
    formula: npt.NDArray[np.bool_] | None = None
    struck: npt.NDArray[np.bool_] | None = None

    @staticmethod
    def blank(size: int) -> Strip:
        """A strip without any cell."""
        return Strip(np.zeros(size, np.int8), as_arrow([""] * size), np.full(size, -1, np.int16))

    def part(self, rows: slice) -> Strip:
        """Some of its rows."""
        formula = None if self.formula is None else self.formula[rows]
        struck = None if self.struck is None else self.struck[rows]
        return Strip(self.kind[rows], self.text[rows], self.format[rows], formula, struck)


@dataclass(frozen=True, slots=True)
class SheetStrip:
    """Some consecutive rows that hold anything; a column that is blank in all of them is left out."""

    rows: npt.NDArray[np.int64]
    hidden: npt.NDArray[np.bool_]
    content: npt.NDArray[np.bool_]
    strips: Mapping[int, Strip]


def as_arrow(texts: list[str]) -> pa.LargeStringArray:
    """Texts as Arrow holds them; half a surrogate pair, from a file that was cut, as a reader shows it."""
    try:
        return pa.array(texts, pa.large_string())
    except UnicodeEncodeError:
        return pa.array([text.encode("utf-8", "replace").decode() for text in texts], pa.large_string())

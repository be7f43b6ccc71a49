"""Cells as they come out of a worksheet's XML, side by side; both ways of reading give just this."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

LAST_ROW = 1_048_576
LAST_COLUMN = 16_383
"""Excel's own limits, columns from 0 (Microsoft, "Excel specifications and limits")."""

ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


class OddXml(Exception):
    """The fast way can't account for these bytes; the exact way can."""


class BrokenSheet(ValueError):
    """The worksheet is no valid one; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of a worksheet and their wanted cells, in the order of the file.

    ``rows``, ``hidden``, ``content``: a place for each row. The others: a place for each wanted cell; ``kind`` is the
    ``t`` attribute, ``value`` the text of ``v`` or ``is`` ("" where there is none), markup resolved.
    """

    rows: npt.NDArray[np.int64]
    hidden: npt.NDArray[np.bool_]
    content: npt.NDArray[np.bool_]
    column: npt.NDArray[np.int32]
    row: npt.NDArray[np.int64]
    kind: npt.NDArray[np.str_]
    style: npt.NDArray[np.int32]
    formula: npt.NDArray[np.bool_]
    value: pa.Array
    trouble: dict[int, str] = field(default_factory=dict)

    @staticmethod
    def joined(parts: Sequence[Block]) -> Block:
        """Blocks that follow one another, as one."""
        if len(parts) == 1:
            return parts[0]
        arrays = {name: np.concatenate([getattr(part, name) for part in parts]) for name in BY_ROW + BY_CELL}
        trouble = {row: why for part in parts for row, why in part.trouble.items()}
        return Block(**arrays, value=pa.concat_arrays([part.value for part in parts]), trouble=trouble)

    def below(self, after: int) -> Block:
        """Only the rows below one."""
        if not len(self.rows) or self.rows[0] > after:
            return self
        rows, cells = self.rows > after, self.row > after
        arrays = {name: getattr(self, name)[rows] for name in BY_ROW}
        arrays |= {name: getattr(self, name)[cells] for name in BY_CELL}
        trouble = {row: why for row, why in self.trouble.items() if row > after}
        return Block(**arrays, value=self.value.filter(pa.array(cells)), trouble=trouble)


BY_ROW = ("rows", "hidden", "content")
BY_CELL = ("column", "row", "kind", "style", "formula")


def column_number(letters: str) -> int:
    """A is 0, Z is 25, AA is 26."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def is_true(text: str) -> bool:
    """An XML boolean."""
    return text.strip().lower() in ("1", "true", "on")

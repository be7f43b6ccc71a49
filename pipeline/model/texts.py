"""Columns of texts as Arrow holds them: made without an object for each row, and looked at by their bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

ORDINARY = "[!-<>-~]"
"""The ASCII signs at an end of a text that has nothing around it: no blank, nothing unseen, no formula's ``=``."""


def blank(index: pd.Index[int]) -> pd.Series[str]:
    """A column of blank texts."""
    bounds = pa.py_buffer(bytes(8 * (len(index) + 1)))
    texts = pa.LargeStringArray.from_buffers(len(index), bounds, pa.py_buffer(b""))
    return pd.Series(pd.array(texts, dtype="str"), index=index)


def as_array(texts: pd.Series[str]) -> pa.LargeStringArray:
    """The texts in one piece."""
    array = pa.array(texts, type=pa.large_string())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


@dataclass(frozen=True, slots=True)
class TextBytes:
    """The bytes (UTF-8) of all texts of a column, one after the other, and where each text begins and the last ends."""

    letters: npt.NDArray[np.uint8]
    bounds: npt.NDArray[np.int64]

    @staticmethod
    def of(texts: pd.Series[str]) -> TextBytes:
        """Looks into a column; nothing is copied where it is in one piece."""
        array = as_array(texts)
        bounds = np.frombuffer(array.buffers()[1] or bytes(8), dtype=np.int64)
        bounds = bounds[array.offset : array.offset + len(array) + 1]
        return TextBytes(np.frombuffer(array.buffers()[2] or b"", np.uint8)[bounds[0] : bounds[-1]], bounds - bounds[0])

    def only(self, signs: str) -> bool:
        """Whether there are no other signs than these in any text.

        Args:
            signs: a pattern of one ASCII sign: ``[0-9A-Z]``.
        """
        return not self.letters.tobytes().translate(None, _all_of(signs))

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        """Bytes of each text."""
        return np.diff(self.bounds)

    def edges(self, signs: str) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Of each text whether it begins with one of the signs, and whether it ends with one; a blank does neither."""
        filled, table = self.lengths > 0, signs_table(signs)
        begin, end = filled.copy(), filled.copy()
        begin[filled] = table[self.letters[self.bounds[:-1][filled]]]
        end[filled] = table[self.letters[self.bounds[1:][filled] - 1]]
        return begin, end


@cache
def signs_table(signs: str) -> npt.NDArray[np.bool_]:
    """For each byte whether it is one of the signs; what is no ASCII has only bytes that are not."""
    return np.array([byte < 128 and re.fullmatch(signs, chr(byte)) is not None for byte in range(256)])


@cache
def _all_of(signs: str) -> bytes:
    return np.flatnonzero(signs_table(signs)).astype(np.uint8).tobytes()


def ordinary(texts: pd.Series[str]) -> bool:
    """Whether no text has anything around it that could be taken off: blanks, unseen signs, ``="…"``."""
    looked = TextBytes.of(texts)
    if looked.only(ORDINARY):  # and nothing within: the quickest to tell
        return True
    begin, end = looked.edges(ORDINARY)
    return bool((begin & end | (looked.lengths == 0)).all())

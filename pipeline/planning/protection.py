"""Finds the AWBs that a row to keep may hold: cancelling one of them could cancel that row's goods too.

A cell that a person reads without thinking holds one AWB. Any other (two numbers, a courier's name beside it, zeros in
front, blanks or hyphens inside, ``.0`` behind, digits lost by a spreadsheet) protects everything that it might mean.
Columns in, columns out: most cells of a sheet are plain, and only the others are taken apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

SHORTEST = 6
"""Characters of what can be an AWB (schemas/orders.py); a shorter piece of a cell is none."""

STRONG = r"[,;/|\\\r\n\t&+()\[\]{}:*#=\"']+|\s-\s|\s{2,}|\sAND\s"
"""What stands between two AWBs, or an AWB and other words; a single blank or hyphen may stand inside one."""

WORDS, DIGITS = r"[^0-9A-Z]+", r"[^0-9]+"

NAMES = (r"^\W*[A-Z]+\W+", r"\W+[A-Z]+\W*$")
"""A word in front of an AWB that has blanks inside, or behind it: the courier's name."""

NAME_BEFORE = r"^[A-Z]+(?P<number>[0-9]{8,})$"
"""A courier's name or its letters, written together with the number: by hand, or by a number format like ``"SF"@``."""

LOST = r"^\W*(?P<whole>[0-9]+)(?:[.,](?P<part>[0-9]*))?E\+?(?P<power>[0-9]{1,2})\b"
"""A number whose last digits are lost: ``1.31948E+12``, ``3,60003E+14``."""

LONG = r"^\W*(?P<whole>[0-9]{16,30})(?:[.,]0*)?\W*$"
"""A number of so many digits, in a cell in doubt: a spreadsheet keeps 15 of them."""

KEPT_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Ranges:
    """Numbers that a damaged cell may have been: from, to, and the row of the cell."""

    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    row: npt.NDArray[np.int64]

    @classmethod
    def joined(cls, parts: Sequence[Ranges]) -> Ranges:
        """All of them, by where they begin; ``high`` and ``row`` are those of the range so far that ends last."""
        if not parts:
            return NO_RANGES
        low, high, row = (np.concatenate([getattr(part, name) for part in parts]) for name in ("low", "high", "row"))
        order = np.argsort(low, kind="stable")
        low, high, row = low[order], high[order], row[order]
        last = np.maximum.accumulate(np.where(high == np.maximum.accumulate(high), np.arange(len(high)), 0))
        return cls(low, high[last], row[last])

    def holding(self, numbers: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """The row of a range that each number lies in, 0 where there is none."""
        if not len(self.low) or not len(numbers):
            return np.zeros(len(numbers), dtype=np.int64)
        place = np.searchsorted(self.low, numbers, side="right") - 1
        inside = (place >= 0) & (self.high[place] >= numbers)
        return np.where(inside, self.row[place], 0)


NO_RANGES = Ranges(np.empty(0), np.empty(0), np.empty(0, dtype=np.int64))


def loose(keys: pd.Series[str]) -> pd.Series[str]:
    """AWBs in capital letters as they are compared with kept rows: without hyphens and zeros in front."""
    array = pc.utf8_ltrim(pc.replace_substring(pa.array(keys, type=pa.large_string()), "-", ""), "0")
    return pd.Series(pd.array(array, dtype="str"), index=keys.index)


@dataclass(frozen=True, slots=True)
class Protected:
    """What kept rows protect. ``keys``: AWBs as ``loose`` gives them, index the row, which may stand there several
    times; ``ranges``: numbers that a damaged cell may have been."""

    keys: pd.Series[str]
    ranges: Ranges


def protected(awbs: pd.Series[str], doubts: pd.Series[str] | None) -> Protected:
    """What the rows to keep protect.

    Args:
        awbs: the AWB cells of these rows, none blank, index the row.
        doubts: why a cell can't be trusted, "" where it can (None: all can); what the sentence shows is protected too.
    """
    array = pa.array(awbs, type=pa.large_string())
    if doubts is None and bool(pc.all(pc.ascii_is_decimal(array), min_count=0).as_py()):
        return Protected(_with(pc.utf8_ltrim(array, "0"), awbs.index), NO_RANGES)
    upper = pc.utf8_upper(array)
    plain = np.asarray(pc.ascii_is_alnum(upper), dtype=bool)
    plain &= True if doubts is None else (doubts == "").to_numpy()
    keys = _with(upper, awbs.index)
    found = [loose(keys[plain]), _glued_to_a_name(keys[plain])]
    odd = keys[~plain]
    doubts = pd.Series("", index=odd.index, dtype="str") if doubts is None else doubts[~plain]
    if len(odd):
        found.append(loose(odd))
        found += _pieces(odd + np.where(doubts == "", "", "; " + doubts.str.upper()))
    every = pd.concat([part for part in found if len(part)]) if any(map(len, found)) else odd
    return Protected(every.sort_index(kind="stable"), _ranges(odd, doubts))


def _with(texts: pa.Array, index: pd.Index[int]) -> pd.Series[str]:
    return pd.Series(pd.array(texts, dtype="str"), index=index)


def _glued_to_a_name(keys: pd.Series[str]) -> pd.Series[str]:
    lettered = keys[~np.asarray(pc.ascii_is_decimal(pa.array(keys, type=pa.large_string())), dtype=bool)]
    numbers = lettered.str.extract(NAME_BEFORE)["number"].dropna()
    return loose(numbers.astype("str"))


def _pieces(cells: pd.Series[str]) -> list[pd.Series[str]]:
    """Everything in some cells that can be an AWB: its words, its digits, and both with what parts them taken out."""
    texts = pc.utf8_upper(pc.utf8_normalize(pa.array(cells, type=pa.large_string()), form="NFKC"))
    rows = cells.index.to_numpy(dtype=np.int64)
    parts, of = _split(texts, rows, STRONG)
    parts = pc.replace_substring_regex(parts, r"[.,]0+\W*$", "")
    solid = pc.replace_substring_regex(parts, WORDS, "")
    whole = pc.replace_substring_regex(texts, WORDS, "")
    split = [_split(texts, rows, WORDS), _split(texts, rows, DIGITS), _split(solid, of, DIGITS)]
    unnamed = [
        (pc.replace_substring_regex(pc.replace_substring_regex(parts, name, ""), WORDS, ""), of) for name in NAMES
    ]
    return [_likely(pieces, numbers) for pieces, numbers in (*split, *unnamed, (solid, of), (whole, rows))]


def _split(texts: pa.Array, rows: npt.NDArray[np.int64], pattern: str) -> tuple[pa.Array, npt.NDArray[np.int64]]:
    lists = pc.split_pattern_regex(texts, pattern)
    return pc.list_flatten(lists), rows[np.asarray(pc.list_parent_indices(lists))]


def _likely(pieces: pa.Array, rows: npt.NDArray[np.int64]) -> pd.Series[str]:
    likely = pc.and_(pc.greater_equal(pc.utf8_length(pieces), SHORTEST), pc.match_substring_regex(pieces, "[0-9]"))
    keep = np.asarray(likely, dtype=bool)
    return loose(pd.Series(pd.array(pieces.filter(likely), dtype="str"), index=pd.Index(rows[keep], name="row")))


def _ranges(cells: pd.Series[str], doubts: pd.Series[str]) -> Ranges:
    """The numbers that cells with lost digits may have been: as far off as one of the last digit that is left."""
    lost = cells.str.extract(LOST)
    lost = lost[lost["whole"].notna()]
    part = lost["part"].fillna("")
    long = cells[doubts != ""].str.extract(LONG)["whole"].dropna()
    numbers = pd.concat([lost["whole"] + part, long]).to_numpy(dtype=np.float64)
    powers = np.concatenate([np.zeros(0), lost["power"].to_numpy(dtype=np.float64) - part.str.len().to_numpy()])
    steps = np.concatenate([powers, np.zeros(len(long))])
    off = np.concatenate([powers, (long.str.len() - KEPT_DIGITS).to_numpy(dtype=np.float64)])
    middle, width = numbers * 10.0**steps, 10.0**off
    rows = np.concatenate([lost.index.to_numpy(dtype=np.int64), long.index.to_numpy(dtype=np.int64)])
    return Ranges(middle - width, middle + width, rows)

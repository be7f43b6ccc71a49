"""Puts the fates of picked rows and the reasons of the others together: one mark a row, in the order of the sheet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np
import numpy.typing as npt
import pandas as pd

from schemas.annotated import ADDED_COLUMNS, CANCEL_COLUMN, LONGEST_CELL, Status

CUT = " …"
"""Ends a text of which a cell holds no more; the ledger has it whole."""

AT_ONCE = 1_000_000
"""Row numbers that are looked at together: NumPy takes eight bytes for each while it does."""


def marks_of(rows: pd.DataFrame, left_out: pd.DataFrame, verified: pd.Series[str] | None = None) -> pd.DataFrame:
    """One fate a row, in the order of the sheet: what is written back.

    Args:
        rows: the picked rows; ``status``, ``remark``, ``refnum``, index the row number.
        left_out: ``remark`` of the rows that are not picked; they are Skipped.
        verified: what tracking says, by row number; a fourth column where it is given.
    """
    rows = rows.sort_index()  # it is sorted: for nothing, then
    places = _Places.of(rows.index, left_out.index)
    skipped: dict[str, pd.Categorical[str]] = {name: pd.Categorical([""]) for name in ADDED_COLUMNS}
    skipped |= {"status": pd.Categorical([str(Status.SKIPPED)]), "remark": left_out["remark"].array}
    marks = pd.DataFrame({name: places.merged(rows[name], said) for name, said in skipped.items()}, index=places.index)
    if verified is not None:
        marks["verified"] = verified.reindex(marks.index, fill_value="").astype("category")
    return marks


def with_cancel_column(marks: pd.DataFrame) -> pd.DataFrame:
    """The marks of a plan's sheet: a fourth column says yes where a row would be sent, for a reviewer to change."""
    planned = marks["status"].astype("str").eq(str(Status.PLANNED)).to_numpy()
    return marks.assign(**{CANCEL_COLUMN: pd.Categorical.from_codes(planned.astype(np.int8), pd.Index(["", "yes"]))})


def cancel_header(headers: Sequence[str]) -> str:
    """What that column is called: ``cancel?``, or with a number where the sheet has such a header."""
    return free_header(CANCEL_COLUMN, headers)


def free_header(wanted: str, headers: Sequence[str]) -> str:
    """The wanted header, or with a number where the sheet has such a one."""
    taken = {header.strip().lower() for header in headers}
    names = (f"{wanted} ({number})" if number > 1 else wanted for number in count(1))
    return next(name for name in names if name not in taken)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where picked rows and the others stand among all: as a mask of each, a byte a row, and nothing is sorted."""

    index: pd.Index[int]
    picked: npt.NDArray[np.bool_]
    others: npt.NDArray[np.bool_]

    @staticmethod
    def of(picked: pd.Index[int], others: pd.Index[int]) -> _Places:
        both = [index for index in (picked, others) if len(index)]
        first = min((int(index.min()) for index in both), default=0)
        end = max((int(index.max()) + 1 for index in both), default=0)
        masks = np.zeros((2, end - first), dtype=np.bool_)
        for mask, index in zip(masks, (picked, others), strict=True):
            for start in range(0, len(index), AT_ONCE):
                mask[index[start : start + AT_ONCE].to_numpy(dtype=np.int64) - first] = True
        there = masks.any(axis=0)
        if there.all():
            return _Places(pd.RangeIndex(first, end, name="row"), *masks)
        return _Places(pd.Index(np.flatnonzero(there) + first, name="row"), *masks[:, there])

    def merged(self, said: pd.Series[str], of_others: pd.Categorical[str]) -> pd.Categorical:
        """The texts of both as one column of categories, in codes no larger than they must be."""
        texts = pd.concat([said.astype("str"), of_others.categories.to_series().astype("str")])
        codes, words = pd.factorize(texts)
        if len(words) and words.str.len().max() > LONGEST_CELL:  # a sheet that can't be written would tell nothing
            long = texts.str.len() > LONGEST_CELL
            codes, words = pd.factorize(texts.mask(long, texts.str.slice(0, LONGEST_CELL - len(CUT)) + CUT))
        codes = codes.astype(np.min_scalar_type(-len(words) - 1))
        merged = np.empty_like(codes, shape=len(self.index))
        merged[self.picked] = codes[: len(said)]
        merged[self.others] = codes[len(said) :][of_others.codes]
        return pd.Categorical.from_codes(merged, pd.Index(words))

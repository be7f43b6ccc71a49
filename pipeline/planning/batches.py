"""Cuts the planned AWBs into calls, as columns: a batch is made when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
import pandas as pd
import pyarrow as pa

from pipeline.model.calls import Batch, Item, Plan
from schemas.annotated import Status


def is_planned(rows: pd.DataFrame) -> pd.Series[bool]:
    return rows["status"] == str(Status.PLANNED)


@dataclass(frozen=True, slots=True, eq=False)
class BatchColumns(Sequence[Batch]):
    """The calls as columns: a batch is made when it is asked for, as often as it is, and kept by nobody.

    ``awbs``: each once, in the order of the file. ``refs``: the references of its rows, beside it.
    """

    awbs: pa.LargeStringArray
    refs: pa.LargeListArray
    size: int

    def __len__(self) -> int:
        return len(range(0, len(self.awbs), self.size))

    @overload
    def __getitem__(self, number: int) -> Batch: ...
    @overload
    def __getitem__(self, number: slice) -> tuple[Batch, ...]: ...
    def __getitem__(self, number: int | slice) -> Batch | tuple[Batch, ...]:
        if isinstance(number, slice):
            return tuple(self[one] for one in range(*number.indices(len(self))))
        start = range(0, len(self.awbs), self.size)[number]
        awbs, refs = (column.slice(start, self.size).to_pylist() for column in (self.awbs, self.refs))
        return Batch(tuple(Item(awb, tuple(said)) for awb, said in zip(awbs, refs, strict=True)))


def batches_of(rows: pd.DataFrame, size: int) -> Plan:
    """The planned AWBs in the order of the file, each once, with the different references of all its rows."""
    planned = rows.loc[is_planned(rows), ["key", "awb", "order_ref"]]
    turns, keys = pd.factorize(planned["key"])
    pairs = pd.DataFrame({"turn": turns, "ref": planned["order_ref"].array})[(planned["order_ref"] != "").to_numpy()]
    if len(keys) < len(planned):
        planned = planned[~planned["key"].duplicated()]
        pairs = pairs.drop_duplicates().sort_values("turn", kind="stable")
    bounds = np.append(0, np.cumsum(np.bincount(pairs["turn"], minlength=len(keys))))
    refs = pa.LargeListArray.from_arrays(pa.array(bounds), as_texts(pairs["ref"]))
    return Plan(BatchColumns(as_texts(planned["awb"]), refs, size), len(planned))


def as_texts(column: pd.Series[str]) -> pa.LargeStringArray:
    texts = pa.array(column, type=pa.large_string())
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts

"""Every row of a sheet with its fate, in a file that is asked for a page at a time: filtered, sorted, searched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.model.amounts import numbers
from pipeline.model.texts import as_array
from pipeline.planning.row_collector import Gathered
from schemas.annotated import Status

SHOWN = ("row", "status", "awb", "order_ref", "order_status", "courier", "amount", "remark")
"""The columns of the table, as they are shown."""

CHOSEN_FROM = ("status", "order_status", "courier", "remark")
"""Columns with few different words: a list to choose from."""

SEARCHED = ("awb", "order_ref")

MOST_WORDS = 200
"""Words of a column that are offered to choose from."""

PAGE = 50
"""Rows of a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsAsked:
    """Which rows are asked for. ``only``: column -> the word it must be; an unknown column is passed over."""

    only: tuple[tuple[str, str], ...] = ()
    search: str = ""
    sort: str = "row"
    descending: bool = False
    page: int = 1


@dataclass(frozen=True, slots=True)
class RowsShown:
    """One page of the rows, each a text for every one of ``SHOWN``; ``count``: how many rows fit in all."""

    rows: Sequence[tuple[str, ...]]
    count: int
    page: int
    pages: int


class RowTable:
    """The rows of one plan, as the file holds them. Raises OSError or ``pa.ArrowInvalid`` if it is damaged."""

    def __init__(self, path: Path) -> None:
        with pa.memory_map(str(path)) as file:
            self._table: pa.Table = pa.ipc.open_file(file).read_all()
        self._orders: dict[str, npt.NDArray[np.int64]] = {}

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def words(self, column: str) -> list[tuple[str, int]]:
        """The words of a column with their counts, the most frequent first."""
        codes, words = self._coded(column)
        counts = np.bincount(codes, minlength=len(words))
        found = sorted(zip(words, counts.tolist(), strict=True), key=lambda one: -one[1])
        return [(word, count) for word, count in found if count][:MOST_WORDS]

    def page(self, asked: RowsAsked) -> RowsShown:
        """One page of the rows that are asked for; a page behind the last is the last."""
        fits = self._fitting(asked)
        order = self._order(asked.sort)
        places = order if fits is None else order[fits[order]]
        if asked.descending:
            places = places[::-1]
        pages = max(1, -(-len(places) // PAGE))
        page = min(max(asked.page, 1), pages)
        part = self._table.take(pa.array(places[(page - 1) * PAGE : page * PAGE]))
        columns = [[str(value) for value in part.column(name).to_pylist()] for name in SHOWN]
        return RowsShown(list(zip(*columns, strict=True)), len(places), page, pages)

    def _coded(self, column: str) -> tuple[npt.NDArray[np.int64], list[str]]:
        coded = self._table.column(column).combine_chunks()
        coded = coded.chunk(0) if isinstance(coded, pa.ChunkedArray) else coded
        return np.asarray(coded.indices).astype(np.int64), [str(word) for word in coded.dictionary.to_pylist()]

    def _fitting(self, asked: RowsAsked) -> npt.NDArray[np.bool_] | None:
        fits: npt.NDArray[np.bool_] | None = None
        for column, word in asked.only:
            if column in CHOSEN_FROM and word:
                codes, words = self._coded(column)
                here = codes == words.index(word) if word in words else np.zeros(len(codes), dtype=bool)
                fits = here if fits is None else fits & here
        text = asked.search.strip()
        if text:
            found = [pc.match_substring(self._table.column(name), text, ignore_case=True) for name in SEARCHED]
            here = np.asarray(pc.or_(*found))
            fits = here if fits is None else fits & here
        return fits

    def _order(self, column: str) -> npt.NDArray[np.int64]:
        """The places of the rows in the order of a column; equal ones as in the sheet. Made once for each column."""
        name = column if column in SHOWN else "row"
        if name not in self._orders:
            self._orders[name] = self._sorted(name)
        return self._orders[name]

    def _sorted(self, name: str) -> npt.NDArray[np.int64]:
        if name == "row":
            return np.arange(len(self))
        if name == "amount":
            return np.argsort(np.asarray(self._table.column("amount_number")), kind="stable")
        if name in CHOSEN_FROM:
            codes, words = self._coded(name)
            ranks = np.argsort(np.argsort(np.array(words, dtype=object), kind="stable")) if words else codes
            return np.argsort(ranks[codes], kind="stable")
        return np.asarray(pc.sort_indices(self._table, sort_keys=[(name, "ascending"), ("row", "ascending")])).astype(
            np.int64
        )


def write_rows(frames: Iterable[pd.DataFrame], gathered: Gathered, decided: pd.DataFrame, path: Path) -> None:
    """Writes the rows of a sheet with what is planned for each.

    Args:
        frames: the canonical frames.
        gathered: which rows are picked, and why the others are not.
        decided: the picked rows with status and remark, index the row number.
        path: the new file.
    """
    fates = pd.concat(
        [
            decided[["status", "remark"]].astype("str"),
            pd.DataFrame(
                {"status": str(Status.SKIPPED), "remark": gathered.left_out["remark"].astype("str")},
                index=gathered.left_out.index,
            ),
        ]
    )
    parts = [_part(frame, fates) for frame in frames]
    whole = pd.concat(parts) if parts else pd.DataFrame({name: pd.Series(dtype="str") for name in SHOWN})
    amount = pc.cast(pc.fill_null(numbers(as_array(whole["amount"])), 0), pa.float64())
    columns: dict[str, pa.Array] = {"row": pa.array(whole["row"].astype("int64").to_numpy())}
    for name in SHOWN[1:]:
        array = as_array(whole[name])
        columns[name] = array.dictionary_encode() if name in CHOSEN_FROM else array
    columns["amount_number"] = amount
    table = pa.table(columns)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def _part(frame: pd.DataFrame, fates: pd.DataFrame) -> pd.DataFrame:
    rows = frame[frame["aside"] != "blank"]
    fate = fates.reindex(rows.index)
    nothing = pd.Series("", index=rows.index, dtype="str")
    named = {"awb": "awb_number"}
    texts = {name: rows.get(named.get(name, name), nothing) for name in SHOWN[2:7]}
    return pd.DataFrame(
        {"row": rows.index, "status": fate["status"].fillna(""), **texts, "remark": fate["remark"].fillna("")},
        index=rows.index,
    )

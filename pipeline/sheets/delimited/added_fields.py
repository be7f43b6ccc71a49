"""The fields to add to each row, ready to be written; each different text is quoted and encoded only once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from pipeline.model.sheet import Place
from pipeline.sheets.delimited.field_writer import Dresser


class Marks:
    """The fields that rows get: those of the marks by row number, the names in the header row, nothing elsewhere."""

    def __init__(self, marks: pd.DataFrame, place: Place, dresser: Dresser) -> None:
        self._rows: pd.Index[int] = marks.index
        self.last_row = int(marks.index[-1]) if len(marks) else 0
        self._header_row = place.header_row
        self._dresser = dresser
        names = dresser.fields(pa.array(place.added, type=pa.large_string())).to_pylist()
        self._columns = [
            (name, _FieldColumn.of(marks[column], dresser)) for name, column in zip(names, marks.columns, strict=True)
        ]

    def fields(self, row: int, number: int) -> tuple[npt.NDArray[np.bool_], list[pa.LargeBinaryArray]]:
        """For ``number`` rows from ``row`` on: which of them get fields, and the fields, column by column."""
        begin, end = self._rows.searchsorted([row, row + number]).tolist()
        marked = np.zeros(number, dtype=np.bool_)
        marked[self._rows[begin:end].to_numpy(dtype=np.int64) - row] = True
        index = np.where(marked, np.cumsum(marked) - 1, end - begin)  # the entry after the fields is empty,
        if row <= self._header_row < row + number:
            index[self._header_row - row] = end - begin + 1  # and the one after that is the header's name
        marked = index != end - begin
        found = []
        for name, column in self._columns:
            rest = pa.array([b"", name], type=pa.large_binary())
            texts = pa.concat_arrays([column.fields(begin, end, self._dresser), rest])
            found.append(texts.take(pa.array(index)))
        return marked, found

    def notes(self) -> tuple[str, ...]:
        """What a reader of the sheet should know; complete when all fields were taken."""
        return self._dresser.notes()


@dataclass(frozen=True, slots=True)
class _FieldColumn:
    """Texts as they are, or codes into the fields of the distinct ones."""

    texts: pa.LargeStringArray
    codes: npt.NDArray[np.integer[Any]] | None

    @staticmethod
    def of(column: pd.Series[str], dresser: Dresser) -> _FieldColumn:
        if not isinstance(column.dtype, pd.CategoricalDtype):
            return _FieldColumn(_texts(column), None)
        words = pa.concat_arrays([_texts(column.cat.categories.to_series()), pa.array([""], type=pa.large_string())])
        return _FieldColumn(dresser.fields(words), column.cat.codes.to_numpy())

    def fields(self, begin: int, end: int, dresser: Dresser) -> pa.LargeBinaryArray:
        if self.codes is None:
            return dresser.fields(self.texts.slice(begin, end - begin))
        codes = self.codes[begin:end].astype(np.int64)
        return self.texts.take(pa.array(np.where(codes < 0, len(self.texts) - 1, codes)))


def _texts(column: pd.Series[str]) -> pa.LargeStringArray:
    texts = pa.array(column.astype("str"), type=pa.large_string())
    texts = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    return texts.fill_null("")

"""Collects what the frames of a sheet come to: the picked rows whole, of the others why they stay, and their AWBs.

A sheet may have ten million rows, and most of them stay. So what is kept of these is a few bytes a row: a code for the
reason, and the AWBs compressed, exactly as they are. Pure: reaches no disk, clock or network.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.model.amount_sums import AmountSum, orders_of
from pipeline.model.texts import blank
from pipeline.planning.protection import Ranges, loose, protected

KEPT = ("order_ref", "order_status", "order_date", "courier", "amount", "payment", "cod_amount")
"""What is remembered of a picked row beside its AWB: the reference goes into the call, the rest is for people."""

NO_REASON = ""

UNREAD = "is in a row that could not be read whole"
"""How the doubt of an AWB begins where the row itself could not be read: its cells may stand in other columns."""

TOGETHER = 2_000_000
"""Rows that are looked at together: few enough to be small, enough to make a table of the picked AWBs worth it."""

CODEC = "zstd"
"""Of Arrow's own ones the one that makes the least of digits: half a byte each."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What all frames of a sheet came to.

    ``picked``: the picked rows (index: row number): ``awb``, ``key``, ``problems`` ("" = valid), and ``KEPT``.
    ``left_out``: ``remark`` (category) of each row that is not picked; blank rows are only counted.
    ``bystanders``: ``key`` of picked rows whose AWB a row that is not picked bears too, or may bear; that ``row``, and
    whether it does for ``sure``.
    """

    picked: pd.DataFrame
    left_out: pd.DataFrame
    bystanders: pd.DataFrame
    blank: int
    skipped_amount: AmountSum

    def reasons(self) -> pd.Series[int]:
        """How many rows stay for each reason, the most frequent first; NumPy takes eight bytes a row to count them."""
        remark = self.left_out["remark"].cat
        codes, counts = remark.codes.to_numpy(), np.zeros(len(remark.categories), dtype=np.int64)
        for start in range(0, len(codes), TOGETHER):
            counts += np.bincount(codes[start : start + TOGETHER], minlength=len(counts))
        return pd.Series(counts, index=remark.categories).sort_values(ascending=False, kind="stable")


@dataclass(slots=True)
class Gathering:
    """Collects the frames of a sheet one after the other; keeps the picked rows whole, of the others only the AWB."""

    _picked: list[pd.DataFrame] = field(default_factory=list)
    _left_out: list[_LeftOut] = field(default_factory=list)
    _reasons: dict[str, int] = field(default_factory=dict)  # and the code of each
    _packed: list[_Packed] = field(default_factory=list)
    _ranges: list[Ranges] = field(default_factory=list)
    _blank: int = 0
    _amount: AmountSum = field(default_factory=AmountSum)

    def add(self, frame: pd.DataFrame, choice: pd.DataFrame, problems: pd.Series[str]) -> None:
        """Takes one canonical frame, what ``selection.choose`` said of it, and the problems of its picked rows.

        Args:
            frame: the canonical columns, index the row number.
            choice: ``picked`` (bool) and ``reason`` (text) with the same index.
            problems: index a subset of the frame's; every reason of a row, joined.
        """
        blank = frame["aside"] == "blank"
        self._blank += int(blank.sum())
        picked = choice["picked"] & (frame["aside"] == "")
        self._picked.append(_remembered(frame[picked], problems))
        others = ~picked & ~blank
        reasons = choice["reason"].where(frame["aside"] == "", frame["aside"])[others]
        self._left_out.append(_LeftOut(_steps(reasons.index), self._coded(reasons)))
        self._protect(frame, others)
        if "amount" in frame:
            rows = frame.loc[others & (frame["aside"] == ""), ["amount", "order_ref", "awb_number"]]
            self._amount.add(rows["amount"], orders_of(rows["order_ref"], rows["awb_number"]))  # totals count nothing

    def gathered(self) -> Gathered:
        """All frames together; what was collected is given away."""
        picked = pd.concat(self._picked) if self._picked else no_rows()
        self._picked = []
        bystanders = _bystanders(self._packed, Ranges.joined(self._ranges), picked["key"])
        self._packed, self._ranges = [], []
        left_out = _joined(self._left_out, self._reasons)
        self._left_out = []
        return Gathered(picked, left_out, bystanders, self._blank, self._amount)

    def _protect(self, frame: pd.DataFrame, kept: pd.Series[bool]) -> None:
        """Remembers what rows to keep protect; of one that could not be read whole, every cell that is known."""
        awbs = frame.loc[kept, "awb_number"]
        doubts = frame.loc[kept, "awb_doubt"] if "awb_doubt" in frame else None
        if doubts is not None and not (doubts != "").any():
            doubts = None
        if doubts is not None and (unread := doubts.str.startswith(UNREAD)).any():
            texts: pd.Series[str] = frame.loc[unread.index[unread]].select_dtypes("str").agg("; ".join, axis=1)
            awbs = awbs.mask(unread, texts.reindex(awbs.index))
        bears = awbs != ""
        found = protected(awbs[bears], None if doubts is None else doubts[bears])
        self._packed.append(_Packed.of(found.keys))
        if len(found.ranges.row):
            self._ranges.append(found.ranges)

    def _coded(self, reasons: pd.Series[str]) -> npt.NDArray[np.integer]:
        """The reasons as codes: millions of rows share a handful of them."""
        codes, words = pd.factorize(reasons, sort=True)
        known = np.array([self._reasons.setdefault(str(word), len(self._reasons)) for word in words], dtype=np.int64)
        return _small(known[codes])


def no_rows() -> pd.DataFrame:
    """The picked rows of a sheet without any."""
    return pd.DataFrame({name: pd.Series(dtype="str") for name in ("awb", "key", "order_ref", "problems")})


def _remembered(rows: pd.DataFrame, problems: pd.Series[str]) -> pd.DataFrame:
    columns = {"awb": rows["awb_number"], "key": rows["awb_number"].str.upper()}
    kept = {name: rows[name] for name in KEPT if name in rows}
    kept.setdefault("order_ref", blank(rows.index))
    said = problems.reindex(rows.index, fill_value=NO_REASON)
    return pd.DataFrame({**columns, **kept, "problems": said}, index=rows.index)


@dataclass(frozen=True, slots=True)
class _LeftOut:
    """Rows of a frame that are not picked: the steps from row to row, packed, and the codes of their reasons."""

    steps: bytes
    reasons: npt.NDArray[np.integer]


def _small(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.integer]:
    """Numbers from 0 on in as few bytes as they need."""
    return numbers.astype(np.min_scalar_type(-int(numbers.max()) - 1 if len(numbers) else -1))


def _joined(parts: list[_LeftOut], reasons: dict[str, int]) -> pd.DataFrame:
    """The reasons of all frames as one category column."""
    none = np.empty(0, dtype=np.int8)
    codes = np.concatenate([none, *(part.reasons for part in parts)])
    rows = np.concatenate([none, *(_small(_from_steps(part.steps, len(part.reasons))) for part in parts)])
    remark = pd.Categorical.from_codes(codes, pd.Index(list(reasons), dtype="str"))
    return pd.DataFrame({"remark": remark}, index=pd.Index(rows, name="row"))


def _steps(rows: pd.Index[int]) -> bytes:
    """Row numbers as the steps from each to the next, compressed: nearly all of them are 1."""
    return _packed(pa.py_buffer(np.diff(rows.to_numpy(dtype=np.int64), prepend=0)))


def _from_steps(steps: bytes, count: int) -> npt.NDArray[np.int64]:
    """The row numbers."""
    return np.cumsum(_numbers(steps, count))


def _packed(buffer: pa.Buffer) -> bytes:
    """Compressed, and without the room that Arrow's own buffers were made in."""
    packed: bytes = pa.compress(buffer, codec=CODEC, asbytes=True)
    return packed


def _numbers(packed: bytes, count: int) -> npt.NDArray[np.int64]:
    """So many whole numbers as they were."""
    return np.frombuffer(pa.decompress(packed, decompressed_size=8 * count, codec=CODEC), dtype=np.int64)


# --- the AWBs of the rows that are not picked -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Packed:
    """The AWBs of some rows, compressed: their texts, the lengths of these, and the steps from row to row."""

    count: int
    size: int
    texts: bytes
    lengths: bytes
    steps: bytes

    @staticmethod
    def of(keys: pd.Series[str]) -> _Packed:
        array = pa.array(keys, type=pa.large_string())
        array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
        bounds = np.frombuffer(array.buffers()[1], dtype=np.int64)[array.offset : array.offset + len(array) + 1]
        texts = array.buffers()[2]
        texts = texts.slice(bounds[0], bounds[-1] - bounds[0]) if texts else pa.py_buffer(b"")
        lengths = pa.py_buffer(np.diff(bounds))
        return _Packed(len(array), texts.size, _packed(texts), _packed(lengths), _steps(keys.index))

    def keys(self) -> pa.LargeStringArray:
        """The AWBs, as they were."""
        bounds = np.append(0, np.cumsum(_numbers(self.lengths, self.count)))
        texts = pa.decompress(self.texts, decompressed_size=self.size, codec=CODEC)
        return pa.LargeStringArray.from_buffers(self.count, pa.py_buffer(bounds), texts)

    def rows(self) -> npt.NDArray[np.int64]:
        """The numbers of their rows."""
        return _from_steps(self.steps, self.count)


def _bystanders(packed: list[_Packed], ranges: Ranges, picked: pd.Series[str]) -> pd.DataFrame:
    """Of the picked AWBs those that a row beside them bears or may bear: the first row of each."""
    keys = pd.Series(pd.array(pc.unique(pa.array(picked, type=pa.large_string())), dtype="str"))
    loosely = loose(keys)
    wanted = pc.unique(pa.array(loosely, type=pa.large_string()))
    first = np.full(len(wanted), NONE, dtype=np.int64)
    for parts in _together(packed):
        found = pa.concat_arrays([part.keys() for part in parts])
        place = np.asarray(pc.fill_null(pc.index_in(found, value_set=wanted), -1), dtype=np.int64)
        np.minimum.at(first, place[place >= 0], np.concatenate([part.rows() for part in parts])[place >= 0])
    row = first[np.asarray(pc.index_in(pa.array(loosely, type=pa.large_string()), value_set=wanted), dtype=np.int64)]
    sure = row != NONE
    row = np.where(sure, row, ranges.holding(_as_numbers(loosely)))
    return pd.DataFrame({"key": keys[row != 0], "row": row[row != 0], "sure": sure[row != 0]}).reset_index(drop=True)


NONE = np.iinfo(np.int64).max
"""The row of an AWB that no row beside the picked ones bears."""


def _as_numbers(keys: pd.Series[str]) -> npt.NDArray[np.float64]:
    """AWBs of nothing but digits as numbers, -1 for the others; a float tells more of them than a damaged cell does."""
    digits = np.asarray(pc.ascii_is_decimal(pa.array(keys, type=pa.large_string())), dtype=bool)
    return keys.where(digits, "-1").to_numpy(dtype=np.float64)


def _together(packed: list[_Packed]) -> Iterator[list[_Packed]]:
    """The packed AWBs, some ``TOGETHER`` of them at a time."""
    parts: list[_Packed] = []
    for part in packed:
        parts.append(part)
        if sum(one.count for one in parts) >= TOGETHER:
            yield parts
            parts = []
    if parts:
        yield parts

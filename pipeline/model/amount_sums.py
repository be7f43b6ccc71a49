"""Sums the amounts of orders: one that repeats on the rows of its order counts once, lines that differ add up.

Some exports write the amount of the whole order into each of its lines, others the amount of the line.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.compute as pc

from pipeline.model.amounts import hundredths
from pipeline.model.texts import as_array

DIFFERENT = "different"
"""Stands for the amount of an order whose lines differ: no amount is the same as this text."""


def orders_of(refs: pd.Series[str], awbs: pd.Series[str]) -> pd.Series[str]:
    """What tells the order of each row: its reference, or else its AWB; "" where it has neither."""
    lacking = refs == ""
    if not lacking.any():
        return refs
    return refs.mask(lacking & (awbs != ""), "\t" + awbs)


def repeats(amounts: pd.Series[str], orders: pd.Series[str]) -> npt.NDArray[np.bool_]:
    """Which amounts say once more what another row of the order says: all its rows that have an amount have that one.

    Args:
        amounts: as the sheet writes them; a blank says nothing.
        orders: of each row what tells its order, "" for a row by itself.
    """
    again = np.zeros(len(amounts), dtype=bool)
    codes, different = _codes(orders)
    if different == len(codes):
        return again
    places = np.flatnonzero(((orders != "") & (amounts.str.strip() != "")).to_numpy(dtype=bool))
    codes, values = codes[places], _compared(amounts.iloc[places])
    first = np.zeros(different, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]  # the first row of each order is written last
    differ = np.zeros(different, dtype=bool)
    differ[codes[values != values[first[codes]]]] = True
    again[places] = ~differ[codes] & (first[codes] != np.arange(len(codes)))
    return again


def _codes(texts: pd.Series[str]) -> tuple[npt.NDArray[np.int64], int]:
    """A number for each text, the same for the same ones, and how many different ones there are."""
    coded = pc.dictionary_encode(as_array(texts))
    return np.asarray(coded.indices, dtype=np.int64), len(coded.dictionary)


def _compared(amounts: pd.Series[str]) -> npt.NDArray[np.int64]:
    """The same number for amounts that are the same, however they are written."""
    coded = pc.dictionary_encode(as_array(amounts))
    words = pd.Series(coded.dictionary, dtype="str")
    value = hundredths(words)
    written = value.astype("str").where(value.notna(), "?" + words.str.strip())
    return _codes(written.astype("str"))[0][np.asarray(coded.indices, dtype=np.int64)]


@dataclass(frozen=True, slots=True)
class _LastOrder:
    """The order of the last rows that were added: the amount of its rows, and how many have one."""

    order: str = ""
    amount: str = ""
    rows: int = 0


@dataclass(slots=True)
class AmountSum:
    """A running sum of amounts: hundredths, and how many texts could not be read as one."""

    total: int = 0
    unreadable: int = 0
    _last: _LastOrder = field(default=_LastOrder(), compare=False, repr=False)

    def add(self, amounts: pd.Series[str], orders: pd.Series[str]) -> None:
        """Adds the amounts of some rows; blanks count as nothing, and what repeats within an order counts once.

        Args:
            amounts: in the order of the sheet.
            orders: of each row what tells its order. The last one may go on in the rows that are added next.
        """
        if amounts.empty:
            return
        before, order = self._last, orders.iloc[-1]
        if before.order != orders.iloc[0] and _codes(orders)[1] == len(orders):  # no order has two rows
            self._count(amounts)
            self._last = _LastOrder(order, amounts.iloc[-1], 1)
            return
        every = pd.concat([pd.Series([before.amount], dtype="str"), amounts], ignore_index=True)
        of = pd.concat([pd.Series([before.order], dtype="str"), orders], ignore_index=True)
        if before.rows > 1 and _one_of(every[of == before.order]) == DIFFERENT:
            self._count(pd.Series([before.amount] * (before.rows - 1), dtype="str"))  # they add up after all
        self._count(amounts[~repeats(every, of)[1:]])
        last = every[of == order] if order else every.iloc[:0]
        rows = int((last.str.strip() != "").sum()) + max(before.rows - 1, 0) * (order == before.order)
        amount = _one_of(last)
        self._last = _LastOrder(order, amount, 0 if amount == DIFFERENT else rows)

    def _count(self, amounts: pd.Series[str]) -> None:
        found = pc.value_counts(as_array(amounts))  # prices repeat, and how often changes nothing in how they are read
        texts, times = pd.Series(found.field("values"), dtype="str"), found.field("counts").to_numpy()
        value = hundredths(texts)
        upper, lower = np.divmod(value.fillna(0).to_numpy(dtype=np.int64), 1 << 24)  # so that no sum leaves 64 bits
        self.total += (int(upper @ times) << 24) + int(lower @ times)
        self.unreadable += int(times[(value.isna() & (texts.str.strip() != "")).to_numpy(dtype=bool)].sum())


def _one_of(amounts: pd.Series[str]) -> str:
    """The amount of all rows of an order that have one; "" where none has, ``DIFFERENT`` where they differ."""
    filled = amounts[amounts.str.strip() != ""]
    if filled.empty:
        return ""
    return filled.iloc[0] if len(np.unique(_compared(filled))) == 1 else DIFFERENT

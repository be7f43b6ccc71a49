"""Gives the further lines of an order the status that only its first line bears.

Some exports write what belongs to the whole order (its status among it) into the first of its lines alone. A line right
below that repeats both the order reference and the AWB is the same parcel, not one that must stay.

The outline of a pivot table writes a status once, above the rows of which it is true; the cells below are blank.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from pipeline.model.sheet import OUTLINED, StateColumn, StateRole

NEEDED = ("order_ref", "awb_number", "order_status")

GROUP = StateColumn("group_state", "group's status", StateRole.SURE)
"""The status of the row that begins a group, for the rows of the outline below it: it keeps them, and picks none."""


def continued(frames: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """The frames of a sheet, with the status of an order's first line in those of its further lines that have none.

    Lines are those of one order where reference and AWB are the same, neither is blank, and no other row stands between
    them; a line with a status of its own keeps it, and gives it to those below it.
    """
    before = ("", "", "")  # reference, AWB and status of the last row of the frame before
    for frame in frames:
        if not len(frame) or not set(NEEDED) <= set(frame.columns):
            yield frame
            continue
        yield _filled(frame, before) if (frame["order_status"] == "").any() else frame
        last = frame.iloc[-1]
        ref, awb, status = (str(last[name]) for name in NEEDED)
        before = (ref, awb, status if status or (ref, awb) != before[:2] else before[2])


def outlined(frames: Iterable[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """The frames of a sheet; the rows of an outline have in ``GROUP`` the status of the row that begins their group."""
    above = ""
    for frame in frames:
        if "order_status" not in frame:
            yield frame
            continue
        filled = np.flatnonzero(frame["order_status"] != "")
        if OUTLINED in frame:
            known = frame["order_status"].where(frame["order_status"] != "").ffill().fillna(above)
            yield frame.assign(**{GROUP.name: known.where(frame[OUTLINED] != "", "")})
        else:
            yield frame
        above = str(frame["order_status"].iloc[filled[-1]]) if len(filled) else above


def _filled(frame: pd.DataFrame, before: tuple[str, str, str]) -> pd.DataFrame:
    blank = frame["order_status"] == ""
    if "order_status_doubt" in frame:
        blank &= frame["order_status_doubt"] == ""
    places = np.flatnonzero(blank)
    same = np.ones(len(places), dtype=bool)
    for name, first in zip(NEEDED[:2], before[:2], strict=True):
        cells = frame[name].array
        here = cells.take(places)
        above = cells.take(np.maximum(places - 1, 0))
        alike = np.asarray(here == above, dtype=bool)
        if len(places) and places[0] == 0:
            alike[0] = here[0] == first
        same &= alike & np.asarray(here != "", dtype=bool)
    if not same.any():
        return frame
    source = np.arange(len(frame))
    source[places[same]] = -1
    source = np.maximum.accumulate(source)
    known = pd.Series(frame["order_status"].array[np.maximum(source, 0)], index=frame.index)
    return frame.assign(order_status=known.mask(source < 0, before[2]))

"""Gives the further lines of an order the status that only its first line bears.

Some exports write what belongs to the whole order (its status among it) into the first of its lines alone. A line right
below that repeats both the order reference and the AWB is the same parcel, not one that must stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

NEEDED = ("order_ref", "awb_number", "order_status")


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


def _filled(frame: pd.DataFrame, before: tuple[str, str, str]) -> pd.DataFrame:
    ref, awb, status = (frame[name].str.strip() for name in NEEDED)
    same = (ref == ref.shift(fill_value=before[0].strip())) & (awb == awb.shift(fill_value=before[1].strip()))
    same &= (ref != "") & (awb != "")
    doubtful = (
        frame["order_status_doubt"] != "" if "order_status_doubt" in frame else pd.Series(False, index=frame.index)
    )
    blank = (status == "") & ~doubtful
    if not (same & blank).any():
        return frame
    source = np.where(blank & same, -1, np.arange(len(frame)))
    source = np.maximum.accumulate(source)
    known = pd.Series(frame["order_status"].array[np.maximum(source, 0)], index=frame.index)
    return frame.assign(order_status=known.mask(source < 0, before[2]))

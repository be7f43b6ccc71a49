"""What became of each order that was asked for by name, and how many there are of each kind. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipeline.model.asked import AS_SHOWN, WHOLE, AskedFor, AskedGroup, ListLines
from schemas.annotated import ADDED_COLUMNS, AWB_COLUMN, ROW_COLUMN, Status

GROUP_OF = {
    Status.SUCCESS: AskedGroup.CANCELLED,
    Status.PLANNED: AskedGroup.PLANNED,
    Status.FAILED: AskedGroup.REFUSED,
    Status.UNKNOWN: AskedGroup.TO_CHECK,
    Status.INVALID: AskedGroup.TO_CHECK,
    Status.NOT_SENT: AskedGroup.NOT_SENT,
    Status.SKIPPED: AskedGroup.NOT_SENT,  # beyond --limit
}
"""What a picked row's status is to the person who asked for the order."""

WEIGHTS = {str(group): weight for weight, group in enumerate(AskedGroup)}

CAN_NOT_BE_TRUSTED = "this cell {}, so it was not looked for"

TOGETHER = ", "
"""Between the AWBs, or the rows, of one order."""


def orders_asked_for(asked: AskedFor, picked: pd.DataFrame) -> pd.DataFrame:
    """What became of each order.

    Args:
        asked: what was named, and its rows in the sheet.
        picked: the picked rows with their fate, index the row number.
    Returns:
        Index the order's key; ``status``, ``remark``, ``refnum`` of its most pressing row; ``awb`` and ``export row``:
        of all its rows; ``group``.
    """
    named = asked.named.copy()
    among = named.index.isin(picked.index)
    at = picked.reindex(named.index)
    named["status"] = at["status"].where(among, str(Status.SKIPPED))
    named["remark"] = at["remark"].where(among, named["reason"])
    for name in ADDED_COLUMNS[2:]:
        named[name] = at[name].where(among, "")
    groups = named["status"].map({str(word): str(group) for word, group in GROUP_OF.items()})
    named["group"] = named["group"].where(~among, groups)
    named[ROW_COLUMN] = named.index.astype("str").where(named.index > 0, "")
    return _most_pressing(named.reset_index(drop=True))


def _most_pressing(named: pd.DataFrame) -> pd.DataFrame:
    """One line for each key: what its most pressing line says, with the AWBs and rows of all of them."""
    found = named.drop_duplicates(["key", ROW_COLUMN])
    order = found["group"].map(WEIGHTS).sort_values(kind="stable").index
    first = found.loc[order].drop_duplicates("key").set_index("key").sort_index()
    more = found[found["key"].duplicated(keep=False)]
    for name in (AWB_COLUMN, ROW_COLUMN):
        first.loc[more["key"].unique(), name] = more.groupby("key", sort=False)[name].agg(_joined)
    return first


def _joined(texts: pd.Series[str]) -> str:
    return TOGETHER.join(dict.fromkeys(text for text in texts if text))


def counts_asked(asked: AskedFor, picked: pd.DataFrame) -> dict[str, int]:
    """How many were asked for, and of these how many became what: the parts add up to the whole.

    Args:
        asked: what was named.
        picked: the picked rows with their fate.
    """
    groups = orders_asked_for(asked, picked)["group"]
    counts = {group: int((groups == str(group)).sum()) for group in AS_SHOWN}
    counts[AskedGroup.TO_CHECK] += asked.doubtful
    return {WHOLE: sum(counts.values()), **{str(group): count for group, count in counts.items()}}


def list_marks(lines: ListLines, asked: AskedFor, picked: pd.DataFrame) -> pd.DataFrame:
    """What is written beside each row of a list.

    Args:
        lines: the rows of the list.
        asked: what it names.
        picked: the picked rows of the sheet with their fate.
    Returns:
        Index the list's row number, ascending; the added columns, then ``awb`` and ``export row``.
    """
    columns = [*ADDED_COLUMNS, AWB_COLUMN, ROW_COLUMN]
    orders = orders_asked_for(asked, picked)
    found = orders.reindex(lines.keys.to_numpy()).set_axis(lines.keys.index)
    found = found.assign(written=lines.keys.map(dict(asked.refs)))
    several = found.index.duplicated(keep=False)
    parts = [found.loc[~several, columns], _together(found[several], columns)]
    parts += [_said(lines.kept, Status.SKIPPED, columns)]
    doubts = {row: CAN_NOT_BE_TRUSTED.format(why) for row, why in lines.doubts.items()}
    parts += [_said(doubts, Status.INVALID, columns)]
    marks = pd.concat(parts)
    marks = marks[~marks.index.duplicated()].sort_index().fillna("").astype("str")
    return marks.rename_axis("row").astype("category")


def _together(found: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Rows of a list that name several orders: the most pressing status, and what is said of each."""
    lines = {}
    for row, orders in found.groupby(level=0):
        first = orders.iloc[int(np.argmin(orders["group"].map(WEIGHTS)))]
        said = {name: first[name] for name in columns}
        each = orders[["written", "status", "remark"]].itertuples(index=False, name=None)
        said["remark"] = "; ".join(f"{ref}: " + ", ".join(filter(None, words)) for ref, *words in each)
        lines[row] = said | {name: _joined(orders[name]) for name in columns[2:]}
    return pd.DataFrame.from_dict(lines, orient="index", columns=columns)


def _said(remarks: Mapping[int, str], status: Status, columns: list[str]) -> pd.DataFrame:
    said = pd.DataFrame("", index=pd.Index(list(remarks), dtype="int64"), columns=columns, dtype="str")
    return said.assign(status=str(status), remark=list(remarks.values()))

"""The AWBs of a plan as columns that can be sealed and kept, and the picked rows made of them again. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.model.amount_sums import AmountSum
from pipeline.planning.batches import is_planned
from pipeline.planning.plan import Decided
from pipeline.planning.row_collector import Gathered

SPECIAL = r'["\\\x00-\x1f]'
"""What JSON writes another way within a text (RFC 8259, section 7)."""


def awbs_to_seal(decided: Decided, size: int, known: pd.DataFrame) -> pd.DataFrame:
    """What would be sent, each AWB once, in the order of the calls.

    Args:
        decided: the plan, and the fates of the picked rows.
        size: AWBs in a call.
        known: what the ledger knows of the AWBs that are asked for again; may be empty where there are none.
    Returns:
        ``schemas.frames.PLAN_AWBS``. ``refs`` and ``rows`` are JSON lists side by side: a row and its reference.
    """
    planned = decided.rows.loc[is_planned(decided.rows), ["key", "awb", "order_ref"]]
    first = ~planned["key"].duplicated()
    awbs = pd.DataFrame({name: planned.loc[first, name].array for name in ("key", "awb")})
    awbs["refs"] = _lists(planned["key"], _as_json(planned["order_ref"]))
    awbs["rows"] = _lists(planned["key"], planned.index.astype("str").to_series(index=planned.index).astype("str"))
    awbs["before"] = known_as(known).reindex(awbs["key"]).fillna("").astype("str").array
    return awbs.assign(call=np.arange(len(awbs), dtype=np.int64) // size + 1)


def known_as(known: pd.DataFrame) -> pd.Series[str]:
    """What the ledger knows of AWBs in so few words that any later attempt changes them; index the key."""
    return known["status"].astype("str") + " " + known["run"].astype("str")


def before_of(awbs: pd.DataFrame) -> pd.Series[str]:
    """What was known of the AWBs of a plan that are asked again, index the key."""
    asked = awbs[awbs["before"] != ""]
    return pd.Series(asked["before"].array, index=pd.Index(asked["key"], dtype="str"), dtype="str")


def _as_json(texts: pd.Series[str]) -> pd.Series[str]:
    special = texts.str.contains(SPECIAL, regex=True)
    quoted = '"' + texts + '"'
    if special.any():
        quoted = quoted.mask(special, texts[special].map(lambda text: json.dumps(text, ensure_ascii=False)))
    return quoted


def _lists(keys: pd.Series[str], texts: pd.Series[str]) -> npt.NDArray[np.object_]:
    """The texts of each key as one list, in the order of the keys; nearly every key has one."""
    several = keys.duplicated(keep=False)
    first = ~keys.duplicated()
    lists = "[" + texts[first] + "]"
    if several.any():
        joined = texts[several].groupby(keys[several], sort=False).agg(",".join)
        of_several = keys[first & several]
        lists[of_several.index] = ("[" + joined + "]").reindex(of_several).to_numpy()
    return lists.to_numpy()


def gathered_again(awbs: pd.DataFrame) -> Gathered:
    """The picked rows of a sealed plan, for planning it again without its sheet: nothing else is among them."""
    rows = _parsed(awbs["rows"].tolist())
    counts = [len(numbers) for numbers in rows]
    refs = list(chain.from_iterable(_parsed(awbs["refs"].tolist())))
    index = pd.Index(list(chain.from_iterable(rows)), dtype="int64", name="row")
    repeated = {name: awbs[name].repeat(counts).array for name in ("awb", "key")}
    picked = pd.DataFrame({**repeated, "order_ref": pd.Series(refs, dtype="str").array, "problems": ""}, index=index)
    picked["problems"] = picked["problems"].astype("str")
    left_out = pd.DataFrame({"remark": pd.Categorical([])}, index=pd.Index([], dtype="int64", name="row"))
    nobody = {"key": pd.Series(dtype="str"), "row": pd.Series(dtype="int64"), "sure": pd.Series(dtype="bool")}
    return Gathered(picked.sort_index(kind="stable"), left_out, pd.DataFrame(nobody), 0, AmountSum())


def _parsed(lists: Sequence[str]) -> list[list[str]] | list[list[int]]:
    found: list[list[str]] | list[list[int]] = json.loads("[" + ",".join(lists) + "]")
    return found

"""What an AWB is compared by: its letters in capitals, one at a time or as a column."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.model.calls import Outcome
from schemas.annotated import ADDED_COLUMNS


def by_key(outcomes: Iterable[Outcome]) -> pd.DataFrame:
    """Outcomes as columns.

    Returns:
        Index the AWB's key (capital letters); ``status``, ``remark``, ``refnum``, all text.
    """
    found = list(outcomes)
    columns = {name: pd.Series([str(getattr(one, name)) for one in found], dtype="str") for name in ADDED_COLUMNS}
    return pd.DataFrame(columns).set_axis(pd.Index([one.awb.upper() for one in found], dtype="str", name="key"))


def among(keys: pd.Series[str], those: pd.Index[str]) -> pd.Series[bool]:
    """Which of the keys are among those; pandas' ``isin`` takes each text of ``those`` for itself."""
    found = pc.is_in(
        pa.array(keys, type=pa.large_string()), value_set=pa.array(those.astype("str"), type=pa.large_string())
    )
    return pd.Series(found.to_numpy(zero_copy_only=False), index=keys.index)


def no_keys() -> pd.Index[str]:
    """No AWB at all."""
    return pd.Index([], dtype="str")

"""Writes what became of each AWB as a plain CSV: what is left to tell when the sheet itself can't be written."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipeline.files import replacing
from pipeline.sheets.formula_guard import guarded
from schemas.annotated import ADDED_COLUMNS

COLUMNS = ["row", "awb", "order_ref", *ADDED_COLUMNS]


def write_plain_list(rows: pd.DataFrame, target: Path) -> None:
    """Writes the picked rows, whole or not at all (UTF-8 with a BOM, so that Excel reads it right).

    Args:
        rows: index the row number; awb, order_ref, status, remark, refnum.
        target: where it goes.
    Raises:
        OutputError: it could not be written.
    """
    listed = rows.rename_axis("row").reset_index()[COLUMNS].astype("str")
    listed = listed.map(guarded)
    with replacing(target, like=None) as temporary:
        listed.to_csv(temporary, index=False, encoding="utf-8-sig", lineterminator="\r\n")

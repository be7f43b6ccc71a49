"""What is written back into the sheet: one status word, a remark and a refnum for each data row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from pandera.pandas import DataFrameSchema


class Status(StrEnum):
    """The one vocabulary for the sheet, the ledger, the report and the tests (docs/interface.md, "What is written")."""

    SUCCESS = "Success"
    FAILED = "Failed"
    UNKNOWN = "Unknown"
    INVALID = "Invalid"
    SKIPPED = "Skipped"
    NOT_SENT = "Not sent"
    PLANNED = "Planned"


BLANK = "Blank"
"""What the summary counts a row without any content as; nothing is written into such a row."""

MEANINGS = {
    "status": "one of the words of Status",
    "remark": "why, or the service's words",
    "refnum": "the order number that the service returned",
}
"""The added columns in their order, and what stands in each. Whoever carries, keeps or writes them reads it here; a new
one stands at the end, is a field of ``model.calls.Outcome``, and gets a step in ``ledger.migrations``."""

ADDED_COLUMNS = tuple(MEANINGS)
"""The headers of the added columns; ``verified`` joins them under ``verify --all``."""

TEXTS = ADDED_COLUMNS[1:]
"""What stands beside the status: texts, "" where there is nothing to say."""

FIRST_COLUMNS = ADDED_COLUMNS[:3]
"""By these, side by side, the columns of an earlier run are known again: every version so far wrote them."""

VERIFIED_COLUMN = "verified"

CANCEL_COLUMN = "cancel?"
"""The fourth column of a plan's sheet, which a reviewer fills in: yes where the row would be sent."""

AWB_COLUMN, ROW_COLUMN = "awb", "export_row"
"""The fourth and fifth column of a list that comes back: the AWBs of each order, and where they stand in the export."""

FURTHER: tuple[list[str], ...] = ([], [VERIFIED_COLUMN], [CANCEL_COLUMN], [AWB_COLUMN, ROW_COLUMN])
"""What may stand behind the added columns."""

LONGEST_CELL = 32_767
"""Characters that an Excel cell holds (Microsoft, "Excel specifications and limits", read 2026-11)."""

WORDS = [str(word) for word in Status]


def _each(column: pd.Series[str], passes: Callable[[pd.Series[str]], pd.Series[bool]]) -> pd.Series[bool]:
    """Whether each text of a column passes; a missing one does not."""
    import numpy as np
    import pandas as pd

    if not isinstance(column.dtype, pd.CategoricalDtype):
        return passes(column.astype("str"))
    each = np.append(passes(column.cat.categories.to_series().astype("str")).to_numpy(dtype=bool), False)
    return pd.Series(each[column.cat.codes], index=column.index)


def _in_order(marks: pd.DataFrame) -> bool:
    """Whether the index holds row numbers, each once and ascending; checked without copying them."""
    rows = marks.index
    numbered = rows.dtype.kind == "i" and (len(rows) == 0 or rows[0] > 0)
    return bool(numbered and rows.is_monotonic_increasing and rows.is_unique)


def _known_word(column: pd.Series[str]) -> pd.Series[bool]:
    return _each(column, lambda texts: texts.isin(WORDS))


def _fits_a_cell(column: pd.Series[str]) -> pd.Series[bool]:
    return _each(column, lambda texts: texts.str.len() <= LONGEST_CELL)


CHECKS: Mapping[str, Callable[[pd.Series[str]], pd.Series[bool]]] = {
    "status": _known_word,
    **dict.fromkeys(TEXTS, _fits_a_cell),
}
"""The added columns, in their order, with the rule that each must keep."""

WRONG = dict.fromkeys(ADDED_COLUMNS, f"longer than the {LONGEST_CELL} characters that a cell holds") | {
    "status": f"none of {WORDS}"
}


@cache
def annotated_schema() -> DataFrameSchema:
    """The pandera schema of the marks that go back into the sheet.

    The frame's index is the row number in the file (whole, unique, ascending); its columns are ``status`` (one of
    ``Status``), ``remark`` and ``refnum`` (text, "" where there is nothing to say). A column of categories is asked
    once for each of them: ten million rows share a handful of remarks.
    """
    import pandera.pandas as pa

    columns = {
        name: pa.Column(nullable=False, checks=pa.Check(check, name=name, error=WRONG[name]))
        for name, check in CHECKS.items()
    }
    return pa.DataFrameSchema(
        {**columns, **{name: pa.Column(nullable=False, required=False) for names in FURTHER for name in names}},
        checks=pa.Check(_in_order, name="in_order", error="the rows are not numbered from 1 on, ascending"),
        strict=True,
        ordered=True,
    )


def keeps_all_rules(marks: pd.DataFrame) -> bool:
    """Whether the marks keep every rule of ``annotated_schema``, told by the same checks without importing pandera.

    That import takes longer than checking a million rows, and what breaks a rule here is our fault, not the sheet's.
    """
    added = [*CHECKS]
    return (
        list(marks.columns) in [[*added, *names] for names in FURTHER]
        and not any(marks[name].isna().any() for name in marks)
        and all(check(marks[name]).all() for name, check in CHECKS.items())
        and _in_order(marks)
    )

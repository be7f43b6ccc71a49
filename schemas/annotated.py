"""What is written back into the sheet: one status word, a remark and a refnum for each data row."""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pandera.pandas import DataFrameSchema


class Status(StrEnum):
    """The one vocabulary for the sheet, the ledger, the report and the tests (INTERFACE.md, "What is written")."""

    SUCCESS = "Success"
    FAILED = "Failed"
    UNKNOWN = "Unknown"
    INVALID = "Invalid"
    SKIPPED = "Skipped"
    NOT_SENT = "Not sent"
    PLANNED = "Planned"


BLANK = "Blank"
"""What the summary counts a row without any content as; nothing is written into such a row."""

ADDED_COLUMNS = ("status", "remark", "refnum")
"""The headers of the added columns; ``verified`` joins them under ``verify --all``."""

VERIFIED_COLUMN = "verified"

LONGEST_CELL = 32_767
"""Characters that an Excel cell holds (Microsoft, "Excel specifications and limits", read 2026-11)."""


@cache
def annotated_schema() -> DataFrameSchema:
    """The pandera schema of the marks that go back into the sheet.

    The frame's index is the row number in the file (int, unique, ascending); its columns are ``status`` (one of
    ``Status``), ``remark`` and ``refnum`` (text, "" where there is nothing to say).
    """
    import pandera.pandas as pa

    words = [str(word) for word in Status]

    def text() -> pa.Column:
        return pa.Column(
            nullable=False,
            checks=pa.Check(
                lambda column: column.astype("str").str.len() <= LONGEST_CELL,
                name="fits_a_cell",
                error=f"longer than the {LONGEST_CELL} characters that a cell holds",
            ),
        )

    return pa.DataFrameSchema(
        {
            "status": pa.Column(nullable=False, checks=pa.Check.isin(words)),
            "remark": text(),
            "refnum": text(),
            VERIFIED_COLUMN: pa.Column(nullable=False, required=False),
        },
        index=pa.Index(int, unique=True, checks=pa.Check.gt(0)),
        strict=True,
        ordered=True,
    )

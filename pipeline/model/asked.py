"""What a person asked for by name, order by order: what the sheet's rows say of it, and how orders are counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import pandas as pd


class AskedGroup(StrEnum):
    """What became of an order or AWB that was asked for by name; the most pressing first, as one of many rows counts.

    Together they are all that was asked for: no order is in two of them.
    """

    TO_CHECK = "to check"
    REFUSED = "refused"
    NOT_SENT = "not sent"
    CANCELLED = "cancelled"
    PLANNED = "to be cancelled"
    TOO_LATE = "too late"
    NO_AWB = "without AWB"
    LEFT_OUT = "left out by an option"
    NOT_FOUND = "not found"


WHOLE = "asked for"
"""What their sum is called."""

AS_SHOWN = (
    AskedGroup.PLANNED,
    AskedGroup.CANCELLED,
    AskedGroup.REFUSED,
    AskedGroup.TO_CHECK,
    AskedGroup.TOO_LATE,
    AskedGroup.NO_AWB,
    AskedGroup.NOT_FOUND,
    AskedGroup.NOT_SENT,
    AskedGroup.LEFT_OUT,
)
"""The order in which a person reads them."""


@dataclass(frozen=True, slots=True)
class AskedFor:
    """The orders or AWBs that a list or ``--awb`` names.

    ``refs``: as they are compared -> as they were written. ``named``: a frame of ``schemas.frames.NAMED``.
    ``doubtful``: how many more the list names in cells that can't be trusted.
    """

    refs: Mapping[str, str]
    named: pd.DataFrame
    doubtful: int = 0


@dataclass(frozen=True, slots=True)
class ListLines:
    """The rows of a list: what each asks for, or why it asks for nothing.

    ``keys``: as they are compared, index the list's row number, several times where a row names several. ``kept``: row
    number -> why it is passed over. ``doubts``: row number -> what is wrong with its cell.
    """

    keys: pd.Series[str] = field(default_factory=lambda: pd.Series(dtype="str"))
    kept: Mapping[int, str] = field(default_factory=dict)
    doubts: Mapping[int, str] = field(default_factory=dict)

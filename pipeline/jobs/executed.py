"""A run that is over, or a plan as a run that sends nothing: what its files are written from."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from pipeline.jobs.prepare import Prepared
from pipeline.model.keys import no_keys


@dataclass(frozen=True, slots=True)
class Executed:
    """A run that is over: the final fate of the picked rows, and how the calls ended.

    ``run``: "" for a plan. ``rows``: the picked rows with status, remark, refnum. ``keys``: of the AWBs that went out.
    ``verified``: what tracking says of each row (``verify --all``), index the row number.
    """

    prepared: Prepared
    run: str
    rows: pd.DataFrame
    stopped: str = ""
    interrupted: bool = False
    calls: int = 0
    keys: pd.Index[str] = field(default_factory=no_keys)
    verified: pd.Series[str] | None = None

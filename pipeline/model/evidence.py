"""What an auditor is given of a job: which AWBs it is about, a line for each, and everything that was written down."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, slots=True)
class EvidenceScope:
    """Which AWBs evidence is about: those of runs, of plans, or those that went out in a time.

    ``since`` and ``until``: ISO 8601, UTC, the second one excluded; "" where it is not about a time.
    ``whole_file``: whatever any run of the file picked, not the AWBs of one plan alone.
    """

    runs: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    whole_file: bool = True


@dataclass(frozen=True, slots=True)
class Evidence:
    """``lines``: a frame of ``schemas.frames.EVIDENCE``; ``events``: one of ``schemas.frames.EVENTS``."""

    lines: pd.DataFrame
    events: pd.DataFrame

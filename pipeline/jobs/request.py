"""What a person asked for, and what is shown before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.model.options import SelectionOptions
from pipeline.model.reasons import Finding
from pipeline.planning.plan import PlanOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One command on one file. An unknown keyword is a TypeError."""

    input: Path
    selection: SelectionOptions = field(default_factory=SelectionOptions)
    batch_size: int = 100  # AWBs
    output: Path | None = None
    strict: bool = False
    workers: int = 1
    rate: float | None = None  # calls a second; None: the default of the environment
    who: str = ""
    version: str = ""

    @property
    def plan_options(self) -> PlanOptions:
        """What planning needs to know of it."""
        selection = self.selection
        return PlanOptions(self.batch_size, selection.limit, selection.retry_failed, selection.resend_unknown)


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen, for a person to look at before it does."""

    environment: str
    picked_by: str
    notes: Sequence[str]
    calls: int
    awbs: int
    rows: int
    counts: Mapping[str, int]
    left_out: Sequence[Finding]
    invalid: Sequence[Finding]
    output: Path

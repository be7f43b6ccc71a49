"""What a person asked for, and who is told how it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pipeline.model.options import Said
from pipeline.model.progress import Watcher
from pipeline.model.reasons import Reason
from pipeline.planning.plan import PlanOptions
from pipeline.report.summary import Summary
from pipeline.settings import Settings


@dataclass(frozen=True, slots=True)
class Job:
    """One command on one file, as the command line says it."""

    input: Path
    said: Said = field(default_factory=Said)
    batch_size: int = 100
    output: Path | None = None
    strict: bool = False
    workers: int = 1
    rate: float | None = None  # calls a second; None: the default of the environment
    who: str = ""
    version: str = ""

    @property
    def options(self) -> PlanOptions:
        """What planning needs to know of it."""
        said = self.said
        return PlanOptions(self.batch_size, said.limit, said.retry_failed, said.resend_unknown)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would happen, for the person to look at before it does."""

    environment: str
    picked_by: str
    notes: Sequence[str]
    calls: int
    awbs: int
    rows: int
    counts: Mapping[str, int]
    left_out: Sequence[Reason]
    invalid: Sequence[Reason]
    output: Path
    acts: bool = True  # False for a plan


class Screen(Protocol):
    """The person at the keyboard: what the job shows and asks. ``terminal`` is the real one, tests have their own."""

    def say(self, text: str) -> None:
        """Shows a step or a fact."""
        ...

    def warn(self, text: str) -> None:
        """Shows what the person should know before trusting the result."""
        ...

    def forecast(self, forecast: Forecast) -> None:
        """Shows the plan."""
        ...

    def confirm(self, settings: Settings, awbs: int) -> None:
        """Asks for the typed number of AWBs; raises NotConfirmed."""
        ...

    def sending(self, awbs: int) -> AbstractContextManager[Watcher]:
        """The progress of the calls."""
        ...

    def looking_up(self, awbs: int) -> AbstractContextManager[Callable[[int], None]]:
        """The progress of looking up AWBs in doubt."""
        ...

    def finished(self, summary: Summary, needs: Sequence[Reason]) -> None:
        """Shows the result and where the files are; ``needs``: the rows that need a person, by status."""
        ...

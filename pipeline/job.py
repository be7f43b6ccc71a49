"""What a person asked for, and who is told how it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pipeline.cancel import Watcher
from pipeline.planning import PlanOptions
from pipeline.settings import Settings
from pipeline.sifting import Picking, Sifted
from pipeline.summary import Summary


@dataclass(frozen=True, slots=True)
class Job:
    """One command on one file, as the command line says it."""

    input: Path
    picking: Picking
    options: PlanOptions = field(default_factory=PlanOptions)
    output: Path | None = None
    strict: bool = False
    yes: bool = False
    workers: int = 1
    rate: float | None = None  # calls a second; None: the default of the environment
    who: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would happen, for the person to look at before it does."""

    sifted: Sifted
    environment: str
    calls: int
    awbs: int
    counts: Mapping[str, int]
    left_out: Sequence[tuple[str, int]]  # reasons why rows are not picked, with how many
    invalid: Sequence[tuple[str, int, tuple[str, ...]]]  # reason, how many rows, the first addresses
    output: Path


class Screen(Protocol):
    """The person at the keyboard: what the job shows and asks. ``cli`` has the real one, tests have their own."""

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

    def sending(self, calls: int, awbs: int) -> AbstractContextManager[Watcher]:
        """The progress of the calls."""
        ...

    def looking_up(self, awbs: int) -> AbstractContextManager[Callable[[int], None]]:
        """The progress of looking up AWBs in doubt."""
        ...

    def finished(self, summary: Summary, needs: Sequence[str]) -> None:
        """Shows the result and where the files are; ``needs``: the rows that need a person, a line each."""
        ...

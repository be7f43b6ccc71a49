"""What a job tells whoever watches it: the terminal, the page, a worker's log, a test. Nothing is asked here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from pipeline.model.calls import Batch, Outcome


class SendingProgress(Protocol):
    """How the calls of a run go."""

    def sent(self, batch: Batch) -> None:
        """A call is about to go out."""
        ...

    def settled(self, outcomes: Sequence[Outcome], note: str) -> None:
        """A call came to its end; ``note`` says what was wrong with it, or "" ."""
        ...


class Reporter(Protocol):
    """Who is told how a job goes."""

    def step(self, text: str) -> None:
        """A step begins, or a fact of passing interest."""
        ...

    def warn(self, text: str) -> None:
        """What a person should know before trusting the result."""
        ...

    def sending(self, awbs: int) -> AbstractContextManager[SendingProgress]:
        """So many AWBs are about to be sent."""
        ...

    def looking_up(self, awbs: int) -> AbstractContextManager[Callable[[int], None]]:
        """So many AWBs are about to be looked up; the callable is told of each call's number of AWBs."""
        ...


class SilentReporter:
    """Tells nobody: for a screen that shows what a job returns."""

    def step(self, text: str) -> None:
        """Nothing."""

    def warn(self, text: str) -> None:
        """Nothing."""

    def sending(self, awbs: int) -> AbstractContextManager[SendingProgress]:
        """Nobody sends with it."""
        raise AssertionError(f"{awbs} AWBs would be sent silently")

    def looking_up(self, awbs: int) -> AbstractContextManager[Callable[[int], None]]:
        """Nobody looks up with it."""
        raise AssertionError(f"{awbs} AWBs would be looked up silently")

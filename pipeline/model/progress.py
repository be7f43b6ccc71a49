"""TODO."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pipeline.model.calls import Batch, Outcome


class Watcher(Protocol):
    """Who wants to know how it goes: the terminal, a test, nobody."""

    def sent(self, batch: Batch) -> None:
        """A call is about to go out."""
        ...

    def settled(self, outcomes: Sequence[Outcome], note: str) -> None:
        """A call came to its end."""
        ...

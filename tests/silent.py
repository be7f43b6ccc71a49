"""A reporter that nobody watches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from pipeline.model.calls import Batch, Outcome
from pipeline.model.progress import SendingProgress


class Silent:
    """Takes everything a job tells, and shows nothing."""

    def step(self, text: str) -> None: ...

    def warn(self, text: str) -> None: ...

    def sent(self, batch: Batch) -> None: ...

    def settled(self, outcomes: Sequence[Outcome], note: str) -> None: ...

    @contextmanager
    def sending(self, awbs: int) -> Iterator[SendingProgress]:
        yield self

    @contextmanager
    def looking_up(self, awbs: int) -> Iterator[Callable[[int], None]]:
        yield lambda count: None

"""How a run goes at this moment, for whoever looks at it."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Lock
from time import monotonic

from pipeline.model.calls import Batch, Outcome
from pipeline.model.progress import SendingProgress

LAST_ANSWERS = 8
"""Answers that are shown while a run goes on."""


@dataclass(frozen=True, slots=True)
class LiveFigures:
    """A run at one moment. ``seconds_left``: None where it can't be told yet."""

    step: str
    total: int
    done: int
    counts: dict[str, int]
    a_second: float
    seconds_left: float | None
    answers: tuple[tuple[str, str, str], ...]  # AWB, status, remark; the newest first
    warnings: tuple[str, ...]
    stopping: bool


class LiveRun:
    """A reporter that remembers; ``stop`` ends the run after the call in flight."""

    def __init__(self) -> None:
        self.stop = Event()
        self._lock = Lock()
        self._step = ""
        self._total = self._done = 0
        self._began = monotonic()
        self._counts: Counter[str] = Counter()
        self._answers: deque[tuple[str, str, str]] = deque(maxlen=LAST_ANSWERS)
        self._warnings: list[str] = []

    def step(self, text: str) -> None:
        """A step begins."""
        with self._lock:
            self._step = text

    def warn(self, text: str) -> None:
        """What a person should know."""
        with self._lock:
            self._warnings.append(text)

    @contextmanager
    def sending(self, awbs: int) -> Iterator[SendingProgress]:
        """So many AWBs are about to be sent."""
        self._begin("sending", awbs)
        yield self

    @contextmanager
    def looking_up(self, awbs: int) -> Iterator[Callable[[int], None]]:
        """So many AWBs are about to be looked up."""
        self._begin("looking up", awbs)
        yield self._looked_up

    def sent(self, batch: Batch) -> None:
        """A call goes out; what counts is its answer."""

    def settled(self, outcomes: Sequence[Outcome], note: str) -> None:
        """A call came to its end."""
        with self._lock:
            self._done += len(outcomes)
            self._counts.update(str(outcome.status) for outcome in outcomes)
            for outcome in outcomes[-LAST_ANSWERS:]:
                self._answers.appendleft((outcome.awb, str(outcome.status), outcome.remark or note))

    def figures(self) -> LiveFigures:
        """The run as it stands now."""
        with self._lock:
            passed = monotonic() - self._began
            rate = self._done / passed if passed > 0 else 0.0
            left = (self._total - self._done) / rate if rate > 0 else None
            return LiveFigures(
                step=self._step,
                total=self._total,
                done=self._done,
                counts=dict(self._counts),
                a_second=rate,
                seconds_left=left,
                answers=tuple(self._answers),
                warnings=tuple(self._warnings),
                stopping=self.stop.is_set(),
            )

    def _begin(self, step: str, awbs: int) -> None:
        with self._lock:
            self._step, self._total, self._done, self._began = step, awbs, 0, monotonic()

    def _looked_up(self, count: int) -> None:
        with self._lock:
            self._done += count

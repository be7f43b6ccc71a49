"""Sends the calls of a plan: written down before each goes out, and again when its answer is in.

One thread (the caller's) plans, writes the ledger and decides; up to eight others only send. What an answer means is
``verdicts``'.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from threading import Event
from typing import Any, Protocol

import pandas as pd

from pipeline.errors import LedgerError
from pipeline.model.calls import Answer, Batch, NotDone, Outcome, Plan, Refused, Tracked
from pipeline.model.progress import SendingProgress
from pipeline.model.runs import LedgerKey
from pipeline.sending.outcomes import OutcomeStore
from pipeline.sending.pacing import Pacer
from pipeline.sending.splitting import PlannedCall, Recheck
from pipeline.sending.verdicts import Judge
from pipeline.services.contract import Courier

LONGEST_WAIT = 0.2
"""Seconds between two looks at Ctrl-C while nothing else can be done."""


class AttemptLedger(Protocol):
    """What this stage asks of the ledger."""

    def begin(self, run: str, batch: Batch, *, resend: bool = False) -> int:
        """Writes down that this batch goes out, before it does."""
        ...

    def may_send(self, run: str) -> bool:
        """Whether the run still counts as alive; asked right before the first byte of a call, by any thread."""
        ...

    def settle(
        self, call: int, outcomes: Sequence[Outcome], *, note: str, elapsed: float, refused: bool = False
    ) -> None:
        """Writes down what became of each AWB of the call."""
        ...

    def confirm(self, run: str, key: LedgerKey, outcomes: Sequence[Outcome]) -> None:
        """Writes down what tracking said of AWBs in doubt."""
        ...


@dataclass(frozen=True, slots=True)
class Sender:
    """How calls go out: through which courier, when, and how many at once."""

    courier: Courier
    pacer: Pacer
    backoff: Callable[[int], float]
    pause: Callable[[float, Event], None]
    workers: int = 1
    clock: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Assignment:
    """What is to be sent: the calls, in order, for which run, and under which key of the ledger.

    ``doubtful``: keys of AWBs that an earlier attempt may have cancelled: a "no" proves nothing for them.
    """

    plan: Plan
    run: str
    key: LedgerKey
    doubtful: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sent:
    """What the calls came to: the outcome of each AWB that got one, and why the run stopped ("" if it did not)."""

    outcomes: pd.DataFrame  # index the AWB's key; status, remark, refnum
    stopped: str
    interrupted: bool
    calls: int
    keys: pd.Index[str]  # of the AWBs that went out at least once
    keys_refused: bool = False  # the service does not know our keys: it is no use to ask it anything


@dataclass(slots=True)
class _State:
    """The state of one run of calls."""

    batches: Iterator[Batch]  # of the plan, those that were not yet begun with
    judge: Judge
    open_calls: list[PlannedCall] = field(default_factory=list)  # begun with, and not at their end
    flying: dict[Future[Answer], _Flight] = field(default_factory=dict)
    checks: dict[Future[tuple[Tracked, ...]], _Check] = field(default_factory=dict)
    kept: OutcomeStore = field(default_factory=OutcomeStore)
    calls: int = 0

    def busy(self) -> set[PlannedCall]:
        """The calls of the plan of which a part is under way."""
        return {one.planned for one in self.flying.values()} | {one.planned for one in self.checks.values()}


@dataclass(frozen=True, slots=True)
class _Flight:
    """A cancel call that is under way."""

    planned: PlannedCall
    batch: Batch
    call: int
    began: float


@dataclass(frozen=True, slots=True)
class _Check:
    """A track call that is under way, for AWBs of a call that was refused."""

    planned: PlannedCall
    batch: Batch


def cancel(
    assignment: Assignment, ledger: AttemptLedger, sender: Sender, progress: SendingProgress, stop: Event
) -> Sent:
    """Sends the plan's calls and returns what became of each AWB; AWBs without an outcome were not sent.

    Args:
        assignment: the calls.
        ledger: the ledger; ``begin`` is on disk before the socket opens.
        sender: the service and the pace.
        progress: told of each call.
        stop: set by Ctrl-C: nothing more goes out, the calls in flight are waited for.

    Raises:
        LedgerError: it could not be written; nothing went out after that, and what it does not hold is Unknown.
    """
    return _Sending(assignment, ledger, sender, progress, stop).send_all()


@dataclass(slots=True)
class _Sending:
    given: Assignment
    ledger: AttemptLedger
    sender: Sender
    progress: SendingProgress
    stop: Event

    def send_all(self) -> Sent:
        judge = Judge(self.sender.courier, self.sender.backoff, self.sender.clock, self.given.doubtful)
        state = _State(iter(self.given.plan.batches), judge)
        with ThreadPoolExecutor(self.sender.workers, thread_name_prefix="call") as pool:
            try:
                wait_s = self._start_calls(state, pool)
                while state.flying or state.checks or (state.open_calls and not self._halted(state)):
                    self._collect(state, wait_s)
                    wait_s = self._start_calls(state, pool)
            except LedgerError:
                self._settle_in_flight(state)
                raise
        stopped = judge.stopped or judge.given_up
        outcomes, keys = state.kept.outcomes(), state.kept.keys()
        return Sent(outcomes, stopped, self.stop.is_set(), state.calls, keys, judge.keys_refused)

    def _halted(self, state: _State) -> bool:
        return bool(state.judge.stopped) or self.stop.is_set()

    def _start_calls(self, state: _State, pool: ThreadPoolExecutor) -> float:
        """Starts the calls that may go out now; returns the seconds until the next one may."""
        while not self._halted(state) and len(state.flying) + len(state.checks) < self.sender.workers:
            planned = self._next_call(state)
            if planned is None:
                break
            clock = self.sender.clock()
            wait_s = max(state.judge.hold_until - clock, self.sender.pacer.wait(clock))
            if wait_s > 0:
                return wait_s
            self._start(state, pool, planned, clock)
        return LONGEST_WAIT

    def _next_call(self, state: _State) -> PlannedCall | None:
        """What is left of a call that was cut or has to go out again; else the plan's next call."""
        busy = state.busy()
        idle = next((planned for planned in state.open_calls if planned not in busy), None)
        if idle is None and (batch := next(state.batches, None)) is not None:
            idle = PlannedCall(batch, self.sender.courier.limits.track)
            state.open_calls.append(idle)
        return idle

    def _start(self, state: _State, pool: ThreadPoolExecutor, planned: PlannedCall, clock: float) -> None:
        self.sender.pacer.take(clock)
        part = planned.next()
        if isinstance(part, Recheck):
            state.checks[pool.submit(self.sender.courier.track, part.batch.awbs)] = _Check(planned, part.batch)
            return
        resend = not self.given.doubtful.isdisjoint(item.key for item in part.items)
        call = self.ledger.begin(self.given.run, part, resend=resend)
        state.calls += 1
        self.progress.sent(part)
        may_send = partial(self.ledger.may_send, self.given.run)
        state.flying[pool.submit(self.sender.courier.cancel, part, may_send)] = _Flight(planned, part, call, clock)

    def _collect(self, state: _State, wait_s: float) -> None:
        wait_s = min(wait_s, LONGEST_WAIT)
        under_way: list[Future[Any]] = [*state.flying, *state.checks]
        if not under_way:
            self.sender.pause(wait_s, self.stop)
            return
        done, _ = wait(under_way, timeout=wait_s, return_when=FIRST_COMPLETED)
        for future in [future for future in state.flying if future in done]:
            self._settle(state, state.flying.pop(future), future.result())
        for check in [future for future in state.checks if future in done]:
            self._recheck(state, state.checks.pop(check), check.result())

    def _settle_in_flight(self, state: _State) -> None:
        """Nothing more goes out; what the calls in flight still say is written down where the ledger lets us."""
        while state.flying:
            future, flight = state.flying.popitem()
            with contextlib.suppress(LedgerError):
                self._settle(state, flight, future.result())

    def _settle(self, state: _State, flight: _Flight, answer: Answer) -> None:
        verdict = state.judge.judge(flight.planned, flight.batch, answer)
        elapsed = self.sender.clock() - flight.began
        self.ledger.settle(
            flight.call, verdict.outcomes, note=verdict.note, elapsed=elapsed, refused=verdict.refused
        )  # fmt: skip
        state.kept.add(verdict.outcomes)
        if not isinstance(answer, NotDone) and not (isinstance(answer, Refused) and not answer.sent):
            state.kept.went_out(flight.batch.items)
        self.progress.settled(verdict.outcomes if verdict.final else (), verdict.note)
        self._end(state, flight.planned, verdict.note)

    def _recheck(self, state: _State, check: _Check, answers: tuple[Tracked, ...]) -> None:
        outcomes = state.judge.rechecked(check.planned, check.batch, answers, f"{datetime.now(UTC):%Y-%m-%d}")
        if outcomes:
            self.ledger.confirm(self.given.run, self.given.key, outcomes)
            state.kept.add(outcomes)
            self.progress.settled(outcomes, "looked up before they are sent again, and held back")
        self._end(state, check.planned, check.planned.refusal)

    @staticmethod
    def _end(state: _State, planned: PlannedCall, note: str) -> None:
        if planned.finished:
            state.open_calls.remove(planned)
            state.judge.end(planned, note)

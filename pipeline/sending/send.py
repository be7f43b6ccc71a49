"""Sends the calls of a plan: written down before each goes out, and again when its answer is in.

One thread (the caller's) plans, writes the ledger and decides; up to eight others only send. What a failure means is
docs/contract-ithink.md's table; what is tried again, halved or stopped is docs/design.md's "Doing again", the
stop-loss included.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from threading import Event
from typing import Protocol

import pandas as pd

from pipeline.errors import LedgerTrouble
from pipeline.model.calls import Answer, Answered, Batch, InDoubt, NotDone, Outcome, Plan, Refusal, Refused
from pipeline.model.progress import SendingProgress
from pipeline.sending.outcomes import OutcomeStore
from pipeline.sending.pacing import TRIES, Pacer
from pipeline.sending.splitting import PlannedCall
from pipeline.services.contract import Courier
from schemas.annotated import Status

SILENT_CALLS = 3
"""Calls in a row in which no AWB got an answer, after which a run stops (a call and its halves count as one)."""

SAME_REFUSALS = 3
"""AWBs in a row that halving found refused in the same words, after which it is not the AWBs: the run stops."""

SENT_AGAIN = "sent again after an attempt without an answer; the service now says no, which proves nothing"

LONGEST_WAIT = 0.2
"""Seconds between two looks at Ctrl-C while nothing else can be done."""


class AttemptLedger(Protocol):
    """What this stage asks of the ledger."""

    def begin(self, run: str, batch: Batch, *, resend: bool = False) -> int:
        """Writes down that this batch goes out, before it does."""
        ...

    def settle(self, call: int, outcomes: Sequence[Outcome], *, note: str, elapsed: float) -> None:
        """Writes down what became of each AWB of the call."""
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
class Sent:
    """What the calls came to: the outcome of each AWB that got one, and why the run stopped ("" if it did not)."""

    outcomes: pd.DataFrame  # index the AWB's key; status, remark, refnum
    stopped: str
    interrupted: bool
    calls: int
    keys: pd.Index[str]  # of the AWBs that went out at least once


@dataclass(slots=True)
class _State:
    """The state of one run of calls."""

    batches: Iterator[Batch]  # of the plan, those that were not yet begun with
    open_calls: list[PlannedCall] = field(default_factory=list)  # begun with, and not at their end
    flying: dict[Future[Answer], _Flight] = field(default_factory=dict)
    kept: OutcomeStore = field(default_factory=OutcomeStore)
    calls: int = 0
    stopped: str = ""
    unsent: str = ""  # why a call was given up that was never processed
    hold_until: float = 0.0  # the service asked to wait, or can't be reached: nothing is sent before
    silent: int = 0
    same_refusals: int = 0
    refusal_words: str = ""


@dataclass(frozen=True, slots=True)
class _Flight:
    """A call that is under way."""

    planned: PlannedCall
    batch: Batch
    call: int
    began: float


def cancel(
    plan: Plan,
    run: str,
    ledger: AttemptLedger,
    sender: Sender,
    progress: SendingProgress,
    stop: Event,
    doubtful: frozenset[str],
) -> Sent:
    """Sends the plan's calls and returns what became of each AWB; AWBs without an outcome were not sent.

    Args:
        plan: the calls, in order.
        run: the run's name in the ledger.
        ledger: the ledger; ``begin`` is on disk before the socket opens.
        sender: the service and the pace.
        progress: told of each call.
        stop: set by Ctrl-C: nothing more goes out, the calls in flight are waited for.
        doubtful: keys whose earlier attempt has no answer: a "no" proves nothing for them.

    Raises:
        LedgerTrouble: it could not be written; nothing went out after that, and what it does not hold is Unknown.
    """
    return _Sending(run, ledger, sender, progress, stop, doubtful).send_all(plan)


@dataclass(slots=True)
class _Sending:
    run: str
    ledger: AttemptLedger
    sender: Sender
    progress: SendingProgress
    stop: Event
    doubtful: frozenset[str]

    def send_all(self, plan: Plan) -> Sent:
        state = _State(iter(plan.batches))
        with ThreadPoolExecutor(self.sender.workers, thread_name_prefix="call") as pool:
            try:
                wait_s = self._start_calls(state, pool)
                while state.flying or (state.open_calls and not self._halted(state)):
                    self._collect(state, wait_s)
                    wait_s = self._start_calls(state, pool)
            except LedgerTrouble:
                self._settle_in_flight(state)
                raise
        stopped = state.stopped or state.unsent
        return Sent(state.kept.outcomes(), stopped, self.stop.is_set(), state.calls, state.kept.keys())

    def _halted(self, state: _State) -> bool:
        return bool(state.stopped) or self.stop.is_set()

    def _start_calls(self, state: _State, pool: ThreadPoolExecutor) -> float:
        """Starts the calls that may go out now; returns the seconds until the next one may."""
        while not self._halted(state) and len(state.flying) < self.sender.workers:
            planned = self._next_call(state)
            if planned is None:
                break
            clock = self.sender.clock()
            wait_s = max(state.hold_until - clock, self.sender.pacer.wait(clock))
            if wait_s > 0:
                return wait_s
            self._start(state, pool, planned, clock)
        return LONGEST_WAIT

    @staticmethod
    def _next_call(state: _State) -> PlannedCall | None:
        """What is left of a call that was cut or has to go out again; else the plan's next call."""
        busy = {flight.planned for flight in state.flying.values()}
        idle = next((planned for planned in state.open_calls if planned not in busy), None)
        if idle is None and (batch := next(state.batches, None)) is not None:
            idle = PlannedCall(batch)
            state.open_calls.append(idle)
        return idle

    def _start(self, state: _State, pool: ThreadPoolExecutor, planned: PlannedCall, clock: float) -> None:
        self.sender.pacer.take(clock)
        batch = planned.next()
        call = self.ledger.begin(self.run, batch, resend=bool(self.doubtful))
        state.calls += 1
        self.progress.sent(batch)
        state.flying[pool.submit(self.sender.courier.cancel, batch)] = _Flight(planned, batch, call, clock)

    def _collect(self, state: _State, wait_s: float) -> None:
        wait_s = min(wait_s, LONGEST_WAIT)
        if not state.flying:
            self.sender.pause(wait_s, self.stop)
            return
        done, _ = wait(state.flying, timeout=wait_s, return_when=FIRST_COMPLETED)
        for future in done:
            self._settle(state, state.flying.pop(future), future.result())

    def _settle_in_flight(self, state: _State) -> None:
        """Nothing more goes out; what the calls in flight still say is written down where the ledger lets us."""
        while state.flying:
            future, flight = state.flying.popitem()
            with contextlib.suppress(LedgerTrouble):
                self._settle(state, flight, future.result())

    def _settle(self, state: _State, flight: _Flight, answer: Answer) -> None:
        outcomes, note = self._judge(state, flight, answer)
        self.ledger.settle(flight.call, outcomes, note=note, elapsed=self.sender.clock() - flight.began)
        state.kept.add(outcomes)
        if not isinstance(answer, NotDone):
            state.kept.went_out(flight.batch.items)
        self.progress.settled(outcomes, note)
        if flight.planned.finished:
            state.open_calls.remove(flight.planned)
            self._count_silence(state, flight.planned, note)

    @staticmethod
    def _count_silence(state: _State, planned: PlannedCall, note: str) -> None:
        state.silent = 0 if planned.answered else state.silent + 1
        if state.silent >= SILENT_CALLS and not state.stopped:
            state.stopped = f"{SILENT_CALLS} calls in a row brought no answer that can be believed (the last: {note})"

    def _judge(self, state: _State, flight: _Flight, answer: Answer) -> tuple[tuple[Outcome, ...], str]:
        """What the answer means for each AWB of the call, and for the run."""
        planned, batch = flight.planned, flight.batch
        match answer:
            case Answered(outcomes, answered):
                return self._answered(state, planned, outcomes, answered=answered), ""
            case InDoubt(reason):
                planned.unclear()
                return _all(batch, Status.UNKNOWN, reason), reason
            case NotDone(reason, retry_after):
                self._again(state, flight, reason, retry_after)
                return _all(batch, Status.NOT_SENT, reason), reason
            case Refused(Refusal.CALL, words):
                return self._refused(state, planned, batch, words), f"refused as a whole: {words}"
            case Refused(_, words):
                state.stopped = state.stopped or words
                return _all(batch, Status.NOT_SENT, words), words

    def _answered(
        self, state: _State, planned: PlannedCall, outcomes: tuple[Outcome, ...], *, answered: bool
    ) -> tuple[Outcome, ...]:
        state.same_refusals = 0
        planned.answered |= answered
        if not answered:
            planned.unclear()
        return tuple(self._believed(outcome) for outcome in outcomes)

    def _again(self, state: _State, flight: _Flight, reason: str, retry_after: float | None) -> None:
        """The whole run waits: the next call would not be processed either."""
        wait_s = retry_after if retry_after is not None else self.sender.backoff(flight.planned.tries)
        state.hold_until = max(state.hold_until, self.sender.clock() + wait_s)
        flight.planned.again(flight.batch)
        if flight.planned.tries >= TRIES:
            flight.planned.give_up()
            state.unsent = reason

    def _refused(self, state: _State, planned: PlannedCall, batch: Batch, words: str) -> tuple[Outcome, ...]:
        if not planned.refused(batch):
            return _all(batch, Status.NOT_SENT, f"the call was refused as a whole: {words}")
        planned.answered = True
        state.same_refusals = state.same_refusals + 1 if words == state.refusal_words else 1
        state.refusal_words = words
        if state.same_refusals >= SAME_REFUSALS and not state.stopped:
            state.stopped = (
                f"{SAME_REFUSALS} AWBs in a row were refused in the same words, so it is not the AWBs: {words}"
            )
        return (self._believed(Outcome(batch.items[0].awb, Status.FAILED, words)),)

    def _believed(self, outcome: Outcome) -> Outcome:
        """A "no" for an AWB that is in doubt proves nothing: "not found" may mean "already gone" (docs/design.md)."""
        if outcome.status != Status.FAILED or outcome.awb.upper() not in self.doubtful:
            return outcome
        if self.sender.courier.says_cancelled(outcome.remark):
            remark = f"already cancelled when sent again; the service said: {outcome.remark}"
            return replace(outcome, status=Status.SUCCESS, remark=remark)
        remark = f"{SENT_AGAIN}: {outcome.remark}"
        return replace(outcome, status=Status.UNKNOWN, remark=remark)


def _all(batch: Batch, status: Status, remark: str) -> tuple[Outcome, ...]:
    return tuple(Outcome(awb, status, remark) for awb in batch.awbs)

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
from dataclasses import dataclass, field
from threading import Event
from typing import Protocol

import pandas as pd

from pipeline.errors import LedgerTrouble
from pipeline.model.calls import Answer, Answered, Batch, InDoubt, NotDone, Outcome, Plan, Refusal, Refused
from pipeline.model.progress import Watcher
from pipeline.sending.outcomes import Kept
from pipeline.sending.pacing import TRIES, Pacer
from pipeline.sending.splitting import Family
from pipeline.wire import says_cancelled
from schemas.annotated import Status

SILENT_CALLS = 3
"""Calls in a row in which no AWB got an answer, after which a run stops (a call and its halves count as one)."""

SAME_CULPRITS = 3
"""AWBs in a row that halving found refused in the same words, after which it is not the AWBs: the run stops."""

SENT_AGAIN = "sent again after an attempt without an answer; the service now says no, which proves nothing"

LONGEST_NAP = 0.2
"""Seconds between two looks at Ctrl-C while nothing else can be done."""


class Journal(Protocol):
    """What this stage asks of the ledger."""

    def begin(self, run: str, batch: Batch, *, resend: bool = False) -> int:
        """Writes down that this batch goes out, before it does."""
        ...

    def settle(self, call: int, outcomes: Sequence[Outcome], *, note: str, elapsed: float) -> None:
        """Writes down what became of each AWB of the call."""
        ...


@dataclass(frozen=True, slots=True)
class Sender:
    """How calls go out: ``send`` is the service, the rest is when and how many at once."""

    send: Callable[[Batch], Answer]
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
class _Round:
    """The state of one run of calls."""

    batches: Iterator[Batch]  # of the plan, those that were not yet begun with
    families: list[Family] = field(default_factory=list)  # begun with, and not at their end
    flying: dict[Future[Answer], _Flight] = field(default_factory=dict)
    kept: Kept = field(default_factory=Kept)
    calls: int = 0
    stopped: str = ""
    unsent: str = ""  # why a call was given up that was never processed
    hold_until: float = 0.0  # the service asked for patience, or can't be reached: nothing goes out before
    silent: int = 0
    culprits: int = 0
    culprit_words: str = ""


@dataclass(frozen=True, slots=True)
class _Flight:
    """A call that is under way."""

    family: Family
    batch: Batch
    call: int
    began: float


def cancel(
    plan: Plan, run: str, journal: Journal, sender: Sender, watcher: Watcher, stop: Event, doubtful: frozenset[str]
) -> Sent:
    """Sends the plan's calls and returns what became of each AWB; AWBs without an outcome were not sent.

    Args:
        plan: the calls, in order.
        run: the run's name in the ledger.
        journal: the ledger; ``begin`` is on disk before the socket opens.
        sender: the service and the pace.
        watcher: told of each call.
        stop: set by Ctrl-C: nothing more goes out, the calls in flight are waited for.
        doubtful: keys whose earlier attempt has no answer: a "no" proves nothing for them.

    Raises:
        LedgerTrouble: it could not be written; nothing went out after that, and what it does not hold is Unknown.
    """
    return _Conductor(run, journal, sender, watcher, stop, doubtful).conduct(plan)


@dataclass(slots=True)
class _Conductor:
    run: str
    journal: Journal
    sender: Sender
    watcher: Watcher
    stop: Event
    doubtful: frozenset[str]

    def conduct(self, plan: Plan) -> Sent:
        now = _Round(iter(plan.batches))
        with ThreadPoolExecutor(self.sender.workers, thread_name_prefix="call") as pool:
            try:
                patience = self._start_what_may(now, pool)
                while now.flying or (now.families and not self._halted(now)):
                    self._collect(now, patience)
                    patience = self._start_what_may(now, pool)
            except LedgerTrouble:
                self._bring_home(now)
                raise
        stopped = now.stopped or now.unsent
        return Sent(now.kept.outcomes(), stopped, self.stop.is_set(), now.calls, now.kept.keys())

    def _halted(self, now: _Round) -> bool:
        return bool(now.stopped) or self.stop.is_set()

    def _start_what_may(self, now: _Round, pool: ThreadPoolExecutor) -> float:
        """Starts the calls that may go out now; returns the seconds until the next one may."""
        while not self._halted(now) and len(now.flying) < self.sender.workers:
            family = self._next_family(now)
            if family is None:
                break
            clock = self.sender.clock()
            patience = max(now.hold_until - clock, self.sender.pacer.wait(clock))
            if patience > 0:
                return patience
            self._start(now, pool, family, clock)
        return LONGEST_NAP

    @staticmethod
    def _next_family(now: _Round) -> Family | None:
        """What is left of a call that was cut or has to go out again; else the plan's next call."""
        busy = {flight.family for flight in now.flying.values()}
        idle = next((family for family in now.families if family not in busy), None)
        if idle is None and (batch := next(now.batches, None)) is not None:
            idle = Family(batch)
            now.families.append(idle)
        return idle

    def _start(self, now: _Round, pool: ThreadPoolExecutor, family: Family, clock: float) -> None:
        self.sender.pacer.take(clock)
        batch = family.next()
        call = self.journal.begin(self.run, batch, resend=bool(self.doubtful))
        now.calls += 1
        self.watcher.sent(batch)
        now.flying[pool.submit(self.sender.send, batch)] = _Flight(family, batch, call, clock)

    def _collect(self, now: _Round, patience: float) -> None:
        nap = min(patience, LONGEST_NAP)
        if not now.flying:
            self.sender.pause(nap, self.stop)
            return
        done, _ = wait(now.flying, timeout=nap, return_when=FIRST_COMPLETED)
        for future in done:
            self._take_in(now, now.flying.pop(future), future.result())

    def _bring_home(self, now: _Round) -> None:
        """Nothing more goes out; what the calls in flight still say is written down where the ledger lets us."""
        while now.flying:
            future, flight = now.flying.popitem()
            with contextlib.suppress(LedgerTrouble):
                self._take_in(now, flight, future.result())

    def _take_in(self, now: _Round, flight: _Flight, answer: Answer) -> None:
        outcomes, note = self._judge(now, flight, answer)
        self.journal.settle(flight.call, outcomes, note=note, elapsed=self.sender.clock() - flight.began)
        now.kept.add(outcomes)
        if not isinstance(answer, NotDone):
            now.kept.went_out(flight.batch.items)
        self.watcher.settled(outcomes, note)
        if flight.family.finished:
            now.families.remove(flight.family)
            self._count_silence(now, flight.family, note)

    @staticmethod
    def _count_silence(now: _Round, family: Family, note: str) -> None:
        now.silent = 0 if family.heard else now.silent + 1
        if now.silent >= SILENT_CALLS and not now.stopped:
            now.stopped = f"{SILENT_CALLS} calls in a row brought no answer that can be believed (the last: {note})"

    def _judge(self, now: _Round, flight: _Flight, answer: Answer) -> tuple[tuple[Outcome, ...], str]:
        """What the answer means for each AWB of the call, and for the run."""
        family, batch = flight.family, flight.batch
        match answer:
            case Answered(outcomes, heard):
                return self._answered(now, family, outcomes, heard=heard), ""
            case InDoubt(reason):
                family.unclear()
                return _all(batch, Status.UNKNOWN, reason), reason
            case NotDone(reason, retry_after):
                self._again(now, flight, reason, retry_after)
                return _all(batch, Status.NOT_SENT, reason), reason
            case Refused(Refusal.CALL, words):
                return self._refused(now, family, batch, words), f"refused as a whole: {words}"
            case Refused(_, words):
                now.stopped = now.stopped or words
                return _all(batch, Status.NOT_SENT, words), words

    def _answered(
        self, now: _Round, family: Family, outcomes: tuple[Outcome, ...], *, heard: bool
    ) -> tuple[Outcome, ...]:
        now.culprits = 0
        family.heard |= heard
        if not heard:
            family.unclear()
        return tuple(self._believed(outcome) for outcome in outcomes)

    def _again(self, now: _Round, flight: _Flight, reason: str, retry_after: float | None) -> None:
        """The whole run waits: the next call would meet the same closed door."""
        nap = retry_after if retry_after is not None else self.sender.backoff(flight.family.tries)
        now.hold_until = max(now.hold_until, self.sender.clock() + nap)
        flight.family.again(flight.batch)
        if flight.family.tries >= TRIES:
            flight.family.give_up()
            now.unsent = reason

    def _refused(self, now: _Round, family: Family, batch: Batch, words: str) -> tuple[Outcome, ...]:
        if not family.refused(batch):
            return _all(batch, Status.NOT_SENT, f"the call was refused as a whole: {words}")
        family.heard = True
        now.culprits = now.culprits + 1 if words == now.culprit_words else 1
        now.culprit_words = words
        if now.culprits >= SAME_CULPRITS and not now.stopped:
            now.stopped = (
                f"{SAME_CULPRITS} AWBs in a row were refused in the same words, so it is not the AWBs: {words}"
            )
        return (self._believed(Outcome(batch.items[0].awb, Status.FAILED, words)),)

    def _believed(self, outcome: Outcome) -> Outcome:
        """A "no" for an AWB that is in doubt proves nothing: "not found" may mean "already gone" (docs/design.md)."""
        if outcome.status != Status.FAILED or outcome.awb.upper() not in self.doubtful:
            return outcome
        if says_cancelled(outcome.remark):
            remark = f"already cancelled when sent again; the service said: {outcome.remark}"
            return Outcome(outcome.awb, Status.SUCCESS, remark, outcome.refnum)
        remark = f"{SENT_AGAIN}: {outcome.remark}"
        return Outcome(outcome.awb, Status.UNKNOWN, remark, outcome.refnum)


def _all(batch: Batch, status: Status, remark: str) -> tuple[Outcome, ...]:
    return tuple(Outcome(awb, status, remark) for awb in batch.awbs)

"""Asks tracking what became of the AWBs in doubt: ten a call, nothing is cancelled by asking."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from threading import Event

import pandas as pd

from pipeline.model.calls import Outcome, Tracked
from pipeline.sending.pacing import Pacer
from pipeline.services.contract import Courier
from schemas.annotated import ADDED_COLUMNS, Status

SILENT_CALLS = 3
"""Calls in a row that tracking did not answer, after which looking up ends: what is in doubt stays in doubt."""

SAID = " Tracking says: "
"""Stands between why an AWB is in doubt and what tracking said of it; what it said before is replaced."""

NOTHING_FOUND = "nothing of this AWB (that proves nothing)"


@dataclass(frozen=True, slots=True)
class LookupOptions:
    """How tracking is asked: through which courier, when, and how many calls at once."""

    courier: Courier
    pacer: Pacer
    pause: Callable[[float, Event], None]
    looked_up: Callable[[int], None]  # told after each call how many AWBs it was about
    clock: Callable[[], float] = time.monotonic
    workers: int = 1


def verify(awbs: Sequence[str], options: LookupOptions, stop: Event) -> list[Tracked]:
    """What tracking says of each AWB, in order; ends early on Ctrl-C and when tracking does not answer.

    Then the answers of the calls under way still count; those that were never made are missing.
    """
    calls = _Calls(options, stop)
    with ThreadPoolExecutor(options.workers, thread_name_prefix="track") as pool:
        for part in _parts(awbs, options.courier.limits.track):
            if not calls.wait_for_turn():
                break
            options.pacer.take(options.clock())
            calls.add(pool.submit(options.courier.track, part))
        calls.collect_all()
    return [answer for future in calls.made for answer in future.result()]


@dataclass(slots=True)
class _Calls:
    """The calls of one looking up: ``made`` in the order of the AWBs, ``flying`` those without an answer so far."""

    options: LookupOptions
    stop: Event
    made: list[Future[tuple[Tracked, ...]]] = field(default_factory=list)
    flying: set[Future[tuple[Tracked, ...]]] = field(default_factory=set)
    silent: int = 0  # calls in a row, as their answers came in

    def add(self, future: Future[tuple[Tracked, ...]]) -> None:
        """Takes in a call that was begun."""
        self.made.append(future)
        self.flying.add(future)

    def wait_for_turn(self) -> bool:
        """Waits until another call may begin; False when none may any more."""
        while not self._ended():
            wait_s = self.options.pacer.wait(self.options.clock())
            if len(self.flying) >= self.options.workers:
                self._collect(None)
            elif wait_s <= 0:
                return True
            elif self.flying:
                self._collect(wait_s)
            else:
                self.options.pause(wait_s, self.stop)
        return False

    def collect_all(self) -> None:
        """Waits for the calls under way."""
        while self.flying:
            self._collect(None)

    def _ended(self) -> bool:
        return self.stop.is_set() or self.silent >= SILENT_CALLS

    def _collect(self, seconds: float | None) -> None:
        done, self.flying = wait(self.flying, timeout=seconds, return_when=FIRST_COMPLETED)
        for future in done:
            answers = future.result()
            self.silent = 0 if any(answer.asked for answer in answers) else self.silent + 1
            self.options.looked_up(len(answers))


def settle(known: pd.DataFrame, found: Sequence[Tracked], day: str) -> list[Outcome]:
    """What tracking proves of AWBs that were sent, for the ledger and the sheet.

    Args:
        known: index the AWB's key; ``status``, ``remark`` and ``refnum`` as they stand.
        found: what tracking said.
        day: today, ``YYYY-MM-DD``: the remark says when it was looked up.
    Returns:
        Success for what is proved cancelled, and was not known to be; Unknown, with what tracking said, for what
        stays in doubt. What is Success stays so, and tracking's silence takes back no "no".
    """
    columns = (known[name].astype("str").tolist() for name in ADDED_COLUMNS)
    lines = zip(known.index.astype("str"), *columns, strict=True)
    standing = {key: Outcome(key, Status(said), *texts) for key, said, *texts in lines if said != Status.SUCCESS}
    told = [(said, standing[said.awb.upper()]) for said in found if said.asked and said.awb.upper() in standing]
    return [settled_by(said, before, day) for said, before in told if said.cancelled or before.status == Status.UNKNOWN]


def settled_by(tracked: Tracked, before: Outcome, day: str) -> Outcome:
    """What tracking makes of an AWB in doubt; ``before`` says why it is, and what is known of it besides."""
    if tracked.cancelled:
        proof = f"Cancelled: found out by tracking on {day}. It says: {tracked.words}"
        return replace(before, awb=tracked.awb, status=Status.SUCCESS, remark=proof)
    said = f"{tracked.words or NOTHING_FOUND} ({day})"
    remark = f"{before.remark.partition(SAID)[0]}{SAID}{said}"
    return replace(before, awb=tracked.awb, status=Status.UNKNOWN, remark=remark)


def _parts(awbs: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(awbs), size):
        yield tuple(awbs[start : start + size])

"""Asks tracking what became of the AWBs in doubt: ten a call, nothing is cancelled by asking."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from threading import Event

import pandas as pd

from pipeline.model.calls import Outcome, Tracked
from pipeline.sending.pacing import Pacer
from pipeline.services.contract import Courier
from schemas.annotated import Status

SILENT_CALLS = 3
"""Calls in a row that tracking did not answer, after which looking up ends: what is in doubt stays in doubt."""

SAID = " Tracking says: "
"""Stands between why an AWB is in doubt and what tracking said of it; what it said before is replaced."""

NOTHING_FOUND = "nothing of this AWB (that proves nothing)"


@dataclass(frozen=True, slots=True)
class LookupOptions:
    """How tracking is asked: through which courier, and when."""

    courier: Courier
    pacer: Pacer
    pause: Callable[[float, Event], None]
    looked_up: Callable[[int], None]  # told after each call how many AWBs it was about
    clock: Callable[[], float] = time.monotonic


def verify(awbs: Sequence[str], options: LookupOptions, stop: Event) -> list[Tracked]:
    """What tracking says of each AWB, in order; ends early on Ctrl-C and when tracking does not answer."""
    found: list[Tracked] = []
    silent = 0
    for part in _parts(awbs, options.courier.limits.track):
        wait_s = options.pacer.wait(options.clock())
        if wait_s > 0:
            options.pause(wait_s, stop)
        if stop.is_set() or silent >= SILENT_CALLS:
            break
        options.pacer.take(options.clock())
        answers = options.courier.track(part)
        silent = 0 if any(answer.asked for answer in answers) else silent + 1
        options.looked_up(len(part))
        found += answers
    return found


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
    standing = {str(key): known.loc[[key]].iloc[0] for key in known.index[known["status"] != str(Status.SUCCESS)]}
    told = [(said, standing[said.awb.upper()]) for said in found if said.asked and said.awb.upper() in standing]
    return [_settled(said, one, day) for said, one in told if said.cancelled or one["status"] == str(Status.UNKNOWN)]


def _settled(tracked: Tracked, before: pd.Series[str], day: str) -> Outcome:
    if tracked.cancelled:
        remark = f"Cancelled: found out by tracking on {day}. It says: {tracked.words}"
        return Outcome(tracked.awb, Status.SUCCESS, remark, str(before["refnum"]))
    why = str(before["remark"]).partition(SAID)[0]
    said = f"{tracked.words or NOTHING_FOUND} ({day})"
    return Outcome(tracked.awb, Status.UNKNOWN, f"{why}{SAID}{said}", str(before["refnum"]))


def _parts(awbs: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(awbs), size):
        yield tuple(awbs[start : start + size])

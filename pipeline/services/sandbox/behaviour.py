"""The built-in service without its wires: takes what a request's ``data`` holds, says what the answer's body is.

It lists the entries of an answer in the order of the request, leaves out what it is silent about without closing the
gap, and takes letter case as it comes: nobody has shown what the real service does (docs/contract-ithink.md,
"Unknown").
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock

from pipeline.services.sandbox.fates import CANCELS, REFUSALS, SLOW_SECONDS, UNANSWERED, UNTRACKED, Fate, fate_of

DEMO_TOKEN = "sandbox-token"  # noqa: S105 - the built-in service's own, no secret
DEMO_SECRET = "sandbox-secret"  # noqa: S105

CANCEL_PATH = "/api_v3/order/cancel.json"
TRACK_PATH = "/api_v3/order/track.json"
MOST_TO_CANCEL = 100
MOST_TO_TRACK = 10

MADE_UP_CUSTOMER = {"customer_name": "Made-up Customer", "customer_mobile": "0000000000"}
"""The real service's track reply bears the customer's data; who reads it must read past it."""

CONFIRMED = {"current_status": "Cancelled", "current_status_code": "CN", "cancel_status": "Approved"}
MOVING = {"current_status": "In Transit", "current_status_code": "IT", "cancel_status": ""}
MANIFESTED = {"current_status": "Manifested", "current_status_code": "UD", "cancel_status": ""}

Answer = dict[str, object]


class CutOffError(Exception):
    """The connection ends here, without an answer."""


@dataclass(frozen=True, slots=True)
class HandledCall:
    """One call that was processed or refused: its number, which it was, and what was done with each AWB."""

    number: int
    path: str
    done: Mapping[str, str]


@dataclass(slots=True)
class State:
    """What the service knows; any thread may ask.

    Args:
        refs: the order reference of AWBs, which the real service knows and returns as ``refnum``.
        on_call: told of each call, one after the other.
    """

    refs: dict[str, str]
    on_call: Callable[[HandledCall], None] | None = None
    cancelled: set[str] = field(default_factory=set)
    log: list[HandledCall] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def note(self, path: str, done: Mapping[str, str]) -> None:
        """Keeps a call in the log."""
        with self.lock:
            call = HandledCall(len(self.log) + 1, path, done)
            self.log.append(call)
            if self.on_call:
                self.on_call(call)

    def cancel(self, fates: Mapping[str, Fate]) -> set[str]:
        """Cancels what is to be cancelled; returns the AWBs that were so before."""
        with self.lock:
            before = self.cancelled.intersection(fates)
            self.cancelled.update(awb for awb, fate in fates.items() if fate in CANCELS)
        return before


def answer(state: State, path: str, asked: Mapping[str, object]) -> Answer:
    """The body of the answer to a call of ``path``, one of the two; raises CutOffError where there is none."""
    if (asked.get("access_token"), asked.get("secret_key")) != (DEMO_TOKEN, DEMO_SECRET):
        return refusal("Invalid access token or secret key")
    if path == CANCEL_PATH:
        return _cancel(state, _awbs(asked.get("awb_numbers")))
    return _track(state, _awbs(asked.get("awb_number_list")))


def refusal(words: str) -> Answer:
    """The envelope of a call that is refused as a whole."""
    return {"status": "error", "status_code": 400, "html_message": words, "data": []}


def _awbs(text: object) -> list[str]:
    """ONE comma-separated string, not a list (docs/contract-ithink.md)."""
    return [awb for part in text.split(",") if (awb := part.strip())] if isinstance(text, str) else []


def _cancel(state: State, awbs: list[str]) -> Answer:
    if not awbs or len(awbs) > MOST_TO_CANCEL:
        return refusal(f"Give 1 to {MOST_TO_CANCEL} AWB numbers, separated by commas")
    fates = {awb: fate_of(awb) for awb in awbs}
    if Fate.SPOILS_THE_CALL in fates.values():
        return _refuse(state, awbs)
    before = state.cancel(fates)
    state.note(CANCEL_PATH, {awb: _did(awb, fate, before) for awb, fate in fates.items()})
    if Fate.CUT in fates.values():
        raise CutOffError
    if Fate.SLOW in fates.values():
        time.sleep(SLOW_SECONDS)
    entries = {
        str(position): _entry(awb, fates[awb], before, state.refs.get(awb, ""))
        for position, awb in enumerate(awbs, 1)
        if fates[awb] not in UNANSWERED
    }
    return {"status": "success", "status_code": 200, "html_message": "", "data": entries}


def _refuse(state: State, awbs: list[str]) -> Answer:
    alone = len(awbs) == 1
    state.note(CANCEL_PATH, dict.fromkeys(awbs, "refused" if alone else "refused with its call"))
    return refusal(f"<p>{'This AWB number' if alone else 'One of the AWB numbers'} is <b>not valid</b></p>")


def _did(awb: str, fate: Fate, before: set[str]) -> str:
    if awb in before:
        return "refused: cancelled before"
    return "cancelled" if fate in CANCELS else fate.value.partition(";")[0]


def _entry(awb: str, fate: Fate, before: set[str], refnum: str) -> dict[str, str]:
    if awb in before:
        fate = Fate.DONE_BEFORE
    if fate in REFUSALS:
        return {"status": "Error", "remark": REFUSALS[fate], "refnum": refnum}
    if fate is Fate.ODD_WORD:
        return {"status": "Pending", "remark": "Queued with the courier", "refnum": refnum}
    remark = "Cancel Request Received" if fate is Fate.REQUESTED else ""
    return {"status": "Success", "remark": remark, "refnum": refnum}


def _track(state: State, awbs: list[str]) -> Answer:
    if not awbs or len(awbs) > MOST_TO_TRACK:
        return refusal(f"Give 1 to {MOST_TO_TRACK} AWB numbers, separated by commas")
    state.note(TRACK_PATH, dict.fromkeys(awbs, "tracked"))
    with state.lock:
        cancelled = state.cancelled.intersection(awbs)
    return {"status": "success", "status_code": 200, "data": {awb: _tracked(awb, cancelled) for awb in awbs}}


def _tracked(awb: str, cancelled: set[str]) -> dict[str, object]:
    fate = fate_of(awb)
    if awb in cancelled or fate is Fate.DONE_BEFORE:
        said = CONFIRMED
    elif fate in UNTRACKED:
        return {"message": "AWB number not found"}
    else:
        said = MOVING if fate is Fate.PICKED_UP else MANIFESTED
    return {"message": "success", "logistic": "Sandbox Express", "customer_details": MADE_UP_CUSTOMER, **said}

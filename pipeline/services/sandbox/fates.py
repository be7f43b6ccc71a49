"""What the built-in service does with an AWB: its last two characters say so."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

SLOW_SECONDS = 1.0


class Fate(Enum):
    """What the built-in service does with an AWB."""

    CANCELLED = "cancelled"
    REQUESTED = "cancelled; the remark says that the courier has not confirmed yet"
    NOT_FOUND = "refused: not found"
    PICKED_UP = "refused: already picked up; tracking says In Transit"
    DONE_BEFORE = "refused: already cancelled"
    SILENT = "left out of the answer; tracking knows nothing of it"
    SILENT_BUT_DONE = "left out of the answer, but cancelled: tracking says so"
    CUT = "the connection is cut after the whole call was processed: no AWB of it gets an answer"
    SLOW = f"cancelled; the answer to its call takes {SLOW_SECONDS:.0f} second longer"
    SPOILS_THE_CALL = "the whole call is refused because of it, and so is it when asked for alone"
    ODD_WORD = "answered with the word Pending, which is neither a yes nor a no"


ENDINGS: Mapping[str, Fate] = {
    "80": Fate.REQUESTED,
    "90": Fate.NOT_FOUND,
    "91": Fate.PICKED_UP,
    "92": Fate.DONE_BEFORE,
    "93": Fate.SILENT,
    "94": Fate.SILENT_BUT_DONE,
    "95": Fate.CUT,
    "96": Fate.SLOW,
    "97": Fate.SPOILS_THE_CALL,
    "98": Fate.ODD_WORD,
}
"""The last two characters of an AWB and what becomes of it; any other ending is cancelled."""

REFUSALS: Mapping[Fate, str] = {
    Fate.NOT_FOUND: "AWB number not found",
    Fate.PICKED_UP: "Shipment is already picked up, it can not be cancelled",
    Fate.DONE_BEFORE: "Order is already cancelled",
}
"""The remark of a "no"."""

CANCELS = frozenset({Fate.CANCELLED, Fate.REQUESTED, Fate.SILENT_BUT_DONE, Fate.CUT, Fate.SLOW})
"""Whose AWB is cancelled, whatever its caller is told."""

UNANSWERED = frozenset({Fate.SILENT, Fate.SILENT_BUT_DONE})
"""Whose AWB gets no entry in the answer."""

UNTRACKED = frozenset({Fate.SILENT, Fate.NOT_FOUND, Fate.SPOILS_THE_CALL})
"""Of whose AWB tracking knows nothing."""


def fate_of(awb: str) -> Fate:
    """What becomes of an AWB that was not cancelled before."""
    return ENDINGS.get(awb[-2:], Fate.CANCELLED)

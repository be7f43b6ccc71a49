"""Reads what tracking says of each AWB: cancelled, known to be something else, or nothing that proves anything.

The order of trust is docs/contract-ithink.md's, section 2. Nothing of the customer is kept: only two short status
texts are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.model.calls import Tracked
from pipeline.services.ithink.reply_entries import Says, folded, names_within, read_says
from pipeline.services.ithink.settings import Credentials
from pipeline.services.redaction import capped, plain
from pipeline.services.strict_json import Json, Number, Object, Unreadable, read_json

STATUS_WORDS: tuple[tuple[str, bool | None], ...] = (
    (r"\b(?:not|never|no|un|cannot|can't)[ -]?(?:be |been |yet )*cancell?ed", None),  # the word, denied
    (r"\bcancell?ed\b.*\brto\b|\brto\b.*\bcancell?ed\b", None),  # "RTO Cancelled": the way back is, not the shipment
    (r"\bcancell?ed\b", True),
    (r"\brto\b|\breturn(?:ed|ing)? to (?:origin|shipper|seller|sender)", False),  # before delivered: "RTO Delivered"
    (r"\bout for pick ?-?up|\bpick ?-?up (?:pending|scheduled|generated|awaited)|\bnot picked", None),
    (r"delivered\b", False),  # "Undelivered" too: the courier has it
    (r"\bin[ -]?transit\b|\bout for delivery\b|\breached\b|\bdispatched\b", False),
    (r"\bpicked[ -]?up\b|\bshipped\b|\blost\b|\bdamaged\b", False),
)
"""What a ``current_status`` says, the first that fits. All else proves nothing: a cancelled parcel that was never
picked up can still read Manifested, and a fresh one has no scan."""

LONGEST_STATUS = 100
"""Characters kept of a status text; a longer one is no status, and might hold a name or an address."""

NOTHING = "nothing of this AWB (that proves nothing)"
CONTRADICTION = "two things that contradict each other"


def read_track(status_code: int, body: bytes, awbs: Sequence[str], credentials: Credentials) -> tuple[Tracked, ...]:
    """What tracking says of each AWB asked for, in the order asked; never raises, whatever was sent.

    Args:
        status_code: HTTP's; only 200 is an answer.
        body: the reply, whole.
        awbs: what was asked for.
        credentials: the keys of the call; no text of the answer shows them.
    """
    content = read_json(body)
    if status_code != 200:
        return untracked(awbs, f"tracking could not be asked (HTTP {status_code})")
    if isinstance(content, Unreadable):
        return untracked(awbs, f"tracking's answer can't be read: {content.why}")
    envelope = content if isinstance(content, Object) and not content.twice else Object(())
    data = envelope.get("data")
    if isinstance(data, Object) and data.pairs:
        return tuple(_tracked(awb, data, credentials) for awb in awbs)
    if read_says(envelope.get("status")) is Says.NO:
        words = plain(envelope.get("html_message"), credentials.secrets) or plain(
            envelope.get("message"), credentials.secrets
        )
        return untracked(awbs, f"tracking refused to answer: “{words}”" if words else "tracking refused to answer")
    return tuple(Tracked(awb, None, NOTHING) for awb in awbs)


def untracked(awbs: Sequence[str], why: str) -> tuple[Tracked, ...]:
    """The answer when tracking could not be asked at all: it proves nothing of any of the AWBs."""
    return tuple(Tracked(awb, None, why, asked=False) for awb in awbs)


def _tracked(awb: str, data: Object, credentials: Credentials) -> Tracked:
    found = [value for key, value in data.pairs if key.strip() == awb.strip()]
    entry = found[0] if found else None
    if not isinstance(entry, Object):
        return Tracked(awb, None, NOTHING)
    if len(found) > 1 or entry.twice or names_within(entry) - {folded(awb)}:
        return Tracked(awb, None, CONTRADICTION)
    message = entry.get("message")
    if not isinstance(message, str) or message.strip().casefold() != "success":
        return Tracked(awb, None, NOTHING)
    return _by_trust(awb, entry, credentials)


def _by_trust(awb: str, entry: Object, credentials: Credentials) -> Tracked:
    """``cancel_status``, then ``current_status``; ``current_status_code`` is no proof of anything."""
    asked = _status(entry.get("cancel_status"), credentials)
    status = _status(entry.get("current_status"), credentials)
    if asked.casefold() == "approved":
        return Tracked(awb, True, f"cancellation “{asked}”")
    if asked:
        beside = f"; status “{status}”" if status else ""
        return Tracked(awb, None, f"cancellation “{asked}”, which does not confirm it{beside}")
    if not status:
        return Tracked(awb, None, "no status, which proves nothing")
    means = _means(status)
    proof = ", which does not tell whether it is cancelled" if means is None else ""
    return Tracked(awb, means, f"status “{status}”{proof}")


def _status(value: Json, credentials: Credentials) -> str:
    """A status as plain text; "" for everything that is none."""
    if not isinstance(value, str) or isinstance(value, Number):
        return ""
    return capped(plain(value, credentials.secrets), LONGEST_STATUS)


def _means(status: str) -> bool | None:
    folded_status = status.casefold().replace("_", " ")
    return next((means for pattern, means in STATUS_WORDS if re.search(pattern, folded_status)), None)

"""Reads what tracking says of each AWB: cancelled, known to be something else, or nothing that proves anything.

The order of trust is docs/contract-ithink.md's, section 2. Nothing of the customer is kept: only two short status
texts are looked at.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from pipeline.model.calls import Tracked
from pipeline.services.ithink.reply_entries import Says, folded, names_within, read_says
from pipeline.services.ithink.settings import Credentials
from pipeline.services.ithink.wording import did_not_look, knows_nothing
from pipeline.services.redaction import capped, plain
from pipeline.services.strict_json import Json, Number, Object, Unreadable, read_json

CANCELLED = {
    "cancelled": 'documented: "when forward shipment is cancelled before getting picked up from client warehouse" '
    "(docs.ithinklogistics.com/doc-track-order/3 and doc-intl-track-order, read 2026-11)",
    "canceled": "the same word as some couriers spell it",
}
"""The whole ``current_status`` that proves that a shipment is cancelled, and where it comes from. Nothing longer does:
"Pickup Cancelled" and "Order Cancelled" are about other things, "Cancelled - Reinstated" is about the past."""

SPEAKS_OF_CANCELLING = re.compile(r"cancel")
"""A ``current_status`` that proves nothing, and speaks of a cancellation all the same."""

ELSEWHERE = re.compile(
    r"\brto\b|\breturn(?:ed|ing)? to (?:origin|shipper|seller|sender)"
    r"|delivered\b"  # "Undelivered" too: the courier has it
    r"|\bin[ -]?transit\b|\bout for delivery\b|\breached\b|\bdispatched\b"
    r"|\bpicked[ -]?up\b|\bshipped\b|\blost\b|\bdamaged\b"
)
"""A ``current_status`` by which the parcel is somewhere on its way, or at its end."""

AT_THE_START = re.compile(r"\bout for pick ?-?up|\bpick ?-?up (?:pending|scheduled|generated|awaited)|\bnot picked")
"""A ``current_status`` of before that, whatever it shares with the ones above. All else proves nothing: a cancelled
parcel that was never picked up can still read Manifested, and a fresh one has no scan."""

LONGEST_STATUS = 100
"""Characters kept of a status text; a longer one is no status, and might hold a name or an address."""

NOTHING = "nothing of this AWB (that proves nothing)"
UNREADABLE = "tracking's answer can't be read: it is in no form that is known"
"""Something was said, and it may be "cancelled": not the same as nothing, after which an AWB may go out again."""

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
    if data and not isinstance(data, Object):
        return untracked(awbs, UNREADABLE)
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
    found = [value for key, value in data.pairs if folded(key) == folded(awb)]
    entry = found[0] if found else None
    if not isinstance(entry, Object) and len(found) < 2:
        return Tracked(awb, None, UNREADABLE, disputed=True) if entry else Tracked(awb, None, NOTHING)
    if not isinstance(entry, Object) or len(found) > 1 or entry.twice or names_within(entry) - {folded(awb)}:
        return Tracked(awb, None, CONTRADICTION, disputed=True)
    message = entry.get("message")
    if isinstance(message, str) and message.strip().casefold() == "success":
        return _by_trust(awb, entry, credentials)
    words = capped(plain(message, credentials.secrets), LONGEST_STATUS)
    if did_not_look(words):
        return Tracked(awb, None, f"tracking could not look: “{words}”", asked=False)
    if message is not None and not knows_nothing(words):
        return Tracked(awb, None, f"“{words}”, which does not tell anything" if words else UNREADABLE, disputed=True)
    return Tracked(awb, None, NOTHING)


def _by_trust(awb: str, entry: Object, credentials: Credentials) -> Tracked:
    """``cancel_status``, then ``current_status``; ``current_status_code`` is no proof of anything."""
    asked = _status(entry.get("cancel_status"), credentials)
    status = _status(entry.get("current_status"), credentials)
    if asked.casefold() == "approved":
        return Tracked(awb, True, f"cancellation “{asked}”")
    if asked:
        beside = f"; status “{status}”" if status else ""
        return Tracked(awb, None, f"cancellation “{asked}”, which does not confirm it{beside}", disputed=True)
    if not status:
        return Tracked(awb, None, "no status, which proves nothing")
    return _by_status(awb, status)


def _by_status(awb: str, status: str) -> Tracked:
    words = " ".join(unicodedata.normalize("NFKC", status).casefold().replace("_", " ").split())
    if words in CANCELLED:
        return Tracked(awb, True, f"status “{status}”")
    disputed = bool(SPEAKS_OF_CANCELLING.search(words))
    if not disputed and ELSEWHERE.search(words) and not AT_THE_START.search(words):
        return Tracked(awb, False, f"status “{status}”")
    return Tracked(awb, None, f"status “{status}”, which does not tell whether it is cancelled", disputed=disputed)


def _status(value: Json, credentials: Credentials) -> str:
    """A status as plain text; "" for everything that is none."""
    if not isinstance(value, str) or isinstance(value, Number):
        return ""
    return capped(plain(value, credentials.secrets), LONGEST_STATUS)

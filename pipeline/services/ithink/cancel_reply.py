"""Reads the reply to a cancel call: what became of each AWB, or why the call as a whole came to nothing or is in doubt.

This is docs/contract-ithink.md's "What a failure means", from the reply on; what happens before there is one is the
client's.
"""

from __future__ import annotations

import re

from pipeline.model.calls import Answer, Answered, Batch, InDoubt, Outcome, Refusal, Refused
from pipeline.services.contract import Reply
from pipeline.services.ithink.entry_matching import SentAwbs, place
from pipeline.services.ithink.reply_entries import Says, read_entries, read_says
from pipeline.services.ithink.settings import Credentials
from pipeline.services.ithink.wording import NEXT_STEP, about_a_part, about_credentials, about_own_fault
from pipeline.services.redaction import capped, plain
from pipeline.services.strict_json import Json, Object, Unreadable, as_text, read_json
from schemas.annotated import Status

WRONG_ADDRESS = frozenset({*range(300, 400), 404, 405})
"""Nothing of ours answers there (docs/contract-ithink.md); a redirect is never followed, it would carry the keys to
another host."""

KEYS_REFUSED = frozenset({401, 403})
DONE = frozenset({200, 201})
"""Of the 2xx the ones that say that it is done and that this is all: 202 says "not yet", 203 and 206 that a proxy
changed or shortened it (RFC 9110, 15.3)."""

REFUSING = 400
"""From here on HTTP says that nothing was done, or that it failed."""

SLOW_DOWN = 429
OUT_OF_ORDER = 503
TIMED_OUT = 408
"""A 4xx that says nothing about our request: the service or a gateway in front of it gave up waiting."""

WORDS_AT = ("html_message", "message", "error", "data")
"""Where a call-level error text stands: as documented, as observed, and where other services have it."""

LONGEST_PAGE = 50_000
EXCERPT = 300
"""Bytes looked at and characters shown of a page that is no answer."""


def read_cancel(reply: Reply, batch: Batch, credentials: Credentials, *, trust_order: bool) -> Answer:
    """What a reply to a cancel call means for its AWBs; never raises, whatever was sent.

    Args:
        reply: the reply, whole.
        batch: the AWBs of the call, as they were sent.
        credentials: the keys of the call; no text of the answer shows them.
        trust_order: the user has the vendor's word that replies keep the order of the request.
    """
    content = read_json(reply.body)
    envelope = content if isinstance(content, Object) and not content.twice else Object(())
    call = SentAwbs(batch.items)
    entries = read_entries(envelope.get("data"), call.labels, credentials)
    by_code = _by_http_status(reply, envelope, credentials)
    if by_code is not None:
        # A code that says "nothing was done" over entries that say what was done: neither can be believed.
        return _doubt(f"The service's answer contradicts itself (HTTP {reply.status_code})") if entries else by_code
    if reply.status_code < REFUSING and reply.status_code not in DONE:
        return _doubt(f"The service's answer is not its last word, or not its own (HTTP {reply.status_code})")
    if isinstance(content, Unreadable):
        return _doubt(f"The service's answer can't be read: {content.why}{_quoted(_page(reply, credentials))}")
    if entries:
        outcomes = place(entries, call, trust_order=trust_order)
        if reply.status_code >= REFUSING:
            outcomes = tuple(_not_believed(outcome, reply.status_code) for outcome in outcomes)
        return Answered(outcomes, answered=any(outcome.status != Status.UNKNOWN for outcome in outcomes))
    return _without_entries(reply, envelope, credentials)


def _by_http_status(reply: Reply, envelope: Object, credentials: Credentials) -> Answer | None:
    """What the HTTP status settles by itself; None where the body has to be read."""
    code = reply.status_code
    said, how = _words(envelope, credentials) or _page(reply, credentials), f"HTTP {code}"
    match code:
        case _ if code in WRONG_ADDRESS:
            there = f", which sends callers to {plain(reply.location, credentials.secrets)}" if reply.location else ""
            return Refused(Refusal.ADDRESS, f"this is not the address of the service ({how}{there})", how)
        case _ if code in KEYS_REFUSED:
            return Refused(
                Refusal.CREDENTIALS,
                f"the service refused the access token or the secret key ({how}){_quoted(said)}",
                how,
            )
        case _ if code == SLOW_DOWN:
            return Refused(Refusal.BUSY, f"the service asked to slow down ({how})", how, reply.retry_after)
        case _ if code == OUT_OF_ORDER and reply.retry_after is not None:
            return Refused(Refusal.BUSY, f"the service asked to come back later ({how})", how, reply.retry_after)
        case _ if code == TIMED_OUT or not 200 <= code < 500:
            return _doubt(f"The service failed (HTTP {code}){_quoted(said)}")
    return None


def _not_believed(outcome: Outcome, code: int) -> Outcome:
    """A yes that the HTTP status speaks against is a doubt; anything else stays."""
    if outcome.status != Status.SUCCESS:
        return outcome
    why = f"The service's answer says yes for this AWB, and no for the whole call (HTTP {code})"
    return Outcome(outcome.awb, Status.UNKNOWN, f"{why}. {NEXT_STEP}")


def _without_entries(reply: Reply, envelope: Object, credentials: Credentials) -> Answer:
    """What a readable reply without any entry means: refused as a whole, or nothing that can be believed."""
    words = _words(envelope, credentials)
    code = _code(envelope, reply)
    word = envelope.get("status")
    how = f"“{words}”" if words else "without a reason"
    refused = word is False or read_says(word) is Says.NO or (word is None and code is not None and code >= 400)
    if not envelope.pairs or not refused or _hides_json(envelope):
        return _doubt(f"The service's answer says nothing of any AWB{_quoted(words)}")
    if not about_own_fault(words) and (code in KEYS_REFUSED or about_credentials(words)):
        why = f"the service refused the access token or the secret key{_quoted(words)}"
        return Refused(Refusal.CREDENTIALS, why, how)
    if code == SLOW_DOWN:
        return Refused(Refusal.BUSY, f"the service asked to slow down{_quoted(words)}", how, reply.retry_after)
    if about_a_part(words):
        return _doubt(f"The service did a part of the call, and does not say which{_quoted(words)}")
    if about_own_fault(words) or code == TIMED_OUT or not (code is None or 400 <= code < 500):
        return _doubt(f"The service reported a fault of its own{_quoted(words)}")
    return Refused(Refusal.CALL, words or "the service refused the call and gave no reason", how)


def _code(envelope: Object, reply: Reply) -> int | None:
    """The envelope's ``status_code``, number or text; without one, HTTP's where that is an error's; 0: unreadable."""
    text = as_text(envelope.get("status_code")).strip()
    if not text:
        return reply.status_code if reply.status_code >= 400 else None
    return int(text) if re.fullmatch("[1-5][0-9][0-9]", text) else 0


def _words(envelope: Object, credentials: Credentials) -> str:
    """The call-level error text, from all the places where one may stand, each said once."""
    values: list[Json] = [envelope.get(name) for name in WORDS_AT]
    if isinstance(values[-1], Object):
        values[-1:] = [values[-1].get(name) for name in WORDS_AT[:-1]]
    found = (plain(value, credentials.secrets) for value in values if value not in ([], Object(()), None, False, True))
    return " ".join(dict.fromkeys(words for words in found if words))


def _hides_json(envelope: Object) -> bool:
    """Whether ``data`` is a text that spells JSON: it may hold entries that say what was done."""
    return as_text(envelope.get("data")).lstrip()[:1] in ("{", "[") and isinstance(envelope.get("data"), str)


def _page(reply: Reply, credentials: Credentials) -> str:
    """The first words of a web page, for a person to recognise it; "" for any other body."""
    if not reply.body.lstrip().startswith(b"<"):
        return ""
    return capped(plain(reply.body[:LONGEST_PAGE].decode("utf-8", "replace"), credentials.secrets), EXCERPT)


def _quoted(words: str) -> str:
    return f": “{words}”" if words else ""


def _doubt(reason: str) -> InDoubt:
    return InDoubt(f"{reason}. {NEXT_STEP}")

"""What iThink's words are about: the credentials, a fault, a part of a call, a yes taken back, "already cancelled"."""

from __future__ import annotations

import re
import unicodedata

NEXT_STEP = "The shipment may be cancelled: run `bulk-cancel verify`, or look it up in the courier panel."
"""What to do about an AWB in doubt; ends every reason for one."""


ABOUT_CREDENTIALS = {
    r"tokens?": "access_token is what the call's first field is called",
    r"keys?": "secret_key is the second",
    r"secrets?": "the same, by its first word",
    r"credentials?": "the common word for both",
    r"access": "as in “access denied”; the fields are called access_token in the panel too",
    r"unauthori[sz]\w*": "HTTP's own word for 401",
    r"authenticat\w*": "“authentication failed”",
    r"unauthenticated": "the same in one word",
}
"""Words of a call-level error that say that the keys were refused (docs/contract-ithink.md); matched as whole words,
in any case."""

OWN_FAULTS = {
    r"sqlstate|\bsql (?:syntax|error)|duplicate entry": "its data base: “for key …” and the like are not about ours",
    r"undefined (?:array key|index|offset|variable|property|method)": "a PHP notice: its “key” is no secret key",
    r"unexpected token|syntax error|parse error": "a parser's “token” is no access token",
    r"fatal error|uncaught |stack ?trace": "a crash half-way through",
    r"timed?[ -]?out|deadline exceeded": "the courier behind it did not answer in time, and may have done it",
    r"internal server error|bad gateway|gateway error|service unavailable": "HTTP's own words for a 5xx",
}
"""Words of a call-level error that tell of a fault half-way: AWBs may be cancelled, whatever code is beside."""

ALREADY_CANCELLED = {
    "already cancelled": "iThink's words are not documented; this is the shortest form of those below",
    "is already cancelled": "the built-in service's, and what most services say that check a state first",
    "has already been cancelled": "the same in the perfect",
}
"""How a "no" says that its shipment is cancelled already, and where such words were seen; after ``ITS_NAMES`` or alone,
and nothing beside. Few, and whole: a text with anything more in it stays Unknown, which is true."""

ITS_NAMES = {
    "order": '"ORDER ALREADY CANCELLED", documented (docs.clickpost.ai/reference/cancellation-1, read 2026-11)',
    "shipment": '"This shipment is already cancelled", in public integrations of couriers (read 2026-11)',
    "awb": '"AWB already cancelled", in public integrations of couriers (read 2026-11)',
    "awb number": "what iThink's own fields call it: awb_numbers",
    "waybill": "another word for it",
}
"""What a "no" calls the shipment; a pickup, a request or a return that is cancelled is another thing."""

TAKEN_BACK = {
    r"\bnot\b|n't\b|\bcannot\b|\bunable\b|\bnever\b": "“could not be cancelled”, “can't cancel”, “not found”",
    r"\bfail|\breject|\brefus|\bdeclin|\bdenied\b|\bunsuccess": "how an entry's status says no, and words like it",
    r"\berror|\binvalid\b|\bexception\b": "the word of an envelope that reports an error",
    r"deliver|\bpicked[ -]?up\b|\btransit\b|\bdispatch|\bshipped\b|\brto\b|\breturn": "a parcel past cancelling",
}
"""Words in the remark of an entry whose status says yes that speak against it. Seen beside a yes are none of them: an
empty remark and "Cancel Request Received" (docs/contract-ithink.md)."""

OF_A_PART = {
    r"\b(?:some|several|few|many|most|partial\w*|partly|remaining|rest)\b": "“some of the AWBs were cancelled”",
    r"\b[0-9]+ (?:out )?of (?:the )?[0-9]+\b": "“3 of 10 cancelled”",
    r"\b[0-9]+ (?:awbs?|orders?|shipments?|parcels?)\b(?=.*cancell?ed)": "“3 orders cancelled, 7 failed”",
}
"""Words of a call-level error by which a part of the call was done."""

SLOW_DOWN = re.compile(
    r"\btoo many\b|\blimit|\bthrottl|\bquota\b|\btry again\b|\blater\b|\bbusy\b|\bunavailable\b|\bmaintenance\b"
)
"""Words of an answer that answers nothing: the service did not look."""

KNOWS_NOTHING = re.compile(
    r"\b(?:not?|none|nothing|never|without|unknown|invalid|missing|empty)\b|n't\b|^(?:error|fail\w*|false)?$"
)
"""Words of a tracking entry that is no "success" by which the AWB is not known there, or that say no more than a no."""

_CANCELLED_ANYHOW = re.compile(r"(?=.*\bcancell?ed\b).*\b(?:already|state|status)\b")
_SPELT_ELSEWHERE = re.compile(r"\bcanceled\b")
_CREDENTIALS = re.compile(r"(?<!\w)(?:" + "|".join(ABOUT_CREDENTIALS) + r")(?!\w)", re.IGNORECASE)
_FAULTS = re.compile("|".join(OWN_FAULTS), re.IGNORECASE)
_TAKEN_BACK = re.compile("|".join(TAKEN_BACK))
_OF_A_PART = re.compile("|".join(OF_A_PART))
_ALREADY = re.compile(rf"(?:(?:the |this )?(?:{'|'.join(ITS_NAMES)}) )?(?:{'|'.join(ALREADY_CANCELLED)})")


def about_credentials(words: str) -> bool:
    """Whether a call-level error says that the keys were refused; never asked of an entry's remark."""
    return bool(_CREDENTIALS.search(_folded(words).replace("_", " ")))


def about_own_fault(words: str) -> bool:
    """Whether a call-level error tells of a fault half-way, after which anything may have been done."""
    return bool(_FAULTS.search(_folded(words)))


def about_a_part(words: str) -> bool:
    """Whether a call-level error says that some AWBs of the call were done; which ones it does not say."""
    return bool(_OF_A_PART.search(_folded(words).casefold()))


def takes_back(remark: str) -> bool:
    """Whether the remark beside a yes speaks against it; "already cancelled" does not."""
    words = _folded(remark).casefold().replace("’", "'")
    return bool(_TAKEN_BACK.search(words)) and not says_cancelled(remark)


def knows_nothing(message: str) -> bool:
    """Whether the message of a tracking entry says that its AWB is not known; in doubt, and of a service that did not
    look, False."""
    words = _folded(message).casefold().replace("’", "'")
    return bool(KNOWS_NOTHING.search(words)) and not did_not_look(message)


def did_not_look(message: str) -> bool:
    """Whether words say that the service was too busy to look, or failed while it did."""
    return bool(SLOW_DOWN.search(_folded(message).casefold())) or about_own_fault(message)


def says_cancelled(words: str) -> bool:
    """Whether a "no" says in so many words, and in no other, that the shipment is cancelled already; in doubt, False.

    "Pickup already cancelled" speaks of the pickup, and "not found or already cancelled" is not sure.
    """
    return bool(_ALREADY.fullmatch(_plain(words)))


def may_say_cancelled(words: str) -> bool:
    """Whether a "no" may be about a shipment that is cancelled already: it is then another "no" than the rest."""
    return bool(_CANCELLED_ANYHOW.search(_plain(words)))


def _plain(words: str) -> str:
    """Words as they are compared whole: one letter case, one spelling of "cancelled", no full stop."""
    return _SPELT_ELSEWHERE.sub("cancelled", _folded(words).casefold()).strip(" .!")


def _folded(words: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", words).split())

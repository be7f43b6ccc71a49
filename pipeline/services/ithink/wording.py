"""What iThink's words are about: the credentials, a fault of the service's own, "already cancelled"."""

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

ALREADY_CANCELLED = (
    r"already (?:been |is |got |marked |in )*(?:as )?(?:a |the )?cancell?ed",  # "Order already in cancelled state"
    r"cancell?ed already",
    r"(?:is|are) in (?:a |the )?cancell?ed (?:state|status)",
    r"(?:current|order|shipment) status(?: is|\s?[:=-])\s?[\"'“]?cancell?ed",
)
"""Words of a "no" that say that the shipment is cancelled. Few and narrow: all else stays Unknown, which is true."""

NOT_SURELY_CANCELLED = (
    r"\b(?:or|either|if|unless|whether|until|may|might|maybe|perhaps|possibly|probably)\b",  # "not found or already …"
    r"[^\W\d]\s*/\s*[^\W\d]",  # "delivered/already cancelled"; the strokes of a date stand between digits
    r"(?:\bnot|n't|n’t|\bnever|\bno|\bnor)(?: yet)?(?: been)? (?:already|in |cancell?ed already)",  # "is not already …"
    r"\b(?:pick ?-?up|payment|invoice|rto|return|reverse|manifest|refund|request|label)\s+(?:\w+\s+){0,2}already",
    r"\b(?:rto|return|reverse|pick ?-?up) (?:\w+ ){0,2}cancell?ed",  # another thing is cancelled, not the shipment
)
"""Words that take the certainty away again, wherever they stand in the text."""

_CREDENTIALS = re.compile(r"(?<!\w)(?:" + "|".join(ABOUT_CREDENTIALS) + r")(?!\w)", re.IGNORECASE)
_FAULTS = re.compile("|".join(OWN_FAULTS), re.IGNORECASE)
_ALREADY = re.compile(r"\b(?:" + "|".join(ALREADY_CANCELLED) + r")\b", re.IGNORECASE)
_NOT_SURELY = re.compile("|".join(NOT_SURELY_CANCELLED), re.IGNORECASE)


def about_credentials(words: str) -> bool:
    """Whether a call-level error says that the keys were refused; never asked of an entry's remark."""
    return bool(_CREDENTIALS.search(_folded(words).replace("_", " ")))


def about_own_fault(words: str) -> bool:
    """Whether a call-level error tells of a fault half-way, after which anything may have been done."""
    return bool(_FAULTS.search(_folded(words)))


def says_cancelled(words: str) -> bool:
    """Whether a "no" says in so many words that the shipment is cancelled already; in doubt, False.

    "Cannot be cancelled" and "cancellation failed" don't say so, and "not found or already cancelled" is not sure.
    """
    if not words:
        return False
    folded = _folded(words)
    return bool(_ALREADY.search(folded)) and not _NOT_SURELY.search(folded)


def _folded(words: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", words).split())

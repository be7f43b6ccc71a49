"""The service's words as a person may see them: plain, of a sensible length, and never with a key in them.

Also the tables that say what such words are about: the credentials, a fault of the service's own, "already cancelled".
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from functools import lru_cache
from urllib.parse import quote

from pipeline.model.sheet import Credentials
from pipeline.wire.reading import Json, as_text

NEXT_STEP = "The shipment may be cancelled: run `bulk-cancel verify`, or look it up in the courier panel."
"""What to do about an AWB in doubt; ends every reason for one."""

LONGEST_WORDS = 2_000
"""Characters kept of a call-level text: an error page says what it has to say in its first lines."""

LONGEST_READ = 50_000
"""Characters looked at to find those: a page of megabytes is not read through for its tags."""

LONGEST_REMARK = 32_000
"""Characters kept of an entry's remark: an Excel cell holds 32,767 (Microsoft's limits), and a mark is added."""

CUT = "… (cut)"

SHORTEST_SECRET = 4
"""A key shorter than this is none, and hiding it would riddle every text."""

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

_HIDDEN_PARTS = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[/!?]?[a-zA-Z][^<>]*>")
_UNSHOWABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters: a cell or a terminal can't hold them
    "\u2028\u2029"  # line and paragraph separators, so that a remark stays one line
    "\u202a-\u202e\u2066-\u2069"  # orders to write backwards: they have no content, and make a text look like another
    "\ufffe\uffff]"  # no characters; XML forbids them
)
_SURROGATE = re.compile("[\ud800-\udfff]")  # JSON can spell half a character; UTF-8 can't write it


def plain(value: Json, credentials: Credentials) -> str:
    """A call-level text as plain text: no tags, no entities, single blanks, no key, at most ``LONGEST_WORDS``."""
    text = scrub(as_text(value), credentials)[:LONGEST_READ]  # before the cut, which could leave half a key
    text = html.unescape(_TAG.sub(" ", _HIDDEN_PARTS.sub(" ", text)))
    return capped(" ".join(scrub(_showable(text), credentials).split()), LONGEST_WORDS)


def verbatim(value: Json, credentials: Credentials) -> str:
    """An entry's text as it stands: only what can't be shown goes, and a key that the service echoes."""
    text = as_text(value)
    return capped(scrub(_showable(text), credentials), LONGEST_REMARK) if text else ""


def scrub(text: str, credentials: Credentials) -> str:
    """The text without the access token and the secret key, in whatever spelling a service would echo them."""
    secrets = _secrets(credentials)
    return secrets.sub("(hidden)", text) if secrets else text


@lru_cache(maxsize=4)  # one call has 300 texts, and the keys stay the same
def _secrets(credentials: Credentials) -> re.Pattern[str] | None:
    """What to look for, the longer spelling first: one key may be the beginning of the other."""
    spellings: set[str] = set()
    for secret in (credentials.access_token, credentials.secret_key):
        if len(secret.strip()) >= SHORTEST_SECRET:
            spellings |= {secret, secret.strip(), quote(secret), quote(secret, safe="")}
            spellings |= {html.escape(secret), json.dumps(secret)[1:-1]}
    longest_first = sorted(spellings, key=lambda spelling: (-len(spelling), spelling))
    return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE) if spellings else None


def _showable(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return _UNSHOWABLE.sub(" ", _SURROGATE.sub("\ufffd", text))


def capped(text: str, longest: int) -> str:
    """The text, cut and marked as cut beyond ``longest`` characters."""
    return text if len(text) <= longest else text[:longest] + CUT


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

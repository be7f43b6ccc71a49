"""The service's words as a person may see them: plain, of a sensible length, and never with a key in them."""

from __future__ import annotations

import html
import json
import re
from functools import lru_cache
from urllib.parse import quote

from pipeline.services.strict_json import Json, as_text

Secrets = tuple[str, ...]
"""The keys of an account, as they travel in a request; nothing shows them."""

LONGEST_WORDS = 2_000
"""Characters kept of a call-level text: an error page says what it has to say in its first lines."""


LONGEST_READ = 50_000
"""Characters looked at to find those: a page of megabytes is not read through for its tags."""


LONGEST_REMARK = 32_000
"""Characters kept of an entry's remark: an Excel cell holds 32,767 (Microsoft's limits), and a mark is added."""


CUT = "… (cut)"


SHORTEST_SECRET = 4
"""A shorter text is not taken for a key: hiding it would take pieces out of every remark."""


_HIDDEN_PARTS = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)


_TAG = re.compile(r"<[/!?]?[a-zA-Z][^<>]*>")


_UNSHOWABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # control characters: a cell or a terminal can't hold them
    "\u2028\u2029"  # line and paragraph separators, so that a remark stays one line
    "\u202a-\u202e\u2066-\u2069"  # orders to write backwards: they have no content, and make a text look like another
    "\ufffe\uffff]"  # no characters; XML forbids them
)


_SURROGATE = re.compile("[\ud800-\udfff]")  # JSON can spell half a character; UTF-8 can't write it


def plain(value: Json, secrets: Secrets) -> str:
    """A call-level text as plain text: no tags, no entities, single blanks, no key, at most ``LONGEST_WORDS``."""
    text = scrub(as_text(value), secrets)[:LONGEST_READ]  # before the cut, which could leave half a key
    text = html.unescape(_TAG.sub(" ", _HIDDEN_PARTS.sub(" ", text)))
    return capped(" ".join(scrub(_showable(text), secrets).split()), LONGEST_WORDS)


def verbatim(value: Json, secrets: Secrets) -> str:
    """An entry's text as it stands: only what can't be shown goes, and a key that the service echoes."""
    text = as_text(value)
    return capped(scrub(_showable(text), secrets), LONGEST_REMARK) if text else ""


def scrub(text: str, secrets: Secrets) -> str:
    """The text without the keys, in whatever spelling a service would echo them."""
    spellings = _spellings(secrets)
    return spellings.sub("(hidden)", text) if spellings else text


@lru_cache(maxsize=4)  # one call has 300 texts, and the keys stay the same
def _spellings(secrets: Secrets) -> re.Pattern[str] | None:
    """What to look for, the longer spelling first: one key may be the beginning of the other."""
    spellings: set[str] = set()
    for secret in secrets:
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

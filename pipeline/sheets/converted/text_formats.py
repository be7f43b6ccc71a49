"""Tells whether a number format changes what a text shows, in Excel's language (ECMA-376 part 1, 18.8.31)."""

from __future__ import annotations

import re
from functools import lru_cache

LITERAL = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[[^\]]*\]', re.DOTALL)

SECTIONS = 4  # for numbers above, below and at zero, and for texts


@lru_cache(maxsize=4096)
def shows_texts_otherwise(code: str) -> bool:
    """Whether a text under this format may be hidden, or shown with something around it."""
    if code in ("", "@", "General"):
        return False
    bare = LITERAL.sub("", code)
    return bare.count(";") >= SECTIONS - 1 or "@" in bare

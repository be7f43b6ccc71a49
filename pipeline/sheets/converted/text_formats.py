"""Tells whether a number format changes what a text shows, in Excel's language (ECMA-376 part 1, 18.8.31)."""

from __future__ import annotations

import re
from functools import lru_cache

TOKEN = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[[^\]]*\]|.', re.DOTALL)
UNSEEN = re.compile(r"_.|\*.|\[.*\]|\s", re.DOTALL)
"""What shows nothing of its own: widths, fillings, colours, blanks."""

TEXT_SECTION = 3  # behind those for numbers above, below and at zero


@lru_cache(maxsize=4096)
def shows_texts_otherwise(code: str) -> bool:
    """Whether a text under this format may be hidden, or shown with something around it."""
    sections: list[list[str]] = [[]]
    for piece in TOKEN.findall(code):
        if piece == ";":
            sections.append([])
        elif not UNSEEN.fullmatch(piece):
            sections[-1].append(piece)
    for_texts = sections[TEXT_SECTION:] or [section for section in sections if "@" in section]
    return any(section != ["@"] for section in for_texts)

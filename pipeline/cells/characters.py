"""Takes off what stands around a text and is no part of it, and shows or names the characters that nobody sees."""

from __future__ import annotations

import unicodedata

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.model.texts import TextBytes, ordinary, signs_table

ENDS = "".join(
    (
        " \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u00a0\u1680",  # blanks and line breaks
        "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000",
        "\u200b\u200c\u200d\u2060\ufeff",  # of no width: left behind by web pages and by files put together
        "\u200e\u202a\u202c\u2066\u2069",  # left-to-right marks: come along when copied from a browser or a chat
    )
)
"""Characters that are no part of a text when they stand at its ends. Right-to-left marks turn what is seen around: they
are not among them."""

WRAPPERS = (
    r"""(?s)^=?\s*["“”](.*)["“”]$"""  # ="86210010463": how exports keep Excel from taking it for a number; and quotes
    r"""|^=?\s*['‘’`´](.*)['‘’`´]$"""
    r"""|^['‘’`´](.*)$"""  # '86210010463: typed so that Excel takes it as text
)
"""What programs and people put around a text so that Excel leaves it alone; a match's group is the text."""

MOST_WRAPPERS = 4
"""Layers that are taken off: blanks around an apostrophe before quotes in a formula is the worst that makes sense."""

UNSEEN = (
    r"\p{C}|[\x{AD}\x{34F}\x{115F}\x{1160}\x{180B}-\x{180F}\x{2028}\x{2029}\x{2800}\x{3164}\x{FE00}-\x{FE0F}\x{FFA0}]"
)
"""Characters that show nothing, or only change their neighbours (RE2); blanks are not among them."""

LONGEST_SHOWN = 60
"""Characters of a cell that a message shows."""


def stripped(texts: pd.Series[str]) -> pd.Series[str]:
    """Texts without blanks and without characters of no width at their ends."""
    return texts if ordinary(texts) else _series(pc.utf8_trim(pa.array(texts), ENDS), texts)


def unwrapped(texts: pd.Series[str], clean: str) -> pd.Series[str]:
    """Texts without blanks, apostrophes, quotes and ``="…"`` around them, whatever their order.

    Args:
        texts: as stored.
        clean: the signs (see ``made_of``) of texts that have nothing around them for certain: the others are few.
    """
    rows = np.flatnonzero(~made_of(texts, clean))
    texts = texts.copy() if len(rows) else texts
    for _ in range(MOST_WRAPPERS):
        if len(rows) == 0:
            break
        before = texts.iloc[rows]
        inner = pc.replace_substring_regex(pa.array(stripped(before)), WRAPPERS, r"\1\2\3")
        after = stripped(_series(inner, before))
        changed = (before != after).to_numpy(dtype=bool)
        texts.iloc[rows] = after
        rows = rows[changed]
    return texts


def made_of(texts: pd.Series[str], signs: str) -> npt.NDArray[np.bool_]:
    """Which texts have no other signs than these; those of all texts are looked up at once, which no pattern can.

    Args:
        texts: as stored; one without any sign is made of whatever is asked.
        signs: a pattern of one ASCII sign: ``[0-9A-Z]``.
    """
    looked = TextBytes.of(texts)
    if looked.only(signs):
        return np.ones(len(texts), dtype=np.bool_)
    before = np.append(0, np.cumsum(~signs_table(signs)[looked.letters]))
    return np.asarray(np.diff(before[looked.bounds]) == 0)


def without_formula(texts: pd.Series[str]) -> pd.Series[str]:
    """Texts without the ``="…"`` around them."""
    if not texts.str.startswith('="').any():
        return texts
    return _series(pc.replace_substring_regex(pa.array(texts), r'(?s)^="(.*)"$', r"\1"), texts)


def matches(texts: pd.Series[str], pattern: str) -> pd.Series[bool]:
    """Where an RE2 pattern is found in a text."""
    return pd.Series(np.asarray(pc.match_substring_regex(pa.array(texts), pattern)), index=texts.index, dtype=bool)


def shown(texts: pd.Series[str]) -> pd.Series[str]:
    """Texts as a message may show them: a dot for each character that nobody sees, and not endless."""
    visible = _series(pc.replace_substring_regex(pa.array(texts), UNSEEN, "·"), texts)
    long = visible.str.len() > LONGEST_SHOWN
    return visible.mask(long, visible.str.slice(0, LONGEST_SHOWN) + "…") if long.any() else visible


def named(texts: pd.Series[str], pattern: str) -> pd.Series[str]:
    """The name of the first character of each text that a pattern finds: ``a ZERO WIDTH SPACE (U+200B)``."""
    prefix, bare = ("(?i)", pattern[4:]) if pattern.startswith("(?i)") else ("", pattern)
    found = pc.struct_field(pc.extract_regex(pa.array(texts), f"{prefix}(?P<it>{bare})"), "it")
    coded = pc.dictionary_encode(found)
    names = pa.array([_name(character) for character in coded.dictionary.to_pylist()], type=pa.large_string())
    return _series(names.take(coded.indices), texts)


def _name(character: str) -> str:
    code = f"U+{ord(character[:1] or chr(0)):04X}"
    name = unicodedata.name(character[:1], "")
    return f"the character {name} ({code})" if name else f"the control character {code}"


def _series(texts: pa.Array | pa.ChunkedArray, like: pd.Series[str]) -> pd.Series[str]:
    return pd.Series(pd.array(texts, dtype="str"), index=like.index, name=like.name)

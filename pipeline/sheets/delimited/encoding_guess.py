"""Guesses the encoding of a text file that does not declare it; a guess is always reported."""

from __future__ import annotations

import codecs
import re

ZEROS = {"0101": "utf-16-le", "1010": "utf-16-be", "0111": "utf-32-le", "1110": "utf-32-be"}
"""Which of four bytes are mostly zero in a text of mostly Western characters."""

CANDIDATES = (
    *("cp1252", "gb18030", "cp932", "big5", "cp949", "euc_jp", "cp1250", "cp1251", "cp1253", "cp1254"),
    *("cp1255", "cp1256", "cp1257", "cp874", "koi8_r"),
)
"""What the detector may choose from: encodings that spreadsheets save text in, all of which hold ASCII as it is."""

WESTERN = frozenset(
    {*range(0xC0, 0x100), 0x80, 0x85, *range(0x91, 0x98), 0x99, 0xA0, 0xA1, 0xA3, 0xA9, 0xAA, 0xAB}
    | {*(0xAE, 0xB0, 0xB4, 0xB7, 0xBA, 0xBB, 0xBF)}
) - {0xD0, 0xD7, 0xDD, 0xDE, 0xF0, 0xF7, 0xFD, 0xFE}
"""Bytes that are letters or signs of Western languages in cp1252; without the ones that Turkish has others for."""

LONGEST_WESTERN_RUN = 3
"""Accented letters stand alone or in twos and threes (São, Conceição); in other scripts they make up whole words."""

MOSTLY_UTF8 = 4
"""So many UTF-8 characters for each byte that is none: the file is damaged UTF-8, and not something else."""


def by_zeros(start: bytes) -> str | None:
    """UTF-16 or UTF-32 without a BOM: every second byte is mostly zero, or three of four."""
    shares = [start[at::4].count(0) / max(1, len(start[at::4])) for at in range(4)]
    if any(0.02 < share < 0.3 for share in shares):
        return None
    return ZEROS.get("".join("1" if share >= 0.3 else "0" for share in shares))


def by_letters(sample: bytes) -> tuple[str, str]:
    """The encoding of lines that are not all UTF-8, and why it was taken ("" where UTF-8 it must be, and is damaged).

    Args:
        sample: lines that hold bytes beyond ASCII.
    """
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(sample)
    bad = text.count("\ufffd")
    if sum(not letter.isascii() for letter in text) - bad >= MOSTLY_UTF8 * bad:
        return "utf-8", ""
    high = re.findall(rb"[\x80-\xff]+", sample)
    if {*b"".join(high)} <= WESTERN and max(map(len, high)) <= LONGEST_WESTERN_RUN:
        return "cp1252", "it is not UTF-8, and its accented letters are Western"
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=list(CANDIDATES)).best()
    if best is None or best.encoding not in CANDIDATES:
        return "cp1252", "it is not UTF-8"
    return best.encoding, "it is not UTF-8, and its letters fit this best"

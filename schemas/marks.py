"""What a cell of a yes/no column says: the words and signs of yes and no, in the languages of real exports."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache


class Mark(StrEnum):
    """What a cell of a yes/no column says."""

    YES = "yes"
    NO = "no"
    BLANK = ""
    ODD = "neither"  # a person must say what it means


YES_WORDS = frozenset(
    {"yes", "y", "true", "t", "1", "x", "cancel", "on", "ok to cancel", "please cancel", "to cancel", "yes cancel"}
    | {"✓", "✔", "✅", "☑", "🗹", "√"}
    | {"ja", "wahr"}  # de, nl, sv
    | {"sim", "sí", "si", "verdadeiro", "verdadero", "cancelar"}  # pt, es, it
    | {"oui", "vrai", "annuler"}  # fr
    | {"हाँ", "हां", "हा", "जी हाँ", "जी हां", "सही"}  # hi
    | {"evet", "tak", "да", "так", "ya", "igen", "ano", "da"}  # tr, pl, ru, uk, id, hu, cs, ro
    | {"是", "はい", "예", "네", "نعم", "כן"}
)
NO_WORDS = frozenset(
    {
        "no",
        "n",
        "false",
        "f",
        "0",
        "-",
        "–",
        "—",
        "keep",
        "off",
        "do not cancel",
        "don't cancel",
        "dont cancel",
        "no cancel",
    }
    | {"not to cancel", "not cancel", "keep it", "☐", "🗆", "□"}
    | {"nein", "nee", "nej", "falsch", "behalten"}
    | {"não", "nao", "falso", "manter", "mantener"}
    | {"non", "faux", "garder"}
    | {"नहीं", "नही", "ना", "जी नहीं", "गलत"}
    | {"hayır", "hayir", "nie", "нет", "ні", "tidak", "nem", "ne", "nu"}
    | {"否", "いいえ", "아니요", "لا", "לא"}
)
"""What a cell may say, folded (docs/interface.md, "Which rows are picked", rule 2). Crosses (``✗``, ``☒``, ``❌``) are
in neither list: to some they mark a row, to others they say no."""

_NUMBER = re.compile(r"([01])[.,]0+")
_AROUND = "\"'`.,;:!()[] \t\r\n\u00a0"


@lru_cache(maxsize=4096)
def mark_of(text: str) -> Mark:
    """What a cell says, in any letter case and width, with or without signs around it: ``1.0``, ``(Yes)``, ``NO!``."""
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().replace("\ufe0f", "").split())
    folded = folded.replace("\u2019", "'")
    bare = _NUMBER.sub(r"\1", folded.strip(_AROUND))
    if folded in YES_WORDS or bare in YES_WORDS:
        return Mark.YES
    if folded in NO_WORDS or bare in NO_WORDS:
        return Mark.NO
    return Mark.ODD if folded.strip(_AROUND) else Mark.BLANK

"""What a word in a column of states means for cancelling: the vocabulary of ``states.toml``, and how it is compared.

A word that stands in no list is not known, and what is not known is asked about, never sent (docs/interface.md, "Which
rows are picked").
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parent / "states.toml"

LONGEST_PHRASE = 10
"""Words of the longest entry of the vocabulary that is looked for inside a text; a test holds it."""

MOST_REMEMBERED = 50_000
"""Texts whose meaning is kept for the next rows: a column of states has a handful of them."""

NOTHING = frozenset({"na", "none", "null", "nan", "nil", "notapplicable"})
"""What programs write into a cell that says nothing."""

_EMPTY = re.compile(r"[\s\-\u2010-\u2015\u2212_./\\\u2026\u00b7'\"]*")
_PLAIN = re.compile(r"[a-z]+|[0-9]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_ACCENTS = re.compile("[\u0300-\u036f]")


class Meaning(StrEnum):
    """What a status word of an export means for cancelling (``states.toml``)."""

    CANCEL = "cancel"  # somebody asked for it: the row is picked
    OPEN = "open"  # may still be cancelled, when a person says so
    TOO_LATE = "too_late"  # left out, whatever picked it
    UNKNOWN = ""


@lru_cache(maxsize=8192)
def words_of(text: str) -> tuple[str, ...]:
    """The words and numbers of a text as they are compared: ``In–Transit`` and ``InTransit`` are the same."""
    plain = _HUMP.sub(" ", _UNSEEN.sub("", unicodedata.normalize("NFKC", text)))
    folded = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", plain.casefold())))
    if folded.isascii():
        return tuple(_PLAIN.findall(folded))
    return tuple("".join(map(_kept, folded)).split())


@cache
def _kept(sign: str) -> str:
    """A letter with its marks, or a digit, stays; all else parts words. Vowel signs of Hindi are marks."""
    return sign if unicodedata.category(sign)[0] in "LMN" else " "


@lru_cache(maxsize=8192)
def glued(text: str) -> str:
    """A state as a whole is compared: its words without what stands between them."""
    return "".join(words_of(text))


def says_nothing(text: str) -> bool:
    """Whether a cell of a column of states is blank, or holds only what stands for a blank: ``-``, ``N/A``."""
    return _EMPTY.fullmatch(text) is not None or glued(text) in NOTHING


@dataclass(frozen=True, slots=True)
class StateEntry:
    """One entry of the vocabulary: the word as written, what it means, and where it is documented."""

    word: str
    meaning: Meaning
    source: str


@cache
def vocabulary() -> tuple[StateEntry, ...]:
    """The entries of ``states.toml``, in its order; the source is spelt out."""
    written = _written()
    return tuple(
        StateEntry(word, Meaning(group["meaning"]), written["sources"][group["source"]])
        for group in written["states"]
        for word in group["words"]
    )


@cache
def _written() -> Mapping[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@cache
def _beside() -> frozenset[str]:
    return frozenset(_written()["beside"]["words"])


@cache
def header_words(which: str) -> frozenset[str]:
    """A list of words of headers: those in ``[headers]`` of ``states.toml``."""
    return frozenset(part for word in _written()["headers"][which] for part in words_of(word))


@cache
def header_list(which: str) -> tuple[str, ...]:
    """The same as it is written, phrases whole."""
    return tuple(_written()["headers"][which])


def words_meaning(meaning: Meaning) -> tuple[str, ...]:
    """The words of the vocabulary with this meaning, in its order."""
    return tuple(entry.word for entry in vocabulary() if entry.meaning is meaning)


@dataclass(frozen=True, slots=True)
class States:
    """What each text of a column of states means.

    ``whole``: texts that count as a whole, glued; ``starts``: the same for beginnings, the longest first; ``inside``:
    phrases that are looked for within a text, glued.
    """

    whole: Mapping[str, Meaning] = field(repr=False)
    starts: tuple[tuple[str, Meaning], ...] = field(repr=False)
    inside: Mapping[str, Meaning] = field(repr=False)
    _known: dict[str, Meaning] = field(init=False, repr=False, compare=False, default_factory=dict)

    def meaning(self, text: str) -> Meaning:
        """What a text means: as a whole first, then by its beginning, then by the phrases inside it."""
        words = words_of(text)
        together = "".join(words)
        if not together:
            return Meaning.UNKNOWN
        if together not in self._known:
            if len(self._known) >= MOST_REMEMBERED:
                self._known.clear()
            self._known[together] = self._read(words, together)
        return self._known[together]

    def _read(self, words: tuple[str, ...], together: str) -> Meaning:
        if together in self.whole:
            return self.whole[together]
        for start, meaning in self.starts:
            if together.startswith(start):
                return meaning
        found = self._phrases(words)
        if Meaning.TOO_LATE in found:
            return Meaning.TOO_LATE
        return found.pop() if len(found) == 1 else Meaning.UNKNOWN

    def _phrases(self, words: tuple[str, ...]) -> set[Meaning]:
        """What the phrases of a text mean, the longest at each place; a word that belongs to none is not known."""
        found: set[Meaning] = set()
        at = 0
        while at < len(words):
            ends = range(min(len(words), at + LONGEST_PHRASE), at, -1)
            end = next((end for end in ends if "".join(words[at:end]) in self.inside), 0)
            if end:
                found.add(self.inside["".join(words[at:end])])
            elif not words[at].isdecimal() and words[at] not in _beside():
                found.add(Meaning.UNKNOWN)
            at = end or at + 1
        return found


def compile_states(own: Mapping[Meaning, Iterable[str]], known: Mapping[Meaning, Iterable[str]]) -> States:
    """Makes lists of words ready for reading texts.

    Args:
        own: what a profile says itself: each word counts as a whole, ``WORD*`` as a beginning, before all else.
        known: all words, the profile's own and those of the vocabulary that it leaves in force.

    Each entry has a letter or a digit; ``schemas.columns`` sees to it.
    """
    spelt = [(word, meaning) for meaning, words in own.items() for word in words]
    starts = {glued(word): meaning for word, meaning in spelt if word.endswith("*")}
    inside = {glued(word): meaning for meaning in _WEAKEST_FIRST for word in known.get(meaning, ())}
    return States(
        whole={glued(word): meaning for word, meaning in spelt if not word.endswith("*")},
        starts=tuple(sorted(starts.items(), key=lambda entry: -len(entry[0]))),
        inside=inside,
    )


_WEAKEST_FIRST = (Meaning.CANCEL, Meaning.OPEN, Meaning.TOO_LATE)
"""Where one phrase stands in two lists, the last of these counts: what keeps goes before what picks."""

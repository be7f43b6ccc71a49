"""Texts of states as a person types them behind an option, and as a sentence shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from schemas.columns import fold
from schemas.states import glued

LONGEST_SHOWN = 60
"""Characters of a cell that a reason shows."""


@dataclass(frozen=True, slots=True)
class Words:
    """States that an option names; one with ``*`` at its end is a beginning. Compared as ``schemas.states`` does, and
    signs that have no letter as they stand."""

    exact: frozenset[str] = frozenset()
    starts: tuple[str, ...] = ()

    @classmethod
    def of(cls, typed: Sequence[str]) -> Words:
        """The words as they are compared."""
        starts = tuple(start for word in typed if word.endswith("*") and (start := _compared(word[:-1])))
        return cls(frozenset(_compared(word) for word in typed if not word.endswith("*")), starts)

    def __contains__(self, text: str) -> bool:
        """Whether a text is one of them; a blank never is."""
        compared = _compared(text)
        return compared != "" and (compared in self.exact or compared.startswith(self.starts))


def _compared(word: str) -> str:
    return glued(word) or fold(word)


def names_a_state(word: str) -> bool:
    """Whether what a person typed can be compared with anything."""
    return _compared(word.removesuffix("*")) != ""


def shown(word: str) -> str:
    """A text in a sentence: quoted, on one line, no longer than needed, and nothing in it that can't be seen."""
    text = "".join(sign if sign.isprintable() else "·" for sign in " ".join(word.split()))
    return f'"{text}"' if len(text) <= LONGEST_SHOWN else f'"{text[:LONGEST_SHOWN]}…"'


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of texts as its different texts and the place of each cell's among them."""

    words: list[str]
    places: npt.NDArray[np.int64]
    index: pd.Index[int]

    @classmethod
    def of(cls, texts: pd.Series[str]) -> Coded:
        """Looks at each text once."""
        coded = pc.dictionary_encode(pa.array(texts, type=pa.large_string()))
        coded = coded.combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
        return cls(coded.dictionary.to_pylist(), np.asarray(coded.indices, dtype=np.int64), texts.index)

    def said(self, of_each: Sequence[str]) -> pd.Series[str]:
        """What is said of each word, as a column."""
        said = pa.array(of_each, type=pa.large_string())
        return pd.Series(pd.array(said.take(pa.array(self.places)), dtype="str"), index=self.index)


def per_word(texts: pd.Series[str], why: Callable[[Sequence[str]], Sequence[str]]) -> pd.Series[str]:
    """Asks once about the different texts of a column; index the column's."""
    coded = Coded.of(texts)
    return coded.said(why(coded.words))

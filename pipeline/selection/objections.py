"""What the columns of states say against cancelling a row: a state that is too late for it, or one that nobody knows.

Every column that speaks of the state of the order or parcel is asked, whatever picked the row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from pipeline.model.sheet import StateColumn, StateRole
from pipeline.model.texts import blank
from pipeline.selection.state_words import Coded, Words, shown
from schemas.marks import Mark, mark_of
from schemas.states import Meaning, States, glued, says_nothing

TOO_LATE = "too late to cancel: its {} is {} (--allow-late takes it all the same)"
NOT_KNOWN = "its {} is {}, which is no known state, so it is not sent (--allow-late sends it)"

Say = Callable[[Meaning | None, StateColumn, str], str]
"""What is said of a cell, from its meaning, its column and its text; "" where nothing is."""

DATED = (StateRole.DATED, StateRole.DAY)
"""Columns whose cells are days: what they say is that they are filled."""

KEEPING = {StateRole.CONSENT: Mark.NO, StateRole.REFUSAL: Mark.YES}
"""What a cell of a yes/no column about cancelling says that does not pick the rows, where it keeps its row."""

_OF_MARK = {Mark.ODD: Meaning.UNKNOWN}

DIGIT = re.compile(r"\d")

NO_DAY = re.compile(r"[0\W_]*|.*\b(?:0000|0001|1899|1900|1970)\b.*", re.DOTALL)
"""What programs write where there is no day: ``0000-00-00``, ``01-01-1900``."""

SHORTEST_MAYBE = 4
"""Letters of a word that counts in a column whose header may mean something else: ``DL`` is also a state of India."""


@dataclass(frozen=True, slots=True)
class Objections:
    """Of each row: ``late``, the reason to keep it, and ``unknown``, the state that nobody knows (``"Lunch" in Status
    (column C)``); "" where there is none. A row that is kept has no unknown state: nothing is asked about it."""

    late: pd.Series[str]
    unknown: pd.Series[str]
    reason: pd.Series[str]


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the columns of states.

    ``kept``: what ``--too-late`` names, ``allowed``: what ``--allow-late`` names, whichever column it stands in;
    ``asked``: what ``--status`` names: known in the status column, and no less late for it. A cell of the status column
    that can't be told is a problem of its row, and found by validation; in another column it is asked about.
    """

    states: States
    columns: tuple[StateColumn, ...]
    kept: Words
    allowed: Words
    asked: Words

    def read(self, rows: pd.DataFrame) -> Objections:
        """What speaks against the rows; of several columns the first that objects is named."""
        late = unknown = reason = blank(rows.index)
        for column in self.columns:
            if column.name not in rows:  # no row of an outline
                continue
            doubts = rows.get(f"{column.name}_doubt")
            doubts = doubts if doubts is not None and (doubts != "").any() else None
            texts = rows[column.name] if doubts is None else rows[column.name].mask(doubts != "", "")
            cells = Coded.of(texts)
            meanings = [self._meaning(column, word) for word in cells.words]
            say_late, *unsaid = _SAYING.get(column.role, (_late, _unknown, _not_known))
            late = _first(late, _said(cells, meanings, say_late, column))
            if column.role is StateRole.MAYBE:
                continue
            word, why = (_said(cells, meanings, say, column) for say in unsaid)
            if doubts is not None and column.name != "order_status":
                nothing = blank(rows.index)
                word = (nothing if word is None else word).mask(
                    doubts != "", f"a cell that can't be told in {column.said}"
                )
                why = (nothing if why is None else why).mask(doubts != "", f"its {column.said} " + doubts)
            unknown, reason = _first(unknown, word), _first(reason, why)
        kept = late != ""
        if kept.any() and (unknown != "").any():
            unknown, reason = unknown.mask(kept, ""), reason.mask(kept, "")
        return Objections(late, unknown, reason)

    def _meaning(self, column: StateColumn, word: str) -> Meaning | None:
        """What a cell means; None: nothing that speaks against cancelling, or a person allowed it."""
        if column.role in DATED:
            return self._meaning_of_day(column, word)
        if word in self.kept:
            return Meaning.TOO_LATE
        if word in self.allowed:
            return None
        if column.role in KEEPING:
            return _OF_MARK.get(mark_of(word)) if mark_of(word) is not KEEPING[column.role] else Meaning.TOO_LATE
        return self._meaning_of_state(column, word)

    def _meaning_of_state(self, column: StateColumn, word: str) -> Meaning | None:
        if says_nothing(word):
            return None
        if column.role is StateRole.FLAG and (mark := mark_of(word)) in (Mark.YES, Mark.NO):
            return Meaning.TOO_LATE if mark is Mark.YES else None
        if column.role is StateRole.MAYBE and len(glued(word)) < SHORTEST_MAYBE:
            return None
        meaning = self.states.meaning(word)
        named = column.name == "order_status" and word in self.asked
        return None if meaning is Meaning.UNKNOWN and named else meaning

    def _meaning_of_day(self, column: StateColumn, word: str) -> Meaning | None:
        """What a cell means whose header is a state; the options may name the header for all days in it."""
        header = _header(column)
        if word in self.kept or header in self.kept:
            return Meaning.TOO_LATE
        if says_nothing(word) or NO_DAY.fullmatch(word.strip()) or mark_of(word) is Mark.NO:
            return None
        if word in self.allowed or header in self.allowed:
            return None
        if DIGIT.search(word):
            return Meaning.UNKNOWN if column.role is StateRole.DAY else Meaning.TOO_LATE
        meaning = self.states.meaning(word)
        return None if meaning in (Meaning.OPEN, Meaning.CANCEL) else meaning


def _header(column: StateColumn) -> str:
    """The header alone: a sentence calls the column ``Delivered Date (column G)``."""
    return column.said.rpartition(" (column ")[0]


def _first(known: pd.Series[str], said: pd.Series[str] | None) -> pd.Series[str]:
    """What was said of each row before, or else now."""
    return known if said is None else known.where(known != "", said)


def _said(cells: Coded, meanings: list[Meaning | None], say: Say, column: StateColumn) -> pd.Series[str] | None:
    """What is said of each cell; None where nothing is said of any."""
    words = [say(meaning, column, word) for meaning, word in zip(meanings, cells.words, strict=True)]
    return cells.said(words) if any(words) else None


def _late(meaning: Meaning | None, column: StateColumn, word: str) -> str:
    return TOO_LATE.format(column.said, shown(word)) if meaning is Meaning.TOO_LATE else ""


def _late_since(meaning: Meaning | None, column: StateColumn, word: str) -> str:
    if meaning is not Meaning.TOO_LATE:
        return ""
    option = f'--allow-late "{_header(column)}"'
    return f"too late to cancel: its {column.said} is {shown(word)} ({option} takes it all the same)"


def _unknown_day(meaning: Meaning | None, column: StateColumn, word: str) -> str:
    if meaning is not Meaning.UNKNOWN:
        return ""
    return f'"{_header(column)}" in the header over a day' if DIGIT.search(word) else f"{shown(word)} in {column.said}"


def _maybe_since(meaning: Meaning | None, column: StateColumn, word: str) -> str:
    if meaning is not Meaning.UNKNOWN:
        return ""
    said = f"its {column.said} is {shown(word)}, and whether that is over can't be told, so it is not sent"
    return f'{said} (--allow-late "{_header(column)}" sends it)'


def _refused(meaning: Meaning | None, column: StateColumn, word: str) -> str:
    return f"marked {shown(word)} in its {column.said}" if meaning is Meaning.TOO_LATE else ""


def _odd_mark(meaning: Meaning | None, column: StateColumn, word: str) -> str:
    if meaning is not Meaning.UNKNOWN:
        return ""
    return f"its {column.said} is {shown(word)}, which is no yes and no no, so it is not sent (--allow-late sends it)"


def _unknown(meaning: Meaning | None, column: StateColumn, word: str) -> str:
    return f"{shown(word)} in {column.said}" if meaning is Meaning.UNKNOWN else ""


def _not_known(meaning: Meaning | None, column: StateColumn, word: str) -> str:
    return NOT_KNOWN.format(column.said, shown(word)) if meaning is Meaning.UNKNOWN else ""


_SAYING: Mapping[StateRole, tuple[Say, Say, Say]] = {
    **dict.fromkeys(DATED, (_late_since, _unknown_day, _maybe_since)),
    **dict.fromkeys(KEEPING, (_refused, _unknown, _odd_mark)),
}
"""What is said of the cells of special columns: that one is late, what is not known, and why that is not sent."""

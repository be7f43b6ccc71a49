"""Looks at a few columns before the sheet is read, where a header alone can't say what a column is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import pandas as pd

from pipeline.cells.displayed import printed_with_decimals
from pipeline.cells.problems import Deciding
from pipeline.cells.shown import as_shown
from pipeline.model.sheet import Book, CellColumn
from schemas.annotated import Status
from schemas.columns import Meaning, Profile
from schemas.marks import Mark, mark_of
from schemas.states import glued

FRAME = 100_000
"""Rows that are looked at together."""

WORDS_LOOKED_UP = 2_000
"""Different words of a frame that are looked up among the status words: a column of states has a handful."""

SHORTEST_STATE = 4
"""Letters of a word that shows a column to hold states: ``DL`` is also a state of India."""


@dataclass(frozen=True, slots=True)
class ColumnVerdict:
    """What a column turned out to be: ``fits``, whether it holds anything, and the first cell that does not fit."""

    fits: bool
    filled: bool = False
    example: str = ""


class Question(Protocol):
    """Something asked of a column, frame by frame."""

    def look(self, cells: CellColumn) -> ColumnVerdict | None:
        """Takes the cells of a frame; a verdict ends the looking."""
        ...

    def verdict(self) -> ColumnVerdict:
        """The answer when every frame was looked at."""
        ...


@dataclass(slots=True)
class OnlyThese:
    """Whether every filled cell is one of these words."""

    words: Collection[str]
    _filled: bool = field(default=False, init=False)

    def look(self, cells: CellColumn) -> ColumnVerdict | None:
        """Ends with "no" at the first other word."""
        texts, doubtful = _filled(cells, Deciding.MARK)
        self._filled = self._filled or doubtful or len(texts) > 0
        others = texts[~texts.isin(list(self.words))]
        return ColumnVerdict(False, filled=True, example=str(others.iloc[0])) if len(others) else None

    def verdict(self) -> ColumnVerdict:
        """No other word was seen."""
        return ColumnVerdict(True, self._filled)


@dataclass(slots=True)
class OnlyMarks:
    """Whether every filled cell says yes or no."""

    _filled: bool = field(default=False, init=False)

    def look(self, cells: CellColumn) -> ColumnVerdict | None:
        """Ends with "no" at the first cell that says something else."""
        texts, doubtful = _filled(cells, Deciding.MARK)
        self._filled = self._filled or doubtful or len(texts) > 0
        odd = next((text for text in map(str, texts.unique()) if mark_of(text) is Mark.ODD), None)
        return None if odd is None else ColumnVerdict(False, filled=True, example=odd)

    def verdict(self) -> ColumnVerdict:
        """No other cell was seen."""
        return ColumnVerdict(True, self._filled)


@dataclass(slots=True)
class SomeStatus:
    """Whether any filled cell is a status word that the profile knows."""

    profile: Profile
    _filled: bool = field(default=False, init=False)

    def look(self, cells: CellColumn) -> ColumnVerdict | None:
        """Ends with "yes" at the first known word."""
        texts, doubtful = _filled(cells, Deciding.STATE)
        self._filled = self._filled or doubtful or len(texts) > 0
        words = [str(word) for word in texts.unique()[:WORDS_LOOKED_UP]]
        known = any(
            meaning is not Meaning.UNKNOWN and len(glued(word)) >= SHORTEST_STATE
            for word, meaning in self.profile.meanings(words).items()
        )
        return ColumnVerdict(True, filled=True) if known else None

    def verdict(self) -> ColumnVerdict:
        """No known word was seen."""
        return ColumnVerdict(False, self._filled)


@dataclass(slots=True)
class PrintedWithDecimals:
    """Whether every number of a column is printed as ``123.00``."""

    def look(self, cells: CellColumn) -> ColumnVerdict | None:
        """Ends with "no" at the first frame in which one is not."""
        return ColumnVerdict(False, filled=True) if printed_with_decimals(cells) is False else None

    def verdict(self) -> ColumnVerdict:
        """No other number was seen."""
        return ColumnVerdict(True, filled=True)


def _filled(cells: CellColumn, family: Deciding) -> tuple[pd.Series[str], bool]:
    """The texts as they are shown, without blank and doubtful ones, and whether there are doubtful ones."""
    shown = as_shown(cells, family)
    doubtful = shown.doubt != ""
    texts = shown.text[~doubtful]
    return texts[texts != ""], bool(doubtful.any())


def yes_or_no() -> OnlyMarks:
    """Whether a column is a yes/no column (docs/interface.md, "Which rows are picked", rule 2)."""
    return OnlyMarks()


def own_status() -> OnlyThese:
    """Whether a column is this tool's own status column (docs/interface.md, "What is written")."""
    return OnlyThese(frozenset(str(word) for word in Status))


def glance(book: Book, sheet: str, after: int, questions: Mapping[int, Question]) -> dict[int, ColumnVerdict]:
    """Asks the questions of their columns, reading only as far as it takes.

    Args:
        book: the opened file.
        sheet: the sheet.
        after: the header row.
        questions: one for each column that has to be looked at.
    """
    verdicts: dict[int, ColumnVerdict] = {}
    if not questions:
        return verdicts
    for frame in book.frames(sheet, after, sorted(questions), FRAME):
        for column in _open(questions, verdicts):
            verdict = questions[column].look(frame.columns[column])
            if verdict is not None:
                verdicts[column] = verdict
        if len(verdicts) == len(questions):
            break
    return verdicts | {column: questions[column].verdict() for column in _open(questions, verdicts)}


def _open(questions: Mapping[int, Question], verdicts: Mapping[int, ColumnVerdict]) -> Iterable[int]:
    return [column for column in questions if column not in verdicts]

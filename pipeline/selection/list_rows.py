"""Reads the rows of a ``--pick-from`` list: what it names, without the rows that the list itself says must stay.

A row that is hidden in the list is not seen by the person who gave it; one that the list marks "no", or whose state is
too late, is not meant. Pure: reaches no disk.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from pipeline.model.asked import ListLines
from pipeline.selection.objections import Reader
from pipeline.selection.questions import Questions
from pipeline.selection.reference_list import Listed, Named, reference_keys
from pipeline.selection.state_words import per_word
from schemas.marks import Mark, mark_of

HIDDEN = "that are hidden in it"
MARKED_NO = "that it marks as not to be cancelled"
NOT_MARKED = "that it does not mark, beside others that it does"
TOO_LATE = "whose state there is too late for cancelling"
NOT_KNOWN = "whose state there is not known"
ODD = "whose mark there is neither yes nor no"
"""Why rows of a list are passed over, as notes say it."""

SAID_OF_A_ROW = {
    HIDDEN: "hidden in this list, so passed over",
    MARKED_NO: "marked in this list as not to be cancelled",
    NOT_MARKED: "not marked in this list, beside others that are",
    TOO_LATE: "its state in this list is too late for cancelling",
    NOT_KNOWN: "its state in this list is not known",
    ODD: "its mark in this list is neither yes nor no",
}
"""The same, as the row itself is told."""

STAYS_ELSEWHERE = "another row of this list says that it must stay"

BULLET = r"^(?:[-*•–]|[0-9]{1,3}[.)])\s+"
"""What stands in front of the lines of a list that was pasted from a message."""

SEPARATORS = re.compile(r"[\s,;|]+")


@dataclass(frozen=True, slots=True)
class ListRules:
    """How a list is read. ``states``: reads its columns of states. ``marks``: whether it has a yes/no column.
    ``pasted``: it has no header, so a line may hold several numbers."""

    kind: Named = Named.REFERENCES
    states: Reader | None = None
    marks: bool = False
    include_hidden: bool = False
    pasted: bool = False


@dataclass(slots=True)
class ListReading:
    """What is gathered of a list, frame by frame. ``questions`` and ``unclear``: what a person must be asked about."""

    rules: ListRules
    refs: dict[str, str] = field(default_factory=dict)
    doubtful: list[int] = field(default_factory=list)
    passed_over: dict[str, list[int]] = field(default_factory=dict)
    questions: Questions = field(default_factory=Questions)
    unclear: str = ""
    _against: set[str] = field(default_factory=set)
    _unmarked: dict[str, tuple[int, str]] = field(default_factory=dict)
    _any_mark: bool = False
    _keys: list[pd.Series[str]] = field(default_factory=list)
    _blank: list[pd.Series[str]] = field(default_factory=list)
    _doubts: dict[int, str] = field(default_factory=dict)

    def add(self, frame: pd.DataFrame) -> None:
        """Takes a canonical frame of the list."""
        name = "awb_number" if self.rules.kind is Named.AWBS else "order_ref"
        doubt = "awb_doubt" if self.rules.kind is Named.AWBS else "order_ref_doubt"
        rows = frame[(frame["aside"] == "") & (frame[name] != "")]
        if not self.rules.include_hidden:
            self._pass(rows[rows["hidden"]] if "hidden" in rows else rows.iloc[:0], HIDDEN)
            rows = rows[~rows["hidden"]] if "hidden" in rows else rows
        unsure = rows[doubt] != ""
        if self.rules.pasted:  # a line of several numbers is in doubt as one, and is taken apart
            unsure &= ~rows[name].map(_is_several).astype("bool")
        self.doubtful += [int(str(row)) for row in rows.index[unsure]]
        self._doubts.update({int(str(row)): str(why) for row, why in rows.loc[unsure, doubt].items()})
        rows = rows[~unsure]
        written = rows[name].str.replace(BULLET, "", regex=True) if self.rules.pasted else rows[name]
        rows, written = self._by_state(rows, written)
        self._by_mark(rows, written)

    def listed(self) -> Listed:
        """All that the list names."""
        for key, (row, text) in self._unmarked.items():
            if self._any_mark:
                self.passed_over.setdefault(NOT_MARKED, []).append(row)
            else:
                self.refs.setdefault(key, text)
        refs = {key: text for key, text in self.refs.items() if key and key not in self._against}
        return Listed(refs, tuple(self.doubtful), kind=self.rules.kind, passed_over=self.passed_over)

    def lines(self) -> ListLines:
        """Its rows: what each asks for, and why others ask for nothing; after ``listed``."""
        none = pd.Series(dtype="str", index=pd.Index([], dtype="int64"))
        asked = pd.concat([none, *self._keys, *([] if self._any_mark else self._blank)]).sort_index(kind="stable")
        asked = asked[asked != ""]
        against = asked.isin(self._against)
        kept = {row: SAID_OF_A_ROW[why] for why, rows in self.passed_over.items() for row in rows}
        kept |= {int(str(row)): STAYS_ELSEWHERE for row in asked.index[against]}
        return ListLines(asked[~against], kept, self._doubts)

    def question(self) -> str:
        """What must be settled about the list before anything is sent, one thing at a time; "" where nothing must."""
        return self.unclear or self.questions.about_marks("row ") or self.questions.about_states()

    def _pass(self, rows: pd.DataFrame, why: str) -> None:
        if len(rows):
            self.passed_over.setdefault(why, []).extend(int(str(row)) for row in rows.index)

    def _stays(self, rows: pd.DataFrame, written: pd.Series[str], why: str) -> None:
        self._pass(rows, why)
        self._against.update(reference_keys(written).tolist())

    def _by_state(self, rows: pd.DataFrame, written: pd.Series[str]) -> tuple[pd.DataFrame, pd.Series[str]]:
        if self.rules.states is None or rows.empty:
            return rows, written
        said = self.rules.states.read(rows)
        late, unknown = said.late != "", said.unknown != ""
        self.questions.add_states(said.unknown)
        self._stays(rows[late], written[late], TOO_LATE)
        self._stays(rows[unknown], written[unknown], NOT_KNOWN)
        return rows[~late & ~unknown], written[~late & ~unknown]

    def _by_mark(self, rows: pd.DataFrame, written: pd.Series[str]) -> None:
        if not self.rules.marks or rows.empty:
            self._take(written)
            return
        marks = per_word(rows["cancel"], lambda words: [str(mark_of(word)) for word in words])
        self._any_mark |= bool((marks != str(Mark.BLANK)).any())
        self._stays(rows[marks == str(Mark.NO)], written[marks == str(Mark.NO)], MARKED_NO)
        odd = marks == str(Mark.ODD)
        self._stays(rows[odd], written[odd], ODD)
        self.questions.add_marks(rows.loc[odd, "cancel"])
        self._take(written[marks == str(Mark.YES)])
        blank = written[marks == str(Mark.BLANK)]
        self._blank.append(reference_keys(blank))
        lines = zip(reference_keys(blank).tolist(), blank.items(), strict=True)
        self._unmarked.update({key: (int(str(row)), str(text)) for key, (row, text) in lines})

    def _take(self, written: pd.Series[str]) -> None:
        if self.rules.pasted:
            pieces = written.map(lambda text: SEPARATORS.split(text) if _is_several(text) else [text]).explode()
            written = pieces[pieces.fillna("") != ""].astype("str")
        keys = reference_keys(written)
        self._keys.append(keys)
        self.refs.update(zip(keys.tolist(), written.tolist(), strict=True))


def _is_several(text: str) -> bool:
    """Whether a line of a pasted list holds several numbers: each of its pieces has a digit."""
    pieces = [piece for piece in SEPARATORS.split(text.strip()) if piece]
    return len(pieces) > 1 and all(any(sign.isdigit() for sign in piece) for piece in pieces)


def listed(frames: Iterable[pd.DataFrame], rules: ListRules | None = None) -> Listed:
    """What a list names.

    Args:
        frames: the list's canonical frames; they need no AWB.
        rules: how it is read.
    """
    reading = ListReading(rules or ListRules())
    for frame in frames:
        reading.add(frame)
    return reading.listed()

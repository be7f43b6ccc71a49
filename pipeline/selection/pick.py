"""Chooses the rows to be cancelled, and says of every other row why not.

Pure: reaches no disk, clock or network. ``rules.decide`` settles once what picks; ``choose`` says it of each row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.model.texts import blank
from pipeline.selection.reference_list import Listed, Named, reference_keys
from pipeline.selection.rules import By, Rules, decide
from pipeline.selection.state_words import per_word, shown
from schemas.marks import Mark, mark_of
from schemas.states import Meaning, says_nothing

__all__ = ["Rules", "choose", "decide"]

NO_AWB = "no AWB, nothing to cancel"
HIDDEN = "hidden in the sheet, so left out (--include-hidden takes such rows)"
NO_DATE = "no order date that can be read, so --older-than leaves it out"
NOT_LISTED = "its order reference is not in the list"
NO_REFERENCE = "no order reference to look for in the list"
DOUBTFUL_REFERENCE = "its order reference can't be trusted, so it was not looked for in the list"
NOT_MARKED = "not marked"
NO_STATUS = "no status, so nothing asks for cancelling"
"""The reasons that name nothing of the row; ``choose`` makes the others of the row's own words."""


def choose(frame: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Says of each row of a canonical frame whether it is picked, and if not, why.

    Args:
        frame: the canonical columns; those that the rules need are there.
        rules: what ``decide`` settled.
    Returns:
        Index the frame's; ``picked`` and ``reason`` ("" where picked, and for blank rows); ``unknown``: the state that
        nobody knows, of rows that would be picked without it; ``odd``: the mark that is neither yes nor no; both are
        "" where there is nothing to ask. ``named``: what a list or ``--awb`` calls a row that is not picked although it
        is named, and that no option has narrowed away.
    """
    unknown = odd = named = _nothing(frame)
    narrowed = pd.Series(False, index=frame.index)
    reason = frame["aside"].mask(frame["aside"] == "blank", "")
    open_ones = frame["aside"] == ""
    looked_at = frame[[name for name in frame if rules.looks_at(str(name))]]
    rest = looked_at if open_ones.all() else looked_at[open_ones]
    if rules.by is By.MARK and len(rest):
        odd = _unless_doubtful(per_word(rest["cancel"], _odd_marks), rest, "cancel")
        odd = odd.reindex(frame.index, fill_value="")
    for why in (_not_meant, _narrowed_away, _left_out, _kept_by_its_state):
        said = why(rest, rules) if len(rest) else Why(_nothing(rest))
        if (said.reason != "").any():
            if len(rest) == len(frame):
                reason = said.reason
            else:
                reason[open_ones] = said.reason
            if said.unknown is not None and (said.unknown != "").any():
                unknown = said.unknown.reindex(frame.index, fill_value="")
            if why is _narrowed_away:
                narrowed = open_ones & (reason != "")
            open_ones = open_ones & (reason == "")
            rest = looked_at[open_ones]
    if rules.by is By.LIST and rules.listed is not None:
        named = _named(frame, rules.listed).mask(open_ones | narrowed | (frame["aside"] != ""), "")
    columns = {"picked": open_ones, "reason": reason, "unknown": unknown, "odd": odd, "named": named}
    return pd.DataFrame(columns, index=frame.index)


def _named(frame: pd.DataFrame, listed: Listed) -> pd.Series[str]:
    """What a list calls each row, as it is written there."""
    keys = listed.naming(frame)
    return keys.map(listed.refs).fillna("").astype("str") if (keys != "").any() else keys


@dataclass(frozen=True, slots=True)
class Why:
    """Of each row, why it is not picked, and which state in it nobody knows."""

    reason: pd.Series[str]
    unknown: pd.Series[str] | None = None


def _not_meant(rows: pd.DataFrame, rules: Rules) -> Why:
    match rules.by:
        case By.LIST:
            return Why(_not_listed(rows, rules.listed or Listed({})))
        case By.MARK:  # a mark that can't be told is asked about: validation finds it among the picked rows
            return Why(_unless_doubtful(per_word(rows["cancel"], _marks), rows, "cancel"))
        case By.STATUS:
            return Why(_unless_doubtful(per_word(rows["order_status"], _statuses(rules)), rows, "order_status"))
        case By.ALL:
            return Why(_nothing(rows))


def _unless_doubtful(said: pd.Series[str], rows: pd.DataFrame, name: str) -> pd.Series[str]:
    """What is said of each row, "" where its cell can't be told."""
    doubtful = rows[f"{name}_doubt"] != "" if f"{name}_doubt" in rows else None
    return said if doubtful is None or not doubtful.any() else said.mask(doubtful, "")


def _not_listed(rows: pd.DataFrame, listed: Listed) -> pd.Series[str]:
    keys = listed.naming(rows)
    reason = _nothing(rows).mask(keys == "", _NOT_NAMED[listed.kind])
    if listed.kind is Named.REFERENCES:
        reason = reason.mask(reference_keys(rows["order_ref"]) == "", NO_REFERENCE)
        reason = reason.mask(rows["order_ref_doubt"] != "", DOUBTFUL_REFERENCE)
    several = keys.isin(list(listed.several))
    if several.any():
        reason = reason.mask(several, keys.map({key: listed.why_not(key) for key in listed.several}))
    return reason


_NOT_NAMED = {
    Named.REFERENCES: NOT_LISTED,
    Named.AWBS: "its AWB is not among those that were named",
    Named.EITHER: "neither its order reference nor its AWB is in the list",
}


def _marks(words: Sequence[str]) -> list[str]:
    return [_mark(word) for word in words]


def _mark(word: str) -> str:
    match mark_of(word):
        case Mark.YES:
            return ""
        case Mark.BLANK:
            return NOT_MARKED
        case Mark.NO:
            return f"marked {shown(word)}"
        case Mark.ODD:
            return f"marked {shown(word)}, which is no yes"


def _said_no(words: Sequence[str]) -> list[str]:
    """A list does not say what the sheet's own yes/no column says no to."""
    return [f"marked {shown(word)} in the sheet" if mark_of(word) in (Mark.NO, Mark.ODD) else "" for word in words]


def _odd_marks(words: Sequence[str]) -> list[str]:
    return [shown(word) if mark_of(word) is Mark.ODD else "" for word in words]


def _statuses(rules: Rules) -> Callable[[Sequence[str]], list[str]]:
    asked, states = rules.words, rules.profile.states

    def why_not(words: Sequence[str]) -> list[str]:
        if asked is not None:
            return ["" if word in asked else _unsaid(word) for word in words]
        return [_unasked(word, states.meaning(word)) for word in words]

    return why_not


def _unsaid(word: str) -> str:
    return NO_STATUS if says_nothing(word) else f"its status {shown(word)} is not what --status says"


def _unasked(word: str, meaning: Meaning) -> str:
    if meaning is Meaning.CANCEL:
        return ""
    return NO_STATUS if says_nothing(word) else f"its status {shown(word)} {_MEANS[meaning]}"


_MEANS = {
    Meaning.OPEN: "does not ask for cancelling (--status picks it)",
    Meaning.TOO_LATE: "does not ask for cancelling, and is too late for it",
    Meaning.UNKNOWN: "is not a known one, so it does not ask for cancelling (--status picks it)",
}


def _narrowed_away(rows: pd.DataFrame, rules: Rules) -> Why:
    reason = _nothing(rows)
    if rules.where is not None:
        reason = rules.where.verdicts(rows)
    if rules.before:
        days = rows["order_date"].str.slice(0, 10)
        reason = reason.mask((days >= rules.before), f"not older than {rules.days} days")
        reason = reason.mask(days == "", NO_DATE)
    return Why(reason)


def _left_out(rows: pd.DataFrame, rules: Rules) -> Why:
    """What is never cancelled, whatever picked it, unless a person names the exception."""
    reason = per_word(rows["cancel"], _said_no) if rules.by is By.LIST and rules.has_marks else _nothing(rows)
    if not rules.include_hidden:
        reason = reason.mask(rows["hidden"], HIDDEN)
    return Why(reason.mask((rows["awb_number"] == "") & (rows["awb_doubt"] == ""), NO_AWB))


def _kept_by_its_state(rows: pd.DataFrame, rules: Rules) -> Why:
    """What any column of states says against it; a state that nobody knows is asked about."""
    found = rules.states.read(rows)
    return Why(found.late.where(found.late != "", found.reason), found.unknown)


def _nothing(rows: pd.DataFrame) -> pd.Series[str]:
    return blank(rows.index)

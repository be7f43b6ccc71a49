"""Chooses the rows to be cancelled, and says of every other row why not.

Pure: reaches no disk, clock or network. ``ways.decide`` settles once what picks; ``choose`` says it of each row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.selection.reference_list import Listed, reference_keys
from pipeline.selection.rules import By, Rules, decide
from schemas.columns import NO_WORDS, YES_WORDS, Meaning, fold

__all__ = ["Rules", "choose", "decide"]

LONGEST_SHOWN = 60
"""Characters of a cell that a reason shows."""

NO_AWB = "no AWB, nothing to cancel"
HIDDEN = "hidden in the sheet, so left out (--include-hidden takes such rows)"
NOT_TRUE = "--where is not true for it"
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
        Index the frame's; ``picked`` and ``reason`` ("" where picked, and for blank rows).
    """
    reason = frame["aside"].mask(frame["aside"] == "blank", "")
    open_ones = frame["aside"] == ""
    rest = frame if open_ones.all() else frame[open_ones]
    for why in (_not_meant, _narrowed_away, _left_out):
        said = why(rest, rules) if len(rest) else _nothing(rest)
        if (said != "").any():
            if len(rest) == len(frame):
                reason = said
            else:
                reason[open_ones] = said
            open_ones = open_ones & (reason == "")
            rest = frame[open_ones]
    return pd.DataFrame({"picked": open_ones, "reason": reason}, index=frame.index)


def _not_meant(rows: pd.DataFrame, rules: Rules) -> pd.Series[str]:
    match rules.by:
        case By.LIST:
            return _not_listed(rows, rules.listed or Listed({}))
        case By.MARK:  # a mark that can't be told is asked about: validation finds it among the picked rows
            return _per_word(rows["cancel"], _marks).mask(_doubtful(rows, "cancel"), "")
        case By.STATUS:
            return _per_word(rows["order_status"], _statuses(rules)).mask(_doubtful(rows, "order_status"), "")
        case By.ALL:
            return _nothing(rows)


def _doubtful(rows: pd.DataFrame, name: str) -> pd.Series[bool]:
    return rows[f"{name}_doubt"] != "" if f"{name}_doubt" in rows else pd.Series(False, index=rows.index)


def _not_listed(rows: pd.DataFrame, listed: Listed) -> pd.Series[str]:
    keys = reference_keys(rows["order_ref"])
    reason = _nothing(rows).mask(~keys.isin(list(listed.refs)), NOT_LISTED)
    reason = reason.mask(keys == "", NO_REFERENCE)
    several = keys.isin(list(listed.several))
    if several.any():
        reason = reason.mask(several, keys.map({key: listed.why_not(key) for key in listed.several}))
    return reason.mask(rows["order_ref_doubt"] != "", DOUBTFUL_REFERENCE)


def _marks(words: Sequence[str]) -> list[str]:
    return [_mark(word) for word in words]


def _mark(word: str) -> str:
    folded = word.strip().lower()
    if folded in YES_WORDS:
        return ""
    if folded == "":
        return NOT_MARKED
    return f"marked {_shown(word)}" + ("" if folded in NO_WORDS else ", which is no yes")


def _statuses(rules: Rules) -> Callable[[Sequence[str]], list[str]]:
    def why_not(words: Sequence[str]) -> list[str]:
        meanings = rules.profile.meanings(words)
        if rules.words:
            return ["" if _among(word, rules.words) else _unsaid(word) for word in words]
        return ["" if meanings[word] is Meaning.CANCEL else _unasked(word, meanings[word]) for word in words]

    return why_not


def _unsaid(word: str) -> str:
    return f"its status {_shown(word)} is not what --status says" if fold(word) else NO_STATUS


def _unasked(word: str, meaning: Meaning) -> str:
    return f"its status {_shown(word)} {_MEANS[meaning]}" if fold(word) else NO_STATUS


_MEANS = {
    Meaning.OPEN: "does not ask for cancelling (--status picks it)",
    Meaning.TOO_LATE: "does not ask for cancelling, and is too late for it",
    Meaning.UNKNOWN: "is not a known one, so it does not ask for cancelling (--status picks it)",
}


def _narrowed_away(rows: pd.DataFrame, rules: Rules) -> pd.Series[str]:
    reason = _nothing(rows)
    if rules.where is not None:
        reason = reason.mask(~rules.where.test(rows), NOT_TRUE)
    if rules.before:
        days = rows["order_date"].str.slice(0, 10)
        reason = reason.mask((days >= rules.before), f"not older than {rules.days} days")
        reason = reason.mask(days == "", NO_DATE)
    return reason


def _left_out(rows: pd.DataFrame, rules: Rules) -> pd.Series[str]:
    """What is never cancelled, whatever picked it, unless a person names the exception."""
    reason = _per_word(rows["order_status"], _late(rules)) if rules.has_status else _nothing(rows)
    if not rules.include_hidden:
        reason = reason.mask(rows["hidden"], HIDDEN)
    return reason.mask((rows["awb_number"] == "") & (rows["awb_doubt"] == ""), NO_AWB)


def _late(rules: Rules) -> Callable[[Sequence[str]], list[str]]:
    def why_not(words: Sequence[str]) -> list[str]:
        meanings = rules.profile.meanings(words)
        late = [meanings[word] is Meaning.TOO_LATE and not _among(word, rules.allow_late) for word in words]
        return [_TOO_LATE.format(_shown(word)) if left else "" for word, left in zip(words, late, strict=True)]

    return why_not


_TOO_LATE = "too late to cancel: its status is {} (--allow-late takes it all the same)"


def _among(word: str, words: tuple[str, ...]) -> bool:
    """Whether a status is one of these, compared like headers; one with ``*`` at its end is a beginning."""
    folded = fold(word)
    exact = {fold(each) for each in words if not each.endswith("*")}
    starts = tuple(start for each in words if each.endswith("*") and (start := fold(each)))
    return folded != "" and (folded in exact or folded.startswith(starts))


def _per_word(texts: pd.Series[str], why: Callable[[Sequence[str]], list[str]]) -> pd.Series[str]:
    """Asks once about the different words."""
    coded = pc.dictionary_encode(pa.array(texts, type=pa.large_string()))
    said = pa.array(why(coded.dictionary.to_pylist()), type=pa.large_string())
    return pd.Series(pd.array(said.take(coded.indices), dtype="str"), index=texts.index)


def _nothing(rows: pd.DataFrame) -> pd.Series[str]:
    return pd.Series("", index=rows.index, dtype="str")


def _shown(word: str) -> str:
    text = "".join(sign if sign.isprintable() else "·" for sign in " ".join(word.split()))
    return f'"{text}"' if len(text) <= LONGEST_SHOWN else f'"{text[:LONGEST_SHOWN]}…"'

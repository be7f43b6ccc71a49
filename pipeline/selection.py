"""Decides which rows are to be cancelled, and says of every other row why not.

Pure: reaches no disk, clock or network. ``decide`` settles once which of the four ways picks (INTERFACE.md, "Which rows
are picked"); ``choose`` then says it of each row, frame by frame.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import ColumnTrouble, UsageTrouble
from pipeline.listed import Listed, reference_keys
from pipeline.model import column_letters
from pipeline.said import Said
from pipeline.where import Where, compile_where
from schemas.columns import NO_WORDS, YES_WORDS, Meaning, Profile, fold

MOST_SHOWN = 40
"""Columns, or words of a list, that a message names."""

LONGEST_SHOWN = 60
"""Characters of a cell that a reason shows."""

HOW_TO_PICK = (
    "Say --pick-from FILE (a list of order references), --all (every row with an AWB), or which column tells: "
    "--column cancel=HEADER for a yes/no column, --column order_status=HEADER for a status."
)

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


class By(StrEnum):
    """What picks the rows: the first of these that applies."""

    LIST = "list"
    MARK = "mark"
    STATUS = "status"
    ALL = "all"


class Understood(Protocol):
    """What a sheet was understood to be; ``load.Table`` is such."""

    @property
    def columns(self) -> Mapping[str, int]:
        """Canonical name -> column; ``cancel`` is among them only where it holds nothing but yes and no words."""
        ...

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers of the sheet, from column A."""
        ...

    @property
    def names(self) -> Mapping[str, str]:
        """What ``--where`` may call a column -> the column of the frames."""
        ...

    @property
    def profile(self) -> Profile:
        """Knows the status words."""
        ...


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides the rows of one sheet.

    ``words``: what ``--status`` says, "" where the profile's words count. ``picked_by``: all of it in a user's words.
    ``before``: the first day that is not older than ``days``, ISO; "" without ``--older-than``.
    """

    by: By
    profile: Profile
    picked_by: str
    listed: Listed | None = None
    words: tuple[str, ...] = ()
    has_status: bool = False
    allow_late: tuple[str, ...] = ()
    days: int = 0
    before: str = ""
    where: Where | None = None
    include_hidden: bool = False


# --- deciding how rows are picked --------------------------------------------------------------------------------


def decide(said: Said, table: Understood, listed: Listed | None = None) -> Rules:
    """Settles which rows are meant.

    Args:
        said: the options.
        table: the sheet as it was understood.
        listed: the references of ``--pick-from``, where it was said.
    Raises:
        UsageTrouble: two ways were asked for at once, or none is possible; the message says how to choose.
        ColumnTrouble: the sheet lacks the column that an option needs.
    """
    by = _way(said, table)
    before = ""
    if said.older_than is not None:
        _need(table, "order_date", "--older-than")
        before = (date.fromisoformat(said.today) - timedelta(days=said.older_than)).isoformat()
    where = compile_where(said.where, table.names) if said.where is not None else None
    return Rules(
        by=by,
        profile=table.profile,
        picked_by=_in_words(by, said, table),
        listed=listed,
        words=said.statuses,
        has_status="order_status" in table.columns,
        allow_late=said.allow_late,
        days=said.older_than or 0,
        before=before,
        where=where,
        include_hidden=said.include_hidden,
    )


def _way(said: Said, table: Understood) -> By:
    """What is said by hand goes before what the sheet has, and never against it: a row marked "no" stays."""
    by_hand = _by_hand(said)
    if len(by_hand) > 1:
        problem = f"{' and '.join(by_hand)} each say which rows are picked, and only one of them can"
        raise UsageTrouble(problem, "Keep one of them; --where and --older-than narrow it.")
    if said.pick_from is not None:
        _need(table, "order_ref", "--pick-from")
        return By.LIST
    if "cancel" in table.columns:
        if said.statuses:
            raise _beside_marks(by_hand[0], table)
        return By.MARK
    if said.statuses:
        _need(table, "order_status", "--status")
        return By.STATUS
    if said.everything:
        return By.ALL
    if "order_status" in table.columns:
        return By.STATUS
    problem = f"Nothing in this sheet says which rows to cancel. Columns seen: {_listed(table.headers)}"
    raise UsageTrouble(problem, f"{HOW_TO_PICK} Nothing was sent.")


def _by_hand(said: Said) -> list[str]:
    marks = next((column for column in said.columns if _names_marks(column)), "")
    options = (
        ("--pick-from", said.pick_from is not None),
        (f"--column {marks}", bool(marks)),
        ("--status", bool(said.statuses)),
        ("--all", said.everything),
    )
    return [option for option, given in options if given]


def _names_marks(column: str) -> bool:
    name, _, header = column.partition("=")
    return name.strip() == "cancel" and bool(header.strip())


def _beside_marks(option: str, table: Understood) -> UsageTrouble:
    column = _said(table, "cancel")
    return UsageTrouble(
        f"{option} was said, and the sheet has a yes/no column, {column}: only one of them can pick the rows",
        f"Leave {option} out to cancel the rows marked yes (--where narrows them), "
        "or say --column cancel= to pass that column over.",
    )


def _need(table: Understood, name: str, option: str) -> None:
    if name not in table.columns:
        problem = f"{option} needs the {name} column, and none was found. Columns seen: {_listed(table.headers)}"
        raise ColumnTrouble(problem, f"Say which one it is: --column {name}=HEADER.")


def _listed(headers: tuple[str, ...]) -> str:
    named = [" ".join(header.split()) for header in headers if header.strip()]
    more = f" and {len(named) - MOST_SHOWN} more" if len(named) > MOST_SHOWN else ""
    return (", ".join(named[:MOST_SHOWN]) or "none") + more


def _said(table: Understood, name: str) -> str:
    column = table.columns[name]
    return f"{' '.join(table.headers[column].split())} (column {column_letters(column)})"


def _in_words(by: By, said: Said, table: Understood) -> str:
    match by:
        case By.LIST:
            words = f"the references in {said.pick_from}, looked for in {_said(table, 'order_ref')}"
        case By.MARK:
            words = f"the yes/no column {_said(table, 'cancel')}"
            words += ", which goes before --all" if said.everything else ""
        case By.STATUS:
            words = f"{_said(table, 'order_status')} says {' or '.join((said.statuses or table.profile.cancel)[:MOST_SHOWN])}"
        case By.ALL:
            words = "--all: every row with an AWB"
    narrowed = [f"older than {said.older_than} days"] if said.older_than is not None else []
    narrowed += [f"where {said.where}"] if said.where is not None else []
    return "; only ".join((words, " and ".join(narrowed))) if narrowed else words


# --- choosing the rows -------------------------------------------------------------------------------------------


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
    for why in (_not_meant, _narrowed_away, _left_out):
        rest = frame[open_ones]
        if len(rest):
            said = why(rest, rules)
            reason.loc[rest.index] = said
            open_ones = open_ones & (reason == "")
    return pd.DataFrame({"picked": open_ones, "reason": reason}, index=frame.index)


def _not_meant(rows: pd.DataFrame, rules: Rules) -> pd.Series[str]:
    match rules.by:
        case By.LIST:
            return _not_listed(rows, rules.listed or Listed({}))
        case By.MARK:
            return _per_word(rows["cancel"], _mark)
        case By.STATUS:
            return _per_word(rows["order_status"], _status(rules))
        case By.ALL:
            return _nothing(rows)


def _not_listed(rows: pd.DataFrame, listed: Listed) -> pd.Series[str]:
    keys = reference_keys(rows["order_ref"])
    reason = _nothing(rows).mask(~keys.isin(list(listed.refs)), NOT_LISTED)
    reason = reason.mask(keys == "", NO_REFERENCE)
    return reason.mask(rows["order_ref_doubt"] != "", DOUBTFUL_REFERENCE)


def _mark(word: str) -> str:
    folded = word.strip().lower()
    if folded in YES_WORDS:
        return ""
    if folded == "":
        return NOT_MARKED
    return f"marked {_shown(word)}" + ("" if folded in NO_WORDS else ", which is no yes")


def _status(rules: Rules) -> Callable[[str], str]:
    def why_not(word: str) -> str:
        meaning = rules.profile.meanings([word])[word]
        if _among(word, rules.words) if rules.words else meaning is Meaning.CANCEL:
            return ""
        if fold(word) == "":
            return NO_STATUS
        if rules.words:
            return f"its status {_shown(word)} is not what --status says"
        return f"its status {_shown(word)} {_MEANS[meaning]}"

    return why_not


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


def _late(rules: Rules) -> Callable[[str], str]:
    def why_not(word: str) -> str:
        late = rules.profile.meanings([word])[word] is Meaning.TOO_LATE
        if not late or _among(word, rules.allow_late):
            return ""
        return f"too late to cancel: its status is {_shown(word)} (--allow-late takes it all the same)"

    return why_not


def _among(word: str, words: tuple[str, ...]) -> bool:
    """Whether a status is one of these, compared like headers; one that ends with ``*`` is the beginning of a status."""
    folded = fold(word)
    exact = {fold(each) for each in words if not each.endswith("*")}
    starts = tuple(start for each in words if each.endswith("*") and (start := fold(each)))
    return folded != "" and (folded in exact or folded.startswith(starts))


def _per_word(texts: pd.Series[str], why: Callable[[str], str]) -> pd.Series[str]:
    """Asks once for each different word."""
    coded = pc.dictionary_encode(pa.array(texts, type=pa.large_string()))
    said = pa.array([why(word) for word in coded.dictionary.to_pylist()], type=pa.large_string())
    return pd.Series(pd.array(said.take(coded.indices), dtype="str"), index=texts.index)


def _nothing(rows: pd.DataFrame) -> pd.Series[str]:
    return pd.Series("", index=rows.index, dtype="str")


def _shown(word: str) -> str:
    text = " ".join(word.split())
    return f'"{text}"' if len(text) <= LONGEST_SHOWN else f'"{text[:LONGEST_SHOWN]}…"'

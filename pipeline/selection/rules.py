"""Settles what picks the rows of a sheet: a list, a yes/no column, the status, or everything (docs/interface.md,
"Which rows
are picked"). Where two things would, or none can, it says how to choose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Protocol

from pipeline.addresses import column_letters
from pipeline.errors import ColumnError, UsageError
from pipeline.model.options import SelectionOptions
from pipeline.model.sheet import StateColumn
from pipeline.selection.continued import GROUP
from pipeline.selection.filter import Where, compile_where
from pipeline.selection.objections import Reader
from pipeline.selection.reference_list import Listed, Named
from pipeline.selection.state_words import Words, names_a_state
from schemas.columns import Profile

MOST_SHOWN = 40
"""Columns, or words of a list, that a message names."""

HOW_TO_PICK = (
    "Say --pick-from FILE (a list of order references), --all (every row with an AWB), or which column tells: "
    "--column cancel=HEADER for a yes/no column, --column order_status=HEADER for a status."
)


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

    @property
    def states(self) -> tuple[StateColumn, ...]:
        """The columns whose cells can keep a row."""
        ...


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides the rows of one sheet.

    ``words``: what ``--status`` says, none where the profile's words count. ``picked_by``: all of it in a user's words.
    ``states``: reads what the columns of states say against a row.
    ``before``: the first day that is not older than ``days``, ISO; "" without ``--older-than``.
    """

    by: By
    profile: Profile
    picked_by: str
    states: Reader
    listed: Listed | None = None
    has_marks: bool = False
    words: Words | None = None
    days: int = 0
    before: str = ""
    where: Where | None = None
    include_hidden: bool = False

    @property
    def deciding(self) -> tuple[str, ...]:
        """The canonical names of the columns that say which rows go out."""
        picking = {By.MARK: ("cancel",), By.STATUS: ("order_status",), By.LIST: _LOOKED_FOR_IN[self.named]}
        narrowing = (*(["order_date"] if self.before else ()), *(self.where.needs if self.where else ()))
        return tuple(dict.fromkeys(("awb_number", *picking.get(self.by, ()), *narrowing)))

    def looks_at(self, column: str) -> bool:
        """Whether a column of the frames, or why it is doubted, has a say in which rows are picked."""
        picking = {By.MARK: ("cancel",), By.STATUS: ("order_status",), By.LIST: ("order_ref", "cancel")}
        narrowing = (*(("order_date",) if self.before else ()), *(self.where.needs if self.where else ()))
        states = (state.name for state in self.states.columns)
        names = ("awb_number", "awb", "hidden", *picking.get(self.by, ()), *narrowing, *states)
        return column in names or column.removesuffix("_doubt") in names

    @property
    def named(self) -> Named:
        """What a list names."""
        return Named.REFERENCES if self.listed is None else self.listed.kind


def decide(said: SelectionOptions, table: Understood, listed: Listed | None = None) -> Rules:
    """Settles which rows are meant.

    Args:
        said: the options.
        table: the sheet as it was understood.
        listed: the references of ``--pick-from``, where it was said.
    Raises:
        UsageError: two ways were asked for at once, or none is possible; the message says how to choose.
        ColumnError: the sheet lacks the column that an option needs.
    """
    by = _way(said, table, listed)
    before = ""
    if said.older_than is not None:
        _need(table, "order_date", "--older-than")
        before = (date.fromisoformat(said.today) - timedelta(days=said.older_than)).isoformat()
    where = compile_where(said.where, table.names) if said.where is not None else None
    return Rules(
        by=by,
        profile=table.profile,
        picked_by=_in_words(by, said, table, listed),
        states=state_reader(said, table),
        listed=listed,
        has_marks="cancel" in table.columns,
        words=Words.of(said.statuses) if said.statuses else None,
        days=said.older_than or 0,
        before=before,
        where=where,
        include_hidden=said.include_hidden,
    )


def state_reader(said: SelectionOptions, table: Understood) -> Reader:
    """What reads the columns of states of a sheet, or of a list, with the exceptions that the options name."""
    return Reader(
        states=table.profile.states,
        columns=(*table.states, GROUP),
        kept=Words.of(said.too_late),
        allowed=Words.of(said.allow_late),
        asked=Words.of(said.statuses),
    )


def _way(said: SelectionOptions, table: Understood, listed: Listed | None) -> By:
    """What is said by hand goes before what the sheet has, and never against it: a row marked "no" stays."""
    if not all(names_a_state(word) for word in said.statuses):
        raise UsageError("--status names no state", 'Write it as --status "Cancel Requested".')
    by_hand = _by_hand(said)
    if len(by_hand) > 1:
        problem = f"{' and '.join(by_hand)} each say which rows are picked, and only one of them can"
        raise UsageError(problem, "Keep one of them; --where and --older-than narrow it.")
    if said.awbs:
        return By.LIST
    if said.pick_from is not None:
        if listed is None or listed.kind is Named.REFERENCES:
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
    raise UsageError(problem, f"{HOW_TO_PICK} Nothing was sent.")


def _by_hand(said: SelectionOptions) -> list[str]:
    marks = next((column for column in said.columns if _names_marks(column)), "")
    options = (
        ("--pick-from", said.pick_from is not None),
        ("--awb", bool(said.awbs)),
        (f"--column {marks}", bool(marks)),
        ("--status", bool(said.statuses)),
        ("--all", said.everything),
    )
    return [option for option, given in options if given]


def _names_marks(column: str) -> bool:
    name, _, header = column.partition("=")
    return name.strip() == "cancel" and bool(header.strip())


def _beside_marks(option: str, table: Understood) -> UsageError:
    column = _said(table, "cancel")
    return UsageError(
        f"{option} was said, and the sheet has a yes/no column, {column}: only one of them can pick the rows",
        f"Leave {option} out to cancel the rows marked yes (--where narrows them), "
        "or say --column cancel= to pass that column over.",
    )


def _need(table: Understood, name: str, option: str) -> None:
    if name not in table.columns:
        problem = f"{option} needs the {name} column, and none was found. Columns seen: {_listed(table.headers)}"
        raise ColumnError(problem, f"Say which one it is: --column {name}=HEADER.")


def _listed(headers: tuple[str, ...]) -> str:
    named = [" ".join(header.split()) for header in headers if header.strip()]
    more = f" and {len(named) - MOST_SHOWN} more" if len(named) > MOST_SHOWN else ""
    return (", ".join(named[:MOST_SHOWN]) or "none") + more


def _said(table: Understood, name: str) -> str:
    column = table.columns[name]
    return f"{' '.join(table.headers[column].split())} (column {column_letters(column)})"


def _list_in_words(said: SelectionOptions, table: Understood, listed: Listed | None) -> str:
    kind = Named.REFERENCES if listed is None else listed.kind
    names = [name for name in _LOOKED_FOR_IN[kind] if name in table.columns]
    source = f"the {kind} in {said.pick_from}" if said.pick_from is not None else "the AWBs that --awb names"
    return f"{source}, looked for in {' and '.join(_said(table, name) for name in names)}"


_LOOKED_FOR_IN = {
    Named.REFERENCES: ("order_ref",),
    Named.AWBS: ("awb_number",),
    Named.EITHER: ("order_ref", "awb_number"),
}


def _in_words(by: By, said: SelectionOptions, table: Understood, listed: Listed | None) -> str:
    match by:
        case By.LIST:
            words = _list_in_words(said, table, listed)
        case By.MARK:
            words = f"the yes/no column {_said(table, 'cancel')}"
            words += ", which goes before --all" if said.everything else ""
        case By.STATUS:
            asked = " or ".join(said.statuses[:MOST_SHOWN])
            words = f"{_said(table, 'order_status')} {f'says {asked}' if asked else 'asks for cancelling'}"
        case By.ALL:
            words = "--all: every row with an AWB"
    narrowed = [f"older than {said.older_than} days"] if said.older_than is not None else []
    narrowed += [f"where {said.where}"] if said.where is not None else []
    return "; only ".join((words, " and ".join(narrowed))) if narrowed else words

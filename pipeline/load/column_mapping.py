"""Says which column is what, by the profile's preference; where a person would hesitate, it asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pipeline.load.column_candidates import Sheet, both_at_once, missing, no_yes_no, several
from pipeline.load.column_checks import ColumnVerdict, Question, SomeStatus, yes_or_no
from pipeline.load.header_lookup import column_called, columns_called, speaks_of_cancelling
from schemas.columns import CANONICAL

OF_A_LIST = ("order_status", "cancel")
"""What a list for ``--pick-from`` is read for beside what it must have: it may say itself that a row must stay."""

SAID_WHEN_OTHERS = ("order_ref", "order_status")
"""Columns that decide something: that another one could have been meant is worth a note."""


@dataclass(frozen=True, slots=True)
class Naming:
    """Which column is what; ``asks``: what a person must settle before anything is sent."""

    columns: Mapping[str, int]
    notes: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    column: int | None = None
    notes: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()


def open_questions(sheet: Sheet) -> dict[int, Question]:
    """The columns whose cells have to be looked at before they can be named."""
    questions: dict[int, Question] = {}
    for columns in sheet.choices("order_status") if "order_status" not in sheet.named else ():
        if len(columns) == 1 and not sheet.two_meanings(columns[0]):
            break
        questions.update({column: SomeStatus(sheet.profile) for column in columns})
    questions.update({column: yes_or_no() for column in _cancel_candidates(sheet)})
    return questions


def name_columns(sheet: Sheet, verdicts: Mapping[int, ColumnVerdict]) -> Naming:
    """Names the columns of a sheet; of a list without AWBs (``--pick-from``) only those that are needed.

    Args:
        sheet: what there is, and what a person said.
        verdicts: the answers to ``open_questions``.
    Raises:
        ColumnError: a needed column is missing, or could be two; a header named by hand is not there.
    """
    columns = {
        name: column_called(header, sheet.headers, f"--column {name}=", sheet.where)
        for name, header in sheet.named.items()
        if header.strip()
    }
    _check_named(sheet, columns, verdicts)
    notes: list[str] = []
    asks: list[str] = []
    for name in CANONICAL if "awb_number" in sheet.need else (*sheet.need, *OF_A_LIST):
        if name not in sheet.named:
            found = _FINDERS.get(name, _find_any)(sheet, name, frozenset(columns.values()), verdicts)
            columns.update({} if found.column is None else {name: found.column})
            notes += found.notes
            asks += found.asks
    for name in sheet.need:
        if name not in columns:
            raise missing(sheet, name, columns)
    return Naming({name: columns[name] for name in CANONICAL if name in columns}, tuple(notes), tuple(asks))


def _check_named(sheet: Sheet, columns: Mapping[str, int], verdicts: Mapping[int, ColumnVerdict]) -> None:
    """What was named by hand must be able to be what it is called."""
    if "awb_number" in columns and columns["awb_number"] == columns.get("order_ref"):
        raise both_at_once(sheet, columns["awb_number"])
    marks = columns.get("cancel")
    if marks is not None and marks in verdicts and not verdicts[marks].fits:
        raise no_yes_no(sheet, marks, verdicts[marks].example)


def _find_awb(sheet: Sheet, name: str, taken: frozenset[int], _: Mapping[int, ColumnVerdict]) -> _Found:
    """The profile's own header decides; otherwise there must be one column only that looks like AWBs."""
    likely = sheet.awb_like(taken)
    for header in sheet.profile.preferred.get(name, ()):
        preferred = [column for column in sheet.called(header) if column not in taken]
        if len(preferred) > 1:
            raise several(sheet, name, preferred)
        if preferred:
            others = [sheet.said(column) for column in likely if column not in preferred]
            note = f"the AWBs are {sheet.said(preferred[0])}, as the profile says, not {' or '.join(others)}"
            return _Found(preferred[0], (note,) if others else ())
    if len(likely) > 1:
        raise several(sheet, name, likely)
    if not likely:
        return _Found()
    option = sheet.option(name, likely[0])
    ask = f"{sheet.said(likely[0])} is taken for the AWBs, and that is no name known for them: say {option} if it is"
    return _Found(likely[0], asks=() if sheet.known(name, likely[0]) else (ask,))


def _find_status(sheet: Sheet, name: str, taken: frozenset[int], verdicts: Mapping[int, ColumnVerdict]) -> _Found:
    """A status picks rows, so one name for two columns is decided by their cells, or not at all."""
    for columns in sheet.choices(name, taken):
        if len(columns) == 1 and not sheet.two_meanings(columns[0]):
            return _with_others(sheet, name, columns[0], taken)
        fitting = [column for column in columns if column in verdicts and verdicts[column].fits]
        if len(fitting) == 1:
            return _Found(fitting[0], (f"the status is {sheet.said(fitting[0])}: it holds known status words",))
        if len(columns) > 1:
            options = " or ".join(sheet.option(name, column) for column in columns)
            return _Found(asks=(f"{len(columns)} columns could be the status: say {options}",))
    return _Found()


def _find_cancel(sheet: Sheet, name: str, taken: frozenset[int], verdicts: Mapping[int, ColumnVerdict]) -> _Found:
    """The first column of such a name that is a yes/no column.

    One whose header speaks of cancelling decides, whatever else it holds: the run asks about its odd cells. Another
    one (panels export their buttons as an empty Action) counts only where it is filled, with nothing but yes and no.
    """
    notes: list[str] = []
    named: list[int] = []
    for column in _cancel_candidates(sheet):
        verdict = verdicts.get(column)
        if verdict is None or column in taken:
            continue
        if speaks_of_cancelling(sheet.headers[column]):
            named.append(column)
        elif verdict.fits and verdict.filled and not named:
            return _Found(column, tuple(notes))
        else:
            why = f"it holds {verdict.example!r}" if verdict.example else "it is empty"
            notes.append(f"{sheet.said(column)} is no yes/no column: {why}")
    filled = [column for column in named if verdicts[column].filled] or named[:1]
    if len(filled) > 1:
        options = " or ".join(sheet.option(name, column) for column in filled)
        return _Found(filled[0], asks=(f"{len(filled)} columns say which rows to cancel: say {options}",))
    return _Found(filled[0] if filled else None, () if filled else tuple(notes))


def _find_any(sheet: Sheet, name: str, taken: frozenset[int], _: Mapping[int, ColumnVerdict]) -> _Found:
    columns = next(sheet.choices(name, taken), [])
    if len(columns) > 1 and name in sheet.need:
        raise several(sheet, name, columns)
    return _with_others(sheet, name, columns[0], taken) if columns else _Found()


_FINDERS: Mapping[str, Callable[[Sheet, str, frozenset[int], Mapping[int, ColumnVerdict]], _Found]] = {
    "awb_number": _find_awb,
    "order_status": _find_status,
    "cancel": _find_cancel,
}


def _with_others(sheet: Sheet, name: str, column: int, taken: frozenset[int]) -> _Found:
    """The column, with a note where another one could have been meant and no profile says which."""
    candidates = (other for columns in sheet.choices(name, taken) for other in columns)
    others = [sheet.said(other) for other in dict.fromkeys(candidates) if other != column]
    if not others or name not in SAID_WHEN_OTHERS or name in sheet.profile.preferred:
        return _Found(column)
    note = f"{name} is {sheet.said(column)}; it could also be {' or '.join(others)} (--column {name}=HEADER)"
    return _Found(column, (note,))


def _cancel_candidates(sheet: Sheet) -> list[int]:
    if "cancel" in sheet.named:
        return columns_called(sheet.named["cancel"], sheet.headers)
    return [column for columns in sheet.choices("cancel") for column in columns]


def resolve_extras(sheet: Sheet, columns: Mapping[str, int], extra: Iterable[str]) -> dict[str, int]:
    """The columns that ``--where`` names by their header; canonical names of this sheet are no extras.

    Raises:
        ColumnError: there is no such column, and the near ones are named; or there are several.
    """
    wanted = [name for name in dict.fromkeys(extra) if name not in columns]
    return {name: column_called(name, sheet.headers, "--where ", sheet.where) for name in wanted}

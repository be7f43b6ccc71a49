"""The form of step 2 as options, and options as what the form shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from starlette.datastructures import FormData

from pipeline.model.options import SelectionOptions

TAKEN_FOR = ("awb_number", "order_ref", "order_status", "cancel", "order_date", "courier", "amount", "payment")
"""What a person can say a column is."""

NONE = "-"
"""The choice "there is none"."""

COMPARISONS = ("=", "!=", ">", ">=", "<", "<=", "contains")
CONDITIONS = 3
"""Lines of conditions that the form has."""

STAYS, GOES = "stays", "goes"


def options_of(form: FormData, today: str) -> SelectionOptions:
    """The options that a form says; what it does not hold is not said.

    Args:
        form: the fields.
        today: ISO, which ``older_than`` counts from.
    Raises:
        ValueError: a number is none.
    """
    picked_by = _text(form, "picked_by")
    words = tuple(str(word) for word in form.getlist("word"))
    usual = tuple(str(word) for word in form.getlist("usual"))
    statuses = words if picked_by == "words" and set(words) != set(usual) else ()
    fates = {word: str(form.get(f"fate:{word}", "")) for word in map(str, form.getlist("unknown"))}
    return SelectionOptions(
        sheet=_text(form, "sheet") or None,
        header_row=_number(form, "header_row"),
        columns=_columns(form, picked_by),
        statuses=statuses,
        older_than=_number(form, "older_than"),
        date_order=_text(form, "date_order") or None,
        where=_where(form),
        everything=picked_by == "all",
        awbs=tuple(re.split(r"[\s,;]+", _text(form, "awbs"))) if picked_by == "awbs" and _text(form, "awbs") else (),
        allow_late=tuple(word for word, fate in fates.items() if fate == GOES),
        too_late=tuple(word for word, fate in fates.items() if fate == STAYS),
        include_hidden=bool(form.get("include_hidden", "")),
        limit=_number(form, "limit") or None,
        retry_failed=bool(form.get("retry_failed", "")),
        resend_unknown=bool(form.get("resend_unknown", "")),
        today=today,
    )


def first_options() -> SelectionOptions:
    """What counts before anybody has chosen anything."""
    return SelectionOptions(today=datetime.now().astimezone().date().isoformat())


def picked_by(options: SelectionOptions, taken: Mapping[str, str]) -> str:
    """Which way of picking rows the form shows as chosen."""
    if options.everything:
        return "all"
    if options.awbs:
        return "awbs"
    if not options.statuses and "cancel" in taken.values():
        return "yes"
    return "words"


def chosen_columns(options: SelectionOptions) -> dict[str, str]:
    """What a person said of the columns: name -> letters, ``NONE`` for none."""
    named = (text.partition("=") for text in options.columns)
    return {name: letters or NONE for name, _, letters in named}


def conditions(options: SelectionOptions) -> list[tuple[str, str, str]]:
    """The conditions as the lines of the form."""
    parts = re.findall(r"`([^`]*)` (=|!=|>=|<=|>|<|contains) ('(?:[^']|'')*'|[\d.]+)", options.where or "")
    found = [(column, how, value.strip("'").replace("''", "'")) for column, how, value in parts]
    return [*found, *[("", "=", "")] * CONDITIONS][:CONDITIONS]


def with_today(options: SelectionOptions) -> SelectionOptions:
    """The same, counted from today."""
    return replace(options, today=first_options().today)


def _columns(form: FormData, way: str) -> tuple[str, ...]:
    said = {name: _text(form, f"column:{name}") for name in TAKEN_FOR}
    if way == "words" and not said["cancel"] and _text(form, "has_marks"):
        said["cancel"] = NONE
    return tuple(f"{name}={'' if letters == NONE else letters}" for name, letters in said.items() if letters)


def _where(form: FormData) -> str | None:
    lines = []
    for number in range(CONDITIONS):
        column, value = _text(form, f"where:{number}:column"), _text(form, f"where:{number}:value")
        how = _text(form, f"where:{number}:how")
        if column and value and how in COMPARISONS:
            lines.append(f"{_quoted_name(column)} {how} {_quoted_value(value)}")
    return " and ".join(lines) or None


def _quoted_name(column: str) -> str:
    return "`" + column.replace("`", "") + "`"


def _quoted_value(value: str) -> str:
    return value if re.fullmatch(r"\d+(?:\.\d+)?", value) else "'" + value.replace("'", "''") + "'"


def _text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""


def _number(form: FormData, name: str) -> int | None:
    text = _text(form, name)
    return int(text) if text else None

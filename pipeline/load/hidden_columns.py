"""Asks about columns that decide and that nobody sees, for they are hidden in the sheet."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pipeline.load.column_candidates import Sheet

MOST_NAMED = 10
"""Hidden columns that a note names."""

SAID = {
    "awb_number": "the AWBs",
    "order_ref": "the order references",
    "order_status": "the state",
    "cancel": "what to cancel",
    "order_date": "the dates",
}
"""How the canonical names are said in the question."""


def hidden_note(sheet: Sheet, hidden: Collection[int]) -> tuple[str, ...]:
    """A note that names the hidden columns that have a header; none where there is none."""
    named = [column for column in sorted(hidden) if column < len(sheet.headers) and sheet.headers[column].strip()]
    if not named:
        return ()
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return (f"columns hidden in the sheet: {', '.join(map(sheet.said, named[:MOST_NAMED]))}{more}",)


def hidden_questions(sheet: Sheet, columns: Mapping[str, int], hidden: Collection[int]) -> dict[str, str]:
    """What to ask of each column that is hidden and that no person named, should it decide: by its canonical name."""
    return {
        name: f"{sheet.said(column)} would say {SAID.get(name, name)}, and it is hidden in the sheet: say "
        f"{sheet.option(name, column)} if it is meant{'' if name in sheet.need else _or_without(name)}"
        for name, column in columns.items()
        if column in hidden and name not in sheet.named
    }


def _or_without(name: str) -> str:
    return f", or --column {name}= to pass it over"

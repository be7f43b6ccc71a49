"""Finds the column that a person means, and says columns and places as a person does."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.addresses import column_letters
from pipeline.errors import ColumnError
from pipeline.model.sheet import Book
from schemas.columns import fold, near
from schemas.states import words_of

CANCELLING = ("cancel", "annul", "storn", "रद्द")
"""How words for cancelling begin: en, es, pt, fr, it, de, hi."""

MOST_SHOWN = 40
"""Headers listed in a message before "and N more"."""


def columns_called(name: str, headers: Sequence[str]) -> list[int]:
    """The columns of that header: as it stands, else folded; ``HEADER#2`` is the second one of the name.

    Where no header is called so, ``B`` is the second column, which may have no name at all.
    """
    wanted = fold(name)
    exact = [column for column, header in enumerate(headers) if header.strip() == name.strip() != ""]
    folded = [column for column, header in enumerate(headers) if wanted and fold(header) == wanted]
    numbered = re.fullmatch(r"(.+)#([1-9][0-9]?)", name.strip(), flags=re.DOTALL)
    if exact or folded:
        return exact or folded
    if numbered is None:
        letters = name.strip()
        return [column for column in range(len(headers)) if column_letters(column) == letters] if letters else []
    return columns_called(numbered[1], headers)[int(numbered[2]) - 1 :][:1]


def column_called(name: str, headers: Sequence[str], asked_by: str, where: str) -> int:
    """The one column that a person means.

    Args:
        name: the header as typed.
        headers: those of the sheet.
        asked_by: the option, for the message: ``--column awb_number=``.
        where: the sheet, for the message.
    Raises:
        ColumnError: there is none (the near ones are named), or more than one.
    """
    found = columns_called(name, headers)
    if len(found) == 1:
        return found[0]
    if not found:
        meant = near(name, [header for header in headers if header.strip()])
        hint = f"Did you mean {' or '.join(repr(shown(header)) for header in meant)}? " if meant else ""
        step = f"{hint}Headers seen: {listed(headers).rstrip('.')}."
        raise ColumnError(f"There is no column {name!r} ({asked_by}{name})", step, where=where)
    letters = " and ".join(column_letters(column) for column in found)
    step = f"Say {asked_by}'{name}#1' for the first of them, '{name}#2' for the second, and so on."
    raise ColumnError(f"{len(found)} columns are called {name!r}: {letters}", step, where=where)


def speaks_of_cancelling(header: str) -> bool:
    """Whether a header says that its column is about cancelling: ``Cancel?``, ``To Cancel``, ``Cancelar``."""
    return any(word.startswith(CANCELLING) for word in words_of(header))


def shown(header: str) -> str:
    """A header on one line."""
    return " ".join(header.split())


def listed(headers: Sequence[str]) -> str:
    """The headers of a sheet for a message, with their letters."""
    named = [f"{column_letters(column)} {shown(header)}" for column, header in enumerate(headers) if header.strip()]
    more = f" and {len(named) - MOST_SHOWN} more" if len(named) > MOST_SHOWN else ""
    return (", ".join(named[:MOST_SHOWN]) or "none") + more


def place_name(book: Book, sheet: str, row: int = 0) -> str:
    """A place as a person says it: ``orders.xlsx, sheet Orders, row 3``."""
    return ", ".join(
        part for part in (book.path.name, f"sheet {sheet}" if sheet else "", f"row {row}" if row else "") if part
    )

"""Where nothing would be cancelled, that is said loudly, with the reason and the nearest word."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sorted_rows import sort_text

HEAD = "Order ID,AWB No,Status,Order Total\n"
ROWS = f"{HEAD}1,86210010601,Cancelled,100\n2,86210010602,New,900\n"
NO_AWBS = f"{HEAD}1,,Cancelled,100\n2,,New,900\n"

MISSPELT = 'No row has the status "Canceld" (did you mean "Cancelled"?); no row is to be cancelled.'

LOUD: list[tuple[str, dict[str, object], str]] = [
    (HEAD, {}, "The sheet has column names and no rows below them."),
    (NO_AWBS, {}, "No row has an AWB."),
    (
        ROWS,
        {"statuses": ("Canceld",)},
        'No row has the status "Canceld" (did you mean "Cancelled"?); no row is to be cancelled.',
    ),
    (ROWS, {"statuses": ("Zzz", "New")}, 'No row has the status "Zzz".'),
    (ROWS, {"where": "amount > 500"}, "--where and --older-than leave nothing: 1 rows were picked without them."),
    (ROWS, {"awbs": ("86210019999",)}, "Nothing of what was named is to be cancelled."),
    (f"{HEAD}1,1.31948E+12,Cancelled,1\n", {}, "All 1 picked rows are Invalid, so nothing can be sent."),
    (f"{HEAD}1,86210010601,New,1\n", {}, "No row is to be cancelled."),
]


@pytest.mark.parametrize(("text", "options", "words"), LOUD)
def test_it_is_said_loudly_why_nothing_is_cancelled(
    tmp_path: Path, text: str, options: dict[str, object], words: str
) -> None:
    assert sort_text(tmp_path, text, **options).warnings == (words,)


@pytest.mark.parametrize("options", [{}, {"statuses": ("Cancel*",)}, {"where": "amount < 500"}])
def test_nothing_is_said_where_something_is_cancelled(tmp_path: Path, options: dict[str, object]) -> None:
    found = sort_text(tmp_path, ROWS, **options)
    assert (found.sent, found.warnings, found.read.nothing) == (("86210010601",), (), "")

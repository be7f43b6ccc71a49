"""The counts add up, and the exit code says what a script must know."""

from __future__ import annotations

import json

import pytest

from pipeline.model.amount_sums import AmountSum
from pipeline.report.summary import count_rows, exit_code, sum_amounts
from schemas.annotated import Status
from tests.stories import SMALL, picked, story

NOTHING = {str(word): 0 for word in Status} | {"Blank": 0}


def test_the_counts_add_up_to_the_rows_read() -> None:
    counts = count_rows(SMALL, left_out=21, blank=2)
    assert counts == NOTHING | {"Success": 2, "Failed": 2, "Unknown": 1, "Invalid": 1, "Skipped": 21, "Blank": 2}
    assert sum(counts.values()) == len(SMALL) + 21 + 2


def test_a_picked_row_beyond_the_limit_is_counted_with_the_skipped() -> None:
    rows = picked(("1", "", "Skipped", "beyond --limit 1"), ("2", "", "Planned", ""))
    assert count_rows(rows, left_out=3, blank=0) == NOTHING | {"Skipped": 4, "Planned": 1}


def test_status_words_kept_as_categories_are_counted_as_well() -> None:
    rows = SMALL.astype({"status": "category"})
    assert count_rows(rows, 0, 0) == count_rows(SMALL, 0, 0)
    assert sum_amounts(rows, AmountSum()) == sum_amounts(SMALL, AmountSum())


def test_amounts_are_exact_sums_by_status_and_the_unreadable_are_counted() -> None:
    assert sum_amounts(SMALL, AmountSum(total=12345, unreadable=2)) == {
        "Success": "1799.00", "Failed": "200.00", "Unknown": "200.00", "Invalid": "0.00", "Skipped": "123.45",
        "Not sent": "0.00", "Planned": "0.00", "unreadable": 3,
    }  # fmt: skip


def test_without_an_amount_column_there_are_no_amounts() -> None:
    assert sum_amounts(SMALL.drop(columns="amount"), AmountSum()) is None


@pytest.mark.parametrize(
    ("counts", "stopped", "interrupted", "code"),
    [
        ({}, False, False, 0),
        ({"Success": 5, "Skipped": 9}, False, False, 0),
        ({"Planned": 5, "Not sent": 1}, False, False, 0),
        ({"Failed": 1}, False, False, 1),
        ({"Invalid": 1}, False, False, 1),
        ({"Unknown": 1}, False, False, 1),
        ({"Unknown": 1}, True, False, 3),
        ({}, True, True, 130),
        ({"Failed": 1}, False, True, 130),
    ],
)
def test_the_exit_code_tells_the_worst_that_happened(
    counts: dict[str, int], stopped: bool, interrupted: bool, code: int
) -> None:
    assert exit_code(NOTHING | counts, stopped=stopped, interrupted=interrupted) == code


def test_the_json_summary_has_the_promised_fields_in_the_promised_order() -> None:
    said = json.loads(story().summary.as_json())
    assert list(said) == [
        "version", "run", "environment", "input", "output", "report", "sheet", "exit_code", "rows", "counts", "awbs",
        "calls", "elapsed_s", "amount", "stopped", "plan", "seal", "not_done", "asked", "list",
    ]  # fmt: skip
    assert said["version"] == 1
    assert list(said["counts"]) == [*map(str, Status), "Blank"]
    assert list(said["awbs"]) == ["picked", "sent", "already_cancelled"]


def test_names_in_any_script_stay_readable_in_the_json_summary() -> None:
    assert '"input": "आदेश.xlsx"' in story(input="आदेश.xlsx").summary.as_json()

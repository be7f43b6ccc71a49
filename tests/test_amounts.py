"""Amounts are read exactly or not at all."""

from __future__ import annotations

import pandas as pd
import pytest

from pipeline.model.amounts import Tally, as_amount, hundredths


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1299", 129900),
        ("1299.5", 129950),
        ("1,299.00", 129900),
        ("1,29,900.25", 12990025),
        ("₹ 1,299.00", 129900),
        ("Rs. 45", 4500),
        ("BRL 99,99", 9999),
        ("1.299,50", 129950),
        ("-12.30", -1230),
        ("0.1", 10),
        ("", None),
        ("free", None),
        ("12 / 13", None),
        ("1,2,3", None),
        ("nan", None),
        ("inf", None),
        ("1e5", None),
    ],
)
def test_an_amount_is_read_as_a_person_reads_it(text: str, expected: int | None) -> None:
    value = hundredths(pd.Series([text], dtype="str")).iloc[0]
    assert (None if pd.isna(value) else int(value)) == expected


def test_a_tally_is_exact_and_counts_what_it_can_not_read() -> None:
    tally = Tally()
    tally.add(pd.Series(["0.10", "0.20", "", "abc"], dtype="str"))
    tally.add(pd.Series([], dtype="str"))
    assert (tally, as_amount(tally.total)) == (Tally(30, 1), "0.30")


def test_negative_sums_keep_their_sign() -> None:
    assert [as_amount(value) for value in (-5, -1230, 0)] == ["-0.05", "-12.30", "0.00"]

"""Amounts are read exactly or not at all."""

from __future__ import annotations

import pandas as pd
import pytest

from pipeline.model.amounts import AmountSum, as_amount, hundredths


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,23,456.00", 12345600), ("Rs. 1,299/-", 129900), ("\u20b91,299/-", 129900), ("1299/-", 129900),
        ("1299 INR", 129900), ("INR1,299.00", 129900), ("1,299.00 Dr", 129900), ("1,299.00 CR", -129900),
        ("1 299,00", 129900), ("1\u202f299,00", 129900), ("1'299.00", 129900), ("+1299", 129900),
        ("(1,234.00)", -123400),
        ("AED 1,299.00", 129900), ("1,234.00-", -123400), ("\u22121,299.00", -129900), ("'-1299.00", -129900),
        ("1299.", 129900), (".50", 50), ("1299,50", 129950), ("1.234.567", 123456700), ("0.250", 25),
        ("\u0967\u0968\u096f\u096f", 129900), ("1.005", None), ("2.0050", 201), ("-2.0050", -201),
        ("1.299", None), ("RS1299", None), ("1.2E+04", None), ("007", None), ("(12", None), ("1,299,5", None),
    ],
)  # fmt: skip
def test_an_amount_is_read_however_it_is_written(text: str, expected: int | None) -> None:
    value = hundredths(pd.Series([text], dtype="str")).iloc[0]
    assert (None if pd.isna(value) else int(value)) == expected


@pytest.mark.parametrize(
    ("others", "dotted", "comma"),
    [
        (("5.50",), 130, 129900),
        (("5,50",), 129900, None),
        (("5.50", "5,50"), None, None),
        ((), None, 129900),
        (("0.125",), 130, 129900),
        (("2.345.678",), 129900, None),
    ],
)
def test_what_could_be_two_numbers_is_judged_by_the_others(
    others: tuple[str, ...], dotted: int | None, comma: int | None
) -> None:
    found = hundredths(pd.Series(["1.299", "1,299", *others], dtype="str")).iloc[:2]
    assert [None if pd.isna(value) else int(value) for value in found] == [dotted, comma]


def test_a_tally_is_exact_and_counts_what_it_can_not_read() -> None:
    tally = AmountSum()
    tally.add(pd.Series(["0.10", "0.20", "", "abc"], dtype="str"))
    tally.add(pd.Series([], dtype="str"))
    assert (tally, as_amount(tally.total)) == (AmountSum(30, 1), "0.30")


def test_negative_sums_keep_their_sign() -> None:
    assert [as_amount(value) for value in (-5, -1230, 0)] == ["-0.05", "-12.30", "0.00"]

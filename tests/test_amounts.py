"""Amounts are read exactly or not at all."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.amount_sums import AmountSum, repeats
from pipeline.model.amounts import as_amount, hundredths


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
    tally.add(texts("0.10", "0.20", "", "abc"), texts("1", "2", "3", "4"))
    tally.add(texts(), texts())
    assert (tally, as_amount(tally.total)) == (AmountSum(30, 1), "0.30")


def texts(*of: str) -> pd.Series[str]:
    return pd.Series(of, dtype="str")


LINES = [
    ("an order alone", "1 2 3", "5 5 5", 15),
    ("the amount of the order on each of its lines", "1 1 1 2", "5 5 5 7", 12),
    ("amounts of lines", "1 1 1 2", "5 6 5 7", 23),
    ("the amount on the first line only", "1 1 2", "5 _ 7", 12),
    ("spelt in two ways", "1 1 2", "5 5.00 7", 12),
    ("lines apart from each other", "1 2 1", "5 7 5", 12),
    ("rows without a reference stand alone", "_ _ 1", "5 5 7", 17),
]


@pytest.mark.parametrize(("why", "orders", "amounts", "total"), LINES, ids=[line[0] for line in LINES])
def test_an_amount_counts_once_an_order_where_it_repeats(why: str, orders: str, amounts: str, total: int) -> None:
    said, of = (texts(*line.replace("_", "").split(" ")) for line in (amounts, orders))
    tally = AmountSum()
    tally.add(said, of)
    assert tally == AmountSum(total * 100, 0)


@given(
    st.lists(st.tuples(st.integers(1, 4), st.lists(st.sampled_from(["5", "5.00", "6", "", "x"]), max_size=5))),
    st.data(),
)
def test_an_order_that_goes_on_in_the_next_rows_is_counted_the_same(
    orders: list[tuple[int, list[str]]], data: st.DataObject
) -> None:
    lines = [(f"{place}-{name}", amount) for place, (name, amounts) in enumerate(orders) for amount in amounts]
    cut = data.draw(st.integers(0, len(lines)))
    whole, parted = AmountSum(), AmountSum()
    for tally, parts in ((whole, (lines,)), (parted, (lines[:cut], lines[cut:]))):
        for part in parts:
            tally.add(texts(*(amount for _, amount in part)), texts(*(order for order, _ in part)))
    assert parted == whole


def test_what_repeats_is_found_as_a_loop_finds_it() -> None:
    """Against a loop over the orders, which is what the columns stand for."""
    rng = np.random.default_rng(12)
    orders = texts(*map(str, rng.integers(0, 400, 2_000)))
    amounts = texts(*rng.choice(["5", "5", "5", "5", "5", "5", "6", ""], 2_000))
    expected = np.zeros(2_000, dtype=bool)
    for _, said in amounts[amounts != ""].groupby(orders):
        if said.nunique() == 1:
            expected[said.index[1:]] = True
    assert (repeats(amounts, orders) == expected).all()


def test_negative_sums_keep_their_sign() -> None:
    assert [as_amount(value) for value in (-5, -1230, 0)] == ["-0.05", "-12.30", "0.00"]

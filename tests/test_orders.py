"""The schema of the order rows: which rule a cell breaks, all rules of all rows at once."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandera.errors import SchemaErrors

from schemas.orders import COLUMN_OF, RULES, keeps_all_rules, orders_schema


def orders(awbs: list[str], **columns: list[str]) -> pd.DataFrame:
    """Order rows from row 2 on; other columns are blank."""
    blank = [""] * len(awbs)
    data = {"awb_number": awbs, "awb_doubt": blank, "order_ref": blank, "order_ref_doubt": blank, **columns}
    return pd.DataFrame(data, dtype="str").set_axis(pd.RangeIndex(2, 2 + len(awbs), name="row"))


def broken(frame: pd.DataFrame) -> list[tuple[int, str]]:
    """The rows and the rules that they break."""
    try:
        orders_schema().validate(frame, lazy=True)
    except SchemaErrors as error:
        words = {words: rule for rule, words in RULES.items()}
        cases = error.failure_cases
        return sorted((int(row), words[check]) for row, check in zip(cases["index"], cases["check"], strict=True))
    return []


@pytest.mark.parametrize(
    "awb",
    [
        "", "123456", "86210010463", "00000012345", "D12345678", "EA123456789IN", "SF1234567ABC", "FMPP0123456789",
        "12345678901234567890", "ABC-123", "12" * 15, "1E5123", "a1b2c3",
    ],
)  # fmt: skip
def test_what_any_courier_prints_is_an_awb(awb: str) -> None:
    assert broken(orders([awb])) == []


@pytest.mark.parametrize(
    ("awb", "rule"),
    [
        ("12345", "awb_length"),
        ("1E5", "awb_length"),
        ("NA", "awb_length"),
        ("-", "awb_length"),
        ("1" * 31, "awb_length"),
        ("N/A", "awb_signs"),
        ("123456,", "awb_signs"),
        ("12 345678", "awb_signs"),
        ("123456\n", "awb_signs"),
        ("\n123456", "awb_signs"),
        ("1234567890.0", "awb_signs"),
        ("٨٦٢١٠٠١٠", "awb_signs"),
        ("123_456", "awb_signs"),
        ("=123456", "awb_signs"),
        ("CANCELLED", "awb_digit"),
        ("not-yet-assigned", "awb_digit"),
        ("------", "awb_digit"),
    ],
)
def test_a_text_that_is_no_awb_breaks_one_rule(awb: str, rule: str) -> None:
    assert broken(orders([awb])) == [(2, rule)]


def test_every_rule_of_every_row_is_told_at_once() -> None:
    frame = orders(
        ["123456", "N/A", "WORDS-ONLY", "1.3E+12", "1234567"],
        awb_doubt=["", "", "", "holds 1.3E+12: lost", ""],
        order_ref_doubt=["", "holds 1: long", "", "", "holds 2: long"],
    )
    assert broken(frame) == [
        (3, "awb_signs"), (3, "order_ref_trusted"), (4, "awb_digit"), (5, "awb_signs"), (5, "awb_trusted"),
        (6, "order_ref_trusted"),
    ]  # fmt: skip


def test_row_numbers_are_unique_and_nothing_is_missing() -> None:
    with pytest.raises(SchemaErrors):
        orders_schema().validate(orders(["123456", "1234567"]).set_axis([2, 2]), lazy=True)
    with pytest.raises(SchemaErrors):
        orders_schema().validate(orders(["123456"], order_ref=[None]), lazy=True)  # type: ignore[list-item]


def by_the_schema(frame: pd.DataFrame) -> bool:
    """Whether pandera finds nothing wrong."""
    try:
        orders_schema().validate(frame, lazy=True)
    except SchemaErrors:
        return False
    return True


cells = st.sampled_from(["", "86210010463", "12345", "SF-1234", "CANCELLED", "no awb", "12345\n", "१२३४५६७", "1" * 31])
doubts = st.sampled_from(["", "", "", "holds 1: lost"])


@given(st.lists(st.tuples(cells, doubts, doubts), max_size=4), st.sampled_from([0, 1, 2]), st.booleans())
def test_the_quick_look_says_what_the_schema_says(rows: list[tuple[str, str, str]], first: int, twice: bool) -> None:
    awbs, doubt, ref_doubt = ([row[place] for row in rows] for place in range(3))
    frame = orders(awbs, awb_doubt=doubt, order_ref_doubt=ref_doubt)
    frame.index = pd.Index([first if twice else first + number for number in range(len(rows))], dtype="int64")
    assert keeps_all_rules(frame) == by_the_schema(frame)


@pytest.mark.parametrize("column", ["awb_number", "awb_doubt", "order_ref", "order_ref_doubt"])
def test_the_quick_look_misses_no_cell_that_is_missing_and_no_odd_index(column: str) -> None:
    assert keeps_all_rules(orders(["123456"]))
    for odd in (orders(["123456"], **{column: [None]}), orders(["123456"]).set_axis(["2"])):  # type: ignore[list-item]
        assert not keeps_all_rules(odd)
        assert not by_the_schema(odd)


def test_other_columns_may_stand_beside_them_and_no_row_at_all_is_fine() -> None:
    assert broken(orders(["123456"], amount=["free"])) == []
    assert broken(orders([])) == []


def test_each_rule_has_its_column_and_no_colon_in_its_words() -> None:
    assert set(COLUMN_OF) == set(RULES)
    assert [words for words in RULES.values() if ": " in words] == []

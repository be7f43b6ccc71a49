"""``--where`` compares as a person means it, is never true of a blank, and says where it can't be read."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.selection.filter import compile_where, names_in

ORDERS = pd.DataFrame(
    {
        "amount": ["1,299.00", "₹ 500", "BRL 99,99", "free", "", "1.299,50", "1,29,900"],
        "courier": ["Delhivery", "BLUE DART", "", "Ecom 100%", "delhivery ", "D_1", "100"],
        "order_date": ["2026-01-31 10:00:00", "2026-02-01", "", "2026-01-05", "2026-01-31", "31-01-2026", "soon"],
        "order_ref": ["123456789012345678", "123456789012345679", "7", "RS1299", "007", "", "1299"],
        "Customer City": ["Pune", "Surat", "Kochi", "O'Fallon", "", "pune", "Jaipur"],
    },
    dtype="str",
).set_axis(pd.RangeIndex(2, 9, name="row"))

NAMES = {
    "amount": "amount", "courier": "courier", "order_date": "order_date", "order_ref": "order_ref",
    "Customer City": "Customer City", "Order Total": "amount",
}  # fmt: skip


def rows(expression: str) -> list[int]:
    """The rows for which it is true."""
    true = compile_where(expression, NAMES).test(ORDERS)
    return [int(row) for row in true.index[true]]


@pytest.mark.parametrize(
    ("expression", "true"),
    [
        # numbers as numbers, however they are written
        ("amount > 500", [2, 7, 8]),
        ("amount >= 500", [2, 3, 7, 8]),
        ("500 < amount", [2, 7, 8]),
        ("amount = 1299", [2]),
        ("amount == '1299.00'", [2]),
        ("amount = 99.99", [4]),
        ("amount = 129900", [8]),
        ("amount <= 99.99", [4]),
        ("amount < -1", []),
        ("amount in (500, 1299)", [2, 3]),
        ("`Order Total` = 500", [3]),
        ("[order total] = 500", [3]),
        # exactly: 18 digits are not a float's 16, and zeros in front make another reference
        ("order_ref = 123456789012345678", [2]),
        ("order_ref > 123456789012345678", [3]),
        ("order_ref = 7", [4]),
        ("order_ref = '007'", [6]),
        ("order_ref = 1299", [8]),
        ("order_ref = 'rs1299'", [5]),
        # a word and a number have no order, but they differ
        ("courier > 5", [8]),
        ("amount != 500", [2, 4, 5, 7, 8]),
        # text in any letter case, blanks around it passed over
        ("courier = 'delhivery'", [2, 6]),
        ('courier = "Delhivery"', [2, 6]),
        ("courier <> 'delhivery'", [3, 5, 7, 8]),
        ("courier in ('Delhivery', 'Blue Dart')", [2, 3, 6]),
        ("courier not in ('Delhivery', 'Blue Dart')", [5, 7, 8]),
        ("courier contains 'DART'", [3]),
        ("courier not contains 'dart'", [2, 5, 6, 7, 8]),
        ("courier startswith 'd'", [2, 6, 7]),
        ("courier endswith '%'", [5]),
        ("courier like 'd%y'", [2, 6]),
        ("courier like '__1'", [7]),
        ("courier contains '.'", []),
        ("[Customer City] = 'O''Fallon'", [5]),
        ('[Customer City] = "o\'fallon"', [5]),
        # days
        ("order_date = 2026-01-31", [2, 6]),
        ("order_date <= '2026-01-31'", [2, 5, 6]),
        ("order_date < 2026-01-31", [5]),
        ("order_date > 2026-01-31", [3]),
        ("order_date >= '2026-01-31 10:00:00'", [2, 3]),
        ("order_date >= '2026-01-31 10:00:00' and order_date < 2026-02-01", [2]),
        # a blank is never true, nor is its opposite
        ("not courier = 'delhivery'", [3, 5, 7, 8]),
        ("not (amount > 500)", [3, 4]),
        ("not not amount > 500", [2, 7, 8]),
        ("amount != ''", [2, 3, 4, 5, 7, 8]),
        ("not amount != ''", []),
        ("amount > 500 or courier = 'delhivery'", [2, 6, 7, 8]),
        ("amount > 500 and courier = 'delhivery'", [2]),
        # and binds more tightly than or
        ("courier = 'd_1' or courier = 'delhivery' and amount > 500", [2, 7]),
        ("(courier = 'd_1' or courier = 'delhivery') and amount > 500", [2, 7]),
        ("(courier = 'BLUE DART' or courier = 'd_1') AND NOT amount = 500", [7]),
        # column against column
        ("amount > order_ref", [4, 8]),
        ("courier = courier", [2, 3, 5, 6, 7, 8]),
    ],
)
def test_an_expression_is_true_for_the_rows_that_a_person_means(expression: str, true: list[int]) -> None:
    assert rows(expression) == true


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("", "--where is empty"),
        ("  ", "--where is empty"),
        (
            "amount",
            "--where 'amount' can't be read at its end: a comparison (= != < > in contains …) has to stand here",
        ),
        (
            "amount > > 5",
            "--where 'amount > > 5' can't be read at character 10, '> 5': "
            "a column or a value has to stand here; a text is written in quotes",
        ),
        (
            "amount > 5 5",
            "--where 'amount > 5 5' can't be read at character 12, '5': "
            "the expression could have ended here; join tests with and, or",
        ),
        ("(amount > 5", "--where '(amount > 5' can't be read at its end: a closing parenthesis is missing"),
        (
            "amount = 'x",
            "--where \"amount = 'x\" can't be read at character 10, \"'x\": "
            "a sign that means nothing here, or a quote or bracket that is left open",
        ),
        (
            "'a' = 'b'",
            "--where \"'a' = 'b'\" can't be read at character 1, \"'a' = 'b'\": "
            "no column is compared here; a name with blanks in it is written [so]",
        ),
        (
            "amount = ''",
            "--where \"amount = ''\" can't be read at character 1, \"amount = ''\": "
            "a blank is never true, so this would pick nothing; != '' picks what is filled",
        ),
        (
            "amount in 5",
            "--where 'amount in 5' can't be read at character 11, '5': "
            "the values stand in parentheses: in ('A', 'B')",
        ),
        (
            "amount in (5",
            "--where 'amount in (5' can't be read at its end: a comma or a closing parenthesis has to stand here",
        ),
        (
            "5 in (5)",
            "--where '5 in (5)' can't be read at character 1, '5 in (5)': "
            "a column has to stand here; a name with blanks in it is written [so]",
        ),
        (
            "__import__('os')",
            "--where \"__import__('os')\" can't be read at character 11, \"('os')\": "
            "a comparison (= != < > in contains …) has to stand here",
        ),
        ("amont > 5", "--where speaks of a column 'amont', and there is none"),
    ],
)  # fmt: skip
def test_what_can_not_be_read_is_told_with_its_place(expression: str, problem: str) -> None:
    with pytest.raises(UsageError) as trouble:
        compile_where(expression, NAMES)
    assert trouble.value.problem == problem


def test_a_wrong_name_suggests_the_near_ones_and_how_a_text_is_written() -> None:
    with pytest.raises(UsageError) as trouble:
        compile_where("currier = Delhivery", NAMES)
    assert trouble.value.next_step == "Did you mean courier? A text is written in quotes: 'currier'."
    with pytest.raises(UsageError) as trouble:
        compile_where("courier = Delhivery", NAMES)
    assert str(trouble.value) == (
        "--where speaks of a column 'Delhivery', and there is none. Columns: amount, courier, order_date, order_ref, "
        "Customer City, Order Total. A text is written in quotes: 'Delhivery'."
    )


def test_the_names_are_told_before_the_sheet_is_known() -> None:
    assert names_in("amount > 5 and ([Customer City] = 'x' or not amount in (1, 2))") == ("amount", "Customer City")
    assert compile_where("[Order Total] > 5 and amount < 9", NAMES).needs == ("amount",)


def test_depth_is_bounded_and_length_is_not() -> None:
    with pytest.raises(UsageError, match="more than 50 parentheses"):
        names_in("(" * 5000 + "amount > 5" + ")" * 5000)
    assert rows("not " * 4000 + "amount = 500") == [3]
    assert rows(" or ".join(["amount = 500"] * 300)) == [3]


def test_no_row_at_all_is_fine() -> None:
    assert compile_where("amount > 5 and courier = 'x'", NAMES).test(ORDERS.head(0)).tolist() == []


PIECES = st.sampled_from(
    [
        "amount", "courier", "[Customer City]", "`order_ref`", "nothing", "(", ")", ",", "and", "or", "not", "in", "=",
        "!=", "<>", "<", ">=", "contains", "like", "'x'", '"y"', "5", "-1.5", "2026-01-31", "'",
        "[", "%", "\\", "é", "''",
    ]
)  # fmt: skip


@settings(deadline=None, max_examples=400)
@given(st.lists(PIECES, max_size=9))
def test_any_words_are_an_expression_or_a_usage_trouble(words: list[str]) -> None:
    try:
        where = compile_where(" ".join(words), NAMES)
    except UsageError:
        return
    assert where.test(ORDERS).dtype == bool


@settings(deadline=None, max_examples=150)
@given(
    st.lists(st.text(max_size=12) | st.decimals(allow_nan=False, allow_infinity=False).map(str), max_size=6), st.text()
)
def test_any_cells_can_be_compared_with_any_text(cells: list[str], text: str) -> None:
    frame = pd.DataFrame({"x": cells}, dtype="str")
    quoted = "'" + text.replace("'", "''") + "'"
    tests = ["x < 5", f"x != {quoted}", f"x contains {quoted}", f"x in ({quoted}, 7)", f"x like {quoted}"]
    equal = compile_where(f"x in ({quoted})", {"x": "x"}).test(frame)
    for test in tests:
        compile_where(test, {"x": "x"}).test(frame)
    blank = frame["x"].str.strip() == ""
    assert not (equal & blank).any()

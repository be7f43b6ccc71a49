"""`--where` reads amounts as a person does, and asks about those that it can't read where they decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.decided import Decided, decided, sheet_of


def orders(folder: Path, where: str, *amounts: str) -> Decided:
    rows = "".join(f'OD-{number},8621002000{number},Cancelled,"{text}"\n' for number, text in enumerate(amounts))
    (folder / "orders.csv").write_text(f"Order ID,AWB No,Status,Order Total\n{rows}")
    return decided(folder / "orders.csv", where=where)


def test_amounts_are_compared_however_they_are_written(tmp_path: Path) -> None:
    found = orders(tmp_path, "amount > 1000", "Rs. 1,299/-", "1299 INR", "1 299,00", "(1,299.00)", "999.99", "")
    assert set(found.sent) == {2, 3, 4}
    assert found.question == ""


def test_amounts_that_can_not_be_read_are_asked_about(tmp_path: Path) -> None:
    found = orders(tmp_path, "amount > 1000", "1500", "free", "1.2E+04", "", "free")
    assert found.question == (
        "--where can't be told for 3 rows: amount holds 'free', which is no number for certain (2 rows); amount holds "
        "'1.2E+04', which is no number for certain (1 row). Mend the cells, or leave such rows out with: and amount != "
        "'free'"
    )
    assert found.left[3] == "--where can't be told for it: amount holds 'free', which is no number for certain"
    assert found.left[5] == "--where is not true for it"


def test_what_another_comparison_rules_out_is_not_asked_about(tmp_path: Path) -> None:
    found = orders(tmp_path, "amount > 1000 and amount != 'free'", "1500", "free")
    assert (found.question, set(found.sent)) == ("", {2})


def test_one_and_a_bit_is_told_from_a_thousand_by_the_other_amounts(tmp_path: Path) -> None:
    assert "amount holds '1.299'" in orders(tmp_path, "amount > 1000", "1.299", "5").question
    assert set(orders(tmp_path, "amount > 1000", "1.299", "5,50").sent) == {2}
    assert set(orders(tmp_path, "amount > 1", "1.299", "0.50").sent) == {2}


def test_a_number_cell_is_no_text(tmp_path: Path) -> None:
    rows = (("Order ID", "AWB No", "Status", "Weight"), ("OD-1", "86210020001", "Cancelled", 1.299))
    assert set(decided(sheet_of(tmp_path, *rows), where="Weight > 1").sent) == {2}
    assert set(decided(sheet_of(tmp_path, *rows), where="Weight > 1.3").sent) == set()


@pytest.mark.parametrize(
    ("where", "cell", "what"),
    [
        (where, cell, what)
        for cell, wheres, what in [
            (
                "#N/A",
                ("amount > 1000", "amount = 1500", "amount != 1500", "amount in (1, 2)", "not amount = 2"),
                "error",
            ),
            ("#DIV/0!", ("amount contains '5'", "amount != 'x'", "amount != ''"), "error"),
            ("1.30E+03", ("amount > 1000", "amount = 1300", "amount != 1300", "amount in (1300, 2)"), "number"),
            ("1.299", ("amount = 1299", "amount != 1299"), "number"),
        ]
        for where in wheres
    ],
)
def test_a_cell_without_a_certain_value_is_asked_about_where_it_decides(
    tmp_path: Path, where: str, cell: str, what: str
) -> None:
    why = {"error": "is an error and no value", "number": "is no number for certain"}[what]
    found = orders(tmp_path, where, "1500", cell)
    assert found.question == (
        f"--where can't be told for 1 row: amount holds '{cell}', which {why} (1 row). Mend the cells, or leave such "
        f"rows out with: and amount != '{cell}'"
    )
    assert 3 not in found.sent
    assert orders(tmp_path, f"({where}) and amount != '{cell}'", "1500", cell).question == ""


def test_a_word_is_no_number_that_lost_digits(tmp_path: Path) -> None:
    found = orders(tmp_path, "amount != 1300", "1500", "free", "007", "1300")
    assert (found.question, set(found.sent)) == ("", {2, 3, 4})


def test_an_error_can_be_asked_for(tmp_path: Path) -> None:
    found = orders(tmp_path, "amount = '#N/A' or amount = 1500", "1500", "#n/a", "#REF!")
    assert 3 in found.sent
    assert "amount holds '#REF!'" in found.question

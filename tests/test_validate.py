"""Each bad cell is named by its address, with what it holds, why that won't do and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd
import pytest
from pandera.errors import SchemaErrors

from pipeline.model.reasons import Finding
from pipeline.validate import grouped, remarks, validate

LENGTH = "an AWB has 6 to 30 letters, digits and hyphens; type the right one"
SIGNS = "an AWB has only letters, digits and hyphens, 6 to 30 of them; type the right one"
WORD = "every AWB has a digit, so this is a word and not an AWB; type the right one"
LOST = "the digits were lost when the file was saved again; export the column again as text"
OR_EMPTY = ", or empty the cell, for an AWB can be cancelled without its reference"


@dataclass(frozen=True)
class Place:
    sheet: str = "Orders"
    columns: Mapping[str, int] = field(default_factory=lambda: {"order_ref": 0, "awb_number": 27})


def frame(*awbs: str, **columns: list[str]) -> pd.DataFrame:
    """A canonical frame from row 2 on."""
    blank = [""] * len(awbs)
    data = {
        "awb_number": list(awbs), "awb_doubt": blank, "order_ref": blank, "order_ref_doubt": blank, "aside": blank,
        **columns,
    }  # fmt: skip
    return pd.DataFrame(data, dtype="str").set_axis(pd.RangeIndex(2, 2 + len(awbs), name="row"))


def test_a_trouble_names_the_cell_what_it_holds_and_what_to_do() -> None:
    found = validate(
        frame(
            "86210010463", "12345", "CANCELLED", "N/A", "1.31948E+12", "",
            awb_doubt=["", "", "", "", f"holds 1.31948E+12: {LOST}", "holds a formula without a result: save it"],
            order_ref_doubt=["", "", "", "holds 1E+18 as a number: too long; export it", "", ""],
        ),
        Place(),
    )  # fmt: skip
    assert found.to_dict("records") == [
        {"row": 3, "column": "awb_number", "rule": "awb_length", "cell": "Orders!AB3",
         "reason": f"Orders!AB3 holds 12345: {LENGTH}", "why": LENGTH},
        {"row": 4, "column": "awb_number", "rule": "awb_digit", "cell": "Orders!AB4",
         "reason": f"Orders!AB4 holds CANCELLED: {WORD}", "why": WORD},
        {"row": 5, "column": "awb_number", "rule": "awb_signs", "cell": "Orders!AB5",
         "reason": f"Orders!AB5 holds N/A: {SIGNS}", "why": SIGNS},
        {"row": 5, "column": "order_ref", "rule": "order_ref_trusted", "cell": "Orders!A5",
         "reason": f"Orders!A5 holds 1E+18 as a number: too long; export it{OR_EMPTY}",
         "why": f"too long; export it{OR_EMPTY}"},
        {"row": 6, "column": "awb_number", "rule": "awb_trusted", "cell": "Orders!AB6",
         "reason": f"Orders!AB6 holds 1.31948E+12: {LOST}", "why": LOST},
        {"row": 7, "column": "awb_number", "rule": "awb_trusted", "cell": "Orders!AB7",
         "reason": "Orders!AB7 holds a formula without a result: save it", "why": "save it"},
    ]  # fmt: skip


def test_in_delimited_text_an_address_has_no_sheet() -> None:
    assert validate(frame("12345"), Place(sheet=""))["cell"].tolist() == ["AB2"]


def test_rows_that_are_no_orders_are_passed_over() -> None:
    found = validate(frame("12345", "12345", "", aside=["a total, not an order", "", "blank"]), Place())
    assert found["row"].tolist() == [3]


def test_a_sheet_without_trouble_has_no_lines_and_no_remarks() -> None:
    found = validate(frame("86210010463", ""), Place())
    assert found.dtypes.astype(str).to_dict() == {
        "row": "int64", "column": "str", "rule": "str", "cell": "str", "reason": "str", "why": "str",
    }  # fmt: skip
    assert (found.empty, remarks(found).to_dict(), grouped(found)) == (True, {}, [])
    assert validate(frame(), Place()).empty


def test_a_long_cell_is_shown_in_part() -> None:
    assert validate(frame("1" * 500), Place())["reason"].tolist() == [f"Orders!AB2 holds {'1' * 60}…: {LENGTH}"]


def test_every_reason_of_a_row_stands_in_its_remark() -> None:
    found = validate(
        frame("86210010463", "N/A", "12345", order_ref_doubt=["holds 1: y", "holds 2: y", ""]),
        Place(),
    )
    assert remarks(found).to_dict() == {
        2: f"Orders!A2 holds 1: y{OR_EMPTY}",
        3: f"Orders!AB3 holds N/A: {SIGNS}; Orders!A3 holds 2: y{OR_EMPTY}",
        4: f"Orders!AB4 holds 12345: {LENGTH}",
    }


def test_troubles_are_grouped_by_reason_with_the_first_addresses() -> None:
    found = validate(frame(*["N/A"] * 7, "CANCELLED", *["N/A"] * 3), Place())
    assert grouped(found) == [
        Finding(SIGNS, 10, ("Orders!AB2", "Orders!AB3", "Orders!AB4", "Orders!AB5", "Orders!AB6")),
        Finding(WORD, 1, ("Orders!AB9",)),
    ]


def test_the_same_trouble_in_many_rows_is_one_group_whatever_the_cells_hold() -> None:
    doubts = [f"holds {number}.5E+12, or: so it seems: {LOST}" for number in range(3)]
    assert grouped(validate(frame("a", "b", "c", awb_doubt=doubts), Place())) == [
        Finding(LOST, 3, ("Orders!AB2", "Orders!AB3", "Orders!AB4"))
    ]


def test_a_frame_that_is_not_canonical_is_our_fault_and_not_the_sheets() -> None:
    with pytest.raises(SchemaErrors):
        validate(frame("86210010463", "86210010464").set_axis([2, 2]), Place())


def test_many_troubles_are_told_without_a_look_at_each() -> None:
    count = 100_000
    found = validate(frame(*["N/A"] * count, order_ref_doubt=["holds 1: y"] * count), Place())
    said = remarks(found)
    assert (len(found), len(said)) == (2 * count, count)
    assert said.iloc[-1] == f"Orders!AB100001 holds N/A: {SIGNS}; Orders!A100001 holds 1: y{OR_EMPTY}"

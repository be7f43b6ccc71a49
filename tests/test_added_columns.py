"""One mark a row, in the order of the sheet."""

from __future__ import annotations

import pandas as pd
import pytest

from pipeline.load.own_columns import names_at, own_candidates, own_columns
from pipeline.writing.added_columns import marks_of
from schemas.annotated import LONGEST_CELL, keeps_all_rules


def test_marks_stand_in_the_order_of_the_sheet() -> None:
    index = pd.Index([5, 9], name="row")
    rows = pd.DataFrame({"status": ["Success", "Failed"], "remark": ["", "no"], "refnum": ["R1", ""]}, index=index)
    left_out = pd.DataFrame({"remark": pd.Series(["not picked"], index=[7]).astype("category")})
    marks = marks_of(rows, left_out, pd.Series({5: "Cancelled"}))
    assert marks.astype("str").reset_index().to_numpy().tolist() == [
        [5, "Success", "", "R1", "Cancelled"],
        [7, "Skipped", "not picked", "", ""],
        [9, "Failed", "no", "", ""],
    ]


def test_marks_of_rows_without_gaps_are_numbered_by_a_range_and_coded_in_a_byte() -> None:
    index = pd.Index([6, 4], name="row")
    rows = pd.DataFrame({"status": ["Failed", "Success"], "remark": ["no", ""], "refnum": ["R1", ""]}, index=index)
    left_out = pd.DataFrame({"remark": pd.Series(["not picked", "hidden"], index=[5, 7]).astype("category")})
    marks = marks_of(rows, left_out)
    assert isinstance(marks.index, pd.RangeIndex)
    assert marks["status"].tolist() == ["Success", "Skipped", "Failed", "Skipped"]
    assert marks["remark"].tolist() == ["", "not picked", "no", "hidden"]
    assert {str(marks[name].cat.codes.dtype) for name in marks} == {"int8"}
    assert marks_of(rows.iloc[:0], left_out.iloc[:0]).empty


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        (("AWB", "status", "remark", "refnum", "Notes"), {1, 2, 3}),
        (("AWB", "cancel_status (2)", "cancel_remark (2)", "cancel_refnum (2)", "cancel_verified (2)"), {1, 2, 3, 4}),
        (("AWB", "status", "remark", "refnum", "cancel_verified"), {1, 2, 3}),
        (("AWB", "status", "remark", "refnum"), {1, 2, 3}),
    ],
)
def test_the_columns_of_an_earlier_run_keep_their_names(headers: tuple[str, ...], own: set[int]) -> None:
    (start,) = own_candidates(headers)
    assert (names_at(headers, start), own_columns(headers, [start])) == (headers[1:4], own)


def test_a_text_longer_than_a_cell_holds_is_cut_where_the_sheet_is_written() -> None:
    long = "x" * (LONGEST_CELL + 1)
    rows = pd.DataFrame(
        {"status": ["Success"] * 3, "remark": [long, long + "y", "ok"], "refnum": ["1", long, ""]}, index=[2, 3, 4]
    )
    marks = marks_of(rows, pd.DataFrame({"remark": pd.Categorical([])}))
    assert keeps_all_rules(marks)
    assert marks["remark"].tolist() == ["x" * (LONGEST_CELL - 2) + " …"] * 2 + ["ok"]
    assert marks["refnum"].tolist() == ["1", "x" * (LONGEST_CELL - 2) + " …", ""]

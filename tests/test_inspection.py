"""inspect shows everything that was understood of a file, in one value that is also its JSON."""

from __future__ import annotations

import json
from datetime import date

import pandas as pd

from pipeline.jobs.inspection import CellProblem, ColumnInspection, Inspection, StateWord, inspect
from pipeline.load import Wishes, load
from pipeline.model.reasons import Finding
from pipeline.model.sheet import Visibility
from tests.fakebook import Cell, FakeBook, one_sheet

ROWS: list[list[Cell]] = [
    ["Orders of November"],
    ["Order ID", "AWB", "Status", "Order\nDate", "", "Note", " "],
    ["SO-1", "86210010463", "CANCELLED", date(2026, 1, 31), "x"],
    ["SO-2", 86210010464, "cancelled", "2026-02-01", None],
    ["SO-3", "1.31948E+12", "Delivered", "", None],
    ["SO-4", "3,60003E+14", "Delivered", "", None],
    ["SO-5", date(2026, 1, 31), "On hold", "", None],
    [],
    ["Total", "", "", "", ""],
]


def test_a_survey_says_everything_that_was_understood() -> None:
    book = FakeBook(
        {"Read me": [["A cover without columns"]], "Orders": ROWS},
        visibility={"Read me": Visibility.HIDDEN},
        hidden=frozenset({4}),
        notes=("HTML named .xls",),
    )
    lost = "the digits were lost when the file was saved again; export the column again as text"
    assert inspect(load(book, Wishes())) == Inspection(
        file="orders.xlsx",
        format="xlsx",
        sheet="Orders",
        sheets=(("Read me", "hidden"), ("Orders", "visible")),
        header_row=2,
        profile="default",
        columns=(
            ColumnInspection("A", "Order ID", "order_ref", 6, 6, {"text": 6}, "SO-1"),
            ColumnInspection("B", "AWB", "awb_number", 5, 5, {"text": 3, "number": 1, "date": 1}, "86210010463"),
            ColumnInspection("C", "Status", "order_status", 5, 4, {"text": 5}, "CANCELLED"),
            ColumnInspection("D", "Order Date", "order_date", 2, 2, {"text": 1, "date": 1}, "2026-01-31"),
            ColumnInspection("E", "", "", 1, 1, {"text": 1}, "x"),
            ColumnInspection("F", "Note", "", 0, 0, {}, ""),
        ),
        rows={"read": 7, "orders": 5, "with an AWB": 5, "hidden": 1, "a total, not an order": 1, "blank": 1},
        picked_by="the status in 'Status' (column C): the words for \"to be cancelled\", below",
        statuses=(
            StateWord("CANCELLED", 1, "cancel"),
            StateWord("cancelled", 1, "cancel"),
            StateWord("Delivered", 2, "too_late"),
            StateWord("On hold", 1, ""),
        ),
        problems=(
            CellProblem("awb_number", Finding(lost, 2, ("Orders!B5", "Orders!B6"))),
            CellProblem(
                "awb_number", Finding("Excel made a date of it; export the column again as text", 1, ("Orders!B7",))
            ),
        ),
        notes=(
            "HTML named .xls",
            "sheet Orders, of 2",
            "header row: 2",
            "rows hidden in the sheet, by a filter or by hand: 1",
        ),
        question="",
    )


def test_the_json_is_the_same_in_plain_values() -> None:
    found = inspect(load(one_sheet(*ROWS), Wishes()))
    written = json.loads(found.as_json())
    assert list(written) == [
        "version", "file", "format", "sheet", "sheets", "header_row", "profile", "columns", "rows", "picked_by",
        "statuses", "doubts", "notes", "question",
    ]  # fmt: skip
    assert written["sheets"] == [{"name": "Orders", "shows": "visible"}]
    assert written["columns"][0] == {
        "letter": "A",
        "header": "Order ID",
        "canonical": "order_ref",
        "filled": 6,
        "distinct": 6,
        "kinds": {"text": 6},
        "sample": "SO-1",
    }


def test_marks_pick_before_states() -> None:
    rows: list[list[Cell]] = [["AWB", "Status", "Cancel"], ["86210010463", "New", "yes"], ["86210010464", "New", "NO"]]
    found = inspect(load(one_sheet(*rows), Wishes()))
    assert found.picked_by == "the yes/no column 'Cancel' (column C): 1 rows say yes"


def test_a_sheet_that_picks_nothing_says_what_would() -> None:
    found = inspect(load(one_sheet(["AWB"], ["86210010463"]), Wishes()))
    assert found.picked_by == "nothing by itself: say --all or --pick-from, or name a column with --column"


def test_text_has_addresses_without_a_sheet() -> None:
    found = inspect(load(FakeBook({"": [["AWB"], ["1.31948E+12"]]}, format="csv"), Wishes()))
    assert [doubt.found.first for doubt in found.problems] == [("A2",)]


def test_many_frames_are_surveyed_like_one() -> None:
    rows: list[list[Cell]] = [["AWB", "Status"], *([f"86210{number:06}", "New Order"] for number in range(40))]
    assert inspect(load(one_sheet(*rows, frame_size=7), Wishes())) == inspect(load(one_sheet(*rows), Wishes()))


def test_what_else_is_to_be_found_out_gets_the_frames_in_the_same_pass() -> None:
    book = one_sheet(*ROWS)
    seen: list[pd.DataFrame] = []
    inspect(load(book, Wishes()), watch=seen.append)
    assert [len(frame) for frame in seen] == [7]
    assert book.read == [(0, 1, 2, 3, 4, 5)]


def test_long_samples_and_many_states_are_cut() -> None:
    rows: list[list[Cell]] = [
        ["AWB", "Status", "Note"],
        *(["86210010463", f"state {n}", "words " * 9] for n in range(60)),
    ]
    found = inspect(load(one_sheet(*rows), Wishes()))
    assert found.columns[2].sample == "words words words words…"
    assert len(found.statuses) == 51
    assert found.statuses[-1] == StateWord("(others)", 10, "")

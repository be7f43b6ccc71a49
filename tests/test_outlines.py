"""The outline of a pivot table writes a status once, above the rows of which it is true: there it keeps all of them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from pipeline.model.sheet import OUTLINED
from pipeline.selection import outlined
from tests.decided import decided

OUTLINES = {
    "one level": ["Status,AWB No", "Delivered,86210015021", ",86210015022", "Manifested,86210015023", ",86210015024"],
    "two levels": [
        "Courier,Status,AWB No",
        "Delhivery,Delivered,86210015021",
        ",,86210015022",
        ",Manifested,86210015023",
        ",,86210015024",
    ],
}


@pytest.mark.parametrize("lines", OUTLINES.values(), ids=OUTLINES)
def test_in_an_outline_a_status_keeps_the_rows_of_its_group(tmp_path: Path, lines: list[str]) -> None:
    (tmp_path / "pivot.csv").write_text("\n".join([*lines, ""]))
    found = decided(tmp_path / "pivot.csv", everything=True)
    assert found.sent == {4: "86210015023", 5: "86210015024"}
    assert found.left[3].startswith('too late to cancel: its group\'s status is "Delivered"')


def test_a_group_of_an_unknown_status_is_asked_about_and_one_to_be_cancelled_picks_nothing(tmp_path: Path) -> None:
    lines = ["Status,AWB No", "Cancelled,86210015021", ",86210015022", "Brunch,86210015023", ",86210015024", ""]
    (tmp_path / "pivot.csv").write_text("\n".join(lines))
    found = decided(tmp_path / "pivot.csv", everything=True)
    assert found.sent == {2: "86210015021", 3: "86210015022"}
    assert '"Brunch"' in found.question
    assert decided(tmp_path / "pivot.csv").sent == {2: "86210015021"}


def test_a_blank_status_beside_other_cells_is_that_of_no_group(tmp_path: Path) -> None:
    lines = ["Order ID,Status,AWB No", "SO-1,Delivered,86210015021", "SO-2,,86210015022", ""]
    (tmp_path / "orders.csv").write_text("\n".join(lines))
    assert decided(tmp_path / "orders.csv", everything=True).sent == {3: "86210015022"}


def test_a_group_goes_on_in_the_next_frame() -> None:
    first = pd.DataFrame({"order_status": ["Delivered", ""], OUTLINED: ["", "yes"]})
    second = pd.DataFrame({"order_status": ["", "New", ""], OUTLINED: ["yes", "", ""]})
    frames = list(outlined([first, second.iloc[:1], second.iloc[1:]]))
    assert [frame["group_state"].tolist() for frame in frames] == [["", "Delivered"], ["Delivered"], ["", ""]]

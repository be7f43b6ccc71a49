"""An AWB that a row to keep may hold is never sent, however that row writes it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.planning.protection import Ranges, protected
from tests.sorted_rows import sort_text

AWB = "86210014001"

HELD = [
    f"SF{AWB}",
    AWB, f"{AWB},86210019999", f"{AWB} / 86210019999", f"86210019999;{AWB}", f"{AWB}\n86210019999",
    f"{AWB} 86210019999",
    f"{AWB}|86210019999", f"{AWB} & 86210019999", f"Delhivery {AWB}", f"{AWB} (Delhivery)", f"Delhivery-{AWB}",
    f"Delhivery{AWB}", f"AWB: {AWB}", f"AWB#{AWB}", f"{AWB}.0", f"{AWB}.00", f"{AWB},00", f"00{AWB}", f"000{AWB}.0",
    "8621-0014001", "8621 0014001", "8621 0014 001", "86-210-014-001", "86.210.014.001", "86,210,014,001", f"{AWB};",
    f" {AWB} ", f"'{AWB}", f'="{AWB}"', f"`{AWB}", f"{AWB}_1", f"{AWB}/1", "\u200b" + AWB, "86210\u00a0014001",
    "８６２１００１４００１", "8.6210014E+10", "8,6210014E+10", "8.621E10", "9E+10", f"{AWB}?",
    f"old: {AWB} new: 86210019999",
    f"RTO {AWB}", f"{AWB} - cancelled?",
]  # fmt: skip

OTHERS = [
    "86210019999",
    "86210014002",
    "862100140010",
    "6210014001",
    "8.6210016E+10",
    "1.31948E+12",
    "",
    "NA",
    "Delhivery",
]


def sheet_with(kept: str) -> str:
    cell = '"' + kept.replace('"', '""') + '"'
    return f"Order ID,AWB No,Status\nA-1,{AWB},Cancelled\nB-1,{cell},Ready to ship\n"


@pytest.mark.parametrize("kept", HELD)
def test_what_a_kept_row_may_hold_is_not_sent(tmp_path: Path, kept: str) -> None:
    found = sort_text(tmp_path, sheet_with(kept))
    assert found.sent == ()
    assert found.why[2].startswith("row 3 has ")
    assert "is not to be cancelled" in found.why[2]


@pytest.mark.parametrize("kept", OTHERS)
def test_what_a_kept_row_can_not_mean_is_sent(tmp_path: Path, kept: str) -> None:
    assert sort_text(tmp_path, sheet_with(kept)).sent == (AWB,)


def test_an_awb_with_letters_is_protected_in_any_case_and_with_zeros_or_hyphens(tmp_path: Path) -> None:
    for kept in ("sf-123456789-ab", "SF123456789ab", "Ekart SF 123456789 AB"):
        text = f"Order ID,AWB No,Status\nA-1,SF123456789AB,Cancelled\nB-1,{kept},New\n"
        assert sort_text(tmp_path, text).sent == ()
    picked = "Order ID,AWB No,Status\nA-1,0086-210014001,Cancelled\nB-1,86210014001,New\n"
    assert sort_text(tmp_path, picked).sent == ()


def test_a_row_that_could_not_be_read_whole_protects_what_stands_in_any_of_its_cells(tmp_path: Path) -> None:
    text = "Order ID,Total,AWB No,Status\n1,500,86210016052,Cancelled\n2,500,00,86210016052,Shipped\n"
    assert sort_text(tmp_path, text).sent == ()


def test_digits_that_a_spreadsheet_lost_protect_every_number_that_they_may_have_been(tmp_path: Path) -> None:
    rows = [f"A-{n},131948{n:07d},Cancelled" for n in (0, 4_999_999, 9_999_999)]
    text = "Order ID,AWB No,Status\n" + "\n".join(rows) + "\nB-1,1.31948E+12,New\nB-2,13194A0000001,New\n"
    found = sort_text(tmp_path, text)
    assert found.sent == ()
    assert found.why[3] == (
        "row 5 has an AWB that can't be read and may be this one, and is not to be cancelled: mend its cell first"
    )


def one(cell: str, doubt: str = "") -> set[str]:
    index = pd.Index([7], name="row")
    return set(protected(pd.Series([cell], index=index), pd.Series([doubt], index=index)).keys)


def test_a_plain_cell_protects_just_itself_and_one_in_doubt_what_its_doubt_shows_too() -> None:
    assert one("86210014001") == {"86210014001"}
    assert {"12345678", "86210014001"} <= one("12345678", "holds 12345678 under a format that shows 86210014001")


@given(st.text(max_size=12), st.text(max_size=12))
def test_an_awb_is_made_out_whatever_signs_stand_around_it(before: str, behind: str) -> None:
    signs = "".join(sign for sign in before if not sign.isalnum()), "".join(s for s in behind if not s.isalnum())
    assert "86210014001" in one(f"{signs[0]} 86210014001 {signs[1]}")


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), min_size=1), st.lists(st.integers(-5, 90)))
def test_ranges_hold_just_the_numbers_between_their_ends(spans: list[tuple[int, int]], numbers: list[int]) -> None:
    rows = pd.Series(range(1, len(spans) + 1)).to_numpy()
    low = pd.Series([float(start) for start, _ in spans]).to_numpy()
    high = pd.Series([float(start + long) for start, long in spans]).to_numpy()
    found = Ranges.joined([Ranges(low, high, rows)]).holding(pd.Series(numbers, dtype="float64").to_numpy())
    for number, row in zip(numbers, found.tolist(), strict=True):
        assert (row != 0) == any(start <= number <= start + long for start, long in spans)
        assert row == 0 or spans[row - 1][0] <= number <= sum(spans[row - 1])


# --- several lines of one order ---------------------------------------------------------------------------------------

LINES = {
    "two lines, status on the first": (["1,86210022001,Cancelled", "1,86210022001,"], ("86210022001",)),
    "three lines": (["1,86210022001,Cancelled", "1,86210022001,", "1,86210022001,"], ("86210022001",)),
    "the second line must stay": (["1,86210022001,Cancelled", "1,86210022001,Shipped"], ()),
    "the first line must stay": (["1,86210022001,Shipped", "1,86210022001,"], ()),
    "another order with the same AWB": (["1,86210022001,Cancelled", "2,86210022001,"], ()),
    "no reference on the second line": (["1,86210022001,Cancelled", ",86210022001,"], ()),
    "another row between them": (["1,86210022001,Cancelled", "2,86210022002,New", "1,86210022001,"], ()),
    "another AWB of the same order": (["1,86210022001,Cancelled", "1,86210022003,"], ("86210022001",)),
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_the_lines_of_one_order_share_the_status_of_its_first_one(tmp_path: Path, name: str) -> None:
    lines, sent = LINES[name]
    assert sort_text(tmp_path, "Order ID,AWB No,Status\n" + "\n".join(lines) + "\n").sent == sent


def test_lines_of_one_order_in_two_frames_share_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.load.order_table.FRAME", 1)
    text = "Order ID,AWB No,Status\n1,86210022001,Cancelled\n1,86210022001,\n1,86210022001,\n2,86210022002,New\n"
    found = sort_text(tmp_path, text)
    assert (found.sent, list(found.why)) == (("86210022001",), [5])

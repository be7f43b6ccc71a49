"""What stands where there is no AWB is no AWB; a number that nobody's parcel has is a problem."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.model.sheet import Kind
from tests.decided import decided
from tests.test_displayed import read

NOBODYS = "no parcel has a number of one digit only; type the right one"


@pytest.mark.parametrize(
    "text",
    [
        "NA", "N/A", "n.a.", "#N/A", "-", "--", "—", "null", "NONE", "nan", "Not Assigned", "not-yet-assigned", "TBD",
        "Hand Delivery", "SELF SHIP", "Self-Pickup", ".", "?", "(none)", "'NA", '="NA"', "AWB not generated", " ", "0",
    ],
)  # fmt: skip
def test_a_placeholder_is_no_awb(text: str) -> None:
    assert read(text) == ("", "")


@pytest.mark.parametrize("text", ["CANCELLED", "Delhivery", "NAB", "00", "000000"])
def test_another_word_is_left_to_the_rules_for_awbs(text: str) -> None:
    assert read(text) == (text, "")


def test_a_bare_zero_is_nothing_and_zeros_of_a_format_are_a_number() -> None:
    assert read("0", Kind.NUMBER) == ("", "")
    assert read("0", Kind.NUMBER, "00000000000000") == ("00000000000000", "")


def test_placeholders_are_left_out_and_numbers_of_nobody_are_invalid(tmp_path: Path) -> None:
    awbs = ("NA", "-", "0", "Not Assigned", "000000000000", "111111111111", "11111111-1111", "111111111112", "99999")
    rows = "".join(f"OD-{number},{awb},Cancelled\n" for number, awb in enumerate(awbs))
    (tmp_path / "orders.csv").write_text(f"Order ID,AWB No,Status\n{rows}")
    found = decided(tmp_path / "orders.csv")
    assert found.left == dict.fromkeys(range(2, 6), "no AWB, nothing to cancel")
    assert found.sent == {9: "111111111112"}
    assert found.invalid == {
        6: f"B6 holds 000000000000: {NOBODYS}",
        7: f"B7 holds 111111111111: {NOBODYS}",
        8: f"B8 holds 11111111-1111: {NOBODYS}",
        10: "B10 holds 99999: an AWB has 6 to 30 letters, digits and hyphens; type the right one",
    }

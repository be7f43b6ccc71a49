"""Column names in two rows are asked about: by the upper one alone, the state of a parcel would have no name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.decided import decided, merged, sheet_of

ROWS = (("OD1", "01-11-2026", "86210012401", "Cancelled"), ("OD2", "01-11-2026", "86210012402", "Shipped"))
GROUPS = ("Order", None, "AWB", None)
PARTS = ("No", "Date", "No", "Status")
OPTIONS = {"header_row": 2, "columns": ("awb_number=C", "order_ref=A")}


@pytest.mark.parametrize("everything", [False, True])
def test_names_in_two_rows_are_said_with_the_option_that_reads_them(tmp_path: Path, everything: bool) -> None:
    found = decided(sheet_of(tmp_path, GROUPS, PARTS, *ROWS, after=merged("A1:B1", "C1:D1")), everything=everything)
    assert found.refused == (
        "orders.xlsx, sheet Orders, row 1: The column names stand in two rows, 1 and 2. "
        "Say --header-row 2 --column awb_number=C --column order_ref=A; the names in row 2 count then."
    )


def test_the_option_reads_them_and_the_state_keeps_its_row(tmp_path: Path) -> None:
    found = decided(sheet_of(tmp_path, GROUPS, PARTS, *ROWS), everything=True, **OPTIONS)
    assert (found.sent, found.refused, found.question) == ({3: "86210012401"}, "", "")
    assert found.left == {
        4: 'too late to cancel: its status is "Shipped" (--allow-late takes it all the same)',
    }


@pytest.mark.parametrize(
    ("header", "below"),
    [
        (("Order ID", None, "AWB No", "Status"), ("mine", "a note", "86210012409", "Cancelled")),
        (("Order ID", None, "AWB No", "Status"), ("see below", "left by Asha", None, None)),
        (("Order ID", "Date", "AWB No", "Status"), ("text", "date", "text", "Status")),
    ],
)
def test_a_row_of_data_or_of_words_below_the_header_is_no_second_header(
    tmp_path: Path, header: tuple[str | None, ...], below: tuple[str | None, ...]
) -> None:
    found = decided(sheet_of(tmp_path, header, below, *ROWS), statuses=("Cancelled",))
    assert found.refused == ""
    assert "86210012401" in found.sent.values()

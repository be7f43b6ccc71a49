"""A column that nobody sees never decides silently which parcels are cancelled."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.sheets import open_book
from tests.bare_parts import workbook_parts, worksheet, write_zip
from tests.decided import decided, sheet_of

ROWS = (
    ("AWB Code", "Order ID", "Order Status", "Cancel", "Order Date"),
    ("86210010463401", "O1", "New Order", "yes", "2026-11-01"),
    ("86210010463402", "O2", "Cancel Requested", None, "2026-11-02"),
)


def hiding(column: int) -> str:
    return f'<cols><col min="{column}" max="{column}" width="9" hidden="1" customWidth="1"/></cols>'


@pytest.mark.parametrize(
    ("columns", "hidden"),
    [
        ('<col min="2" max="3" hidden="1"/><col min="5" max="5" hidden="true"/>', {1, 2, 4}),
        ('<col min="1" max="1" width="0"/><col min="2" max="2" width="0.0"/>', {0, 1}),
        ('<col min="4" max="16384" hidden="1"/>', set(range(3, 16_384))),
        ('<col min="0" max="99999999999" hidden="1"/><col hidden="1"/>', set()),
        ('<col min="1" max="2" hidden="0" width="9"/>', set()),
        ("", set()),
    ],
)
@pytest.mark.parametrize("space", ["", "x:"])
def test_hidden_columns_are_told_in_every_spelling(tmp_path: Path, columns: str, hidden: set[int], space: str) -> None:
    sheet = worksheet("<row><c><v>1</v></c></row>", f"<cols>{columns}</cols>")
    if space:
        sheet = sheet.replace("<", "<x:").replace("<x:/", "</x:").replace("<x:?", "<?").replace("xmlns=", "xmlns:x=")
    path = write_zip(tmp_path / "orders.xlsx", workbook_parts(sheet))
    assert open_book(path).hidden_columns("Orders") == hidden


@pytest.mark.parametrize(
    ("column", "said", "question"),
    [
        (
            1,
            {},
            "'AWB Code' (column A) would say the AWBs, and it is hidden in the sheet: say --column "
            "'awb_number=AWB Code' if it is meant",
        ),
        (
            4,
            {},
            "'Cancel' (column D) would say what to cancel, and it is hidden in the sheet: say --column cancel=Cancel "
            "if it is meant, or --column cancel= to pass it over",
        ),
        (4, {"columns": ("cancel=",)}, ""),
        (4, {"columns": ("cancel=Cancel",)}, ""),
        (3, {}, ""),  # the yes/no column decides, the state only keeps rows
        (
            3,
            {"columns": ("cancel=",)},
            "'Order Status' (column C) would say the state, and it is hidden in the sheet: say --column "
            "'order_status=Order Status' if it is meant, or --column order_status= to pass it over",
        ),
        (1, {"columns": ("awb_number=AWB Code",)}, ""),
        (2, {}, ""),
        (5, {}, ""),
        (
            5,
            {"older_than": 7},
            "'Order Date' (column E) would say the dates, and it is hidden in the sheet: say --column "
            "'order_date=Order Date' if it is meant, or --column order_date= to pass it over",
        ),
    ],
)
def test_a_hidden_column_that_decides_is_asked_about(
    tmp_path: Path, column: int, said: dict[str, object], question: str
) -> None:
    found = decided(sheet_of(tmp_path, *ROWS, before=hiding(column)), **said)
    assert (found.question, found.refused) == (question, "")


def test_the_hidden_columns_are_named(tmp_path: Path) -> None:
    path = sheet_of(tmp_path, *ROWS, before='<cols><col min="2" max="4" hidden="1"/></cols>')
    note = "columns hidden in the sheet: 'Order ID' (column B), 'Order Status' (column C), 'Cancel' (column D)"
    assert note in decided(path).notes
    assert not any("hidden" in note for note in decided(sheet_of(tmp_path, *ROWS)).notes)

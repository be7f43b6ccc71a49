"""The totals row of an Excel table is no order: its sum of AWBs is never sent, and its row says so."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from tests.decided import Decided, decided
from tests.test_job import start
from tests.workbooks import xlsx_book

AWBS = (86210010461, 86210010462, 86210010463)
HEADERS = ("Order ID", "AWB Code", "Order Status")


def with_table(path: Path, *, label: str = "", total: bool = True, beside: bool = False) -> Path:
    """Three orders in a table whose totals row adds their AWBs up; or with a table of other things beside them."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Orders")
        rows = [(f"SO-{number}", awb, "New Order") for number, awb in enumerate(AWBS, 1)]
        for number, cells in enumerate((HEADERS, *rows)):
            sheet.write_row(number, 0, cells)
        if beside:
            options = {"columns": [{"header": "Rate"}, {"header": "Price"}], "total_row": True}
            sheet.write_row(0, 5, ("Rate", "Price"))
            sheet.write_row(1, 5, ("north", 50))
            sheet.add_table("F1:G3", options)
        else:
            columns = [{"header": header} for header in HEADERS]
            if total:
                columns[0] |= {"total_string": label} if label else {}
                columns[1] |= {"total_function": "sum", "total_value": sum(AWBS)}
            sheet.add_table("A1:C5" if total else "A1:C4", {"columns": columns, "total_row": total})
    return path


A_TOTAL = "a total, not an order"
ORDERS = [
    (f"SO-{number}", str(awb), "To Cancel" if number == 1 else "New Order", 10 * number)
    for number, awb in enumerate(AWBS, 1)
]

SENT = Decided(sent={row: str(awb) for row, awb in enumerate(AWBS, 2)})


@pytest.mark.parametrize("label", ["", "Total", "Sum of all"])
def test_the_sum_that_a_table_keeps_is_not_sent_whatever_it_is_called(tmp_path: Path, label: str) -> None:
    found = decided(with_table(tmp_path / "orders.xlsx", label=label), everything=True)
    assert (found.sent, found.invalid, found.left, found.refused) == (SENT.sent, {}, {5: A_TOTAL}, "")


def test_a_totals_row_that_adds_the_amounts_up_counts_for_none_of_them(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "orders.xlsx")) as book:
        sheet = book.add_worksheet("Orders")
        for number, cells in enumerate((("Order ID", "AWB", "Status", "Amount"), *ORDERS)):
            sheet.write_row(number, 0, cells)
        columns = [{"header": "Order ID", "total_string": "All"}, {"header": "AWB"}, {"header": "Status"}]
        columns.append({"header": "Amount", "total_function": "sum", "total_value": 60})
        sheet.add_table("A1:D5", {"columns": columns, "total_row": True})
    done = start(["plan", "orders.xlsx", "--json"], tmp_path)
    summary = json.loads(done.stdout)
    assert {word: amount for word, amount in summary["amount"].items() if amount not in ("0.00", 0)} == {
        "Planned": "10.00",
        "Skipped": "50.00",
    }


def test_a_row_beside_the_totals_of_another_table_is_an_order(tmp_path: Path) -> None:
    found = decided(with_table(tmp_path / "orders.xlsx", beside=True), everything=True)
    assert (found.sent, found.left) == (SENT.sent, {})


def test_the_counts_say_what_stands_in_the_sheet(tmp_path: Path) -> None:
    with_table(tmp_path / "orders.xlsx")
    done = start(["cancel", "orders.xlsx", "--all", "--yes", "--json"], tmp_path)
    summary = json.loads(done.stdout)
    assert {word: count for word, count in summary["counts"].items() if count} == {"Success": 3, "Skipped": 1}
    assert (summary["rows"], summary["awbs"]["sent"]) == (4, 3)
    sheet = openpyxl.load_workbook(tmp_path / "orders.annotated.sandbox.xlsx")["Orders"]
    assert [row[3].value for row in sheet.iter_rows(1, 5)] == ["status", *["Success"] * 3, "Skipped"]
    assert sheet["E5"].value == A_TOTAL
    (table,) = sheet.tables.values()
    labels = [(column.name, column.totalsRowLabel) for column in table.tableColumns]
    assert labels[3:] == [("status", "Skipped"), ("remark", A_TOTAL), ("refnum", None)]


def test_a_second_run_writes_over_the_word_of_the_totals_row(tmp_path: Path) -> None:
    with_table(tmp_path / "orders.xlsx")
    for name, again in (("orders", "once"), ("once", "again")):
        done = start(["cancel", f"{name}.xlsx", "--all", "--yes", "-o", f"{again}.xlsx"], tmp_path)
        assert done.returncode == 0, done.stderr
    sheet = openpyxl.load_workbook(tmp_path / "again.xlsx")["Orders"]
    assert [row[3].value for row in sheet.iter_rows(1, 5)] == ["status", *["Success"] * 3, "Skipped"]


def test_the_library_tells_which_rows_are_totals_in_which_columns(tmp_path: Path) -> None:
    book = xlsx_book(with_table(tmp_path / "a.xlsx"), "xlsx")
    assert [book.total_rows("Orders", column) for column in (0, 2, 3)] == [{5}, {5}, frozenset()]
    book = xlsx_book(with_table(tmp_path / "b.xlsx", total=False), "xlsx")
    assert book.total_rows("Orders", 0) == frozenset()

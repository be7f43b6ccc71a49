"""The header row, the sheet and the columns are found as a careful person would, who asks when in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from pipeline.errors import ColumnError, FileError, UsageError
from pipeline.load import REFERENCES, Wishes, load
from pipeline.model.sheet import Visibility
from pipeline.sheets import open_book
from schemas.columns import load_profile
from tests.fakebook import Cell, FakeBook, one_sheet

ORDERS: list[list[Cell]] = [["Order ID", "AWB", "Status"], ["SO-1", "86210010463", "New"]]


def test_a_header_row_far_down_can_be_named_as_it_was_found(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row, cells in zip((5002, 5003), ORDERS, strict=True):
        for column, cell in enumerate(cells, 1):
            book.active.cell(row, column, cell)  # type: ignore[union-attr]
    book.save(tmp_path / "far.xlsx")
    found = [load(open_book(tmp_path / "far.xlsx"), Wishes(header_row=row)).header_row for row in (None, 5002)]
    assert found == [5002, 5002]
    with pytest.raises(ColumnError, match="Row 4000, which --header-row names"):
        load(open_book(tmp_path / "far.xlsx"), Wishes(header_row=4000))


# what stands above and below -> the header's row
HEADER_ROWS: list[tuple[str, int, Sequence[Sequence[Cell]]]] = [
    ("at the top", 1, ORDERS),
    ("below three titles", 4, [["Example Traders"], ["Orders of November"], [], *ORDERS]),
    ("below a title that says AWB", 2, [["AWB report of November 2026"], *ORDERS]),
    ("below a group row", 2, [["Order", "Shipment", ""], *ORDERS]),
    ("below a group row called like a column", 2, [["Order", "AWB", ""], *ORDERS]),
    ("below ten rows of a letter head", 11, [[f"Line {number}"] for number in range(10)] + ORDERS),
    ("below a small table of totals", 5, [["Status", "Count"], ["New", 1], ["All", 1], [], *ORDERS]),
    ("above a row that explains the columns", 1, [ORDERS[0], ["The order", "The AWB", "The status"], ORDERS[1]]),
    ("above the same header, of the second page", 1, [*ORDERS, *ORDERS]),
    ("with line breaks and blanks in it", 1, [["Order\nID ", " AWB\nNo. ", "Status"], ORDERS[1]]),
    ("a lone AWB column", 1, [["AWB"], ["86210010463"]]),
    ("in row 50", 50, [["x"]] * 49 + ORDERS),
]


@pytest.mark.parametrize(("where", "row", "rows"), HEADER_ROWS, ids=[case[0] for case in HEADER_ROWS])
def test_the_header_row_is_found(where: str, row: int, rows: Sequence[Sequence[Cell]]) -> None:
    table = load(one_sheet(*rows), Wishes())
    assert (table.header_row, table.headers) == (row, tuple(rows[row - 1]))


def test_a_header_below_the_first_fifty_rows_must_be_named() -> None:
    rows = [["x"]] * 50 + ORDERS
    with pytest.raises(ColumnError, match="No column is known to hold AWBs") as caught:
        load(one_sheet(*rows), Wishes())
    assert "--header-row N" in str(caught.value)
    assert load(one_sheet(*rows), Wishes(header_row=51)).header_row == 51


@pytest.mark.parametrize("number", [2, 99, 5000])
def test_a_header_row_that_holds_nothing_is_refused(number: int) -> None:
    with pytest.raises(ColumnError, match=f"Row {number}, which --header-row names, holds no column names"):
        load(one_sheet(ORDERS[0], [], ORDERS[1]), Wishes(header_row=number))


def test_without_a_header_columns_go_by_their_letters() -> None:
    book = one_sheet(["SO-1", "86210010463"], ["SO-2", "86210010464"])
    table = load(book, Wishes(header_row=0, columns={"awb_number": "B", "order_ref": "A"}))
    assert (table.header_row, table.headers, table.columns) == (0, ("A", "B"), {"awb_number": 1, "order_ref": 0})
    assert [list(frame["awb_number"]) for frame in table.frames()] == [["86210010463", "86210010464"]]


# --- sheets ------------------------------------------------------------------------------------------------------


def test_the_sheet_that_has_orders_is_taken_not_the_first_one() -> None:
    book = FakeBook({"Read me": [["How to fill this in"]], "Orders": ORDERS, "Lists": [["Courier"], ["Alpha"]]})
    table = load(book, Wishes())
    assert table.sheet == "Orders"
    assert "sheet Orders, of 3" in table.notes


def test_a_sheet_that_only_mentions_awbs_is_no_rival() -> None:
    rich = [["Order ID", "AWB", "Status", "Order Date", "Courier"], ["SO-1", "86210010463", "New", "", ""]]
    book = FakeBook({"Orders": rich, "Returned": [["AWB", "Why"], ["86210010463", "broken"]]})
    assert load(book, Wishes()).sheet == "Orders"


def test_a_sheet_without_rows_is_no_rival() -> None:
    assert load(FakeBook({"Template": ORDERS[:1], "Orders": ORDERS}), Wishes()).sheet == "Orders"


def test_the_sheets_of_several_months_stop_with_the_list() -> None:
    october = [["Order No.", "AWBNO.", "STATUS", "Date"], ["SO-0", "86210010462", "New", ""]]
    book = FakeBook({"Oct": october, "Nov": ORDERS})
    with pytest.raises(FileError) as caught:
        load(book, Wishes())
    assert str(caught.value) == (
        "orders.xlsx: 2 sheets could be meant: 'Oct', 'Nov'. Say which one with --sheet, one run for each. "
        "Oct (row 1: A Order No., B AWBNO., C STATUS, D Date); Nov (row 1: A Order ID, B AWB, C Status)."
    )
    assert load(book, Wishes(sheet="nov")).sheet == "Nov"


@pytest.mark.parametrize("how", [Visibility.HIDDEN, Visibility.VERY_HIDDEN])
def test_a_hidden_sheet_is_read_only_by_its_name(how: Visibility) -> None:
    book = FakeBook({"Cover": [["Hello there"]], "Orders": ORDERS}, visibility={"Orders": how})
    with pytest.raises(FileError) as caught:
        load(book, Wishes())
    assert str(caught.value) == (
        "orders.xlsx: No visible sheet has what is needed; 'Orders' would fit, and is hidden. "
        "If that is the one, say --sheet 'Orders'."
    )
    assert load(book, Wishes(sheet="Orders")).sheet == "Orders"


def test_a_hidden_sheet_is_no_rival_of_a_visible_one() -> None:
    book = FakeBook({"Old": ORDERS, "Orders": ORDERS}, visibility={"Old": Visibility.HIDDEN})
    assert load(book, Wishes()).sheet == "Orders"


def test_a_misspelt_sheet_names_the_near_ones_and_all() -> None:
    book = FakeBook({"Orders": ORDERS, "Notes": []}, visibility={"Notes": Visibility.HIDDEN})
    with pytest.raises(UsageError) as caught:
        load(book, Wishes(sheet="Oders"))
    assert str(caught.value) == (
        "orders.xlsx: There is no sheet 'Oders'. Did you mean 'Orders'? The sheets are: Orders, Notes (hidden)."
    )


def test_text_has_no_sheets() -> None:
    with pytest.raises(UsageError, match="A text file has no sheets"):
        load(FakeBook({"": ORDERS}, format="csv"), Wishes(sheet="Orders"))


def test_an_exact_sheet_name_wins_over_one_in_other_letters() -> None:
    book = FakeBook({"orders": ORDERS, "Orders": ORDERS})
    assert load(book, Wishes(sheet="Orders")).sheet == "Orders"
    with pytest.raises(UsageError, match="There is no sheet 'ORDERS'"):
        load(book, Wishes(sheet="ORDERS"))


@pytest.mark.parametrize("rows", [[], [[]], [["", None]], [[12, 13.5]]])
def test_a_sheet_without_any_names_is_refused(rows: list[list[Cell]]) -> None:
    with pytest.raises(FileError, match=r"^orders\.xlsx, sheet Orders: There is no row of column names") as caught:
        load(one_sheet(*rows), Wishes())
    assert "Export the orders again" in str(caught.value)


# --- columns -----------------------------------------------------------------------------------------------------


def columns_of(*headers: str, **wishes: object) -> dict[str, str]:
    """What the columns are taken for, as canonical name -> header."""
    table = load(one_sheet(headers, ["x"] * len(headers)), Wishes(**wishes))  # type: ignore[arg-type]
    return {name: headers[column] for name, column in table.columns.items()}


def test_the_preferred_header_is_taken_wherever_it_stands() -> None:
    assert columns_of(
        "Total", "Date", "Order Total", "Reference", "AWBNO.", "Order ID", "Order Date", "Order Status"
    ) == {
        "awb_number": "AWBNO.",
        "order_ref": "Order ID",
        "order_status": "Order Status",
        "order_date": "Order Date",
        "amount": "Order Total",
    }


TWO_AWBS = [
    (
        ["AWB Code", "RTO WayBill"],
        "'AWB Code' (column A), 'RTO WayBill' (column B)",
        "--column 'awb_number=RTO WayBill'",
    ),
    (["AWB Code", "Original AWB Code"], "'AWB Code' (column A), 'Original AWB Code' (column B)", "AWB Code"),
    (["AWB", "Tracking Number"], "'AWB' (column A), 'Tracking Number' (column B)", "--column awb_number=AWB or"),
    (["AWB NO.", "AWB NO."], "'AWB NO.' (column A), 'AWB NO.' (column B)", "--column 'awb_number=AWB NO.#2'"),
    (["AWBNO.", "AWB NO."], "'AWBNO.' (column A), 'AWB NO.' (column B)", "--column awb_number=AWBNO. or"),
]


@pytest.mark.parametrize(("headers", "seen", "option"), TWO_AWBS)
def test_two_columns_that_could_be_the_awb_stop_and_ask(headers: list[str], seen: str, option: str) -> None:
    with pytest.raises(ColumnError) as caught:
        columns_of(*headers, "Order ID")
    assert caught.value.problem == f"2 columns could be the AWBs: {seen}"
    assert option in caught.value.next_step
    assert caught.value.where == "orders.xlsx, sheet Orders, row 1"


@pytest.mark.parametrize(
    "header",
    ["Awb Status", "AWB Assigned Date", "Tracking URL", "Tracking Link", "Awb Weight", "Packet Id", "AWB count"],
)
def test_what_only_tells_something_of_the_awb_is_no_rival(header: str) -> None:
    assert columns_of("AWB", header)["awb_number"] == "AWB"


def test_a_profile_decides_between_two_awbs_and_says_so() -> None:
    headers = ["AWB Code", "RTO WayBill", "Shiprocket Created At"]
    table = load(one_sheet(headers, ["x"] * 3), Wishes())
    assert (table.profile.name, table.columns["awb_number"]) == ("shiprocket", 0)
    assert "the AWBs are 'AWB Code' (column A), as the profile says, not 'RTO WayBill' (column B)" in table.notes


def test_a_profile_can_not_decide_between_two_headers_of_one_name() -> None:
    with pytest.raises(ColumnError, match="2 columns could be the AWBs"):
        columns_of("AWB Code", "AWB Code", "Shiprocket Created At")


def test_a_profile_given_by_hand_wins_over_the_signature() -> None:
    table = load(one_sheet(["AWB Code", "Shiprocket Created At"]), Wishes(profile=load_profile("snapdeal")))
    assert table.profile.name == "snapdeal"


BY_HAND = [
    ("AWB Code", "AWB Code"),
    ("awb_code", "AWB Code"),
    ("RTO WayBill", "RTO WayBill"),
    ("STATUS", "STATUS"),
    ("Note#2", "Note"),
    ("Rack#7", "Rack#7"),
]


@pytest.mark.parametrize(("typed", "meant"), BY_HAND)
def test_a_column_can_be_named_by_hand(typed: str, meant: str) -> None:
    headers = ["AWB Code", "RTO WayBill", "Status", "STATUS", "Note", "Note", "Rack#7"]
    assert columns_of(*headers, columns={"awb_number": typed})["awb_number"] == meant


def test_the_number_behind_a_header_tells_columns_of_one_name_apart() -> None:
    rows = [["AWB", "AWB", "AWB"], ["1", "2", "3"]]
    found = [load(one_sheet(*rows), Wishes(columns={"awb_number": f"AWB#{number}"})).columns for number in (1, 2, 3)]
    assert found == [{"awb_number": 0}, {"awb_number": 1}, {"awb_number": 2}]


def test_a_header_by_hand_that_is_not_there_lists_those_that_are() -> None:
    with pytest.raises(ColumnError) as caught:
        columns_of("AWB Code", "Order ID", "", "Staus", columns={"order_status": "Status"})
    assert str(caught.value) == (
        "orders.xlsx, sheet Orders, row 1: There is no column 'Status' (--column order_status=Status). "
        "Did you mean 'Staus'? Headers seen: A AWB Code, B Order ID, D Staus."
    )


def test_a_header_by_hand_that_stands_twice_is_not_enough() -> None:
    with pytest.raises(ColumnError, match=r"2 columns are called 'Note': B and C\. Say --column cancel='Note#1'"):
        columns_of("AWB", "Note", "Note", columns={"cancel": "Note"})


def test_an_unknown_canonical_name_is_a_usage_trouble() -> None:
    with pytest.raises(UsageError, match=r"--column knows no 'awb'\. Possible: awb_number, order_ref"):
        columns_of("AWB", columns={"awb": "AWB"})
    with pytest.raises(UsageError, match=r"Did you mean order_status\?"):
        columns_of("AWB", columns={"order-state": "AWB"})


def test_an_empty_header_by_hand_says_that_there_is_no_such_column() -> None:
    assert columns_of("AWB", "Status", columns={"order_status": ""}) == {"awb_number": "AWB"}


def test_one_column_can_not_be_awb_and_reference() -> None:
    with pytest.raises(ColumnError, match="named both as the AWBs and as the order references"):
        columns_of("Number", columns={"awb_number": "Number", "order_ref": "Number"})


def test_a_sheet_of_order_references_says_what_it_is_good_for() -> None:
    with pytest.raises(ColumnError) as caught:
        columns_of("Sub Order No", "Packet Id", "Live Order Status")
    assert str(caught.value) == (
        "orders.xlsx, sheet Orders, row 1: This sheet has order references, 'Sub Order No' (column A), but no AWBs: "
        "nothing can be cancelled from it. Give the courier's export, which has both, as INPUT, and this file with "
        "--pick-from. If a column holds them, say --column awb_number=HEADER (or its letter); "
        "if this is not the header row, --header-row N (0: there is none). "
        "Headers seen: A Sub Order No, B Packet Id, C Live Order Status."
    )


def test_a_long_list_of_headers_is_cut() -> None:
    with pytest.raises(ColumnError, match=r"AN H39 and 20 more\."):
        columns_of(*(f"H{number}" for number in range(60)))


def test_an_unknown_header_that_looks_like_awbs_is_a_guess_and_cancel_asks() -> None:
    rows = [["AWB list"], ["Courier's AWBs", "Order ID"], ["86210010463", "SO-1"]]
    table = load(one_sheet(*rows), Wishes())
    assert (table.header_row, table.columns) == (2, {"awb_number": 0, "order_ref": 1})
    assert table.questions == (
        '"Courier\'s AWBs" (column A) is taken for the AWBs, and that is no name known for them: '
        'say --column "awb_number=Courier\'s AWBs" if it is'
    )
    sure = load(one_sheet(*rows), Wishes(columns={"awb_number": "Courier's AWBs"}))
    assert sure.questions == ""


# --- status and marks ---------------------------------------------------------------------------------------------


def test_estado_is_a_status_only_where_it_holds_one() -> None:
    def columns(*cells: str) -> dict[str, int]:
        return dict(load(one_sheet(["AWB", "Estado"], *(["86210010463", cell] for cell in cells)), Wishes()).columns)

    assert columns("São Paulo", "CANCELLED") == {"awb_number": 0, "order_status": 1}
    assert columns("São Paulo", "Bahia") == {"awb_number": 0}


def test_of_two_columns_of_one_name_the_one_with_status_words_is_the_status() -> None:
    rows = [["AWB", "Estado", "Estado"], ["86210010463", "Bahia", "Delivered"], ["86210010464", "Goa", "?"]]
    table = load(one_sheet(*rows), Wishes())
    assert table.columns == {"awb_number": 0, "order_status": 2}
    assert "the status is 'Estado' (column C): it holds known status words" in table.notes


def test_two_status_columns_that_can_not_be_told_apart_are_asked_about() -> None:
    rows = [["AWB", "Status", "Status"], ["86210010463", "Shipped", "Delivered"]]
    table = load(one_sheet(*rows), Wishes())
    assert "order_status" not in table.columns
    assert (
        table.questions
        == "2 columns could be the status: say --column 'order_status=Status#1' or --column 'order_status=Status#2'"
    )
    named = load(one_sheet(*rows), Wishes(columns={"order_status": "Status#2"}))
    assert (named.columns["order_status"], named.questions) == (2, "")


def test_another_status_column_is_worth_a_note() -> None:
    table = load(one_sheet(["AWB", "Status", "Order Status"], ["86210010463", "", ""]), Wishes())
    assert table.columns["order_status"] == 2
    assert table.notes == (
        "order_status is 'Order Status' (column C); it could also be 'Status' (column B) "
        "(--column order_status=HEADER)",
    )


MARKS = [
    ("cancel", ["yes", "No ", "", "X", "-", "keep", "TRUE", "1", "cancel"], True, ""),
    ("Cancel?", ["", ""], True, ""),
    ("Action", ["", ""], False, "'Action' (column B) is no yes/no column: it is empty"),
    ("Action", ["cancel", "keep"], True, ""),
    (
        "Action",
        ["cancel", "call the customer"],
        False,
        "'Action' (column B) is no yes/no column: it holds 'call the customer'",
    ),
    ("To Cancel", [True, False, 1, 0], True, ""),
]


@pytest.mark.parametrize(("header", "cells", "counts", "note"), MARKS)
def test_a_yes_no_column_counts_only_if_every_filled_cell_is_one(
    header: str, cells: list[Cell], counts: bool, note: str
) -> None:
    table = load(one_sheet(["AWB", header], *(["86210010463", cell] for cell in cells)), Wishes())
    assert (table.columns.get("cancel"), table.notes) == (1 if counts else None, (note,) if note else ())


def test_a_yes_no_column_by_hand_that_is_none_is_refused() -> None:
    with pytest.raises(ColumnError, match="'Note' \\(column B\\) is no yes/no column: it holds 'x1'"):
        columns_of_two = [["AWB", "Note"], ["86210010463", "yes"], ["86210010464", "x1"]]
        load(one_sheet(*columns_of_two), Wishes(columns={"cancel": "Note"}))


def test_only_the_columns_in_question_are_looked_at_beforehand() -> None:
    book = one_sheet(["AWB", "Order ID", "Status", "Date", "Total"], ["86210010463", "SO-1", "New", "", "1"])
    load(book, Wishes())
    assert book.read == []


# --- lists for --pick-from ----------------------------------------------------------------------------------------

LISTS: list[tuple[str, Sequence[Sequence[Cell]], int, int]] = [
    ("a Shopify list", [["Name", "Financial Status", "Fulfillment Status"], ["#1001", "", ""]], 1, 0),
    ("a list with two AWB columns", [["AWB", "RTO AWB", "Order ID"], ["", "", "SO-1"]], 1, 2),
    ("one known header", [["Order No."], ["SO-1"]], 1, 0),
    ("no header at all", [["SO-1"], ["SO-2"]], 0, 0),
    ("numbers without a header, in column B", [[None, 1001], [None, 1002]], 0, 1),
]


@pytest.mark.parametrize(("what", "rows", "header_row", "column"), LISTS, ids=[case[0] for case in LISTS])
def test_a_list_of_references_needs_no_awb(
    what: str, rows: Sequence[Sequence[Cell]], header_row: int, column: int
) -> None:
    table = load(one_sheet(*rows), Wishes(need=REFERENCES))
    assert (table.header_row, table.columns["order_ref"], "awb_number" in table.columns) == (header_row, column, False)


def test_a_list_without_references_says_so() -> None:
    with pytest.raises(ColumnError, match="No column is known to hold order references"):
        load(one_sheet(["Colour", "Size"], ["red", "L"]), Wishes(need=REFERENCES))


def test_a_list_with_two_columns_of_one_name_is_asked_about() -> None:
    with pytest.raises(ColumnError, match="2 columns could be the order references"):
        load(one_sheet(["Order ID", "Order ID"], ["1", "2"]), Wishes(need=REFERENCES))


def test_a_header_counts_only_in_the_profile_that_knows_it() -> None:
    customers: list[list[Cell]] = [["Name", "City"], ["A. Example", "Pune"]]
    book = FakeBook({"Customers": customers, "Orders": [["Order No."], ["SO-1"]]})
    assert load(book, Wishes(need=REFERENCES)).sheet == "Orders"

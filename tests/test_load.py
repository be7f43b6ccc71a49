"""The rows come out as canonical frames: every row of the file, its cells as seen, and what is no order put aside."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import ColumnError, PipelineError
from pipeline.load import REFERENCES, Table, Wishes, load
from pipeline.load.non_order_rows import A_DESCRIPTION, A_FOOTER, A_HEADER, A_TOTAL, BLANK
from pipeline.model.sheet import Extent, Place
from pipeline.source_file import SourceFile
from tests.fakebook import Cell, FakeBook, one_sheet

HEADER: list[Cell] = ["Order ID", "AWB", "Status", "Order Date", "Order Total"]
ORDER: list[Cell] = ["SO-1", "86210010463", "New Order", date(2026, 1, 31), 349.5]


def read(book: FakeBook, **wishes: object) -> tuple[Table, pd.DataFrame]:
    """The table and all its frames as one."""
    table = load(book, Wishes(**wishes))  # type: ignore[arg-type]
    return table, pd.concat(list(table.frames()))


def test_a_frame_has_the_canonical_columns_and_the_row_numbers_of_the_file() -> None:
    book = one_sheet(["Orders"], HEADER, ORDER, [], ["SO-2", "'86210010464", "", "soon", "₹ 12"], hidden=frozenset({5}))
    _, frame = read(book)
    expected = pd.DataFrame(
        {
            "awb_number": ["86210010463", "", "86210010464"],
            "awb_doubt": ["", "", ""],
            "order_ref": ["SO-1", "", "SO-2"],
            "order_ref_doubt": ["", "", ""],
            "order_status": ["New Order", "", ""],
            "order_status_doubt": ["", "", ""],
            "order_date": ["2026-01-31", "", ""],
            "order_date_raw": ["2026-01-31", "", "soon"],
            "amount": ["349.5", "", "₹ 12"],
            "hidden": [False, False, True],
            "aside": ["", "blank", ""],
        },
        index=pd.Index([3, 4, 5], name="row"),
    )
    pd.testing.assert_frame_equal(frame, expected)


def test_columns_that_the_sheet_lacks_are_blank_or_absent() -> None:
    _, frame = read(one_sheet(["AWB"], ["86210010463"]))
    assert list(frame.columns) == ["awb_number", "awb_doubt", "order_ref", "order_ref_doubt", "hidden", "aside"]
    assert list(frame["order_ref"]) == [""]


def test_a_header_alone_is_a_table_without_rows() -> None:
    table = load(one_sheet(HEADER), Wishes())
    assert list(table.frames()) == []
    assert (table.tally.rows, table.questions) == (0, "")


def test_a_list_of_references_comes_as_the_same_frames() -> None:
    _, frame = read(one_sheet(["Order No."], ["SO-1"], ["SO-2"]), need=REFERENCES)
    assert list(frame["order_ref"]) == ["SO-1", "SO-2"]
    assert list(frame["awb_number"]) == ["", ""]


def test_a_doubtful_awb_is_shown_as_stored_with_the_reason() -> None:
    _, frame = read(one_sheet(HEADER, ["SO-1", "1.31948E+12", "", "", ""]))
    assert frame.at[2, "awb_number"] == "1.31948E+12"
    assert "the digits were lost" in frame.at[2, "awb_doubt"]


def test_a_row_that_could_not_be_read_whole_is_in_doubt() -> None:
    book = one_sheet(HEADER, ORDER, ORDER, trouble={3: "it has 9 cells, the header has 5"})
    _, frame = read(book)
    assert list(frame["awb_doubt"]) == [
        "",
        "is in a row that could not be read whole: it has 9 cells, the header has 5",
    ]


# --- rows that are no orders --------------------------------------------------------------------------------------

AT_THE_END: list[tuple[Sequence[Cell], str]] = [
    (["Grand Total", "", "", "", 349.5], A_TOTAL),
    (["", "Total", "", "", 349.5], A_TOTAL),
    (["TOTAL:", 1, "", "", 349.5], A_TOTAL),
    (["", "", "Total", "", 349.5], A_TOTAL),
    (["Sub-total", "", "", "", ""], A_TOTAL),
    (["37 record(s) downloaded"], A_FOOTER),
    (["Total records: 37"], A_TOTAL),
    (["*** End of Report ***"], A_FOOTER),
    (["Generated on 31-01-2026 by the panel"], A_FOOTER),
    (["Page 1 of 3"], A_FOOTER),
    (["Note: amounts include tax"], A_FOOTER),
    (["This is a computer generated list"], A_FOOTER),
    (HEADER, A_HEADER),
    (["ORDER_ID", "awb", "STATUS"], A_HEADER),
    ([None, "", "", "", None], BLANK),
    (["SO-2", "86210010464", "", "", ""], ""),
    (["SO-2", "", "To Cancel", "", ""], ""),
    (["SO-2", "pending", "To Cancel", "", ""], ""),
    (["Total Sports", "", "", "", ""], ""),
    (["Total Express 12", "86210010464", "", "", ""], ""),
    (["SO-37", "n/a", "", "", ""], ""),
    (["Summer shop", "", "", "", ""], ""),
]


@pytest.mark.parametrize(("row", "aside"), AT_THE_END)
def test_what_stands_below_the_orders_is_told_from_orders(row: Sequence[Cell], aside: str) -> None:
    _, frame = read(one_sheet(HEADER, ORDER, [], row))
    assert list(frame["aside"]) == ["", BLANK, aside]


BELOW_THE_HEADER: list[tuple[Sequence[Sequence[Cell]], list[str]]] = [
    ([["Your order number", "Number of the parcel", "State", "", ""]], [A_DESCRIPTION]),
    ([["Platform order ID.", "Package tracking number.", "Order status.", "DD/MM/YYYY", "BRL"]], [A_DESCRIPTION]),
    ([["text", "text", "text", "date", "number"]], [A_DESCRIPTION]),
    ([["(1)", "(2)", "(3)", "(4)", "(5)"]], [A_DESCRIPTION]),
    ([["A", "B", "C", "D", "E"], ["text", "text", "", "", ""]], [A_DESCRIPTION] * 2),
    ([["for example", "such as 86210010463", "", "", ""]], [A_DESCRIPTION]),
    ([["SO-2", "pending", "", "", ""]], [""]),
    ([["The first", "pending", "To Cancel", "", ""]], [""]),
    ([["", "pending", "", "", ""]], [""]),
    ([["", "pending", "", date(2026, 1, 31), ""]], [""]),
    ([["", "to be filled", "", "", 349]], [""]),
    ([["The first one", "", "", "", ""]], [""]),
    ([["NA", "NULL", "None", "", ""]], [""]),
    ([["", "not assigned yet", "", "", ""]], [""]),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "aside"), BELOW_THE_HEADER)
def test_what_explains_the_columns_is_told_from_orders(rows: Sequence[Sequence[Cell]], aside: list[str]) -> None:
    _, frame = read(one_sheet(HEADER, *rows, ORDER))
    assert list(frame["aside"]) == [*aside, ""]


def test_a_total_may_have_its_label_in_any_column_of_texts_that_is_known() -> None:
    header: list[Cell] = ["Customer", "City", "AWB", "Order ID", "Note", "Payment Mode", "Total"]
    labels: list[list[Cell]] = [["Total"], [None, "Total"], [*[None] * 5, "Total", 349]]
    _, frame = read(one_sheet(header, ["A.", "Pune", "86210010463", "SO-1", "", "COD", 349], *labels))
    assert list(frame["aside"]) == ["", A_TOTAL, A_TOTAL, A_TOTAL]


def test_prose_further_down_is_an_order_that_is_wrong() -> None:
    _, frame = read(one_sheet(HEADER, ORDER, ["Your order number", "Number of the parcel", "State", "", ""]))
    assert list(frame["aside"]) == ["", ""]


def test_a_total_with_a_sum_of_awbs_is_no_order_and_is_never_believed() -> None:
    _, frame = read(one_sheet(HEADER, ORDER, ["Grand Total", 86210010463, "", "", 349.5]))
    assert list(frame["aside"]) == ["", ""]
    assert list(frame["awb_doubt"]) == [
        "",
        "is in a row that is called a total: a sum of AWBs looks like one too; delete the row, or mend its name",
    ]


@settings(deadline=None, max_examples=25)
@given(st.lists(st.text(max_size=12), min_size=5, max_size=5), st.from_regex(r"[A-Z]{0,4}[0-9]{6,12}", fullmatch=True))
def test_a_row_with_a_believable_awb_is_never_put_aside(cells: list[str], awb: str) -> None:
    cells[1] = awb
    _, frame = read(one_sheet(HEADER, cells, ORDER, cells))
    assert list(frame["aside"]) == ["", "", ""]


# --- frames -------------------------------------------------------------------------------------------------------


def test_a_sheet_of_many_frames_reads_like_one() -> None:
    rows = [HEADER, ["The order", "The AWB", "", "", ""], *([ORDER] * 25), [], ["Total", "", "", "", 1]]
    _, whole = read(one_sheet(*rows))
    _, parts = read(one_sheet(*rows, frame_size=4))
    pd.testing.assert_frame_equal(parts, whole)


def test_reading_again_gives_the_same_counts() -> None:
    table = load(one_sheet(HEADER, ORDER, ["Total"]), Wishes())
    for _ in range(2):
        assert sum(len(frame) for frame in table.frames()) == 2
    assert (table.tally.rows, table.tally.orders, dict(table.tally.asides)) == (2, 1, {A_TOTAL: 1})


# --- --where ------------------------------------------------------------------------------------------------------


def test_where_may_name_a_column_by_its_header_or_by_its_canonical_name() -> None:
    book = one_sheet(["AWB", "Weight KG", "Order Total", "aside"], ["86210010463", 0.5, "12", "left"])
    table, frame = read(book, extra=("weight_kg", "amount", "Order Total", "aside"))
    assert table.names == {
        "awb_number": "awb_number",
        "amount": "amount",
        "weight_kg": "Weight KG",
        "Order Total": "amount",
        "aside": "aside (D)",
    }
    assert frame.loc[2, ["Weight KG", "amount", "aside (D)", "aside"]].to_list() == ["0.5", "12", "left", ""]


def test_where_with_a_wrong_name_says_the_near_ones() -> None:
    with pytest.raises(ColumnError, match=r"There is no column 'Wieght' \(--where Wieght\)\. Did you mean 'Weight'\?"):
        load(one_sheet(["AWB", "Weight"], ["86210010463", 1]), Wishes(extra=("Wieght",)))


# --- columns of an earlier run --------------------------------------------------------------------------------------

OURS = ["status", "remark", "refnum"]

THEIRS = ["cancel_status", "cancel_remark", "cancel_refnum"]
THIRD = ["cancel_status (2)", "cancel_remark (2)", "cancel_refnum (2)"]

# what, headers, cells of a row -> the columns to write, where ours begin, the export's own status
EARLIER: list[tuple[str, list[str], list[str], list[str], int | None, str]] = [
    ("none yet", ["AWB"], ["1"], OURS, None, ""),
    ("our own", ["AWB", *OURS], ["1", "Success", "", ""], OURS, 1, ""),
    ("our own, all blank", ["AWB", *OURS], ["1", "", "", ""], OURS, 1, ""),
    ("our own, verified too", ["AWB", *OURS, "verified"], ["1", "Unknown", "", "", ""], OURS, 1, ""),
    ("ours beside an Order Status", ["AWB", "Order Status", *OURS], ["1", "New", "Skipped"], OURS, 2, "Order Status"),
    ("a word that is not ours", ["AWB", *OURS], ["1", "Shipped", "", ""], THEIRS, None, "status"),
    ("our word in other letters", ["AWB", *OURS], ["1", "success", "", ""], THEIRS, None, "status"),
    ("headers in other letters", ["AWB", "Status", "remark", "refnum"], ["1", "Success"], THEIRS, None, "Status"),
    ("not side by side", ["AWB", "status", "x", "remark", "refnum"], ["1", "Success"], THEIRS, None, "status"),
    ("a verified of the export", ["AWB", "Verified"], ["1", "yes"], THEIRS, None, ""),
    ("a refnum of the export", ["AWB", " REFNUM "], ["1", "SO-1"], THEIRS, None, ""),
    ("ours beside a Status", ["AWB", "Status", *THEIRS], ["1", "New", "Failed", "", ""], THEIRS, 2, "Status"),
    ("both names taken", ["AWB", "Status", "Cancel_Status"], ["1", "New", "x"], THIRD, None, "Status"),
    (
        "ours under a third name",
        ["AWB", "Status", "Cancel_Status", *THIRD],
        ["1", "", "", "Planned"],
        THIRD,
        3,
        "Status",
    ),
]


@pytest.mark.parametrize(
    ("what", "headers", "cells", "added", "own", "status"), EARLIER, ids=[case[0] for case in EARLIER]
)
def test_columns_of_an_earlier_run_are_told_from_the_exports_own(
    what: str, headers: list[str], cells: list[str], added: list[str], own: int | None, status: str
) -> None:
    table = load(one_sheet(headers, cells), Wishes())
    assert (table.added, table.own_column) == (tuple(added), own)
    assert [headers[table.columns[name]] for name in ("order_status",) if name in table.columns] == [status][
        : status != ""
    ]


def test_our_own_refnum_is_never_taken_for_a_reference() -> None:
    assert "order_ref" not in load(one_sheet(["AWB", *OURS], ["1", "Success", "", "SO-1"]), Wishes()).columns
    assert load(one_sheet(["AWB", "refnum"], ["1", "SO-1"]), Wishes()).columns["order_ref"] == 1


# --- the way back -------------------------------------------------------------------------------------------------


def test_the_place_says_the_way_back_to_the_sheet(tmp_path: Path) -> None:
    book = one_sheet(["Orders"], HEADER, ORDER)
    book.path = tmp_path / "orders.xlsx"
    book.path.write_bytes(b"what the file holds")
    book.source = SourceFile(book.path)
    table, _ = read(book)
    assert table.place() == Place(
        path=book.path,
        format="xlsx",
        sheet="Orders",
        header_row=2,
        headers=tuple(HEADER),  # type: ignore[arg-type]
        columns={"awb_number": 1, "order_ref": 0, "order_status": 2, "order_date": 3, "amount": 4},
        added=("cancel_status", "cancel_remark", "cancel_refnum"),
        own_column=None,
        extent=Extent(3, 4),
        digest=hashlib.sha256(b"what the file holds").hexdigest(),
    )


# --- is it AWBs at all? -------------------------------------------------------------------------------------------

SHAPES = [
    (["9876543210", "+91 8876543210", "7876543210"], "the AWBs look like phone numbers: 3 of 3"),
    (["411001", "560034"], "the AWBs look like pincodes: 2 of 2"),
    (["#1001", "#1002"], "the AWBs look like order numbers: 2 of 2"),
    (["31-01-2026", "2026-02-01 10:00"], "the AWBs look like dates: 2 of 2"),
    (["86210010463", "9876543210"], ""),
    (["1319480000001"], ""),
]


@pytest.mark.parametrize(("awbs", "note"), SHAPES)
def test_a_column_that_looks_like_something_else_is_noted(awbs: list[str], note: str) -> None:
    table, _ = read(one_sheet(["AWB"], *([awb] for awb in awbs)))
    assert (table.notes, table.questions) == ((note,) if note else (), "")


def test_a_column_that_repeats_the_references_is_asked_about_unless_named_by_hand() -> None:
    rows = [["Order ID", "AWB"], *([f"SO{number:06}"] * 2 for number in range(10)), ["SO-1", "86210010463"]]
    table, _ = read(one_sheet(*rows))
    assert table.questions == (
        "The AWBs and the order references are the same, so one is not what it is taken for: "
        "say --column awb_number=HEADER"
    )
    named, _ = read(one_sheet(*rows), columns={"awb_number": "AWB"})
    assert named.questions == ""


def test_a_few_awbs_that_equal_their_reference_are_only_noted() -> None:
    rows = [["Order ID", "AWB"], ["86210010463", "86210010463"], ["SO-1", "86210010464"]]
    table, _ = read(one_sheet(*rows))
    assert (table.notes, table.questions) == (("rows in which the AWB is the order reference: 1",), "")


def test_a_second_table_with_other_columns_is_asked_about() -> None:
    table, frame = read(one_sheet(HEADER, ORDER, [], ["AWB", "Order ID", "Status"], ["86210010464", "SO-2", "New"]))
    assert list(frame["aside"]) == ["", BLANK, A_HEADER, ""]
    assert table.questions == (
        "A table with other columns seems to begin in row 4: split the file, or say --column awb_number=HEADER"
    )


def test_what_was_met_is_noted() -> None:
    book = one_sheet(HEADER, ["SO-1", "'86210010463", "", "", ""], ORDER, hidden=frozenset({3}))
    table, _ = read(replace(book, notes=("encoding cp1252",), hidden_known=False, format="xlsb"))
    assert table.hidden_unknown
    assert table.notes == (
        "encoding cp1252",
        "hidden rows can't be told in a .xlsb file",
        'AWBs with something taken off (="…", apostrophes, blanks around them): 1',
        "rows hidden in the sheet, by a filter or by hand: 1",
    )


def test_a_column_is_printed_with_decimals_only_if_all_of_it_is() -> None:
    printed: list[list[Cell]] = [["AWB"], *([f"86210{number:06}.0"] for number in range(20))]
    _, frame = read(one_sheet(*printed, frame_size=7))
    assert (frame["awb_number"].iloc[0], frame["awb_doubt"].unique().tolist()) == ("86210000000", [""])
    _, frame = read(one_sheet(*printed, ["86210010463"], frame_size=7))
    assert frame["awb_doubt"].ne("").tolist() == [True] * 20 + [False]


CELLS = st.sampled_from(
    ["AWB", "RTO AWB", "Order ID", "Status", "Estado", "cancel", "Action", *OURS, *THEIRS, "verified", "Date", "Total",
     "x", "", "\n", "Success", "yes", "no", "Delivered", "86210010463", "86210010463.0", "1.3E+12", 86210010463, 1.5,
     True, None, date(2026, 1, 1), "\x00", '="1"', "'", "hidden", "aside", "37 record(s)"]
)  # fmt: skip
SHEETS = st.lists(st.lists(CELLS, max_size=7), max_size=7)


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.sampled_from(["A", "B"]), SHEETS, min_size=1), st.sampled_from([None, 0, 1, 2, 9]))
def test_whatever_a_sheet_holds_it_is_loaded_or_refused_with_words(
    sheets: dict[str, list[list[Cell]]], header_row: int | None
) -> None:
    book = FakeBook(sheets, trouble={2: "it has too many cells"}, frame_size=3)
    try:
        table = load(book, Wishes(header_row=header_row))
    except PipelineError as refusal:
        assert str(refusal)
        return
    frames = list(table.frames())
    assert sum(len(frame) for frame in frames) == max(len(sheets[table.sheet]) - table.header_row, 0)
    assert set(table.tally.asides) <= {BLANK, A_TOTAL, A_FOOTER, A_DESCRIPTION, A_HEADER}

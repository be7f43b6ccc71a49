"""What a list or ``--awb`` names: what of it is sent, what the list itself keeps back, and what is left to do."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.errors import ColumnError, PipelineError
from tests.sorted_rows import SortedRows, sort_rows

STATES = {3: "In Transit", 5: "Lunch"}
COURIER = "Order ID,AWB No,Status\n" + "".join(
    f"100{number},8621001800{number},{STATES.get(number, 'Manifested')}\n" for number in range(1, 8)
)


def picked(folder: Path, listed: str, name: str = "list.csv", header: str = "", **options: object) -> SortedRows:
    """The courier's export picked from by this list."""
    (folder / "courier.csv").write_text(COURIER, encoding="utf-8")
    (folder / name).write_text(listed, encoding="utf-8")
    source = str(folder / name) + (f":{header}" if header else "")
    return sort_rows(folder / "courier.csv", pick_from=source, **options)


def numbers(found: SortedRows) -> str:
    """The last digits of what is sent."""
    return "".join(awb[-1] for awb in found.sent)


LISTS = {
    "references": "Order ID\n1001\n#1002\n",
    "references and more": "Order ID,Customer\n1001,Asha\n1002,Ravi\n",
    "AWBs": "AWB No\n86210018001\n86210018002\n",
    "AWBs of a courier's list": "Waybill,Weight\n86210018001,2\n86210018002,3\n",
    "references without a header": "1001\n1002\n",
    "AWBs without a header": "86210018001\n86210018002\n",
    "both without a header": "1001,86210018001\n1002,86210018002\n",
    "names and references without a header": "Asha,1001\nRavi,1002\n",
    "one pasted line": "1001, 1002\n",
    "one pasted line with blanks": "1001 1002\n",
    "a pasted list with bullets": "- 1001\n- 1002\n",
    "a pasted list with numbers": "1. 1001\n2. 1002\n",
    "references and AWBs mixed": "1001\n86210018002\n",
    "lines ending in commas": "1001,\n1002,\n",
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_references_or_of_awbs_will_do_with_or_without_a_header(tmp_path: Path, name: str) -> None:
    found = picked(tmp_path, LISTS[name])
    assert (numbers(found), found.question, found.read.not_done) == ("12", "", ())


@pytest.mark.parametrize("header", ["Bill", "BILL", "AWBs of the day", "Order ID"])
def test_a_header_behind_the_file_names_the_column(tmp_path: Path, header: str) -> None:
    text = "Order ID,Bill,AWBs of the day\n1001,1001,86210018001\n1002,1002,86210018002\n"
    assert numbers(picked(tmp_path, text, header=header)) == "12"


def test_a_header_that_is_not_there_is_told_with_the_near_ones(tmp_path: Path) -> None:
    with pytest.raises(ColumnError) as trouble:
        picked(tmp_path, "Order ID,Bill\n1001,1001\n", header="Bil")
    assert "Did you mean 'Bill'?" in str(trouble.value)


def test_a_file_with_a_colon_in_its_name_is_that_file(tmp_path: Path) -> None:
    assert numbers(picked(tmp_path, "Order ID\n1001\n", name="list:2.csv")) == "1"


def test_columns_without_names_that_mean_different_rows_are_asked_about(tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match="columns A and B both stand in the sheet, in different rows"):
        picked(tmp_path, "1001,1002\n1002,1004\n")


def test_a_list_in_which_nothing_is_known_says_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="No column is known to hold order references"):
        picked(tmp_path, "Colour,Size\nred,XL\n")


# --- what the list itself keeps back ----------------------------------------------------------------------------------

LATE_THERE = "whose state there is too late for cancelling"

KEPT = {
    "marked no": ("Order No,Cancel\n1001,Yes\n1002,No\n1004,0\n", "1", "that it marks as not to be cancelled"),
    "not marked": ("Order No,Cancel\n1001,Yes\n1002,\n", "1", "that it does not mark, beside others that it does"),
    "too late there": ("Order No,Status\n1001,New\n1002,Shipped\n", "1", LATE_THERE),
    "late in another column": (
        "Order No,Status,Tracking Status\n1001,New,\n1002,New,OFD\n", "1", LATE_THERE
    ),
    "twice, once with a no": (
        "Order No,Cancel\n1001,Yes\n1002,Yes\n1002,No\n", "1", "that it marks as not to be cancelled",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
def test_a_row_that_the_list_itself_keeps_back_is_passed_over_and_counted(tmp_path: Path, name: str) -> None:
    text, sent, why = KEPT[name]
    found = picked(tmp_path, text)
    assert (numbers(found), found.question) == (sent, "")
    assert any(note.startswith(f"rows of the list {why}, so passed over: ") for note in found.read.notes)


def test_an_empty_column_of_marks_in_a_list_decides_nothing(tmp_path: Path) -> None:
    assert numbers(picked(tmp_path, "Order No,Cancel\n1001,\n1002,\n")) == "12"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Order No,Cancel\n1001,Yes\n1002,ask Ram\n", "row 3 "),
        ("Order No,Status\n1001,New\n1002,Lunch\n", '"Lunch" in status (1 row)'),
    ],
)
def test_what_is_not_clear_in_a_list_is_asked_about(tmp_path: Path, text: str, asked: str) -> None:
    found = picked(tmp_path, text)
    assert numbers(found) == "1"
    assert found.question.startswith("In list.csv, ")
    assert asked in found.question
    assert found.read.rows_ask


@pytest.mark.parametrize("header", ["Order ID", None])
def test_hidden_rows_of_a_list_are_passed_over_and_counted(tmp_path: Path, header: str | None) -> None:
    book = openpyxl.Workbook()
    page = book.active
    for cell in ([header] if header else []) + ["1001", "1002", "1004"]:
        page.append([cell])
    page.row_dimensions[page.max_row - 1].hidden = True
    book.save(tmp_path / "list.xlsx")
    (tmp_path / "courier.csv").write_text(COURIER, encoding="utf-8")
    found = sort_rows(tmp_path / "courier.csv", pick_from=str(tmp_path / "list.xlsx"))
    row = page.max_row - 1
    assert numbers(found) == "14"
    assert f"rows of the list that are hidden in it, so passed over: 1 (row {row})" in found.read.notes


def test_the_sheets_own_no_goes_before_the_list(tmp_path: Path) -> None:
    text = "Order ID,AWB No,Cancel\n1001,86210018001,No\n1002,86210018002,\n1004,86210018004,Yes\n"
    (tmp_path / "orders.csv").write_text(text, encoding="utf-8")
    (tmp_path / "list.csv").write_text("1001\n1002\n1004\n", encoding="utf-8")
    assert numbers(sort_rows(tmp_path / "orders.csv", pick_from=str(tmp_path / "list.csv"))) == "24"


# --- what is left to do -----------------------------------------------------------------------------------------------


def test_all_that_is_named_and_not_done_is_told_with_the_reason(tmp_path: Path) -> None:
    courier = COURIER + "1008,,New\n1009,86210018009,New\n1009,86210018010,New\n"
    (tmp_path / "courier.csv").write_text(courier, encoding="utf-8")
    missing = [f"20{number:02d}" for number in range(30)]
    names = ["1001", "1003", "1005", "1008", "1009", *missing]
    (tmp_path / "list.csv").write_text("Order ID\n" + "\n".join(names), encoding="utf-8")
    found = sort_rows(tmp_path / "courier.csv", pick_from=str(tmp_path / "list.csv"))
    assert found.sent == ("86210018001",)
    undone = [(line.named, line.row, line.why) for line in found.read.not_done]
    assert undone[:30] == [(name, None, "stands in no row") for name in missing]
    several = (
        "its order reference stands beside 2 AWBs (86210018009, 86210018010), and the list can't say which is meant"
    )
    assert undone[30:] == [
        ("1003", 4, 'too late to cancel: its status is "In Transit" (--allow-late takes it all the same)'),
        ("1005", 6, 'its status is "Lunch", which is no known state, so it is not sent (--allow-late sends it)'),
        ("1008", 9, "no AWB, nothing to cancel"),
        ("1009", 10, several),
        ("1009", 11, several),
    ]


def test_what_an_option_narrows_away_is_not_left_to_do(tmp_path: Path) -> None:
    found = picked(tmp_path, "1001\n1002\n", where="order_ref = '1001'")
    assert (numbers(found), found.read.not_done) == ("1", ())


def test_awbs_named_by_hand_pick_their_rows_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "courier.csv").write_text(COURIER, encoding="utf-8")
    found = sort_rows(tmp_path / "courier.csv", awbs=("86210018001", " 86210018003 ", "86210018999"))
    assert found.sent == ("86210018001",)
    assert [(line.named.strip(), line.row) for line in found.read.not_done] == [
        ("86210018999", None),
        ("86210018003", 4),
    ]


def test_a_command_that_leaves_something_named_undone_ends_with_one_and_lists_it_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BULK_CANCEL_LEDGER", str(tmp_path / "ledger.db"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "courier.csv").write_text(COURIER, encoding="utf-8")
    missing = [f"20{number:02d}" for number in range(12)]
    (tmp_path / "list.csv").write_text("Order ID\n1001\n" + "\n".join(missing), encoding="utf-8")
    done = CliRunner().invoke(main, ["plan", "courier.csv", "--pick-from", "list.csv"])
    assert done.exit_code == 1
    assert "To do: 12 asked for by name, and not cancelled" in done.stdout
    assert "and 2 more; the report lists them all" in done.stdout
    told = json.loads((tmp_path / "courier.plan.json").read_text(encoding="utf-8"))
    assert [line["named"] for line in told["not_done"]] == missing
    page = (tmp_path / "courier.plan.html").read_text(encoding="utf-8")
    assert all(f"<td>{name}</td>" in page for name in missing)
    with (tmp_path / "courier.plan.csv").open(encoding="utf-8", newline="") as file:
        assert [row["cancel_status"] for row in csv.DictReader(file)] == ["Planned", *["Skipped"] * 6]


@pytest.mark.parametrize(
    ("hidden", "asked"),
    [
        (
            "A",
            "the column 'Order ID' decides, and it is hidden in the sheet: show it, or say --pick-from "
            "'erp.xlsx:Order ID'",
        ),
        ("B", "the column 'Cancel' decides, and it is hidden in the sheet: show it"),
        ("C", ""),
    ],
)
def test_a_hidden_column_of_the_list_never_decides_silently(tmp_path: Path, hidden: str, asked: str) -> None:
    (tmp_path / "courier.csv").write_text(COURIER, encoding="utf-8")
    book = openpyxl.Workbook()
    for line in (("Order ID", "Cancel", "Note"), ("1001", "Yes", "x"), ("1002", "No", "y")):
        book.active.append(line)
    book.active.column_dimensions[hidden].hidden = True
    book.save(tmp_path / "erp.xlsx")
    found = sort_rows(tmp_path / "courier.csv", pick_from=str(tmp_path / "erp.xlsx"))
    assert found.question == (f"In erp.xlsx, {asked}" if asked else "")
    if hidden == "A":
        assert not sort_rows(tmp_path / "courier.csv", pick_from=f"{tmp_path / 'erp.xlsx'}:Order ID").question

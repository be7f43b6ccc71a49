"""The list of ``--pick-from`` comes back: each order with its AWB, status, remark and row, and counts that add up."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from click.testing import CliRunner, Result

from pipeline.cli import main
from pipeline.jobs.deliver import deliver_plan
from pipeline.jobs.prepare import Prepared, opened
from pipeline.jobs.request import Request
from pipeline.model.options import SelectionOptions
from pipeline.settings import settings_here
from tests.sorted_rows import Listening

EXPORT = [
    ["Order ID", "AWB No", "Status", "Courier"],
    ["1001", "86210018001", "Manifested", "Delhivery"],
    ["1002", "86210018002", "In Transit", "Delhivery"],
    ["1003", "86210018003", "Manifested", "DTDC"],
    ["1004", "", "Manifested", "DTDC"],
    ["1005", "86210018015", "Manifested", "DTDC"],
    ["1005", "86210018025", "Manifested", "DTDC"],
    ["1006", "86210018006", "Manifested", "DTDC"],
    ["1006", "86210018006", "Manifested", "DTDC"],
    ["1007", "86210018007", "Manifested", "DTDC"],
]
ASKED = ["1001", "1002", "1003", "1004", "1005", "1006", "9999"]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BULK_CANCEL_LEDGER", str(tmp_path / "ledger.db"))
    monkeypatch.chdir(tmp_path)
    write_csv(tmp_path / "courier.csv", EXPORT)


def write_csv(path: Path, lines: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)


def write_xlsx(path: Path, **sheets: Sequence[Sequence[Any]]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for name, lines in sheets.items():
        page = book.create_sheet(name)
        for line in lines:
            page.append(list(line))
        page.freeze_panes = "A2"
    book.save(path)


def run(*arguments: str) -> Result:
    done = CliRunner().invoke(main, list(arguments))
    assert done.exit_code in (0, 1), done.output
    return done


def lines_of(path: Path, sheet: str | None = None) -> list[list[str]]:
    if path.suffix != ".xlsx":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))
    book = openpyxl.load_workbook(path)
    page = book[sheet] if sheet else book.active
    assert page is not None
    return [["" if cell is None else str(cell) for cell in row] for row in page.iter_rows(values_only=True)]


LATE = 'too late to cancel: its status is "In Transit" (--allow-late takes it all the same)'
SEVERAL = "its order reference stands beside 2 AWBs (86210018015, 86210018025), and the list can't say which is meant"


def test_a_list_as_a_workbook_comes_back_with_what_became_of_each_order(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "erp.xlsx", Orders=[["Order ID", "Customer"], *([ref, f"Asha {ref}"] for ref in ASKED)])
    run("plan", "courier.csv", "--pick-from", "erp.xlsx")
    found = lines_of(tmp_path / "erp.plan.xlsx")
    assert found[0] == ["Order ID", "Customer", "status", "remark", "refnum", "awb", "export_row"]
    assert [(line[0], line[2], line[5], line[6]) for line in found[1:]] == [
        ("1001", "Planned", "86210018001", "2"),
        ("1002", "Skipped", "86210018002", "3"),
        ("1003", "Planned", "86210018003", "4"),
        ("1004", "Skipped", "", "5"),
        ("1005", "Skipped", "86210018015, 86210018025", "6, 7"),
        ("1006", "Planned", "86210018006", "8, 9"),
        ("9999", "Skipped", "", ""),
    ]
    assert [line[3] for line in found[2:] if line[2] == "Skipped"] == [
        LATE, "no AWB, nothing to cancel", SEVERAL, "stands in no row",
    ]  # fmt: skip


def test_the_rest_of_the_workbook_stays_as_it_was(tmp_path: Path) -> None:
    lines = [["Order ID", "Customer"], *([ref, f"Asha {ref}"] for ref in ASKED)]
    write_xlsx(tmp_path / "erp.xlsx", Orders=lines, Notes=[["Kept", 1.5]])
    run("plan", "courier.csv", "--pick-from", "erp.xlsx")
    assert [line[:2] for line in lines_of(tmp_path / "erp.plan.xlsx")] == lines
    with ZipFile(tmp_path / "erp.xlsx") as before, ZipFile(tmp_path / "erp.plan.xlsx") as after:
        assert before.namelist() == after.namelist()
        changed = {name for name in before.namelist() if before.read(name) != after.read(name)}
    assert changed == {"xl/worksheets/sheet1.xml", "xl/styles.xml"}


def test_a_run_gives_the_list_back_and_screen_page_and_summary_add_up(tmp_path: Path) -> None:
    write_csv(tmp_path / "erp.csv", [["Order ID"], *([ref] for ref in ASKED)])
    done = run("cancel", "courier.csv", "--pick-from", "erp.csv")
    found = {line[0]: line for line in lines_of(tmp_path / "erp.annotated.sandbox.csv")[1:]}
    assert (found["1001"][1], found["1001"][4:]) == ("Success", ["86210018001", "2"])
    summary = json.loads((tmp_path / "courier.annotated.sandbox.json").read_text(encoding="utf-8"))
    asked = summary["asked"]
    assert asked.pop("asked for") == sum(asked.values()) == len(ASKED)
    assert {word: count for word, count in asked.items() if count} == {
        "cancelled": 3, "to check": 1, "too late": 1, "without AWB": 1, "not found": 1,
    }  # fmt: skip
    assert "Asked for: 7 = 3 cancelled + 1 to check + 1 too late + 1 without AWB + 1 not found" in done.stdout
    assert "List:  erp.annotated.sandbox.csv" in done.stdout
    assert summary["list"] == "erp.annotated.sandbox.csv"
    page = (tmp_path / "courier.annotated.sandbox.html").read_text(encoding="utf-8")
    assert "<dt>Asked for</dt><dd>7</dd>" in page
    assert "<dt>Without AWB</dt><dd>1</dd>" in page


def test_a_list_that_comes_back_a_second_time_is_written_in_place(tmp_path: Path) -> None:
    write_csv(tmp_path / "erp.csv", [["Order ID"], ["1001"], ["9999"]])
    run("cancel", "courier.csv", "--pick-from", "erp.csv")
    (tmp_path / "erp.annotated.sandbox.csv").rename(tmp_path / "again.csv")
    run("cancel", "courier.csv", "--pick-from", "again.csv")
    found = lines_of(tmp_path / "again.annotated.sandbox.csv")
    assert found[0] == ["Order ID", "status", "remark", "refnum", "awb", "export_row"]
    assert [(line[0], line[1], line[4]) for line in found[1:]] == [
        ("1001", "Success", "86210018001"), ("9999", "Skipped", ""),
    ]  # fmt: skip


def test_a_bare_text_comes_back_line_by_line_also_with_several_orders_in_one(tmp_path: Path) -> None:
    (tmp_path / "pasted.txt").write_text("1001\n1003 9999\n", encoding="utf-8")
    run("cancel", "courier.csv", "--pick-from", "pasted.txt")
    text = (tmp_path / "pasted.annotated.sandbox.txt").read_text(encoding="utf-8")
    first, second = text.splitlines()
    assert first.startswith("1001")
    assert "Success" in first
    assert "86210018001" in first
    assert second.startswith("1003 9999")
    assert "1003: Success" in second
    assert "9999: Skipped, stands in no row" in second


def test_rows_that_the_list_itself_keeps_back_say_why_and_are_not_asked_for(tmp_path: Path) -> None:
    write_csv(tmp_path / "erp.csv", [["Order ID", "Cancel"], ["1001", "yes"], ["1003", "no"]])
    done = run("plan", "courier.csv", "--pick-from", "erp.csv")
    assert [line[2:4] for line in lines_of(tmp_path / "erp.plan.csv")[1:]] == [
        ["Planned", ""], ["Skipped", "marked in this list as not to be cancelled"],
    ]  # fmt: skip
    assert "Asked for: 1 = 1 to be cancelled" in done.stdout


def test_a_list_on_another_sheet_of_the_same_workbook_comes_back_in_it(tmp_path: Path) -> None:
    listed = [["To be cancelled"], ["1001"], ["9999"]]
    write_xlsx(tmp_path / "both.xlsx", Courier=EXPORT, ERP=listed)
    run("plan", "both.xlsx", "--sheet", "Courier", "--pick-from", "both.xlsx:To be cancelled")
    target = tmp_path / "both.plan.xlsx"
    assert [line[4] for line in lines_of(target, "Courier")[1:3]] == ["Planned", "Skipped"]
    assert [line[:2] for line in lines_of(target, "ERP")[1:]] == [["1001", "Planned"], ["9999", "Skipped"]]
    assert sorted(path.name for path in tmp_path.glob("both*.xlsx")) == ["both.plan.xlsx", "both.xlsx"]


def test_a_list_that_is_the_sheet_itself_needs_no_second_file(tmp_path: Path) -> None:
    run("plan", "courier.csv", "--pick-from", "courier.csv", "--where", "order_ref = '1001'")
    assert sorted(path.name for path in tmp_path.glob("*.csv")) == ["courier.csv", "courier.plan.csv"]


def test_a_list_of_the_name_of_the_sheet_takes_another_one(tmp_path: Path) -> None:
    (tmp_path / "erp").mkdir()
    write_csv(tmp_path / "erp" / "courier.csv", [["Order ID"], ["1001"]])
    run("plan", "courier.csv", "--pick-from", "erp/courier.csv")
    assert lines_of(tmp_path / "courier.plan.csv")[1][4:6] == ["Planned", ""]
    assert lines_of(tmp_path / "courier.plan (2).csv")[1][:2] == ["1001", "Planned"]


def test_a_list_that_somebody_has_changed_since_is_not_overwritten(tmp_path: Path) -> None:
    write_csv(tmp_path / "erp.csv", [["Order ID"], ["1001"]])
    run("plan", "courier.csv", "--pick-from", "erp.csv")
    (tmp_path / "erp.plan.csv").write_text("mine\n", encoding="utf-8")
    run("plan", "courier.csv", "--pick-from", "erp.csv")
    assert (tmp_path / "erp.plan.csv").read_text(encoding="utf-8") == "mine\n"
    assert (tmp_path / "erp.plan (2).csv").exists()


def test_awbs_named_by_hand_add_up_as_well(tmp_path: Path) -> None:
    done = run("plan", "courier.csv", "--awb", "86210018001", "--awb", "86210018999", "--json")
    summary = json.loads(done.stdout)
    assert {word: count for word, count in summary["asked"].items() if count} == {
        "asked for": 2, "to be cancelled": 1, "not found": 1,
    }  # fmt: skip
    assert summary["list"] is None


def test_a_list_that_changes_meanwhile_costs_nothing_of_the_run_and_is_told(tmp_path: Path) -> None:
    write_csv(tmp_path / "erp.csv", [["Order ID"], ["1001"]])
    with opened_here(tmp_path) as prepared:
        write_csv(tmp_path / "erp.csv", [["Order ID"], ["1003"], ["1001"]])
        delivered = deliver_plan(prepared)
    assert lines_of(tmp_path / "courier.plan.csv")[1][4] == "Planned"
    assert delivered.summary.list is None
    assert any("The list could not be given back" in note and "erp.csv" in note for note in delivered.notes)


def opened_here(folder: Path) -> AbstractContextManager[Prepared]:
    options = SelectionOptions(pick_from=str(folder / "erp.csv"))
    request = Request(input=folder / "courier.csv", selection=options)
    return opened(request, settings_here(None, need_service=False), Listening(), infix="plan")  # type: ignore[arg-type]

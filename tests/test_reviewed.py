"""The plan's sheet is obeyed: what a reviewer wrote into it decides, and nothing that the plan did not have is sent."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest

from tests.test_plans import Desk, desk

__all__ = ["desk"]

AWBS = [f"8621001046{number}" for number in range(1, 7)]
HEADER = ["Order ID", "AWB Code", "Order Status", "Amount"]
ROWS = [[f"SO-{n}", awb, "Cancel Requested" if n < 6 else "New Order", "100"] for n, awb in enumerate(AWBS, start=1)]
CALLED = {"cancel": "cancel?", "awb": "AWB Code", "ref": "Order ID"}
Lines = list[list[str]]


def xlsx(path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Orders"
    for line in [HEADER, *ROWS]:
        sheet.append(line)
    book.save(path)
    return path


def text(path: Path) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, *ROWS])
    return path


def edited(path: Path, edit: Callable[[Lines], Lines]) -> None:
    """The reviewer opens the sheet, changes it, and saves it: in Excel's place openpyxl, in an editor's place csv."""
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            lines = edit(list(csv.reader(file)))
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(lines)
        return
    book = openpyxl.load_workbook(path)
    sheet = book["Orders"]
    lines = edit([["" if cell is None else str(cell) for cell in line] for line in sheet.iter_rows(values_only=True)])
    sheet.delete_rows(1, sheet.max_row)
    for line in lines:
        sheet.append([cell or None for cell in line])
    book.save(path)


def read(path: Path) -> list[dict[str, str]]:
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    lines = openpyxl.load_workbook(path)["Orders"].iter_rows(values_only=True)
    names = [str(name) for name in next(lines)]
    return [dict(zip(names, ("" if cell is None else str(cell) for cell in line), strict=True)) for line in lines]


@pytest.fixture
def location(tmp_path: Path) -> str:
    """What a sheet says is read the same, wherever its plan lies."""
    return str(tmp_path / "ledger.db")


@pytest.fixture(params=[xlsx, text], ids=["xlsx", "csv"])
def planned(request: pytest.FixtureRequest, desk: Desk) -> Iterator[tuple[Desk, Path]]:
    suffix = ".csv" if request.param is text else ".xlsx"
    source = request.param(desk.folder / f"orders{suffix}")
    assert desk.run("plan", source.name).exit_code == 0
    yield desk, desk.folder / f"orders.plan{suffix}"


def setting(row: int, **cells: str) -> Callable[[Lines], Lines]:
    """Changes cells of a data row, counted from 1, by the names of their columns."""

    def edit(lines: Lines) -> Lines:
        for name, value in cells.items():
            lines[row][lines[0].index({"cancel": "cancel?", "awb": "AWB Code", "ref": "Order ID"}.get(name, name))] = (
                value
            )
        return lines

    return edit


def test_a_plans_sheet_says_yes_where_a_row_would_go(planned: tuple[Desk, Path]) -> None:
    _, sheet = planned
    rows = read(sheet)
    assert list(rows[0])[-4:] == ["status", "remark", "refnum", "cancel?"]
    assert [row["cancel?"] for row in rows] == ["yes"] * 5 + [""]


def test_a_reviewers_words_are_obeyed_and_stand_in_the_sheet_that_comes_back(planned: tuple[Desk, Path]) -> None:
    """A reviewer said no to one row, emptied a second status and wrote `Skipped` in a third: all three were sent."""
    desk, sheet = planned
    edited(sheet, setting(1, cancel="NO - customer called"))
    edited(sheet, setting(2, status=""))
    edited(sheet, setting(3, status="Skipped"))
    edited(sheet, setting(4, cancel=""))
    done = desk.run("cancel", sheet.name, "--json")
    assert (done.exit_code, desk.sent()) == (0, [AWBS[4]])
    rows = read(desk.folder / f"orders.plan.annotated.sandbox{sheet.suffix}")
    assert [(row["status"], row["remark"]) for row in rows[:4]] == [
        ("Skipped", "the reviewer wrote in cancel?: NO - customer called"),
        ("Skipped", "the reviewer left status empty"),
        ("Skipped", "the reviewer wrote in status: Skipped"),
        ("Skipped", "the reviewer left cancel? empty"),
    ]
    assert [row["status"] for row in rows[4:]] == ["Success", "Skipped"]
    summary = json.loads(done.stdout)
    assert summary["plan"] == desk.asked("SELECT plan FROM plans")[0][0]
    assert desk.asked("SELECT count(*) FROM plans") == [(1,)]
    assert desk.run("annotate", summary["run"]).exit_code == 0
    again = desk.run("cancel", sheet.name)
    assert (again.exit_code, "is done already" in again.stderr, desk.sent()) == (2, True, [AWBS[4]])


@pytest.mark.parametrize(
    ("cells", "goes"),
    [
        ({"cancel": "Yes"}, True),
        ({"cancel": "✓"}, True),
        ({"cancel": "ok"}, False),
        ({"cancel": "no"}, False),
        ({"cancel": "yes?"}, False),
        ({"cancel": "yes - not yet"}, False),
        ({"remark": "paid today, keep it"}, False),
        ({"remark": "yes"}, True),
        ({"status": "Failed"}, False),
    ],
)
def test_only_a_plain_yes_goes(desk: Desk, cells: dict[str, str], goes: bool) -> None:
    sheet = desk.folder / "orders.plan.csv"
    text(desk.folder / "orders.csv")
    desk.run("plan", "orders.csv")
    edited(sheet, setting(2, **cells))
    assert desk.run("cancel", sheet.name).exit_code == 0
    assert desk.sent() == [awb for awb in AWBS[:5] if goes or awb != AWBS[1]]


def test_a_row_that_the_plan_did_not_have_is_never_sent(planned: tuple[Desk, Path]) -> None:
    desk, sheet = planned
    edited(sheet, setting(6, cancel="yes"))
    edited(sheet, lambda lines: [*lines, ["SO-7", "86210010467", "Cancel Requested", "1", "", "", "", "yes"]])
    assert desk.run("cancel", sheet.name).exit_code == 0
    assert desk.sent() == AWBS[:5]
    rows = read(desk.folder / f"orders.plan.annotated.sandbox{sheet.suffix}")
    assert [row["remark"] for row in rows[5:]] == ["not in the plan, so it is never sent"] * 2


@pytest.mark.parametrize(
    "change",
    [
        {"awb": "86210010499"},
        {"awb": AWBS[5]},
        {"awb": AWBS[3]},
        {"awb": ""},
        {"awb": "8.62E+10"},
        {"ref": "SO-99"},
    ],
)
def test_a_changed_awb_cell_is_refused_by_its_name(planned: tuple[Desk, Path], change: dict[str, str]) -> None:
    desk, sheet = planned
    edited(sheet, setting(2, **change))
    done = desk.run("cancel", sheet.name)
    cell = "Orders!B3" if sheet.suffix == ".xlsx" else "B3"
    assert (done.exit_code, cell in done.stderr, desk.sent()) == (2, True, [])


def test_two_awbs_that_changed_places_are_refused(planned: tuple[Desk, Path]) -> None:
    desk, sheet = planned
    edited(sheet, setting(1, awb=AWBS[1], cancel="no"))
    edited(sheet, setting(2, awb=AWBS[0]))
    done = desk.run("cancel", sheet.name)
    assert (done.exit_code, desk.sent()) == (2, [])


def test_rows_may_be_sorted_and_deleted(planned: tuple[Desk, Path]) -> None:
    desk, sheet = planned
    edited(sheet, lambda lines: [lines[0], *lines[:2:-1]])  # the last first, and the first two are gone
    done = desk.run("cancel", sheet.name)
    assert (done.exit_code, sorted(desk.sent())) == (0, AWBS[2:5])
    assert "2 AWBs of the plan stand in no row of the sheet any more" in done.stderr


def without_references(desk: Desk, refs: str) -> Path:
    """The sheet of a plan of AWBs 1, 2, 1, 3 whose references are the letters of ``refs``; "-" is none."""
    source = desk.folder / "bare.csv"
    lines = [
        f"{awb},{ref.strip('-')},Cancel Requested"
        for awb, ref in zip([AWBS[n] for n in (0, 1, 0, 2)], refs, strict=True)
    ]
    source.write_text("\n".join(["AWB Code,Order ID,Order Status", *lines]), encoding="utf-8")
    assert desk.run("plan", "bare.csv").exit_code == 0
    return desk.folder / "bare.plan.csv"


@pytest.mark.parametrize("refs", ["----", "xxxx"])
@pytest.mark.parametrize(
    ("order", "cell"),
    [((1, 0, 0, 2), "A4"), ((0, 1, 2, 0), "A5"), ((2, 1, 0, 0), "A3"), ((0, 2, 0, 1), "A4"), ((0, 0, 0, 2), "A4")],
)
def test_awbs_without_references_of_their_own_must_keep_their_places(
    desk: Desk, refs: str, order: tuple[int, ...], cell: str
) -> None:
    sheet = without_references(desk, refs)
    for place, awb in enumerate(order, start=1):
        edited(sheet, setting(place, awb=AWBS[awb]))
    edited(sheet, setting(1, cancel="no"))
    done = desk.run("cancel", sheet.name)
    assert (done.exit_code, cell in done.stderr, desk.sent()) == (2, True, [])
    assert "stand in another order than in plan" in done.stderr


@pytest.mark.parametrize(
    ("left", "sent"),
    [((1, 2, 3, 4), [0, 1, 2]), ((2, 3, 4), [0, 1, 2]), ((3, 4), [0, 2]), ((2, 4), [1, 2]), ((1, 4), [0, 2])],
)
def test_rows_without_references_may_be_deleted(desk: Desk, left: tuple[int, ...], sent: list[int]) -> None:
    sheet = without_references(desk, "----")
    edited(sheet, lambda lines: [lines[0], *(lines[place] for place in left)])
    assert (desk.run("cancel", sheet.name).exit_code, sorted(desk.sent())) == (0, [AWBS[n] for n in sent])


def test_a_reference_that_only_one_awb_has_holds_its_rows_wherever_they_are(desk: Desk) -> None:
    sheet = without_references(desk, "a-ab")
    edited(sheet, lambda lines: [lines[0], *lines[:0:-1]])
    assert (desk.run("cancel", sheet.name).exit_code, sorted(desk.sent())) == (0, AWBS[:3])


def test_hidden_rows_of_a_plans_sheet_stay(desk: Desk) -> None:
    xlsx(desk.folder / "orders.xlsx")
    desk.run("plan", "orders.xlsx")
    book = openpyxl.load_workbook(desk.folder / "orders.plan.xlsx")
    book["Orders"].row_dimensions[2].hidden = True
    book.save(desk.folder / "orders.plan.xlsx")
    assert desk.run("cancel", "orders.plan.xlsx").exit_code == 0
    assert desk.sent() == AWBS[1:5]


def test_a_plans_sheet_without_its_seal_is_any_sheet_and_that_is_said(planned: tuple[Desk, Path]) -> None:
    desk, sheet = planned
    if sheet.suffix == ".csv":
        sheet.with_suffix(".json").unlink()
    else:
        book = openpyxl.load_workbook(sheet)
        del book.custom_doc_props["bulk-cancel plan"]
        book.save(sheet)
    edited(sheet, setting(1, cancel="no"))
    done = desk.run("cancel", sheet.name)
    assert "its seal is missing: it is read as any sheet" in done.stderr
    assert (done.exit_code, desk.sent()) == (0, AWBS[1:5])


def test_without_the_plans_own_columns_nothing_is_sent(planned: tuple[Desk, Path]) -> None:
    desk, sheet = planned
    edited(sheet, lambda lines: [line[:-1] for line in lines])
    done = desk.run("cancel", sheet.name)
    assert (done.exit_code, "are not there as it wrote them" in done.stderr, desk.sent()) == (2, True, [])


def test_a_sheet_of_another_ledgers_plan_is_refused(planned: tuple[Desk, Path]) -> None:
    desk, sheet = planned
    done = desk.run("cancel", sheet.name, BULK_CANCEL_LEDGER=str(desk.folder / "other.db"))
    assert (done.exit_code, "The ledger has no plan" in done.stderr) == (2, True)


def test_a_sheet_with_another_seal_than_its_plan_is_refused(desk: Desk) -> None:
    text(desk.folder / "orders.csv")
    desk.run("plan", "orders.csv")
    summary = desk.folder / "orders.plan.json"
    said = json.loads(summary.read_text(encoding="utf-8"))
    summary.write_text(json.dumps(said | {"seal": "0" * 64}), encoding="utf-8")
    done = desk.run("cancel", "orders.plan.csv")
    assert (done.exit_code, "bears another seal" in done.stderr, desk.sent()) == (2, True, [])


def test_a_plans_sheet_is_neither_planned_again_nor_picked_from(planned: tuple[Desk, Path]) -> None:
    desk, sheet = planned
    for command in (("plan", sheet.name), ("cancel", sheet.name, "--all"), ("cancel", sheet.name, "--limit", "1")):
        done = desk.run(*command)
        assert (done.exit_code, "is the sheet of plan P-" in done.stderr, desk.sent()) == (2, True, [])


def test_a_rejected_plans_sheet_is_refused(planned: tuple[Desk, Path]) -> None:
    desk, sheet = planned
    ((plan,),) = desk.asked("SELECT plan FROM plans")
    desk.run("reject", str(plan), "--because", "paid")
    done = desk.run("cancel", sheet.name)
    assert (done.exit_code, "was rejected by" in done.stderr, desk.sent()) == (2, True, [])


def test_the_seal_stands_beside_the_properties_that_a_workbook_has(desk: Desk) -> None:
    from openpyxl.packaging.custom import StringProperty

    path = xlsx(desk.folder / "orders.xlsx")
    book = openpyxl.load_workbook(path)
    book.custom_doc_props.append(StringProperty(name="Department", value="R&D"))
    book.save(path)
    desk.run("plan", "orders.xlsx")
    found = openpyxl.load_workbook(desk.folder / "orders.plan.xlsx").custom_doc_props
    ((name, seal),) = desk.asked("SELECT plan, seal FROM plans")
    assert {one.name: one.value for one in found.props} == {"Department": "R&D", "bulk-cancel plan": f"{name} {seal}"}
    with zipfile.ZipFile(desk.folder / "orders.plan.xlsx") as whole:
        assert whole.testzip() is None
        assert len(set(whole.namelist())) == len(whole.namelist())


def test_an_export_with_a_column_of_that_name_keeps_it(desk: Desk) -> None:
    lines = [[*HEADER, "cancel?"], *([*row, "yes" if number < 2 else "no"] for number, row in enumerate(ROWS))]
    with (desk.folder / "orders.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(lines)
    assert desk.run("plan", "orders.csv").exit_code == 0
    sheet = desk.folder / "orders.plan.csv"
    assert list(read(sheet)[0])[-4:] == ["status", "remark", "refnum", "cancel? (2)"]
    edited(sheet, lambda found: [*found[:1], [*found[1][:-1], "no"], *found[2:]])
    assert desk.run("cancel", sheet.name).exit_code == 0
    assert desk.sent() == AWBS[1:2]

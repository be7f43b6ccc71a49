"""The dates of a column are judged as a whole, and where two readings pick other rows a person says which."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.bare_parts import workbook_parts, worksheet, write_zip
from tests.decided import Decided, decided, text_cell

HEADER = "AWB Code,Order ID,Order Status,Order Date"


def orders(folder: Path, *dates: str, **said: Any) -> Decided:
    """Orders of those dates, all of which ask for cancelling; today is 2026-11-27."""
    rows = [f"8621002000{number},O{number},Cancel Requested,{date}" for number, date in enumerate(dates)]
    (folder / "orders.csv").write_text("\n".join([HEADER, *rows, ""]))
    return decided(folder / "orders.csv", **{"older_than": 30, **said})


def old(found: Decided) -> list[int]:
    """The places of the dates that are old enough."""
    assert found.question == ""
    return [row - 2 for row in found.sent]


@pytest.mark.parametrize(
    ("dates", "old_ones"),
    [
        (("11/01/2026", "11/02/2026", "11/26/2026", "10/05/2026"), [3]),  # month first: 11/26
        (("01/11/2026", "02/11/2026", "26/11/2026", "05/10/2026"), [3]),  # day first: 26/11
        (("11/09/2026", "11/13/2026", "11/10/2026"), []),
        (("26-11-26", "26-11-25", "26-09-28"), [2]),  # the year first, or some lie in the future
        (("11/12/2026", "11/11/2026"), []),  # December would be in the future
        (("05/06/2026", "01/02/2026"), [0, 1]),  # old either way
        (("2026-11-20", "2026-01-31"), [1]),
        (("25-Nov-2026", "5 Jan 2026"), [1]),
    ],
)
def test_the_column_says_itself_in_which_order_its_dates_are(
    tmp_path: Path, dates: tuple[str, ...], old_ones: list[int]
) -> None:
    assert old(orders(tmp_path, *dates)) == old_ones


@pytest.mark.parametrize(
    ("dates", "question"),
    [
        (
            ("11/01/2026", "11/02/2026"),
            "11/01/2026 in 'Order Date' (column D) can be read in two ways that pick other rows: say --date-order dmy "
            "or --date-order mdy",
        ),
        (
            ("20-11-26", "21-11-26"),
            "20-11-26 in 'Order Date' (column D) can be read in two ways that pick other rows: say --date-order dmy or "
            "--date-order ymd",
        ),
        (
            ("13/11/2026", "11/13/2026"),
            "The dates in 'Order Date' (column D) can't all be read in one order: say --date-order dmy or "
            "--date-order mdy or --date-order ymd",
        ),
    ],
)
def test_two_readings_that_pick_other_rows_are_asked_about(
    tmp_path: Path, dates: tuple[str, ...], question: str
) -> None:
    found = orders(tmp_path, *dates)
    assert found.question[:1].upper() + found.question[1:] == question


def test_an_answer_is_believed(tmp_path: Path) -> None:
    dates = ("11/01/2026", "11/02/2026", "01/11/2026")
    assert old(orders(tmp_path, *dates, date_order="dmy")) == [0, 1]
    assert old(orders(tmp_path, *dates, date_order="mdy")) == [2]


def test_nothing_is_asked_where_dates_decide_nothing(tmp_path: Path) -> None:
    dates = ("11/01/2026", "11/02/2026")
    assert old(orders(tmp_path, *dates, older_than=None)) == [0, 1]
    asked = orders(tmp_path, *dates, older_than=None, where="order_date < 2026-10-01")
    assert "--date-order" in asked.question


def test_a_profile_that_tells_the_order_is_believed_unless_the_column_speaks_against_it(tmp_path: Path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_text('title = "mine"\ndate_order = "mdy"\n')
    assert old(orders(tmp_path, "11/01/2026", "01/11/2026", profile=str(mine))) == [1]
    assert old(orders(tmp_path, "13/11/2026", "01/10/2026", profile=str(mine))) == [1]


def mixed(folder: Path, *cells: str | int, **said: Any) -> Decided:
    """Orders in a workbook: dates as texts, and as serial numbers under a date format."""
    heads = "".join(text_cell(f"{chr(65 + at)}1", name) for at, name in enumerate(HEADER.split(",")))
    rows = f'<row r="1">{heads}</row>'
    for number, cell in enumerate(cells, start=2):
        stored = text_cell(f"D{number}", cell) if isinstance(cell, str) else f'<c r="D{number}" s="4"><v>{cell}</v></c>'
        texts = (f"8621002000{number}", f"O{number}", "Cancel Requested")
        before = "".join(text_cell(f"{chr(65 + at)}{number}", text) for at, text in enumerate(texts))
        rows += f'<row r="{number}">{before}{stored}</row>'
    path = write_zip(folder / "orders.xlsx", workbook_parts(worksheet(rows)))
    return decided(path, **{"older_than": 30, **said})


SWAPPED = 46027, 46058  # 2026-01-05 and 2026-02-05, which were typed 05/11... and read as months


def test_days_that_excel_has_swapped_are_asked_about_and_never_believed(tmp_path: Path) -> None:
    cells = ("13/11/2026", "26/11/2026", *SWAPPED)
    asked = mixed(tmp_path, *cells)
    assert asked.question == (
        "Excel has swapped day and month in 2 cells of 'Order Date' (column D), for those with a day above 12 are "
        "still texts: export the column again as text, or say --date-order dmy to go on without those cells"
    )
    answered = mixed(tmp_path, *cells, date_order="dmy")
    assert (answered.question, answered.sent) == ("", {})
    assert answered.left[4] == "no order date that can be read, so --older-than leaves it out"


def test_dates_beside_texts_that_may_be_either_are_believed(tmp_path: Path) -> None:
    found = mixed(tmp_path, "13/11/2026", 46041, *SWAPPED)  # 46041 is 2026-01-19: no Excel reads that the other way
    assert found.question == ""
    assert set(found.sent) == {3, 4, 5}

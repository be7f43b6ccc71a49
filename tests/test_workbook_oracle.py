"""Whatever is sent of a random workbook is what a person who looks at it would send, by an oracle of its own.

The workbooks have merged cells, hidden rows and columns, struck texts, number formats that show something else than is
stored, two columns of states, dates, amounts and lists. Each cell is made together with what it means to a person; the
oracle reads that, shares no code with the product, and never opens the file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.sorted_rows import SortedRows, sort_rows

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
NUMBERS = [86210014001 + place for place in range(5)]
REFS = ["R-1", "R-2", "R-3", "R-4", "R-5", "R-6"]

Write = Callable[[Any, Any, int, int], None]
"""Writes a cell: workbook, worksheet, row, column."""


@dataclass(frozen=True)
class Cell:
    """``seen``: what a person sees; ``bears``: of an AWB's cell, all that it may mean; ``sure``: it means just that."""

    write: Write
    seen: str = ""
    bears: frozenset[str] = frozenset()
    sure: bool = True


def shown(value: object, form: str, **look: object) -> Write:
    """A cell under a number format."""

    def write(book: Any, sheet: Any, row: int, column: int) -> None:
        sheet.write(row, column, value, book.add_format({"num_format": form, **look}))

    return write


def half_struck(gone: str, meant: str) -> Write:
    def write(book: Any, sheet: Any, row: int, column: int) -> None:
        struck, plain = book.add_format({"font_strikeout": True}), book.add_format()
        sheet.write_rich_string(row, column, struck, gone, plain, meant)

    return write


def number_cells(number: int, other: int) -> list[Cell]:
    text, both = str(number), frozenset({str(number), str(other)})
    one = frozenset({text})
    return [
        Cell(shown(text, "@"), text, one),
        Cell(shown(number, "0"), text, one),
        Cell(shown(number, "000000000000000"), f"0000{text}", one),
        Cell(shown(number, '[>=1]0;"-"'), text, one, sure=False),  # formats by conditions that disagree are asked about
        Cell(shown(text, '"SF"@'), f"SF{text}", one | {f"SF{text}"}),
        Cell(shown(text, ";;;"), "", one, sure=False),
        Cell(shown(number, '"gone"'), "gone", one, sure=False),
        Cell(shown(number, "0,"), text[:-3], one, sure=False),
        Cell(shown(text, "@", font_strikeout=True), text, one, sure=False),
        Cell(half_struck(f"{other} ", text), f"{other} {text}", both, sure=False),
        Cell(shown(f"{text}, {other}", "@"), f"{text}, {other}", both, sure=False),
        Cell(shown(f"{text[:4]}-{text[4:]}", "@"), f"{text[:4]}-{text[4:]}", one),
        Cell(shown("", "@"), ""),
    ]


STATES = [
    *[Cell(shown(word, "@"), "stays") for word in ("Delivered", "RTO", "In Transit", "वितरित", "07-Delivered")],
    Cell(shown(2, '[=1]"New Order";[=2]"Delivered";0'), "stays"),
    Cell(shown("New Order", '"Not "@'), "unclear"),
    Cell(shown("Cancelled", '"Not "@'), "unclear"),
    Cell(shown("Lunch", "@"), "unclear"),
    *[Cell(shown(word, "@"), "asked") for word in ("Cancelled", "cancelado", "CANCEL REQUESTED")] * 3,
    Cell(shown(1, '[=1]"Cancelled";0'), "asked"),
    *[Cell(shown(word, "@"), "free") for word in ("New Order", "Ready to ship")] * 2,
    Cell(shown("", "@"), "nothing"),
]
SECOND_STATES = [cell for cell in STATES if cell.seen != "asked"] + [Cell(shown("", "@"), "nothing")] * 12

DAYS = [
    Cell(shown(46300, "dd-mm-yyyy"), "old"),  # 2026-10-05; the run is of 2026-11-27
    Cell(shown("28/09/2026", "@"), "old"),
    Cell(shown("28-Sep-2026", "@"), "old"),
    Cell(shown(46351, "dd-mm-yyyy"), "young"),  # 2026-11-25
    Cell(shown("26/11/2026", "@"), "young"),
    Cell(shown(46300, ";;;"), "none"),
    Cell(shown("soon", "@"), "none"),
    Cell(shown("", "@"), "none"),
]
AMOUNTS = [
    *[Cell(shown(text, "@"), "much") for text in ("Rs. 1,299/-", "1,23,456.00", "INR 1,299.00", "१२९९")],
    Cell(shown(1299, '"₹"#,##0.00'), "much"),
    *[Cell(shown(text, "@"), "little") for text in ("₹999", "(1,299.00)", "500.00", "−1,299.00")],
    Cell(shown(999, "0.00"), "little"),
    *[Cell(shown(text, "@"), "unclear") for text in ("free", "1.299", "12.50.00")],
    Cell(shown(1299, ";;;"), "none"),
    Cell(shown("", "@"), "none"),
]
MARKS = [*[Cell(shown(text, "@"), "yes") for text in ("Yes", "✓", "हाँ")] * 2, Cell(shown(1, "0"), "yes")]
MARKS += [*[Cell(shown(text, "@"), "no") for text in ("No", "FALSE", "")] * 2, Cell(shown("yes", '"No, not "@'), "no")]
MARKS += [Cell(shown(1, '[=1]"Keep";0'), "no"), Cell(shown("ask Ram", "@"), "unclear")]


@dataclass(frozen=True)
class Line:
    """A row; ``merged``: its AWB, its states or both come from the row above it, in merged cells."""

    ref: str
    awb: Cell
    status: Cell
    second: Cell
    day: Cell
    amount: Cell
    mark: Cell
    hidden: bool
    merged: frozenset[str]


@st.composite
def lines(draw: st.DrawFn) -> Line:
    cells = number_cells(draw(st.sampled_from(NUMBERS)), draw(st.sampled_from(NUMBERS)))
    return Line(
        ref=draw(st.sampled_from(REFS)),
        awb=draw(st.sampled_from(cells[:1] * 8 + cells)),
        status=draw(st.sampled_from(STATES)),
        second=draw(st.sampled_from(SECOND_STATES)),
        day=draw(st.sampled_from(DAYS[:3] * 2 + DAYS)),
        amount=draw(st.sampled_from(AMOUNTS)),
        mark=draw(st.sampled_from(MARKS)),
        hidden=draw(st.integers(0, 9)) == 0,
        merged=draw(st.sampled_from([frozenset[str]()] * 6 + [frozenset({"awb"}), frozenset({"status"})])),
    )


@dataclass(frozen=True)
class Way:
    """How rows are picked and narrowed; ``hides``: a column that decides is hidden."""

    picks: str
    narrows: str = ""
    hides: bool = False


ways = st.builds(
    Way,
    st.sampled_from(["status", "mark", "all", "list"]),
    st.sampled_from(["", "", "days", "amount"]),
    st.integers(0, 9).map(lambda number: number == 0),
)
listed = st.lists(
    st.tuples(st.sampled_from(REFS), st.booleans(), st.sampled_from(["Yes", "Yes", "No"])), min_size=1, max_size=5
)


# --- what a person would do -------------------------------------------------------------------------------------------


def unrolled(table: list[Line]) -> list[dict[str, Any]]:
    """The rows as a person sees them: a merged cell counts for each of its rows."""
    seen: list[dict[str, Any]] = []
    for place, line in enumerate(table):
        row: dict[str, Any] = dict(vars(line))
        for name in line.merged if place else ():
            row[name] = seen[-1][name]
        seen.append(row)
    return seen


def picked(row: dict[str, Any], way: Way, named: set[str]) -> bool:
    return {
        "status": row["status"].seen == "asked",
        "mark": row["mark"].seen == "yes",
        "all": True,
        "list": row["ref"] in named,
    }[way.picks]


def stays(row: dict[str, Any], way: Way, named: set[str]) -> bool:
    """Whether anything that is seen, or not seen, keeps a row."""
    return (
        row["hidden"]
        or not picked(row, way, named)
        or row["status"].seen in ("stays", "unclear")
        or row["second"].seen in ("stays", "unclear")
        or (way.narrows == "days" and row["day"].seen != "old")
        or (way.narrows == "amount" and row["amount"].seen != "much")
    )


def asks_first(rows: list[dict[str, Any]], way: Way, named: set[str]) -> bool:
    """Whether a person must be asked before anything at all is sent."""
    about = [row for row in rows if not row["hidden"]]
    return way.hides or (way.picks == "mark" and any(row["mark"].seen == "unclear" for row in about))


# --- the workbook -----------------------------------------------------------------------------------------------------

COLUMNS = ("ref", "awb", "status", "second", "day", "amount", "mark")
HEADERS = ("Order ID", "AWB No", "Order Status", "Shipment Status", "Order Date", "Order Total", "Cancel?")


def made(folder: Path, table: list[Line], way: Way) -> Path:
    width = len(COLUMNS) if way.picks == "mark" else len(COLUMNS) - 1
    with xlsxwriter.Workbook(str(folder / "orders.xlsx")) as book:
        sheet = book.add_worksheet("Orders")
        sheet.write_row(0, 0, HEADERS[:width])
        for number, line in enumerate(table, 1):
            sheet.write(number, 0, line.ref)
            for column in range(1, width):
                getattr(line, COLUMNS[column]).write(book, sheet, number, column)
            if line.hidden:
                sheet.set_row(number, None, None, {"hidden": True})
        for column in range(1, width):
            for first, last in runs(table, COLUMNS[column]):
                sheet.merge_range(first, column, last, column, "")
                getattr(table[first - 1], COLUMNS[column]).write(book, sheet, first, column)
        if way.hides:
            sheet.set_column(1, 1, None, None, {"hidden": True})
    return folder / "orders.xlsx"


def runs(table: list[Line], name: str) -> list[tuple[int, int]]:
    """The first and last rows of the merged areas of a column."""
    found: list[tuple[int, int]] = []
    for place in range(1, len(table)):
        if name in table[place].merged:
            starts = found[-1][0] if found and found[-1][1] == place else place
            found = [*(found[:-1] if starts != place else found), (starts, place + 1)]
    return found


def the_list(folder: Path, lines: list[tuple[str, bool, str]]) -> tuple[str, set[str]]:
    """A list of orders with a column of its own that says yes or no, and rows that are hidden in it."""
    with xlsxwriter.Workbook(str(folder / "list.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ("Order ID", "Cancel"))
        for number, (ref, hidden, said) in enumerate(lines, 1):
            sheet.write_row(number, 0, (ref, said))
            if hidden:
                sheet.set_row(number, None, None, {"hidden": True})
    named = {ref for ref, hidden, said in lines if not hidden and said == "Yes"}
    return str(folder / "list.xlsx"), named - {ref for ref, hidden, said in lines if not hidden and said == "No"}


def sort_book(
    folder: Path, table: list[Line], way: Way, wanted: list[tuple[str, bool, str]]
) -> tuple[SortedRows, set[str]]:
    source, (path, named) = made(folder, table, way), the_list(folder, wanted)
    options: dict[str, Any] = {
        "everything": way.picks == "all",
        "pick_from": path if way.picks == "list" else None,
        "older_than": 7 if way.narrows == "days" else None,
        "date_order": "dmy" if way.narrows == "days" else None,
        "where": "amount > 1000" if way.narrows == "amount" else None,
    }
    return sort_rows(source, **{name: value for name, value in options.items() if value}), named


def may_be_swapped(row: dict[str, Any], rows: list[dict[str, Any]]) -> bool:
    """Whether Excel may have swapped the row's day: a date cell with a day up to 12, in a column where others, with a
    day above 12, are texts as a program that reads month first leaves them."""
    return row["day"] == DAYS[0] and any(other["day"] in (DAYS[1], DAYS[4]) for other in rows)


def has_several(ref: str, rows: list[dict[str, Any]]) -> bool:
    """Whether an order stands beside several AWBs: a list that names only the order can't say which is meant."""
    return len({row["awb"].bears for row in rows if row["ref"] == ref and row["awb"].bears}) > 1


def told(awb: str) -> str:
    """An AWB as parcels are told apart: without hyphens and zeros in front."""
    return awb.replace("-", "").lstrip("0")


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(ways, st.lists(lines(), min_size=1, max_size=6), listed)
def test_whatever_is_sent_of_a_workbook_is_what_a_person_would_send(
    way: Way, table: list[Line], wanted: list[tuple[str, bool, str]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found, named = sort_book(Path(folder), table, way, wanted)
    rows = unrolled(table)
    assert found.question or not asks_first(rows, way, named), "nobody was asked"
    if found.question:
        return
    for awb in map(told, found.sent):
        bearing = [row for row in rows if awb in row["awb"].bears]
        assert any(row["awb"].sure and told(row["awb"].seen) == awb for row in bearing), f"nobody sees {awb}"
        for row in bearing:
            assert not stays(row, way, named), (
                awb,
                way,
                {name: row[name] for name in ("ref", "hidden")},
                [row[name].seen for name in COLUMNS[1:]],
            )


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), phases=PHASES)
@given(ways, st.lists(lines(), min_size=1, max_size=5), listed)
def test_what_a_person_would_send_of_a_workbook_and_nothing_speaks_against_is_sent(
    way: Way, table: list[Line], wanted: list[tuple[str, bool, str]]
) -> None:
    """So that an answer of "nothing, ever" does not pass for safe."""
    with tempfile.TemporaryDirectory() as folder:
        found, named = sort_book(Path(folder), table, way, wanted)
    rows = unrolled(table)
    for row in rows:
        alone = sum(bool(row["awb"].bears & other["awb"].bears) for other in rows) == 1
        plain = row["awb"].sure and row["awb"].seen.isdigit()
        doubted = (way.narrows == "days" and may_be_swapped(row, rows)) or (
            way.picks == "list" and has_several(row["ref"], rows)
        )
        if alone and plain and not doubted and not stays(row, way, named):
            assert told(row["awb"].seen) in map(told, found.sent)

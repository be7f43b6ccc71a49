"""A column that nobody sees never decides silently which parcels are cancelled."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.sheets import open_book
from tests.bare_parts import workbook_parts, worksheet, write_zip
from tests.biff8_file import OldSheet, make_xls
from tests.biff12_file import More, make_xlsb
from tests.decided import decided, sheet_of
from tests.test_converted import cell, ods, row
from tests.test_open_documents import look, styles

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


# --- the other formats ------------------------------------------------------------------------------------------------

CELLS = {row: dict(enumerate(cells)) for row, cells in enumerate(ROWS)}


def as_xls(folder: Path, *columns: int) -> Path:
    return make_xls(folder / "orders.xls", OldSheet(CELLS, hidden_columns=columns))


def as_xlsb(folder: Path, *columns: int) -> Path:
    rows = [(row, [(column, value) for column, value in cells.items() if value]) for row, cells in CELLS.items()]
    hidden = tuple((column, column, 2304, 1) for column in columns)
    return make_xlsb(
        folder / "orders.xlsb", {"Orders": rows}, more=More(columns=((6, 9, 2304, 0), *hidden, (20, 21, 0, 0)))
    )


def as_ods(folder: Path, *columns: int) -> Path:
    shown, none = "<table:table-column/>", '<table:table-column table:visibility="{}"/>'
    described = "".join(
        none.format("collapse" if column % 2 else "filter") if column in columns else shown for column in range(5)
    )
    cells = "".join(row("".join(cell("string", "", value or "") for value in line)) for line in ROWS)
    return ods(folder, described + cells)


def as_html(folder: Path, *columns: int) -> Path:
    ways = ("style='display:none'", "class=gone", "width=0", "style='visibility:collapse'", "hidden")
    described = "".join(f"<col {ways[column] if column in columns else 'width=80'}>" for column in range(5))
    lines = "".join("<tr>" + "".join(f"<td>{value or ''}</td>" for value in line) + "</tr>" for line in ROWS)
    text = f"<style>.gone {{display:none}}</style><table><colgroup>{described}</colgroup>{lines}</table>"
    (folder / "orders.html").write_text(text)
    return folder / "orders.html"


def as_xml(folder: Path, *columns: int) -> Path:
    hidden = "".join(
        f'<Column ss:Index="{column + 1}" {"ss:Hidden" if column % 2 else "ss:Width"}="{column % 2}"/>'
        for column in columns
    )
    lines = "".join(
        "<Row>" + "".join(f'<Cell><Data ss:Type="String">{value or ""}</Data></Cell>' for value in line) + "</Row>"
        for line in ROWS
    )
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    (folder / "orders.xml").write_text(
        f'<?xml version="1.0"?><Workbook xmlns="{space}" xmlns:ss="{space}"><Worksheet ss:Name="Orders">'
        f"<Table>{hidden}{lines}</Table></Worksheet></Workbook>"
    )
    return folder / "orders.xml"


FORMATS = (as_xls, as_xlsb, as_ods, as_html, as_xml)


@pytest.mark.parametrize("make", FORMATS)
@pytest.mark.parametrize("columns", [(), (0,), (1, 3), (0, 1, 2, 3, 4)])
def test_hidden_columns_are_told_in_every_format(
    tmp_path: Path, make: Callable[..., Path], columns: tuple[int, ...]
) -> None:
    book = open_book(make(tmp_path, *columns))
    found = book.hidden_columns(book.sheets[0].name)
    assert {column for column in found if column < 20} == set(columns)


@pytest.mark.parametrize("make", FORMATS)
def test_a_hidden_mark_or_awb_is_asked_about_in_every_format(tmp_path: Path, make: Callable[..., Path]) -> None:
    assert "'Cancel' (column D) would say what to cancel, and it is hidden" in decided(make(tmp_path, 3)).question
    assert "'AWB Code' (column A) would say the AWBs, and it is hidden" in decided(make(tmp_path, 0)).question
    assert decided(make(tmp_path)).question == ""


def test_a_column_of_no_width_and_a_folded_group_are_hidden_in_ods(tmp_path: Path) -> None:
    none = look("none", more='<style:table-column-properties style:column-width="0cm"/>', family="table-column")
    group = '<table:table-column-group table:display="false"><table:table-column/></table:table-column-group>'
    columns = (
        f'<table:table-column table:style-name="none" table:number-columns-repeated="2"/>{group}<table:table-column/>'
    )
    path = ods(tmp_path, columns + row("".join(cell("string", "", text) for text in "abcd")), before=styles(none))
    assert open_book(path).hidden_columns("Orders") == {0, 1, 2}

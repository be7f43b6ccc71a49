"""What a person sees in a merged area is what its top left cell holds, in every row and column that it covers."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import xlsxwriter

from pipeline.errors import FileError
from pipeline.model.sheet import Kind
from tests.bare_parts import workbook_parts, worksheet, write_zip
from tests.decided import Decided, decided, merged, sheet_of, text_cell
from tests.workbooks import xlsx_book
from tests.xlsx_cases import SLOWLY

HEADER = ("Order ID", "AWB No", "Order Status")
ASKED, OPEN = "Cancel Requested", "New Order"


def texts(path: Path, columns: tuple[int, ...], after: int = 0, size: int = 1000) -> dict[int, list[str]]:
    found = {}
    for frame in xlsx_book(path, "xlsx").frames("Orders", after, columns, size):
        for place, row in enumerate(frame.rows.tolist()):
            found[row] = [str(frame.columns[column].text.iloc[place]) for column in columns]
    return found


def test_every_cell_of_an_area_holds_what_its_top_left_cell_holds(tmp_path: Path) -> None:
    rows = (("a", "b", "c"), ("d", "e", "f"), ("g", None, "i"), ("j", "k", "l"))
    path = sheet_of(tmp_path, *rows, after=merged("A2:B3", "C3:C4"))
    assert texts(path, (0, 1, 2)) == {
        1: ["a", "b", "c"],
        2: ["d", "d", "f"],
        3: ["d", "d", "i"],
        4: ["j", "k", "i"],
    }
    assert texts(path, (1,)) == {1: ["b"], 2: ["d"], 3: ["d"], 4: ["k"]}  # the source stands in another column
    assert texts(path, (1, 0), after=2, size=1) == {3: ["d", "d"], 4: ["k", "j"]}  # and above the wanted rows


def test_an_area_is_seen_across_frames_and_however_its_element_is_spelt(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{n}">{text_cell(f"A{n}", f"v{n}")}</row>' for n in range(1, 120_001))
    spellings = (
        '<mergeCells count="1"><mergeCell ref="A2:A120000"/></mergeCells>',
        "<mergeCells><!-- --><mergeCell  a='1'  ref = 'a2:a120000'  ></mergeCell></mergeCells>",
    )
    for spelt in spellings:
        path = write_zip(tmp_path / "long.xlsx", workbook_parts(worksheet(rows, after=spelt)))
        found = texts(path, (0,), after=1, size=50_000)
        assert len(found) == 119_999
        assert set(map(tuple, found.values())) == {("v2",)}


def test_an_area_in_a_comment_is_none(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>'
    for before in ("", SLOWLY):
        sheet = worksheet(rows, before, '<!-- <mergeCell ref="A1:A2"/> -->')
        path = write_zip(tmp_path / "feigned.xlsx", workbook_parts(sheet))
        assert texts(path, (0,)) == {1: ["1"], 2: ["2"]}


def test_kind_format_and_formula_go_with_the_value_and_a_blank_covers_too(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1" s="4"><v>46000</v></c><c r="B1"/></row>'
        '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>2</v></c></row>'
    )
    path = write_zip(tmp_path / "kinds.xlsx", workbook_parts(worksheet(rows, after=merged("A1:A2", "B1:B2"))))
    (frame,) = xlsx_book(path, "xlsx").frames("Orders", 0, (0, 1), 100)
    first, second = frame.columns[0], frame.columns[1]
    assert first.kind.tolist() == [Kind.DATE, Kind.DATE]
    assert first.text.tolist() == ["2025-12-09", "2025-12-09"]
    assert [first.formats[code] for code in first.format.tolist()] == ["dd/mm/yyyy"] * 2
    assert second.kind.tolist() == [Kind.BLANK, Kind.BLANK]


@pytest.mark.parametrize(
    "areas",
    [("A1:A",), ("A0:A2",), ("B1:A2",), ("A2:A1",), ("A1:XFE2",), ("A1:A1048577",), ("A1:A3", "A2:A3", "A1:A2")],
)
def test_areas_that_are_none_or_lie_upon_one_another_are_refused(tmp_path: Path, areas: tuple[str, ...]) -> None:
    path = sheet_of(tmp_path, *([("x",)] * 3), after=merged(*areas))
    with pytest.raises(FileError, match="merged"):
        texts(path, (0,))


# --- which rows are picked ------------------------------------------------------------------------------------------


def test_an_awb_merged_over_a_row_that_stays_is_seen_in_both_rows(tmp_path: Path) -> None:
    rows = (HEADER, ("OD-1", "86210010500", ASKED), (None, None, "Delivered"), ("OD-2", "86210010501", ASKED))
    found = decided(sheet_of(tmp_path, *rows, after=merged("A2:A3", "B2:B3")))
    assert found.left == {3: 'its status "Delivered" does not ask for cancelling, and is too late for it'}
    assert found.sent == {2: "86210010500", 4: "86210010501"}  # planning keeps row 2 back: row 3 bears its AWB


def test_a_merged_status_counts_for_each_row_that_it_covers(tmp_path: Path) -> None:
    rows = (HEADER, *((f"OD-{n}", f"8621001050{n}", ASKED if n else OPEN) for n in range(4)))
    kept = decided(sheet_of(tmp_path, *rows, after=merged("C2:C4")))
    assert kept.sent == {5: "86210010503"}
    rows = (HEADER, *((f"OD-{n}", f"8621001050{n}", None if n else ASKED) for n in range(3)))
    picked = decided(sheet_of(tmp_path, *rows, after=merged("C2:C4")))
    assert picked.sent == {2: "86210010500", 3: "86210010501", 4: "86210010502"}


def test_what_is_left_in_covered_cells_is_nothing(tmp_path: Path) -> None:
    rows = (HEADER, *((f"OD-{n}", f"8621001046310{n}", ASKED) for n in range(4)))
    found = decided(sheet_of(tmp_path, *rows, after=merged("B2:B4")))
    assert set(found.sent.values()) == {"86210010463100", "86210010463103"}


def test_a_header_merged_downwards_names_its_column_in_the_row_of_names_too(tmp_path: Path) -> None:
    rows = (("Order ID", "Shipment", None), (None, "AWB No", "Order Status"), ("OD-1", "86210010500", ASKED))
    found = decided(sheet_of(tmp_path, *rows, after=merged("A1:A2", "B1:C1")))
    assert found == Decided(sent={3: "86210010500"}, notes=("header row: 2",))


def test_a_title_over_all_columns_is_no_row_of_names(tmp_path: Path) -> None:
    rows = (("Open orders of November",), ("Ref", "Docket Number (courier)", "Say"), ("OD-1", "86210010500", "x"))
    found = decided(sheet_of(tmp_path, *rows, after=merged("A1:C1")), everything=True)
    assert "header row: 2" in found.notes


def test_a_large_sheet_with_many_areas_is_read_at_once(tmp_path: Path) -> None:
    path = tmp_path / "many.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Orders")
        for row in range(0, 40_000, 2):
            sheet.merge_range(row, 0, row + 1, 0, f"v{row}")
            sheet.write(row, 1, "x")
            sheet.write(row + 1, 1, "y")
    start = time.perf_counter()
    found = texts(path, (0, 1))
    assert time.perf_counter() - start < 5
    assert found[39_999] == ["v39998", "x"]
    assert found[40_000] == ["v39998", "y"]

"""Lists without names of columns, or without one over the AWBs, are read once a person names a column by its letter."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from pipeline.cli import main
from tests.decided import decided, merged, sheet_of


def test_a_list_without_a_header_says_what_to_type_and_is_read_so(tmp_path: Path) -> None:
    bare = tmp_path / "awbs.txt"
    bare.write_text("86210022021\n86210022022\n")
    assert "--header-row 0" in decided(bare).refused
    assert decided(bare, header_row=0, columns=("awb_number=A",), everything=True).sent == {
        1: "86210022021",
        2: "86210022022",
    }
    two = tmp_path / "two.csv"
    two.write_text("OD-1,86210022051\nOD-2,86210022052\n")
    assert "--header-row N (0: there is none)" in decided(two).refused
    said = ("awb_number=B", "order_ref=A")
    assert decided(two, header_row=0, columns=said, everything=True).sent == {1: "86210022051", 2: "86210022052"}


def test_a_column_without_a_name_is_named_by_its_letter(tmp_path: Path) -> None:
    rows = (("Order ID", None, "Status"), ("OD-1", 86210016031, "Cancelled"), ("OD-2", 86210016032, "Shipped"))
    path = sheet_of(tmp_path, *rows)
    assert "--column awb_number=HEADER (or its letter)" in decided(path).refused
    assert decided(path, columns=("awb_number=B",)).sent == {2: "86210016031"}
    assert "There is no column 'D'" in decided(path, columns=("awb_number=D",)).refused


def test_a_header_that_is_a_letter_goes_before_the_letter(tmp_path: Path) -> None:
    rows = (("B", "AWB", "Status"), ("86210016031", "x", "Cancelled"))
    assert decided(sheet_of(tmp_path, *rows), columns=("awb_number=B",)).sent == {2: "86210016031"}


@pytest.mark.parametrize("name", ["Tracking Reference", "carrier_tracking_ref"])
def test_odoo_calls_its_awbs_tracking_references(tmp_path: Path, name: str) -> None:
    rows = (("Order ID", name, "Status"), ("S00031", "86210012101", "Cancelled"))
    found = decided(sheet_of(tmp_path, *rows))
    assert (found.sent, found.question) == ({2: "86210012101"}, "")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_list_without_a_header_comes_back_with_its_statuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BULK_CANCEL_LEDGER", str(tmp_path / "ledger.db"))
    rows = [["OD-1", "86210022051"], ["OD-2", "86210022052"]]
    if kind == "csv":
        Path("list.csv").write_text("\n".join(map(",".join, rows)) + "\n")
    else:
        sheet_of(tmp_path, *map(tuple, rows)).rename("list.xlsx")
    named = ("--header-row", "0", "--column", "awb_number=B", "--column", "order_ref=A", "--all")
    made = CliRunner().invoke(main, ["cancel", f"list.{kind}", *named, "-q", "-o", f"done.{kind}"])
    assert made.exit_code == 0, made.output
    if kind == "csv":
        lines = list(csv.reader(Path("done.csv").read_text().splitlines()))
    else:
        sheet = openpyxl.load_workbook("done.xlsx").active
        assert sheet is not None
        lines = [[str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert [line[:3] for line in lines] == [[*row, "Success"] for row in rows]


def test_a_header_over_several_columns_says_where_else_the_awbs_may_stand(tmp_path: Path) -> None:
    rows = (("Order ID", "AWB No", None, None, "Status"), ("OD-1", None, None, "86210020001", "Cancelled"))
    path = sheet_of(tmp_path, *rows, after=merged("B1:D1"))
    note = "'AWB No' (column B) holds no AWB at all: if they stand in another column, say --column awb_number=HEADER"
    assert note in decided(path).notes
    named = decided(path, columns=("awb_number=D",))
    assert (named.sent, named.notes) == ({2: "86210020001"}, ())

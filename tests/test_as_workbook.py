"""``--as xlsx``: a CSV comes back as a workbook in which no AWB is changed, and which reads as the CSV does."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from pipeline.errors import OutputError
from pipeline.model.sheet import Extent, Place
from pipeline.sheets import check_as_workbook, open_book
from tests.test_job import start

TEXT = (
    "May export;;;\r\n"
    "\r\n"
    "Order ID;AWB;Amount;Note\r\n"
    "007;00862100104630001;1299.50;=1+1\r\n"
    "SO-2;1E5;n/a;two\tparts & <more>\r\n"
    "SO-3;86210010463;-5;\r\n"
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_bytes(TEXT.encode())
    return path


def test_a_csv_comes_back_with_awbs_as_text_a_frozen_header_and_a_filter(source: Path) -> None:
    done = start(["cancel", str(source), "--all", "--as", "xlsx", "-q"], source.parent)
    assert (done.returncode in (0, 1), "Traceback" in done.stderr) == (True, False), done.stderr
    assert not source.with_name("orders.annotated.sandbox.csv").exists()
    page = openpyxl.load_workbook(source.with_name("orders.annotated.sandbox.xlsx"))["Orders"]
    lines = list(page.iter_rows(values_only=True))
    assert lines[0][0] == "May export"
    assert set(lines[1]) == {None}
    assert lines[2] == ("Order ID", "AWB", "Amount", "Note", "status", "remark", "refnum")
    assert lines[3][:4] == ("007", "00862100104630001", 1299.5, "=1+1")
    assert lines[4][1:4] == ("1E5", "n/a", "two\tparts & <more>")
    assert lines[5][:3] == ("SO-3", "86210010463", -5)
    assert [page[f"{letter}4"].data_type for letter in "ABCD"] == ["s", "s", "n", "s"]
    assert [page[f"{letter}4"].number_format for letter in "ABC"] == ["@", "@", "#,##0.00"]
    assert (page.freeze_panes, page.auto_filter.ref) == ("A4", "A3:G6")
    assert all(line[4] for line in lines[3:])
    assert source.read_bytes() == TEXT.encode()


def test_the_workbook_of_a_plan_bears_its_seal_and_sends_what_still_says_yes(source: Path) -> None:
    start(["plan", str(source), "--all", "--as", "xlsx", "-q"], source.parent)
    reviewed = source.with_name("orders.plan.xlsx")
    book = openpyxl.load_workbook(reviewed)
    page = book["Orders"]
    assert [page["H3"].value, page["H4"].value, page["H6"].value] == ["cancel?", "yes", "yes"]
    page["H4"] = "no, the customer called"
    book.save(reviewed)
    start(["cancel", str(reviewed), "-q"], source.parent)
    found = openpyxl.load_workbook(reviewed.with_name("orders.plan.annotated.sandbox.xlsx"))["Orders"]
    assert (found["E4"].value, found["F4"].value) == (
        "Skipped", "the reviewer wrote in cancel?: no, the customer called",
    )  # fmt: skip
    assert found["E6"].value != "Skipped"


def sheet_of(path: Path) -> bytes:
    with ZipFile(path) as whole:
        return whole.read("xl/worksheets/sheet1.xml")


def test_a_workbook_stays_what_it_is_and_another_ending_is_refused(tmp_path: Path, source: Path) -> None:
    book = openpyxl.Workbook()
    for line in (["Order ID", "AWB"], ["1", "86210010463"]):
        book.active.append(line)  # type: ignore[union-attr]
    book.save(tmp_path / "book.xlsx")
    start(["plan", "book.xlsx", "--all", "-q"], tmp_path)
    before = sheet_of(tmp_path / "book.plan.xlsx")
    start(["plan", "book.xlsx", "--all", "--as", "xlsx", "-q"], tmp_path)
    assert sheet_of(tmp_path / "book.plan.xlsx") == before
    done = start(["plan", str(source), "--all", "--as", "xlsx", "-o", "out.csv"], tmp_path)
    assert (done.returncode, "Give it a name that ends with .xlsx" in done.stderr) == (2, True)


def test_a_text_with_more_rows_than_a_worksheet_is_refused_before_anything_is_sent(source: Path) -> None:
    open_book(source)
    place = Place(source, "csv", "", 1, ("AWB",), {"awb_number": 0}, ("status",), None, Extent(1_048_577, 0), "")
    with pytest.raises(OutputError, match="1,048,577 rows and 2 columns don't fit into a worksheet"):
        check_as_workbook(place)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_libreoffice_reads_the_workbook_as_the_text_was(source: Path) -> None:
    start(["plan", str(source), "--all", "--as", "xlsx", "-q"], source.parent)
    subprocess.run(
        ["soffice", "--headless", "--convert-to", "csv", "--outdir", str(source.parent), "orders.plan.xlsx"],
        cwd=source.parent, env={**os.environ, "HOME": str(source.parent)}, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    with source.with_name("orders.plan.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    assert [line[:2] for line in lines[2:]] == [
        ["Order ID", "AWB"], ["007", "00862100104630001"], ["SO-2", "1E5"], ["SO-3", "86210010463"],
    ]  # fmt: skip

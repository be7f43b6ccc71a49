"""A workbook that can't be patched comes back as CSV beside it: nothing that was done is lost."""

from __future__ import annotations

import csv
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import schemas.annotated
from pipeline.errors import FileError, OutputError
from pipeline.files import file_digest
from pipeline.limits import LONGEST_CELL
from pipeline.load import Wishes, load
from pipeline.sheets import open_book, why_not_patched
from pipeline.writing.annotate import annotate

SAMPLE = Path(__file__).parent.parent / "sample_data" / "orders.xlsx"


def signed(folder: Path) -> Path:
    path = folder / "signed.xlsx"
    shutil.copy(SAMPLE, path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("_xmlsignatures/origin.sigs", "")
    return path


def test_a_signed_workbook_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    table = load(open_book(signed(tmp_path)), Wishes())
    list(table.frames())
    assert "sign" in why_not_patched(table.book, table.place())


def test_its_sheet_comes_back_as_csv_with_the_rows_where_they_were(tmp_path: Path) -> None:
    table = load(open_book(signed(tmp_path)), Wishes())
    (rows,) = [frame.index for frame in table.frames()]
    marks = pd.DataFrame({"status": "Success", "remark": "=1+1", "refnum": "007"}, index=rows).astype("category")
    written = annotate(table.book, table.place(), marks, tmp_path / "signed.annotated.xlsx")
    assert (written.path.name, len(written.notes)) == ("signed.annotated.csv", 2)
    with written.path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert lines[3][5:7] + lines[3][-3:] == ["AWB No", "Order Status", "status", "remark", "refnum"]
    assert lines[4][5:7] + lines[4][-3:] == ["1319480000001", "Cancel Requested", "Success", "'=1+1", "007"]
    assert not (tmp_path / "signed.annotated.xlsx").exists()


def test_a_file_that_was_changed_since_it_was_read_gets_no_marks(tmp_path: Path) -> None:
    source = tmp_path / "orders.csv"
    source.write_text("Order ID,AWB Code\nSO-1,1319000001\n", encoding="utf-8")
    table = load(open_book(source), Wishes())
    (rows,) = [frame.index for frame in table.frames()]
    place = table.place()
    source.write_text("Order ID,AWB Code\nSO-2,1319000002\n", encoding="utf-8")
    marks = pd.DataFrame({"status": "Success", "remark": "", "refnum": ""}, index=rows)
    with pytest.raises(OutputError, match="was changed since it was read"):
        annotate(table.book, place, marks, tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_a_damaged_workbook_is_told_as_such_and_not_given_back_as_csv(tmp_path: Path) -> None:
    source = tmp_path / "orders.xlsx"
    shutil.copy(SAMPLE, source)
    table = load(open_book(source), Wishes())
    (rows,) = [frame.index for frame in table.frames()]
    marks = pd.DataFrame({"status": "Success", "remark": "", "refnum": ""}, index=rows)
    data = bytearray(source.read_bytes())
    with zipfile.ZipFile(source) as archive:
        sheet = archive.getinfo("xl/worksheets/sheet1.xml")
    data[sheet.header_offset + 200] ^= 0xFF
    source.write_bytes(data)
    place = replace(table.place(), digest=file_digest(source))
    with pytest.raises(FileError, match=r"This file is damaged: its part xl/worksheets/sheet1\.xml"):
        annotate(table.book, place, marks, tmp_path / "out.xlsx")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["orders.xlsx"]


def test_the_limits_of_a_cell_are_said_once_for_the_rules_and_once_for_the_writers() -> None:
    assert LONGEST_CELL == schemas.annotated.LONGEST_CELL

"""A short fuzz (see ``tests/fuzz.py``; ``make fuzz`` is the long one), and what the long ones found."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from pipeline.errors import FileError
from pipeline.sheets import open_book
from tests.biff12_file import make_xlsb
from tests.fuzz import ROWS, WRITTEN, fuzz, through

pytest.importorskip("resource", reason="memory is bounded by the system's own limits")

ODS = Path(__file__).parent / "data" / "converted.ods"


def test_damaged_files_of_every_format_end_in_a_sheet_or_in_words(tmp_path: Path) -> None:
    verdict = fuzz(seed=5, count=70, seconds=60, kept=tmp_path)
    print(verdict)
    assert verdict.findings == []
    assert set(verdict.fates) == {"csv", "html", "ods", "xls", "xlsb", "xlsx", "xml"}


@pytest.mark.parametrize("encoding", ["no-such", "utf-7", "shift-jis"])
def test_a_document_in_an_encoding_that_cannot_be_read_is_damaged(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "orders.ods"
    with zipfile.ZipFile(ODS) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data.replace(b'"UTF-8"', f'"{encoding}"'.encode()) if name == "content.xml" else data)
    with pytest.raises(FileError, match="its table isn't XML"):
        open_book(path)


def test_a_tab_whose_name_xml_cant_hold_gets_one_that_it_can(tmp_path: Path) -> None:
    path = make_xlsb(tmp_path / "book.xlsb", {"Or\ufffeders": ROWS})
    assert through(path, "B", tmp_path) == WRITTEN

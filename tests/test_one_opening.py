"""From telling what the input is to writing it back, one command opens the file once and takes it apart once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.biff8_file import OldSheet, make_xls
from tests.test_converted import cell, ods, row

ROOT = Path(__file__).parent.parent
HEADERS = ("Order No", "AWB No", "Order Status")
ORDERS = tuple((f"SO-{number}", f"13194800000{number:02}", "Cancel Requested") for number in range(1, 10))


def sample(name: str) -> Callable[[Path], Path]:
    """One of the sample exports."""
    return lambda folder: Path(shutil.copy(ROOT / "sample_data" / name, folder))


def old_workbook(folder: Path) -> Path:
    rows = {number: dict(enumerate(cells)) for number, cells in enumerate((HEADERS, *ORDERS))}
    return make_xls(folder / "orders.xls", OldSheet(rows))


def page(folder: Path) -> Path:
    rows = "".join(f"<tr>{''.join(f'<td>{text}</td>' for text in cells)}</tr>" for cells in (HEADERS, *ORDERS))
    path = folder / "orders.html"
    path.write_text(f"<html><table>{rows}</table></html>", encoding="utf-8")
    return path


def document(folder: Path) -> Path:
    return ods(folder, "".join(row(*(cell("string", "", text) for text in cells)) for cells in (HEADERS, *ORDERS)))


INPUTS: dict[str, tuple[Callable[[Path], Path], Mapping[str, int]]] = {
    "xlsx": (sample("orders.xlsx"), {"_check_directory": 1, "open_package": 1, "read_shared_strings": 1}),
    "csv": (sample("orders.csv"), {"find_encoding": 1}),
    "xls": (old_workbook, {"open_workbook": 1}),
    "html": (page, {"read_html": 1}),
    "ods": (document, {"_check_directory": 1, "read_ods": 1}),
}
"""How each input is made, and how often the functions are called that take it apart."""


def counted(
    source: Path, functions: Mapping[str, int], *options: str, watched: Path | None = None
) -> tuple[int, dict[str, int]]:
    """How often one command opens its input (or another file of it), and calls each of some functions."""
    names = ",".join(functions)
    command = [
        sys.executable,
        "-m",
        "tests.counting",
        str(watched or source),
        names,
        "cancel",
        str(source),
        "--yes",
        *options,
    ]
    told = {**os.environ, "BULK_CANCEL_LEDGER": str(source.parent / "ledger.db"), "ITHINK_ENV": "sandbox"}
    done = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, timeout=120, check=False)
    opened, calls = json.loads(done.stderr.splitlines()[-1])
    assert list(source.parent.glob("*.annotated.sandbox.*")), done.stderr
    return opened, calls


@pytest.mark.parametrize("kind", INPUTS)
def test_one_command_opens_its_input_once_and_takes_it_apart_once(tmp_path: Path, kind: str) -> None:
    make, expected = INPUTS[kind]
    assert counted(make(tmp_path), expected) == (1, expected)


def test_a_workbook_that_comes_back_as_csv_is_opened_once_too(tmp_path: Path) -> None:
    source = sample("orders.xlsx")(tmp_path)
    with zipfile.ZipFile(source, "a") as archive:
        archive.writestr("_xmlsignatures/origin.sigs", "")
    assert counted(source, {"open_package": 1}) == (1, {"open_package": 1})
    assert [path.name for path in tmp_path.glob("*.csv")] == ["orders.annotated.sandbox.csv"]


def test_a_list_of_references_is_opened_once_even_where_its_column_has_to_be_named(tmp_path: Path) -> None:
    source, chosen = page(tmp_path), tmp_path / "list.csv"
    source.write_text(source.read_text(encoding="utf-8").replace("Order No", "Wanted"), encoding="utf-8")
    chosen.write_text("Wanted,Why\nSO-1,late\nSO-2,late\n", encoding="utf-8")
    options = ("--pick-from", str(chosen), "--column", "order_ref=Wanted")
    assert counted(source, {"find_encoding": 1}, *options, watched=chosen) == (1, {"find_encoding": 1})

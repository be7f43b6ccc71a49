"""What stands behind this program's own columns stays, whatever is added to them."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.test_cli import run

HEAD = ["Order ID", "AWB No", "Order Status", "status", "remark", "refnum", "Notes"]
ROWS = [["O1", "86210010601", "Cancelled", "", "", "", "call Asha"], ["O2", "86210010602", "New", "", "", "", "keep"]]


def page(folder: Path) -> Path:
    lines = ("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in (HEAD, *ROWS))
    path = folder / "orders.html"
    path.write_text(f"<table>{''.join(lines)}</table>", encoding="utf-8")
    return path


def written(path: Path) -> list[dict[str, str]]:
    head, *rows = openpyxl.load_workbook(path).active.iter_rows(values_only=True)
    return [dict(zip(head, ("" if cell is None else str(cell) for cell in row), strict=True)) for row in rows]


@pytest.mark.parametrize(
    ("commands", "name", "new"),
    [
        ([("cancel",), ("verify", "--all")], "orders.annotated.sandbox.xlsx", "verified"),
        ([("plan",)], "orders.plan.xlsx", "cancel?"),
    ],
)
def test_a_fourth_column_stands_behind_all_others_of_a_sheet_that_is_written_anew(
    tmp_path: Path, commands: list[tuple[str, ...]], name: str, new: str
) -> None:
    page(tmp_path)
    for verb, *options in commands:
        done = run(tmp_path, verb, "orders.html", *options)
        assert done.returncode == 0, done.stderr
    rows = written(tmp_path / name)
    assert list(rows[0]) == [*HEAD, new]
    assert [row["Notes"] for row in rows] == ["call Asha", "keep"]
    assert [bool(row[new]) for row in rows] == [True, False]
    assert rows[1]["status"] == "Skipped"

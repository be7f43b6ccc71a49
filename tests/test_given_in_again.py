"""What was a problem in the input is one in our own output, too: nothing becomes sendable by going round."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.decided import decided, sheet_of
from tests.test_cli import run

CELLS = (
    "<del>86210010601</del>",
    "86210010<sup>602</sup>",
    '<span style="text-decoration:line-through">86210010603</span>',
    "8.621E+10",
    "86210010605 / 86210010606",
)
HEAD = ("Order ID", "AWB No", "Order Status", "status", "remark", "refnum")


def page(folder: Path) -> Path:
    cells = (*CELLS, "86210010699")
    rows = "".join(f"<tr><td>O{at}</td><td>{cell}</td><td>Cancelled</td></tr>" for at, cell in enumerate(cells))
    path = folder / "orders.html"
    path.write_text(f"<table><tr><th>Order ID</th><th>AWB No</th><th>Order Status</th></tr>{rows}</table>", "utf-8")
    return path


def test_what_a_copy_in_another_format_does_not_show_any_more_is_not_sent(tmp_path: Path) -> None:
    page(tmp_path)
    first = run(tmp_path, "cancel", "orders.html")
    said = json.loads((tmp_path / "orders.annotated.sandbox.json").read_text("utf-8"))["counts"]
    assert (first.returncode, said["Success"], said["Invalid"]) == (1, 1, len(CELLS)), first.stderr
    again = decided(tmp_path / "orders.annotated.sandbox.xlsx", everything=True)
    assert again.sent == {7: "86210010699"}  # the ledger keeps it from going out twice
    assert sorted(again.invalid) == [2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("status", "sent"), [("Invalid", {}), ("Skipped", {2: "86210010601"}), ("", {2: "86210010601"})]
)
def test_a_row_called_invalid_is_so_until_its_status_is_emptied(
    tmp_path: Path, status: str, sent: dict[int, str]
) -> None:
    row = ("O1", "86210010601", "Cancelled", status, "Orders!B2: it was struck out", "")
    found = decided(sheet_of(tmp_path, HEAD, row, ("O2", "86210010602", "New", "Skipped", "", "")))
    assert found.sent == sent
    assert found.invalid == (
        {}
        if sent
        else {
            2: "Orders!B2 is in a row that an earlier run called Invalid: mend the row, then empty its status cell",
        }
    )


def test_the_word_of_somebody_else_is_not_ours(tmp_path: Path) -> None:
    found = decided(sheet_of(tmp_path, HEAD[:4], ("O1", "86210010601", "Cancelled", "Invalid")), everything=True)
    assert found.invalid == {}

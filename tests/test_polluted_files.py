"""No shifted row is believed, whatever happened to a text table; and the page that promises it says what holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.errors import PipelineError
from pipeline.load import Wishes, load
from pipeline.sheets import open_book
from tests.polluted_files import POLLUTIONS, ROWS, as_bytes, awb

PAGE = Path(__file__).parent.parent / "docs" / "polluted-files.md"
TRUE = [awb(row) for row in range(1, ROWS + 1)]


def read(path: Path) -> tuple[list[str], list[int]]:
    """The AWBs that are trusted, and the rows whose AWB is not."""
    table = load(open_book(path), Wishes())
    trusted: list[str] = []
    doubted: list[int] = []
    for frame in table.frames():
        orders = frame[(frame["aside"] == "") & ((frame["awb_number"] != "") | (frame["awb_doubt"] != ""))]
        trusted += orders.loc[orders["awb_doubt"] == "", "awb_number"].tolist()
        doubted += orders.index[orders["awb_doubt"] != ""].tolist()
    return trusted, doubted


def outcome(path: Path) -> str:
    """What becomes of a file, in the words of the page."""
    try:
        trusted, doubted = read(path)
    except PipelineError:
        return "the file is refused"
    if not doubted:
        return "read" if trusted == TRUE else "read, but not all"
    if not trusted:
        return "no row is sent"
    if trusted == TRUE:
        return "read; the rows of the other table are Invalid"
    return f"{len(doubted)} {'row is' if len(doubted) == 1 else 'rows are'} Invalid"


@pytest.mark.parametrize("kind", POLLUTIONS)
def test_what_is_trusted_is_true_whatever_happened_to_the_file(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(as_bytes(kind))
    promised = dict(re.findall(r"^\| (.+?) \| (.+?) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert outcome(path) == promised[kind]
    try:
        trusted, doubted = read(path)
    except PipelineError:
        return
    assert set(trusted) <= set(TRUE)
    assert len(trusted) == len(set(trusted))
    assert doubted or trusted == TRUE


def test_a_row_that_is_not_trusted_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(
        b"Order ID,Status,Customer,Phone,AWB,Remarks\n"
        b"R1,Cancelled,Asha Rao,9876543210,86210010461,\n"
        b"R2,Cancelled,Rao, Asha,9876543211,86210010462,\n"
    )
    doubts = [text for frame in load(open_book(path), Wishes()).frames() for text in frame["awb_doubt"] if text]
    assert doubts == [
        "is in a row that could not be read whole: line 3 has more cells (7) than the header (6), "
        "so they may stand in the wrong columns"
    ]

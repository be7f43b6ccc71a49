"""Before anything is asked, the AWBs that go out are named one by one where they are few."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.jobs.prepare import listed_awbs
from pipeline.jobs.request import MOST_LISTED, ListedAwb
from tests.stories import picked
from tests.test_cli import ROOT, run

HEAD = "Order ID,AWB No,Order Status,Courier,Order Total\n"


def orders(folder: Path, count: int) -> Path:
    lines = [f"SO-{place},862100106{place:02d},Cancel Requested,Blue Dart,{place}00\n" for place in range(count)]
    path = folder / "orders.csv"
    path.write_text(HEAD + "".join(lines), encoding="utf-8")
    return path


def told(folder: Path, *arguments: str) -> list[list[str]]:
    """The lines of what ``plan`` says that name AWBs, as words."""
    done = run(folder, "plan", *arguments)
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stderr.decode().splitlines()]
    return [words for words in lines if words and words[0].startswith("8621001")]


def test_the_plan_names_the_one_awb_that_goes_out(tmp_path: Path) -> None:
    orders(tmp_path, 12)
    assert told(tmp_path, "orders.csv", "--limit", "1") == [
        ["86210010600", "SO-0", "Cancel", "Requested", "Blue", "Dart", "000"]
    ]


@pytest.mark.parametrize(("count", "listed"), [(MOST_LISTED, MOST_LISTED), (MOST_LISTED + 1, 0)])
def test_ten_are_named_and_more_are_not(tmp_path: Path, count: int, listed: int) -> None:
    orders(tmp_path, count)
    assert len(told(tmp_path, "orders.csv")) == listed


def test_awbs_named_by_hand_are_repeatable_and_the_unknown_ones_are_said(tmp_path: Path) -> None:
    orders(tmp_path, 12)
    named = ("--awb", "86210010603", "--awb", "86210010605", "--awb", "86210019999")
    done = run(tmp_path, "plan", "orders.csv", *named)
    lines = [line.split()[0] for line in done.stderr.decode().splitlines() if line.startswith("  8621001")]
    assert (done.returncode, lines) == (1, ["86210010603", "86210010605"])
    assert "86210019999: stands in no row" in done.stdout.decode()


def test_several_rows_of_one_awb_are_one_line_with_each_word_once() -> None:
    rows = picked(
        ("86210010601", "SO-1", "Planned", ""), ("86210010601", "SO-2", "Planned", ""),
        ("86210010602", "SO-3", "Skipped", ""), ("86210010603", "", "Planned", ""),
        courier=["Delhivery", "Delhivery", "Delhivery", ""], amount=["500", "700", "1", "2"],
    )  # fmt: skip
    assert listed_awbs(rows.assign(key=rows["awb"])) == [
        ListedAwb("86210010601", "SO-1 + SO-2", "", "Delhivery", "500 + 700"),
        ListedAwb("86210010603", "", "", "", "2"),
    ]


@pytest.mark.skipif(os.name == "nt", reason="no pseudo-terminals there")
@pytest.mark.parametrize("option", ["-v", "-q"])
def test_the_awbs_stand_above_the_question_however_quiet_the_run_is(tmp_path: Path, option: str) -> None:
    import pty

    orders(tmp_path, 3)
    ours, theirs = pty.openpty()
    env = os.environ | {
        "PYTHONPATH": str(ROOT), "BULK_CANCEL_LEDGER": str(tmp_path / "ledger.db"), "COLUMNS": "200",
        "ITHINK_ACCESS_TOKEN": "made-up", "ITHINK_SECRET_KEY": "made-up",
    }  # fmt: skip
    command = [sys.executable, "-m", "pipeline", "cancel", "orders.csv", "--env", "staging", option, "--limit", "2"]
    os.write(ours, b"\n")
    done = subprocess.run(
        command, cwd=tmp_path, env=env, stdin=theirs, stderr=subprocess.PIPE, timeout=120, check=False
    )
    os.close(ours), os.close(theirs)
    said = done.stderr.decode()
    assert done.returncode == 2
    assert "Not confirmed" in said
    places = [said.index(awb) for awb in ("86210010600", "86210010601", "Type the number of AWBs (2)")]
    assert places == sorted(places)

"""The shell completes what can be typed: environments, profiles, plans, runs, and what stands in the file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parent.parent / "sample_data/orders.xlsx"


def offered(folder: Path, *typed: str, **environ: str) -> list[str]:
    """What bash is told when the person presses the tab key behind the last word of ``typed``."""
    words = ["bulk-cancel", *typed]
    done = subprocess.run(
        [sys.executable, "-m", "pipeline"],
        cwd=folder,
        env=os.environ
        | {
            "_BULK_CANCEL_COMPLETE": "bash_complete",
            "COMP_WORDS": " ".join(f"'{word}'" if " " in word else word for word in words),
            "COMP_CWORD": str(len(words) - 1),
            "BULK_CANCEL_LEDGER": str(folder / "ledger.db"),
        }
        | environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return [line.split(",", 1)[1] for line in done.stdout.splitlines() if line]


def test_environments_and_profiles(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text("")
    assert offered(tmp_path, "cancel", "--env", "") == ["sandbox", "staging", "production"]
    assert offered(tmp_path, "cancel", "--env", "P") == ["production"]
    assert {"default", "unicommerce", "ours.toml"} <= set(offered(tmp_path, "plan", "--profile", ""))


def test_sheets_and_states_of_the_file(tmp_path: Path) -> None:
    assert offered(tmp_path, "cancel", str(SAMPLE), "--sheet", "Ord") == ["Orders"]
    assert "Ready to Ship" in offered(tmp_path, "cancel", str(SAMPLE), "--status", "")
    assert offered(tmp_path, "cancel", str(SAMPLE), "--status", "ready") == ["Ready to Ship"]


@pytest.mark.parametrize("name", ["missing.xlsx", "broken.xlsx"])
def test_what_can_not_be_read_offers_nothing_and_says_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "broken.xlsx").write_bytes(b"PK\3\4 no workbook")
    assert offered(tmp_path, "cancel", name, "--sheet", "") == []
    assert offered(tmp_path, "cancel", name, "--status", "") == []


def test_plans_and_runs_of_the_ledger(tmp_path: Path) -> None:
    for names in (("history", ""), ("plans", ""), ("approve", ""), ("annotate", ""), ("cancel", "--plan", "")):
        assert offered(tmp_path, *names) == []
    assert not (tmp_path / "ledger.db").exists()
    environ = os.environ | {"BULK_CANCEL_LEDGER": str(tmp_path / "ledger.db")}
    made = [sys.executable, "-m", "pipeline", "cancel", "--limit", "1", "-o", "out.xlsx", str(SAMPLE)]
    subprocess.run(made, cwd=tmp_path, env=environ, capture_output=True, check=False)
    (plan,) = offered(tmp_path, "approve", "")
    (run,) = offered(tmp_path, "annotate", "2")
    assert plan.startswith("P-")
    assert offered(tmp_path, "plans", plan[:6]) == [plan]
    assert offered(tmp_path, "cancel", "--plan", "P") == [plan]
    assert offered(tmp_path, "history", "") == [run]


def test_a_ledger_that_can_not_be_read_offers_nothing(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"no database" * 100)
    assert offered(tmp_path, "plans", "") == []

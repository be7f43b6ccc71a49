"""The command line as scripts meet it: odd names, odd numbers, pipes that close, consoles that can't show a letter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ORDERS = "Order No,AWB No,Order Status\nऑ\U0001f4e6é,1319480000001,Cancel Requested\n"


def run(
    folder: Path, *arguments: str | bytes, stdout: int = subprocess.PIPE, **env: str
) -> subprocess.CompletedProcess[bytes]:
    told = os.environ | {"PYTHONPATH": str(ROOT), "BULK_CANCEL_LEDGER": str(folder / "ledger.db")} | env
    command = [sys.executable, "-m", "pipeline", *arguments]
    return subprocess.run(
        command, cwd=folder, env=told, stdout=stdout, stderr=subprocess.PIPE, timeout=120, check=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ऑ é.csv").write_text(ORDERS, encoding="utf-8")
    return tmp_path


def test_a_console_without_the_letters_gets_them_escaped(folder: Path) -> None:
    done = run(folder, "inspect", "ऑ é.csv", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert rb"\u0911" in done.stdout


def test_json_stays_json_in_any_encoding(folder: Path) -> None:
    done = run(folder, "cancel", "ऑ é.csv", "--json", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["input"] == "ऑ é.csv"


@pytest.mark.parametrize("rate", ["nan", "0", "-1"])
def test_a_rate_is_a_number_above_nothing(folder: Path, rate: str) -> None:
    done = run(folder, "cancel", "ऑ é.csv", "--rate", rate)
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert b"--rate" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names are text")
def test_a_name_that_is_no_text_is_a_message(folder: Path) -> None:
    odd = os.fsencode(folder) + b"/\xff.csv"
    Path(os.fsdecode(odd)).write_text(ORDERS, encoding="utf-8")
    done = run(folder, "cancel", odd)
    assert done.returncode == 2
    assert b"can't be read as text" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="pipes break otherwise there")
def test_a_reader_who_leaves_stops_no_run(folder: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = run(folder, "cancel", "ऑ é.csv", stdout=writing)
    finally:
        os.close(writing)
    assert done.returncode == 0, done.stderr
    assert (folder / "ऑ é.annotated.sandbox.csv").exists()


@pytest.mark.skipif(os.name == "nt", reason="a shell of its own")
def test_a_closed_stdout_stops_no_run(folder: Path) -> None:
    told = os.environ | {"PYTHONPATH": str(ROOT), "BULK_CANCEL_LEDGER": str(folder / "ledger.db")}
    script = 'exec "$0" -m pipeline cancel "ऑ é.csv" >&-'
    done = subprocess.run(["sh", "-c", script, sys.executable], cwd=folder, env=told, timeout=120, check=False)
    assert done.returncode == 0
    assert (folder / "ऑ é.annotated.sandbox.csv").exists()


@pytest.mark.parametrize("columns", ["0", "", "wide"])
def test_columns_that_are_no_width_are_passed_over(folder: Path, columns: str) -> None:
    done = run(folder, "cancel", "ऑ é.csv", "-q", COLUMNS=columns)
    assert b"No row needs a person." in done.stdout


@pytest.mark.parametrize("arguments", [("orders.csv", "--all"), ("{whole}", "--pick-from", "list.csv")])
def test_a_folder_of_work_that_is_gone_is_said_in_words(folder: Path, arguments: tuple[str, ...]) -> None:
    (folder / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (folder / "gone").mkdir()
    given = [each.format(whole=folder / "orders.csv") for each in arguments]
    command = [sys.executable, "-m", "pipeline", "plan", *given]
    told = os.environ | {"PYTHONPATH": str(ROOT), "BULK_CANCEL_LEDGER": str(folder / "ledger.db")}
    script = 'rmdir "$PWD"; exec "$@"'
    done = subprocess.run(
        ["sh", "-c", script, "sh", *command],
        cwd=folder / "gone",
        env=told,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert b"The folder that this was started in is gone" in done.stderr
    assert b"Traceback" not in done.stderr

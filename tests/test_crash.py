"""The whole program, killed, interrupted twice and out of disk at each named step; the service's log is the judge."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Event

import pytest

from tests.misbehaving import TRACK_PATH, Asked, Behaviour, Ending, MisbehavingService, all_cancelled
from tests.test_job import environment, knows_nothing_of_tracking, orders, rows_of, staging, start

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")

HOOKED = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from pipeline.cli import main

left = {count}

def seen(what, connection=None):
    global left
    if {sign!r} in what:
        left -= 1
        if left == 0:
            {deed}

def statement(_connection, cursor, text, _parameters, _context, _many):
    seen("sql " + text, cursor.connection)

event.listen(Engine, "before_cursor_execute", statement)
sys.addaudithook(lambda name, arguments: name in ("os.rename", "socket.connect") and seen(name + " " + str(arguments)))
main({arguments!r})
"""
"""The program, with one deed done at one moment: a statement of the ledger, a connection, a rename."""

KILL = "os.kill(os.getpid(), signal.SIGKILL)"
FULL = 'connection.execute("PRAGMA max_page_count=1")'  # SQLite takes it as: not a page more than there are

BEGIN, SETTLE, SETTLED = "sql INSERT INTO calls", "sql SELECT calls.run, calls.awbs, calls.settled", "sql UPDATE calls"


def hooked(
    arguments: Sequence[str], folder: Path, service: MisbehavingService, sign: str, count: int, deed: str
) -> subprocess.CompletedProcess[str]:
    script = HOOKED.format(sign=sign, count=count, deed=deed, arguments=list(arguments))
    settings = environment(folder, **staging(service))
    command = [sys.executable, "-c", script]
    return subprocess.run(
        command, cwd=folder, env=settings, capture_output=True, text=True, check=False, timeout=60
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sign", "count", "then", "sent_before"),
    [
        pytest.param(BEGIN, 2, "Success", 5, id="before begin, and after the settle before it"),
        pytest.param("socket.connect", 2, "Unknown", 5, id="after begin"),
        pytest.param(SETTLE, 2, "Unknown", 10, id="before settle"),
        pytest.param(SETTLED, 2, "Unknown", 10, id="within settle"),
        pytest.param("sql INSERT INTO rows", 1, "Success", 10, id="after settle"),
        pytest.param("sql UPDATE runs", 1, "Success", 10, id="before the run is closed"),
        pytest.param("annotated.staging.csv", 1, "Success", 10, id="while writing the sheet"),
    ],
)
def test_killed_there_the_next_run_says_unknown_of_just_what_was_in_flight(
    tmp_path: Path, sign: str, count: int, then: str, sent_before: int
) -> None:
    source = orders(tmp_path / "orders.csv", 10)
    command = ["cancel", str(source), "--yes", "-q", "--rate", "1000", "--batch-size", "5"]
    with MisbehavingService(knows_nothing_of_tracking) as service:
        killed = hooked(command, tmp_path, service, sign, count, KILL)
        assert (killed.returncode, len(service.processed)) == (-signal.SIGKILL, sent_before)
        assert not (tmp_path / "orders.annotated.staging.csv").exists()
        start(command, tmp_path, **staging(service))
        assert len(service.processed) == len(set(service.processed)) == max(sent_before, 10 if then == "Success" else 0)
    rows = rows_of(tmp_path / "orders.annotated.staging.csv")
    assert [row["status"] for row in rows] == ["Success"] * 5 + [then] * 5


def test_killed_after_the_call_went_out_its_awbs_are_unknown(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 10)
    command = ["cancel", str(source), "--yes", "-q", "--rate", "1000", "--batch-size", "5"]
    process: list[subprocess.Popen[bytes]] = []

    def behave(asked: Asked) -> Behaviour:
        if asked.number == 1:
            process[0].kill()
        return all_cancelled(asked)

    with MisbehavingService(behave) as service:
        settings = environment(tmp_path, **staging(service))
        process.append(subprocess.Popen([sys.executable, "-m", "pipeline", *command], cwd=tmp_path, env=settings))
        assert process[0].wait(timeout=60) == -signal.SIGKILL
        service.behave = knows_nothing_of_tracking
        start(command, tmp_path, **staging(service))
        assert len(service.processed) == len(set(service.processed)) == 10
    rows = rows_of(tmp_path / "orders.annotated.staging.csv")
    assert [row["status"] for row in rows] == ["Success"] * 5 + ["Unknown"] * 5


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_a_second_ctrl_c_leaves_at_once_and_the_next_run_goes_on(tmp_path: Path, second: signal.Signals) -> None:
    source = orders(tmp_path / "orders.csv", 15)
    command = ["cancel", str(source), "--yes", "-q", "--rate", "1000", "--batch-size", "5"]
    in_flight = Event()

    def behave(asked: Asked) -> Behaviour:
        if asked.number == 0:
            return all_cancelled(asked)
        in_flight.set()
        return Behaviour(processed=asked.awbs, ending=Ending.STALLED)

    with MisbehavingService(behave) as service:
        settings = environment(tmp_path, **staging(service))
        with subprocess.Popen(
            [sys.executable, "-m", "pipeline", *command], cwd=tmp_path, env=settings, stderr=subprocess.PIPE, text=True
        ) as process:
            assert in_flight.wait(60)
            process.send_signal(signal.SIGINT)
            assert process.stderr is not None
            assert "once more leaves at once" in process.stderr.readline()
            process.send_signal(second)
            assert process.wait(timeout=20) == 130  # the answer would be waited for two minutes
        assert not (tmp_path / "orders.annotated.staging.csv").exists()
        service.behave = knows_nothing_of_tracking
        assert start(command, tmp_path, **staging(service)).returncode == 1
        assert len(service.processed) == len(set(service.processed)) == 15
    rows = rows_of(tmp_path / "orders.annotated.staging.csv")
    assert [row["status"] for row in rows] == ["Success"] * 5 + ["Unknown"] * 5 + ["Success"] * 5


@pytest.mark.parametrize("workers", ["1", "4"])
@pytest.mark.parametrize(("sign", "count"), [(BEGIN, 3), (SETTLE, 2), (SETTLED, 2)])
def test_a_ledger_that_fills_up_on_the_way_stops_the_run_and_the_next_tells_the_truth(
    tmp_path: Path, sign: str, count: int, workers: str
) -> None:
    source = orders(tmp_path / "orders.csv", 600)
    command = ["cancel", str(source), "--yes", "-q", "--rate", "1000", "--workers", workers]
    with MisbehavingService(knows_nothing_of_tracking) as service:
        stopped = hooked(command, tmp_path, service, sign, count, FULL)
        calls = len(service.log)
        assert (stopped.returncode, stopped.stdout, stopped.stderr.count("\n")) == (3, "", 1)
        assert "the disk is full. The run ended there and sent nothing more." in stopped.stderr
        assert "run the same command again" in stopped.stderr
        assert "BULK_CANCEL_LEDGER" not in stopped.stderr  # another ledger would know nothing of what was sent
        assert calls <= count + int(workers)
        assert not list(tmp_path.glob("*annotated*"))
        before = set(service.processed)
        again = start([*command, "--json"], tmp_path, **staging(service))
        assert again.returncode in (0, 1)
        assert len(service.processed) == len(set(service.processed)) == 600
        assert any(logged.asked.path == TRACK_PATH for logged in service.log) == (again.returncode == 1)
    rows = rows_of(tmp_path / "orders.annotated.staging.csv")
    assert {row["status"] for row in rows} <= {"Success", "Unknown"}
    assert {row["AWB Code"] for row in rows if row["status"] == "Unknown"} <= before


@pytest.mark.parametrize("workers", ["1", "4"])
def test_a_ledger_that_fills_up_after_the_last_answer_keeps_nothing_from_being_told(
    tmp_path: Path, workers: str
) -> None:
    source = orders(tmp_path / "orders.csv", 600)
    command = ["cancel", str(source), "--yes", "-q", "--rate", "1000", "--workers", workers]
    with MisbehavingService(knows_nothing_of_tracking) as service:
        stopped = hooked(command, tmp_path, service, "sql INSERT INTO rows", 1, FULL)
        assert (stopped.returncode, len(service.log)) == (3, 6)
        assert "the disk is full" in stopped.stdout
        (told,) = tmp_path.glob("orders.annotated.staging.csv")
        assert [row["status"] for row in rows_of(told)] == ["Success"] * 600
        assert start(command, tmp_path, **staging(service)).returncode == 0  # every answer was in the ledger
        assert (len(service.log), len(set(service.processed))) == (6, 600)


def test_the_very_first_call_that_can_not_be_written_down_is_not_sent(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 100)
    with MisbehavingService() as service:
        stopped = hooked(["cancel", str(source), "--yes", "-q"], tmp_path, service, BEGIN, 1, FULL)
        assert (stopped.returncode, service.log) == (3, [])

"""`--log`: one JSON line an event, with every call; no key, no customer, and a log that breaks stops no run."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path

import pytest

from pipeline.event_log import EventLog, open_log
from pipeline.services.contract import Exchange, NoReply, Reply
from tests.misbehaving import SECRET, TOKEN, Behaviour, MisbehavingService, refusal
from tests.test_job import orders, staging, start


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_each_call_is_a_line_with_number_awbs_status_and_seconds(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 5)
    with MisbehavingService() as service:
        command = ["cancel", str(source), "-y", "--json", "--batch-size", "2", "--rate", "100", "--log", "run.log"]
        done = start(command, tmp_path, **staging(service))
    summary = json.loads(done.stdout)
    found = lines(tmp_path / "run.log")
    assert [line["event"] for line in found] == ["started", "call", "call", "call", "finished"]
    calls = found[1:4]
    assert [line["number"] for line in calls] == [1, 2, 3]
    assert [awb for line in calls for awb in line["awbs"]] == list(service.processed)  # type: ignore[attr-defined]
    assert {(line["kind"], line["http_status"], line["sent"]) for line in calls} == {("cancel", 200, True)}
    assert all(float(str(line["seconds"])) >= 0 for line in calls)
    assert found[0]["command"] == "cancel"
    assert (found[-1]["run"], found[-1]["exit_code"], found[-1]["calls"]) == (summary["run"], 0, 3)
    assert found[-1]["counts"] == summary["counts"]
    for line in found:
        assert datetime.fromisoformat(str(line["at"])).utcoffset() is not None
    assert (tmp_path / "run.log").stat().st_mode & 0o077 == 0


def test_no_key_and_no_customer_is_in_the_log_whatever_the_service_echoes(tmp_path: Path) -> None:
    rows = [["Order ID", "AWB Code", "Cancel", "Customer"], ["SO-1", "13190000000001", "yes", "Asha Made-Up"]]
    with (tmp_path / "orders.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    echo = refusal(f"bad request of {TOKEN} with {SECRET} for Asha Made-Up", 500)
    with MisbehavingService(lambda asked: Behaviour(echo, 500)) as service:
        start(["cancel", "orders.csv", "-y"], tmp_path, BULK_CANCEL_LOG="run.log", **staging(service))
    text = (tmp_path / "run.log").read_text(encoding="utf-8")
    assert '"http_status": 500' in text
    assert [word for word in (TOKEN, SECRET, "Asha", "SO-1") if word in text] == []


def test_a_command_that_ends_in_a_message_says_how_in_the_log(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 1)
    start(["plan", str(source), "--where", "nothing = 1", "--log", "run.log"], tmp_path)
    last = lines(tmp_path / "run.log")[-1]
    assert (last["event"], last["error"], last["exit_code"]) == ("ended", "ColumnError", 2)


def test_lines_are_added_and_the_option_wins_over_the_setting(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 1)
    for _ in range(2):
        start(["plan", str(source), "--log", "a.log"], tmp_path, BULK_CANCEL_LOG="b.log")
    assert [line["event"] for line in lines(tmp_path / "a.log")] == ["started", "finished"] * 2
    assert not (tmp_path / "b.log").exists()


def test_a_log_that_can_not_be_opened_stops_the_command_before_anything_is_sent(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 1)
    with MisbehavingService() as service:
        done = start(["cancel", str(source), "-y", "--log", str(tmp_path)], tmp_path, **staging(service))
    assert (done.returncode, "The log can't be written" in done.stderr, service.log) == (2, True, [])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full, as Linux has one")
def test_a_log_that_breaks_stops_no_run_and_that_is_said(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 1)
    with MisbehavingService() as service:
        done = start(["cancel", str(source), "-y", "--log", "/dev/full"], tmp_path, **staging(service))
    assert (done.returncode, len(service.processed)) == (0, 1), done.stderr
    assert "The log is not whole (No space left on device)" in done.stderr


def test_without_a_file_nothing_is_written_and_what_was_not_sent_is_told(tmp_path: Path) -> None:
    EventLog().call(Exchange("cancel", ("A1",), Reply(200, b""), 0.1))
    with open_log(str(tmp_path / "x.log")) as log:
        log.call(Exchange("track", ("A1", "A2"), NoReply("no host", sent=False), 0.25))
    (line,) = lines(tmp_path / "x.log")
    assert {name: line[name] for name in ("kind", "awbs", "http_status", "sent", "seconds")} == {
        "kind": "track", "awbs": ["A1", "A2"], "http_status": None, "sent": False, "seconds": 0.25,
    }  # fmt: skip

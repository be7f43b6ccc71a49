"""What is asked again, and what a "no" proves then: --resend-unknown and --retry-failed, by the whole program."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.misbehaving import TRACK_PATH, Asked, Behaviour, Ending, MisbehavingService, entry, envelope, refusal
from tests.test_job import knows_nothing_of_tracking, orders, rows_of, staging, start

Answers = Callable[[Asked], Behaviour]


def cut(asked: Asked) -> Behaviour:
    return Behaviour(envelope([])) if asked.path == TRACK_PATH else Behaviour(ending=Ending.CUT_AFTER_READING)


def says_no(asked: Asked) -> Behaviour:
    return Behaviour(envelope({awb: entry("Error", "Already picked up") for awb in asked.awbs}))


def refuses_the_keys(asked: Asked) -> Behaviour:
    return Behaviour(envelope([])) if asked.path == TRACK_PATH else Behaviour(refusal("Invalid access token", 401))


def run(folder: Path, service: MisbehavingService, behave: Answers, *options: str) -> tuple[int, list[dict[str, str]]]:
    """One run of the program; its exit code and its sheet."""
    service.behave = behave
    command = ["cancel", str(folder / "orders.csv"), "-y", "-q", "--rate", "1000", *options]
    code = start(command, folder, **staging(service)).returncode
    return code, rows_of(folder / "orders.annotated.staging.csv")


def statuses(rows: list[dict[str, str]]) -> list[str]:
    return [row["status"] for row in rows]


def cancel_calls(service: MisbehavingService) -> int:
    return sum(logged.asked.path != TRACK_PATH for logged in service.log)


def test_a_no_after_doubt_stays_unknown_unless_its_words_or_tracking_say_cancelled(tmp_path: Path) -> None:
    orders(tmp_path / "orders.csv", 4)
    words = ["AWB number not found", "Order is already cancelled", "not possible", ""]
    resent: list[tuple[str, ...]] = []

    def answer(asked: Asked) -> Behaviour:
        if asked.path == TRACK_PATH:
            approved = {"message": "success", "current_status": "", "cancel_status": "Approved"}
            proof = {awb: approved for awb in asked.awbs if resent and awb == resent[0][2]}
            return Behaviour(json.dumps({"status": "success", "status_code": 200, "data": proof}).encode())
        resent.append(asked.awbs)
        entries = [entry("Error" if said else "Success", said) for said in words]
        return Behaviour(envelope(dict(zip(asked.awbs, entries, strict=True))), processed=asked.awbs[3:])

    with MisbehavingService() as service:
        assert statuses(run(tmp_path, service, cut)[1]) == ["Unknown"] * 4
        code, rows = run(tmp_path, service, answer, "--resend-unknown")
        assert (code, statuses(rows)) == (1, ["Unknown", "Success", "Success", "Success"])
        assert "which proves nothing: AWB number not found" in rows[0]["remark"]
        assert rows[1]["remark"] == "already cancelled when sent again; the service said: Order is already cancelled"
        assert rows[2]["remark"].startswith("Cancelled: found out by tracking on 20")
        before = cancel_calls(service)
        assert statuses(run(tmp_path, service, knows_nothing_of_tracking)[1]) == statuses(rows)
        assert cancel_calls(service) == before  # still in doubt, and not sent again without a word


@pytest.mark.parametrize(
    ("stops", "code"), [(refuses_the_keys, 3), (cut, 3)], ids=["before any is processed", "after three calls"]
)
def test_what_was_in_doubt_stays_so_when_the_run_stops_before_it(tmp_path: Path, stops: Answers, code: int) -> None:
    orders(tmp_path / "orders.csv", 5)
    with MisbehavingService() as service:
        run(tmp_path, service, cut)
        found, rows = run(tmp_path, service, stops, "--resend-unknown", "--batch-size", "1")
        assert (found, statuses(rows)) == (code, ["Unknown"] * 5)
        assert all(row["remark"] for row in rows)
        assert statuses(run(tmp_path, service, knows_nothing_of_tracking)[1]) == ["Unknown"] * 5
        assert service.processed == []


def test_a_failed_one_is_asked_again_only_with_retry_failed(tmp_path: Path) -> None:
    orders(tmp_path / "orders.csv", 3)
    with MisbehavingService() as service:
        assert statuses(run(tmp_path, service, says_no)[1]) == ["Failed"] * 3
        for option in ("--batch-size=2", "--resend-unknown"):
            code, rows = run(tmp_path, service, knows_nothing_of_tracking, option)
            assert (code, statuses(rows), cancel_calls(service)) == (1, ["Failed"] * 3, 1)
            assert all(row["remark"].startswith("Already picked up (run 20") for row in rows)
        code, rows = run(tmp_path, service, refuses_the_keys, "--retry-failed", "--batch-size=2")
        assert (code, statuses(rows)) == (3, ["Unknown"] * 2 + ["Failed"])  # the run stopped before the last
        code, rows = run(tmp_path, service, knows_nothing_of_tracking, "--retry-failed")
        assert (code, statuses(rows), len(service.processed)) == (0, ["Success"] * 3, 3)
        code, rows = run(tmp_path, service, knows_nothing_of_tracking, "--retry-failed", "--resend-unknown")
        assert (code, statuses(rows), len(service.processed)) == (0, ["Success"] * 3, 3)


def test_a_no_that_is_asked_again_and_gets_no_answer_is_in_doubt(tmp_path: Path) -> None:
    orders(tmp_path / "orders.csv", 2)
    with MisbehavingService() as service:
        run(tmp_path, service, says_no)
        assert statuses(run(tmp_path, service, cut, "--retry-failed")[1]) == ["Unknown"] * 2
        rows = run(tmp_path, service, says_no, "--resend-unknown")[1]
        assert statuses(rows) == ["Unknown"] * 2
        assert "which proves nothing: Already picked up" in rows[0]["remark"]

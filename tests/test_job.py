"""The whole program as a person starts it: real files, a real process, a real service on this machine."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from pipeline.services import address_of
from pipeline.services.sandbox import Sandbox
from sample_data.make_samples import orders as made_up_orders
from tests.misbehaving import (
    SECRET,
    TOKEN,
    TRACK_PATH,
    Asked,
    Behaviour,
    Ending,
    MisbehavingService,
    all_cancelled,
    envelope,
)

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "sample_data"


def start(arguments: Sequence[str], folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Runs the program in ``folder`` with a ledger of its own."""
    return subprocess.run(
        [sys.executable, "-m", "pipeline", *arguments],
        cwd=folder,
        env=environment(folder, **settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def environment(folder: Path, **settings: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("ITHINK_", "BULK_CANCEL_"))}
    here = {"PYTHONPATH": str(ROOT), "BULK_CANCEL_LEDGER": str(folder / "ledger.db"), "COLUMNS": "120"}
    return {**clean, **here, **settings}


def staging(service: MisbehavingService | Sandbox) -> dict[str, str]:
    to = address_of(service) if isinstance(service, Sandbox) else service.service
    return {
        "ITHINK_ENV": "staging",
        "ITHINK_CANCEL_URL": to.cancel_url,
        "ITHINK_TRACK_URL": to.track_url,
        "ITHINK_ACCESS_TOKEN": to.credentials.access_token,
        "ITHINK_SECRET_KEY": to.credentials.secret_key,
    }


def orders(path: Path, count: int, mark: str = "yes") -> Path:
    lines = [("Order ID", "AWB Code", "Cancel"), *((f"SO-{n}", f"1319{n:08d}1", mark) for n in range(count))]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(lines)
    return path


def knows_nothing_of_tracking(asked: Asked) -> Behaviour:
    return Behaviour(envelope([])) if asked.path == TRACK_PATH else all_cancelled(asked)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def sample(tmp_path: Path, name: str = "orders.xlsx") -> Path:
    path = tmp_path / name
    path.write_bytes((SAMPLES / name).read_bytes())
    return path


# --- the sample ---------------------------------------------------------------------------------------------------


def test_each_row_of_the_sample_says_what_the_services_own_log_says(tmp_path: Path) -> None:
    source = sample(tmp_path)
    with Sandbox(refs={order.awb: order.ref for order in made_up_orders()}) as service:
        done = start(["cancel", str(source), "--yes", "--rate", "1000"], tmp_path, **staging(service))
        log = [call for call in service.log if call.path.endswith("cancel.json")]
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    told = {awb: did for call in log for awb, did in call.done.items()}
    sheet = openpyxl.load_workbook(tmp_path / "orders.annotated.staging.xlsx")["Orders"]
    head = {cell.value: cell.column - 1 for cell in sheet[4]}
    seen = set()
    for row in sheet.iter_rows(min_row=5, max_row=64, values_only=True):
        status, awb = row[head["status"]], str(row[head["AWB No"]])
        seen.add(status)
        if status == "Success":
            proved = ("cancelled", "refused: already cancelled", "left out of the answer, but cancelled")  # by tracking
            assert told[awb].startswith(proved)
        if status == "Failed":
            assert told[awb].startswith("refused")
        if status in ("Invalid", "Skipped"):
            assert awb not in told or status == "Skipped"
    assert seen == {"Success", "Failed", "Unknown", "Invalid", "Skipped"}


def test_the_counts_add_up_to_the_rows_read(tmp_path: Path) -> None:
    done = start(["cancel", str(sample(tmp_path)), "--json"], tmp_path)
    summary = json.loads(done.stdout)
    assert sum(summary["counts"].values()) == summary["rows"]
    assert summary == json.loads((tmp_path / "orders.annotated.sandbox.json").read_text(encoding="utf-8"))
    assert list(summary) == [
        "version", "run", "environment", "input", "output", "report", "sheet", "exit_code", "rows", "counts", "awbs",
        "calls", "elapsed_s", "amount", "stopped", "plan", "seal", "not_done", "asked", "list",
    ]  # fmt: skip


def test_the_same_command_again_sends_nothing_and_says_the_same_with_the_first_runs_date(tmp_path: Path) -> None:
    source = sample(tmp_path)
    with Sandbox() as service:
        settings = staging(service)
        start(["cancel", str(source), "-y", "--rate", "1000"], tmp_path, **settings)
        first = openpyxl.load_workbook(tmp_path / "orders.annotated.staging.xlsx")["Orders"]
        calls = len([call for call in service.log if call.path.endswith("cancel.json")])
        again = start(["cancel", str(source), "-y", "--rate", "1000", "--json"], tmp_path, **settings)
        second = openpyxl.load_workbook(tmp_path / "orders.annotated.staging.xlsx")["Orders"]
        assert len([call for call in service.log if call.path.endswith("cancel.json")]) == calls
    assert json.loads(again.stdout)["awbs"]["sent"] == 0
    column = next(cell.column for cell in first[4] if cell.value == "status")
    for row in range(5, 65):
        assert first.cell(row, column).value == second.cell(row, column).value
        if second.cell(row, column).value == "Success":
            assert "(run 20" in second.cell(row, column + 1).value


def test_two_hundred_and_fifty_awbs_make_three_calls_as_documented(tmp_path: Path) -> None:
    source = orders(tmp_path / "my orders.csv", 250)
    with MisbehavingService() as service:
        done = start(["cancel", str(source), "--yes", "--rate", "1000", "-q"], tmp_path, **staging(service))
        bodies = [json.loads(logged.asked.body) for logged in service.log]
    assert done.returncode == 0
    assert [len(body["data"]["awb_numbers"].split(",")) for body in bodies] == [100, 100, 50]
    assert all(list(body) == ["data"] for body in bodies)
    assert all(set(body["data"]) == {"access_token", "secret_key", "awb_numbers"} for body in bodies)
    assert [row["status"] for row in rows_of(tmp_path / "my orders.annotated.staging.csv")] == ["Success"] * 250


def test_plan_opens_no_socket_and_says_what_would_happen(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 5)
    with MisbehavingService() as service:
        done = start(["plan", str(source)], tmp_path, **staging(service))
        assert service.log == []
    assert done.returncode == 0
    assert [row["status"] for row in rows_of(tmp_path / "orders.plan.csv")] == ["Planned"] * 5


def test_the_annotated_sheet_is_an_input_like_any_other_twice(tmp_path: Path) -> None:
    start(["cancel", str(sample(tmp_path))], tmp_path)
    once = tmp_path / "orders.annotated.sandbox.xlsx"
    start(["cancel", str(once)], tmp_path)
    twice = tmp_path / "orders.annotated.sandbox.annotated.sandbox.xlsx"
    done = start(["cancel", str(twice)], tmp_path)
    assert done.returncode == 1
    headers = [cell.value for cell in openpyxl.load_workbook(twice)["Orders"][4]]
    assert [headers.count(name) for name in ("status", "remark", "refnum")] == [1, 1, 1]


# --- what a person does wrong -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "settings", "words"),
    [
        (["cancel", "nowhere.csv"], {}, "nowhere.csv"),
        (["cancel", "."], {}, "folder"),
        (["cancel", "empty.csv"], {}, "empty"),
        (["cancel", "no_awb.csv"], {}, "AWB"),
        (["cancel", "orders.csv", "--env", "production"], {}, "ITHINK_ACCESS_TOKEN"),
        (["cancel", "orders.csv", "--env", "live"], {}, "sandbox, staging, production"),
        (["cancel", "orders.csv", "--column", "awb=AWB Code"], {}, "awb_number"),
        (["cancel", "orders.csv", "--column", "awb_number"], {}, "--column awb_number=HEADER"),
        (["cancel", "orders.csv", "--profile", "shiprokcet"], {}, "shiprocket"),
        (["cancel", "orders.csv", "--where", "amout > 3"], {}, "amout"),
        (["cancel", "orders.csv", "--status", "x"], {}, "yes/no column"),
        (["cancel", "orders.csv", "--status", ""], {}, "--status names no state"),
        (["cancel", "orders.csv", "-o", "orders.csv"], {}, "never overwritten"),
        (["cancel", "orders.csv", "--batch-size", "101"], {}, "101"),
        (["cancel", "orders.csv", "--frobnicate"], {}, "No such option"),
        (["annotate", "2026"], {}, "no run"),
        (
            ["cancel", "orders.csv"],
            {
                "ITHINK_ENV": "staging", "ITHINK_ACCESS_TOKEN": TOKEN, "ITHINK_SECRET_KEY": SECRET,
                "ITHINK_CANCEL_URL": "http://shop.example/c", "ITHINK_TRACK_URL": "http://shop.example/t",
            },
            "plain http to shop.example",
        ),
        (
            ["cancel", "orders.csv"],
            {"ITHINK_ENV": "production", "ITHINK_ACCESS_TOKEN": TOKEN, "ITHINK_SECRET_KEY": SECRET},
            "no terminal to ask",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_one_message_with_the_next_step_and_nothing_is_sent(
    tmp_path: Path, arguments: list[str], settings: dict[str, str], words: str
) -> None:
    orders(tmp_path / "orders.csv", 3)
    (tmp_path / "empty.csv").touch()
    (tmp_path / "no_awb.csv").write_text("Name,Colour\nA,red\n", encoding="utf-8")
    done = start(arguments, tmp_path, **settings)
    assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (2, "", False)
    assert words in done.stderr
    assert TOKEN not in done.stderr
    assert not list(tmp_path.glob("*annotated*"))


def test_a_misspelt_sheet_is_told_with_those_there_are(tmp_path: Path) -> None:
    done = start(["cancel", str(sample(tmp_path)), "--sheet", "Order"], tmp_path)
    assert done.returncode == 2
    assert "Orders" in done.stderr


def test_strict_sends_nothing_where_a_row_is_invalid(tmp_path: Path) -> None:
    with MisbehavingService() as service:
        done = start(["cancel", str(sample(tmp_path)), "--strict", "-y"], tmp_path, **staging(service))
        assert service.log == []
    assert (done.returncode, "--strict" in done.stderr) == (2, True)


# --- trouble on the way -------------------------------------------------------------------------------------------


def test_refused_keys_stop_the_run_with_code_three(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 300)
    with Sandbox() as service:
        settings = {**staging(service), "ITHINK_SECRET_KEY": "wrong"}
        done = start(["cancel", str(source), "-y", "--json"], tmp_path, **settings)
    summary = json.loads(done.stdout)
    counts = summary["counts"]
    assert (done.returncode, counts["Unknown"], counts["Not sent"], summary["calls"]) == (3, 100, 200, 1)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_finishes_the_call_in_flight_and_writes_the_sheet(tmp_path: Path, sent: signal.Signals) -> None:
    source = orders(tmp_path / "orders.csv", 300)
    pid: list[int] = []

    def behave(asked: Asked) -> Behaviour:
        os.kill(pid[0], sent)
        return all_cancelled(asked)

    with MisbehavingService(behave) as service:
        command = [sys.executable, "-m", "pipeline", "cancel", str(source), "-y", "-q"]
        settings = environment(tmp_path, **staging(service))
        process = subprocess.Popen(command, cwd=tmp_path, env=settings, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        pid.append(process.pid)
        process.communicate(timeout=60)
        assert len(service.log) == 1
    assert process.returncode == 130
    statuses = [row["status"] for row in rows_of(tmp_path / "orders.annotated.staging.csv")]
    assert statuses == ["Success"] * 100 + ["Not sent"] * 200


def test_what_is_in_doubt_is_sent_again_only_when_asked(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 3)
    with MisbehavingService(lambda asked: Behaviour(ending=Ending.CUT_AFTER_READING)) as service:
        start(["cancel", str(source), "-y", "-q"], tmp_path, **staging(service))
        service.behave = knows_nothing_of_tracking
        start(["cancel", str(source), "-y", "-q"], tmp_path, **staging(service))
        assert service.processed == []
        done = start(["cancel", str(source), "-y", "-q", "--resend-unknown"], tmp_path, **staging(service))
        assert len(service.processed) == 3
    assert done.returncode == 0


def test_verify_all_writes_what_tracking_says_of_each_row(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 3)
    with Sandbox() as service:
        start(["cancel", str(source), "-y", "-q"], tmp_path, **staging(service))
        done = start(["verify", str(source), "--all", "-q"], tmp_path, **staging(service))
    assert done.returncode == 0
    rows = rows_of(tmp_path / "orders.annotated.staging.csv")
    assert all(row["verified"] for row in rows)


# --- secrets ------------------------------------------------------------------------------------------------------


def test_keys_are_nowhere(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 30)
    answers = iter([Ending.CUT_IN_BODY, Ending.ANSWERED])

    def behave(asked: Asked) -> Behaviour:
        echo = f"bad token {TOKEN} and {SECRET}".encode()
        return Behaviour(echo, status=500, ending=next(answers, Ending.ANSWERED))

    with MisbehavingService(behave) as service:
        settings = staging(service)
        done = start(["cancel", str(source), "-y", "-v", "--batch-size", "10"], tmp_path, **settings)
        start(["history"], tmp_path, **settings)
        start(["cancel", str(source), "-y", "-v", "--resend-unknown"], tmp_path, **settings)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 4
    for secret in (TOKEN, SECRET):
        assert secret not in done.stdout + done.stderr
        assert [path.name for path in files if secret.encode() in path.read_bytes()] == []

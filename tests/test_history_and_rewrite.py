"""Writing a run's sheet later, and what was done for auditors: annotate and history, by the whole program."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from pipeline.jobs.request import person_here
from pipeline.ledger import Ledger, RunStart
from pipeline.model.runs import LedgerKey
from pipeline.terminal.tables import MOST_ROWS, MOST_RUNS
from tests.misbehaving import Asked, Behaviour, MisbehavingService, all_cancelled, entry, envelope
from tests.test_job import orders, rows_of, staging, start


def test_a_sheet_that_could_not_be_written_costs_nothing_and_the_message_says_how_to_write_it(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 3)
    folder = tmp_path / "the results"
    folder.mkdir()

    def behave(asked: Asked) -> Behaviour:
        shutil.rmtree(folder)
        return all_cancelled(asked)

    with MisbehavingService(behave) as service:
        settings = staging(service)
        done = start(["cancel", str(source), "-y", "-q", "-o", str(folder / "done.csv")], tmp_path, **settings)
        assert (done.returncode, done.stderr.count("\n"), "Traceback" in done.stderr) == (3, 1, False)
        assert "done.csv could not be written" in done.stderr
        command = re.search(r"`bulk-cancel (annotate .*)` writes it", done.stderr)
        assert command is not None
        assert "--env staging" in command[1]
        folder.mkdir()
        later = start([*shlex.split(command[1]), "--json"], tmp_path, **settings)
        assert len(service.log) == 1
    summary = json.loads(later.stdout)
    assert (later.returncode, summary["calls"]) == (0, 1)
    assert summary["awbs"] == {"picked": 3, "sent": 3, "already_cancelled": 0}
    assert [row["status"] for row in rows_of(folder / "done.csv")] == ["Success"] * 3
    assert [path.suffix for path in sorted(folder.iterdir())] == [".csv", ".html", ".json"]


@pytest.mark.parametrize("change", ["removed", "sorted"])
def test_a_sheet_that_is_changed_during_the_run_costs_nothing_either(tmp_path: Path, change: str) -> None:
    source = orders(tmp_path / "orders.csv", 3)
    head, *lines = source.read_bytes().splitlines(keepends=True)

    def behave(asked: Asked) -> Behaviour:
        if change == "removed":
            source.unlink()
        else:
            source.write_bytes(head + b"".join(reversed(lines)))
        return all_cancelled(asked)

    with MisbehavingService(behave) as service:
        settings = staging(service)
        done = start(["cancel", str(source), "-y", "-q"], tmp_path, **settings)
        assert (done.returncode, "Traceback" in done.stderr, "bulk-cancel annotate 20" in done.stderr) == (
            3,
            False,
            True,
        )
        name = start(["history", "--json"], tmp_path, **settings)
        run = json.loads(name.stdout)[0]["run"]
        gone = start(["annotate", run, "--env", "staging"], tmp_path, **settings)
        assert (gone.returncode, f"`bulk-cancel evidence {run}` lists what was done" in gone.stderr) == (2, True)
        beside = sorted(path.name for path in tmp_path.glob("*annotated*"))
        assert beside == [f"orders.annotated.staging.{ending}" for ending in ("awbs.csv", "html", "json")]
        with (tmp_path / "orders.annotated.staging.awbs.csv").open(encoding="utf-8-sig", newline="") as file:
            listed = list(csv.DictReader(file))
        assert [(row["row"], row["status"]) for row in listed] == [("2", "Success"), ("3", "Success"), ("4", "Success")]
        summary = json.loads((tmp_path / "orders.annotated.staging.json").read_text(encoding="utf-8"))
        assert (summary["exit_code"], summary["counts"]["Success"]) == (3, 3)
        orders(source, 3)
        assert start(["annotate", run, "--env", "staging", "-q"], tmp_path, **settings).returncode == 0
    assert [row["status"] for row in rows_of(tmp_path / "orders.annotated.staging.csv")] == ["Success"] * 3


def test_annotate_says_which_environment_a_run_was_of(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 1)
    run = json.loads(start(["cancel", str(source), "--json"], tmp_path).stdout)["run"]
    with MisbehavingService() as service:
        done = start(["annotate", run], tmp_path, **staging(service))
    assert (done.returncode, "Say --env sandbox." in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("service", "another", "was one of another, and the settings are those of ithink"),
        ("action", "return", "did something that this version does not know (return)"),
    ],
)
def test_a_run_of_another_service_or_action_is_never_shown_as_ours(
    tmp_path: Path, column: str, value: str, said: str
) -> None:
    source = orders(tmp_path / "orders.csv", 1)
    run = json.loads(start(["cancel", str(source), "--json"], tmp_path).stdout)["run"]
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as ledger, ledger:
        ledger.execute(f"UPDATE runs SET {column} = ?, options = ?", (value, '{"everything": "no option"}'))
    done = start(["annotate", run], tmp_path)
    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (2, True, False)
    verified = start(["verify", str(source), "--json"], tmp_path)  # with no options of that run
    assert (verified.returncode, json.loads(verified.stdout)["counts"]["Success"]) == (0, 1)


def refuses_the_second(asked: Asked) -> Behaviour:
    answers = [entry("Success", "Cancel Request Received", "SO-0"), entry("Error", "=1+1, Already picked up", "SO-1")]
    return Behaviour(envelope(dict(zip(asked.awbs, answers, strict=True))), processed=asked.awbs[:1])


@pytest.fixture
def ran(tmp_path: Path) -> str:
    source = orders(tmp_path / "orders.csv", 2)
    with MisbehavingService(refuses_the_second) as service:
        done = start(["cancel", str(source), "-y", "--json"], tmp_path, **staging(service))
    return str(json.loads(done.stdout)["run"])


def test_history_as_csv_tells_an_auditor_each_awb_with_its_times_and_answers(tmp_path: Path, ran: str) -> None:
    done = start(["history", ran, "--csv"], tmp_path)
    entries = list(csv.DictReader(io.StringIO(done.stdout)))
    assert (done.returncode, done.stderr) == (0, "")
    told = [(line["awb"], line["state"], line["remark"], line["refnum"], line["rows"]) for line in entries]
    assert told == [
        ("1319000000001", "open", "", "", "2"),
        ("1319000000011", "open", "", "", "3"),
        ("1319000000001", "success", "Cancel Request Received", "SO-0", "2"),
        ("1319000000011", "failed", "=1+1, Already picked up", "SO-1", "3"),
    ]
    for line in entries:
        assert (line["sent_by_run"], line["file"]) == (ran, str(tmp_path / "orders.csv"))
        assert line["environment"].startswith("staging http://127.0.0.1")
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line["sent_at"])
        assert line["at"] >= line["sent_at"]
        assert all(line[name] for name in ("who", "account", "file_sha256", "call"))


def test_history_as_json_tells_the_run_its_calls_its_rows_and_every_entry(tmp_path: Path, ran: str) -> None:
    done = start(["history", ran[:12], "--json"], tmp_path)  # the beginning of the name is enough
    told = json.loads(done.stdout)
    assert (done.returncode, list(told)) == (0, ["version", "run", "calls", "rows", "entries"])
    assert (told["run"]["run"], told["run"]["exit_code"], told["run"]["sent"]) == (ran, 1, 2)
    assert [(call["awbs"], call["sent"], call["note"]) for call in told["calls"]] == [(2, 2, "")]
    assert [(row["row"], row["order_ref"], row["status"]) for row in told["rows"]] == [
        (2, "SO-0", "Success"),
        (3, "SO-1", "Failed"),
    ]
    assert len(told["entries"]) == 4


def test_history_lists_the_runs_and_knows_none_where_there_were_none(tmp_path: Path) -> None:
    assert "There were no runs yet." in start(["history"], tmp_path).stdout
    assert not (tmp_path / "ledger.db").exists()
    orders(tmp_path / "orders.csv", 1)
    run = json.loads(start(["cancel", "orders.csv", "--json"], tmp_path).stdout)["run"]
    assert run in start(["history"], tmp_path).stdout
    assert start(["history", "1999"], tmp_path).returncode == 2


def test_history_shows_what_became_of_the_rows_the_money_the_person_and_the_clock_here(tmp_path: Path) -> None:
    lines = ["Order ID,AWB No,Status,Amount", *(f"SO-{n // 2},862100106{n:02d},Cancelled,1250.50" for n in range(4))]
    (tmp_path / "orders.csv").write_text("\n".join(lines) + "\n")
    start(["cancel", "orders.csv", "--json"], tmp_path)
    told = start(["history"], tmp_path, TZ="Asia/Kolkata", COLUMNS="300").stdout.splitlines()
    facts = dict(zip(re.split(r"\s{2,}", told[0].strip()), re.split(r"\s{2,}", told[1].strip()), strict=True))
    assert (facts["rows"], facts["AWBs sent"], facts["cancelled"]) == ("4 Success", "4", "2,501.00")  # once an order
    assert (facts["file"], facts["how it ended"], facts["environment"]) == ("orders.csv", "finished", "sandbox")
    assert facts["started"].endswith(" IST")
    assert facts["by"] == person_here()


def test_history_of_staging_names_the_host_only(tmp_path: Path, ran: str) -> None:
    assert re.search(
        rf"{ran}  .* staging 127\.0\.0\.1(?::[0-9]+)? +cancel", start(["history"], tmp_path, COLUMNS="300").stdout
    )


def test_history_shows_so_many_runs_and_rows_and_says_how_many_more_there_are(tmp_path: Path) -> None:
    runs = MOST_RUNS + 2
    key = LedgerKey("ithink", "sandbox", "cancel")
    begun = RunStart(key, "cancel", "/orders.csv", "", "d" * 64, "sandbox", "clerk on desk", "{}")
    numbers = pd.RangeIndex(2, MOST_ROWS + 3, name="row")
    texts = {name: [f"{name} {row}" for row in numbers] for name in ("awb", "status", "remark", "refnum")}
    rows = pd.DataFrame({**texts, "order_ref": [f"SO-{row}" for row in numbers]}, index=numbers, dtype="str")
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger:
        for _ in range(runs):
            run = ledger.start_run(begun)
            ledger.record_rows(run, rows)
            ledger.finish(run, exit_code=0, stopped="", output="")
    listed = start(["history"], tmp_path, COLUMNS="300").stdout
    assert len(re.findall(r"^20[0-9]{6}-", listed, re.MULTILINE)) == MOST_RUNS
    assert "… and 2 older runs: `bulk-cancel history --json` has them all" in listed
    assert len(json.loads(start(["history", "--json"], tmp_path).stdout)) == runs
    one = start(["history", run], tmp_path, COLUMNS="300").stdout
    assert one.count("SO-") == MOST_ROWS
    assert f"… and 1 more row: `bulk-cancel history {run} --json` has them all" in one

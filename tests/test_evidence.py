"""Evidence: one line an AWB, whichever runs it stands in, for a file, a run, a plan or a month."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.ledger import Ledger
from schemas.frames import EVENTS, EVIDENCE
from tests.misbehaving import TRACK_PATH, Asked, Behaviour, MisbehavingService, all_cancelled, entry, envelope
from tests.test_job import environment, staging, start

HEADER = ["Order ID", "AWB Code", "Cancel", "Amount"]


def orders(path: Path, count: int) -> Path:
    lines = [HEADER, *([f"SO-{n}", f"1319{n:08d}1", "yes", f"Rs. 1,{n:03d}/-"] for n in range(count))]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(lines)
    return path


def evidence(folder: Path, what: str, *more: str, **settings: str) -> list[dict[str, str]]:
    done = start(["evidence", what, "--csv", *more], folder, **settings)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout, newline="")))


def runs(folder: Path) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(start(["history", "--json"], folder).stdout)
    return told


class DiesOnce:
    """Kills the program at its second call; the first one's answer was written down."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, asked: Asked) -> Behaviour:
        if asked.path == TRACK_PATH:
            said = {"message": "success", "current_status": "Cancelled", "cancel_status": "Approved"}
            return Behaviour(envelope({awb: {**said, "awb_no": awb} for awb in asked.awbs}))
        self.calls += 1
        if self.calls == 2:
            os.kill(self.process.pid, signal.SIGKILL)
        return all_cancelled(asked)

    process: subprocess.Popen[bytes]


def test_a_job_is_followed_through_a_killed_run_the_next_one_and_its_verify(tmp_path: Path) -> None:
    source, kill = orders(tmp_path / "orders.csv", 5), DiesOnce()
    with MisbehavingService(kill) as service:
        settings = staging(service)
        command = [sys.executable, "-m", "pipeline", "cancel", str(source), "-y", "-q", "--batch-size", "2"]
        kill.process = subprocess.Popen(command, cwd=tmp_path, env=environment(tmp_path, **settings))
        kill.process.wait(60)
        again = start(["cancel", str(source), "-y", "-q", "--batch-size", "2"], tmp_path, **settings)
        assert again.returncode in (0, 1), again.stderr
        start(["verify", str(source), "-q"], tmp_path, **settings)
        names = [run["run"] for run in runs(tmp_path)]
        assert len(names) == 3
        found = {name: evidence(tmp_path, name, **settings) for name in [*names, "orders.csv"]}
    of_file = found.pop("orders.csv")
    assert [line["AWB"] for line in of_file] == [f"1319{n:08d}1" for n in range(5)]
    assert [line["Final state"] for line in of_file] == ["Success"] * 5
    assert [(line["Order"], line["Amount"]) for line in of_file] == [(f"SO-{n}", f"1{n:03d}.00") for n in range(5)]
    assert all(lines == of_file for lines in found.values())
    first = [line["First sent (UTC)"] for line in of_file]
    assert first[0] == first[1] < first[4]
    assert {line["Run"] for line in of_file} == set(names[1:])  # the killed one sent four, the next one the fifth
    assert all(line["Made by"] and line["Plan"].startswith("P-") for line in of_file)


def test_what_was_refused_in_doubt_invalid_or_settled_before_each_has_its_line(tmp_path: Path) -> None:
    source = tmp_path / "orders.csv"
    lines = [HEADER, ["SO-1", "13190000011", "yes", "100"], ["SO-2", "13190000021", "yes", "=1+1"]]
    lines += [["SO-3", "8.62E+10", "yes", "300"], ["SO-2b", "13190000021", "yes", "50"]]
    with source.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(lines)
    said = [entry("Success", "Cancel Request Received", "SO-1"), entry("Error", "=Already picked up", "SO-2")]
    answer = lambda asked: Behaviour(envelope(dict(zip(asked.awbs, said, strict=True))))  # noqa: E731
    with MisbehavingService(answer) as service:
        settings = staging(service)
        start(["cancel", str(source), "-y", "-q"], tmp_path, **settings)
        found = evidence(tmp_path, "orders.csv", **settings)
    told = [(line["Order"], line["AWB"], line["Amount"], line["Final state"], line["Remark"]) for line in found]
    assert told[1:] == [
        ("SO-1", "13190000011", "100.00", "Success", "Cancel Request Received"),
        ("SO-2, SO-2b", "13190000021", "50.00", "Failed", "'=Already picked up"),
    ]
    assert (told[0][:4], found[0]["First sent (UTC)"], found[0]["Times sent"]) == (
        ("SO-3", "8.62E+10", "300.00", "Invalid"), "", "0",
    )  # fmt: skip


def test_a_plan_names_who_made_and_who_approved_it_and_no_other_awbs(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 3)
    with MisbehavingService(all_cancelled) as service:
        settings = staging(service) | {"BULK_CANCEL_APPROVAL": "another person", "LOGNAME": "maker"}
        start(["plan", str(source), "--where", "order_ref = 'SO-1'"], tmp_path, **settings)
        plan = json.loads(start(["plans", "--json"], tmp_path, **settings).stdout)[0]["plan"]
        other = settings | {"LOGNAME": "checker"}
        assert start(["approve", plan], tmp_path, **other).returncode == 0
        before = evidence(tmp_path, plan, **settings)
        assert start(["cancel", "--plan", plan, "-y", "-q"], tmp_path, **settings).returncode == 0
        found = evidence(tmp_path, plan.lower().replace("p-", "P-"), **settings)
    assert [(line["AWB"], line["Final state"], line["Plan"]) for line in before] == [
        ("1319000000011", "Not sent", plan)
    ]
    (line,) = found
    assert (line["AWB"], line["Final state"], line["Plan"], line["Amount"]) == (
        "1319000000011", "Success", plan, "1001.00",
    )  # fmt: skip
    assert line["Made by"].startswith("maker on ")
    assert line["Approved by"].startswith("checker on ")
    assert line["Approved (UTC)"] >= line["Made (UTC)"]


def test_a_month_has_what_went_out_in_it_and_leaves_the_sandbox_out(tmp_path: Path) -> None:
    with MisbehavingService(all_cancelled) as service:
        settings = staging(service)
        start(["cancel", str(orders(tmp_path / "real.csv", 2)), "-y", "-q"], tmp_path, **settings)
    played = tmp_path / "played.csv"
    played.write_text("Order ID,AWB Code,Cancel\nSO-9,99990000001,yes\n", encoding="utf-8")
    start(["cancel", str(played), "-q"], tmp_path)
    month = runs(tmp_path)[0]["started"][:7]
    assert [line["Order"] for line in evidence(tmp_path, month)] == ["SO-0", "SO-1"]
    assert [line["Order"] for line in evidence(tmp_path, month, "--env", "sandbox")] == ["SO-9"]
    assert evidence(tmp_path, "2001-01") == []


def test_the_workbook_has_awbs_as_text_a_frozen_header_a_filter_and_the_events(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 3)
    with MisbehavingService(all_cancelled) as service:
        start(["cancel", str(source), "-y", "-q"], tmp_path, **staging(service))
    done = start(["evidence", "orders.csv"], tmp_path)
    assert (done.returncode, done.stdout) == (
        0, "Evidence of orders.csv: 3 AWBs (3 Success)\nFile:  evidence-orders.xlsx\n",
    )  # fmt: skip
    book = openpyxl.load_workbook(tmp_path / "evidence-orders.xlsx")
    assert book.sheetnames == ["Evidence", "Events"]
    page = book["Evidence"]
    assert [page["B2"].value, page["B2"].data_type, page["B2"].number_format] == ["1319000000001", "s", "@"]
    assert (page["C2"].value, page["C2"].data_type) == (1000, "n")
    assert (page.freeze_panes, page.auto_filter.ref) == ("A2", "A1:S4")
    events = list(book["Events"].iter_rows(min_row=2, values_only=True))
    assert [(line[0], line[2]) for line in events] == [
        (f"1319{n:08d}1", state) for state in ("open", "success") for n in range(3)
    ]
    again = start(["evidence", "orders.csv"], tmp_path)
    assert "evidence-orders (2).xlsx" in again.stdout
    taken = start(["evidence", "orders.csv", "-o", "evidence-orders.xlsx"], tmp_path)
    assert (taken.returncode, "is there already" in taken.stderr) == (2, True)
    assert start(["evidence", "orders.csv", "-o", "evidence.pdf"], tmp_path).returncode == 2
    assert start(["evidence", "orders.csv", "-o", "evidence.csv"], tmp_path).returncode == 0
    assert (tmp_path / "evidence.csv").read_bytes().startswith(b"\xef\xbb\xbfOrder,AWB,Amount,")


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_libreoffice_opens_the_workbook_and_reads_the_awbs_as_they_are(tmp_path: Path) -> None:
    start(["cancel", str(orders(tmp_path / "orders.csv", 2)), "-q"], tmp_path)
    start(["evidence", "orders.csv"], tmp_path)
    subprocess.run(
        ["soffice", "--headless", "--convert-to", "csv", "--outdir", str(tmp_path), "evidence-orders.xlsx"],
        cwd=tmp_path, env={**os.environ, "HOME": str(tmp_path)}, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    with (tmp_path / "evidence-orders.csv").open(encoding="utf-8", newline="") as file:
        assert [line["AWB"] for line in csv.DictReader(file)] == ["1319000000001", "1319000000011"]


def test_a_reviewed_plans_sheet_is_the_same_job_and_so_is_the_annotated_sheet(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 2)
    start(["plan", str(source)], tmp_path)
    assert start(["cancel", "orders.plan.csv", "-q"], tmp_path).returncode == 0
    by_source = evidence(tmp_path, "orders.csv")
    assert [line["Final state"] for line in by_source] == ["Success", "Success"]
    assert evidence(tmp_path, "orders.plan.annotated.sandbox.csv") == by_source
    source.write_text("gone\n", encoding="utf-8")
    assert evidence(tmp_path, "orders.csv") == by_source
    source.unlink()
    assert evidence(tmp_path, "orders.csv") == by_source


def test_what_is_not_in_the_ledger_is_told(tmp_path: Path) -> None:
    assert "There were no runs yet." in start(["evidence", "2026-11"], tmp_path).stderr
    start(["cancel", str(orders(tmp_path / "orders.csv", 1)), "-q"], tmp_path)
    other = orders(tmp_path / "other.csv", 4)
    done = start(["evidence", str(other)], tmp_path)
    assert (done.returncode, "No run and no plan in the ledger is one of other.csv" in done.stderr) == (2, True)
    assert start(["evidence", "P-19990101-0000"], tmp_path).returncode == 2
    assert start(["evidence", "nothing"], tmp_path).returncode == 2


def test_the_frames_are_as_declared(tmp_path: Path) -> None:
    from pipeline.model.evidence import EvidenceScope

    start(["cancel", str(orders(tmp_path / "orders.csv", 2)), "-q"], tmp_path)
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger:
        found = ledger.evidence(EvidenceScope(runs=tuple(run.run for run in ledger.runs())))
        nothing = ledger.evidence(EvidenceScope(since="1999", until="2000"))
    assert (EVIDENCE.mismatches(found.lines), EVENTS.mismatches(found.events)) == ([], [])
    assert (len(found.lines), len(found.events), len(nothing.lines), len(nothing.events)) == (2, 4, 0, 0)


def test_the_report_of_verify_leads_to_the_evidence_of_the_whole_job(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 2)
    start(["cancel", str(source), "-q"], tmp_path)
    start(["verify", str(source), "-q"], tmp_path)
    page = (tmp_path / "orders.annotated.sandbox.html").read_text(encoding="utf-8")
    command = re.search(r"bulk-cancel evidence (\S+?)</code>", page)
    assert command is not None
    assert len(evidence(tmp_path, command[1])) == 2

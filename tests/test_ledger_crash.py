"""Kill it anywhere: what was on its way is Unknown at the next start, and nothing else is."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest

from pipeline.errors import LedgerError
from pipeline.ledger import Ledger, RunStart
from pipeline.ledger.writes import NO_ANSWER
from pipeline.model.runs import LedgerKey

SANDBOX = LedgerKey("ithink", "sandbox", "cancel")
PRODUCTION = LedgerKey("ithink", "production", "cancel")
START = RunStart(SANDBOX, "cancel", "/orders.xlsx", "Orders", "d" * 64, "account", "clerk")

RUN = """
import os, signal, sys
from pipeline.ledger import Ledger, RunStart
from pipeline.model.calls import Batch, Item, Outcome
from pipeline.model.runs import LedgerKey
from schemas.annotated import Status

location, dies = sys.argv[1:]
SANDBOX = LedgerKey("ithink", "sandbox", "cancel")

def step(name):
    print(name, flush=True)
    if name == dies:
        os.kill(os.getpid(), signal.SIGKILL)

def batch(*awbs):
    return Batch(tuple(Item(awb) for awb in awbs))

ledger = Ledger.open(location)
with ledger.hold(SANDBOX):
    run = ledger.start_run(RunStart(SANDBOX, "cancel", "/orders.xlsx", "Orders", "d" * 64, "account", "clerk"))
    print(run, flush=True)
    call = ledger.begin(run, batch("A1", "A2"))
    ledger.settle(call, [Outcome("A1", Status.SUCCESS), Outcome("A2", Status.FAILED, "no")], note="", elapsed=1)
    step("before begin")
    call = ledger.begin(run, batch("B1", "B2"))
    step("after begin")
    step("after send")
    step("before settle")
    ledger.settle(call, [Outcome("B1", Status.SUCCESS), Outcome("B2", Status.FAILED, "no")], note="", elapsed=1)
    step("after settle")
    if dies == "never":
        step("holds")
        sys.stdin.read()
    number = 0
    while dies == "working":
        awbs = [f"C{number}X{place}" for place in range(20)]
        call = ledger.begin(run, batch(*awbs))
        step(f"begun {number}")
        ledger.settle(call, [Outcome(awb, Status.FAILED, "no") for awb in awbs], note="", elapsed=1)
        step(f"settled {number}")
        number += 1
"""

SETTLED = {"A1": "Success", "A2": "Failed"}
IN_FLIGHT = {"B1": "Unknown", "B2": "Unknown"}


def started(path, dies):
    root = str(Path(__file__).parents[1])
    return subprocess.Popen(
        [sys.executable, "-c", RUN, str(path), dies],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
    )


@pytest.mark.parametrize(
    ("step", "found"),
    [
        ("before begin", SETTLED),
        ("after begin", {**SETTLED, **IN_FLIGHT}),
        ("after send", {**SETTLED, **IN_FLIGHT}),
        ("before settle", {**SETTLED, **IN_FLIGHT}),
        ("after settle", {**SETTLED, "B1": "Success", "B2": "Failed"}),
    ],
)
def test_the_next_run_says_unknown_of_exactly_what_was_in_flight(tmp_path, step, found):
    path = tmp_path / "ledger.db"
    with started(path, step) as killed:
        lines = killed.communicate()[0].splitlines()
    assert (killed.returncode, lines[-1]) == (-signal.SIGKILL, step)
    with Ledger.open(str(path)) as ledger, ledger.hold(SANDBOX):
        run = ledger.start_run(START)
        known = ledger.known(SANDBOX, pd.Series(["A1", "A2", "B1", "B2"]))
        assert known["status"].to_dict() == found
        doubts = known[known["status"] == "Unknown"]
        assert set(doubts["remark"]) <= {NO_ANSWER}
        said = ledger.audit(run)
        assert said[["awb", "state"]].to_dict("list") == {
            "awb": list(doubts["awb"]),
            "state": ["unknown"] * len(doubts),
        }


@pytest.mark.parametrize("kept", [1, 7, 30])
def test_a_run_that_is_killed_while_it_writes_leaves_no_half_call(tmp_path, kept):
    path = tmp_path / "ledger.db"
    with started(path, "working") as killed:
        lines = [killed.stdout.readline().strip() for _ in range(6 + kept)]
        killed.kill()
        lines += killed.stdout.read().splitlines()
    told = [line for line in lines if line.partition(" ")[0] in ("begun", "settled")]
    with Ledger.open(str(path)) as ledger:
        calls = ledger.calls(lines[0])[2:]
        audit = ledger.audit(lines[0])
    begun, settled = len(calls), int(calls["settled"].notna().sum())
    assert begun - sum(line.startswith("begun") for line in told) in (0, 1)
    assert settled - sum(line.startswith("settled") for line in told) in (0, 1)
    assert len(audit[audit["awb"].str.startswith("C")]) == 20 * (begun + settled)


def test_a_second_run_is_told_who_holds_the_environment_and_death_frees_it(tmp_path):
    path = tmp_path / "ledger.db"
    with started(path, "never") as holder:
        run = holder.stdout.readline().strip()
        assert next(line for line in holder.stdout if line == "holds\n")
        with Ledger.open(str(path)) as ledger:
            with pytest.raises(LedgerError) as trouble, ledger.hold(SANDBOX):
                pass
            with ledger.hold(PRODUCTION):
                pass
        assert f"Another run is at work in sandbox (run {run}, process {holder.pid}, since 2" in str(trouble.value)
        assert "Nothing was sent" in str(trouble.value)
        holder.kill()
        holder.wait()
        with Ledger.open(str(path)) as ledger, ledger.hold(SANDBOX):
            assert ledger.start_run(START)


def test_one_ledger_is_one_whatever_path_leads_to_it(tmp_path, monkeypatch):
    path = tmp_path / "ledger.db"
    (tmp_path / "link.db").symlink_to(path)
    monkeypatch.chdir(tmp_path)
    with Ledger.open(str(path)) as ledger, ledger.hold(SANDBOX):
        for other in ("ledger.db", "./ledger.db", str(tmp_path / "link.db"), f"sqlite:///{path}"):
            with (
                Ledger.open(other) as same,
                pytest.raises(LedgerError, match="Another run is at work"),
                same.hold(SANDBOX),
            ):
                pass
        with Ledger.open(str(tmp_path / "another.db")) as another, another.hold(SANDBOX):
            pass


def test_the_environment_is_free_again_after_the_run_whether_it_ended_well_or_not(tmp_path):
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger:
        with pytest.raises(RuntimeError), ledger.hold(SANDBOX):
            raise RuntimeError
        with ledger.hold(SANDBOX):
            assert sorted(file.suffix for file in tmp_path.glob("bulk-cancel-*")) == [".holder", ".lock"]
        assert not list(tmp_path.glob("*.holder"))


def test_a_run_in_another_thread_of_this_process_is_another_run(tmp_path):
    found = []

    def second():
        with Ledger.open(str(tmp_path / "ledger.db")) as ledger:
            try:
                with ledger.hold(SANDBOX):
                    found.append("held")
            except LedgerError:
                found.append("refused")

    with Ledger.open(str(tmp_path / "ledger.db")) as ledger, ledger.hold(SANDBOX):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert found == ["refused"]

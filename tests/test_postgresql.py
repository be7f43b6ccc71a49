"""The ledger on PostgreSQL: what two at once may not do, who holds an environment, and what is said without one.

What a ledger does at all is tested on both databases: tests/test_ledger.py, test_ledger_leases.py, test_plans.py.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from pipeline.errors import LedgerError
from pipeline.ledger import Ledger, RunStart
from pipeline.model.calls import Batch, Item
from pipeline.model.plans import PlanState
from tests.raw_ledger import ask, raw
from tests.test_ledger import SANDBOX, START, sealed

SAYS = "INSERT INTO plan_states (plan, state, person, who, at) VALUES (:plan, :state, 'bob', 'bob on pc', '')"
SAMPLE = Path(__file__).parent.parent / "sample_data/orders.xlsx"


class Other(threading.Thread):
    """Does something beside the test; what it raised is kept."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self.work, self.raised, self.begun = work, [], threading.Event()

    def run(self) -> None:
        self.begun.set()
        try:
            self.work()
        except LedgerError as error:
            self.raised.append(error.problem)


def waits(location: str) -> bool:
    """Whether some transaction of this server waits for a lock; asked until it is so."""
    with raw(location) as watching:
        for _ in range(3_000):
            if ask(watching, "SELECT count(*) FROM pg_locks WHERE NOT granted").scalar_one():
                return True
            watching.rollback()
            threading.Event().wait(0.01)
    return False


def test_a_plan_that_is_being_rejected_lets_no_call_begin(postgresql: str) -> None:
    with Ledger.open(postgresql) as ledger, raw(postgresql) as checker:
        plan = sealed(ledger, "ann on pc", "A1").name
        run = ledger.start_run(RunStart(SANDBOX, "cancel", "x", "", "0" * 64, "account", "cem on pc", plan=plan))
        ask(checker, SAYS, plan=plan, state="rejected")  # not committed yet
        sender = Other(lambda: ledger.begin(run, Batch((Item("A1"),))))
        sender.start()
        assert waits(postgresql)
        checker.commit()
        sender.join(30)
        assert sender.raised == ["A plan that is done or rejected sends nothing more"]


def test_of_two_that_reject_and_finish_a_plan_at_once_one_is_refused(postgresql: str) -> None:
    with Ledger.open(postgresql) as ledger, raw(postgresql) as checker:
        plan = sealed(ledger, "ann on pc", "A1").name
        ask(checker, SAYS, plan=plan, state="done")
        other = Other(lambda: ledger.say_of_plan(plan, PlanState.REJECTED, "bob on pc", "no"))
        other.start()
        assert waits(postgresql)
        checker.commit()
        other.join(30)
        assert other.raised == ["A plan that is done or rejected stays so"]


def test_two_that_begin_with_one_awb_at_once_send_it_once(postgresql: str) -> None:
    with Ledger.open(postgresql) as ledger, raw(postgresql) as first:
        run = ledger.start_run(START)
        call = ledger.begin(run, Batch((Item("A0"),)))
        columns = "run, service, environment, action, key, awb, state, remark, refnum, at"
        copied = ask(first, f"SELECT {columns} FROM attempts").mappings().one()
        values = {**copied, "key": "A1", "awb": "A1", "call": call}
        names = ", ".join(values)
        ask(first, f"INSERT INTO attempts ({names}) VALUES ({', '.join(':' + name for name in values)})", **values)
        second = Other(lambda: ledger.begin(run, Batch((Item("A1"),))))
        second.start()
        assert waits(postgresql)
        first.commit()
        second.join(30)
        assert second.raised == [
            "This can't be written down: an AWB of it is under way or cancelled already, by another run"
        ]


def test_a_run_on_another_machine_holds_the_environment(
    postgresql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Ledger.open(postgresql) as here, Ledger.open(postgresql) as there, here.hold(SANDBOX):
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "another machine"))
        with (
            pytest.raises(LedgerError, match="Another run is at work in sandbox, on another machine"),
            there.hold(SANDBOX),
        ):
            pass


def test_a_lock_is_free_when_its_connection_is_cut(
    postgresql: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Ledger.open(postgresql) as here, Ledger.open(postgresql) as there, here.hold(SANDBOX):
        with raw(postgresql) as admin:
            others = "pid <> pg_backend_pid() AND state = 'idle'"
            ask(admin, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "another machine"))
        with there.hold(SANDBOX):
            pass


def run(location: str, *arguments: str, folder: Path, code: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code] if code else [sys.executable, "-m", "pipeline"]
    return subprocess.run(
        [*command, *arguments],
        cwd=Path(__file__).parent.parent,
        env={"BULK_CANCEL_LEDGER": location, "PATH": "", "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_whole_job_says_the_same_as_on_sqlite_and_a_second_time_sends_nothing(
    postgresql: str, tmp_path: Path
) -> None:
    told = {}
    for name, location in (("sqlite", str(tmp_path / "ledger.db")), ("postgresql", postgresql)):
        done = run(location, "cancel", str(SAMPLE), "--json", "-o", str(tmp_path / f"{name}.xlsx"), folder=tmp_path)
        assert done.returncode == 1, done.stderr
        told[name] = json.loads(done.stdout)["counts"]
    assert told["postgresql"] == told["sqlite"]
    again = run(postgresql, "cancel", str(SAMPLE), "--json", "-o", str(tmp_path / "again.xlsx"), folder=tmp_path)
    assert json.loads(again.stdout)["awbs"]["sent"] == 0
    history = run(postgresql, "history", folder=tmp_path)
    assert len(re.findall(r"\bcancel\b", history.stdout)) == 2


@pytest.mark.parametrize("address", ["mysql://clerk:hunter2@host/ledger", "oracle://clerk:hunter2@host/ledger"])
def test_another_database_is_refused_in_words_without_the_password(tmp_path: Path, address: str) -> None:
    done = run(address, "history", folder=tmp_path)
    assert done.returncode == 2
    assert f"The ledger can't be kept in {address.partition(':')[0]}" in done.stderr
    assert "postgresql://user@host/database" in done.stderr
    assert "hunter2" not in done.stderr


def test_a_missing_driver_is_named_with_what_brings_it(tmp_path: Path) -> None:
    hidden = "import sys; sys.modules['psycopg'] = None; from pipeline.cli import main; main(sys.argv[1:])"
    done = run("postgresql://clerk:hunter2@host/ledger", "history", folder=tmp_path, code=hidden)
    assert done.returncode == 2
    assert "The driver for postgresql is not installed" in done.stderr
    assert "pip install 'ithink-bulk-cancel[team]'" in done.stderr
    assert "hunter2" not in done.stderr


def test_a_server_that_is_not_there_is_said(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="the driver psycopg is not installed")
    done = run(f"postgresql:///ledger?host={tmp_path}", "history", folder=tmp_path)
    assert done.returncode == 2
    assert "The ledger's database can't be reached" in done.stderr


@pytest.mark.parametrize("statement", ["DELETE FROM runs", "UPDATE history SET at = ''"])
def test_the_guards_stand_there_too(postgresql: str, statement: str) -> None:
    with Ledger.open(postgresql) as ledger:
        ledger.begin(ledger.start_run(START), Batch((Item("A1"),)))
    with raw(postgresql) as connection, pytest.raises(IntegrityError):
        ask(connection, statement)

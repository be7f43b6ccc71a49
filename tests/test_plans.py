"""A plan is a document: sealed, never changed, sent as it stands or not at all, and approved by somebody else."""

from __future__ import annotations

import csv
import json
import signal
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Event, Thread

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from pipeline.cli import main
from pipeline.errors import LedgerError, PipelineError
from pipeline.jobs.cancel import execute
from pipeline.jobs.planned import opened_plan
from pipeline.jobs.prepare import courier_for
from pipeline.jobs.request import Request
from pipeline.ledger import Ledger, RunStart
from pipeline.model.calls import Batch, Item, Outcome
from pipeline.model.plans import PlanState
from pipeline.model.runs import LedgerKey
from pipeline.planning.sealing import gathered_again
from pipeline.settings import read_settings
from schemas import frames
from schemas.annotated import Status
from tests.raw_ledger import ask, raw
from tests.silent import Silent

KEY = LedgerKey("ithink", "sandbox", "cancel")
PLANNED = ["86210010461", "86210010464"]
ROWS = [
    ["SO-1", PLANNED[0], "Cancel Requested", "100"],
    ["SO-2", "86210010462", "New Order", "900"],
    ["SO-4", PLANNED[1], "Cancel Requested", "700"],
    ['SO-5 "x"', PLANNED[1], "Cancel Requested", "700"],
]


@dataclass
class Desk:
    """A folder with an export in it, and a ledger of its own; whoever sits there has a name."""

    folder: Path
    location: str

    def run(self, *arguments: str, by: str = "ann", **settings: str) -> Result:
        env = {"LOGNAME": by, "USER": by, **settings}
        return CliRunner().invoke(main, list(arguments), env=env, catch_exceptions=False)

    def write(self, rows: list[list[str]], name: str = "orders.csv") -> None:
        with (self.folder / name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([["Order ID", "AWB Code", "Order Status", "Amount"], *rows])

    def plan(self, *arguments: str, by: str = "ann") -> str:
        made = self.run("plan", "orders.csv", "--json", *arguments, by=by)
        assert made.exit_code == 0, made.output
        return str(json.loads(made.stdout)["plan"])

    def asked(self, question: str) -> list[tuple[object, ...]]:
        with raw(self.location) as ledger:
            return [tuple(row) for row in ask(ledger, question)]

    def sent(self) -> list[str]:
        return [str(awb) for (awb,) in self.asked("SELECT awb FROM attempts ORDER BY attempt")]

    def stands(self, plan: str) -> str:
        found = json.loads(self.run("plans", plan, "--json").stdout)
        return str(found["stands"])

    def tampered(self, *statements: str) -> None:
        """Somebody who may do anything with the database takes the triggers away first."""
        with raw(self.location) as ledger:
            if ledger.dialect.name == "postgresql":
                ask(ledger, "SET session_replication_role = replica")
            else:
                for (name,) in ask(ledger, "SELECT name FROM sqlite_master WHERE type = 'trigger'").all():
                    ask(ledger, f"DROP TRIGGER {name}")
            for statement in statements:
                ask(ledger, statement)
            ledger.commit()

    def rows(self, name: str) -> list[dict[str, str]]:
        with (self.folder / name).open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def desk(location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    for name in ("ITHINK_ENV", "ITHINK_ACCESS_TOKEN", "ITHINK_SECRET_KEY", "BULK_CANCEL_APPROVAL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BULK_CANCEL_LEDGER", location)
    monkeypatch.chdir(tmp_path)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    made = Desk(tmp_path, location)
    made.write(ROWS)
    yield made
    for number, handler in before.items():
        signal.signal(number, handler)


# --- sealed and named -------------------------------------------------------------------------------------------------


def test_a_plan_has_a_name_and_holds_all_that_decides(desk: Desk) -> None:
    plan = desk.plan("--batch-size", "1")
    found = json.loads(desk.run("plans", plan, "--json").stdout)
    assert found["plan_awbs"] == [
        {"call": 1, "awb": PLANNED[0], "refs": ["SO-1"], "rows": [2]},
        {"call": 2, "awb": PLANNED[1], "refs": ["SO-4", 'SO-5 "x"'], "rows": [4, 5]},
    ]
    said = ("environment", "account", "input", "awbs", "calls", "rows", "stands", "entries")
    assert {name: found[name] for name in said} == {
        "environment": "sandbox", "account": "sandbox", "input": str(desk.folder / "orders.csv"), "awbs": 2, "calls": 2,
        "rows": 4, "stands": "ready", "entries": [],
    }  # fmt: skip
    assert (len(found["seal"]), found["who"].partition(" on ")[0], found["amount"]["Planned"]) == (64, "ann", "1500.00")
    assert plan in desk.run("plans").stdout
    assert desk.run("plans", plan[:6]).exit_code == 0


def test_the_picked_rows_can_be_made_again_of_a_plan(desk: Desk) -> None:
    plan = desk.plan()
    with Ledger.open(desk.location) as ledger:
        awbs = ledger.plan(plan).awbs
    gathered = gathered_again(awbs)
    assert frames.PLAN_AWBS.mismatches(awbs) == []
    assert frames.PICKED.mismatches(gathered.picked) == []
    assert gathered.picked["awb"].to_dict() == {2: PLANNED[0], 4: PLANNED[1], 5: PLANNED[1]}
    assert gathered.picked["order_ref"].to_dict() == {2: "SO-1", 4: "SO-4", 5: 'SO-5 "x"'}
    assert len(gathered.left_out) == len(gathered.bystanders) == 0


def test_a_plan_is_sent_by_its_name_once_and_its_sheet_is_written(desk: Desk) -> None:
    plan = desk.plan()
    done = desk.run("cancel", "--plan", plan, "--json")
    summary = json.loads(done.stdout)
    assert (done.exit_code, summary["plan"], summary["awbs"]["sent"]) == (0, plan, 2)
    assert desk.sent() == PLANNED
    statuses = [row["status"] for row in desk.rows("orders.annotated.sandbox.csv")]
    assert statuses == ["Success", "Skipped", "Success", "Success"]
    assert desk.stands(plan) == f"done, run {summary['run']}"
    again = desk.run("cancel", "--plan", plan)
    assert (again.exit_code, "is done already" in again.stderr, desk.sent()) == (2, True, PLANNED)


def test_a_plan_is_sent_without_its_input_and_the_sheet_is_written_later(desk: Desk) -> None:
    plan = desk.plan()
    (desk.folder / "orders.csv").rename(desk.folder / "elsewhere.csv")
    done = desk.run("cancel", "--plan", plan, "--json")
    run = json.loads(done.stdout)["run"]
    assert (done.exit_code, desk.sent(), "is not here" in done.stderr) == (0, PLANNED, True)
    assert not (desk.folder / "orders.annotated.sandbox.csv").exists()
    (desk.folder / "elsewhere.csv").rename(desk.folder / "orders.csv")
    assert desk.run("annotate", run).exit_code == 0
    assert desk.rows("orders.annotated.sandbox.csv")[0]["status"] == "Success"


def test_a_file_that_was_replaced_adds_nothing_to_a_plan(desk: Desk) -> None:
    plan = desk.plan()
    desk.write([*ROWS, ["SO-9", "86210010469", "Cancel Requested", "1"]])
    done = desk.run("cancel", "--plan", plan)
    assert (done.exit_code, desk.sent(), "has changed since" in done.stderr) == (0, PLANNED, True)


def test_what_was_settled_or_left_in_doubt_since_is_dropped_and_said(desk: Desk) -> None:
    plan = desk.plan("--resend-unknown")
    with Ledger.open(desk.location) as ledger:
        run = ledger.start_run(RunStart(KEY, "cancel", "other.csv", "", "0" * 64, "account", "bob"))
        call = ledger.begin(run, Batch((Item(PLANNED[0]),)))
        ledger.settle(call, [Outcome(PLANNED[0], Status.UNKNOWN, "no answer")], note="", elapsed=0.1)
        ledger.finish(run, exit_code=1, stopped="", output="")
    before = desk.sent()
    done = desk.run("cancel", "--plan", plan)
    assert desk.sent() == [*before, PLANNED[1]]
    assert "settled or in doubt since it was made: 1 of 2 AWBs" in done.stderr


def test_what_was_in_doubt_when_it_was_planned_is_sent_again_only_if_nothing_happened_since(desk: Desk) -> None:
    with Ledger.open(desk.location) as ledger:
        run = ledger.start_run(RunStart(KEY, "cancel", "other.csv", "", "0" * 64, "account", "bob"))
        call = ledger.begin(run, Batch((Item(PLANNED[0]),)))
        ledger.settle(call, [Outcome(PLANNED[0], Status.FAILED, "no")], note="", elapsed=0.1)
        ledger.finish(run, exit_code=1, stopped="", output="")
    plan = desk.plan("--retry-failed")
    before = desk.sent()
    assert desk.run("cancel", "--plan", plan).exit_code == 0
    assert desk.sent() == [*before, *PLANNED]


def test_cancel_of_a_file_seals_its_plan_too(desk: Desk) -> None:
    summary = json.loads(desk.run("cancel", "orders.csv", "--json").stdout)
    assert summary["plan"].startswith("P-2")
    assert desk.stands(summary["plan"]) == f"done, run {summary['run']}"
    assert desk.asked("SELECT plan, awb FROM plan_awbs ORDER BY position") == [
        (summary["plan"], awb) for awb in PLANNED
    ]


def test_a_run_that_was_stopped_leaves_a_plan_that_can_go_on(desk: Desk) -> None:
    plan = desk.plan()
    with Ledger.open(desk.location) as ledger:
        facts = ledger.plan(plan).facts
        start = RunStart(KEY, "cancel", facts.input, "", facts.digest, "sandbox", "ann on pc", plan=plan)
        run = ledger.start_run(start)
        call = ledger.begin(run, Batch((Item(PLANNED[0]),)))
        ledger.settle(call, [Outcome(PLANNED[0], Status.SUCCESS, "yes")], note="", elapsed=0.1)
        ledger.finish(run, exit_code=3, stopped="no connection", output="")
    assert desk.stands(plan) == f"stopped, run {run}; can go on"
    assert desk.run("cancel", "--plan", plan).exit_code == 0
    assert desk.sent() == PLANNED


def test_a_plan_that_asks_something_is_not_sealed_and_says_so(desk: Desk) -> None:
    desk.write([*ROWS, ["SO-9", "86210010469", "Zzyzx", "1"]])
    made = desk.run("plan", "orders.csv", "--status", "Cancel Requested", "--where", "amount > 0", "--json")
    assert json.loads(made.stdout)["plan"] != ""
    made = desk.run("plan", "orders.csv", "--all", "--json")
    assert (json.loads(made.stdout)["plan"], "`cancel` would stop here" in made.stderr) == ("", True)
    assert desk.asked("SELECT count(*) FROM plans") == [(1,)]


def test_without_keys_a_plan_for_production_is_shown_and_not_sealed(desk: Desk) -> None:
    made = desk.run("plan", "orders.csv", "--env", "production", "--json")
    assert (made.exit_code, json.loads(made.stdout)["plan"]) == (0, "")
    assert "without the keys of production" in made.stderr


@pytest.mark.parametrize("said", [["--all"], ["orders.csv"], ["--limit", "1"], ["--dry-run"], ["--batch-size", "5"]])
def test_nothing_that_the_plan_decides_can_be_said_beside_it(desk: Desk, said: list[str]) -> None:
    plan = desk.plan()
    done = desk.run("cancel", "--plan", plan, *said)
    assert (done.exit_code, "were both given" in done.stderr, desk.sent()) == (2, True, [])


def test_cancel_without_a_file_or_a_plan_says_how(desk: Desk) -> None:
    done = desk.run("cancel")
    assert (done.exit_code, "cancel --plan P-" in done.stderr) == (2, True)


# --- refused, with nothing sent ---------------------------------------------------------------------------------------

KEYS = {
    "ITHINK_SECRET_KEY": "made-up",
    "ITHINK_CANCEL_URL": "http://127.0.0.1:9/c",
    "ITHINK_TRACK_URL": "http://127.0.0.1:9/t",
}


def test_a_plan_of_another_environment_or_account_is_refused(desk: Desk) -> None:
    staging = {**KEYS, "ITHINK_ENV": "staging", "ITHINK_ACCESS_TOKEN": "north"}
    plan = str(json.loads(desk.run("plan", "orders.csv", "--json", **staging).stdout)["plan"])
    other = desk.run("cancel", "--plan", plan, "--yes", **{**staging, "ITHINK_ACCESS_TOKEN": "south"})
    assert (other.exit_code, "the keys are those of" in other.stderr) == (2, True)
    sandbox = desk.run("cancel", "--plan", plan)
    assert (sandbox.exit_code, "Say --env staging" in sandbox.stderr, desk.sent()) == (2, True, [])


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE plan_awbs SET awb = '86210010462', key = '86210010462' WHERE position = 0",
        "UPDATE plan_awbs SET refs = '[\"SO-7\"]' WHERE position = 0",
        "UPDATE plan_awbs SET rows = '[3]' WHERE position = 0",
        "UPDATE plan_awbs SET before = 'Failed x' WHERE position = 0",
        "DELETE FROM plan_awbs WHERE position = 1",
        "INSERT INTO plan_awbs SELECT plan, 'X1', 2, 1, 'X1', '[\"\"]', '[9]', '' FROM plans",
        "UPDATE plans SET account = 'other'",
        "UPDATE plans SET person = 'bob'",
        "UPDATE plans SET awbs = 1",
        "UPDATE plans SET made = '2099-01-01T00:00:00.000+00:00'",
        "UPDATE plans SET facts = replace(facts, '\\\"retry_failed\\\": false', '\\\"retry_failed\\\": true')",
        "UPDATE plans SET facts = '{}'",
        "UPDATE plans SET seal = '" + "0" * 64 + "'",
    ],
)
def test_a_plan_that_was_tampered_with_is_refused_by_its_seal(desk: Desk, change: str) -> None:
    plan = desk.plan()
    before = desk.asked("SELECT * FROM plans"), desk.asked("SELECT * FROM plan_awbs")
    desk.tampered(change)
    assert (desk.asked("SELECT * FROM plans"), desk.asked("SELECT * FROM plan_awbs")) != before
    for command in (("cancel", "--plan", plan), ("approve", plan), ("plans", plan)):
        done = desk.run(*command, by="bob")
        assert (done.exit_code, f"The seal of plan {plan} is broken" in done.stderr) == (2, True)
    assert desk.sent() == []


@pytest.mark.parametrize(("days", "allowed"), [(6.9, True), (7.1, False), (-0.5, True), (-1.5, False)])
def test_a_plan_is_sent_within_seven_days_by_a_clock_that_can_be_right(desk: Desk, days: float, allowed: bool) -> None:
    plan = desk.plan()
    clock = datetime.now(UTC) + timedelta(days=days)
    with Ledger.open(desk.location, clock=lambda: clock) as ledger:
        assert ledger.plan(plan).facts.too_old(ledger.now) is not allowed


def test_an_old_plan_is_neither_sent_nor_approved(desk: Desk) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=8)
    plan = desk.plan()
    with Ledger.open(desk.location, clock=lambda: long_ago) as ledger:
        sealed = ledger.plan(plan)
        old = ledger.seal(replace(sealed.facts, made=long_ago.isoformat(timespec="milliseconds")), sealed.awbs).name
    for command in (("cancel", "--plan", old), ("approve", old)):
        done = desk.run(*command, by="bob")
        assert (done.exit_code, "7 days" in done.stderr, desk.sent()) == (2, True, [])
    assert desk.stands(old) == "older than 7 days"


def test_a_rejected_plan_stays_rejected(desk: Desk) -> None:
    plan = desk.plan()
    assert desk.run("reject", plan, "--because", "two were  paid", by="bob").exit_code == 0
    assert desk.stands(plan).startswith("rejected by bob on ")
    assert desk.stands(plan).endswith(": two were paid")
    for command in (("cancel", "--plan", plan), ("approve", plan), ("reject", plan, "--because", "again")):
        done = desk.run(*command, by="cem")
        assert (done.exit_code, "rejected" in done.stderr, desk.sent()) == (2, True, [])


def test_a_reason_that_says_nothing_rejects_nothing(desk: Desk) -> None:
    plan = desk.plan()
    done = desk.run("reject", plan, "--because", "  ")
    assert (done.exit_code, desk.stands(plan)) == (2, "ready")


def test_an_unknown_plan_is_named_with_those_that_there_are(desk: Desk) -> None:
    assert "There were no plans yet" in desk.run("plans").stdout
    assert "There were no plans yet" in desk.run("plans", "P-1").stderr
    plan = desk.plan()
    done = desk.run("cancel", "--plan", "P-19990101-0000")
    assert (done.exit_code, plan in done.stderr) == (2, True)


# --- what the database holds ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE plans SET awbs = 5", "only added to"),
        ("UPDATE plan_awbs SET awb = 'X'", "only added to"),
        ("UPDATE plan_states SET person = 'x'", "only added to"),
        ("DELETE FROM plans", "nothing is ever deleted"),
        ("DELETE FROM plan_awbs", "nothing is ever deleted"),
        ("DELETE FROM plan_states", "nothing is ever deleted"),
        (
            "INSERT INTO plan_awbs SELECT plan, 'X1', 9, 1, 'X1', '', '', '' FROM plans",
            "nothing is ever added to a plan",
        ),
        ("UPDATE runs SET plan = ''", "a run keeps its plan"),
        (
            "INSERT INTO plan_states (plan, state, person, who, at) "
            "SELECT plan, 'approved', 'ANN', 'ANN', '' FROM plans",
            "nobody can approve a plan of their own",
        ),
        (
            "INSERT INTO runs (run, service, environment, action, command, started, input, digest, sheet, output, "
            "account, who, options, stopped, plan) SELECT 'r', service, environment, action, 'cancel', '', '', '', '', "
            "'', 'other', '', '', '', plan FROM plans",
            "its own environment and account only",
        ),
    ],
)
def test_the_database_refuses_what_a_plan_forbids(desk: Desk, statement: str, words: str) -> None:
    plan = desk.plan()
    with Ledger.open(desk.location) as ledger:
        ledger.start_run(RunStart(KEY, "cancel", "x", "", "0" * 64, "sandbox", "cem on pc", plan=plan))
    with raw(desk.location) as ledger, pytest.raises(IntegrityError, match=words):
        ask(ledger, statement)


def test_a_run_of_a_plan_sends_nothing_else_whatever_asks(desk: Desk) -> None:
    plan = desk.plan()
    with Ledger.open(desk.location) as ledger:
        run = ledger.start_run(RunStart(KEY, "cancel", "x", "", "0" * 64, "sandbox", "cem on pc", plan=plan))
        with pytest.raises(LedgerError, match="An AWB that is not in the plan is never sent"):
            ledger.begin(run, Batch((Item(PLANNED[0]), Item("86210010462"))))
        with pytest.raises(LedgerError, match="The plan is running already"):
            ledger.start_run(RunStart(KEY, "cancel", "x", "", "0" * 64, "sandbox", "dan on pc", plan=plan))
        ledger.say_of_plan(plan, PlanState.REJECTED, "bob on pc", "stop")
        with pytest.raises(LedgerError, match="A plan that is done or rejected sends nothing more"):
            ledger.begin(run, Batch((Item(PLANNED[0]),)))
    assert desk.sent() == []


# --- a second person --------------------------------------------------------------------------------------------------

RULE = {"BULK_CANCEL_APPROVAL": "another person"}


def test_under_a_rule_nothing_is_sent_before_somebody_else_approves(desk: Desk) -> None:
    refused = desk.run("cancel", "orders.csv", "--yes", **RULE)
    assert (refused.exit_code, "needs the approval of somebody other than ann" in refused.stderr) == (2, True)
    ((plan,),) = desk.asked("SELECT plan FROM plans")
    assert desk.stands(str(plan)) == "waits for approval"
    own = desk.run("approve", str(plan))
    assert (own.exit_code, "Nobody can approve a plan of their own" in own.stderr) == (2, True)
    still = desk.run("cancel", "--plan", str(plan), by="bob", **RULE)
    assert (still.exit_code, "needs the approval" in still.stderr, desk.sent()) == (2, True, [])
    assert desk.run("approve", str(plan), by="bob").exit_code == 0
    assert desk.run("cancel", "--plan", str(plan), **RULE).exit_code == 0
    assert desk.sent() == PLANNED


def test_the_rule_holds_for_who_does_not_say_it_any_more(desk: Desk) -> None:
    desk.run("plan", "orders.csv", **RULE)
    for settings_of in ({}, {"BULK_CANCEL_APPROVAL": "nobody"}, {**RULE, "BULK_CANCEL_APPROVAL_FROM": "50"}):
        done = desk.run("cancel", "orders.csv", "--yes", **settings_of)
        assert (done.exit_code, desk.sent()) == (2, [])


def test_the_rule_is_taken_back_by_another_persons_word_only(desk: Desk) -> None:
    desk.run("plan", "orders.csv", **RULE)
    desk.run("plan", "orders.csv", by="bob", BULK_CANCEL_APPROVAL="nobody")
    assert desk.run("cancel", "orders.csv", by="bob").exit_code == 2
    assert desk.run("cancel", "orders.csv", by="ann").exit_code == 0
    assert desk.sent() == PLANNED


def test_a_rule_may_begin_at_so_many_awbs(desk: Desk) -> None:
    few = {**RULE, "BULK_CANCEL_APPROVAL_FROM": "2"}
    assert desk.run("cancel", "orders.csv", **few).exit_code == 2
    assert desk.run("cancel", "orders.csv", "--limit", "1", **few).exit_code == 0
    assert desk.sent() == PLANNED[:1]


def test_the_database_holds_the_rule_whatever_program_asks(desk: Desk) -> None:
    desk.run("plan", "orders.csv", **RULE)
    ((plan,),) = desk.asked("SELECT plan FROM plans")
    with Ledger.open(desk.location) as ledger:
        for name in ("", str(plan)):
            run = ledger.start_run(RunStart(KEY, "cancel", "x", "", "0" * 64, "sandbox", "ann on pc", plan=name))
            with pytest.raises(LedgerError, match="The account's rule demands that another person approves"):
                ledger.begin(run, Batch((Item(PLANNED[0]),)))
            ledger.finish(run, exit_code=3, stopped="held", output="")
        other = RunStart(KEY, "cancel", "x", "", "0" * 64, "another account", "ann on pc")
        assert ledger.begin(ledger.start_run(other), Batch((Item("SF1"),)))


@pytest.mark.parametrize(
    "values",
    [
        {"BULK_CANCEL_APPROVAL": "somebody"},
        {"BULK_CANCEL_APPROVAL_FROM": "50"},
        {**RULE, "BULK_CANCEL_APPROVAL_FROM": "0"},
        {**RULE, "BULK_CANCEL_APPROVAL_FROM": "many"},
        {"BULK_CANCEL_APPROVAL": "nobody", "BULK_CANCEL_APPROVAL_FROM": "5"},
    ],
)
def test_a_rule_that_can_not_be_read_is_named_and_nothing_is_done(desk: Desk, values: dict[str, str]) -> None:
    done = desk.run("cancel", "orders.csv", **values)
    assert (done.exit_code, "BULK_CANCEL_APPROVAL" in done.stderr, (desk.folder / "ledger.db").exists()) == (
        2,
        True,
        False,
    )


# --- whatever happens between plan and cancel -------------------------------------------------------------------------

ALL = [f"8621001{number:04d}" for number in range(8)]
EVENTS = st.lists(st.sampled_from(["replace", "grow", "settle", "clock", "remove", "again", "file"]), max_size=4)


def send(folder: Path, plan: str) -> str:
    """Sends the plan as a process of its own would; returns how that ended."""
    told = read_settings(
        {"BULK_CANCEL_LEDGER": str(folder / "ledger.db")}, folder / ".env", env=None, default_ledger=folder, version="1"
    )
    request = Request(input=Path(), who="eve on pc", version="1")
    try:
        with (
            opened_plan(plan, request, told, Silent()) as planned,
            courier_for(planned.prepared) as courier,
        ):
            planned.delivered(execute(planned.prepared, courier, Silent(), Event()))
    except PipelineError as trouble:
        return str(trouble)
    return "sent"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(picked=st.sets(st.integers(0, 7), min_size=1), others=st.sets(st.integers(0, 7)), events=EVENTS)
def test_a_plan_never_sends_an_awb_outside_its_seal(
    tmp_path_factory: pytest.TempPathFactory, picked: set[int], others: set[int], events: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("plan")
    place = str(folder / "ledger.db")
    desk = Desk(folder, place)
    orders = [[f"SO-{n}", awb, "Cancel Requested" if n in picked else "New Order", "1"] for n, awb in enumerate(ALL)]
    desk.write(orders)
    named = {"BULK_CANCEL_LEDGER": place}
    made = desk.run("plan", str(folder / "orders.csv"), "--json", **named)
    plan = str(json.loads(made.stdout)["plan"])
    seal = {ALL[number] for number in picked}
    before: list[str] = []
    for event in events:
        match event:
            case "replace":
                desk.write([[f"SO-{n}", awb, "Cancel Requested", "1"] for n, awb in enumerate(ALL)])
            case "file":
                desk.write(orders[::-1])
            case "remove":
                (folder / "orders.csv").unlink(missing_ok=True)
            case "grow" | "settle":
                status = Status.UNKNOWN if event == "grow" else Status.SUCCESS
                with Ledger.open(place) as ledger:
                    run = ledger.start_run(RunStart(KEY, "cancel", "other.csv", "", "0" * 64, "account", "bob"))
                    known = ledger.known(KEY, pd.Series(ALL, dtype="str"))
                    free = [ALL[number] for number in sorted(others) if ALL[number] not in known.index]
                    if free:
                        call = ledger.begin(run, Batch(tuple(map(Item, free))))
                        ledger.settle(call, [Outcome(awb, status, "") for awb in free], note="", elapsed=0.1)
                    ledger.finish(run, exit_code=0, stopped="", output="")
                    before += free
            case "clock":
                with Ledger.open(place, clock=lambda: datetime.now(UTC) - timedelta(days=30)) as ledger:
                    run = ledger.start_run(RunStart(KEY, "cancel", "old.csv", "", "0" * 64, "account", "bob"))
                    ledger.finish(run, exit_code=0, stopped="", output="")
            case "again":
                send(folder, plan)
    ready = Barrier(2)

    def at_once() -> None:
        ready.wait()
        send(folder, plan)

    both = [Thread(target=at_once) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    if desk.asked("SELECT count(*) FROM plan_states WHERE state = 'done'") == [(0,)]:
        assert send(folder, plan) == "sent"  # each found the other at work
    of_plan = [
        str(awb) for (awb,) in desk.asked(f"SELECT awb FROM attempts JOIN runs USING (run) WHERE plan = '{plan}'")
    ]
    assert set(of_plan) <= seal
    assert len(of_plan) == len(set(of_plan))
    assert sorted(of_plan) == sorted(seal - set(before))

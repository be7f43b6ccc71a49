"""The ledger: what was sent is written down before, what came back after, and no AWB is ever sent twice."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.schema import CreateIndex, CreateTable

from pipeline.errors import LedgerError
from pipeline.ledger import ApprovalRule, Ledger, RunStart, databases
from pipeline.ledger.schema import FAILED, MAY_BECOME, OPEN, RELEASED, SUCCESS, UNKNOWN, metadata
from pipeline.ledger.writes import NO_ANSWER
from pipeline.model.calls import Batch, Item, Outcome
from pipeline.model.plans import PlanFacts, PlanState
from pipeline.model.runs import LedgerKey
from schemas.annotated import Status
from tests.raw_ledger import ask, raw

SANDBOX = LedgerKey("ithink", "sandbox", "cancel")
START = RunStart(SANDBOX, "cancel", "/orders.xlsx", "Orders", "d" * 64, "account", "clerk@desk", '{"all": true}')
YES, NO, DOUBT, NOT_SENT = Status.SUCCESS, Status.FAILED, Status.UNKNOWN, Status.NOT_SENT


class Clock:
    """Stands still until it is told otherwise."""

    def __init__(self):
        self.now = datetime(2026, 11, 23, 10, 15, 2, tzinfo=UTC)

    def __call__(self):
        return self.now

    def later(self, **time):
        self.now += timedelta(**time)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ledger(location, clock):
    with Ledger.open(location, clock=clock) as opened:
        yield opened


def batch(*awbs):
    return Batch(tuple(Item(awb, (f"ref {awb}",)) for awb in awbs))


def send(ledger, run, outcomes, **options):
    """One call from begin to settle: ``outcomes`` is AWB -> status, remark, refnum."""
    call = ledger.begin(run, batch(*outcomes), **options)
    ledger.settle(call, [Outcome(awb, *said) for awb, said in outcomes.items()], note="", elapsed=0.5)
    return call


def sealed(ledger, who, *awbs):
    """A plan of these AWBs, each in a row of its own."""
    columns = {"call": 1, "key": awbs, "awb": awbs, "refs": '["SO"]', "rows": "[2]", "before": ""}
    made = ledger.now.isoformat(timespec="milliseconds")
    of_input = ("/orders.xlsx", "d" * 64, "Orders", "{}", 100, "all", len(awbs), {}, None)
    facts = PlanFacts(SANDBOX, "account", *of_input, len(awbs), 1, who, made)
    return ledger.seal(facts, pd.DataFrame(columns))


def refuse(ledger, run, *awbs, **options):
    """A call that left the machine and was refused as a whole."""
    call = ledger.begin(run, batch(*awbs), **options)
    found = [Outcome(awb, Status.UNKNOWN, "Not done: the service refused the call (HTTP 401).") for awb in awbs]
    ledger.settle(call, found, note="", elapsed=0.5, refused=True)


def refused(ledger, *keys):
    known = ledger.known(SANDBOX, pd.Series(keys, dtype="str"))
    return known.index[known["refused"]].tolist()


def states(ledger, *keys, key=SANDBOX):
    known = ledger.known(key, pd.Series(keys, dtype="str"))
    return {key: (known.loc[key, "status"], known.loc[key, "remark"]) for key in keys if key in known.index}


# --- what is known ----------------------------------------------------------------------------------------------------


def test_what_a_call_found_is_known_by_the_awb_in_capital_letters(ledger):
    run = ledger.start_run(START)
    send(ledger, run, {"sf1x": (YES, "Cancel Request Received", "SO-1"), "SF2": (NO, "picked up", ""), "SF3": (DOUBT,)})
    known = ledger.known(SANDBOX, pd.Series(["SF1X", "SF2", "SF3", "SF4", "SF1X"], dtype="str"))
    assert known.drop(columns="at").to_dict("index") == {
        "SF1X": {
            "awb": "sf1x",
            "status": "Success",
            "remark": "Cancel Request Received",
            "refnum": "SO-1",
            "run": run,
            "refused": False,
        },
        "SF2": {"awb": "SF2", "status": "Failed", "remark": "picked up", "refnum": "", "run": run, "refused": False},
        "SF3": {"awb": "SF3", "status": "Unknown", "remark": "", "refnum": "", "run": run, "refused": False},
    }
    assert pd.to_datetime(known["at"], utc=True).notna().all()


def test_an_awb_whose_call_was_refused_is_unknown_and_may_go_out_again(ledger):
    run = ledger.start_run(START)
    refuse(ledger, run, "A1", "A2")
    assert {said for said, _ in states(ledger, "A1", "A2").values()} == {"Unknown"}
    assert refused(ledger, "A1", "A2", "A3") == ["A1", "A2"]
    send(ledger, run, {"A1": (NO,)})
    refuse(ledger, run, "A2")
    assert refused(ledger, "A1", "A2") == ["A2"]
    ledger.confirm(run, SANDBOX, [Outcome("A2", Status.UNKNOWN, "Not done: … Tracking says: nothing")])
    assert refused(ledger, "A2") == ["A2"]
    ledger.confirm(run, SANDBOX, [Outcome("A2", Status.SUCCESS, "found out")])
    assert (refused(ledger, "A2"), states(ledger, "A2")) == ([], {"A2": ("Success", "found out")})


def test_a_refusal_does_not_hide_an_attempt_without_an_answer_before_it(ledger):
    run = ledger.start_run(START)
    send(ledger, run, {"A1": (DOUBT, "cut")})
    refuse(ledger, run, "A1", resend=True)
    assert (states(ledger, "A1")["A1"][0], refused(ledger, "A1")) == ("Unknown", [])
    with pytest.raises(LedgerError, match="A1 of the next call is in doubt"):
        ledger.begin(run, batch("A1"))
    ledger.begin(run, batch("A1"), resend=True)
    assert refused(ledger, "A1") == []


def test_an_awb_that_was_released_was_never_sent(ledger):
    run = ledger.start_run(START)
    send(ledger, run, {"A1": (NOT_SENT, "429"), "A2": (NOT_SENT, "refused as a whole")})
    assert states(ledger, "A1", "A2") == {}
    send(ledger, run, {"A1": (YES,)})
    assert states(ledger, "A1", "A2") == {"A1": ("Success", "")}


def test_an_attempt_that_was_released_does_not_hide_the_doubt_before_it(ledger):
    run = ledger.start_run(START)
    send(ledger, run, {"A1": (DOUBT, "connection cut")})
    send(ledger, run, {"A1": (NOT_SENT, "429")}, resend=True)
    assert states(ledger, "A1") == {"A1": ("Unknown", "connection cut")}


def test_an_attempt_without_an_answer_is_unknown(ledger):
    ledger.begin(ledger.start_run(START), batch("A1"))
    assert states(ledger, "A1") == {"A1": ("Unknown", "Sent by a run that has no answer yet.")}


OTHER_KEYS = [
    LedgerKey("another", "sandbox", "cancel"),
    LedgerKey("ithink", "production", "cancel"),
    LedgerKey("ithink", "sandbox", "return"),
]


@pytest.mark.parametrize("other", OTHER_KEYS)
def test_services_environments_and_actions_know_nothing_of_each_other(ledger, other):
    run = ledger.start_run(START)
    send(ledger, run, {"A1": (YES, "done"), "A2": (DOUBT, "cut")})
    assert states(ledger, "A1", "A2", key=other) == {}
    beside = ledger.start_run(replace(START, key=other))
    send(ledger, beside, {"A1": (NO, "picked up"), "A2": (YES, "done")})  # neither cancelled already nor in doubt there
    ledger.confirm(beside, other, [Outcome("A1", YES, "tracked")])
    assert states(ledger, "A1", "A2", key=other) == {"A1": ("Success", "tracked"), "A2": ("Success", "done")}
    assert states(ledger, "A1", "A2") == {"A1": ("Success", "done"), "A2": ("Unknown", "cut")}
    assert {(one.run, one.service, one.environment, one.action) for one in ledger.runs()} == {
        (run, "ithink", "sandbox", "cancel"),
        (beside, other.service, other.environment, other.action),
    }


def test_nothing_is_known_of_no_awb_and_more_awbs_than_a_question_holds_are_asked_in_parts(ledger):
    assert len(ledger.known(SANDBOX, pd.Series([], dtype="str"))) == 0
    run = ledger.start_run(START)
    send(ledger, run, {"A0000007": (YES,)})
    send(ledger, run, {"A0069999": (NO, "not found")})
    keys = pd.Series([f"A{number:07d}" for number in range(70_000)], dtype="str")
    assert ledger.known(SANDBOX, keys)["status"].to_dict() == {"A0000007": "Success", "A0069999": "Failed"}


def test_what_is_known_is_what_the_newest_attempt_found(ledger):
    run = ledger.start_run(START)
    send(ledger, run, {"A1": (DOUBT, "cut"), "A2": (DOUBT, "cut"), "A3": (NO, "no"), "A4": (NO, "no")})
    send(ledger, run, {"A2": (YES, "done"), "A3": (DOUBT, "cut too")}, resend=True)
    assert states(ledger, "A1", "A2", "A3", "A4") == {
        "A1": ("Unknown", "cut"),
        "A2": ("Success", "done"),
        "A3": ("Unknown", "cut too"),
        "A4": ("Failed", "no"),
    }


# --- never twice ------------------------------------------------------------------------------------------------------


def test_a_full_call_is_settled_the_same_by_an_sqlite_that_can_not_join_in_an_update(tmp_path, monkeypatch):
    said = {
        f"AWB{number:03d}": ((YES, NO, DOUBT)[number % 3], f"said {number}", f"SO-{number}") for number in range(100)
    }
    found = []
    for joins in (True, False):
        monkeypatch.setitem(databases.KNOWN, "sqlite", replace(databases.KNOWN["sqlite"], joins_in_updates=joins))
        with Ledger.open(str(tmp_path / f"{joins}.db")) as ledger:
            call = send(ledger, ledger.start_run(START), said)
            with pytest.raises(LedgerError, match="settled already"):
                ledger.settle(call, [Outcome(awb, YES) for awb in said], note="", elapsed=0.1)
            known = ledger.known(SANDBOX, pd.Series(list(said), dtype="str"))
            found.append(known[["awb", "status", "remark", "refnum"]].to_dict("index"))
    assert found[0] == found[1]
    assert found[0]["AWB001"] == {"awb": "AWB001", "status": "Failed", "remark": "said 1", "refnum": "SO-1"}
    assert len(found[0]) == 100


@pytest.mark.parametrize("count", [0, 1, 142, 143, 1000])
def test_the_rows_of_a_run_are_kept_however_many_fit_a_statement(ledger, count):
    run = ledger.start_run(START)
    columns = ("awb", "order_ref", "status", "remark", "refnum")
    kept = pd.DataFrame({name: [f"{name} {row}" for row in range(count)] for name in columns}, dtype="str")
    ledger.record_rows(run, kept.set_axis(pd.RangeIndex(2, 2 + count, name="row")))
    rows = ledger.rows(run)
    assert rows.index.tolist() == list(range(2, 2 + count))
    assert rows[list(columns)].to_numpy().tolist() == kept.to_numpy().tolist()


@pytest.mark.parametrize(
    ("before", "resend", "allowed"),
    [
        (None, False, True),
        (NOT_SENT, False, True),
        (NO, False, True),
        (DOUBT, False, False),
        (DOUBT, True, True),
        (YES, False, False),
        (YES, True, False),
        ("open", False, False),
        ("open", True, False),
    ],
)
def test_an_awb_is_sent_again_only_where_that_can_do_no_harm(ledger, before, resend, allowed):
    run = ledger.start_run(START)
    if before == "open":
        ledger.begin(run, batch("A1"))
    elif before:
        send(ledger, run, {"A1": (before,)})
    calls = ledger.count_calls(run)
    if allowed:
        ledger.begin(run, batch("A0", "a1"), resend=resend)
    else:
        with pytest.raises(LedgerError):
            ledger.begin(run, batch("A0", "a1"), resend=resend)
        assert states(ledger, "A0") == {}
        assert ledger.count_calls(run) == calls


def test_one_awb_twice_in_a_call_is_refused_whatever_its_letters(ledger):
    with pytest.raises(LedgerError):
        ledger.begin(ledger.start_run(START), batch("sf1", "SF1"))
    assert states(ledger, "SF1") == {}


def test_two_connections_cannot_both_begin_with_an_awb(location, ledger, clock):
    run = ledger.start_run(START)
    with Ledger.open(location, clock=clock) as other:
        ledger.begin(run, batch("A1"))
        with pytest.raises(LedgerError, match="under way or cancelled already"):
            other.begin(run, batch("A1"))


def test_a_call_is_settled_once(ledger):
    call = send(ledger, ledger.start_run(START), {"A1": (NO, "not found")})
    with pytest.raises(LedgerError, match="settled already"):
        ledger.settle(call, [Outcome("A1", YES)], note="", elapsed=1)
    assert states(ledger, "A1") == {"A1": ("Failed", "not found")}


@pytest.mark.parametrize("answered", [(), ("A1",), ("A1", "A1"), ("A1", "A2", "A3"), ("A1", "A3")])
def test_a_call_is_settled_as_a_whole_or_not_at_all(ledger, answered):
    call = ledger.begin(ledger.start_run(START), batch("A1", "A2"))
    with pytest.raises(ValueError, match="carried 2 AWBs"):
        ledger.settle(call, [Outcome(awb, YES) for awb in answered], note="", elapsed=1)
    assert set(states(ledger, "A1", "A2", "A3").values()) == {("Unknown", "Sent by a run that has no answer yet.")}
    ledger.settle(call, [Outcome("A2", YES), Outcome("A1", NO, "no")], note="", elapsed=1)
    assert states(ledger, "A1", "A2") == {"A1": ("Failed", "no"), "A2": ("Success", "")}


@pytest.mark.parametrize(
    ("before", "found", "after"),
    [
        (DOUBT, YES, ("Success", "tracked")),
        (DOUBT, DOUBT, ("Unknown", "tracked")),
        (NO, YES, ("Success", "tracked")),
        (NO, DOUBT, ("Failed", "first")),
        (YES, DOUBT, ("Success", "first")),
        (YES, YES, ("Success", "first")),
        (NOT_SENT, YES, None),
        (None, YES, None),
    ],
)
def test_tracking_settles_what_is_in_doubt_and_takes_back_no_answer(ledger, before, found, after):
    run = ledger.start_run(START)
    if before:
        send(ledger, run, {"a1": (before, "first", "SO-1")})
    ledger.confirm(run, SANDBOX, [Outcome("A1", found, "tracked")])
    assert states(ledger, "A1") == ({"A1": after} if after else {})


def test_tracking_speaks_of_the_newest_attempt_and_keeps_its_refnum(ledger):
    run = ledger.start_run(START)
    send(ledger, run, {"A1": (DOUBT, "first", "SO-1")})
    send(ledger, run, {"A1": (DOUBT, "second", "SO-2")}, resend=True)
    ledger.confirm(run, SANDBOX, [Outcome("A1", YES, "tracked")])
    assert list(ledger.audit(run)[["state", "remark", "refnum"]].itertuples(index=False, name=None)) == [
        ("open", "", ""),
        ("unknown", "first", "SO-1"),
        ("open", "", ""),
        ("unknown", "second", "SO-2"),
        ("success", "tracked", "SO-2"),
    ]


def test_begin_and_settle_may_come_from_other_threads_than_the_opener(ledger):
    run = ledger.start_run(START)
    thread = threading.Thread(target=send, args=(ledger, run, {"A1": (YES,)}))
    thread.start()
    thread.join()
    assert states(ledger, "A1") == {"A1": ("Success", "")}


# --- what the database itself forbids ---------------------------------------------------------------------------------


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_nothing_is_ever_deleted(tmp_path, location, ledger, table):
    run = ledger.start_run(START)
    send(ledger, run, {"A1": (YES,)})
    refuse(ledger, run, "A2")
    ledger.record_rows(run, fates({7: ("A1", "SO-1", "Success", "", "")}))
    ledger.wrote({tmp_path / "out.xlsx": "d" * 64})
    ledger.say_of_plan(sealed(ledger, "ann on pc", "A1").name, PlanState.APPROVED, "bob on pc")
    ledger.keep_rule(ApprovalRule(START.key, "account", 50, "ann on pc"))
    with raw(location) as connection, pytest.raises(IntegrityError, match="nothing is ever deleted"):
        ask(connection, f"DELETE FROM {table}")


@pytest.mark.parametrize("table", ["history", "outputs", "refusals"])
def test_history_is_only_added_to(tmp_path, location, ledger, table):
    run = ledger.start_run(START)
    send(ledger, run, {"A1": (YES,)})
    refuse(ledger, run, "A2")
    ledger.wrote({tmp_path / "out.xlsx": "d" * 64})
    with raw(location) as connection, pytest.raises(IntegrityError, match="only added to"):
        ask(connection, f"UPDATE {table} SET at = ''")


@pytest.mark.parametrize("before", MAY_BECOME)
@pytest.mark.parametrize("after", [*MAY_BECOME, "nonsense"])
def test_an_attempt_becomes_only_what_it_may(location, ledger, before, after):
    status = {SUCCESS: YES, FAILED: NO, UNKNOWN: DOUBT, RELEASED: NOT_SENT}
    run = ledger.start_run(START)
    if before == OPEN:
        ledger.begin(run, batch("A1"))
    else:
        send(ledger, run, {"A1": (status[before],)})
    with raw(location) as connection:
        change = "UPDATE attempts SET state = :after"
        if after in MAY_BECOME[before]:
            ask(connection, change, after=after)
        else:
            with pytest.raises(IntegrityError):
                ask(connection, change, after=after)


def test_the_tables_and_the_unique_index_stand_on_postgresql_too():
    dialect = postgresql.dialect()
    assert all(str(CreateTable(table).compile(dialect=dialect)) for table in metadata.sorted_tables)
    indexes = [str(CreateIndex(index).compile(dialect=dialect)) for index in metadata.tables["attempts"].indexes]
    assert (
        "CREATE UNIQUE INDEX one_open_or_done ON attempts (service, environment, action, key) "
        "WHERE state IN ('open', 'success')" in indexes
    )


# --- the runs ---------------------------------------------------------------------------------------------------------


def fates(rows):
    names = ["awb", "order_ref", "status", "remark", "refnum"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names).astype("str").rename_axis("row")


def test_a_run_is_remembered_with_its_calls_and_rows(ledger):
    run = ledger.start_run(START)
    call = send(ledger, run, {"A1": (YES, "", "SO-1"), "A2": (NOT_SENT, "429")})
    ledger.record_rows(run, fates({7: ("A1", "SO-1", "Success", "", "SO-1"), 9: ("A2", "", "Not sent", "429", "")}))
    ledger.finish(run, exit_code=3, stopped="service down", output="/out.xlsx")
    (info,) = ledger.runs()
    assert (info.run, info.environment, info.command, info.input, info.sheet) == (
        *(run, "sandbox", "cancel"),
        *("/orders.xlsx", "Orders"),
    )
    assert (info.exit_code, info.stopped, info.output, info.calls, info.sent) == (3, "service down", "/out.xlsx", 1, 1)
    assert (info.who, info.account, info.digest, info.options) == ("clerk@desk", "account", "d" * 64, '{"all": true}')
    assert info.finished is not None
    assert info.started <= info.finished
    assert ledger.calls(run)[["call", "elapsed", "awbs", "sent"]].to_dict("records") == [
        {"call": call, "elapsed": 0.5, "awbs": 2, "sent": 1}
    ]
    assert ledger.rows(run).drop(columns="run").to_dict("index") == {
        7: {"awb": "A1", "order_ref": "SO-1", "status": "Success", "remark": "", "refnum": "SO-1", "amount": ""},
        9: {"awb": "A2", "order_ref": "", "status": "Not sent", "remark": "429", "refnum": "", "amount": ""},
    }


def test_the_audit_says_of_each_awb_when_by_whom_and_from_which_rows(ledger):
    run = ledger.start_run(START)
    call = send(ledger, run, {"A1": (YES, "done", "SO-1")})
    two = {7: ("A1", "SO-1", "Success", "", ""), 12: ("A1", "SO-2", "Success", "", "")}
    ledger.record_rows(run, fates(two))
    audit = ledger.audit(run)
    said = audit[["awb", "state", "remark", "refnum", "call", "who", "file", "file_sha256", "rows"]]
    same = {"awb": "A1", "call": call, "who": "clerk@desk", "file": "/orders.xlsx", "file_sha256": "d" * 64}
    assert said.to_dict("records") == [
        {**same, "state": "open", "remark": "", "refnum": "", "rows": "7 12"},
        {**same, "state": "success", "remark": "done", "refnum": "SO-1", "rows": "7 12"},
    ]
    assert (audit["sent_at"] <= audit["at"]).all()


def test_a_run_without_rows_or_calls_is_remembered_too(ledger):
    run = ledger.start_run(START)
    ledger.record_rows(run, fates({}))
    assert (ledger.rows(run).empty, ledger.calls(run).empty, ledger.audit(run).empty) == (True, True, True)
    assert (ledger.runs()[0].calls, ledger.runs()[0].sent, ledger.count_calls(run)) == (0, 0, 0)


def test_a_run_is_found_by_the_beginning_of_its_name(ledger):
    run, other = ledger.start_run(START), ledger.start_run(START)
    assert ledger.run(run).run == run
    with pytest.raises(LedgerError, match="Several runs begin with '2'") as trouble:
        ledger.run("2")
    assert run in str(trouble.value)
    assert other in str(trouble.value)


def test_a_run_that_is_not_there_is_answered_with_near_ones(ledger):
    with pytest.raises(LedgerError, match="There is: none yet"):
        ledger.run("x")
    run = ledger.start_run(START)
    with pytest.raises(LedgerError, match=run):
        ledger.run(run[:-1] + "x")


def test_runs_have_short_names_that_sort_by_their_time(ledger):
    run = ledger.start_run(START)
    assert pd.Series([run]).str.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{4}").all()
    assert ledger.runs()[0].started.strftime("%Y%m%d-%H%M%S") == run[:15]


def test_what_was_last_written_at_a_path_is_known(tmp_path, ledger):
    path = tmp_path / "out.xlsx"
    assert ledger.last_written(path) is None
    ledger.wrote({path: "1" * 64})
    ledger.wrote({path: "2" * 64, tmp_path / "out.html": "3" * 64})
    assert ledger.last_written(path) == "2" * 64


# --- whatever happens in whatever order -------------------------------------------------------------------------------

KEYS = ("A1", "A2", "A3")
SAID = {SUCCESS: YES, FAILED: NO, UNKNOWN: DOUBT, RELEASED: NOT_SENT}
keys = st.lists(st.sampled_from(KEYS), min_size=1, unique=True)


class Promises(RuleBasedStateMachine):
    """The ledger beside a model of it: the attempts of each AWB, as a list of states."""

    def __init__(self):
        super().__init__()
        self.attempts = {key: [] for key in KEYS}
        self.open = {}

    @initialize()
    def a_new_ledger(self):
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.clock = Clock()
        self.ledger = Ledger.open(str(Path(self.folder.name) / "ledger.db"), clock=self.clock)
        self.run = self.ledger.start_run(START)

    def newest(self, key):
        return next((state for state in reversed(self.attempts[key]) if state != RELEASED), None)

    @rule(awbs=keys, resend=st.booleans())
    def begin(self, awbs, resend):
        taken = any({OPEN, SUCCESS} & set(self.attempts[key]) for key in awbs)
        doubtful = not resend and any(self.newest(key) == UNKNOWN for key in awbs)
        if taken or doubtful:
            with pytest.raises(LedgerError):
                self.ledger.begin(self.run, batch(*awbs), resend=resend)
            return
        self.open[self.ledger.begin(self.run, batch(*awbs), resend=resend)] = awbs
        for key in awbs:
            self.attempts[key].append(OPEN)

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def settle(self, data):
        call = data.draw(st.sampled_from(sorted(self.open)))
        found = {key: data.draw(st.sampled_from(sorted(SAID))) for key in self.open.pop(call)}
        outcomes = [Outcome(key, SAID[state]) for key, state in found.items()]
        self.ledger.settle(call, outcomes, note="", elapsed=0)
        for key, state in found.items():
            self.attempts[key][-1] = state

    @rule(key=st.sampled_from(KEYS), found=st.sampled_from([SUCCESS, UNKNOWN]))
    def confirm(self, key, found):
        self.ledger.confirm(self.run, SANDBOX, [Outcome(key, SAID[found])])
        before = self.newest(key)
        if found == SUCCESS and before in (UNKNOWN, FAILED):
            at = max(index for index, state in enumerate(self.attempts[key]) if state != RELEASED)
            self.attempts[key][at] = SUCCESS

    @rule()
    def start_again(self):
        self.clock.later(minutes=5)  # the lease of the run before is over
        self.run = self.ledger.start_run(START)
        self.open = {}
        for states_ in self.attempts.values():
            states_[:] = [UNKNOWN if state == OPEN else state for state in states_]

    @invariant()
    def what_is_known_is_what_happened(self):
        if not hasattr(self, "ledger"):
            return
        known = self.ledger.known(SANDBOX, pd.Series(KEYS, dtype="str"))["status"].to_dict()
        word = {None: None, OPEN: "Unknown", SUCCESS: "Success", FAILED: "Failed", UNKNOWN: "Unknown"}
        newest = {key: word[self.newest(key)] for key in KEYS}
        assert known == {key: status for key, status in newest.items() if status}
        assert all(self.attempts[key].count(SUCCESS) <= 1 for key in KEYS)

    def teardown(self):
        if hasattr(self, "ledger"):
            self.ledger.close()
            self.folder.cleanup()


TestPromises = Promises.TestCase
TestPromises.settings = settings(max_examples=15, stateful_step_count=15, deadline=None)


def test_a_run_that_starts_finds_the_calls_without_an_answer_and_says_so(ledger, clock):
    first = ledger.start_run(START)
    send(ledger, first, {"A1": (YES,)})
    ledger.begin(first, batch("A2", "A3"))
    clock.later(minutes=5)
    second = ledger.start_run(START)
    assert states(ledger, "A1", "A2", "A3") == {
        "A1": ("Success", ""),
        "A2": ("Unknown", NO_ANSWER),
        "A3": ("Unknown", NO_ANSWER),
    }
    assert ledger.audit(second)[["awb", "state", "sent_by_run"]].to_dict("records") == [
        {"awb": awb, "state": "unknown", "sent_by_run": first} for awb in ("A2", "A3")
    ]

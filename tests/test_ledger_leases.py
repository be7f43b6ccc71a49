"""A run counts as alive as long as its lease holds: until then its calls are not lost, after that it sends no more."""

import math
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from sqlalchemy import event
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError

from pipeline.errors import LedgerError
from pipeline.ledger import Ledger, RunStart
from pipeline.ledger.leases import HELD, LeaseTerms, renewed
from pipeline.ledger.queries import NOT_YET
from pipeline.ledger.writes import NO_ANSWER
from pipeline.model.calls import Batch, Item, Outcome, Plan
from pipeline.model.runs import LedgerKey
from pipeline.sending.pacing import Pacer
from pipeline.sending.send import Assignment, Sender, cancel
from pipeline.services.ithink.client import IthinkCourier
from schemas.annotated import Status
from tests.misbehaving import MisbehavingService
from tests.raw_ledger import ask, raw
from tests.silent import Silent
from tests.test_ledger import Clock

SANDBOX = LedgerKey("ithink", "sandbox", "cancel")
START = RunStart(SANDBOX, "cancel", "/orders.xlsx", "Orders", "d" * 64, "account", "clerk")
ENDED = "stood still for so long that it counts as ended"
TERMS = LeaseTerms()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ledger(location, clock):
    with Ledger.open(location, clock=clock) as opened:
        yield opened


def batch(*awbs):
    return Batch(tuple(Item(awb) for awb in awbs))


def remark(ledger, awb, key=SANDBOX):
    return ledger.known(key, pd.Series([awb]))["remark"].to_dict().get(awb)


def lease(location, run):
    with raw(location) as connection:
        return tuple(ask(connection, "SELECT expires, closed FROM leases WHERE run = :run", run=run).one())


# --- between begin and the socket -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wall", "ticks", "may"),
    [
        ({}, 0.0, True),
        ({"minutes": 4.99}, 299.0, True),
        ({"minutes": 5}, 0.0, False),  # the computer slept: only the clock on the wall went on
        ({"minutes": 5}, 300.0, False),  # the process was stopped
        ({"hours": -3}, 300.0, False),  # … and the clock was set back meanwhile
        ({"hours": -3}, 0.0, True),
    ],
)
def test_a_run_that_was_stopped_after_begin_sends_nothing_once_its_lease_is_over(location, clock, wall, ticks, may):
    passed = [1000.0]
    with Ledger.open(location, clock=clock, ticks=lambda: passed[0]) as worker:
        run = worker.start_run(START)
        assert not worker.may_send(run)  # nothing has begun
        worker.begin(run, batch("A1"))
        clock.later(**wall)
        passed[0] += ticks
        assert worker.may_send(run) == may
        assert not worker.may_send("another")


def test_a_lease_that_is_renewed_meanwhile_lets_the_call_go_out(location, clock):
    passed = [0.0]
    with Ledger.open(location, clock=clock, ticks=lambda: passed[0]) as worker:
        run = worker.start_run(START)
        worker.begin(run, batch("A1"))
        for minutes, may in [(4, True), (4, True), (6, False), (0, False)]:
            clock.later(minutes=minutes)
            passed[0] += minutes * 60
            worker.renew(run)
            assert worker.may_send(run) == may


def test_a_worker_stopped_before_the_socket_sends_nothing_after_its_calls_were_declared_lost(location, clock):
    """The hook stands where SIGSTOP would hit: the call is written down, and its thread has not begun."""
    declared = []

    class Stopped(Silent):
        def sent(self, batch):
            clock.later(minutes=6)
            with Ledger.open(location, clock=clock) as other:
                declared.append(remark(other, other.start_run(START) and "A1"))

    with (
        MisbehavingService() as service,
        Ledger.open(location, clock=clock) as worker,
    ):
        run = worker.start_run(START)
        sender = Sender(IthinkCourier(service.service), Pacer(math.inf), lambda tries: 0.0, lambda s, stop: None)
        given = Assignment(Plan((batch("A1"), batch("A2"))), run, SANDBOX)
        with pytest.raises(LedgerError, match=ENDED):
            cancel(given, worker, sender, Stopped(), threading.Event())
        assert worker.known(SANDBOX, pd.Series(["A1", "A2"])).empty  # certainly not sent, whatever was declared
    assert declared == [NO_ANSWER]
    assert service.log == []  # not a byte arrived


# --- what is lost, and what is not ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "found"), [(0, NOT_YET), (4.99, NOT_YET), (5, NO_ANSWER), (60 * 24 * 365, NO_ANSWER)]
)
def test_another_workers_call_is_lost_only_when_its_lease_is_over(location, ledger, clock, minutes, found):
    with Ledger.open(location, clock=clock) as worker:
        call = worker.begin(worker.start_run(START), batch("A1"))
        clock.later(minutes=minutes)
        run = ledger.start_run(START)
        assert remark(ledger, "A1") == found
        assert len(ledger.audit(run)) == (found == NO_ANSWER)
        worker.settle(call, [Outcome("A1", Status.SUCCESS, "done")], note="", elapsed=1)  # the answer, if late
    assert remark(ledger, "A1") == "done"


@pytest.mark.parametrize("other", [LedgerKey("x", "sandbox", "cancel"), LedgerKey("ithink", "sandbox", "return")])
def test_a_run_looks_only_for_lost_calls_of_its_own_key(ledger, clock, other):
    ledger.begin(ledger.start_run(RunStart(other, *START_REST)), batch("A1"))
    clock.later(hours=1)
    assert ledger.audit(ledger.start_run(START)).empty
    assert remark(ledger, "A1", other) == NOT_YET
    assert len(ledger.audit(ledger.start_run(RunStart(other, *START_REST)))) == 1


START_REST = (START.command, START.input, START.sheet, START.digest, START.account, START.who)


def test_lost_calls_are_found_once(ledger, clock):
    ledger.begin(ledger.start_run(START), batch("A1"))
    clock.later(hours=1)
    assert [len(ledger.audit(ledger.start_run(START))) for _ in range(3)] == [1, 0, 0]


def test_a_run_that_ended_without_an_answer_leaves_unknown_at_once(location, ledger, clock):
    run = ledger.start_run(START)
    ledger.begin(run, batch("A1"))
    ledger.finish(run, exit_code=3, stopped="the disk is full", output="")
    ledger.start_run(START)
    assert remark(ledger, "A1") == NO_ANSWER


def test_the_environments_lock_proves_that_whoever_held_it_before_is_dead(ledger, clock):
    with ledger.hold(SANDBOX):
        ledger.begin(ledger.start_run(START), batch("A1"))
        ledger._holding.runs = ()  # as if the process had died, and another one of the same clock came
    with ledger.hold(SANDBOX):
        ledger.start_run(START)
        assert remark(ledger, "A1") == NO_ANSWER


def test_it_proves_nothing_of_a_run_that_never_held_it(location, ledger, clock):
    with Ledger.open(location, clock=clock) as worker:
        worker.begin(worker.start_run(START), batch("A1"))
        with ledger.hold(SANDBOX):
            ledger.start_run(START)
            assert remark(ledger, "A1") == NOT_YET


def test_two_runs_under_one_lock_are_not_lost_to_each_other(ledger):
    with ledger.hold(SANDBOX):
        first = ledger.start_run(START)
        call = ledger.begin(first, batch("A1"))
        ledger.start_run(START)
        assert remark(ledger, "A1") == NOT_YET
        ledger.settle(call, [Outcome("A1", Status.FAILED, "no")], note="", elapsed=1)
        assert ledger.begin(first, batch("A2"))


# --- who may still send -----------------------------------------------------------------------------------------------


def test_a_worker_that_slept_beyond_its_lease_sends_nothing_more_but_may_say_what_it_heard(ledger, clock):
    run = ledger.start_run(START)
    call = ledger.begin(run, batch("A1"))
    clock.later(minutes=5)
    with pytest.raises(LedgerError, match=ENDED) as trouble:
        ledger.begin(run, batch("A2"))
    assert "Nothing more of it was sent" in str(trouble.value)
    assert remark(ledger, "A2") is None
    assert ledger.count_calls(run) == 1
    ledger.settle(call, [Outcome("A1", Status.SUCCESS, "done")], note="", elapsed=300)
    assert remark(ledger, "A1") == "done"


def test_a_worker_that_slept_while_it_waited_for_its_turn_sends_nothing_more(ledger, clock):
    run = ledger.start_run(START)
    event.listen(ledger._engine, "begin", lambda _: clock.later(minutes=5))
    with pytest.raises(LedgerError, match=ENDED):
        ledger.begin(run, batch("A1"))


def test_a_lease_is_locked_on_postgresql_while_a_call_is_written_down_under_it():
    assert str(HELD.compile(dialect=postgresql.dialect())).endswith("FOR UPDATE")


def test_a_lease_that_is_over_can_not_be_renewed(location, ledger, clock):
    run = ledger.start_run(START)
    clock.later(minutes=5)
    ledger.renew(run)
    with pytest.raises(LedgerError, match=ENDED):
        ledger.begin(run, batch("A1"))


def test_a_run_whose_calls_were_declared_unknown_never_sends_again_even_if_its_clock_goes_back(ledger, clock):
    run = ledger.start_run(START)
    clock.later(minutes=5)
    ledger.start_run(START)
    clock.later(minutes=-5)
    ledger.renew(run)
    with pytest.raises(LedgerError, match=ENDED):
        ledger.begin(run, batch("A1"))


@pytest.mark.parametrize("sign_of_life", ["begin", "renew"])
def test_a_run_that_gives_signs_of_life_may_last_for_hours(location, ledger, clock, sign_of_life):
    run = ledger.start_run(START)
    for minute in range(0, 600, 4):
        if sign_of_life == "begin":
            ledger.begin(run, batch(f"A{minute}"))
        else:
            ledger.renew(run)
        clock.later(minutes=4)
    ledger.start_run(START)
    assert lease(location, run)[1] is None
    assert ledger.begin(run, batch("LAST"))


def test_a_run_that_is_finished_sends_nothing_more(ledger):
    run = ledger.start_run(START)
    ledger.finish(run, exit_code=0, stopped="", output="")
    with pytest.raises(LedgerError, match=ENDED):
        ledger.begin(run, batch("A1"))


@pytest.mark.parametrize("ends", ["well", "badly"])
def test_a_lease_is_over_with_the_block_that_holds_the_environment(location, ledger, clock, ends):
    run = None

    def work():
        nonlocal run
        with ledger.hold(SANDBOX):
            run = ledger.start_run(START)
            assert lease(location, run) == ("2026-11-23T10:20:02.000+00:00", None)
            if ends == "badly":
                raise RuntimeError

    try:
        work()
    except RuntimeError:
        assert ends == "badly"
    assert lease(location, run) == ("2026-11-23T10:15:02.000+00:00", None)


@pytest.mark.parametrize("change", ["UPDATE leases SET closed = NULL", "UPDATE leases SET expires = '9'"])
def test_the_database_itself_brings_no_run_back_that_is_over(location, ledger, clock, change):
    ledger.start_run(START)
    clock.later(hours=1)
    ledger.start_run(START)
    with raw(location) as connection, pytest.raises(IntegrityError, match="a run that is over stays so"):
        ask(connection, f"{change} WHERE closed IS NOT NULL")


# --- the thread that renews it ----------------------------------------------------------------------------------------


def test_a_lease_is_renewed_while_the_environment_is_held_also_where_nothing_is_sent(location):
    now = [datetime(2026, 11, 23, tzinfo=UTC)]
    terms = LeaseTerms(lasts=timedelta(minutes=5), renewed_every=timedelta(milliseconds=1))
    with Ledger.open(location, clock=lambda: now[0], terms=terms) as ledger:
        turns = threading.Semaphore(0)
        event.listen(ledger._engine, "commit", lambda _: turns.release())
        with ledger.hold(SANDBOX):
            run = ledger.start_run(START)
            for _ in range(5):
                now[0] += timedelta(minutes=4)
                while turns.acquire(blocking=False):
                    pass
                assert turns.acquire(timeout=30)
                assert turns.acquire(timeout=30)  # the second began after the clock went on
            assert lease(location, run)[0] == "2026-11-23T00:25:00.000+00:00"
            assert ledger.begin(run, batch("A1"))


def test_a_renewal_that_fails_is_tried_again_and_ends_nothing():
    said = threading.Semaphore(0)

    def fails():
        said.release()
        raise LedgerError("The ledger can't be written: the disk is full")

    with renewed(fails, timedelta(milliseconds=1)):
        assert all(said.acquire(timeout=30) for _ in range(3))
    assert not any(thread.name == "lease" for thread in threading.enumerate())


# --- how much work a start is -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("location", ["sqlite"], indirect=True)  # it says how it goes about a statement
def test_a_start_asks_for_lost_calls_through_indexes_only(location, ledger, clock):
    ledger.begin(ledger.start_run(START), batch("A1"))
    clock.later(hours=1)
    asked = []
    event.listen(ledger._engine, "before_cursor_execute", lambda *told: asked.append(told[2:4]))
    run = ledger.start_run(START)
    assert len(ledger.audit(run)) == 1  # so the statements that declare it Unknown were among them
    statements = [(text, given) for text, given in asked if not text.startswith("BEGIN")]
    assert len(statements) >= 6
    with closing(sqlite3.connect(location)) as connection:
        plans = [
            (text, step[3])
            for text, given in statements
            for step in connection.execute(f"EXPLAIN QUERY PLAN {text}", given)
        ]
    assert [plan for plan in plans if plan[1].startswith("SCAN")] == []
    assert any("leases_not_closed" in step for _, step in plans)


@pytest.mark.parametrize("location", ["sqlite"], indirect=True)
@pytest.mark.parametrize("keys", [1, 100_000])
def test_what_is_known_is_looked_up_by_the_index_of_awbs(location, ledger, keys):
    asked = []
    event.listen(ledger._engine, "before_cursor_execute", lambda *told: asked.append(told[2:4]))
    ledger.known(SANDBOX, pd.Series([f"A{number}" for number in range(keys)]))
    (text, given) = asked[-1]
    assert len(given) < 10
    with closing(sqlite3.connect(location)) as connection:
        steps = [step[3] for step in connection.execute(f"EXPLAIN QUERY PLAN {text}", given)]
    assert steps[0] == "SEARCH attempts USING INDEX by_awb (key=?)"

"""Ten thousand AWBs, eight workers, one call in twenty failing in each way: the counts add up, and all agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from threading import Event

import pandas as pd

from pipeline.ledger import Ledger, RunStart
from pipeline.model.calls import Batch, Item, Outcome, Plan
from pipeline.model.runs import LedgerKey
from pipeline.sending.pacing import Pacer
from pipeline.sending.send import Assignment, Sender, cancel
from pipeline.services.ithink.client import IthinkCourier
from pipeline.services.transport import HttpTransport
from schemas.annotated import Status
from tests.misbehaving import (
    TRACK_PATH,
    Asked,
    Behaviour,
    Ending,
    MisbehavingService,
    all_cancelled,
    entry,
    envelope,
    refusal,
)

SANDBOX = LedgerKey("ithink", "sandbox", "cancel")
START = RunStart(SANDBOX, "cancel", "orders.xlsx", "Orders", "0" * 64, "account", "somebody")
AWBS = [f"1319{number:06d}" for number in range(10_000)]
SIZE = 20
BAD = "77"
"""AWBs that end so are refused, in their entry or with their whole call: one in a hundred."""


def good(asked: Asked) -> Behaviour:
    entries = {awb: entry("Error", "not found") if awb.endswith(BAD) else entry() for awb in asked.awbs}
    return Behaviour(envelope(entries), processed=fit(asked))


def fit(asked: Asked) -> list[str]:
    return [awb for awb in asked.awbs if not awb.endswith(BAD)]


def misbehave(asked: Asked) -> Behaviour:
    """Every second call goes well; of the others, each way of failing has one call in twenty."""
    if asked.path == TRACK_PATH:
        return Behaviour(envelope({awb: {"message": "AWB number not found"} for awb in asked.awbs}))
    match asked.number % 20:
        case 1:
            return Behaviour(b"", 429, {"Retry-After": "1"})
        case 3:
            return Behaviour(b"oops", 500, processed=fit(asked))
        case 5:
            return Behaviour(ending=Ending.CUT_BEFORE_READING)
        case 7:
            return Behaviour(ending=Ending.CUT_AFTER_READING, processed=fit(asked)[: SIZE // 2])
        case 9:
            return Behaviour(good(asked).body, ending=Ending.CUT_IN_BODY, processed=fit(asked))
        case 11:
            return Behaviour(ending=Ending.STALLED, processed=fit(asked))
        case 13:
            return Behaviour(b"<html><h1>It works</h1></html>", processed=fit(asked))
        case 15 if len(fit(asked)) < len(asked.awbs):
            return Behaviour(refusal("One of the AWB numbers is not valid"))
        case 17:
            return Behaviour(envelope({"1": entry(), "2": entry("Error", "not found")}), processed=fit(asked))
        case 19:
            return Behaviour(b"", 503, {"Retry-After": "1"})
    return good(asked)


class Clock:
    """Waits without waiting; nobody watches."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float, stop: Event) -> None:
        self.now += seconds

    def sent(self, batch: Batch) -> None:
        pass

    def settled(self, outcomes: Sequence[Outcome], note: str) -> None:
        pass


def carry_out(ledger: Ledger, service: MisbehavingService) -> tuple[dict[str, Status], int]:
    """Runs until every AWB has an outcome: the stop-loss may end a run, and the next one goes on."""
    client = IthinkCourier(service.service, HttpTransport((5.0, 0.3)))
    clock = Clock()
    outcomes: dict[str, Status] = {}
    calls = 0
    while left := [Item(awb) for awb in AWBS if awb not in outcomes]:
        plan = Plan(tuple(Batch(tuple(left[start : start + SIZE])) for start in range(0, len(left), SIZE)))
        sender = Sender(client, Pacer(float("inf")), lambda tries: 1.0, clock.pause, 8, clock)
        sent = cancel(Assignment(plan, ledger.start_run(START), SANDBOX), ledger, sender, clock, Event())
        assert sent.outcomes.index.isin(sent.keys).all()
        assert outcomes.keys().isdisjoint(sent.outcomes.index)
        outcomes |= {str(key): Status(word) for key, word in sent.outcomes["status"].items()}
        calls += sent.calls
    return outcomes, calls


def test_the_counts_add_up_and_the_ledger_agrees_with_the_services_log(tmp_path: Path) -> None:
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger, MisbehavingService(misbehave) as service:
        outcomes, calls = carry_out(ledger, service)
        done = Counter(service.processed)
        cancel_calls = sum(logged.asked.path != TRACK_PATH for logged in service.log)
        assert calls == cancel_calls == sum(run.calls for run in ledger.runs())
        known = ledger.known(SANDBOX, pd.Series(AWBS, dtype="str"))
    assert known["status"].to_dict() == {awb: str(status) for awb, status in outcomes.items()}
    counts = Counter(outcomes.values())
    assert sum(counts.values()) == len(AWBS)
    assert min(counts[word] for word in (Status.SUCCESS, Status.UNKNOWN)) > 50
    assert counts[Status.FAILED] > 30  # a "no" that follows a refused call is Unknown
    assert set(done.values()) == {1}
    of = {word: {awb for awb, status in outcomes.items() if status == word} for word in counts}
    assert of[Status.SUCCESS] <= done.keys()
    assert of[Status.FAILED].isdisjoint(done)
    assert done.keys() <= of[Status.SUCCESS] | of[Status.UNKNOWN]
    assert {awb for awb in of[Status.FAILED] if not awb.endswith(BAD)} == set()


def test_ten_thousand_on_a_good_day_are_all_cancelled_once(tmp_path: Path) -> None:
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger, MisbehavingService(all_cancelled) as service:
        outcomes, calls = carry_out(ledger, service)
        assert (calls, sorted(service.processed)) == (len(AWBS) // SIZE, AWBS)
    assert set(outcomes.values()) == {Status.SUCCESS}

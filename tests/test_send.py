"""What is sent, what is tried again, halved or stopped, and what the ledger holds of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from threading import Event

import pandas as pd
import pytest

from pipeline.errors import LedgerError
from pipeline.ledger import Ledger, RunStart
from pipeline.model.calls import (
    Answer,
    Answered,
    Batch,
    InDoubt,
    Item,
    NotDone,
    Outcome,
    Plan,
    Refusal,
    Refused,
    Tracked,
)
from pipeline.model.runs import LedgerKey
from pipeline.sending.pacing import Pacer
from pipeline.sending.send import Assignment, Sender, Sent, cancel
from pipeline.sending.verdicts import MAY_BE, SENT_AGAIN
from pipeline.services import LIMITS
from pipeline.services.ithink.wording import says_cancelled
from schemas.annotated import Status

SANDBOX = LedgerKey("ithink", "sandbox", "cancel")
START = RunStart(SANDBOX, "cancel", "orders.xlsx", "Orders", "0" * 64, "account", "somebody")


@dataclass
class Played:
    """A scripted service on a clock of its own, and everything that was noted."""

    answer: Callable[[Batch], Answer]
    calls: list[tuple[str, ...]] = field(default_factory=list)
    now: float = 0.0
    notes: list[str] = field(default_factory=list)
    begun: list[float] = field(default_factory=list)  # by this clock, in the order in which the calls went out

    traced: Callable[[str], Tracked] = lambda awb: Tracked(awb, None, "nothing of it")
    tracked: list[tuple[str, ...]] = field(default_factory=list)

    limits = LIMITS
    says_cancelled = staticmethod(says_cancelled)

    def track(self, awbs: Sequence[str]) -> tuple[Tracked, ...]:
        self.tracked.append(tuple(awbs))
        return tuple(self.traced(awb) for awb in awbs)

    def cancel(self, batch: Batch, may_send: Callable[[], bool]) -> Answer:
        self.calls.append(batch.awbs)
        return self.answer(batch)

    def pause(self, seconds: float, stop: Event) -> None:
        self.now += seconds

    def clock(self) -> float:
        return self.now

    def sent(self, batch: Batch) -> None:
        self.begun.append(self.now)

    def settled(self, outcomes: Sequence[Outcome], note: str) -> None:
        self.notes.append(note)


def batches(count: int, size: int = 2) -> Plan:
    names = [[f"AWB{number:03d}{letter}" for letter in "ABCDEFGHIJ"[:size]] for number in range(count)]
    return Plan(tuple(Batch(tuple(Item(awb) for awb in part)) for part in names))


def said_yes(batch: Batch) -> Answered:
    return Answered(tuple(Outcome(awb, Status.SUCCESS, "", "") for awb in batch.awbs))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.open(str(tmp_path / "ledger.db"))


def play(
    ledger: Ledger,
    plan: Plan,
    answer: Callable[[Batch], Answer],
    doubtful: frozenset[str] = frozenset(),
    stop: Event | None = None,
    workers: int = 1,
    *,
    rate: float = float("inf"),
    traced: Callable[[str], Tracked] = lambda awb: Tracked(awb, None, "nothing of it"),
) -> tuple[Sent, Played]:
    played = Played(answer, traced=traced)
    sender = Sender(played, Pacer(rate), lambda tries: 1.0, played.pause, workers, played.clock)
    run = ledger.start_run(START)
    return cancel(Assignment(plan, run, SANDBOX, doubtful), ledger, sender, played, stop or Event()), played


def found(sent: Sent) -> dict[str, Outcome]:
    """The outcomes by AWB."""
    columns = (sent.outcomes[name] for name in ("status", "remark", "refnum"))
    rows = zip(sent.outcomes.index, *columns, strict=True)
    return {str(key): Outcome(str(key), Status(status), remark, refnum) for key, status, remark, refnum in rows}


def states(ledger: Ledger, *awbs: str) -> dict[str, str]:
    known = ledger.known(SANDBOX, pd.Series(awbs, dtype="str"))
    return {str(key): str(status) for key, status in known["status"].items()}


def test_every_awb_of_every_call_gets_its_own_answer(ledger: Ledger) -> None:
    sent, played = play(ledger, batches(3), said_yes)
    assert (sent.calls, len(sent.outcomes), sent.stopped, len(sent.keys)) == (3, 6, "", 6)
    assert states(ledger, "AWB000A", "AWB002B") == {"AWB000A": "Success", "AWB002B": "Success"}


def test_what_was_certainly_not_sent_goes_out_again_after_a_wait(ledger: Ledger) -> None:
    tries: list[int] = []

    def answer(batch: Batch) -> Answer:
        tries.append(1)
        return NotDone("no connection") if len(tries) < 4 else said_yes(batch)

    sent, played = play(ledger, batches(1), answer)
    assert (sent.calls, sent.stopped, len(sent.outcomes), played.tracked) == (4, "", 2, [])
    assert played.now >= 3.0


def test_a_service_that_can_not_be_reached_stops_the_run_and_nothing_counts_as_sent(ledger: Ledger) -> None:
    sent, played = play(ledger, batches(9), lambda batch: NotDone("no connection"))
    assert sent.stopped.startswith("3 calls in a row brought no answer")
    assert (found(sent), list(sent.keys), len(set(played.calls))) == ({}, [], 3)
    assert states(ledger, "AWB000A") == {}


def test_calls_in_doubt_are_unknown_and_three_in_a_row_stop_the_run(ledger: Ledger) -> None:
    sent, played = play(ledger, batches(9), lambda batch: InDoubt("cut"))
    assert (sent.calls, len(sent.outcomes)) == (3, 6)
    assert {outcome.status for outcome in found(sent).values()} == {Status.UNKNOWN}
    assert states(ledger, "AWB000A", "AWB005A") == {"AWB000A": "Unknown"}


def test_a_call_with_an_answer_starts_the_count_anew(ledger: Ledger) -> None:
    def answer(batch: Batch) -> Answer:
        return said_yes(batch) if batch.awbs[0].startswith("AWB002") else InDoubt("cut")

    sent, _ = play(ledger, batches(9), answer)
    assert sent.calls == 6  # two silent ones, an answer, then three silent ones


NOT_TAKEN = "Not done: the service refused the call (HTTP 401). " + MAY_BE
BAD_TOKEN = Refused(Refusal.CREDENTIALS, "bad token", "HTTP 401")


def test_refused_credentials_stop_the_run_at_once(ledger: Ledger) -> None:
    sent, _ = play(ledger, batches(9), lambda batch: BAD_TOKEN)
    assert (sent.calls, sent.stopped, sent.keys_refused) == (1, "bad token", True)
    assert list(found(sent).values()) == [Outcome(awb, Status.UNKNOWN, NOT_TAKEN) for awb in ("AWB000A", "AWB000B")]
    assert states(ledger, "AWB000A", "AWB001A") == {"AWB000A": "Unknown"}


def test_one_bad_awb_is_found_and_the_others_succeed(ledger: Ledger) -> None:
    def answer(batch: Batch) -> Answer:
        return Refused(Refusal.CALL, "not valid") if "AWB000C" in batch.awbs else said_yes(batch)

    sent, played = play(ledger, batches(1, 8), answer)
    assert found(sent)["AWB000C"] == Outcome("AWB000C", Status.UNKNOWN, f"{SENT_AGAIN}: not valid")
    assert {awb: known for awb, known in states(ledger, *found(sent)).items() if known != "Success"} == {
        "AWB000C": "Unknown"
    }
    assert sorted(awb for awb, one in found(sent).items() if one.status == Status.SUCCESS) == [
        f"AWB000{letter}" for letter in "ABDEFGH"
    ]
    assert sent.stopped == ""


MAINTENANCE = Refused(Refusal.CALL, "maintenance", "“maintenance”")


def test_three_culprits_in_a_row_in_the_same_words_stop_the_run(ledger: Ledger) -> None:
    sent, _ = play(ledger, batches(2, 8), lambda batch: MAINTENANCE)
    assert "it is not the AWBs: maintenance" in sent.stopped
    assert Counter(one.remark for one in found(sent).values()) == {
        f"{SENT_AGAIN}: maintenance": 3,
        f"Not done: the service refused the call (“maintenance”). {MAY_BE}": 5,
    }
    assert {one.status for one in found(sent).values()} == {Status.UNKNOWN}


def test_a_no_after_an_attempt_in_doubt_proves_nothing(ledger: Ledger) -> None:
    play(ledger, batches(1), lambda batch: InDoubt("cut"))

    def answer(batch: Batch) -> Answer:
        words = {"AWB000A": "AWB number not found", "AWB000B": "Order is already cancelled"}
        return Answered(tuple(Outcome(awb, Status.FAILED, words[awb]) for awb in batch.awbs))

    sent, _ = play(ledger, batches(1), answer, doubtful=frozenset({"AWB000A", "AWB000B"}))
    assert {awb: one.status for awb, one in found(sent).items()} == {
        "AWB000A": Status.UNKNOWN,
        "AWB000B": Status.SUCCESS,
    }
    assert found(sent)["AWB000A"].remark.endswith("which proves nothing: AWB number not found")


def test_ctrl_c_lets_the_call_in_flight_finish_and_sends_no_more(ledger: Ledger) -> None:
    stop = Event()

    def answer(batch: Batch) -> Answer:
        stop.set()
        return said_yes(batch)

    sent, _ = play(ledger, batches(5), answer, stop=stop)
    assert (sent.interrupted, sent.calls, len(sent.outcomes)) == (True, 1, 2)


def test_the_rate_holds_between_the_starts_of_calls(ledger: Ledger) -> None:
    _, played = play(ledger, batches(4), said_yes, rate=0.5)
    assert played.now >= 6.0  # four starts, three gaps of two seconds


def test_eight_workers_send_every_awb_once(ledger: Ledger) -> None:
    sent, played = play(ledger, batches(40, 10), said_yes, workers=8)
    everything = [awb for call in played.calls for awb in call]
    assert (len(everything), len(set(everything)), len(sent.outcomes)) == (400, 400, 400)


# --- across workers, and when the ledger fails ------------------------------------------------------------------------


def test_the_rate_holds_across_workers(ledger: Ledger) -> None:
    _, played = play(ledger, batches(12), said_yes, workers=8, rate=2.0)
    gaps = [later - before for before, later in pairwise(played.begun)]
    assert (len(gaps), min(gaps) >= 0.5) == (11, True)


def test_silence_stops_all_workers_and_every_call_in_flight_is_written_down(ledger: Ledger) -> None:
    sent, played = play(ledger, batches(40), lambda batch: InDoubt("cut"), workers=8)
    assert sent.stopped.startswith("3 calls in a row brought no answer")
    assert sent.calls <= 3 + 7  # those that were under way when the third came back
    assert (len(sent.outcomes), len(played.calls)) == (2 * sent.calls, sent.calls)
    everything = [awb for call in played.calls for awb in call]
    assert states(ledger, *everything) == dict.fromkeys(everything, "Unknown")


def test_refused_credentials_stop_all_workers(ledger: Ledger) -> None:
    sent, _ = play(ledger, batches(40), lambda batch: BAD_TOKEN, workers=8)
    assert (sent.stopped, len(found(sent)), sent.calls <= 8) == ("bad token", 2 * sent.calls, True)
    assert {one.remark for one in found(sent).values()} == {NOT_TAKEN}


def test_three_culprits_in_the_same_words_stop_all_workers(ledger: Ledger) -> None:
    sent, played = play(ledger, batches(40, 8), lambda batch: MAINTENANCE, workers=8)
    assert "it is not the AWBs: maintenance" in sent.stopped
    asked_alone = {call[0] for call in played.calls if len(call) == 1}
    said_no = {awb for awb, one in found(sent).items() if one.remark.startswith(SENT_AGAIN)}
    assert said_no == asked_alone  # nobody is told a "no" who was not asked for itself
    assert 3 <= len(said_no) <= 3 + 7
    assert {one.status for one in found(sent).values()} == {Status.UNKNOWN}
    assert len(played.calls) < 80  # the ninth call of the plan never came to its halves


@pytest.mark.parametrize("between", ["other words", "a yes"])
def test_culprits_with_other_words_or_a_yes_between_them_stop_nothing(ledger: Ledger, between: str) -> None:
    def answer(batch: Batch) -> Answer:
        bad = [awb for awb in batch.awbs if awb.endswith("A")]
        if not bad:
            return said_yes(batch)
        return Refused(Refusal.CALL, "not valid" if between == "a yes" else f"not valid: {bad[0]}")

    sent, _ = play(ledger, batches(9, 4 if between == "a yes" else 1), answer)
    failed = [awb for awb, one in found(sent).items() if one.status in (Status.FAILED, Status.UNKNOWN)]
    assert (sent.stopped, sorted(failed)) == ("", [f"AWB{number:03d}A" for number in range(9)])


@dataclass
class Full:
    """The real ledger, on a disk that is full when the ``nth`` ``step`` is written; room may come later."""

    ledger: Ledger
    step: str
    nth: int
    steps: list[str] = field(default_factory=list)

    def begin(self, run: str, batch: Batch, *, resend: bool = False) -> int:
        self._note("begin")
        return self.ledger.begin(run, batch, resend=resend)

    def settle(
        self, call: int, outcomes: Sequence[Outcome], *, note: str, elapsed: float, refused: bool = False
    ) -> None:
        self._note("settle")
        self.ledger.settle(call, outcomes, note=note, elapsed=elapsed, refused=refused)

    def may_send(self, run: str) -> bool:
        return self.ledger.may_send(run)

    def confirm(self, run: str, key: LedgerKey, outcomes: Sequence[Outcome]) -> None:
        self._note("confirm")
        self.ledger.confirm(run, key, outcomes)

    def _note(self, step: str) -> None:
        self.steps.append(step)
        if step == self.step and self.steps.count(step) == self.nth:
            raise LedgerError("the disk is full")


@pytest.mark.parametrize(("step", "nth", "lost"), [("begin", 5, 0), ("settle", 2, 2)])
@pytest.mark.parametrize("workers", [1, 4])
def test_nothing_goes_out_after_the_ledger_failed_and_the_calls_in_flight_are_still_written_down(
    ledger: Ledger, step: str, nth: int, lost: int, workers: int
) -> None:
    played = Played(said_yes)
    sender = Sender(played, Pacer(float("inf")), lambda tries: 1.0, played.pause, workers, played.clock)
    full = Full(ledger, step, nth)
    run = ledger.start_run(START)
    with pytest.raises(LedgerError, match="the disk is full"):
        cancel(Assignment(batches(20), run, SANDBOX), full, sender, played, Event())
    everything = [awb for call in played.calls for awb in call]
    assert full.steps.count("begin") - (step == "begin") == len(played.calls)  # what could not be begun was not sent
    found = list(states(ledger, *everything).values())
    assert (found.count("Success"), found.count("Unknown")) == (len(everything) - lost, lost)
    assert len(played.calls) <= nth + workers

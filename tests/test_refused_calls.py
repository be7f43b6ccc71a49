"""A call that left the machine and was refused: what its rows say, what is looked up, and what goes out again.

The whole job, a real ledger, real HTTP, and the service's own log as the judge: whoever refuses may have done it all
the same.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import pytest

from pipeline.jobs.cancel import execute
from pipeline.jobs.prepare import courier_for, opened
from pipeline.jobs.request import Pace, Request
from pipeline.model.options import SelectionOptions
from pipeline.sending.verdicts import MAY_BE, SENT_AGAIN
from pipeline.settings import read_settings
from tests.misbehaving import (
    TRACK_PATH,
    Asked,
    Behaviour,
    MisbehavingService,
    all_cancelled,
    entry,
    envelope,
    refusal,
)
from tests.silent import Silent
from tests.test_job import orders, staging

LIVE = {"message": "success", "current_status": "Manifested", "cancel_status": ""}
GONE = {"message": "success", "current_status": "Cancelled", "cancel_status": "Approved"}
NOBODY: dict[str, str] = {}


@dataclass(frozen=True)
class Refusing:
    """One way of refusing a call. ``shown``: how the rows name it; ``stops``: the run goes no further."""

    reply: Behaviour
    shown: str
    stops: bool = False
    keys: bool = False


KINDS = {
    "401": Refusing(Behaviour(b"", 401), "HTTP 401", stops=True, keys=True),
    "403, a page": Refusing(Behaviour(b"<h1>Forbidden</h1>", 403), "HTTP 403", stops=True, keys=True),
    "404": Refusing(Behaviour(b"", 404), "HTTP 404", stops=True),
    "405": Refusing(Behaviour(b"", 405), "HTTP 405", stops=True),
    "a redirect": Refusing(Behaviour(b"", 302, {"Location": "/elsewhere"}), "HTTP 302", stops=True),
    "200, the keys": Refusing(Behaviour(refusal("Invalid token")), "“Invalid token”", stops=True, keys=True),
    "429": Refusing(Behaviour(b"", 429, {"Retry-After": "1"}), "HTTP 429"),
    "503": Refusing(Behaviour(b"", 503, {"Retry-After": "1"}), "HTTP 503"),
    "200, slow down": Refusing(
        Behaviour(refusal("Too many requests", 429), headers={"Retry-After": "1"}), "“Too many requests”"
    ),
    "200, an error": Refusing(Behaviour(refusal("No order")), "“No order”"),
    "400, an error": Refusing(Behaviour(refusal("No order", ""), 400), "“No order”"),
}


@dataclass
class Service:
    """Refuses the first cancel call, having done it or not; does what it is asked from then on.

    ``tracks``: what tracking says of an AWB, given whether it is cancelled. ``no``: its word for one cancelled before.
    """

    refusing: Refusing
    did_it: bool
    tracks: Callable[[bool], dict[str, str] | None]
    no: str = "AWB number not found"
    cancels: int = 0
    order: list[str] = field(default_factory=list)

    def behave(self, asked: Asked) -> Behaviour:
        if asked.path == TRACK_PATH:
            self.order.append("track")
            return self._track(asked)
        self.order.append("cancel")
        self.cancels += 1
        if self.cancels == 1:
            reply = self.refusing.reply
            done = asked.awbs if self.did_it else ()
            return Behaviour(reply.body, reply.status, reply.headers, processed=done)
        entries = {awb: entry("Error", self.no) if awb in asked.before else entry() for awb in asked.awbs}
        return Behaviour(envelope(entries), processed=[awb for awb in asked.awbs if awb not in asked.before])

    def _track(self, asked: Asked) -> Behaviour:
        said = {awb: self.tracks(awb in asked.before) for awb in asked.awbs}
        if None in said.values():
            return Behaviour(b"oops", 500)
        return Behaviour(envelope({awb: one for awb, one in said.items() if one}))


@dataclass(frozen=True)
class Ran:
    """One run: why it stopped, how many calls it made, and its rows' statuses and remarks."""

    stopped: str
    calls: int
    statuses: list[str]
    remarks: list[str]
    notes: list[str]


def run(folder: Path, service: MisbehavingService) -> Ran:
    """The whole job but for the sheet that it writes."""
    settings = read_settings(
        staging(service), folder / ".env", env=None, default_ledger=folder / "ledger.db", version=""
    )
    pace = Pace(batch_size=2, rate=math.inf)
    request = Request(input=folder / "orders.csv", selection=SelectionOptions(today="2026-11-27"), pace=pace)
    with opened(request, settings, Silent()) as prepared, courier_for(prepared) as courier:
        done = execute(prepared, courier, Silent(), Event())
        notes = prepared.ledger.calls(done.run)["note"].tolist()
    return Ran(done.stopped, done.calls, done.rows["status"].tolist(), done.rows["remark"].tolist(), notes)


def truthful(tracks: dict[str, str]) -> Callable[[bool], dict[str, str]]:
    return lambda done: GONE if done else tracks


@pytest.mark.parametrize(
    ("kind", "did_it", "tracks"),
    [
        *((kind, False, LIVE) for kind in KINDS),
        *((kind, True, LIVE) for kind in KINDS),
        *((kind, False, NOBODY) for kind in ("401", "429", "200, an error")),
    ],
)
def test_a_refused_call_is_looked_up_and_what_tracking_knows_nothing_of_is_sent_again(
    tmp_path: Path, kind: str, did_it: bool, tracks: dict[str, str]
) -> None:
    refusing = KINDS[kind]
    orders(tmp_path / "orders.csv", 4)
    playing = Service(refusing, did_it, truthful(tracks))
    with MisbehavingService(playing.behave) as service:
        first = run(tmp_path, service)
        if refusing.stops:
            assert (bool(first.stopped), playing.cancels, first.statuses[2:]) == (True, 1, ["Not sent"] * 2)
            assert ("track" in playing.order) != refusing.keys  # whoever refuses the keys is asked no more
            found_out = did_it and not refusing.keys
            assert first.statuses[:2] == ["Success" if found_out else "Unknown"] * 2
            if not found_out:
                said = f"Not done: the service refused the call ({refusing.shown}). {MAY_BE}"
                assert all(remark.startswith(said) for remark in first.remarks[:2])
            playing.order.clear()
            last = run(tmp_path, service)
        else:
            last = first
        assert (last.stopped, last.statuses) == ("", ["Success"] * 4)
        assert sorted(Counter(service.processed).values()) == [1] * 4
        if not refusing.stops:
            assert playing.order[:2] == ["cancel", "track"]  # looked up before anything else goes out
        elif not (did_it and not refusing.keys):
            assert playing.order[0] == "track"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("no", "status"), [("AWB number not found", "Unknown"), ("Order is already cancelled", "Success")]
)
def test_a_no_after_a_refused_call_proves_nothing(tmp_path: Path, kind: str, no: str, status: str) -> None:
    orders(tmp_path / "orders.csv", 2)
    playing = Service(KINDS[kind], did_it=True, tracks=lambda done: LIVE, no=no)
    with MisbehavingService(playing.behave) as service:
        last = run(tmp_path, service)
        if KINDS[kind].stops:
            last = run(tmp_path, service)
        assert last.statuses == [status] * 2
        assert Counter(service.processed).most_common(1)[0][1] == 1
        sent = playing.cancels
        again = run(tmp_path, service)
        assert (again.statuses, playing.cancels) == ([status] * 2, sent)  # once, and no more without a word
    if status == "Unknown":
        assert all("which proves nothing: AWB number not found" in remark for remark in last.remarks)


HELD_BACK: dict[str, tuple[dict[str, str] | None, str]] = {
    "tracking can't be asked": (None, "tracking could not be asked (HTTP 500)"),
    "on its way": ({**LIVE, "current_status": "In Transit"}, "status “In Transit”"),
    "delivered": ({**LIVE, "current_status": "Delivered"}, "status “Delivered”"),
    "asked for": ({**LIVE, "cancel_status": "Pending"}, "cancellation “Pending”"),
    "another thing cancelled": ({**LIVE, "current_status": "Pickup Cancelled"}, "status “Pickup Cancelled”"),
    "reinstated": ({**LIVE, "current_status": "Cancelled - Reinstated"}, "status “Cancelled - Reinstated”"),
    "about another AWB": ({**GONE, "awb_no": "AWB9999999"}, "two things that contradict each other"),
}


@pytest.mark.parametrize("said", HELD_BACK)
@pytest.mark.parametrize("kind", ["404", "429"])
def test_what_tracking_knows_anything_of_is_not_sent_again(tmp_path: Path, kind: str, said: str) -> None:
    orders(tmp_path / "orders.csv", 2)
    tracks, words = HELD_BACK[said]
    playing = Service(KINDS[kind], did_it=False, tracks=lambda done: tracks)
    with MisbehavingService(playing.behave) as service:
        runs = [run(tmp_path, service) for _ in range(2)]
        assert (playing.cancels, service.processed) == (1, [])
    assert [one.statuses for one in runs] == [["Unknown"] * 2] * 2
    assert all(remark.startswith("Not done: the service refused the call") for remark in runs[1].remarks)
    if tracks is not None:
        assert all(words in remark for remark in runs[1].remarks)


def test_a_service_that_stays_busy_gets_each_awb_twice_and_no_more(tmp_path: Path) -> None:
    orders(tmp_path / "orders.csv", 2)

    def behave(asked: Asked) -> Behaviour:
        live = envelope(dict.fromkeys(asked.awbs, LIVE))
        return Behaviour(live) if asked.path == TRACK_PATH else KINDS["429"].reply

    with MisbehavingService(behave) as service:
        done = run(tmp_path, service)
    why = "the service asked to slow down (HTTP 429)"
    assert (done.stopped, done.calls, done.statuses, done.notes) == (why, 2, ["Unknown"] * 2, [why] * 2)


def test_that_a_call_went_out_once_more_is_written_down(tmp_path: Path) -> None:
    orders(tmp_path / "orders.csv", 2)
    playing = Service(KINDS["429"], did_it=False, tracks=truthful(LIVE))
    with MisbehavingService(playing.behave) as service:
        done = run(tmp_path, service)
    assert done.notes == [
        "the service asked to slow down (HTTP 429)",
        "sent once more, after an attempt that may have cancelled some of these AWBs",
    ]


def test_one_bad_awb_never_holds_back_the_others_although_each_part_is_looked_up(tmp_path: Path) -> None:
    orders(tmp_path / "orders.csv", 2)
    bad: list[str] = []

    def behave(asked: Asked) -> Behaviour:
        if asked.path == TRACK_PATH:
            return Behaviour(envelope({awb: GONE if awb in asked.before else LIVE for awb in asked.awbs}))
        bad[:] = bad or [asked.awbs[1]]
        return Behaviour(refusal("not valid")) if bad[0] in asked.awbs else all_cancelled(asked)

    with MisbehavingService(behave) as service:
        done = run(tmp_path, service)
        assert len(service.processed) == 1
    assert done.statuses == ["Success", "Unknown"]
    assert done.remarks[1].startswith(f"{SENT_AGAIN}: not valid")

"""What tracking is asked, what it proves, and that nothing of the customer is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier, Event

import pandas as pd
import pytest

from pipeline.model.calls import Answer, Batch, Outcome, Tracked
from pipeline.sending.lookup import NOTHING_FOUND, LookupOptions, settle, verify
from pipeline.sending.pacing import Pacer
from pipeline.services import LIMITS
from schemas.annotated import Status
from tests.misbehaving import TRACK_PATH, Asked, Behaviour, Ending, MisbehavingService
from tests.test_job import orders, rows_of, staging, start

DAY = "2026-11-23"
PROVED = f"Cancelled: found out by tracking on {DAY}. It says: "


@dataclass
class Played:
    """A scripted tracking service on a clock of its own."""

    answer: Callable[[str], Tracked]
    asked: list[tuple[str, ...]] = field(default_factory=list)
    counted: list[int] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    now: float = 0.0

    limits = LIMITS

    def cancel(self, batch: Batch, may_send: Callable[[], bool]) -> Answer:
        raise NotImplementedError("nothing is cancelled by asking")

    def says_cancelled(self, remark: str) -> bool:
        raise NotImplementedError("nothing is cancelled by asking")

    def track(self, awbs: Sequence[str]) -> tuple[Tracked, ...]:
        self.asked.append(tuple(awbs))
        self.at.append(self.now)
        return tuple(self.answer(awb) for awb in awbs)

    def pause(self, seconds: float, stop: Event) -> None:
        self.now += seconds

    def asker(self, rate: float = float("inf"), workers: int = 1) -> LookupOptions:
        return LookupOptions(self, Pacer(rate), self.pause, self.counted.append, lambda: self.now, workers)


def nothing(awb: str) -> Tracked:
    return Tracked(awb, None, NOTHING_FOUND)


def silent(awb: str) -> Tracked:
    return Tracked(awb, None, "tracking could not be asked", asked=False)


def awbs(count: int) -> list[str]:
    return [f"AWB{number:03d}" for number in range(count)]


def test_ten_awbs_go_into_a_call_and_the_answers_come_in_their_order() -> None:
    played = Played(nothing)
    found = verify(awbs(25), played.asker(), Event())
    assert [len(part) for part in played.asked] == [10, 10, 5]
    assert [tracked.awb for tracked in found] == awbs(25)
    assert played.counted == [10, 10, 5]


def test_three_calls_without_an_answer_end_the_looking_up() -> None:
    played = Played(silent)
    assert len(verify(awbs(100), played.asker(), Event())) == 30
    assert len(played.asked) == 3


def test_a_call_with_an_answer_starts_the_count_anew() -> None:
    played = Played(lambda awb: nothing(awb) if awb == "AWB025" else silent(awb))
    verify(awbs(100), played.asker(), Event())
    assert len(played.asked) == 6  # two silent ones, one in which one AWB was answered, three silent ones


def test_ctrl_c_keeps_what_was_found_and_asks_no_more() -> None:
    stop = Event()

    def answer(awb: str) -> Tracked:
        stop.set()
        return nothing(awb)

    played = Played(answer)
    assert len(verify(awbs(30), played.asker(), stop)) == 10
    assert len(played.asked) == 1


def test_the_rate_holds_for_looking_up_too() -> None:
    played = Played(nothing)
    verify(awbs(40), played.asker(rate=0.5), Event())
    assert played.at == [0.0, 2.0, 4.0, 6.0]


def test_eight_calls_are_under_way_at_once_and_the_answers_come_in_the_order_of_the_awbs() -> None:
    together = Barrier(8)

    def answer(awb: str) -> Tracked:
        if int(awb[3:]) % 10 == 0:
            together.wait(timeout=30)  # nobody goes on before eight calls have come this far
        return nothing(awb)

    played = Played(answer)
    found = verify(awbs(160), played.asker(workers=8), Event())
    assert [tracked.awb for tracked in found] == awbs(160)
    assert sorted(played.asked) == [tuple(awbs(160)[start : start + 10]) for start in range(0, 160, 10)]


def test_the_rate_holds_across_workers() -> None:
    played = Played(nothing)
    verify(awbs(80), played.asker(rate=0.5, workers=8), Event())
    assert sorted(played.at) == [2.0 * call for call in range(8)]


def test_silence_ends_the_looking_up_of_all_workers_and_what_was_under_way_counts() -> None:
    played = Played(lambda awb: nothing(awb) if awb == "AWB059" else silent(awb))
    found = verify(awbs(1000), played.asker(workers=8), Event())
    assert 3 <= len(played.asked) <= 6 + 3 + 7
    assert [tracked.awb for tracked in found] == awbs(10 * len(played.asked))


def test_ctrl_c_waits_for_the_calls_under_way_and_keeps_their_answers() -> None:
    stop = Event()
    together = Barrier(4, action=stop.set)

    def answer(awb: str) -> Tracked:
        if awb.endswith("0"):
            together.wait(timeout=30)
        return nothing(awb)

    played = Played(answer)
    assert [one.awb for one in verify(awbs(100), played.asker(workers=4), stop)] == awbs(40)


def known(*lines: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(lines, columns=["key", "status", "remark"], dtype="str").set_index("key")
    return frame.assign(refnum="SO-1")


@pytest.mark.parametrize(
    ("before", "said", "outcome"),
    [
        (
            ("Unknown", "cut."),
            Tracked("a1", True, "cancellation “Approved”"),
            Outcome("a1", Status.SUCCESS, f"{PROVED}cancellation “Approved”", "SO-1"),
        ),
        (
            ("Unknown", "cut."),
            Tracked("a1", False, "status “Delivered”"),
            Outcome("a1", Status.UNKNOWN, f"cut. Tracking says: status “Delivered” ({DAY})", "SO-1"),
        ),
        (
            ("Unknown", "cut. Tracking says: status “In Transit” (2026-11-20)"),
            Tracked("a1", False, "status “Delivered”"),
            Outcome("a1", Status.UNKNOWN, f"cut. Tracking says: status “Delivered” ({DAY})", "SO-1"),
        ),
        (
            ("Unknown", "cut."),
            Tracked("a1", None, ""),
            Outcome("a1", Status.UNKNOWN, f"cut. Tracking says: {NOTHING_FOUND} ({DAY})", "SO-1"),
        ),
        (
            ("Failed", "not found"),
            Tracked("a1", True, "status “Cancelled”"),
            Outcome("a1", Status.SUCCESS, f"{PROVED}status “Cancelled”", "SO-1"),
        ),
        (("Unknown", "cut."), silent("a1"), None),
        (("Failed", "not found"), Tracked("a1", False, "status “Delivered”"), None),
        (("Failed", "not found"), nothing("a1"), None),
        (("Success", ""), Tracked("a1", False, "status “Delivered”"), None),
        (("Success", ""), Tracked("a1", True, "status “Cancelled”"), None),
    ],
)  # fmt: skip
def test_tracking_proves_a_cancellation_and_takes_back_nothing(
    before: tuple[str, str], said: Tracked, outcome: Outcome | None
) -> None:
    assert settle(known(("A1", *before), ("B2", "Unknown", "")), [said], DAY) == ([outcome] if outcome else [])


# --- the whole program ------------------------------------------------------------------------------------------------

PERSONAL = ("Asha Rao", "12 Hill Road", "9820012345", "asha@example.com", "handed to the neighbour")


def tracks(status: str, cancel_status: str = "") -> Callable[[Asked], Behaviour]:
    """A service whose tracking says this of every AWB, and tells all it has of the customer beside it."""

    def behave(asked: Asked) -> Behaviour:
        if asked.path != TRACK_PATH:
            return Behaviour(processed=asked.awbs, ending=Ending.CUT_AFTER_READING)
        name, street, phone, mail, scan = PERSONAL
        entry = {
            "message": "success", "current_status": status, "cancel_status": cancel_status,
            "customer_details": {"customer_name": name, "customer_address1": street, "customer_phone": phone},
            "order_details": {"email": mail}, "last_scan_details": {"remark": scan},
        }  # fmt: skip
        data = {awb: {**entry, "awb_no": awb} for awb in asked.awbs}
        return Behaviour(json.dumps({"status": "success", "status_code": 200, "data": data}).encode())

    return behave


def test_what_tracking_says_is_in_the_remark_once_however_often_it_is_asked(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 3)
    sheet = tmp_path / "orders.annotated.staging.csv"
    with MisbehavingService(tracks("In Transit")) as service:
        settings = staging(service)
        start(["cancel", str(source), "-y", "-q", "--rate", "1000"], tmp_path, **settings)
        first = [row["remark"] for row in rows_of(sheet)]
        looked = [start(["verify", str(source), "-q", "--rate", "1000"], tmp_path, **settings) for _ in range(2)]
        later = [row["remark"].partition(" (run 20")[0] for row in rows_of(sheet)]
        service.behave = tracks("Delivered")
        start(["verify", str(source), "-q"], tmp_path, **settings)
        delivered = [row["remark"] for row in rows_of(sheet)]
        service.behave = tracks("In Transit", "Approved")
        settled = start(["verify", str(source), "-q"], tmp_path, **settings)
        asked = len(service.log)
        again = start(["verify", str(source), "-q"], tmp_path, **settings)
        assert len(service.log) == asked  # nothing is in doubt any more
        assert len(service.processed) == 3
    assert [done.returncode for done in (*looked, settled, again)] == [1, 1, 0, 0]
    assert all(remark.count("Tracking says: status “In Transit”") == 1 for remark in first)
    assert later == first
    assert all("In Transit" not in remark and "status “Delivered”" in remark for remark in delivered)
    rows = rows_of(sheet)
    assert [row["status"] for row in rows] == ["Success"] * 3
    assert all(row["remark"].startswith("Cancelled: found out by tracking on 20") for row in rows)


def test_nothing_of_the_customer_is_kept_anywhere(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 3)
    with MisbehavingService(tracks("Out For Delivery")) as service:
        settings = staging(service)
        told = [
            start([*arguments, str(source), "-v"], tmp_path, **settings)
            for arguments in (["cancel", "-y"], ["verify"], ["verify", "--all"], ["verify", "--all", "--json"])
        ]
    shown = "".join(done.stdout + done.stderr for done in told)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} >= {".csv", ".html", ".json", ".db"}
    assert "Out For Delivery" in rows_of(tmp_path / "orders.annotated.staging.csv")[0]["verified"]
    for text in PERSONAL:
        assert text not in shown
        assert [path.name for path in files if text.encode() in path.read_bytes()] == []


def test_verify_all_settles_a_no_that_tracking_knows_to_be_cancelled(tmp_path: Path) -> None:
    source = orders(tmp_path / "orders.csv", 2)

    def behave(asked: Asked) -> Behaviour:
        if asked.path == TRACK_PATH:
            return tracks("Cancelled", "Approved")(asked)
        entries = {awb: {"status": "Error", "remark": "not found"} for awb in asked.awbs}
        return Behaviour(json.dumps({"status": "success", "status_code": 200, "data": entries}).encode())

    with MisbehavingService(behave) as service:
        settings = staging(service)
        assert start(["cancel", str(source), "-y", "-q"], tmp_path, **settings).returncode == 1
        assert start(["verify", str(source), "-q"], tmp_path, **settings).returncode == 1
        assert len(service.log) == 1  # a "no" is no doubt
        assert start(["verify", str(source), "-q", "--all"], tmp_path, **settings).returncode == 0
    assert [row["status"] for row in rows_of(tmp_path / "orders.annotated.staging.csv")] == ["Success"] * 2

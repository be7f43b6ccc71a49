"""Faults injected into every function that a run calls between the question and its end: what was sent is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event

import pytest

from pipeline.errors import BrokenOffError
from pipeline.jobs.cancel import execute
from pipeline.jobs.deliver import deliver, deliver_again
from pipeline.jobs.prepare import Prepared, opened
from pipeline.jobs.request import Request
from pipeline.jobs.rewrite import executed_before
from pipeline.model.calls import Answered, Batch, Outcome, Tracked
from pipeline.model.options import SelectionOptions
from pipeline.services.contract import Limits
from pipeline.settings import Settings, read_settings
from schemas.annotated import Status
from tests.faults import ERRORS, Called, Faults, traced
from tests.silent import Silent

ROWS = ["Order ID,AWB,Status", *(f"SO-{row},8621001046{row},To Cancel" for row in range(1, 6))]

LOST = "86210010463"
"""The AWB of which the service says nothing; tracking knows that it is cancelled."""


class Courier:
    """Keeps what it was sent; answers all AWBs but one."""

    limits = Limits(cancel=2, track=10)

    def __init__(self) -> None:
        self.cancelled: set[str] = set()

    def cancel(self, batch: Batch, may_send: Callable[[], bool]) -> Answered:
        self.cancelled |= set(batch.awbs)
        return Answered(tuple(Outcome(awb, Status.UNKNOWN if awb == LOST else Status.SUCCESS) for awb in batch.awbs))

    def track(self, awbs: Sequence[str]) -> tuple[Tracked, ...]:
        return tuple(Tracked(awb, True, "Cancelled") for awb in awbs)

    def says_cancelled(self, remark: str) -> bool:
        raise AssertionError(remark)


def settings_in(folder: Path) -> Settings:
    return read_settings({}, folder / "none", env=None, default_ledger=folder / "ledger.db", version="0")


def statuses(prepared: Prepared, path: Path) -> dict[str, str]:
    """AWB -> status, as the sheet has them."""
    lines = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    assert [line[0] for line in lines] == [f"SO-{row}" for row in range(1, 6)], prepared.request.input
    return {line[1]: line[3] for line in lines}


def told(folder: Path, faults: Faults | Called, courier: Courier) -> tuple[str, dict[str, str]]:
    """How a run with a fault ends, and what its sheet says: written at once, or by ``annotate``."""
    folder.mkdir()
    source = folder / "orders.csv"
    source.write_text("".join(f"{row}\r\n" for row in ROWS), encoding="utf-8")
    request, run = Request(input=source, selection=SelectionOptions()), ""
    with opened(request, settings_in(folder), Silent()) as prepared:
        try:
            with traced(faults):
                executed = execute(prepared, courier, Silent(), Event())
        except BrokenOffError as error:
            assert error.exit_code == 3
            run = prepared.ledger.runs()[0].run
            assert f"`bulk-cancel annotate {run}` writes the sheet" in str(error)
        except (RuntimeError, OSError) as error:
            assert not courier.cancelled, error  # before the run began
            return "raised before anything was sent", {}
        else:
            delivered = deliver(executed)
            return delivered.summary.stopped or "", statuses(prepared, prepared.target.sheet)
    with executed_before(run, None, settings_in(folder), Silent(), who="", version="0") as again:
        return "broken off", statuses(again.prepared, Path(deliver_again(again).summary.output))


def wrong(courier: Courier, ended: str, said: dict[str, str]) -> str:
    """What a sheet says and must not; "" for nothing."""
    if ended == "raised before anything was sent":
        return ""
    lies = {awb: word for awb, word in said.items() if word == "Success" and awb not in courier.cancelled}
    hidden = {
        awb: word for awb, word in said.items() if awb in courier.cancelled and word not in ("Success", "Unknown")
    }
    if ended == "" and set(said.values()) != {"Success"}:
        return f"ended well with {said}"
    return f"{ended}: {lies} {hidden}" if lies or hidden else ""


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # the thread of the lease
def test_every_function_of_a_run_may_fail_once_and_what_was_sent_is_told(tmp_path: Path) -> None:
    called, courier = Called(), Courier()
    assert told(tmp_path / "whole", called, courier) == ("", dict.fromkeys(sorted(courier.cancelled), "Success"))
    out = (" execute", " under_way")  # the way out itself
    functions = [one for one in called.functions.items() if not one[1].endswith(out)]
    begins = next(place for place, (_, name) in enumerate(functions) if name.endswith(" Ledger.start_run"))
    functions = functions[begins:]  # a fault in one that was called before is met before anything is sent
    names = {name.partition(" ")[2] for _, name in functions}
    assert {
        "Ledger.start_run",
        "Ledger.begin",
        "Ledger.settle",
        "settle_rows",
        "look_up",
        "Ledger.record_rows",
    } <= names
    found = {}
    ends = set()
    for number, (function, name) in enumerate(functions):
        courier = Courier()
        ended, said = told(tmp_path / str(number), Faults(ERRORS[number % 2], function), courier)
        ends.add(ended.partition(":")[0])
        if trouble := wrong(courier, ended, said):
            found[name] = trouble
    assert found == {}
    assert {"broken off", "what was sent could not be looked up and written down whole"} <= ends

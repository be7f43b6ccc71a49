"""The page killed while it sends, started again, and closed with Ctrl-C: the service's own log is the judge."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from threading import Event

import pytest

from tests.misbehaving import TRACK_PATH, Asked, Behaviour, Ending, MisbehavingService, all_cancelled, envelope
from tests.page_client import WAITED, entered, serve
from tests.test_job import orders, staging

pytest.importorskip("dbos", reason="the extra [page] is not installed")

AWBS = 250
"""In three calls of at most 100."""


def until(happened: object) -> None:
    assert callable(happened)
    end = time.monotonic() + WAITED
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_killed_while_a_call_is_out_the_next_start_goes_on_and_nothing_goes_twice(tmp_path: Path) -> None:
    seen: list[Asked] = []

    def behave(asked: Asked) -> Behaviour:
        seen.append(asked)
        if asked.path == TRACK_PATH:
            return Behaviour(envelope([]))
        calls = [one for one in seen if one.path != TRACK_PATH]
        if len(calls) == 2:  # the second call is processed, and no answer comes: the page is killed meanwhile
            return Behaviour(processed=asked.awbs, ending=Ending.STALLED)
        return all_cancelled(asked)

    with MisbehavingService(behave) as service:
        settings = staging(service)
        page = serve(tmp_path, settings)
        client = entered(page)
        plan = client.plan_of(orders(tmp_path / "o.csv", AWBS))
        client.get(f"{plan}/approve")
        client.send(f"{plan}/approve", {"awbs": str(AWBS)})
        until(lambda: len(service.processed) == 200)
        assert "Stop after this call" in client.get(plan).text
        page.kill()

        page = serve(tmp_path, settings)
        client = entered(page)
        client.wait_for(plan, "Take it with you")
        page.kill()
    assert Counter(service.processed).most_common(1)[0][1] == 1
    assert len(set(service.processed)) == AWBS
    asked = {awb for one in seen if one.path == TRACK_PATH for awb in one.awbs}
    second = [one for one in seen if one.path != TRACK_PATH][1]
    assert set(second.awbs) <= asked  # what was in flight is looked up
    assert "100 rows are in doubt" in client.words


def test_stopped_by_a_person_it_goes_on_when_a_person_says_so(tmp_path: Path) -> None:
    second, answered, seen = Event(), Event(), list[Asked]()

    def behave(asked: Asked) -> Behaviour:
        seen.append(asked)
        if len(seen) == 2:  # the second call is out until somebody has pressed "Stop"
            second.set()
            assert answered.wait(WAITED)
        return all_cancelled(asked)

    with MisbehavingService(behave) as service:
        page = serve(tmp_path, staging(service))
        client = entered(page)
        plan = client.plan_of(orders(tmp_path / "o.csv", AWBS))
        client.get(f"{plan}/approve")
        client.send(f"{plan}/approve", {"awbs": str(AWBS)})
        assert second.wait(WAITED)
        client.get(plan)
        client.send(f"{plan}/stop")
        assert "Stopping after the call in flight" in client.words
        answered.set()
        client.wait_for(plan, "The plan is not done yet")
        assert len(service.processed) == 200
        client.get(f"{plan}/approve")
        client.send(f"{plan}/approve", {"awbs": str(AWBS)})
        client.wait_for(plan, "done, run")
        page.kill()
    assert Counter(service.processed).most_common(1)[0][1] == 1
    assert len(service.processed) == AWBS

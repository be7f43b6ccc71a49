"""The answers of many calls as columns."""

from __future__ import annotations

import pandas as pd
import pytest

from pipeline.model.calls import Item, Outcome
from pipeline.model.keys import among, by_key, no_keys
from pipeline.sending.outcomes import AT_ONCE, OutcomeStore
from schemas.annotated import Status


def test_outcomes_stand_under_their_key_in_capital_letters() -> None:
    found = by_key([Outcome("sf1x", Status.SUCCESS, "Cancel Request Received", "SO-1"), Outcome("A2", Status.FAILED)])
    expected = {"status": ["Success", "Failed"], "remark": ["Cancel Request Received", ""], "refnum": ["SO-1", ""]}
    pd.testing.assert_frame_equal(
        found, pd.DataFrame(expected, index=pd.Index(["SF1X", "A2"], name="key", dtype="str"), dtype="str")
    )


@pytest.mark.parametrize("calls", [0, 1, 3 * AT_ONCE // 100 + 1])
def test_nothing_is_lost_between_calls_however_many(calls: int) -> None:
    kept = OutcomeStore()
    awbs = [[f"awb{call:04d}x{number:02d}" for number in range(100)] for call in range(calls)]
    for names in awbs:
        kept.went_out([Item(name) for name in names])
        kept.add([Outcome(name, Status.SUCCESS, "", f"ref {name}") for name in names])
    everything = [name for names in awbs for name in names]
    assert list(kept.keys()) == [name.upper() for name in everything]
    assert kept.outcomes()["refnum"].to_dict() == {name.upper(): f"ref {name}" for name in everything}


def test_what_was_not_sent_is_no_outcome_and_halves_name_an_awb_once() -> None:
    kept = OutcomeStore()
    kept.add([Outcome("A1", Status.NOT_SENT, "refused as a whole")])
    for half in ("A1", "A2"), ("A1",), ("A2",):
        kept.went_out([Item(awb) for awb in half])
    assert (len(kept.outcomes()), list(kept.keys()), len(no_keys())) == (0, ["A1", "A2"], 0)


@pytest.mark.parametrize(
    ("those", "found"), [([], [False] * 3), (["B"], [False, True, False]), (["C", "A", "C"], [True, False, True])]
)
def test_keys_are_found_among_others_whatever_their_rows(those: list[str], found: list[bool]) -> None:
    keys = pd.Series(["A", "B", "C"], index=[7, 2, 9], dtype="str")
    assert among(keys, pd.Index(those, dtype="str")).to_dict() == dict(zip([7, 2, 9], found, strict=True))
    assert among(keys.iloc[:0], pd.Index(those, dtype="str")).empty

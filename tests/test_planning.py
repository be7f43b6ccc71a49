"""Which rows go out, in which calls, and why the others stay behind."""

from __future__ import annotations

import pandas as pd
import pytest

from pipeline.model.calls import Item
from pipeline.model.keys import by_key
from pipeline.planning.plan import LOOKED_UP_FIRST, PlanOptions, plan_calls, settle_rows
from pipeline.planning.row_collector import Gathered, Gathering
from schemas.annotated import Status

NOTHING_KNOWN = pd.DataFrame(
    {name: pd.Series(dtype="str") for name in ("awb", "status", "remark", "refnum", "run", "at")}
).assign(refused=pd.Series(dtype="bool"))


NO_PROBLEMS = pd.Series(dtype="str")


def sheet(rows: dict[int, tuple[str, str, bool]], problems: dict[int, str] | None = None) -> Gathered:
    """Rows as number: (AWB, order reference, picked)."""
    gathering = Gathering()
    gathering.add(*sheet_frame(rows), pd.Series(problems or {}, dtype="str"))
    return gathering.gathered()


def sheet_frame(rows: dict[int, tuple[str, str, bool]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The same as a canonical frame, and what was chosen of it."""
    frame = pd.DataFrame(
        {
            "awb_number": pd.Series([row[0] for row in rows.values()], dtype="str"),
            "order_ref": pd.Series([row[1] for row in rows.values()], dtype="str"),
            "aside": pd.Series("", index=range(len(rows)), dtype="str"),
        }
    ).set_axis(pd.Index(list(rows), name="row"))
    choice = pd.DataFrame(
        {
            "picked": [row[2] for row in rows.values()],
            "reason": ["" if row[2] else "not picked" for row in rows.values()],
        },
        index=frame.index,
    )
    return frame, choice


def known(**states: str) -> pd.DataFrame:
    rows = [
        (key, state, f"said {state}", "R1", "20261101-101010-abcd", "2026-11-01T10:10:10+00:00")
        for key, state in states.items()
    ]
    found = pd.DataFrame(rows, columns=["awb", "status", "remark", "refnum", "run", "at"])
    return found.assign(refused=False).set_index("awb", drop=False)


def fates(
    gathered: Gathered, found: pd.DataFrame = NOTHING_KNOWN, options: PlanOptions | None = None
) -> dict[int, str]:
    return plan_calls(gathered, found, options or PlanOptions(100)).rows["status"].to_dict()


def test_two_hundred_and_fifty_awbs_make_calls_of_a_hundred_a_hundred_and_fifty() -> None:
    rows = {number: (f"AWB{number:06d}", f"R{number}", True) for number in range(2, 252)}
    plan = plan_calls(sheet(rows), NOTHING_KNOWN, PlanOptions(100)).plan
    assert [len(batch.items) for batch in plan.batches] == [100, 100, 50]
    assert plan.batches[0].awbs[0] == "AWB000002"


def test_one_awb_in_two_rows_is_sent_once_with_both_references() -> None:
    plan = plan_calls(
        sheet({2: ("AWB00001", "A", True), 3: ("AWB00001", "B", True)}), NOTHING_KNOWN, PlanOptions(100)
    ).plan
    assert [(item.awb, item.refs) for item in plan.batches[0].items] == [("AWB00001", ("A", "B"))]


def test_an_awb_that_a_row_beside_it_needs_is_not_sent() -> None:
    decided = plan_calls(
        sheet({2: ("AWB00001", "A", True), 3: ("awb00001", "B", False)}), NOTHING_KNOWN, PlanOptions(100)
    )
    assert decided.rows["status"].to_dict() == {2: "Invalid"}
    assert decided.rows["remark"][2].startswith("row 3 has the same AWB and is not to be cancelled")


def test_one_awb_in_two_spellings_is_not_sent() -> None:
    assert fates(sheet({2: ("SFA00001", "A", True), 3: ("sfa00001", "B", True)})) == {2: "Invalid", 3: "Invalid"}


def test_the_twin_of_an_invalid_row_is_not_sent() -> None:
    gathered = sheet({2: ("AWB00001", "A", True), 3: ("AWB00001", "B", True)}, {3: "C3 can't be trusted"})
    decided = plan_calls(gathered, NOTHING_KNOWN, PlanOptions(100))
    assert decided.rows["remark"].to_dict() == {
        2: "row 3 has the same AWB and can't be trusted: mend that row first",
        3: "C3 can't be trusted",
    }


def test_the_limit_counts_awbs_in_the_order_of_the_file() -> None:
    rows = {2: ("AWB00001", "", True), 3: ("AWB00001", "", True), 4: ("AWB00002", "", True), 5: ("AWB00003", "", True)}
    assert fates(sheet(rows), options=PlanOptions(100, limit=2)) == {
        2: "Planned",
        3: "Planned",
        4: "Planned",
        5: "Skipped",
    }


def test_what_an_earlier_run_settled_is_not_sent_again() -> None:
    rows = {2: ("AWB00001", "", True), 3: ("AWB00002", "", True), 4: ("AWB00003", "", True)}
    found = known(AWB00001="Success", AWB00002="Failed", AWB00003="Unknown")
    assert fates(sheet(rows), found) == {2: "Success", 3: "Failed", 4: "Unknown"}
    assert fates(sheet(rows), found, PlanOptions(100, retry_failed=True)) == {2: "Success", 3: "Planned", 4: "Unknown"}
    assert fates(sheet(rows), found, PlanOptions(100, resend_unknown=True)) == {2: "Success", 3: "Failed", 4: "Planned"}


def test_the_remark_of_an_earlier_run_names_the_run_and_the_day() -> None:
    decided = plan_calls(sheet({2: ("AWB00001", "", True)}), known(AWB00001="Success"), PlanOptions(100))
    assert decided.rows.loc[2, ["remark", "refnum"]].tolist() == [
        "said Success (run 20261101-101010-abcd, 2026-11-01)",
        "R1",
    ]


def test_only_what_is_sent_again_in_doubt_is_doubtful() -> None:
    rows = {2: ("AWB00001", "", True), 3: ("AWB00002", "", True)}
    options = PlanOptions(100, retry_failed=True, resend_unknown=True)
    assert plan_calls(sheet(rows), known(AWB00001="Failed", AWB00002="Unknown"), options).doubtful == {"AWB00002"}


def test_an_awb_whose_call_was_refused_is_planned_again_as_one_in_doubt() -> None:
    rows: dict[int, tuple[str, str, bool]] = {2: ("AWB00001", "", True), 3: ("AWB00002", "", True)}
    found = known(AWB00001="Unknown", AWB00002="Unknown").assign(refused=[True, False])
    decided = plan_calls(sheet(rows), found, PlanOptions(100))
    assert decided.rows["status"].to_dict() == {2: "Planned", 3: "Unknown"}
    assert decided.rows.loc[2, "remark"] == LOOKED_UP_FIRST
    assert decided.doubtful == {"AWB00001"}
    left = settle_rows(decided, by_key(()), "stopped first")
    assert left["status"].to_dict() == {2: "Unknown", 3: "Unknown"}  # never "Not sent"
    assert left.loc[2, "remark"].startswith("said Unknown (run ")


def test_a_row_in_doubt_that_the_run_did_not_come_to_stays_unknown() -> None:
    decided = plan_calls(
        sheet({2: ("AWB00001", "", True), 3: ("AWB00002", "", True)}),
        known(AWB00002="Unknown"),
        PlanOptions(100, resend_unknown=True),
    )
    before = decided.rows.copy()
    rows = settle_rows(decided, NOTHING_KNOWN[["status", "remark", "refnum"]], "stopped")
    pd.testing.assert_frame_equal(decided.rows, before)
    assert rows["status"].to_dict() == {2: str(Status.NOT_SENT), 3: str(Status.UNKNOWN)}
    assert rows.loc[2, "remark"] == "stopped"


def test_rows_that_are_not_picked_keep_their_reason_and_blank_ones_are_counted() -> None:
    gathered = sheet({2: ("AWB00001", "A", False), 3: ("AWB00002", "B", True)})
    assert gathered.left_out["remark"].astype("str").to_dict() == {2: "not picked"}
    assert gathered.bystanders.to_dict("list") == {"key": [], "row": [], "sure": []}
    assert gathered.reasons().to_dict() == {"not picked": 1}


AWKWARD = ("AWB00001", "awb-é\nline", "a" * 300, "×", "AWB00001\0", "0", "AWB0000", "AWB000011")
"""AWBs as they may stand beside the picked ones: of any length, with any characters in them, and near to others."""


def test_of_the_rows_that_are_not_picked_the_first_one_with_a_picked_awb_is_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pipeline.planning.row_collector.TOGETHER", 3)
    beside = [sheet_frame({7 * at + turn: (awb, "", False)}) for turn in (2, 900) for at, awb in enumerate(AWKWARD)]
    gathering = Gathering()
    for frame, choice in (sheet_frame({1: ("x", "", False)}), *beside, sheet_frame({2_000: ("y", "", False)})):
        gathering.add(frame, choice, NO_PROBLEMS)
    gathering.add(*sheet_frame({3_000 + at: (awb, "", True) for at, awb in enumerate(AWKWARD[:3])}), NO_PROBLEMS)
    found = gathering.gathered()
    assert found.bystanders.to_dict("list") == {
        "key": [awb.upper() for awb in AWKWARD[:3]], "row": [2, 9, 16], "sure": [True] * 3,
    }  # fmt: skip
    assert found.left_out.index.tolist() == [1, *(7 * at + turn for turn in (2, 900) for at in range(8)), 2_000]


def test_a_sheet_without_rows_plans_nothing() -> None:
    decided = plan_calls(Gathering().gathered(), NOTHING_KNOWN, PlanOptions(100))
    assert (list(decided.plan.batches), decided.plan.awbs, len(decided.rows)) == ([], 0, 0)


def test_the_calls_are_made_when_they_are_asked_for_and_as_often_as_they_are() -> None:
    rows = {number: (f"AWB{number % 7:05d}", f"R{number % 3}", True) for number in range(2, 30)}
    plan = plan_calls(sheet(rows), NOTHING_KNOWN, PlanOptions(3)).plan
    first = list(plan.batches)
    assert (len(plan.batches), plan.awbs, [len(batch.items) for batch in first]) == (3, 7, [3, 3, 1])
    assert list(plan.batches) == first
    assert (plan.batches[-1], plan.batches[1:]) == (first[2], tuple(first[1:]))
    assert first[0].items[0] == Item("AWB00002", ("R2", "R0", "R1"))
    with pytest.raises(IndexError):
        plan.batches[3]

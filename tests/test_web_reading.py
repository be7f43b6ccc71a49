"""The process that reads: what takes too much memory or time ends in words, and the next sheet is read all the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from pipeline.errors import PipelineError
from pipeline.jobs.choosing import view_picked, view_sheet
from pipeline.jobs.read_orders import read_orders
from pipeline.jobs.sheet_at_hand import SheetAtHand
from pipeline.model.options import SelectionOptions
from pipeline.model.progress import SilentReporter
from pipeline.planning.row_collector import Gathered
from pipeline.web.reading import ReadingLimits, Readings
from tests.test_job import ROOT, orders

SAMPLE = ROOT / "sample_data" / "orders.xlsx"
TODAY = SelectionOptions(today="2026-11-27")


def asked(path: Path, limits: ReadingLimits) -> list[dict[str, object]]:
    async def ask() -> list[dict[str, object]]:
        readings = Readings("sandbox", "default", "ann on here", limits)
        question = {"ask": "look", "options": TODAY.as_json(), "rows": ""}
        try:
            return [await readings.ask("a", path, question), await readings.ask("b", SAMPLE, question)]
        finally:
            await readings.close()

    return asyncio.run(ask())


def test_too_much_memory_ends_in_words(tmp_path: Path) -> None:
    source = orders(tmp_path / "o.csv", 200_000)
    found = asked(source, ReadingLimits(memory=700_000_000, seconds=120))
    assert "of memory" in str(found[0]["trouble"])


def test_too_much_time_ends_in_words(tmp_path: Path) -> None:
    found = asked(orders(tmp_path / "o.csv", 200_000), ReadingLimits(seconds=0.2))
    assert "seconds, so it was given up" in str(found[0]["trouble"])


def test_a_sheet_within_the_limits_is_read_after_another_was_given_up(tmp_path: Path) -> None:
    async def ask() -> dict[str, object]:
        readings = Readings("sandbox", "default", "ann on here", ReadingLimits(seconds=0.2))
        question = {"ask": "look", "options": TODAY.as_json(), "rows": ""}
        try:
            first = await readings.ask("a", orders(tmp_path / "o.csv", 200_000), question)
            assert "trouble" in first
            readings._limits = ReadingLimits()
            return await readings.ask("b", SAMPLE, question)
        finally:
            await readings.close()

    picked = asyncio.run(ask())["picked"]
    assert isinstance(picked, dict)
    assert picked["awbs"] == 25


CHOICES = {
    "as it is": TODAY,
    "another word": SelectionOptions(today="2026-11-27", statuses=("Ready to Ship",)),
    "old ones": SelectionOptions(today="2026-11-27", older_than=45),
    "a condition": SelectionOptions(today="2026-11-27", where="amount > 1000"),
    "hidden ones": SelectionOptions(today="2026-11-27", include_hidden=True),
    "another column": SelectionOptions(today="2026-11-27", columns=("order_ref=C",)),
    "all": SelectionOptions(today="2026-11-27", everything=True),
}


@pytest.mark.parametrize("source", [SAMPLE, ROOT / "sample_data" / "orders.csv", ROOT / "sample_data" / "ugly.csv"])
def test_a_sheet_at_hand_says_of_each_choice_what_reading_it_afresh_says(source: Path) -> None:
    at_hand = SheetAtHand.open(source)
    for _ in range(2):  # the second time all of it is at hand
        for name, options in CHOICES.items():
            view_sheet(at_hand, options)
            kept = outcome(lambda: at_hand.orders(options, SilentReporter()).gathered)  # noqa: B023
            fresh = outcome(lambda: read_orders(source, options, SilentReporter()).gathered)  # noqa: B023
            assert len(kept) == len(fresh), name
            for one, other in zip(kept, fresh, strict=True):
                assert one == other if isinstance(one, str) else one.equals(other), name


def outcome(gathered: Callable[[], Gathered]) -> list[pd.DataFrame] | list[str]:
    """What a choice comes to, or why it can't be had."""
    try:
        found = gathered()
    except PipelineError as trouble:
        return [str(trouble)]
    return [found.picked, found.left_out, found.bystanders]


def test_what_can_not_be_understood_still_offers_its_rows_and_columns(tmp_path: Path) -> None:
    source = tmp_path / "o.csv"
    source.write_text("Order,City\nSO-1,Pune\n")
    at_hand = SheetAtHand.open(source)
    found = view_sheet(at_hand, TODAY)
    assert "AWB" in found.trouble
    assert [(column.letter, column.header, column.samples) for column in found.columns] == [
        ("A", "Order", ("SO-1",)), ("B", "City", ("Pune",)),
    ]  # fmt: skip
    assert view_picked(at_hand, TODAY, SilentReporter()).trouble

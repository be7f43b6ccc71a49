"""A sum, a count or an average of AWBs is none, whatever its row is called, and where it has no name at all."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.load.totals import RunningTotals, named_totals
from tests.decided import Decided, decided

LABELS = (
    "Delhivery Total", "Total for Delhivery", "Sub Total - Delhivery", "Delhivery Count", "Delhivery Result",
    "Grand Total (INR)", "Total AWBs", "Total Qty", "Overall Result", "Gesamt", "Gesamtergebnis", "Total général",
    "Somme", "Totale", "Totaal", "Итого", "合計", "总计", "कुल योग", "जोड़", "∑", "Average", "Closing Balance",
    "Grand Total", "Summe:", "TOTAL 3", "Delhivery - Total", "** Total **", "Count: 12", "Delhivery Ergebnis",
)  # fmt: skip
NO_LABELS = ("Delhivery", "Totally Fine", "Counter", "Summer Sale", "OD-1", "", "Meaning", "Resulting", "Consumer")


@pytest.mark.parametrize("label", LABELS)
def test_a_row_of_a_total_is_known_by_its_name_in_any_language(tmp_path: Path, label: str) -> None:
    (tmp_path / "orders.csv").write_text(
        f'Courier,Order ID,AWB No\nDelhivery,OD-0,86210100000\n"{label}",,172420000000\nBlue Dart,OD-1,86210100001\n'
    )
    found = decided(tmp_path / "orders.csv", everything=True)
    assert found.sent == {2: "86210100000", 4: "86210100001"}
    assert "is in a row that is called a total" in found.invalid[3]


@pytest.mark.parametrize("label", NO_LABELS)
def test_other_words_name_no_total(label: str) -> None:
    assert named_totals(pd.Series([label], dtype="str"), loosely=True).tolist() == [False]


def test_a_reference_that_begins_like_a_total_is_one_only_as_a_word() -> None:
    refs = pd.Series(["SUM-1001", "TOTAL-7", "Delhivery Total", "Total"], dtype="str")
    assert named_totals(refs, loosely=False).tolist() == [False, False, True, True]


def listed(folder: Path, *awbs: int | str, refs: bool = True) -> Decided:
    """AWBs with references; a text with a dash in front has none."""
    lines = ["Order ID,AWB No" if refs else "AWB No"]
    for number, awb in enumerate(awbs):
        text = str(awb)
        lines.append(f"{'' if text[0] == '-' else f'OD-{number}'},{text.lstrip('-')}" if refs else text)
    (folder / "orders.csv").write_text("\n".join([*lines, ""]))
    return decided(folder / "orders.csv", everything=True)


A, B, C = 86210010471, 86210010475, 86210010473


@pytest.mark.parametrize(
    ("awbs", "totals"),
    [
        ((A, B, A + B), {4: "sum"}),
        ((A, B, C, A + B + C), {5: "sum"}),
        ((A, B, A + B, C, 86210019999, C + 86210019999, A + B + C + 86210019999), {4: "sum", 7: "sum", 8: "sum"}),
        (("SF1234567", A, B, A + B), {5: "sum"}),
        ((A, A + 6, A + 3, f"-{A + 3}"), {5: "average"}),
        ((A, A + 6, A + 3, A + 3), {}),  # with a reference it may well be the same parcel again
        ((A, B, C), {}),
        ((A, A), {}),
        ((A, 2 * A), {}),
    ],
)
def test_a_total_without_a_name_is_known_by_arithmetic(
    tmp_path: Path, awbs: tuple[int | str, ...], totals: dict[int, str]
) -> None:
    found = listed(tmp_path, *awbs)
    assert {row: why.partition(" is the ")[2].partition(" ")[0] for row, why in found.invalid.items()} == totals
    assert set(found.sent) == set(range(2, len(awbs) + 2)) - set(totals)


def test_the_last_number_of_a_bare_list_may_be_a_total(tmp_path: Path) -> None:
    assert set(listed(tmp_path, A, B, A + B, refs=False).invalid) == {4}
    assert set(listed(tmp_path, A, A + 6, A + 3, A + 3, refs=False).invalid) == {5}


def frames(values: list[int], size: int, hidden: set[int] | None = None) -> set[int]:
    """The places that are told to be totals, the numbers being read in frames."""
    running, found = RunningTotals(), set()
    for start in range(0, len(values), size):
        part = pd.Series([str(value) for value in values[start : start + size]], dtype="str")
        unseen = np.array([start + place in (hidden or set()) for place in range(len(part))], bool)
        why = running.find(part, np.ones(len(part), bool), unseen)
        found |= {start + place for place in np.flatnonzero((why != "").to_numpy()).tolist()}
    return found


def test_sums_are_exact_and_go_on_from_frame_to_frame() -> None:
    numbers = [random.Random(7).randrange(10**13, 10**14) for _ in range(3)]
    values = [86210010463123 + 17 * place * place for place in range(1000)] + numbers
    for size in (10_000, 100, 7):
        assert frames([*values, sum(values)], size) == {len(values)}
        assert frames([*values, sum(values) + 1], size) == set()
        assert frames([*values, sum(values) - sum(values[:10])], size) == ({len(values)} if size == 10_000 else set())


def test_a_sum_of_the_rows_that_show_is_a_sum_too() -> None:
    assert frames([A, B, C, A + C], 100, {1}) == {3}
    assert frames([A, B, C, A + C], 100) == set()


def test_a_count_of_many_is_no_awb() -> None:
    values = [86210010463123 + 17 * place * place for place in range(100_000)]
    assert frames([*values, 100_000], 30_000) == {100_000}
    assert frames([*values, 100_001], 30_000) == set()

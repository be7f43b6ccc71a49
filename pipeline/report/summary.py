"""Counts what became of the rows: the numbers that the terminal, the page and the JSON summary all show."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import pandas as pd

from pipeline.model.amount_sums import AmountSum, orders_of
from pipeline.model.amounts import as_amount
from pipeline.model.reasons import NamedNotDone
from schemas.annotated import BLANK, Status

VERSION = 1
"""Of the JSON summary's form (docs/interface.md, "The JSON summary")."""

NEEDS_A_PERSON = (Status.UNKNOWN, Status.FAILED, Status.INVALID)
"""The rows that somebody has to look at, the most pressing first; any of them makes the exit code 1."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The JSON summary, field for field (docs/interface.md)."""

    run: str
    environment: str
    input: str
    output: str
    report: str
    sheet: str
    exit_code: int
    rows: int
    counts: Mapping[str, int]
    awbs: Mapping[str, int]
    calls: int
    elapsed_s: float
    amount: Mapping[str, str | int] | None
    stopped: str | None
    plan: str = ""
    seal: str = ""
    not_done: Sequence[NamedNotDone] = ()
    asked: Mapping[str, int] | None = None
    list: str | None = None

    def as_json(self) -> str:
        """The summary as it is written beside the sheet and, with ``--json``, to stdout."""
        return json.dumps({"version": VERSION, **asdict(self)}, ensure_ascii=False, indent=2) + "\n"


def count_rows(picked: pd.DataFrame, left_out: int, blank: int) -> dict[str, int]:
    """How many rows bear each status word, the blank ones included: the sum is the rows read."""
    counts = {str(word): 0 for word in Status} | {BLANK: blank}
    for word, count in picked["status"].value_counts().items():
        counts[str(word)] += int(count)
    counts[Status.SKIPPED] += left_out
    return counts


def sum_amounts(picked: pd.DataFrame, skipped: AmountSum) -> dict[str, str | int] | None:
    """The order amount by status, exact, each order once where its amount repeats; None without an amount column."""
    if "amount" not in picked:
        return None
    totals = {str(word): 0 for word in Status} | {str(Status.SKIPPED): skipped.total}
    unreadable = skipped.unreadable
    orders = orders_of(picked["order_ref"], picked["awb"])
    for word, amounts in picked.groupby("status")["amount"]:
        tally = AmountSum()
        tally.add(amounts, orders[amounts.index])
        totals[str(word)] += tally.total
        unreadable += tally.unreadable
    return {**{word: as_amount(total) for word, total in totals.items()}, "unreadable": unreadable}


def exit_code(counts: Mapping[str, int], *, stopped: bool, interrupted: bool, not_done: bool = False) -> int:
    """The code of a job that ran (docs/interface.md, "Exit codes")."""
    if interrupted:
        return 130
    if stopped:
        return 3
    return 1 if not_done or any(counts[word] for word in NEEDS_A_PERSON) else 0

"""Reads a small sheet as the job does, and says what becomes of each of its rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.jobs.read_orders import OrdersRead, read_orders
from pipeline.model.options import SelectionOptions
from pipeline.planning.plan import PlanOptions, plan_calls
from schemas.annotated import Status

NOTHING_KNOWN = pd.DataFrame(
    {name: pd.Series(dtype="str") for name in ("awb", "status", "remark", "refnum", "run", "at")}
).assign(refused=pd.Series(dtype="bool"))
"""A ledger that knows none of the AWBs."""


@dataclass(slots=True)
class Listening:
    """Takes what the job reports."""

    warnings: list[str] = field(default_factory=list)

    def step(self, text: str) -> None:
        """Nobody reads it."""

    def warn(self, text: str) -> None:
        """Kept."""
        self.warnings.append(text)


@dataclass(frozen=True, slots=True)
class SortedRows:
    """What became of a sheet. ``sent``: the AWBs to be sent, in order; ``why``: row number -> why it is not sent."""

    sent: tuple[str, ...]
    why: dict[int, str]
    read: OrdersRead
    warnings: tuple[str, ...]

    @property
    def question(self) -> str:
        """What the run asks before it sends; "" where it need not."""
        return self.read.question


def sort_rows(source: Path, **options: Any) -> SortedRows:
    """Reads a file with these options and plans it, with an empty ledger."""
    listening = Listening()
    read = read_orders(source, SelectionOptions(today="2026-11-27", **options), listening)  # type: ignore[arg-type]
    decided = plan_calls(read.gathered, NOTHING_KNOWN, PlanOptions(100, options.get("limit")))
    sent = tuple(awb for batch in decided.plan.batches for awb in batch.awbs)
    stays = decided.rows[decided.rows["status"] != str(Status.PLANNED)]
    why = {int(str(row)): str(remark) for row, remark in stays["remark"].items()}
    left = {int(str(row)): str(remark) for row, remark in read.gathered.left_out["remark"].items()}
    return SortedRows(sent, dict(sorted((why | left).items())), read, tuple(listening.warnings))


def sort_text(folder: Path, text: str, name: str = "orders.csv", **options: Any) -> SortedRows:
    """The same of a delimited text."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return sort_rows(path, **options)

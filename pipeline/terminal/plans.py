"""Shows the sealed plans: all of them and how each stands, or one with what it would send."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.model.command_line import as_told
from pipeline.model.moments import local_time
from pipeline.model.plans import PlanInfo
from pipeline.terminal.wording import with_commas, with_host
from schemas.annotated import Status

if TYPE_CHECKING:
    from pipeline.jobs.plans import PlanRecord

MOST_AWBS = 100
"""AWBs of a plan that are listed; ``--json`` has them all."""


def show_plans(out: Console, plans: Sequence[PlanInfo]) -> None:
    """The plans of the ledger, the newest first."""
    if not plans:
        out.print(Text("There were no plans yet."))
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("plan", "environment", "file", "AWBs", "amount", "made by", "made", "how it stands"):
        table.add_column(name, overflow="fold", no_wrap=name in ("plan", "environment"))  # names to copy
    now = datetime.now(UTC)
    for plan in plans:
        facts = plan.facts
        file = facts.input.replace("\\", "/").rpartition("/")[2]
        where, awbs, made = with_host(facts.key.environment), f"{facts.awbs:,}", local_time(facts.made)
        cells = (plan.name, where, file, awbs, _amount(plan), facts.who, made, plan.stands(now))
        table.add_row(*map(Text, cells))
    out.print(table)


def show_plan(out: Console, record: PlanRecord) -> None:
    """One plan: its facts, what was said of it, and its AWBs call by call."""
    info = record.info
    facts = info.facts
    for name, value in (
        ("plan", info.name), ("how it stands", info.stands(datetime.now(UTC))), ("AWBs", f"{facts.awbs:,}"),
        ("calls", f"{facts.calls:,}"), ("amount", _amount(info)), ("environment", facts.key.environment),
        ("account (digest)", facts.account), ("file", facts.input), ("SHA-256 of it", facts.digest),
        ("sheet", facts.sheet), ("picked by", facts.picked_by), ("made by", facts.who),
        ("made", local_time(facts.made)), ("seal", info.seal),
    ):  # fmt: skip
        if value:
            out.print(Text(f"{name}: {value}"))
    for entry in info.entries:
        said = f"{local_time(entry.at)}: {entry.state} by {entry.who}"
        out.print(
            Text(said + (f", run {entry.run}" if entry.run else "") + (f": {entry.because}" if entry.because else ""))
        )
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("call", "AWB", "order reference", "rows"):
        table.add_column(name, overflow="fold")
    for call, awb, refs, rows in record.plan.awbs[["call", "awb", "refs", "rows"]].head(MOST_AWBS).to_numpy():
        listed = ", ".join(dict.fromkeys(json.loads(refs)))
        table.add_row(*map(Text, (str(call), awb, listed, ", ".join(map(str, json.loads(rows))))))
    out.print()
    out.print(table)
    if facts.awbs > MOST_AWBS:
        more = f"… and {facts.awbs - MOST_AWBS:,} more: `bulk-cancel plans {info.name} --json` lists them all"
        out.print(Text(as_told(more)))


def _amount(plan: PlanInfo) -> str:
    amount = (plan.facts.amount or {}).get(str(Status.PLANNED))
    return "" if amount is None else with_commas(amount)

"""Tells a run on one page: what became of the rows, what needs a person, and how to go on. Pure."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd

from pipeline.money import Tally, as_amount
from pipeline.summary import NEEDS_A_PERSON, Summary
from schemas.annotated import Status

MOST_ROWS = 2_000
"""Rows that need a person shown on the page; the sheet has them all."""

MOST_BARS = 12
"""Bars in a chart; the rest is told as a number."""

MOST_CALLS = 200
"""Calls listed; the ledger has them all."""

LONGEST_REMARK = 500
"""Characters of a remark on the page; the sheet has it whole."""

NEXT_STEP = {
    Status.UNKNOWN: "It may be cancelled. Run verify, or look it up in the courier panel; --resend-unknown asks again.",
    Status.FAILED: "Read the remark: cancel it in the courier panel, or arrange an RTO; --retry-failed asks again.",
    Status.INVALID: "Mend the row in your export and run the same command again.",
    Status.NOT_SENT: "Run the same command again.",
}
"""What a person does about a row."""

COD_WORDS = r"(?i)\bcod\b|cash on delivery|collect"
"""How exports say that a parcel is paid on delivery (EXPORTS.md, payment column)."""


@dataclass(frozen=True, slots=True)
class Story:
    """What the page tells beside the summary."""

    summary: Summary
    picked: (
        pd.DataFrame
    )  # index the row number; awb, order_ref, status, remark, courier, amount, … as planning keeps them
    left_out: Mapping[str, int]  # reason: rows
    calls: pd.DataFrame  # began, elapsed, awbs, note
    picked_by: str
    notes: Sequence[str]
    account: str
    who: str
    started: str
    version: str


def page(story: Story) -> str:
    """The report as one self-contained HTML page: no network, every text escaped, scripts fixed by their digest."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("pipeline", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("report.html").render(
        story=story,
        summary=story.summary,
        style=_asset("report.css"),
        script=_asset("report.js"),
        style_digest=_digest("report.css"),
        script_digest=_digest("report.js"),
        sentence=sentence(story.summary),
        tiles=_tiles(story.summary),
        money=_money(story),
        needs=_needs(story.picked),
        needs_total=int(story.picked["status"].isin(NEEDS_A_PERSON).sum()),
        most_rows=MOST_ROWS,
        couriers=_couriers(story.picked),
        remarks=_remarks(story.picked),
        calls=story.calls.tail(MOST_CALLS).to_dict("records"),
        next_steps={str(word): step for word, step in NEXT_STEP.items()},
    )


@cache
def _asset(name: str) -> str:
    return files("pipeline").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _digest(name: str) -> str:
    return "sha256-" + b64encode(hashlib.sha256(_asset(name).encode()).digest()).decode()


def sentence(summary: Summary) -> str:
    """The outcome in one sentence."""
    counts = summary.counts
    if counts[Status.PLANNED]:
        return f"{counts[Status.PLANNED]:,} rows would be cancelled; nothing was sent."
    parts = [f"{counts[Status.SUCCESS]:,} rows are cancelled"]
    parts += [f"{counts[word]:,} {said}" for word, said in _SAID if counts[word]]
    stopped = f" The run stopped early: {summary.stopped}." if summary.stopped else ""
    return ", ".join(parts) + "." + stopped


_SAID = (
    (Status.FAILED, "were refused"),
    (Status.UNKNOWN, "are in doubt"),
    (Status.INVALID, "can't be trusted and were not sent"),
    (Status.NOT_SENT, "were not sent"),
)


def _tiles(summary: Summary) -> list[dict[str, Any]]:
    amounts = summary.amount or {}
    shown = [word for word in Status if summary.counts[word] or word in (Status.SUCCESS, *NEEDS_A_PERSON)]
    return [{"word": str(word), "count": summary.counts[word], "amount": amounts.get(word)} for word in shown]


def _money(story: Story) -> list[tuple[str, str]]:
    """The lines about money; none without an amount column."""
    picked = story.picked
    if "amount" not in picked:
        return []
    done = picked[picked["status"] == str(Status.SUCCESS)]
    standing = picked[picked["status"].isin([str(Status.FAILED), str(Status.UNKNOWN)])]
    lines = [("Cancelled", _sum(done["amount"]))]
    if "payment" in picked or "cod_amount" in picked:
        lines.append(("Cash on delivery among it", _sum(_cod(done))))
    return [*lines, ("Still standing (Failed and Unknown)", _sum(standing["amount"]))]


def _cod(rows: pd.DataFrame) -> pd.Series[str]:
    if "cod_amount" in rows:
        return rows["cod_amount"]
    return rows.loc[rows["payment"].str.contains(COD_WORDS, regex=True), "amount"]


def _sum(amounts: pd.Series[str]) -> str:
    tally = Tally()
    tally.add(amounts)
    unreadable = f" (and {tally.unreadable:,} that can't be read)" if tally.unreadable else ""
    return as_amount(tally.total) + unreadable


def _needs(picked: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows that need a person, the most pressing first, bounded."""
    parts = [picked[picked["status"] == str(word)] for word in NEEDS_A_PERSON]
    shown = pd.concat(parts).head(MOST_ROWS)
    columns = ["status", "awb", "order_ref", "remark"]
    lines = shown[columns].astype("str").assign(row=shown.index, remark=shown["remark"].str.slice(0, LONGEST_REMARK))
    return [{str(key): value for key, value in line.items()} for line in lines.to_dict("records")]


def _couriers(picked: pd.DataFrame) -> list[dict[str, Any]]:
    """Outcomes by courier, the largest first."""
    if "courier" not in picked:
        return []
    named = picked["courier"].where(picked["courier"] != "", "(no courier)")
    table = pd.crosstab(named, picked["status"].astype("str"))
    table = table.loc[table.sum(axis=1).sort_values(ascending=False, kind="stable").index].head(MOST_BARS)
    most = max(int(table.sum(axis=1).max()), 1) if len(table) else 1
    return [_bar(str(name), {str(k): int(v) for k, v in line.items() if v}, most) for name, line in table.iterrows()]


def _bar(name: str, counts: dict[str, int], most: int) -> dict[str, Any]:
    parts = [{"word": word, "count": count, "width": round(100 * count / most, 2)} for word, count in counts.items()]
    return {"name": name, "total": sum(counts.values()), "parts": parts}


def _remarks(picked: pd.DataFrame) -> list[dict[str, Any]]:
    """The remarks of answered rows by count; remarks that name their own row or day are told once each."""
    answered = picked[picked["status"].isin([str(Status.FAILED), str(Status.UNKNOWN), str(Status.INVALID)])]
    short = answered.assign(remark=answered["remark"].str.slice(0, 120))
    top = short.value_counts(["status", "remark"]).head(MOST_BARS).rename("total").reset_index()
    most = max(int(top["total"].max()), 1) if len(top) else 1
    bars = top.assign(width=(100 * top["total"] / most).round(2)).rename(columns={"status": "word", "remark": "name"})
    return [{str(key): value for key, value in line.items()} for line in bars.to_dict("records")]

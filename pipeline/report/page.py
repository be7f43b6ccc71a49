"""Tells a run on one page: what became of the rows, what needs a person, and how to go on. Pure."""

from __future__ import annotations

import hashlib
import sys
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.model.asked import WHOLE
from pipeline.model.moments import local_time
from pipeline.report.currency import Currency
from pipeline.report.figures import MOST_ROWS, by_status, couriers, grouped, money, needs, remarks, shares, told
from pipeline.report.going import going, largest, plan_lines
from pipeline.report.next_steps import NEXT_STEP, onward, word_of
from pipeline.report.summary import NEEDS_A_PERSON, Summary
from schemas.annotated import Status

if TYPE_CHECKING:
    from jinja2 import Template

MOST_CALLS = 200
"""Calls listed; the ledger has them all."""

MOST_REASONS = 50
"""Reasons for leaving rows out that are listed; the sheet has them all."""

SIGNS = {
    Status.SUCCESS: "✔",
    Status.FAILED: "✘",
    Status.UNKNOWN: "?",
    Status.INVALID: "!",
    Status.SKIPPED: "–",
    Status.NOT_SENT: "…",
    Status.PLANNED: "→",
}
"""Beside each word, so that nobody has to tell colours apart."""

SAID = {
    Status.SUCCESS: ("is cancelled", "are cancelled"),
    Status.PLANNED: ("would be cancelled", "would be cancelled"),
    Status.FAILED: ("was refused", "were refused"),
    Status.UNKNOWN: ("is in doubt", "are in doubt"),
    Status.INVALID: ("can't be trusted and was not sent", "can't be trusted and were not sent"),
    Status.NOT_SENT: ("was not sent", "were not sent"),
}
"""The outcome in words: for one row, and for several."""


@dataclass(frozen=True, slots=True)
class Story:
    """What the page tells beside the summary.

    ``picked``: index the row number; awb, order_ref, status, remark, and courier, amount, payment, cod_amount where
    the sheet has them. ``left_out``: rows by reason. ``calls``: began, elapsed, awbs, note, in order.
    """

    summary: Summary
    picked: pd.DataFrame
    left_out: Mapping[str, int]
    calls: pd.DataFrame
    picked_by: str
    notes: Sequence[str]
    account: str
    who: str
    started: str
    version: str
    today: date = field(default_factory=lambda: datetime.now().astimezone().date())
    options: str = ""  # what was said of the rows, as it is typed: for the command that goes on from a plan


def page(story: Story) -> str:
    """The report as one self-contained HTML page: no network, every text escaped, scripts fixed by their digest."""
    html = _template().render(**_told(story), **_assets())
    return html.encode("utf-8", "replace").decode()  # a file name may hold bytes that are no text


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from pipeline.report.template_cache import TemplateCache

    environment = Environment(
        loader=PackageLoader("pipeline.report", "templates"),
        bytecode_cache=TemplateCache(Path(__file__).parent / "__pycache__", keeps=not sys.dont_write_bytecode),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"grouped": grouped, "told": told, "local": local_time, "by_status": by_status}
    return environment.get_template("report.html")


def _told(story: Story) -> dict[str, Any]:
    summary, picked = story.summary, story.picked
    reasons = list(story.left_out.items())
    currency = Currency.of(picked.get("amount"))
    lines, titles = (needs(picked), ["Next step"]) if summary.run else plan_lines(picked)
    return {
        "story": story,
        "summary": summary,
        "file": summary.input.replace("\\", "/").rpartition("/")[2],
        "stage": word_of(summary.environment),
        "plan": not summary.run,
        "sentence": sentence(summary),
        "interrupted": summary.exit_code == 130,
        "signs": {str(word): sign for word, sign in SIGNS.items()},
        "tiles": _tiles(summary, currency),
        "asked": [(word, count) for word, count in (summary.asked or {}).items() if count or word == WHOLE],
        "shares": shares(summary.counts),
        "money": money(summary, picked, currency),
        "going": going(picked, story.today, currency) if not summary.run else [],
        "largest": largest(picked, currency) if not summary.run else [],
        "needs": lines,
        "last_columns": titles,
        "needs_total": len(picked) if not summary.run else sum(summary.counts[word] for word in NEEDS_A_PERSON),
        "needs_words": [
            str(word) for word in SIGNS if summary.counts[word] and (word in NEEDS_A_PERSON or not summary.run)
        ],
        "most_rows": MOST_ROWS,
        "next_steps": {str(word): step for word, step in NEXT_STEP.items()},
        "couriers": couriers(picked),
        "remarks": remarks(picked, summary.sheet),
        "reasons": reasons[:MOST_REASONS],
        "more_reasons": (len(reasons[MOST_REASONS:]), sum(count for _, count in reasons[MOST_REASONS:])),
        "calls": story.calls.tail(MOST_CALLS).to_dict("records"),
        "onward": onward(summary, story.options),
    }


def _assets() -> dict[str, str]:
    names = {"style": "report.css", "script": "report.js"}
    return {kind: _asset(name) for kind, name in names.items()} | {
        f"{kind}_digest": _digest(name) for kind, name in names.items()
    }


@cache
def _asset(name: str) -> str:
    return files("pipeline.report").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _digest(name: str) -> str:
    return "sha256-" + b64encode(hashlib.sha256(_asset(name).encode()).digest()).decode()


def sentence(summary: Summary) -> str:
    """The outcome in one sentence; what was only played says so."""
    counts = summary.counts
    parts = [_part(counts[word], *said) for word, said in SAID.items() if counts[word]]
    if not parts:
        return "No row was picked, so nothing was sent."
    told = ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1]
    if not summary.run:
        return f"{told}; nothing was sent yet."
    played = "In the sandbox, where nothing is real, " if word_of(summary.environment) == "sandbox" else ""
    return f"{played}{told}."


def _part(count: int, one: str, several: str) -> str:
    return f"{count:,} row {one}" if count == 1 else f"{count:,} rows {several}"


def _tiles(summary: Summary, currency: Currency) -> list[dict[str, Any]]:
    """A tile for each status that has rows, and always for those that matter most."""
    amounts = summary.amount or {}
    always = {Status.SUCCESS, *NEEDS_A_PERSON} if summary.run else {Status.PLANNED, Status.INVALID}
    order = SIGNS if summary.run else [Status.PLANNED, *(word for word in SIGNS if word is not Status.PLANNED)]
    shown = [word for word in order if summary.counts[word] or word in always]
    money = {word: currency.shown(amounts[word]) for word in shown if word in amounts}
    return [{"word": str(word), "count": summary.counts[word], "amount": money.get(word)} for word in shown]

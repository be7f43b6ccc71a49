"""The history: every plan and run, and what became of an AWB, an order, a file, a person's or a day's work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pipeline.jobs.history import find_entries, past_runs
from pipeline.jobs.plans import all_plans
from pipeline.web.forms import checked_form
from pipeline.web.texts import LANGUAGE_COOKIE, LANGUAGES, shown

MOST = 200
"""Plans or entries on one screen."""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One run, with its plan and the name of its file as its owner knows it."""

    run: str
    plan: str
    file: str
    who: str
    started: Any
    command: str
    sent: int
    stands: str


def _lines(page: Any) -> list[HistoryLine]:
    names = {str(page.uploads.folder / one.name): one.file for one in page.uploads.all()}
    plans = {entry.run: plan.name for plan in all_plans(page.settings) for entry in plan.entries if entry.run}
    lines = []
    for run in past_runs(page.settings):
        folder, _, file = run.input.replace("\\", "/").rpartition("/")
        stands = "stopped" if run.stopped else "finished" if run.finished else "running or broken off"
        said = names.get(folder, file)
        lines.append(
            HistoryLine(run.run, plans.get(run.run, ""), said, run.who, run.started, run.command, run.sent, stands)
        )
    return lines


async def history_page(request: Request) -> Response:
    """All of it, or what a search finds."""
    page, text = request.app.state.page, request.query_params.get("search", "").strip()
    lines = await run_in_threadpool(_lines, page)
    plans = await run_in_threadpool(all_plans, page.settings)
    waiting = [plan for plan in plans if not any(entry.run for entry in plan.entries)]
    entries: list[dict[str, str]] = []
    if text:
        fold = text.casefold()
        lines = [one for one in lines if any(fold in str(value).casefold() for value in (
            one.run, one.plan, one.file, one.who, f"{one.started:%Y-%m-%d}"))]  # fmt: skip
        waiting = [one for one in waiting if fold in f"{one.name} {one.facts.who} {one.facts.made}".casefold()]
        entries = await run_in_threadpool(find_entries, page.settings, text, MOST)
    said = {"lines": lines[:MOST], "waiting": waiting[:MOST], "entries": entries, "search": text}
    return shown(request, "history.html", step=0, **said)


async def language(request: Request) -> Response:
    """Takes the reader's language."""
    form = await checked_form(request)
    chosen = str(form.get("language", ""))
    answer = RedirectResponse("/", 303)
    if chosen in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, chosen, httponly=True, samesite="strict", max_age=31_536_000)
    return answer

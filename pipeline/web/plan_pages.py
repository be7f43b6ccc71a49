"""Steps 3 to 6: look at the plan, approve it, watch it, take the result."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response, StreamingResponse

from pipeline.errors import LedgerError, PipelineError
from pipeline.jobs.history import RunRecord, past_run
from pipeline.jobs.plans import approve, one_plan, reject
from pipeline.jobs.row_table import CHOSEN_FROM, SHOWN, RowsAsked, RowTable
from pipeline.model.plans import PlanInfo, PlanState, person_of
from pipeline.web.charts import chart_of
from pipeline.web.forms import checked_form
from pipeline.web.plain_words import in_page_words
from pipeline.web.texts import shown
from pipeline.web.uploads import Upload
from pipeline.worker.plan_queue import TaskState

LIVE_EVERY = 0.5
"""Seconds between two looks at a run."""

LONGEST_LIVE = 3600
"""Looks of one connection; a browser opens the next by itself."""

SKIPPED = "Skipped"
FILES = {"sheet": "", "report": ".html", "plan-sheet": "", "plan-report": ".html"}


@dataclass(frozen=True, slots=True)
class PlanView:
    """One plan as its screens need it."""

    info: PlanInfo
    stands: str
    upload: Upload | None
    task: str
    state: TaskState | None
    record: RunRecord | None
    about: dict[str, Any]

    @property
    def file(self) -> str:
        """What its owner calls the sheet."""
        return self.upload.file if self.upload else self.info.facts.input.rpartition("/")[2]

    @property
    def step(self) -> int:
        """Which of the six steps it is at."""
        if self.state is not None and self.state.came is None:
            return 5
        return 6 if self.record is not None else 3

    @property
    def trouble(self) -> str:
        """Why the last task ended without a result."""
        return self.state.came.get("trouble", "") if self.state and self.state.came else ""


def _view(page: Any, name: str) -> PlanView:
    info = one_plan(page.settings, name).info
    newest = page.queue.newest(info.name)
    task, state = newest if newest else ("", None)
    started = info.last(PlanState.STARTED)
    record = past_run(page.settings, started.run) if started and started.run else None
    upload = page.uploads.of_plan(info.name)
    about: dict[str, Any] = {}
    if upload is not None:
        path = page.uploads.rows(upload).with_name("plan.json")
        if path.is_file():
            about = json.loads(path.read_text(encoding="utf-8"))
    return PlanView(info, info.stands(datetime.now(UTC)), upload, task, state, record, about)


async def _viewed(request: Request) -> PlanView:
    return await run_in_threadpool(_view, request.app.state.page, request.path_params["plan"])


async def plan_page(request: Request) -> Response:
    """Step 3, 4, 5 or 6: where the plan is."""
    view = await _viewed(request)
    page = request.app.state.page
    if view.step == 5:
        return shown(request, "watch.html", step=5, view=view)
    counts = view.info.facts.counts
    if view.step == 6 and view.record is not None and "stage" not in request.query_params:
        counts = _counts(view, view.record)
        return shown(
            request, "result.html", step=6, view=view, counts=counts, chart=chart_of(counts), **_files(page, view)
        )
    said = {"step": 3, "view": view, "counts": counts, "chart": chart_of(counts), **_files(page, view)}
    table = await run_in_threadpool(_rows, request, view)
    return shown(request, "plan.html", **said, **table)


async def rows(request: Request) -> Response:
    """The table of rows alone, for the script."""
    view = await _viewed(request)
    return shown(request, "rows.html", view=view, **await run_in_threadpool(_rows, request, view))


def _rows(request: Request, view: PlanView) -> dict[str, Any]:
    page, query = request.app.state.page, request.query_params
    if view.upload is None or not page.uploads.rows(view.upload).is_file():
        return {"table": None}
    table: RowTable = page.table(view.info.name, page.uploads.rows(view.upload))
    number = query.get("page", "1")
    asked = RowsAsked(
        only=tuple((name, query.get(name, "")) for name in CHOSEN_FROM),
        search=query.get("search", ""),
        sort=query.get("sort", "row"),
        descending=query.get("down", "") == "1",
        page=int(number) if number.isdecimal() and len(number) < 9 else 1,
    )
    words = {name: page.words(view.info.name, table, name) for name in CHOSEN_FROM}
    return {"table": table.page(asked), "asked": asked, "only": dict(asked.only), "words": words, "shown": SHOWN}


def _counts(view: PlanView, record: RunRecord) -> dict[str, int]:
    counts = {str(word): int(count) for word, count in record.rows["status"].value_counts().items()}
    skipped = view.info.facts.counts.get(SKIPPED, 0)
    return counts | {SKIPPED: max(skipped, counts.get(SKIPPED, 0))} if skipped else counts


def _files(page: Any, view: PlanView) -> dict[str, Any]:
    return {"files": {kind: path.name for kind in FILES if (path := _file(page, view, kind)) is not None}}


def _file(page: Any, view: PlanView, kind: str) -> Any:
    if view.upload is None:
        return None
    if kind.startswith("plan-"):
        said = view.about.get("files", {}).get(kind.removeprefix("plan-"), "")
    else:
        said = view.record.info.output if view.record else ""
    sheet = page.uploads.result(view.upload, said) if said else None
    return page.uploads.result(view.upload, str(sheet.with_suffix(".html"))) if sheet and kind == "report" else sheet


async def download(request: Request) -> Response:
    """A file of the plan, under the name that its owner knows."""
    view = await _viewed(request)
    kind = request.path_params["kind"]
    path = _file(request.app.state.page, view, kind) if kind in FILES else None
    if path is None:
        words = "This file is not here any more. The history still says what became of each AWB."
        return shown(request, "trouble.html", 404, words=words, back=f"/plans/{view.info.name}")
    stem = view.file.rpartition(".")[0] or view.file
    name = quote(stem + path.name.removeprefix("sheet"))
    return FileResponse(path, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"})


async def evidence(request: Request) -> Response:
    """For auditors: each AWB of the run, when, by whom, what the service said."""
    view = await _viewed(request)
    if view.record is None:
        return shown(request, "trouble.html", 404, words="Nothing was sent yet.", back=f"/plans/{view.info.name}")
    name = quote(f"{view.record.info.run}.csv")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response("\ufeff" + view.record.as_csv(), media_type="text/csv; charset=utf-8", headers=headers)


async def approve_page(request: Request) -> Response:
    """Step 4."""
    view = await _viewed(request)
    if view.step != 3 and not _can_go_on(view):
        return RedirectResponse(f"/plans/{view.info.name}", 303)
    mine = view.info.facts.person == person_of(request.app.state.page.who)
    return shown(request, "approve.html", step=4, view=view, mine=mine, wrong="")


def _can_go_on(view: PlanView) -> bool:
    ended = view.info.last(PlanState.DONE) or view.info.last(PlanState.REJECTED)
    return ended is None and not view.info.facts.too_old(datetime.now(UTC))


async def approved(request: Request) -> Response:
    """Takes the typed number: approves where that is asked for, and sends."""
    page, form = request.app.state.page, await checked_form(request)
    view = await _viewed(request)
    name = view.info.name
    mine = view.info.facts.person == person_of(page.who)
    typed = str(form.get("awbs", "")).replace(",", "").replace(" ", "")
    if typed != str(view.info.facts.awbs):
        return shown(request, "approve.html", 422, step=4, view=view, mine=mine, wrong=typed or "-")
    try:
        if view.info.lacks_approval:
            await run_in_threadpool(approve, page.settings, name, page.who)
        elif view.state is None or view.state.came is not None:
            if not _can_go_on(view):
                raise LedgerError(f"Plan {name} is {view.stands}")
            await run_in_threadpool(page.queue.add, _next_task(view), "send", name)
    except PipelineError as trouble:
        words = in_page_words(str(trouble), view.file)
        return shown(request, "trouble.html", 409, words=words, back=f"/plans/{name}", file=view.file)
    return RedirectResponse(f"/plans/{name}", 303)


def _next_task(view: PlanView) -> str:
    """A name that two windows make alike, so that pressing twice starts once."""
    number = int(view.task.rpartition(".")[2]) + 1 if view.task else 1
    return f"{view.info.name}.{number:04d}"


async def rejected(request: Request) -> Response:
    """Takes the word that the plan must not be sent."""
    page, form = request.app.state.page, await checked_form(request)
    name = request.path_params["plan"]
    try:
        await run_in_threadpool(reject, page.settings, name, page.who, str(form.get("because", "")))
    except PipelineError as trouble:
        words = in_page_words(str(trouble), name)
        return shown(request, "trouble.html", 409, words=words, back=f"/plans/{name}")
    return RedirectResponse(f"/plans/{name}", 303)


async def stop(request: Request) -> Response:
    """Ends a run after the call in flight."""
    await checked_form(request)
    view = await _viewed(request)
    request.app.state.page.queue.stop(view.task)
    return RedirectResponse(f"/plans/{view.info.name}", 303)


async def again(request: Request) -> Response:
    """Looks up what is in doubt, or writes the sheet again."""
    form = await checked_form(request)
    page, view = request.app.state.page, await _viewed(request)
    kind = "look up" if form.get("what") == "look up" else "write"
    sheet = page.uploads.sheet(view.upload) if view.upload else None
    if view.record is None or sheet is None:
        words = "The sheet of this plan is not here any more."
        return shown(request, "trouble.html", 404, words=words, back=f"/plans/{view.info.name}")
    if view.state is None or view.state.came is not None:
        of = str(sheet) if kind == "look up" else view.record.info.run
        await run_in_threadpool(page.queue.add, _next_task(view), kind, of)
    return RedirectResponse(f"/plans/{view.info.name}", 303)


async def live(request: Request) -> Response:
    """The figures of a run as they come (server-sent events), until it is over."""

    async def events() -> AsyncIterator[str]:
        for _ in range(LONGEST_LIVE):
            view = await _viewed(request)
            if view.step != 5:
                yield "event: over\ndata: over\n\n"
                return
            part = bytes(shown(request, "figures.html", view=view).body).decode()
            yield "data: " + json.dumps(part) + "\n\n"
            await asyncio.sleep(LIVE_EVERY)

    return StreamingResponse(events(), media_type="text/event-stream")

"""The page as one application: what each address does, and what is done when it starts and ends."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from pipeline.errors import PipelineError
from pipeline.jobs.row_table import RowTable
from pipeline.settings import Settings
from pipeline.web import history_pages, plan_pages, sheet_pages
from pipeline.web.plain_words import in_page_words
from pipeline.web.reading import ReadingLimits, Readings
from pipeline.web.safety import Access, PageGuard, TooLargeError
from pipeline.web.texts import HERE, shown
from pipeline.web.uploads import KEEP_DAYS, LARGEST, Uploads
from pipeline.worker.plan_queue import PlanQueue

FORGOTTEN_EVERY = 3600
"""Seconds between two looks for sheets that are too old."""

MOST_TABLES = 4
"""Tables of rows that are kept open."""

PATIENCE = 120
"""Seconds that the call in flight has to come home when the page ends; its AWBs are Unknown otherwise."""


@dataclass
class PageState:
    """Everything that the screens need. ``hosts``: filled when the port is known."""

    settings: Settings
    who: str
    keep_days: int = KEEP_DAYS
    largest: int = LARGEST
    limits: ReadingLimits = field(default_factory=ReadingLimits)
    access: Access = field(default_factory=Access)
    hosts: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        folder = self.settings.page_folder
        self.uploads = Uploads(folder / "sheets", self.keep_days)
        self.readings = Readings(str(self.settings.environment), self.settings.account_name, self.who, self.limits)
        self.queue = PlanQueue(folder, self.settings, self.who)
        self._tables: OrderedDict[str, RowTable] = OrderedDict()
        self._words: dict[tuple[str, str], list[tuple[str, int]]] = {}
        self._lock = Lock()

    def table(self, plan: str, path: Path) -> RowTable:
        """The rows of a plan, which never change; opened once."""
        with self._lock:
            if plan not in self._tables:
                self._tables[plan] = RowTable(path)
                while len(self._tables) > MOST_TABLES:
                    self._tables.popitem(last=False)
            self._tables.move_to_end(plan)
            return self._tables[plan]

    def words(self, plan: str, table: RowTable, column: str) -> list[tuple[str, int]]:
        """The words of a column, counted once."""
        if (plan, column) not in self._words:
            self._words[plan, column] = table.words(column)
        return self._words[plan, column]


def application(page: PageState) -> ASGIApp:
    """The page behind its guard."""
    routes = [
        Route("/", sheet_pages.bring_page),
        Route("/sheets", sheet_pages.bring, methods=["POST"]),
        Route("/sheets/{name}", sheet_pages.sheet_page),
        Route("/sheets/{name}", sheet_pages.change, methods=["POST"]),
        Route("/sheets/{name}/forget", sheet_pages.forget_sheet, methods=["POST"]),
        Route("/plans/{plan}", plan_pages.plan_page),
        Route("/plans/{plan}/rows", plan_pages.rows),
        Route("/plans/{plan}/approve", plan_pages.approve_page),
        Route("/plans/{plan}/approve", plan_pages.approved, methods=["POST"]),
        Route("/plans/{plan}/reject", plan_pages.rejected, methods=["POST"]),
        Route("/plans/{plan}/stop", plan_pages.stop, methods=["POST"]),
        Route("/plans/{plan}/again", plan_pages.again, methods=["POST"]),
        Route("/plans/{plan}/live", plan_pages.live),
        Route("/plans/{plan}/evidence", plan_pages.evidence),
        Route("/plans/{plan}/files/{kind}", plan_pages.download),
        Route("/history", history_pages.history_page),
        Route("/language", history_pages.language, methods=["POST"]),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]
    troubles = {PipelineError: _trouble, TooLargeError: _too_large, HTTPException: _http}
    app = Starlette(routes=routes, lifespan=_lifespan, exception_handlers=troubles)
    app.state.page = page
    return PageGuard(app, page.access, page.hosts, page.largest + 1_000_000)


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    page: PageState = app.state.page
    await asyncio.to_thread(page.queue.start)
    forgetting = asyncio.create_task(_forget(page))
    yield
    forgetting.cancel()
    await page.readings.close()
    await asyncio.to_thread(page.queue.close, PATIENCE)


async def _forget(page: PageState) -> None:
    while True:
        await asyncio.to_thread(page.uploads.forget_old, datetime.now(UTC))
        await asyncio.sleep(FORGOTTEN_EVERY)


async def _trouble(request: Request, trouble: Exception) -> Response:
    words = in_page_words(str(trouble), "the sheet")
    return shown(request, "trouble.html", 422, words=words, back="/")


async def _too_large(request: Request, _: Exception) -> Response:
    largest = request.app.state.page.largest // 1_000_000
    return PlainTextResponse(f"The file is too large: this page takes {largest} MB at most.", 413)


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    words = {404: "There is no such screen."}.get(status) or getattr(error, "detail", "")
    return shown(request, "trouble.html", status, words=words, back="/")

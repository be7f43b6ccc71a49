"""Serves the page on this computer until it is stopped, and opens the browser at its link."""

from __future__ import annotations

import os
import socket
import webbrowser
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from filelock import FileLock, Timeout

from pipeline.errors import UsageError
from pipeline.jobs.request import person_here
from pipeline.settings import Settings
from pipeline.web.app import PageState, application

HERE_ONLY = "127.0.0.1"


class _ServerOnceReady(uvicorn.Server):
    """Says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts, and says so."""
        await super().startup(sockets)
        if self.started:
            self._ready()


def serve(
    settings: Settings, *, port: int, browser: bool, keep_days: int, largest_mb: int, say: Callable[[str], None]
) -> None:
    """Serves until Ctrl-C or the system ends it; the call in flight comes home first.

    Args:
        settings: environment, account and ledger that the page works with.
        port: 0 for a free one.
        browser: whether to open one at the link.
        keep_days: after so many days sheets and results are deleted.
        largest_mb: of a sheet, in megabytes.
        say: shows a line to whoever started it.
    Raises:
        UsageError: the port is taken, or a page is at work already with this ledger.
    """
    os.umask(0o077)
    folder = settings.page_folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(folder / "page.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise UsageError(
            "The page is open already, with this ledger", "Use its window, or stop it with Ctrl-C where it was started."
        ) from error
    with lock, _bound(port) as bound:
        page = PageState(settings, person_here(), keep_days=keep_days, largest=largest_mb * 1_000_000)
        number = bound.getsockname()[1]
        page.hosts |= {f"{HERE_ONLY}:{number}", f"localhost:{number}"}
        link = f"http://{HERE_ONLY}:{number}{page.access.link}"

        def ready() -> None:
            say(f"The page is open at {link}")
            say("The link works once, in one browser. Ctrl-C ends the page; a call in flight comes home first.")
            if browser:
                webbrowser.open(link)

        config = uvicorn.Config(
            application(page), log_level="error", access_log=False, lifespan="on", server_header=False,
            timeout_graceful_shutdown=1, proxy_headers=False, ws="none",
        )  # fmt: skip
        with suppress(KeyboardInterrupt):  # uvicorn raises the signal once more when all is ended
            _ServerOnceReady(config, ready).run(sockets=[bound])
        say("The page is closed.")


def _bound(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.bind((HERE_ONLY, port))
    except OSError as error:
        bound.close()
        raise UsageError(f"Port {port} can't be used ({error.strerror or error})", "Say another, or none.") from error
    return bound

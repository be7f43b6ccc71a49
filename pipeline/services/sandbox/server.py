"""Serves the built-in service over real HTTP, on 127.0.0.1 and nowhere else."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType

from pipeline.services.sandbox.behaviour import (
    CANCEL_PATH,
    TRACK_PATH,
    Answer,
    CutOffError,
    HandledCall,
    State,
    answer,
    refusal,
)

LARGEST_REQUEST = 1_000_000
"""Bytes; a hundred AWBs need some three thousand."""

PATIENCE = 30.0
"""Seconds to wait for a request that does not come to its end."""


class Sandbox:
    """The built-in service on a loopback port; a context manager.

    Args:
        port: 0 for a free one.
        refs: the order reference of AWBs, which the real service knows and returns as ``refnum``.
        on_call: told of each call, one after the other, from the service's threads.
    Raises:
        OSError: the port is taken, or not for this user.
    """

    def __init__(
        self, port: int = 0, refs: Mapping[str, str] | None = None, on_call: Callable[[HandledCall], None] | None = None
    ) -> None:
        self._state = State(dict(refs or {}), on_call)
        self._server = _Server(("127.0.0.1", port), self._state)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    @property
    def cancel_url(self) -> str:
        """Where it takes cancel calls; it takes only the keys ``DEMO_TOKEN`` and ``DEMO_SECRET``."""
        return f"http://127.0.0.1:{self.port}{CANCEL_PATH}"

    @property
    def track_url(self) -> str:
        """Where it takes track calls."""
        return f"http://127.0.0.1:{self.port}{TRACK_PATH}"

    @property
    def log(self) -> list[HandledCall]:
        """Every call so far that was processed or refused for its AWBs; nothing of it is a key."""
        with self._state.lock:
            return list(self._state.log)

    @property
    def cancelled(self) -> frozenset[str]:
        """Every AWB that is cancelled, whatever its caller was told."""
        with self._state.lock:
            return frozenset(self._state.cancelled)

    def register(self, refs: Mapping[str, str]) -> None:
        """Tells it the order references of more AWBs."""
        self._state.refs.update(refs)

    def __enter__(self) -> Sandbox:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], state: State) -> None:
        self.state = state
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Without the look-up of the host's name that HTTPServer does here: it takes seconds where DNS is ill."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is no event."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    disable_nagle_algorithm = True
    wbufsize = -1  # headers and body leave together
    timeout = PATIENCE

    def do_POST(self) -> None:
        """Answers both calls; anything it can't understand gets the error envelope."""
        asked = self._asked()
        if self.path not in (CANCEL_PATH, TRACK_PATH):
            self._send(404, refusal(f"There is no call {self.path[:100]}"))
            return
        if asked is None:
            self._send(200, refusal("The request is not valid JSON with a data object"))
            return
        try:
            found = answer(self.server.state, self.path, asked)
        except CutOffError:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._send(200, found)

    def do_GET(self) -> None:
        """Only POST is known."""
        self._send(405, refusal("Only POST is known"))

    do_HEAD = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_GET

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """What is no HTTP gets the error envelope too, never a page."""
        self.close_connection = True
        self._send(code, refusal(message or "The request is not valid HTTP"))

    def _asked(self) -> dict[str, object] | None:
        """The request's ``data``; None for anything else. The body is read first, or the client would not listen."""
        try:
            length = int(self.headers.get("Content-Length", "0"))
            body = self.rfile.read(max(0, min(length, LARGEST_REQUEST)))
            asked = json.loads(body)["data"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        return asked if isinstance(asked, dict) else None

    def _send(self, code: int, found: Answer) -> None:
        body = json.dumps(found).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent: a request's body holds keys, and the log of the calls is kept elsewhere."""

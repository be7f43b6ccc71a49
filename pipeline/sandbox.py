"""The built-in service: keeps the contract of the real one on this machine, so that nothing real is ever cancelled.

Real HTTP on 127.0.0.1 only, both calls of API.md. What becomes of an AWB is told by its last two characters
(``ENDINGS``), so that a sample shows every outcome. It is written from API.md alone and shares no code with ``wire``:
a mistake in one would hide a mistake in the other. It forgets everything when it stops.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from pipeline.model import Credentials, Service

DEMO_TOKEN = "sandbox-token"  # noqa: S105 - the built-in service's own, no secret
DEMO_SECRET = "sandbox-secret"  # noqa: S105

CANCEL_PATH = "/api_v3/order/cancel.json"
TRACK_PATH = "/api_v3/order/track.json"
MOST_TO_CANCEL = 100
MOST_TO_TRACK = 10
SLOW_SECONDS = 1.0


class Fate(Enum):
    """What the built-in service does with an AWB."""

    CANCELLED = "cancelled"
    REQUESTED = "cancelled; the remark says that the courier has not confirmed yet"
    NOT_FOUND = "refused: not found"
    PICKED_UP = "refused: already picked up; tracking says In Transit"
    DONE_BEFORE = "refused: already cancelled"
    SILENT = "left out of the answer; tracking knows nothing of it"
    SILENT_BUT_DONE = "left out of the answer, but cancelled: tracking says so"
    CUT = "the connection is cut after the whole call was processed: no AWB of it gets an answer"
    SLOW = f"cancelled; the answer to its call takes {SLOW_SECONDS:.0f} second longer"
    SPOILS_THE_CALL = "the whole call is refused because of it, until it is asked for alone"
    ODD_WORD = "answered with the word Pending, which is neither a yes nor a no"


ENDINGS: Mapping[str, Fate] = {
    "80": Fate.REQUESTED,
    "90": Fate.NOT_FOUND,
    "91": Fate.PICKED_UP,
    "92": Fate.DONE_BEFORE,
    "93": Fate.SILENT,
    "94": Fate.SILENT_BUT_DONE,
    "95": Fate.CUT,
    "96": Fate.SLOW,
    "97": Fate.SPOILS_THE_CALL,
    "98": Fate.ODD_WORD,
}
"""The last two characters of an AWB and what becomes of it; any other ending is cancelled."""

REFUSALS = {
    Fate.NOT_FOUND: "AWB number not found",
    Fate.PICKED_UP: "Shipment is already picked up, it can not be cancelled",
    Fate.DONE_BEFORE: "Order is already cancelled",
}
CANCELS = frozenset({Fate.CANCELLED, Fate.REQUESTED, Fate.SILENT_BUT_DONE, Fate.CUT, Fate.SLOW})


@dataclass(frozen=True, slots=True)
class Call:
    """One call that the service answered (or cut): which it was and what was done with each AWB."""

    path: str
    done: Mapping[str, str]


@dataclass(slots=True)
class _State:
    refs: Mapping[str, str]
    on_call: Callable[[Call], None] | None
    cancelled: set[str] = field(default_factory=set)
    log: list[Call] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, path: str, done: Mapping[str, str]) -> None:
        call = Call(path, done)
        self.log.append(call)
        if self.on_call:
            self.on_call(call)


class _Cut(Exception):
    """The connection ends here, without an answer."""


class Sandbox:
    """The built-in service on a loopback port; a context manager.

    Args:
        port: 0 for a free one.
        refs: the order reference of AWBs, which the real service knows and returns as ``refnum``.
        on_call: told of each call.
    """

    def __init__(
        self, port: int = 0, refs: Mapping[str, str] | None = None, on_call: Callable[[Call], None] | None = None
    ) -> None:
        self._state = _State(refs or {}, on_call)
        self._server = _Server(("127.0.0.1", port), self._state)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    @property
    def service(self) -> Service:
        """Its addresses and the only keys that it takes."""
        base = f"http://127.0.0.1:{self.port}"
        return Service("sandbox", base + CANCEL_PATH, base + TRACK_PATH, Credentials(DEMO_TOKEN, DEMO_SECRET))

    @property
    def log(self) -> list[Call]:
        """Every call so far."""
        return list(self._state.log)

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

    def __init__(self, address: tuple[str, int], state: _State) -> None:
        self.state = state
        super().__init__(address, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is no event."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    disable_nagle_algorithm = True
    timeout = 30

    def do_POST(self) -> None:
        """Answers both calls; anything it can't understand gets the error envelope."""
        try:
            answer = self._answer()
        except _Cut:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self) -> None:
        """Only POST is known, as with the real service."""
        self.send_error(405)

    def _answer(self) -> dict[str, object]:
        asked = self._asked()
        if asked is None:
            return _refusal("The request is not valid JSON with a data object")
        if (asked.get("access_token"), asked.get("secret_key")) != (DEMO_TOKEN, DEMO_SECRET):
            return _refusal("Invalid access token or secret key")
        if self.path == CANCEL_PATH:
            return self._cancel(_awbs(asked.get("awb_numbers")))
        if self.path == TRACK_PATH:
            return self._track(_awbs(asked.get("awb_number_list")))
        return _refusal(f"There is no call {self.path[:100]}")

    def _asked(self) -> dict[str, object] | None:
        try:
            length = int(self.headers.get("Content-Length", "0"))
            asked = json.loads(self.rfile.read(min(length, 1_000_000)))["data"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return None
        return asked if isinstance(asked, dict) else None

    def _cancel(self, awbs: list[str]) -> dict[str, object]:
        state = self.server.state
        if not awbs or len(awbs) > MOST_TO_CANCEL:
            return _refusal(f"Give 1 to {MOST_TO_CANCEL} AWB numbers, separated by commas")
        fates = {awb: ENDINGS.get(awb[-2:], Fate.CANCELLED) for awb in awbs}
        if len(awbs) > 1 and Fate.SPOILS_THE_CALL in fates.values():
            state.note(self.path, dict.fromkeys(awbs, "refused with its call"))
            return _refusal("<p>One of the AWB numbers is <b>not valid</b></p>")
        if Fate.SPOILS_THE_CALL in fates.values():
            state.note(self.path, {awbs[0]: "refused"})
            return _refusal("<p>This AWB number is <b>not valid</b></p>")
        with state.lock:
            before = set(state.cancelled)
            state.cancelled.update(awb for awb, fate in fates.items() if fate in CANCELS)
        state.note(self.path, {awb: _did(awb, fate, before) for awb, fate in fates.items()})
        if Fate.CUT in fates.values():
            raise _Cut
        if Fate.SLOW in fates.values():
            time.sleep(SLOW_SECONDS)
        entries = {
            str(position): self._entry(awb, fates[awb], before)
            for position, awb in enumerate(awbs, 1)
            if fates[awb] not in (Fate.SILENT, Fate.SILENT_BUT_DONE)
        }
        return {"status": "success", "status_code": 200, "html_message": "", "data": entries}

    def _entry(self, awb: str, fate: Fate, before: set[str]) -> dict[str, str]:
        refnum = self.server.state.refs.get(awb, "")
        if awb in before:
            return {"status": "Error", "remark": REFUSALS[Fate.DONE_BEFORE], "refnum": refnum}
        if fate in REFUSALS:
            return {"status": "Error", "remark": REFUSALS[fate], "refnum": refnum}
        if fate is Fate.ODD_WORD:
            return {"status": "Pending", "remark": "Queued with the courier", "refnum": refnum}
        remark = "Cancel Request Received" if fate is Fate.REQUESTED else ""
        return {"status": "Success", "remark": remark, "refnum": refnum}

    def _track(self, awbs: list[str]) -> dict[str, object]:
        if not awbs or len(awbs) > MOST_TO_TRACK:
            return _refusal(f"Give 1 to {MOST_TO_TRACK} AWB numbers, separated by commas")
        self.server.state.note(self.path, dict.fromkeys(awbs, "tracked"))
        return {"status": "success", "status_code": 200, "data": {awb: self._tracked(awb) for awb in awbs}}

    def _tracked(self, awb: str) -> dict[str, str]:
        fate = ENDINGS.get(awb[-2:], Fate.CANCELLED)
        if awb in self.server.state.cancelled or fate is Fate.DONE_BEFORE:
            said = {"current_status": "Cancelled", "current_status_code": "CN", "cancel_status": "Approved"}
        elif fate is Fate.PICKED_UP:
            said = {"current_status": "In Transit", "current_status_code": "IT", "cancel_status": ""}
        elif fate in (Fate.SILENT, Fate.NOT_FOUND, Fate.SPOILS_THE_CALL):
            return {"message": "AWB number not found"}
        else:
            said = {"current_status": "Manifested", "current_status_code": "UD", "cancel_status": ""}
        return {"message": "success", "logistic": "Sandbox Express", **said}

    def log_message(self, format: str, *args: object) -> None:
        """Silent: a request's body holds keys, and the log of the calls is kept elsewhere."""


def _did(awb: str, fate: Fate, before: set[str]) -> str:
    if awb in before:
        return "refused: cancelled before"
    return "cancelled" if fate in CANCELS else fate.value.partition(";")[0]


def _awbs(text: object) -> list[str]:
    return [awb for part in str(text or "").split(",") if (awb := part.strip())]


def _refusal(words: str) -> dict[str, object]:
    return {"status": "error", "status_code": 400, "html_message": words, "data": []}

"""A service on 127.0.0.1 that misbehaves on demand, and keeps the log that judges what the client made of it.

    def behave(asked: Asked) -> Behaviour:
        return Behaviour(processed=asked.awbs, ending=Ending.CUT_AFTER_READING)

    with MisbehavingService(behave) as misbehaving:
        IthinkCourier(misbehaving.service).cancel(batch)
    misbehaving.processed   # every AWB that was really cancelled, as often as it was, in order

Raw sockets, so that every way of going wrong is possible; one thread a connection; nothing sleeps to keep in step.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType

from pipeline.services.ithink.settings import Credentials, IthinkService

TOKEN = "tok-0123456789abcdef"
SECRET = "sec-fedcba9876543210"
TLS_HANDSHAKE = 0x16  # the first byte of a client that speaks TLS
CANCEL_PATH = "/api_v3/order/cancel.json"
TRACK_PATH = "/api_v3/order/track.json"


class Ending(Enum):
    """What becomes of the connection."""

    ANSWERED = "the whole answer is sent, and the connection closed"
    CUT_BEFORE_READING = "reset without a word, as if the request had never been read"
    CUT_AFTER_READING = "the request is read whole, then the connection is reset"
    CUT_IN_HEADERS = "the answer ends within its headers"
    CUT_IN_BODY = "half of the body is sent, then the connection ends"
    STALLED = "the request is read whole, and nothing is said until the client goes away"
    STALLED_IN_BODY = "half of the body is sent, and nothing more is said"
    DRIPPING = "the answer comes byte by byte, `drip` seconds apart, for as long as the client waits"
    TLS_BROKEN = "after the handshake and the request, bytes that are no TLS"


@dataclass(frozen=True)
class Asked:
    """One request as it came in; ``before``: those of its AWBs that earlier calls cancelled."""

    number: int
    path: str
    awbs: tuple[str, ...]
    body: bytes
    headers: Mapping[str, str]
    before: frozenset[str]


@dataclass(frozen=True)
class Behaviour:
    """What the service does with one request.

    ``processed``: the AWBs that it really cancels. ``headers`` replaces those of the same name (an empty one goes);
    ``raw`` replaces the whole answer.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    processed: Sequence[str] = ()
    ending: Ending = Ending.ANSWERED
    drip: float = 0.0
    raw: bytes | None = None


@dataclass(frozen=True)
class Logged:
    """One request and what was done about it."""

    asked: Asked
    processed: tuple[str, ...]
    ending: Ending


def entry(status: object = "Success", remark: object = "", refnum: object = "", **more: object) -> dict[str, object]:
    """One entry of an answer, as documented."""
    return {"status": status, "remark": remark, "refnum": refnum, **more}


def envelope(data: object, status: object = "success", code: object = 200, words: object = "") -> bytes:
    """An answer as documented."""
    return json.dumps({"status": status, "status_code": code, "html_message": words, "data": data}).encode()


def refusal(words: str, code: object = 400) -> bytes:
    """A call-level error without entries."""
    return envelope([], "error", code, words)


def all_cancelled(asked: Asked) -> Behaviour:
    """What a good service does: cancels each AWB, refuses those that it cancelled before, and names each by its AWB."""
    data = {awb: entry("Error", "Order is already cancelled") if awb in asked.before else entry() for awb in asked.awbs}
    return Behaviour(envelope(data), processed=[awb for awb in asked.awbs if awb not in asked.before])


class MisbehavingService:
    """The service; a context manager.

    Args:
        behave: asked for each request what to do with it, in the connection's own thread, one request at a time.
        tls: speaks TLS with this context.
    """

    def __init__(self, behave: Callable[[Asked], Behaviour] = all_cancelled, tls: ssl.SSLContext | None = None) -> None:
        self.behave = behave
        self.log: list[Logged] = []
        self._processed: list[str] = []
        self._tls = tls
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = _listen(0)
        self.port: int = self._listener.getsockname()[1]

    @property
    def service(self) -> IthinkService:
        """Its addresses and keys (it takes any)."""
        base = f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"
        return IthinkService("sandbox", base + CANCEL_PATH, base + TRACK_PATH, Credentials(TOKEN, SECRET))

    @property
    def processed(self) -> list[str]:
        """Every AWB that was cancelled, as often as it was, in order: the judge."""
        with self._lock:
            return list(self._processed)

    def __enter__(self) -> MisbehavingService:
        self._accept_in_background()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._close_door()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    @contextlib.contextmanager
    def refusing(self) -> Iterator[None]:
        """For a while nobody listens on the port: connections are refused."""
        self._close_door()
        try:
            yield
        finally:
            self._listener = _listen(self.port)
            self._accept_in_background()

    def _close_door(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listener.close()

    def _accept_in_background(self) -> None:
        self._start(self._accept, self._listener)

    def _start(self, work: Callable[[socket.socket], None], sock: socket.socket) -> None:
        thread = threading.Thread(target=work, args=(sock,), daemon=True)
        thread.start()
        self._threads = [*(each for each in self._threads if each.is_alive()), thread]

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with self._lock:
                self._open.add(connection)
            self._answer(connection)
        except OSError:
            pass  # the client went away: its right
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def _answer(self, connection: socket.socket) -> None:
        request = _read_request(connection)
        if request is None:
            return
        path, headers, body = request
        with self._lock:
            awbs = _awbs(body)
            asked = Asked(len(self.log), path, awbs, body, headers, frozenset(self._processed).intersection(awbs))
            behaviour = self.behave(asked)
            self._processed += behaviour.processed
            self.log.append(Logged(asked, tuple(behaviour.processed), behaviour.ending))
        self._send(connection, behaviour)

    def _send(self, connection: socket.socket, behaviour: Behaviour) -> None:
        answer = _spell(behaviour)
        body_at = answer.find(b"\r\n\r\n") + 4
        half = body_at + (len(answer) - body_at) // 2
        match behaviour.ending:
            case Ending.CUT_BEFORE_READING | Ending.CUT_AFTER_READING:
                _reset(connection)
            case Ending.CUT_IN_HEADERS:
                connection.sendall(answer[: body_at // 2])
            case Ending.CUT_IN_BODY:
                connection.sendall(answer[:half])
            case Ending.STALLED | Ending.STALLED_IN_BODY:
                connection.sendall(answer[: half if behaviour.ending is Ending.STALLED_IN_BODY else 0])
                _until_gone(connection)
            case Ending.DRIPPING:
                self._drip(connection, answer, behaviour.drip)
            case Ending.TLS_BROKEN:
                with socket.socket(fileno=os.dup(connection.fileno())) as below:
                    below.sendall(b"this is no TLS record, whatever came before")
            case Ending.ANSWERED:
                connection.sendall(answer)
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_WR)

    def _drip(self, connection: socket.socket, answer: bytes, seconds: float) -> None:
        for byte in answer:
            connection.sendall(bytes([byte]))
            if self._stopping.wait(seconds):
                return


def _listen(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port), backlog=128)


def _read_request(connection: socket.socket) -> tuple[str, dict[str, str], bytes] | None:
    """Path, headers (lower case) and body; None when the client went away in the middle; a TLS greeting has none."""
    received = b""
    while b"\r\n\r\n" not in received:
        part = connection.recv(65536)
        if not part:
            return None
        received += part
        if received[0] == TLS_HANDSHAKE:
            return "", {}, b""
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        part = connection.recv(65536)
        if not part:
            return None
        body += part
    return first.split(" ")[1], headers, body


def _awbs(body: bytes) -> tuple[str, ...]:
    try:
        data = json.loads(body)["data"]
        return tuple(data.get("awb_numbers", data.get("awb_number_list", "")).split(","))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()


def _spell(behaviour: Behaviour) -> bytes:
    if behaviour.raw is not None:
        return behaviour.raw
    headers = {"Content-Type": "application/json", "Content-Length": str(len(behaviour.body)), **behaviour.headers}
    lines = [f"HTTP/1.1 {behaviour.status} Words", *(f"{name}: {value}" for name, value in headers.items() if value)]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + behaviour.body


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _until_gone(connection: socket.socket) -> None:
    while connection.recv(65536):
        pass

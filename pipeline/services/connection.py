"""Tells of one connection whether it was ever established, and closes it when its time is over.

No exception says either: "was anything sent?" decides whether an AWB may be tried again, and a read timeout
starts again with every byte that comes in. Part of ``transport``.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPResponse, IncompleteRead
from typing import Any

from urllib3.exceptions import (
    ConnectTimeoutError,
    DecodeError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

WHOLE_ANSWER = 2.0
"""The whole answer may take this many read timeouts; the read timeout alone starts again with every byte."""

UNREACHABLE = "The connection to the service ({host}) could not be made"
NOT_SENT: tuple[tuple[type[BaseException], str], ...] = (
    (ProxyError, "The proxy of this network did not let us through to {host}"),
    (NameResolutionError, "There is no host {host} to be found: no network, or a wrong address in the settings"),
    (NewConnectionError, "The service ({host}) does not accept connections"),
    (ConnectTimeoutError, "The service ({host}) did not accept a connection within {connect} seconds"),
    (SSLError, "The service ({host}) could not prove by its certificate who it is, or speaks no TLS"),
)
"""Before the connection was established, so certainly not sent; the first kind that is found counts."""

WITHHELD = "It was not sent, as the run stood still before it"
"""Of a call that could have gone out, and was held back by ``may_send``."""

TOO_SLOW = "The service did not answer within {read} seconds"
CUT_SHORT: tuple[tuple[type[BaseException], str], ...] = (
    (ReadTimeoutError, TOO_SLOW),
    (DecodeError, "The service's answer can't be unpacked"),
    (SSLError, "The secured connection broke before the service's answer was in"),
    (ProtocolError, "The connection was cut before the service's answer was in"),
)
"""Once it was established, the request may have gone out whole, whatever broke then."""


def always() -> bool:
    """A ``may_send`` for calls that may go out at any time."""
    return True


class WithheldError(Exception):
    """The connection stands, and the request may not go out any more."""


class ConnectionWatch:
    """One call's connection. Before ``reached`` nothing of the request can have left; after it, all of it may have.

    Args:
        connect: the seconds a connection may take to be accepted.
        read: the seconds that the next bytes of an answer may take.
        may_send: asked once, when the connection is established.
    """

    def __init__(self, connect: float, read: float, may_send: Callable[[], bool] = always) -> None:
        self.reached = False
        self.expired = False
        self._may_send = may_send
        self._connect = connect
        self._read = read
        self._handle: socket.socket | None = None
        self._timer: threading.Timer | None = None

    def opened(self, sock: socket.socket) -> None:
        """The other side (or a proxy) accepted; TLS and the request are still to come, and the clock runs for them."""
        self._handle = sock.dup()  # our own handle: TLS takes the other one over
        self._timer = threading.Timer(self._read * WHOLE_ANSWER, self._hang_up)
        self._timer.daemon = True
        self._timer.start()

    def established(self) -> None:
        """Nothing is left but to send the request.

        Raises:
            WithheldError: it may not go out any more; nothing of it was sent.
        """
        if not self._may_send():
            raise WithheldError
        self.reached = True

    def _hang_up(self) -> None:
        self.expired = True
        if self._handle:
            with contextlib.suppress(OSError):  # the other side was faster
                self._handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Ends the watch; the connection itself is closed by who opened it."""
        if self._timer:
            self._timer.cancel()
            self._timer.join()
        if self._handle:
            self._handle.close()

    def too_slow(self) -> str:
        """Says that the answer took longer than it may."""
        return TOO_SLOW.format(read=f"{self._read * (WHOLE_ANSWER if self.expired else 1):g}")

    def why(self, trouble: BaseException, host: str) -> str:
        """What broke, in words a clerk understands; never a text of the exception's, which may hold the request."""
        if isinstance(trouble, WithheldError):
            return WITHHELD
        if self.expired:
            return self.too_slow()
        found = tuple(_chain(trouble))
        table, otherwise = (
            (CUT_SHORT, "The service's answer can't be read") if self.reached else (NOT_SENT, UNREACHABLE)
        )
        words = next((words for kind, words in table if any(isinstance(each, kind) for each in found)), otherwise)
        return words.format(host=host, connect=f"{self._connect:g}", read=f"{self._read:g}")


def _chain(trouble: BaseException) -> Iterator[BaseException]:
    """The exception and all those that it wraps: urllib3's stand in ``args`` and ``reason`` of requests' own."""
    todo: list[object] = [trouble]
    seen: list[BaseException] = []
    while todo:
        each = todo.pop()
        if isinstance(each, BaseException) and not any(each is other for other in seen):
            seen.append(each)
            todo += [*each.args, getattr(each, "reason", None), each.__cause__, each.__context__]
            yield each


class _WholeHead(HTTPResponse):
    """An answer whose head came in to its end: http.client takes the end of the connection for the end of a head."""

    def begin(self) -> None:
        """Reads the head; raises IncompleteRead where it was cut."""
        stream = self.fp
        self.fp = lines = _Lines(stream)  # type: ignore[assignment]  # only read line by line until the head is in
        super().begin()
        if lines.ended:
            raise IncompleteRead(b"")
        if self.fp is lines:  # type: ignore[comparison-overlap]  # not where the answer has no body
            self.fp = stream


class _Lines:
    """A stream that tells whether a line was asked for and the stream had ended."""

    def __init__(self, stream: Any) -> None:
        self.ended = False
        self._stream = stream

    def readline(self, *size: int) -> bytes:
        """The next line; one that is cut short is the last."""
        line: bytes = self._stream.readline(*size)
        self.ended |= not line
        return line

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def watched(kind: type[Any], line: ConnectionWatch) -> type[Any]:
    """A kind of urllib3's connections as it was, but that it tells ``line`` when it is accepted and when it is
    established."""

    class Watched(kind):  # type: ignore[misc]  # a class for each call, because urllib3 makes the instance
        response_class = _WholeHead

        def _new_conn(self) -> socket.socket:
            sock: socket.socket = super()._new_conn()
            try:
                line.opened(sock)
            except BaseException:
                sock.close()
                raise
            return sock

        def connect(self) -> None:
            super().connect()  # the proxy's tunnel and the TLS handshake are within
            line.established()

    return Watched

"""Every way in which a call over HTTP can fail, on real sockets: what left this machine, and what a client says of it.

python -m benchmarks.http_failures      prints the table of docs/http-failures.md

The peer counts what arrived of the request: whatever TLS or a proxy lies around it does not count. A client lies
when it says "not sent" though a byte of the request arrived, and doubts needlessly when it says "maybe sent" though
none did. Beside the product's own transport stands the same on httpx (``httpx_client``), where httpx is installed; the
product does not need it.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import statistics
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.services.contract import NoReply, Reply
from pipeline.services.transport import HttpTransport

CERTIFICATE = Path(__file__).parent.parent / "tests/misbehaving.pem"
CONNECT, READ = 0.6, 0.6
SMALL = b'{"data": {"awb_numbers": "' + b",".join(b"%011d" % number for number in range(100)) + b'"}}'
LARGE = b"x" * 16_000_000
GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
NOT_SENT, MAYBE, ANSWERED = "not sent", "maybe sent", "answered"

Client = Callable[[str, bytes], Reply | NoReply]


class Peer:
    """A listener whose connections each run ``script``; what arrives of requests is kept in ``seen``."""

    def __init__(self, script: Callable[[Peer, socket.socket], None], *, tls: bool = False, backlog: int = 16) -> None:
        self.script, self.tls = script, tls
        self.seen = bytearray()
        self.requests = 0
        self.over = threading.Event()
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(backlog)
        self.port = self.listener.getsockname()[1]
        self.threads: list[threading.Thread] = []

    def __enter__(self) -> Peer:
        self._run(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join()

    def _run(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work)
        thread.start()
        self.threads.append(thread)

    def _accept(self) -> None:
        while True:
            try:
                sock = self.listener.accept()[0]
            except OSError:
                return
            sock.settimeout(5)
            self._run(lambda sock=sock: self._serve(sock))  # type: ignore[misc]

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError), contextlib.closing(sock):
            self.script(self, sock)
            self.drain(sock)

    def secured(self, sock: socket.socket, *, client_certificate: bool = False) -> ssl.SSLSocket:
        """TLS as a server, by the tests' own certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        if client_certificate:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(CERTIFICATE)
        return context.wrap_socket(sock, server_side=True)

    def take(self, sock: socket.socket, count: int = 65536) -> bytes:
        """Bytes of a request, counted."""
        got = sock.recv(count)
        self.seen += got
        return got

    def drain(self, sock: socket.socket) -> None:
        """Counts what has arrived and was not read, so that nothing that left is overlooked."""
        sock.settimeout(0.1)
        with contextlib.suppress(OSError):
            while self.take(sock):
                pass

    def head(self, sock: socket.socket, *, counted: bool = True) -> bytes:
        """Reads to the end of a head, byte by byte."""
        got = b""
        while not got.endswith(b"\r\n\r\n"):
            one = self.take(sock, 1) if counted else sock.recv(1)
            if not one:
                break
            got += one
        return got

    def whole(self, sock: socket.socket) -> None:
        """Reads one whole request."""
        head = self.head(sock).lower()
        if not head:
            return
        left = int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
        while left > 0 and (got := self.take(sock, min(left, 65536))):
            left -= len(got)
        self.requests += not left


def reset(sock: socket.socket) -> None:
    """Closes with RST."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


Script = Callable[[Peer, socket.socket], None]


def says(answer: bytes, *, first: bool = False, then: str = "close") -> Script:
    """A peer that reads the request whole (or, ``first``, nothing of it) and answers."""

    def script(peer: Peer, sock: socket.socket) -> None:
        if not first:
            peer.whole(sock)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            sock.sendall(answer)
        if then == "reset":
            peer.drain(sock)
            reset(sock)
        elif then == "hang":
            peer.over.wait(READ * 6)

    return script


def drips(answer: bytes) -> Script:
    """A peer that answers a byte at a time, each well within the read timeout."""

    def script(peer: Peer, sock: socket.socket) -> None:
        peer.whole(sock)
        for byte in answer:
            sock.sendall(bytes([byte]))
            if peer.over.wait(READ / 6):
                return

    return script


def at_once(end: Callable[[socket.socket], None]) -> Script:
    """A peer that ends the connection as soon as it has accepted it."""
    return lambda _, sock: end(sock)


def reads(count: int, end: str) -> Script:
    """A peer that reads so many bytes of the request, and then ends the connection or reads no more."""

    def script(peer: Peer, sock: socket.socket) -> None:
        while len(peer.seen) < count and peer.take(sock, count - len(peer.seen)):
            pass
        if end == "reset":
            reset(sock)
        elif end == "hang up":
            sock.shutdown(socket.SHUT_RDWR)
        else:
            peer.over.wait(READ * 6)

    return script


def over_tls(script: Script, **more: bool) -> Script:
    """The same inside TLS."""

    def secured(peer: Peer, sock: socket.socket) -> None:
        with peer.secured(sock, **more) as inner:
            script(peer, inner)
            peer.drain(inner)

    return secured


def in_handshake(end: Callable[[Peer, socket.socket], None]) -> Script:
    """A peer that reads the first bytes of the handshake, and ends it."""

    def script(peer: Peer, sock: socket.socket) -> None:
        sock.recv(65536)
        end(peer, sock)

    return script


def tls_broken(peer: Peer, sock: socket.socket) -> None:
    """TLS up to the end of the request, then bytes that are none."""
    raw = sock.dup()
    with peer.secured(sock) as inner:
        peer.whole(inner)
        raw.sendall(b"no TLS at all")
        raw.close()


def tls_left(peer: Peer, sock: socket.socket) -> None:
    """TLS that is closed before anything of the request is read."""
    with peer.secured(sock) as inner, contextlib.suppress(OSError):
        inner.settimeout(0.05)
        peer.drain(inner)
        inner.unwrap()


def proxy(answer: bytes, then: Script | None = None) -> Script:
    """A proxy: reads CONNECT, which is no part of the request, and answers it."""

    def script(peer: Peer, sock: socket.socket) -> None:
        peer.head(sock, counted=False)
        sock.sendall(answer)
        if then:
            then(peer, sock)

    return script


def stale(peer: Peer, sock: socket.socket) -> None:
    """Answers, keeps the connection, and hangs up a moment later, just before the next call."""
    peer.whole(sock)
    sock.sendall(b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}")


@dataclass(frozen=True)
class Case:
    """One way to fail."""

    name: str
    script: Script | None
    scheme: str = "http"
    host: str = "127.0.0.1"
    body: bytes = SMALL
    via: str = ""  # the setting that names the peer as a proxy
    trusted: bool = True
    full: bool = False  # nobody accepts, and the queue is full
    calls: int = 1


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"
ALERT = bytes.fromhex("15030100020228")  # fatal, handshake_failure (RFC 8446, 6)


def _reset(_: Peer, sock: socket.socket) -> None:
    reset(sock)


def _hang_up(_: Peer, sock: socket.socket) -> None:
    sock.close()


def _silence(peer: Peer, _: socket.socket) -> None:
    peer.over.wait(READ * 6)


def _alert(_: Peer, sock: socket.socket) -> None:
    sock.sendall(ALERT)


def through_proxy(name: str, script: Script | None) -> Case:
    """A call of a secured service through a proxy, which is the peer."""
    return Case(name, script, "https", "service.invalid", via="HTTPS_PROXY")


EMPTY = b"Content-Length: 0\r\n\r\n"
CASES = (
    Case("refused port", None),
    Case("unknown host", None, host="nosuch.invalid"),
    Case("address that leads nowhere", None, host="240.0.0.1"),
    Case("connection not accepted (full queue)", None, full=True),
    Case("TLS: answered in plain text", in_handshake(lambda _, sock: sock.sendall(GOOD)), "https"),
    Case("TLS: refused by an alert", in_handshake(_alert), "https"),
    Case("TLS: reset in the handshake", in_handshake(_reset), "https"),
    Case("TLS: hang-up in the handshake", in_handshake(_hang_up), "https"),
    Case("TLS: silence in the handshake", in_handshake(_silence), "https"),
    Case("TLS: certificate of nobody we trust", over_tls(says(GOOD)), "https", trusted=False),
    Case("TLS: certificate of another name", over_tls(says(GOOD)), "https", host="127.0.0.2"),
    Case("TLS: client certificate missing", over_tls(says(GOOD), client_certificate=True), "https"),
    Case("TLS: closed before the request is read", tls_left, "https"),
    Case("TLS: broken after the request", tls_broken, "https"),
    through_proxy("proxy: refused port", None),
    through_proxy("proxy: CONNECT refused (403)", proxy(b"HTTP/1.1 403 No\r\n" + EMPTY)),
    through_proxy("proxy: asks for a password (407)", proxy(b"HTTP/1.1 407 No\r\n" + EMPTY)),
    through_proxy("proxy: hang-up after CONNECT", proxy(b"")),
    through_proxy("proxy: reset after CONNECT", proxy(b"", _reset)),
    through_proxy("proxy: silence after CONNECT", proxy(b"", _silence)),
    through_proxy("proxy: tunnel, then reset in TLS", proxy(OPEN, in_handshake(_reset))),
    through_proxy("proxy: tunnel to another's certificate", proxy(OPEN, over_tls(says(GOOD)))),
    Case("proxy for plain HTTP: hang-up", says(b""), host="service.invalid", via="HTTP_PROXY"),
    Case("proxy for plain HTTP: 502", says(b"HTTP/1.1 502 No\r\n" + EMPTY), host="service.invalid", via="HTTP_PROXY"),
    Case("reset as soon as accepted", at_once(reset)),
    Case("hang-up as soon as accepted", at_once(lambda sock: sock.shutdown(socket.SHUT_WR))),
    Case("reset in the head of the request", reads(40, "reset")),
    Case("hang-up in the head of the request", reads(40, "hang up")),
    Case("reset in the body of the request", reads(100_000, "reset"), body=LARGE),
    Case("hang-up in the body of the request", reads(100_000, "hang up"), body=LARGE),
    Case("peer stops reading in the body", reads(100_000, "silence"), body=LARGE),
    Case("answer before anything is read, large body", says(b"HTTP/1.1 413 No\r\n" + EMPTY, first=True), body=LARGE),
    Case(
        "answer before anything is read, then reset",
        says(b"HTTP/1.1 408 Slow\r\n" + EMPTY, first=True, then="reset"),
        body=LARGE,
    ),
    Case("reset after the request", says(b"", then="reset")),
    Case("hang-up after the request", says(b"")),
    Case("silence after the request", says(b"", then="hang")),
    Case("100 Continue and then nothing", says(b"HTTP/1.1 100 Continue\r\n\r\n", then="hang")),
    Case("answer cut in its first line", says(b"HTTP/1.1 2")),
    Case("answer cut in its head", says(b"HTTP/1.1 200 OK\r\nContent-Le")),
    Case("answer cut in its body (length)", says(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}")),
    Case("answer cut in its body (chunks)", says(CHUNKED + b"20\r\n{}")),
    Case("answer without the last chunk", says(CHUNKED + b"2\r\n{}\r\n")),
    Case("answer reset in its body", says(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}", then="reset")),
    Case("answer that stops in its body", says(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}", then="hang")),
    Case("answer that drips beyond all time", drips(b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 500)),
    Case("answer that is no HTTP", says(b"hello\r\n\r\n")),
    Case("answer with two lengths", says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}")),
    Case("answer of HTTP/1.0 without length", says(b"HTTP/1.0 200 OK\r\n\r\n{}")),
    Case("answer with another one behind it", says(GOOD + GOOD)),
    Case("switching protocols (101)", says(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")),
    Case("redirect (307)", says(b"HTTP/1.1 307 There\r\nLocation: /there\r\n" + EMPTY)),
    Case("answer too large", says(b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 6_000_000)),
    Case("answer can't be unpacked", says(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}")),
    Case("kept connection closed before the next call", stale, calls=2),
    Case("all well", says(GOOD)),
)


@dataclass
class Found:
    """What came of a case with one client."""

    arrived: int
    requests: int
    said: str
    seconds: float

    @property
    def judged(self) -> str:
        """Whether it is a lie, or needless doubt."""
        if self.said == NOT_SENT and self.arrived:
            return "LIE"
        return "needless doubt" if self.said == MAYBE and not self.arrived else ""


def try_out(case: Case, client: Client) -> Found:
    """Runs one case against one client."""
    with _peer(case) as (peer, port), _environment(case, port):
        began = time.monotonic()
        for _ in range(case.calls):
            url_port = port if not case.via else 443 if case.scheme == "https" else 80
            answer = client(f"{case.scheme}://{case.host}:{url_port}/cancel", case.body)
            if case.calls > 1:
                time.sleep(0.2)
        taken = time.monotonic() - began
        said = ANSWERED if isinstance(answer, Reply) else MAYBE if answer.sent else NOT_SENT
    return Found(len(peer.seen) if peer else 0, peer.requests if peer else 0, said, taken)


@contextlib.contextmanager
def _peer(case: Case) -> Iterator[tuple[Peer | None, int]]:
    if case.script:
        with Peer(case.script) as peer:
            yield peer, peer.port
        return
    with socket.socket() as listener, contextlib.ExitStack() as queue:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        if not case.full:
            listener.close()
            yield None, port
            return
        listener.listen(0)
        for _ in range(3):
            waiting = queue.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
        time.sleep(0.1)
        yield None, port


@contextlib.contextmanager
def _environment(case: Case, port: int) -> Iterator[None]:
    names = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
    before = dict(os.environ)
    for name in (*names, *map(str.lower, names), "ALL_PROXY", "all_proxy"):
        os.environ.pop(name, None)
    if case.via:
        os.environ[case.via.lower()] = f"http://127.0.0.1:{port}"
    if case.trusted:
        os.environ["REQUESTS_CA_BUNDLE"] = os.environ["SSL_CERT_FILE"] = str(CERTIFICATE)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def our_client() -> Client:
    """The product's transport, made for each call as its settings of the network are read once."""
    return lambda url, body: HttpTransport((CONNECT, READ)).post(url, body)


# --- the same on httpx -----------------------------------------------------------------------------------------------


def httpx_client() -> Client:
    """As strict as ours: a connection for each call, no redirects, a limit of size, a limit of the whole time."""
    import httpx

    class Watch:
        def __init__(self) -> None:
            self.reached = self.expired = False
            self.handle: socket.socket | None = None
            self.timer: threading.Timer | None = None

        def trace(self, event: str, info: dict[str, object]) -> None:
            if event == "connection.connect_tcp.complete":
                self.handle = info["return_value"].get_extra_info("socket").dup()  # type: ignore[attr-defined]
                self.timer = threading.Timer(READ * 2, self.hang_up)
                self.timer.start()
            if event == "http11.send_request_headers.started" and info["request"].method != b"CONNECT":  # type: ignore[attr-defined]
                self.reached = True

        def hang_up(self) -> None:
            self.expired = True
            with contextlib.suppress(OSError):
                self.handle.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]

        def close(self) -> None:
            if self.timer:
                self.timer.cancel()
                self.timer.join()
            if self.handle:
                self.handle.close()

    def post(url: str, body: bytes) -> Reply | NoReply:
        watch = Watch()
        try:
            limits = httpx.Timeout(READ, connect=CONNECT, write=CONNECT)
            with (
                httpx.Client(timeout=limits, limits=httpx.Limits(max_keepalive_connections=0)) as client,
                client.stream(
                    "POST",
                    url,
                    content=body,
                    headers={"connection": "close", "accept-encoding": "identity", "content-type": "application/json"},
                    extensions={"trace": watch.trace},
                ) as response,
            ):
                content = bytearray()
                for chunk in response.iter_bytes(65536):
                    content += chunk
                    if len(content) > 4 * 1024 * 1024:
                        return NoReply("too large", sent=True)
                if watch.expired:
                    return NoReply("too slow", sent=True)
                return Reply(response.status_code, bytes(content))
        except Exception:
            return NoReply("", sent=watch.reached)
        finally:
            watch.close()

    return post


# --- the table -------------------------------------------------------------------------------------------------------


def milliseconds(client: Client) -> float:
    """Of a call that goes well, the median of 200, on a service that answers at once."""
    with Peer(says(GOOD)) as peer, _environment(Case("", None), 0):
        taken = []
        for _ in range(200):
            began = time.perf_counter()
            client(f"http://127.0.0.1:{peer.port}/", SMALL)
            taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


def main() -> int:
    """Prints the table; 1 where any client lied."""
    clients = {"requests (ours)": our_client()}
    with contextlib.suppress(ImportError):
        clients["httpx (sketch)"] = httpx_client()
    print("| what fails | " + " | ".join(f"{name}: arrived, says" for name in clients) + " |")
    print("|---|" + "---|" * len(clients))
    judged: dict[str, list[str]] = {name: [] for name in clients}
    for case in CASES:
        cells = []
        for name, client in clients.items():
            found = try_out(case, client)
            twice = ", TWICE" if found.requests > case.calls else ""
            judged[name].append(found.judged)
            words = ", ".join(part for part in (found.said, found.judged) if part)
            arrived = "nothing" if not found.arrived else "all" if found.requests else "a part"
            cells.append(f"{arrived}: {words}{twice}")
        print(f"| {case.name} | " + " | ".join(cells) + " |", flush=True)
    for words in ("LIE", "needless doubt"):
        print(f"| {words}s | " + " | ".join(str(each.count(words)) for each in judged.values()) + " |")
    print("| a call | " + " | ".join(f"{milliseconds(client):.2f} ms" for client in clients.values()) + " |")
    return int(any("LIE" in each for each in judged.values()))


if __name__ == "__main__":
    sys.exit(main())

"""Makes one call over HTTP and says what came of it: an answer, certainly not sent, or in doubt.

The only user of requests and the only sleeper. Nothing is raised and no exception leaves: requests' exceptions hold the
request, and its body holds the keys. What was sent is not told by the kind of exception (requests has one
``ConnectionError`` for a door that never opened and for one that slammed after the call went in) but by the
connection itself, which notes when it stood (``Line``).
"""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import LocationValueError

from pipeline.client.line import Line, watched
from pipeline.model.calls import Answer, Batch, InDoubt, NotDone, Refusal, Refused, Tracked
from pipeline.model.sheet import Service
from pipeline.sending.pacing import retry_after
from pipeline.wire import HEADERS, NEXT_STEP, Reply, cancel_body, read_cancel, read_track, track_body, untracked

CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 120.0
"""Seconds (docs/contract-ithink.md): 100 AWBs may be 100 courier calls behind one call."""

SIZE_LIMIT = 4 * 1024 * 1024
"""Bytes of an answer after unpacking: one about 100 AWBs has 20 thousand, an error page some more."""

CHUNK = 64 * 1024

WRONG_ADDRESS = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    LocationValueError,
)

logging.getLogger("urllib3.connection").addFilter(lambda _: False)
"""It would warn of odd headers by quoting them, with a traceback; a service can echo a key there as anywhere."""


@dataclass(frozen=True, slots=True)
class _Failure:
    """No reply: ``sent`` tells whether the request may have reached the service."""

    why: str
    sent: bool
    wrong_address: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """The service over HTTP. Safe to use from several threads: every call has a connection of its own.

    Args:
        service: where to, and with whose keys.
        timeout: seconds for connecting and for waiting on an answer.
        trust_order: the user has the vendor's word that replies keep the order of the request.
        user_agent: what the service's logs show us as.
        size_limit: bytes of an answer, after unpacking, beyond which it is not read.
    """

    service: Service
    timeout: tuple[float, float] = field(default=(CONNECT_TIMEOUT, READ_TIMEOUT), kw_only=True)
    trust_order: bool = field(default=False, kw_only=True)
    user_agent: str = field(default="ithink-bulk-cancel", kw_only=True)
    size_limit: int = field(default=SIZE_LIMIT, kw_only=True)
    _networks: dict[str, dict[str, Any]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def cancel(self, batch: Batch) -> Answer:
        """Sends one cancel call and says what came of it; raises nothing that the network or the service can cause."""
        credentials = self.service.credentials
        match self._call(self.service.cancel_url, cancel_body(batch, credentials)):
            case Reply() as reply:
                return read_cancel(reply, batch, credentials, trust_order=self.trust_order)
            case _Failure(why, wrong_address=True):
                return Refused(Refusal.ADDRESS, why)
            case _Failure(why, sent=False):
                return NotDone(why)
            case _Failure(why):
                return InDoubt(f"{why}. {NEXT_STEP}")

    def track(self, awbs: Sequence[str]) -> tuple[Tracked, ...]:
        """Asks what became of at most ten AWBs; whatever fails proves nothing, and says why."""
        match self._call(self.service.track_url, track_body(awbs, self.service.credentials)):
            case Reply(status_code, body):
                return read_track(status_code, body, awbs, self.service.credentials)
            case _Failure(why):
                return untracked(awbs, why)

    def pause(self, seconds: float, stop: threading.Event) -> None:
        """Waits, but no longer than until ``stop`` is set."""
        stop.wait(max(0.0, seconds))

    def _call(self, url: str, body: bytes) -> Reply | _Failure:
        line = Line(*self.timeout)
        try:
            return self._exchange(url, body, line)
        except Exception as trouble:  # whatever it was, an answer must come out: the call may have gone in
            return _failure(trouble, line, url)
        finally:
            line.close()

    def _exchange(self, url: str, body: bytes, line: Line) -> Reply | _Failure:
        """One request on a connection of its own; the reply is read whole, up to the limits.

        Straight through the adapter: a ``Session`` would look keys up in .netrc, keep cookies, and read the body of a
        redirect to its end whatever its size.
        """
        headers = {**HEADERS, "user-agent": self.user_agent, "connection": "close", "accept-encoding": "identity"}
        request = requests.Request("POST", url, headers=headers, data=body).prepare()
        with (
            contextlib.closing(_Adapter(line)) as adapter,
            adapter.send(request, timeout=self.timeout, **self._network(url)) as response,
        ):
            return self._read(response, line)

    def _network(self, url: str) -> dict[str, Any]:
        """How to get there: proxies and certificates named in the environment are the user's own network."""
        if url not in self._networks:
            with contextlib.closing(requests.Session()) as session:
                found = dict(session.merge_environment_settings(url, {}, stream=True, verify=None, cert=None))
            if _is_this_machine(url):
                found["proxies"] = {}  # none leads from this machine to itself, and no body goes through one in plain
            self._networks[url] = found
        return self._networks[url]

    def _read(self, response: requests.Response, line: Line) -> Reply | _Failure:
        content = bytearray()
        for chunk in response.iter_content(CHUNK):
            content += chunk
            if len(content) > self.size_limit:
                return _Failure("The service's answer is too large to be one", sent=True)
        if line.expired:  # an answer without a length ends where we hung up, and looks whole
            return _Failure(line.too_slow(), sent=True)
        wait = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
        return Reply(response.status_code, bytes(content), wait, response.headers.get("Location", ""))


class _Adapter(HTTPAdapter):
    """requests' own way to the network, with a connection that tells ``line`` how far it came."""

    def __init__(self, line: Line) -> None:
        self.line = line
        super().__init__(max_retries=0)  # a retry of the library's would be a second cancel call

    def get_connection_with_tls_context(
        self,
        request: requests.PreparedRequest,
        verify: bool | str | None,
        proxies: Mapping[str, str] | None = None,
        cert: tuple[str, str] | str | None = None,
    ) -> HTTPConnectionPool:
        """The pool for this call; its connections are watched (an override that requests means to be made)."""
        pool: HTTPConnectionPool = super().get_connection_with_tls_context(  # type: ignore[assignment]  # stubs: its base
            request, verify, proxies=proxies, cert=cert
        )
        pool.ConnectionCls = watched(pool.ConnectionCls, self.line)
        return pool


def _failure(trouble: Exception, line: Line, url: str) -> _Failure:
    host = _host(url)
    if not line.reached and isinstance(trouble, WRONG_ADDRESS):
        return _Failure(f"the address of the service can't be called: {host or 'it names no host'}", False, True)
    return _Failure(line.why(trouble, host), sent=line.reached)


def _is_this_machine(url: str) -> bool:
    host = _host(url)
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""

"""Makes one HTTP request and says what came of it: a reply, certainly not sent, or maybe sent.

The only user of requests. Nothing is raised and no exception leaves: requests' exceptions hold the request, and its
body holds the keys. What was sent is not told by the kind of exception (requests has one ``ConnectionError`` for a
connection that was never accepted and for one that was cut after the request was read) but by the connection itself,
which notes when it was established (``ConnectionWatch``).
"""

from __future__ import annotations

import contextlib
import ipaddress
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import LocationValueError

from pipeline.services.connection import ConnectionWatch, always, watched
from pipeline.services.contract import NoReply, Reply
from pipeline.services.retry_after import retry_after

CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 120.0
"""Seconds (docs/contract-ithink.md): 100 AWBs may be 100 courier calls behind one call."""

HEADERS = {"content-type": "application/json", "cache-control": "no-cache"}
"""The headers of every call, as documented (docs/contract-ithink.md, section 1); a service may add its own."""

NO_HEADERS: Mapping[str, str] = MappingProxyType({})

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
class HttpTransport:
    """HTTP to one service. Safe to use from several threads: every request has a connection of its own.

    Args:
        timeout: seconds for connecting and for waiting on an answer.
        user_agent: what the service's logs show us as.
        size_limit: bytes of an answer, after unpacking, beyond which it is not read.
    """

    timeout: tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT)
    user_agent: str = "ithink-bulk-cancel"
    size_limit: int = SIZE_LIMIT
    _networks: dict[str, dict[str, Any]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def post(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str] = NO_HEADERS,
        may_send: Callable[[], bool] = always,
    ) -> Reply | NoReply:
        """Sends one request; raises nothing that the network or the service can cause.

        Args:
            url: the whole address.
            body: as it is sent.
            headers: what this service wants beside ``HEADERS``, such as a key; names in small letters.
            may_send: asked when the connection stands, right before the first byte; after a no nothing is sent.
        """
        line = ConnectionWatch(*self.timeout, may_send)
        try:
            return self._exchange(url, body, headers, line)
        except Exception as trouble:  # whatever it was, an answer must come out: the call may have gone in
            return _failure(trouble, line, url)
        finally:
            line.close()

    def _exchange(self, url: str, body: bytes, more: Mapping[str, str], line: ConnectionWatch) -> Reply | NoReply:
        """One request on a connection of its own; the reply is read whole, up to the limits.

        Straight through the adapter: a ``Session`` would look keys up in .netrc, keep cookies, and read the body of a
        redirect to its end whatever its size.
        """
        own = {"user-agent": self.user_agent, "connection": "close", "accept-encoding": "identity"}
        headers = {**HEADERS, **more, **own}
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

    def _read(self, response: requests.Response, line: ConnectionWatch) -> Reply | NoReply:
        content = bytearray()
        for chunk in response.iter_content(CHUNK):
            content += chunk
            if len(content) > self.size_limit:
                return NoReply("The service's answer is too large to be one", sent=True)
        if line.expired:  # an answer without a length ends where we hung up, and looks whole
            return NoReply(line.too_slow(), sent=True)
        wait = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
        return Reply(response.status_code, bytes(content), wait, response.headers.get("Location", ""))


class _Adapter(HTTPAdapter):
    """requests' own way to the network, with a connection that tells ``line`` how far it came."""

    def __init__(self, line: ConnectionWatch) -> None:
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


def _failure(trouble: Exception, line: ConnectionWatch, url: str) -> NoReply:
    host = _host(url)
    if not line.reached and isinstance(trouble, WRONG_ADDRESS):
        return NoReply(f"the address of the service can't be called: {host or 'it names no host'}", False, True)
    return NoReply(line.why(trouble, host), sent=line.reached)


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

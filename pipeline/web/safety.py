"""Who may ask the page for anything: the person who got the link, from a window that this page opened itself."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from threading import Lock
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "bulk-cancel"
OPEN = "/open"
READING = ("GET", "HEAD")

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may do: nothing but show itself, with its own style and script."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""On every answer. ``same-origin`` and not ``no-referrer``: with that one a browser sends ``Origin: null`` with forms,
and an origin that is not told can't be checked."""

NO_LINK = (
    "This page opens only with the link that bulk-cancel shows where it was started, once in one browser. "
    "Stop bulk-cancel there with Ctrl-C and start it again for a new link; nothing is lost by that."
)


class Access:
    """The secrets of one start of the page: the link's token, which works once, and the session that it opens."""

    def __init__(self) -> None:
        self._token: str | None = secrets.token_urlsafe(32)
        self._session = secrets.token_urlsafe(32)
        self._key = secrets.token_bytes(32)
        self._lock = Lock()

    @property
    def link(self) -> str:
        """The path that opens the page, once."""
        return f"{OPEN}?token={self._token}"

    def enter(self, token: str) -> str | None:
        """The session for a token that was not used before; None for any other text."""
        with self._lock:
            if self._token is None or not hmac.compare_digest(token.encode(), self._token.encode()):
                return None
            self._token = None
            return self._session

    def knows(self, session: str) -> bool:
        """Whether a cookie is that of the session."""
        return hmac.compare_digest(session.encode("utf-8", "replace"), self._session.encode())

    def form_token(self, action: str) -> str:
        """What a form that goes to this path has to send along; another form's is another."""
        return hmac.new(self._key, action.encode(), hashlib.sha256).hexdigest()

    def fits(self, action: str, token: object) -> bool:
        """Whether a form brought the token of its path."""
        said = token if isinstance(token, str) else ""
        return hmac.compare_digest(said.encode("utf-8", "replace"), self.form_token(action).encode())


class PageGuard:
    """Lets through what comes from this person's own browser window; everything else is refused before it is read.

    Args:
        app: the page.
        access: the secrets.
        hosts: ``127.0.0.1:PORT`` and ``localhost:PORT``; filled when the port is known.
        largest: bytes of the largest body.
    """

    def __init__(self, app: ASGIApp, access: Access, hosts: set[str], largest: int) -> None:
        self._app, self._access, self._hosts, self._largest = app, access, hosts, largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message["headers"], *own]
            await send(message)

        refused = self._refused(scope)
        if refused is not None:
            await refused(scope, receive, with_headers)
        else:
            await self._app(scope, _bounded(receive, self._largest), with_headers)

    def _refused(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if headers.get("host", "") not in self._hosts:
            return PlainTextResponse("This address is not the page's own.", 421)
        if scope["method"] not in (*READING, "POST"):
            return PlainTextResponse("The page knows GET and POST.", 405)
        if scope["path"] == OPEN and scope["method"] in READING:
            return self._opened(scope)
        return self._refused_inside(scope, headers)

    def _refused_inside(self, scope: Scope, headers: Headers) -> Response | None:
        if not self._access.knows(Request(scope).cookies.get(COOKIE, "")):
            return PlainTextResponse(NO_LINK, 401)
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return PlainTextResponse("Another site asked for this.", 403)
        if scope["method"] == "POST":
            return self._refused_form(headers, headers.get("host", ""))
        return None

    def _opened(self, scope: Scope) -> Response:
        token = parse_qs(scope["query_string"].decode("ascii", "replace")).get("token", [""])[0]
        session = self._access.enter(token)
        if session is None:
            if self._access.knows(Request(scope).cookies.get(COOKIE, "")):
                return RedirectResponse("/", 303)
            return PlainTextResponse(NO_LINK, 401)
        answer = RedirectResponse("/", 303)
        answer.set_cookie(COOKIE, session, httponly=True, samesite="strict", path="/")
        return answer

    def _refused_form(self, headers: Headers, host: str) -> Response | None:
        if headers.get("origin") != f"http://{host}":
            return PlainTextResponse("The form did not come from this page.", 403)
        length = headers.get("content-length", "")
        if (length.isdecimal() and int(length) > self._largest) or (length and not length.isdecimal()):
            words = f"The file is too large: this page takes {self._largest // 1_000_000} MB at most."
            return PlainTextResponse(words, 413, {"Connection": "close"})
        return None


class TooLargeError(Exception):
    """A body without a length went on beyond the limit."""


def _bounded(receive: Receive, largest: int) -> Receive:
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > largest:
            raise TooLargeError
        return message

    return bounded

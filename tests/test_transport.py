"""One call over HTTP, against a service that fails in every way of docs/contract-ithink.md's table."""

from __future__ import annotations

import gzip
import json
import logging
import re
import socket
import ssl
import threading
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    DecodeError,
    IncompleteRead,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from pipeline.model.calls import Answered, Batch, InDoubt, Item, NotDone, Outcome, Refusal, Refused, Tracked
from pipeline.sending.pacing import pause
from pipeline.services.connection import ConnectionWatch
from pipeline.services.ithink.client import IthinkCourier
from pipeline.services.ithink.settings import Credentials, IthinkService
from pipeline.services.ithink.wording import NEXT_STEP
from pipeline.services.transport import HttpTransport
from schemas.annotated import Status
from tests.misbehaving import SECRET, TOKEN, Asked, Behaviour, Ending, MisbehavingService, entry, envelope, refusal

A, B = "86210010463", "86210010464"
BATCH = Batch((Item(A), Item(B)))
CERTIFICATE = Path(__file__).with_name("misbehaving.pem")
GOOD = envelope({A: entry(), B: entry("Error", "late")})
BOTH = Answered((Outcome(A, Status.SUCCESS), Outcome(B, Status.FAILED, "late")))

CUT = InDoubt(f"The connection was cut before the service's answer was in. {NEXT_STEP}")
TOO_LARGE = InDoubt(f"The service's answer is too large to be one. {NEXT_STEP}")


def slow(seconds: str) -> InDoubt:
    return InDoubt(f"The service did not answer within {seconds} seconds. {NEXT_STEP}")


def behaving(behaviour: Behaviour) -> MisbehavingService:
    return MisbehavingService(lambda asked: replace(behaviour, processed=asked.awbs))


def client(misbehaving: MisbehavingService, read: float = 10.0, **more: int | bool) -> IthinkCourier:
    return IthinkCourier(misbehaving.service, HttpTransport((5.0, read), **more))  # type: ignore[arg-type]


def tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


# --- a call that goes well -------------------------------------------------------------------------------------------


def test_a_cancel_call_is_sent_as_documented_on_a_connection_of_its_own() -> None:
    with behaving(Behaviour(GOOD)) as misbehaving:
        sender = IthinkCourier(misbehaving.service, HttpTransport(user_agent="us/1.0"))
        assert [sender.cancel(BATCH), sender.cancel(BATCH)] == [BOTH, BOTH]
    first, second = (logged.asked for logged in misbehaving.log)
    assert json.loads(first.body) == {"data": {"access_token": TOKEN, "secret_key": SECRET, "awb_numbers": f"{A},{B}"}}
    assert first.path == "/api_v3/order/cancel.json"
    assert dict(first.headers) == {
        "host": f"127.0.0.1:{misbehaving.port}",
        "content-type": "application/json",
        "cache-control": "no-cache",
        "user-agent": "us/1.0",
        "connection": "close",
        "accept-encoding": "identity",
        "content-length": str(len(first.body)),
    }
    assert first.body == second.body


def test_a_service_adds_its_own_headers_and_changes_none_of_ours() -> None:
    with behaving(Behaviour(GOOD)) as misbehaving:
        asked = {"authorization": f"Bearer {TOKEN}", "connection": "keep-alive", "user-agent": "them"}
        HttpTransport(user_agent="us/1.0").post(misbehaving.service.cancel_url, b"[]", asked)
    (logged,) = misbehaving.log
    sent = {name: logged.asked.headers.get(name) for name in (*asked, "content-type")}
    assert sent == {
        "authorization": f"Bearer {TOKEN}",
        "connection": "close",
        "user-agent": "us/1.0",
        "content-type": "application/json",
    }


def test_a_track_call_is_sent_as_documented() -> None:
    body = envelope({A: {"message": "success", "cancel_status": "Approved"}})
    with behaving(Behaviour(body)) as misbehaving:
        assert client(misbehaving).track([A]) == (Tracked(A, True, "cancellation “Approved”"),)
    (logged,) = misbehaving.log
    assert logged.asked.path == "/api_v3/order/track.json"
    assert json.loads(logged.asked.body)["data"]["awb_number_list"] == A


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(GOOD, headers={"Content-Type": "text/html"}),
        Behaviour(GOOD, headers={"Content-Length": ""}),
        Behaviour(gzip.compress(GOOD), headers={"Content-Encoding": "gzip"}),
        Behaviour(GOOD, headers={"Content-Length": ""}, ending=Ending.DRIPPING),
        Behaviour(raw=b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(GOOD) + GOOD),
        Behaviour(
            raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(GOOD) + GOOD + b"\r\n0\r\n\r\n"
        ),
    ],
)
def test_a_good_answer_is_read_however_it_is_sent(behaviour: Behaviour) -> None:
    with behaving(behaviour) as misbehaving:
        assert client(misbehaving).cancel(BATCH) == BOTH


# --- certainly not sent ----------------------------------------------------------------------------------------------


def test_a_refused_connection_was_certainly_not_sent() -> None:
    with behaving(Behaviour(GOOD)) as misbehaving:
        with misbehaving.refusing():
            assert client(misbehaving).cancel(BATCH) == NotDone("The service (127.0.0.1) does not accept connections")
        assert client(misbehaving).cancel(BATCH) == BOTH
    assert misbehaving.processed == [A, B]


def elsewhere(url: str) -> IthinkCourier:
    return IthinkCourier(IthinkService("sandbox", url, url, Credentials(TOKEN, SECRET)), HttpTransport((5.0, 5.0)))


def test_a_host_that_is_not_known_was_certainly_not_sent_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    why = "There is no host nosuch.invalid to be found: no network, or a wrong address in the settings"
    assert elsewhere("https://nosuch.invalid/cancel").cancel(BATCH) == NotDone(why)
    assert elsewhere("https://nosuch.invalid/cancel").track([A]) == (Tracked(A, None, why, asked=False),)


@pytest.mark.parametrize(
    "url", ["nowhere", "ftp://127.0.0.1/", "http://", "http://[::1", "http://" + "x" * 70 + ".invalid/"]
)
def test_an_address_that_is_none_stops_the_run(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    answer = elsewhere(url).cancel(BATCH)
    assert isinstance(answer, Refused)
    assert answer.kind is Refusal.ADDRESS


def over_tls(plain: MisbehavingService, read: float) -> IthinkCourier:
    url = plain.service.cancel_url.replace("http:", "https:")
    return IthinkCourier(replace(plain.service, cancel_url=url), HttpTransport((5.0, read)))


def test_a_service_that_speaks_no_tls_was_certainly_not_sent_to() -> None:
    with MisbehavingService(lambda _: Behaviour(b"", 400)) as plain:
        answer = over_tls(plain, 10.0).cancel(BATCH)
    assert answer == NotDone("The service (127.0.0.1) could not prove by its certificate who it is, or speaks no TLS")
    assert [logged.asked.body for logged in plain.log] == [b""]


def test_a_handshake_that_never_ends_was_certainly_not_sent() -> None:
    endless = b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc" + b"\x03" * 10_000
    with MisbehavingService(lambda _: Behaviour(raw=endless, ending=Ending.DRIPPING, drip=0.01)) as plain:
        answer = over_tls(plain, 0.25).cancel(BATCH)
    assert answer == NotDone("The service did not answer within 0.5 seconds")


def test_a_certificate_of_nobody_we_trust_is_refused_and_nothing_is_sent() -> None:
    with MisbehavingService(lambda _: Behaviour(GOOD), tls()) as unknown:
        answer = client(unknown).cancel(BATCH)
    assert answer == NotDone("The service (127.0.0.1) could not prove by its certificate who it is, or speaks no TLS")
    assert unknown.log == []


def test_a_certificate_of_a_bundle_named_in_the_environment_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATE))
    with MisbehavingService(lambda _: Behaviour(GOOD), tls()) as misbehaving:
        assert client(misbehaving).cancel(BATCH) == BOTH


def test_a_proxy_that_does_not_let_us_through_means_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    with behaving(Behaviour(b"", 407)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("NO_PROXY", "")
        answer = elsewhere("https://service.invalid/cancel").cancel(BATCH)
    assert answer == NotDone("The proxy of this network did not let us through to service.invalid")
    assert [logged.asked.body for logged in proxy.log] == [b""]


def test_no_proxy_stands_between_this_machine_and_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://nosuch.invalid:1")
    monkeypatch.setenv("http_proxy", "http://nosuch.invalid:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with behaving(Behaviour(GOOD)) as misbehaving:
        assert client(misbehaving).cancel(BATCH) == BOTH


def test_a_netrc_adds_no_password_of_another_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password hunter2\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with behaving(Behaviour(GOOD)) as misbehaving:
        assert client(misbehaving).cancel(BATCH) == BOTH
    assert "authorization" not in misbehaving.log[0].asked.headers


@pytest.mark.parametrize("secured", [False, True])
def test_nothing_is_sent_when_the_run_may_not_send_any_more_once_the_connection_stands(
    secured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATE))
    asked: list[bool] = []
    with MisbehavingService(lambda _: Behaviour(GOOD), tls() if secured else None) as service:
        answer = client(service).cancel(BATCH, lambda: bool(asked.append(True)))
        assert answer == NotDone("It was not sent, as the run stood still before it")
        assert client(service).cancel(BATCH, lambda: True) == BOTH
    assert asked == [True]
    assert len(service.log) == 1  # of the first call not a byte arrived


def test_whether_a_call_may_go_out_is_not_asked_where_no_connection_was_made() -> None:
    with behaving(Behaviour(GOOD)) as service, service.refusing():
        answer = client(service).cancel(BATCH, lambda: pytest.fail("asked"))
    assert answer == NotDone("The service (127.0.0.1) does not accept connections")


# --- what the HTTP status says ---------------------------------------------------------------------------------------


def test_a_redirect_is_never_followed() -> None:
    with behaving(Behaviour(GOOD)) as other:
        away = {"Location": other.service.cancel_url}
        for code in (301, 302, 303, 307, 308):
            with behaving(Behaviour(b"x" * 100, code, away)) as misbehaving:
                assert client(misbehaving).cancel(BATCH) == Refused(
                    Refusal.ADDRESS,
                    f"this is not the address of the service (HTTP {code}, which sends callers to {away['Location']})",
                    f"HTTP {code}",
                )
    assert other.log == []


def test_retry_after_is_read_in_seconds_and_as_a_date() -> None:
    for value, seconds in [("17", 17.0), ("Fri, 31 Dec 9999 23:59:59 GMT", 300.0), ("", None)]:
        with behaving(Behaviour(b"", 429, {"Retry-After": value})) as misbehaving:
            assert client(misbehaving).cancel(BATCH) == Refused(
                Refusal.BUSY, "the service asked to slow down (HTTP 429)", "HTTP 429", seconds
            )


def test_503_is_in_doubt_unless_it_says_when_to_come_back() -> None:
    with behaving(Behaviour(b"", 503, {"Retry-After": "5"})) as misbehaving:
        assert client(misbehaving).cancel(BATCH) == Refused(
            Refusal.BUSY, "the service asked to come back later (HTTP 503)", "HTTP 503", 5.0
        )
    with behaving(Behaviour(b"", 503)) as misbehaving:
        assert client(misbehaving).cancel(BATCH) == InDoubt(f"The service failed (HTTP 503). {NEXT_STEP}")


# --- sent, and no answer ---------------------------------------------------------------------------------------------

ENDLESS = b"HTTP/1.1 200 OK\r\n" + b"X-More: yes\r\n" * 5000
BOMB = gzip.compress(gzip.compress(b" " * 300_000_000))


@pytest.mark.parametrize(
    ("behaviour", "answer"),
    [
        (Behaviour(ending=Ending.CUT_BEFORE_READING), CUT),
        (Behaviour(ending=Ending.CUT_AFTER_READING), CUT),
        (Behaviour(GOOD, ending=Ending.CUT_IN_HEADERS), CUT),
        (Behaviour(raw=b"HTTP/1.1 401 Unauthorized\r\nContent-Ty"), CUT),
        (Behaviour(raw=b"HTTP/1.1 429 Too Many Requests\r\n"), CUT),
        (Behaviour(raw=b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n"), CUT),
        (Behaviour(GOOD, ending=Ending.CUT_IN_BODY), CUT),
        (Behaviour(GOOD, headers={"Content-Length": str(len(GOOD) + 1)}), CUT),
        (Behaviour(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\nhalf"), CUT),
        (Behaviour(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), CUT),
        (Behaviour(raw=b"hello\r\n"), CUT),
        (Behaviour(raw=b"HTTP/1.1 abc\r\n\r\n"), CUT),
        (Behaviour(raw=b"\r\n\r\n"), CUT),
        (Behaviour(raw=ENDLESS), CUT),
        (
            Behaviour(GOOD, headers={"Content-Encoding": "gzip"}),
            InDoubt(f"The service's answer can't be unpacked. {NEXT_STEP}"),
        ),
        (
            Behaviour(GOOD, headers={"Content-Length": "5, 6"}),
            InDoubt(f"The service's answer can't be read. {NEXT_STEP}"),
        ),
        (
            Behaviour(GOOD, headers={"Content-Length": ""}, ending=Ending.CUT_IN_BODY),
            InDoubt(f"The service's answer can't be read: it is cut short, or no JSON. {NEXT_STEP}"),
        ),
        (Behaviour(), InDoubt(f"The service's answer can't be read: it is empty. {NEXT_STEP}")),
        (
            Behaviour(b"<h1>Bad gateway</h1>", 200),
            InDoubt(f"The service's answer can't be read: it is a web page, not an answer: “Bad gateway”. {NEXT_STEP}"),
        ),
    ],
)
def test_an_answer_that_does_not_come_in_whole_leaves_the_call_in_doubt(behaviour: Behaviour, answer: InDoubt) -> None:
    with behaving(behaviour) as misbehaving:
        assert client(misbehaving).cancel(BATCH) == answer
    assert misbehaving.processed == [A, B]


@pytest.mark.parametrize("ending", [Ending.STALLED, Ending.STALLED_IN_BODY])
def test_a_service_that_says_nothing_more_is_given_up_after_the_read_timeout(ending: Ending) -> None:
    with behaving(Behaviour(GOOD, ending=ending)) as misbehaving:
        assert client(misbehaving, read=0.2).cancel(BATCH) == slow("0.2")


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(GOOD, ending=Ending.DRIPPING, drip=0.1),
        Behaviour(raw=b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 10_000, ending=Ending.DRIPPING, drip=0.1),
        Behaviour(raw=b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, ending=Ending.DRIPPING, drip=0.1),
    ],
)
def test_a_service_that_drips_is_given_up_after_twice_the_read_timeout(behaviour: Behaviour) -> None:
    with behaving(behaviour) as misbehaving:
        assert client(misbehaving, read=0.5).cancel(BATCH) == slow("1")


def test_a_drip_that_the_client_itself_cut_is_not_taken_for_a_whole_answer() -> None:
    padded = b"HTTP/1.1 200 OK\r\n\r\n" + GOOD + b" " * 10_000
    with behaving(Behaviour(raw=padded, ending=Ending.DRIPPING, drip=0.001)) as misbehaving:
        assert client(misbehaving, read=0.5).cancel(BATCH) == slow("1")


def test_tls_that_breaks_after_the_handshake_leaves_the_call_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATE))
    with MisbehavingService(lambda asked: Behaviour(ending=Ending.TLS_BROKEN, processed=asked.awbs), tls()) as broken:
        answer = client(broken).cancel(BATCH)
    assert answer == InDoubt(f"The secured connection broke before the service's answer was in. {NEXT_STEP}")
    assert broken.processed == [A, B]


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(b"x" * 300_000),
        Behaviour(b"x" * 300_000, headers={"Content-Length": ""}),
        Behaviour(b"x" * 300_000, headers={"Content-Length": "9" * 18}),
        Behaviour(b"x" * 300_000, 302, {"Location": "/"}),
        Behaviour(b"x" * 300_000, 500),
        Behaviour(BOMB, headers={"Content-Encoding": "gzip, gzip"}),
        Behaviour(gzip.compress(b" " * 50_000_000), headers={"Content-Encoding": "gzip"}),
    ],
)
def test_an_answer_is_read_up_to_a_size_and_unpacked_up_to_the_same(behaviour: Behaviour) -> None:
    with behaving(behaviour) as misbehaving:
        tracemalloc.start()
        answer = client(misbehaving, size_limit=200_000).cancel(BATCH)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert answer == TOO_LARGE
    assert peak < 20_000_000


@pytest.mark.parametrize(
    ("behaviour", "read", "why"),
    [
        (Behaviour(ending=Ending.CUT_AFTER_READING), 10, "The connection was cut before the service's answer was in"),
        (Behaviour(ending=Ending.STALLED), 0.2, "The service did not answer within 0.2 seconds"),
        (Behaviour(b"", 500), 10, "tracking could not be asked (HTTP 500)"),
        (Behaviour(b"x" * 300_000), 10, "The service's answer is too large to be one"),
    ],
)
def test_whatever_fails_in_tracking_proves_nothing(behaviour: Behaviour, read: float, why: str) -> None:
    with behaving(behaviour) as misbehaving:
        found = client(misbehaving, read=read, size_limit=200_000).track([A, B])
    assert found == (Tracked(A, None, why, asked=False), Tracked(B, None, why, asked=False))


# --- what broke, in words --------------------------------------------------------------------------------------------


def connection_error(reason: Exception) -> requests.ConnectionError:
    """As requests raises it: around urllib3's ``MaxRetryError`` around the reason."""
    return requests.ConnectionError(MaxRetryError(None, "/", reason))  # type: ignore[arg-type]


REFUSED = NewConnectionError(None, "refused")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reached", "trouble", "why"),
    [
        (
            False,
            requests.ConnectTimeout(MaxRetryError(None, "/", ConnectTimeoutError("hm"))),
            "The service (host) did not accept a connection within 10 seconds",
        ),  # type: ignore[arg-type]
        (False, connection_error(REFUSED), "The service (host) does not accept connections"),
        (
            False,
            connection_error(NameResolutionError("host", None, socket.gaierror())),
            "There is no host host to be found: no network, or a wrong address in the settings",
        ),  # type: ignore[arg-type]
        (
            False,
            requests.exceptions.SSLError(MaxRetryError(None, "/", SSLError("hm"))),
            "The service (host) could not prove by its certificate who it is, or speaks no TLS",
        ),  # type: ignore[arg-type]
        (
            False,
            requests.exceptions.ProxyError(MaxRetryError(None, "/", ProxyError("hm", REFUSED))),
            "The proxy of this network did not let us through to host",
        ),  # type: ignore[arg-type]
        (
            False,
            requests.ConnectionError(ProtocolError("Connection aborted.", OSError(104, "reset"))),
            "The connection to the service (host) could not be made",
        ),
        (False, OSError(24, "too many open files"), "The connection to the service (host) could not be made"),
        (True, connection_error(REFUSED), "The service's answer can't be read"),
        (
            True,
            requests.ReadTimeout(ReadTimeoutError(None, "/", "hm")),
            "The service did not answer within 120 seconds",
        ),  # type: ignore[arg-type]
        (
            True,
            requests.ConnectionError(ReadTimeoutError(None, "/", "hm")),
            "The service did not answer within 120 seconds",
        ),  # type: ignore[arg-type]
        (
            True,
            requests.ConnectionError(ProtocolError("Connection aborted.", OSError(104, "reset"))),
            "The connection was cut before the service's answer was in",
        ),
        (
            True,
            requests.exceptions.ChunkedEncodingError(ProtocolError("hm", IncompleteRead(1, 2))),
            "The connection was cut before the service's answer was in",
        ),
        (True, requests.exceptions.ContentDecodingError(DecodeError("hm")), "The service's answer can't be unpacked"),
        (
            True,
            requests.exceptions.SSLError(SSLError("hm")),
            "The secured connection broke before the service's answer was in",
        ),
        (True, MemoryError(), "The service's answer can't be read"),
    ],
)
def test_what_broke_is_said_in_words_that_a_clerk_understands(reached: bool, trouble: Exception, why: str) -> None:
    line = ConnectionWatch(10.0, 120.0)
    line.reached = reached
    assert line.why(trouble, "host") == why


# --- secrets ---------------------------------------------------------------------------------------------------------


def every_failure(log: Callable[[object], None]) -> None:
    """Calls that fail in many ways; what they come to is told to ``log``."""
    echo = f"No {TOKEN} and {SECRET}: check your token"
    for behaviour in [
        Behaviour(GOOD),
        Behaviour(refusal(echo)),
        Behaviour(refusal(echo, 500)),
        Behaviour(envelope({A: entry("Error", echo, SECRET)})),
        Behaviour(f"<p>{echo}</p>".encode(), 403),
        Behaviour(b"", 302, {"Location": f"https://elsewhere.invalid/?k={SECRET}"}),
        Behaviour(ending=Ending.CUT_AFTER_READING),
        Behaviour(GOOD, ending=Ending.CUT_IN_BODY),
        Behaviour(ending=Ending.STALLED),
        Behaviour(raw=f"HTTP/1.1 {TOKEN} {SECRET}\r\n\r\n".encode()),
        Behaviour(raw=f"{SECRET}\r\n\r\n".encode()),
        Behaviour(raw=f"HTTP/1.1 200 OK\r\nA: b\r\n{SECRET}\r\nContent-Length: {TOKEN}\r\n\r\n".encode()),
        Behaviour(b"x", headers={"Content-Length": f"1, {SECRET}", "Content-Encoding": TOKEN, "Retry-After": SECRET}),
    ]:
        with behaving(behaviour) as misbehaving:
            sender = client(misbehaving, read=0.2)
            log((sender.cancel(BATCH), sender.track([A]), sender))
            with misbehaving.refusing():
                log((sender.cancel(BATCH), sender.track([A])))
    log(elsewhere("nowhere").cancel(BATCH))


def test_no_log_no_answer_and_no_repr_shows_a_key(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    told: list[object] = []
    with caplog.at_level(logging.DEBUG):
        every_failure(told.append)
    shown = repr(told) + caplog.text + "".join(capfd.readouterr())
    assert "urllib3.connectionpool" in caplog.text  # else the test looks at nothing
    assert not re.search(re.escape(TOKEN) + "|" + re.escape(SECRET) + "|awb_numbers", shown, re.IGNORECASE)


# --- the rest --------------------------------------------------------------------------------------------------------


def test_a_pause_ends_at_once_when_the_run_is_stopped() -> None:
    stop = threading.Event()
    stop.set()
    pause(3600.0, stop)
    pause(-1.0, threading.Event())


def test_calls_from_many_threads_stay_apart() -> None:
    def behave(asked: Asked) -> Behaviour:
        return Behaviour(envelope({awb: entry("Success", awb) for awb in asked.awbs}), processed=asked.awbs)

    batches = [Batch((Item(f"AWB{number:05}"),)) for number in range(40)]
    answers: dict[int, object] = {}
    with MisbehavingService(behave) as misbehaving:
        sender = client(misbehaving)

        def send(start: int) -> None:
            for number in range(start, len(batches), 8):
                answers[number] = sender.cancel(batches[number])

        threads = [threading.Thread(target=send, args=(start,)) for start in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    expected = {n: Answered((Outcome(f"AWB{n:05}", Status.SUCCESS, f"AWB{n:05}"),)) for n in range(40)}
    assert answers == expected
    assert sorted(misbehaving.processed) == [f"AWB{number:05}" for number in range(40)]

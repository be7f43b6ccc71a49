"""The built-in service keeps the contract of docs/contract-ithink.md, does what its table of endings says, and says
what it did."""

import ast
import http.client
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import pipeline.services.sandbox
from pipeline.services import sandbox_settings
from pipeline.services.sandbox import DEMO_SECRET, DEMO_TOKEN, ENDINGS, Fate, HandledCall, Sandbox

CANCEL, TRACK = "/api_v3/order/cancel.json", "/api_v3/order/track.json"
KEYS = {"access_token": DEMO_TOKEN, "secret_key": DEMO_SECRET}
REFUSED_AS_A_WHOLE = ("error", 400, [])


@pytest.fixture
def sandbox():
    with Sandbox() as serving:
        yield serving


def post(sandbox, path, body, method="POST"):
    """The status and JSON of one real request."""
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=20)
    try:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, path, content, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def cancel(sandbox, *awbs):
    return post(sandbox, CANCEL, {"data": {**KEYS, "awb_numbers": ",".join(awbs)}})[1]


def track(sandbox, *awbs):
    return post(sandbox, TRACK, {"data": {**KEYS, "awb_number_list": ",".join(awbs)}})[1]


def envelope(answer):
    return answer["status"], answer["status_code"], answer["data"]


def yes(remark="", refnum=""):
    return {"status": "Success", "remark": remark, "refnum": refnum}


def no(remark):
    return {"status": "Error", "remark": remark, "refnum": ""}


CANCELLED, NOTHING = ("Cancelled", "Approved"), None
BY_ENDING = {
    "01": ({"1": yes()}, CANCELLED),
    "80": ({"1": yes("Cancel Request Received")}, CANCELLED),
    "90": ({"1": no("AWB number not found")}, NOTHING),
    "91": ({"1": no("Shipment is already picked up, it can not be cancelled")}, ("In Transit", "")),
    "92": ({"1": no("Order is already cancelled")}, CANCELLED),
    "93": ({}, NOTHING),
    "94": ({}, CANCELLED),
    "95": ("cut", CANCELLED),
    "96": ({"1": yes()}, CANCELLED),
    "97": ([], NOTHING),
    "98": ({"1": {"status": "Pending", "remark": "Queued with the courier", "refnum": ""}}, ("Manifested", "")),
}


@pytest.mark.parametrize("ending", BY_ENDING)
def test_an_ending_gives_its_answer_and_tracking_agrees_with_what_was_done(sandbox, ending):
    awb = f"13194812345{ending}"
    data, tracked = BY_ENDING[ending]
    if data == "cut":
        with pytest.raises(http.client.RemoteDisconnected):
            cancel(sandbox, awb)
    else:
        assert cancel(sandbox, awb)["data"] == data
    said = track(sandbox, awb)["data"][awb]
    if tracked is NOTHING:
        assert said == {"message": "AWB number not found"}
    else:
        assert (said["message"], said["current_status"], said["cancel_status"]) == ("success", *tracked)
    assert (awb in sandbox.cancelled) == (tracked == CANCELLED and ending != "92")


def test_every_ending_of_the_table_is_tried_here():
    assert set(BY_ENDING) - {"01"} == set(ENDINGS)
    assert set(ENDINGS.values()) | {Fate.CANCELLED} == set(Fate)


def test_tracking_of_an_awb_that_nobody_cancelled_says_so(sandbox):
    said = track(sandbox, "SF123456701")["data"]["SF123456701"]
    assert (said["current_status"], said["cancel_status"]) == ("Manifested", "")


def test_one_bad_awb_refuses_the_whole_call_and_nothing_of_it_is_cancelled(sandbox):
    assert envelope(cancel(sandbox, "AWB0001", "AWB0097", "AWB0002")) == REFUSED_AS_A_WHOLE
    assert sandbox.cancelled == frozenset()
    assert envelope(cancel(sandbox, "AWB0097")) == REFUSED_AS_A_WHOLE
    assert cancel(sandbox, "AWB0001", "AWB0002")["data"] == {"1": yes(), "2": yes()}


def test_a_cut_call_was_processed_as_a_whole(sandbox):
    with pytest.raises(http.client.RemoteDisconnected):
        cancel(sandbox, "AWB0001", "AWB0095", "AWB0091")
    assert sandbox.cancelled == {"AWB0001", "AWB0095"}


def test_a_cancelled_awb_stays_cancelled_and_a_second_cancel_says_so(sandbox):
    cancel(sandbox, "AWB0001", "AWB0094")
    assert cancel(sandbox, "AWB0001", "AWB0002")["data"] == {"1": no("Order is already cancelled"), "2": yes()}
    assert sandbox.cancelled == {"AWB0001", "AWB0094", "AWB0002"}


def test_silence_about_an_awb_leaves_a_gap_in_the_numbers(sandbox):
    assert list(cancel(sandbox, "AWB0001", "AWB0093", "AWB0003")["data"]) == ["1", "3"]


def test_refnums_are_the_order_references_that_it_was_told():
    with Sandbox(refs={"AWB0001": "SO-1"}) as sandbox:
        sandbox.register({"AWB0091": "SO-2"})
        refnums = {
            key: entry["refnum"] for key, entry in cancel(sandbox, "AWB0001", "AWB0091", "AWB0003")["data"].items()
        }
        assert refnums == {"1": "SO-1", "2": "SO-2", "3": ""}


@pytest.mark.parametrize(("path", "field", "most"), [(CANCEL, "awb_numbers", 100), (TRACK, "awb_number_list", 10)])
def test_a_call_takes_so_many_awbs_and_no_more(sandbox, path, field, most):
    awbs = [f"AWB{number:03d}00" for number in range(most + 1)]
    assert envelope(post(sandbox, path, {"data": {**KEYS, field: ",".join(awbs)}})[1]) == REFUSED_AS_A_WHOLE
    assert sandbox.log == []
    taken = post(sandbox, path, {"data": {**KEYS, field: ",".join(awbs[:-1])}})[1]
    assert (taken["status"], len(taken["data"])) == ("success", most)


@pytest.mark.parametrize("path", [CANCEL, TRACK])
@pytest.mark.parametrize(
    "wrong",
    [{"access_token": "other"}, {"secret_key": "other"}, {"access_token": None}, {"secret_key": ["sandbox-secret"]}],
)
def test_other_keys_than_the_demo_pair_are_refused_in_words_about_the_token(sandbox, path, wrong):
    status, answer = post(sandbox, path, {"data": {**KEYS, **wrong, "awb_numbers": "AWB0001"}})
    assert (status, envelope(answer)) == (200, REFUSED_AS_A_WHOLE)
    assert "access token" in answer["html_message"]
    assert sandbox.cancelled == frozenset()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'"data"',
        b"{",
        b"\xff\xfe\x00",
        b'{"data": []}',
        b'{"data": null}',
        b'{"data": 1}',
        b"[" * 100_000,
        b"1" * 5_000,
        json.dumps({"data": KEYS}).encode(),
        json.dumps({"data": {**KEYS, "awb_numbers": ["AWB0001"]}}).encode(),
        json.dumps({"data": {**KEYS, "awb_numbers": " , ,"}}).encode(),
        json.dumps({"data": {**KEYS, "awb_numbers": {"a": 1}}}).encode(),
    ],
)
def test_any_garbage_gets_the_error_envelope(sandbox, body):
    status, answer = post(sandbox, CANCEL, body)
    assert (status, envelope(answer)) == (200, REFUSED_AS_A_WHOLE)
    assert sandbox.log == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/order/cancel.json", 404),
        ("POST", "/", 404),
        ("GET", CANCEL, 405),
        ("DELETE", CANCEL, 405),
        ("BREW", CANCEL, 501),
    ],
)
def test_other_paths_and_methods_get_the_error_envelope_too(sandbox, method, path, status):
    found, answer = post(sandbox, path, {"data": {**KEYS, "awb_numbers": "AWB0001"}}, method)
    assert (found, envelope(answer)) == (status, REFUSED_AS_A_WHOLE)


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
        b"POST\r\n\r\n",
        b"POST /api_v3/order/cancel.json HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST /api_v3/order/cancel.json HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST " + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
    ],
)
def test_what_is_hardly_http_is_answered_without_a_traceback(sandbox, sent, capfd):
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=10) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(65_536):
            answer += part
    assert envelope(json.loads(answer.rpartition(b"\r\n\r\n")[2])) == REFUSED_AS_A_WHOLE
    assert cancel(sandbox, "AWB0001")["data"] == {"1": yes()}
    assert capfd.readouterr() == ("", "")


def test_the_log_says_what_was_done_with_each_awb_and_holds_no_key():
    told = []
    with Sandbox(on_call=told.append) as sandbox:
        cancel(sandbox, "AWB0001", "AWB0097")
        cancel(sandbox, "AWB0001", "AWB0091")
        cancel(sandbox, "AWB0001")
        track(sandbox, "AWB0001")
        assert (
            told
            == sandbox.log
            == [
                HandledCall(1, CANCEL, {"AWB0001": "refused with its call", "AWB0097": "refused with its call"}),
                HandledCall(2, CANCEL, {"AWB0001": "cancelled", "AWB0091": "refused: already picked up"}),
                HandledCall(3, CANCEL, {"AWB0001": "refused: cancelled before"}),
                HandledCall(4, TRACK, {"AWB0001": "tracked"}),
            ]
        )
    assert DEMO_TOKEN not in repr(told)
    assert DEMO_SECRET not in repr(told)


def test_it_says_how_to_reach_it(sandbox):
    base = f"http://127.0.0.1:{sandbox.port}"
    assert (sandbox.cancel_url, sandbox.track_url) == (base + CANCEL, base + TRACK)
    assert sandbox_settings(sandbox) == {
        "ITHINK_CANCEL_URL": base + CANCEL,
        "ITHINK_TRACK_URL": base + TRACK,
        "ITHINK_ACCESS_TOKEN": DEMO_TOKEN,
        "ITHINK_SECRET_KEY": DEMO_SECRET,
    }


def test_it_listens_on_one_loopback_address_and_nowhere_else(sandbox):
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", sandbox.port), timeout=5)


def test_a_port_that_is_taken_is_refused_and_a_stopped_service_frees_its_own():
    with Sandbox() as first, pytest.raises(OSError, match="in use"):
        Sandbox(first.port)
    with Sandbox(first.port) as second:
        assert second.port == first.port


def test_many_callers_at_once_each_get_their_own_answer(sandbox):
    def one(number):
        return cancel(sandbox, f"AWB{number:05d}01", f"AWB{number:05d}90")["data"]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(300)))
    assert answers == [{"1": yes(), "2": no("AWB number not found")}] * 300
    assert [call.number for call in sandbox.log] == list(range(1, 301))
    assert len(sandbox.cancelled) == 300


def test_it_shares_no_code_with_the_client_of_the_contract():
    for file in Path(pipeline.services.sandbox.__file__).parent.glob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        named = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
        ours = {name for name in named if name.startswith(("pipeline", "schemas"))}
        assert {name for name in ours if not name.startswith("pipeline.services.sandbox")} == set()

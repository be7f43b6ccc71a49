"""What a call says and what a reply means: docs/contract-ithink.md's tables, shape by shape; no AWB ever gets
another's entry."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipeline.model.calls import Answer, Answered, Batch, InDoubt, Item, Outcome, Refusal, Refused, Tracked
from pipeline.services.contract import Reply
from pipeline.services.ithink.cancel_reply import read_cancel
from pipeline.services.ithink.request import cancel_body, track_body
from pipeline.services.ithink.settings import Credentials
from pipeline.services.ithink.track_reply import read_track
from pipeline.services.ithink.wording import NEXT_STEP, says_cancelled
from pipeline.services.redaction import scrub
from pipeline.services.transport import HEADERS
from schemas.annotated import LONGEST_CELL, Status
from tests.misbehaving import entry, envelope, refusal

KEYS = Credentials("tok-0123456789abcdef", "sec-<&fedcba98")
A, B, C = "86210010463", "86210010464", "V12345678"
ABC = Batch((Item(A, ("GK0034",)), Item(B, ("#GK0035",)), Item(C, ("GK0036", "GK0037"))))
BARE = Batch((Item(A), Item(B), Item(C)))
ONE = Batch((Item(A, ("GK0034",)),))
TWINS = Batch((Item(A, ("GK0034",)), Item(B, ("GK0034",)), Item(C, ("GK0036",))))  # two parcels of one order

GONE = "The service's answer has no entry for this AWB."
UNTOLD = "The service's answer does not say which of its entries is this AWB's."
TWO_THINGS = "The service's answer says two different things of this AWB."


def read(body: bytes | str, batch: Batch = ABC, code: int = 200, *, trust_order: bool = False) -> Answer:
    raw = body.encode() if isinstance(body, str) else body
    return read_cancel(Reply(code, raw), batch, KEYS, trust_order=trust_order)


def yes(awb: str, remark: str = "", refnum: str = "") -> Outcome:
    return Outcome(awb, Status.SUCCESS, remark, refnum)


def no(awb: str, remark: str = "", refnum: str = "") -> Outcome:
    return Outcome(awb, Status.FAILED, remark, refnum)


def unknown(awb: str, why: str) -> Outcome:
    return Outcome(awb, Status.UNKNOWN, f"{why} {NEXT_STEP}")


def unclear(why: str, *awbs: str) -> tuple[Outcome, ...]:
    return tuple(unknown(awb, why) for awb in awbs)


# --- what a call says ------------------------------------------------------------------------------------------------


def test_a_cancel_call_is_spelled_as_documented() -> None:
    data = {"access_token": KEYS.access_token, "secret_key": KEYS.secret_key, "awb_numbers": f"{A},{B},{C}"}
    assert json.loads(cancel_body(ABC, KEYS)) == {"data": data}
    assert HEADERS == {"content-type": "application/json", "cache-control": "no-cache"}


def test_a_track_call_is_spelled_as_documented() -> None:
    data = {"access_token": KEYS.access_token, "secret_key": KEYS.secret_key, "awb_number_list": f"{A},{B}"}
    assert json.loads(track_body([A, B], KEYS)) == {"data": data}


@pytest.mark.parametrize("awbs", [[], ["1,2"], [""], [f"AWB{number:05}" for number in range(101)]])
def test_a_call_that_must_not_be_made_can_not_be_spelled(awbs: list[str]) -> None:
    with pytest.raises(ValueError, match="AWB"):
        cancel_body(Batch(tuple(Item(awb) for awb in awbs)), KEYS)


def test_eleven_awbs_are_too_many_for_tracking() -> None:
    with pytest.raises(ValueError, match="11 AWBs"):
        track_body([f"AWB{number:05}" for number in range(11)], KEYS)


# --- which entry belongs to which AWB --------------------------------------------------------------------------------

SHAPES: dict[str, tuple[Batch, object, tuple[Outcome, ...]]] = {
    # rule 1: named
    "keyed by AWB": (
        ABC,
        {
            A: entry("Success", "", "X1"),
            B: entry("Error", "not found"),
            C: entry("success ", "Cancel Request Received"),
        },
        (yes(A, "", "X1"), no(B, "not found"), yes(C, "Cancel Request Received")),
    ),
    "keyed by AWB, another case, blanks around": (
        ABC,
        {f" {A} ": entry(), B: entry(), "v12345678": entry("Fail", "late")},
        (yes(A), yes(B), no(C, "late")),
    ),
    "keyed by AWB, in another order, one left out": (
        ABC,
        {C: entry("Error", "late"), A: entry()},
        (yes(A), *unclear(GONE, B), no(C, "late")),
    ),
    "the AWB inside the entry, numbered in another order": (
        BARE,
        {"1": entry("Error", "late", awb_no=C), "2": entry(awb_no=A), "3": entry(awb_no=B)},
        (yes(A), yes(B), no(C, "late")),
    ),
    "the AWB inside the entry as a number, under any of its names": (
        BARE,
        [entry(waybill=int(A)), entry("Error", AWB_Number=f" {B} "), entry(tracking_number=C.lower())],
        (yes(A), no(B), yes(C)),
    ),
    "an entry about an AWB that was not sent": (
        BARE,
        {A: entry(), "86210099999": entry("Error"), C: entry()},
        (yes(A), *unclear(GONE, B), yes(C)),
    ),
    "a list with an entry about an AWB that was not sent": (
        BARE,
        [entry(), entry("Success", awb="86210099999"), entry()],
        unclear(UNTOLD, A, B, C),
    ),
    "the key names one AWB and a field another": (
        BARE,
        {A: entry(awb=B), B: entry(awb=B), C: entry(awb=C)},
        (*unclear(GONE, A), yes(B), yes(C)),
    ),
    "two entries of one AWB that agree": (
        BARE,
        [entry(awb=A), entry(awb=A), entry(awb=B)],
        (yes(A), yes(B), *unclear(GONE, C)),
    ),
    "two entries of one AWB that disagree": (
        BARE,
        {A: entry(), "9": entry("Error", awb=A), B: entry(), C: entry()},
        (*unclear(TWO_THINGS, A), yes(B), yes(C)),
    ),
    "a name wins over a refnum of another's": (
        ABC,
        {A: entry("Success", "", "GK0035"), B: entry("Error", "late", "GK0034")},
        (yes(A, "", "GK0035"), no(B, "late", "GK0034"), *unclear(GONE, C)),
    ),
    # rule 2: by refnum
    "permuted, with refnums": (
        ABC,
        {
            "1": entry("Error", "late", "gk0036"),
            "2": entry("Success", "", " #GK0034"),
            "3": entry("Success", "", "GK0035"),
        },
        (yes(A, "", " #GK0034"), yes(B, "", "GK0035"), no(C, "late", "gk0036")),
    ),
    "short, with a refnum, like the vendor's sample": (
        ABC,
        {"1": entry("Success", "", "GK0035")},
        (*unclear(GONE, A), yes(B, "", "GK0035"), *unclear(GONE, C)),
    ),
    "an AWB of several rows goes by any of their references": (
        ABC,
        {"1": entry("Error", "late", "GK0037")},
        (*unclear(GONE, A, B), no(C, "late", "GK0037")),
    ),
    "keyed by refnum": (
        ABC,
        {"GK0035": entry("Error", "late", "GK0035")},
        (*unclear(GONE, A), no(B, "late", "GK0035"), *unclear(GONE, C)),
    ),
    "a refnum twice in the reply is nobody's": (
        ABC,
        {"1": entry("Success", "", "GK0035"), "2": entry("Error", "", "GK0035")},
        unclear(UNTOLD, A, B, C),
    ),
    "a refnum of two AWBs is neither's": (TWINS, {"1": entry("Success", "", "GK0034")}, unclear(UNTOLD, A, B, C)),
    "a refnum that stands for none is none": (
        Batch((Item(A, ("-",)), Item(B, ("GK1",)))),
        {"2": entry("Success", "", "-")},
        unclear(UNTOLD, A, B),
    ),
    # rule 3: by position
    'an object from "1", all alike': (BARE, {"1": entry(), "2": entry(), "3": entry()}, (yes(A), yes(B), yes(C))),
    'an object from "0", all alike': (
        BARE,
        {"0": entry("Error"), "1": entry("failed"), "2": entry("REJECTED")},
        (no(A), no(B), no(C)),
    ),
    "a list, all alike": (BARE, [entry(), entry(), entry()], (yes(A), yes(B), yes(C))),
    "numbered, not alike, and nothing to tell them by": (
        BARE,
        {"1": entry(), "2": entry("Error"), "3": entry()},
        unclear(UNTOLD, A, B, C),
    ),
    "numbered, one refnum at its own place": (
        ABC,
        {"1": entry("Success", "", "GK0034"), "2": entry("Error", "late"), "3": entry()},
        (yes(A, "", "GK0034"), no(B, "late"), yes(C)),
    ),
    "numbered, with numbers for refnums": (
        Batch((Item(A, ("1001",)), Item(B))),
        {"1": entry("Success", 7, 1001), "2": entry("Error", None, None)},
        (yes(A, "7", "1001"), no(B)),
    ),
    "numbered in another order of keys": (
        ABC,
        {"3": entry("Error", "late"), "1": entry("Success", "", "GK0034"), "2": entry()},
        (yes(A, "", "GK0034"), yes(B), no(C, "late")),
    ),
    "numbered, one refnum at another's place": (
        ABC,
        {"1": entry("Success", "", "GK0035"), "2": entry("Error"), "3": entry()},
        (*unclear(UNTOLD, A), yes(B, "", "GK0035"), *unclear(UNTOLD, C)),
    ),
    "numbered, all alike, one refnum at another's place": (
        ABC,
        {"1": entry("Success", "", "GK0035"), "2": entry(), "3": entry()},
        (*unclear(UNTOLD, A), yes(B, "", "GK0035"), *unclear(UNTOLD, C)),
    ),
    "numbered, one refnum agrees and another is strange to its AWB": (
        ABC,
        {"1": entry("Success", "", "GK0034"), "2": entry("Error", "", "ZZ9"), "3": entry()},
        (yes(A, "", "GK0034"), *unclear(UNTOLD, B, C)),
    ),
    "numbered, all alike, with refnums of another call": (
        ABC,
        [entry("Success", "", "S1"), entry("Success", "", "S2"), entry("Success", "", "S3")],
        unclear(UNTOLD, A, B, C),
    ),
    "numbered, all alike, and one refnum of another call": (
        ABC,
        [entry(), entry("Success", "", "S2"), entry()],
        unclear(UNTOLD, A, B, C),
    ),
    "numbered, all alike, named, and the refnum of another call": (
        ABC,
        [entry("Success", "", "S1", awb=A), entry(), entry()],
        (yes(A, "", "S1"), *unclear(UNTOLD, B, C)),
    ),
    "numbered, all alike, with refnums, and the sheet has no references": (
        BARE,
        [entry("Success", "", "S1"), entry("Success", "", "S2"), entry("Success", "", "S3")],
        (yes(A), yes(B), yes(C)),
    ),
    "numbered, all alike, and a refnum where the sheet has no reference": (
        Batch((Item(A, ("GK0034",)), Item(B))),
        [entry("Success", "", "GK0034"), entry("Success", "", "S2")],
        (yes(A, "", "GK0034"), yes(B, "", "S2")),
    ),
    "two parcels of one order, in their places": (
        TWINS,
        [entry("Success", "", "GK0034"), entry("Error", "late", "GK0034"), entry("Success", "", "GK0036")],
        (yes(A, "", "GK0034"), no(B, "late", "GK0034"), yes(C, "", "GK0036")),
    ),
    "a shared refnum proves no order": (
        Batch((Item(A, ("GK1",)), Item(B, ("GK1",)))),
        [entry("Success", "", "GK1"), entry("Error", "", "GK1")],
        unclear(UNTOLD, A, B),
    ),
    "all say no, for different reasons": (
        Batch((Item(A), Item(B))),
        [entry("Error", "late"), entry("Error")],
        tuple(
            no(awb, "late / no remark (the service's words for the AWBs of one call; which are whose can't be told)")
            for awb in (A, B)
        ),
    ),
    "all say no, and only one of them is cancelled already": (
        Batch((Item(A), Item(B))),
        [entry("Error", "already cancelled"), entry("Error", "not found")],
        unclear(UNTOLD, A, B),
    ),
    "a remark that mentions another AWB of the call": (
        Batch((Item(A), Item(B))),
        [entry("Error", f"{B}: late"), entry("Error", "late")],
        unclear(UNTOLD, A, B),
    ),
    "short and numbered": (BARE, {"1": entry(), "2": entry()}, unclear(UNTOLD, A, B, C)),
    "long and numbered": (BARE, [entry(), entry(), entry(), entry()], unclear(UNTOLD, A, B, C)),
    "numbered with a gap": (BARE, {"1": entry(), "2": entry(), "4": entry()}, unclear(UNTOLD, A, B, C)),
    'numbered from "01"': (BARE, {"01": entry(), "02": entry(), "03": entry()}, unclear(UNTOLD, A, B, C)),
    "numbered, and a word beside": (
        BARE,
        {"1": entry(), "2": entry(), "3": entry(), "message": "ok"},
        unclear(UNTOLD, A, B, C),
    ),
    # rule 4: one sent and one back
    "one sent, one back": (ONE, {"1": entry("Error", "late")}, (no(A, "late"),)),
    "one sent, one back with its refnum": (ONE, {"7": entry("Error", "late", "GK0034")}, (no(A, "late", "GK0034"),)),
    "one sent, one back with the refnum of another call": (ONE, {"1": entry("Success", "", "ZZ9")}, unclear(UNTOLD, A)),
    "one sent, one flat entry with the refnum of another call": (ONE, entry("Error", "", "ZZ9"), unclear(UNTOLD, A)),
    "one sent without a reference, one back": (
        Batch((Item(A),)),
        {"1": entry("Error", "late", "ZZ9")},
        (no(A, "late", "ZZ9"),),
    ),
    "one sent, one flat entry": (
        ONE,
        entry("Success", "Cancel Request Received", "GK0034"),
        (yes(A, "Cancel Request Received", "GK0034"),),
    ),
    "one sent, one back under a word": (ONE, {"result": entry()}, (yes(A),)),
    "one sent, one back about another": (ONE, {"86210099999": entry()}, unclear(GONE, A)),
    "one sent, two back": (ONE, [entry(), entry()], unclear(UNTOLD, A)),
    "a flat entry for three": (BARE, entry(), unclear(UNTOLD, A, B, C)),
    "a flat entry with a refnum for three": (
        ABC,
        entry("Success", "", "GK0036"),
        (*unclear(GONE, A, B), yes(C, "", "GK0036")),
    ),
    # what an entry says
    "a word that is neither": (
        Batch((Item(A), Item(B))),
        {A: entry("Pending", "in the queue"), B: entry(" QUEUED ")},
        (
            unknown(A, "The service's entry for this AWB says neither yes nor no: “Pending in the queue”."),
            unknown(B, "The service's entry for this AWB says neither yes nor no: “QUEUED”."),
        ),
    ),
    "no word at all, and no text": (
        BARE,
        {A: {"remark": ""}, B: entry(True), C: entry(None, "hm")},
        (
            unknown(A, "The service's entry for this AWB says neither yes nor no."),
            unknown(B, "The service's entry for this AWB says neither yes nor no: “true”."),
            unknown(C, "The service's entry for this AWB says neither yes nor no: “hm”."),
        ),
    ),
    "entries that are no objects": (
        BARE,
        {A: "Success", B: None, C: ["Success"]},
        (
            unknown(A, "The service's entry for this AWB says neither yes nor no: “Success”."),
            unknown(B, "The service's entry for this AWB says neither yes nor no."),
            unknown(C, "The service's entry for this AWB says neither yes nor no."),
        ),
    ),
    "remarks and refnums of wrong types": (
        BARE,
        {
            A: entry("Success", {"code": 1.50, "why": ["x", None, True]}, 12345678901234567890),
            B: entry("Error", ["a"], False),
            C: entry("Success", 0, {}),
        },
        (
            yes(A, '{"code":1.5,"why":["x",null,true]}', "12345678901234567890"),
            no(B, '["a"]', "false"),
            yes(C, "0", "{}"),
        ),
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_a_reply_is_read_without_shifting(shape: str) -> None:
    batch, data, outcomes = SHAPES[shape]
    answered = any(outcome.status != Status.UNKNOWN for outcome in outcomes)
    assert read(envelope(data), batch) == Answered(outcomes, answered=answered)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_entries_decide_and_never_the_envelope(shape: str) -> None:
    batch, data, outcomes = SHAPES[shape]
    for status, code in [("error", 400), ("error", "500"), ("error", 401), ("success", 200), (None, None), (7, [])]:
        answer = read(envelope(data, status, code, "Invalid token"), batch)
        assert isinstance(answer, Answered)
        assert answer.outcomes == outcomes


@pytest.mark.parametrize(
    ("data", "outcomes"),
    [
        ([entry(), entry("Error", "late"), entry()], (yes(A), no(B, "late"), yes(C))),
        ([entry(), entry("Error", "late", "ZZ9"), entry()], unclear(UNTOLD, A, B, C)),
        ([entry(), entry("Error", "", "GK0034"), entry()], (no(A, "", "GK0034"), *unclear(UNTOLD, B, C))),
        ([entry(), entry("Error")], unclear(UNTOLD, A, B, C)),
        ([entry(), entry("Error", awb=A), entry()], (no(A), *unclear(UNTOLD, B, C))),
    ],
)
def test_a_trusted_order_is_followed_until_something_speaks_against_it(
    data: object, outcomes: tuple[Outcome, ...]
) -> None:
    answered = any(outcome.status != Status.UNKNOWN for outcome in outcomes)
    assert read(envelope(data), trust_order=True) == Answered(outcomes, answered=answered)


def test_equal_keys_are_a_contradiction_and_not_the_last_of_them() -> None:
    said = '{"status":"Success"}'
    text = f'{{"data":{{"{A}":{said},"{A}":{{"status":"Error"}},"{B}":{said}}}}}'
    assert read(text, BARE) == Answered((*unclear(TWO_THINGS, A), yes(B), *unclear(GONE, C)))


def test_an_entry_with_two_status_words_is_believed_in_neither() -> None:
    text = f'{{"data":{{"{A}":{{"status":"Success","status":"Success"}}}}}}'
    assert read(text, ONE) == Answered(unclear(TWO_THINGS, A), answered=False)


def test_equal_numbers_for_keys_are_no_positions() -> None:
    text = '{"data":{"1":{"status":"Success"},"1":{"status":"Success"},"2":{"status":"Success"}}}'
    assert read(text, BARE) == Answered(unclear(UNTOLD, A, B, C), answered=False)


# --- what a failure means --------------------------------------------------------------------------------------------

NO_JSON = "The service's answer can't be read: it is cut short, or no JSON"
NOTHING_SAID = "The service's answer says nothing of any AWB"


def doubt(reason: str) -> InDoubt:
    return InDoubt(f"{reason}. {NEXT_STEP}")


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        # nothing that can be read
        (b"", doubt("The service's answer can't be read: it is empty")),
        (b" \r\n", doubt("The service's answer can't be read: it is empty")),
        (
            b"<html><title>Sorry</title><style>p {}</style><body><p>Back&nbsp;soon<script>x</script></html>",
            doubt("The service's answer can't be read: it is a web page, not an answer: “Sorry Back soon”"),
        ),
        (b'{"status": "success", "data": {"1": {"sta', doubt(NO_JSON)),
        (b'{"data": NaN}', doubt(NO_JSON)),
        (b"{} {}", doubt(NO_JSON)),
        (b"Notice: hm {}", doubt(NO_JSON)),
        (b'{"data": "\xff"}', doubt("The service's answer can't be read: it is not UTF-8 text")),
        (b"[" * 200_000, doubt("The service's answer can't be read: it is nested too deep")),
        # nothing of any AWB
        (b"null", doubt(NOTHING_SAID)),
        (b"[]", doubt(NOTHING_SAID)),
        (b"{}", doubt(NOTHING_SAID)),
        (b'"success"', doubt(NOTHING_SAID)),
        (b"200", doubt(NOTHING_SAID)),
        (b'[{"status": "Success"}]', doubt(NOTHING_SAID)),
        (b'{"data": {"1": {"status": "Success"}}, "data": []}', doubt(NOTHING_SAID)),
        (envelope([]), doubt(NOTHING_SAID)),
        (envelope({}), doubt(NOTHING_SAID)),
        (envelope(""), doubt(NOTHING_SAID)),
        (envelope(None, words="Done"), doubt(f"{NOTHING_SAID}: “Done”")),
        (b'{"status": "success", "status_code": 200}', doubt(NOTHING_SAID)),
        (envelope([], "success", 400), doubt(NOTHING_SAID)),
        (envelope([], "pending", 400), doubt(NOTHING_SAID)),
        (
            envelope('{"1": {"status": "Success"}}', "error", 400),
            doubt(NOTHING_SAID + ': “{"1": {"status": "Success"}}”'),
        ),
        # refused as a whole
        (
            refusal("<p>Invalid <b>AWB</b>&nbsp;number</p>"),
            Refused(Refusal.CALL, "Invalid AWB number", "“Invalid AWB number”"),
        ),
        (refusal("No order", "404"), Refused(Refusal.CALL, "No order", "“No order”")),
        (envelope([], "Error", None, "No order"), Refused(Refusal.CALL, "No order", "“No order”")),
        (
            envelope([], "error", ""),
            Refused(Refusal.CALL, "the service refused the call and gave no reason", "without a reason"),
        ),
        (
            b'{"status": false, "status_code": 400, "message": "No order"}',
            Refused(Refusal.CALL, "No order", "“No order”"),
        ),
        (
            b'{"status_code": 422, "message": "No order", "data": {"message": "AWB missing"}}',
            Refused(Refusal.CALL, "No order AWB missing", "“No order AWB missing”"),
        ),
        (
            b'\xef\xbb\xbf{"status": "error", "message": "No order", "data": null}',
            Refused(Refusal.CALL, "No order", "“No order”"),
        ),
        (b'{"status": "error", "message": "two\nlines"}', Refused(Refusal.CALL, "two lines", "“two lines”")),
        # the keys
        (
            refusal("Invalid access_token"),
            Refused(
                Refusal.CREDENTIALS,
                "the service refused the access token or the secret key: “Invalid access_token”",
                "“Invalid access_token”",
            ),
        ),
        (
            refusal("Access denied", 500),
            Refused(
                Refusal.CREDENTIALS,
                "the service refused the access token or the secret key: “Access denied”",
                "“Access denied”",
            ),
        ),
        (
            refusal("", 401),
            Refused(Refusal.CREDENTIALS, "the service refused the access token or the secret key", "without a reason"),
        ),
        (
            refusal(f"Wrong secret key {KEYS.secret_key}"),
            Refused(
                Refusal.CREDENTIALS,
                "the service refused the access token or the secret key: “Wrong secret key (hidden)”",
                "“Wrong secret key (hidden)”",
            ),
        ),
        # a fault of its own
        (
            refusal("Something went wrong", 500),
            doubt("The service reported a fault of its own: “Something went wrong”"),
        ),
        (
            refusal("Something went wrong", "503"),
            doubt("The service reported a fault of its own: “Something went wrong”"),
        ),
        (refusal("hm", 200), doubt("The service reported a fault of its own: “hm”")),
        (refusal("hm", "abc"), doubt("The service reported a fault of its own: “hm”")),
        (refusal("hm", 408), doubt("The service reported a fault of its own: “hm”")),
        (
            refusal("Courier request timed out"),
            doubt("The service reported a fault of its own: “Courier request timed out”"),
        ),
        (refusal("Undefined array key 3"), doubt("The service reported a fault of its own: “Undefined array key 3”")),
        (
            refusal("SQLSTATE[23000]: Duplicate entry for key 'PRIMARY'"),
            doubt("The service reported a fault of its own: “SQLSTATE[23000]: Duplicate entry for key 'PRIMARY'”"),
        ),
        (
            refusal("Too many requests", 429),
            Refused(Refusal.BUSY, "the service asked to slow down: “Too many requests”", "“Too many requests”"),
        ),
    ],
)
def test_a_reply_without_entries_is_refused_or_in_doubt(body: bytes, answer: Answer) -> None:
    assert read(body) == answer


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Invalid token", Refusal.CREDENTIALS),
        ("secret_key mismatch", Refusal.CREDENTIALS),
        ("Wrong API key.", Refusal.CREDENTIALS),
        ("Please check your credentials", Refusal.CREDENTIALS),
        ("You have no access", Refusal.CREDENTIALS),
        ("UNAUTHORISED", Refusal.CREDENTIALS),
        ("Unauthorized request", Refusal.CREDENTIALS),
        ("Authentication failed", Refusal.CREDENTIALS),
        ("Could not authenticate", Refusal.CREDENTIALS),
        ("Unauthenticated.", Refusal.CREDENTIALS),
        ("Turkey Road pincode is not serviceable", Refusal.CALL),
        ("Accessories can not be cancelled", Refusal.CALL),
        ("Keyword missing", Refusal.CALL),
        ("AWB 86210010463 is not valid", Refusal.CALL),
    ],
)
def test_words_about_the_keys_are_told_from_words_about_awbs(words: str, kind: Refusal) -> None:
    answer = read(refusal(words))
    assert isinstance(answer, Refused)
    assert answer.kind == kind


GOOD = envelope({A: entry(), B: entry(), C: entry()})
HALF = envelope({A: entry(), B: entry("Error", "late"), C: entry()})
PAGE = b"<h1>Forbidden</h1>"
NOT_BOTH = "The service's answer says yes for this AWB, and no for the whole call (HTTP {})."
NOT_LAST = "The service's answer is not its last word, or not its own (HTTP {})"


@pytest.mark.parametrize(
    ("code", "body", "answer"),
    [
        (201, GOOD, Answered((yes(A), yes(B), yes(C)))),
        (
            301,
            b"",
            Refused(
                Refusal.ADDRESS,
                "this is not the address of the service (HTTP 301, which sends callers to https://elsewhere.invalid/)",
                "HTTP 301",
            ),
        ),
        (
            304,
            b"",
            Refused(
                Refusal.ADDRESS,
                "this is not the address of the service (HTTP 304, which sends callers to https://elsewhere.invalid/)",
                "HTTP 304",
            ),
        ),
        (
            404,
            PAGE,
            Refused(
                Refusal.ADDRESS,
                "this is not the address of the service (HTTP 404, which sends callers to https://elsewhere.invalid/)",
                "HTTP 404",
            ),
        ),
        (
            405,
            b"",
            Refused(
                Refusal.ADDRESS,
                "this is not the address of the service (HTTP 405, which sends callers to https://elsewhere.invalid/)",
                "HTTP 405",
            ),
        ),
        (
            401,
            b"",
            Refused(
                Refusal.CREDENTIALS, "the service refused the access token or the secret key (HTTP 401)", "HTTP 401"
            ),
        ),
        (
            403,
            PAGE,
            Refused(
                Refusal.CREDENTIALS,
                "the service refused the access token or the secret key (HTTP 403): “Forbidden”",
                "HTTP 403",
            ),
        ),
        (429, b"", Refused(Refusal.BUSY, "the service asked to slow down (HTTP 429)", "HTTP 429", 17.0)),
        (503, b"", Refused(Refusal.BUSY, "the service asked to come back later (HTTP 503)", "HTTP 503", 17.0)),
        (500, b"", doubt("The service failed (HTTP 500)")),
        (500, refusal("No order"), doubt("The service failed (HTTP 500): “No order”")),
        (502, PAGE, doubt("The service failed (HTTP 502): “Forbidden”")),
        (408, b"", doubt("The service failed (HTTP 408)")),
        (102, b"", doubt("The service failed (HTTP 102)")),
        (999, GOOD, doubt("The service's answer contradicts itself (HTTP 999)")),
        (400, PAGE, doubt("The service's answer can't be read: it is a web page, not an answer: “Forbidden”")),
        (400, b'{"message": "No order"}', Refused(Refusal.CALL, "No order", "“No order”")),
        (422, refusal("No order", ""), Refused(Refusal.CALL, "No order", "“No order”")),
        # a yes is not believed where HTTP says no; a no is
        *(
            (code, GOOD, Answered(unclear(NOT_BOTH.format(code), A, B, C), answered=False))
            for code in (400, 409, 418, 422)
        ),
        (400, HALF, Answered((unknown(A, NOT_BOTH.format(400)), no(B, "late"), unknown(C, NOT_BOTH.format(400))))),
        # not the last word, or not the service's own
        *((code, GOOD, doubt(NOT_LAST.format(code))) for code in (202, 203, 204, 206, 226)),
        # a code that says "nothing was done" over entries that say what was done
        (403, GOOD, doubt("The service's answer contradicts itself (HTTP 403)")),
        (429, GOOD, doubt("The service's answer contradicts itself (HTTP 429)")),
        (302, GOOD, doubt("The service's answer contradicts itself (HTTP 302)")),
        (500, GOOD, doubt("The service's answer contradicts itself (HTTP 500)")),
    ],
)
def test_the_http_status_means_what_the_table_of_failures_says(code: int, body: bytes, answer: Answer) -> None:
    reply = Reply(code, body, retry_after=17.0, location="https://elsewhere.invalid/")
    assert read_cancel(reply, ABC, KEYS, trust_order=False) == answer


@pytest.mark.parametrize(
    "remark",
    [
        "Could not be cancelled",
        "Cancellation failed",
        "Can't cancel: already delivered",
        "Can’t be cancelled",
        "Shipment already picked up",
        "In Transit",
        "Rejected by the courier",
        "Request denied",
        "Invalid AWB",
        "Error 12",
        "Unable to reach the courier",
        "No such order: not found",
        "RTO initiated",
        "NOT CANCELLED",
    ],
)
def test_a_yes_whose_remark_speaks_against_it_is_no_yes(remark: str) -> None:
    said = f"The service's entry for this AWB says neither yes nor no: “Success {remark}”."
    (outcome,) = read(envelope({A: entry("Success", remark)}), ONE).outcomes  # type: ignore[union-attr]
    assert (outcome.status, outcome.remark) == (Status.UNKNOWN, f"{said} {NEXT_STEP}")


@pytest.mark.parametrize(
    "remark",
    [
        "",
        "Cancel Request Received",
        "Cancelled",
        "Order cancelled successfully",
        "Already cancelled",
        "Done",
        "OK",
        "-",
    ],
)
def test_a_yes_with_a_remark_that_does_not_speak_against_it_is_a_yes(remark: str) -> None:
    assert read(envelope({A: entry("Success", remark)}), ONE) == Answered((yes(A, remark),))


@pytest.mark.parametrize(("other", "says"), [("error", False), ("Pending", False), ("SUCCESS ", True)])
@pytest.mark.parametrize("name", ["Status", "STATUS", " status"])
def test_a_status_in_two_spellings_must_say_one_thing(name: str, other: str, says: bool) -> None:
    body = envelope({A: {"status": "Success", "remark": "", "refnum": "", name: other}})
    assert read(body, ONE) == Answered((yes(A),) if says else unclear(TWO_THINGS, A), answered=says)


@pytest.mark.parametrize(
    "words",
    [
        "Some were cancelled",
        "3 of 10 cancelled",
        "Partially processed",
        "2 orders cancelled, 1 failed",
        "Few AWBs failed",
    ],
)
def test_a_refusal_that_speaks_of_a_part_is_in_doubt(words: str) -> None:
    assert read(refusal(words)) == doubt(f"The service did a part of the call, and does not say which: “{words}”")


def test_503_without_a_time_to_come_back_is_in_doubt() -> None:
    assert read(b"", code=503) == doubt("The service failed (HTTP 503)")


def test_429_without_a_time_to_come_back_is_a_refusal_too() -> None:
    assert read(b"", code=429) == Refused(Refusal.BUSY, "the service asked to slow down (HTTP 429)", "HTTP 429")


# --- the texts -------------------------------------------------------------------------------------------------------


def remark_of(remark: object) -> str:
    answer = read(envelope({"1": entry("Error", remark)}), ONE)
    assert isinstance(answer, Answered)
    return answer.outcomes[0].remark


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ('=HYPERLINK("x")', '=HYPERLINK("x")'),
        ("<b>late</b> &amp; gone ", "<b>late</b> &amp; gone "),
        ("पहले से रद्द 🚚", "पहले से रद्द 🚚"),
        ("two\r\nlines\x00\x1b[31m", "two  lines  [31m"),
        ("\u202edetcejer\u2066\ufffe", " detcejer  "),
        ("half \ud83d a sign", "half \ufffd a sign"),
        ("x" * 40_000, "x" * 32_000 + "… (cut)"),
        (f"echo {KEYS.access_token} TOK-0123456789ABCDEF {KEYS.secret_key}", "echo (hidden) (hidden) (hidden)"),
        ("sec-&lt;&amp;fedcba98 sec-%3C%26fedcba98", "(hidden) (hidden)"),
        ({"echo": KEYS.secret_key}, '{"echo":"(hidden)"}'),
        ("9" * 31_999 + KEYS.access_token, "9" * 31_999 + "(" + "… (cut)"),
    ],
)
def test_a_remark_stays_as_it_is_but_for_what_can_not_be_shown(sent: object, shown: str) -> None:
    assert remark_of(sent) == shown


def test_a_number_of_any_length_is_shown_as_it_is_spelled() -> None:
    answer = read(
        f'{{"data": {{"1": {{"status": "Success", "remark": {"7" * 20_000}, "refnum": 1.10}}}}}}', Batch((Item(A),))
    )
    assert answer == Answered((yes(A, "7" * 20_000, "1.10"),))


def test_a_call_level_text_is_short_and_plain() -> None:
    answer = read(refusal("<!-- x --><p>" + "no such AWB " * 5000))
    assert isinstance(answer, Refused)
    assert answer.words.startswith("no such AWB no such AWB")
    assert len(answer.words) == 2_000 + len("… (cut)")


def test_short_keys_are_no_reason_to_riddle_a_text() -> None:
    assert scrub("a cab", ("a", " ")) == "a cab"


ALREADY = (
    "Order already cancelled",
    "ORDER ALREADY CANCELLED",
    "Order is already cancelled",
    "AWB already Canceled.",
    "This shipment is already cancelled.",
    "The  shipment has already been cancelled!",
    "AWB number is already cancelled",
    "Waybill already cancelled",
    "Already cancelled",
)
NOT_ALREADY = (
    "",
    "Order cannot be cancelled",
    "Order can not be cancelled as it is already delivered",
    "Not cancelled",
    "Cancellation failed",
    "Order is not already cancelled",
    "It isn't already cancelled",
    "Order has not already been cancelled",
    "Not in cancelled state",
    "Order not found or already cancelled",
    "Order may be already cancelled",
    "Check if it is already cancelled",
    "Delivered/already cancelled",
    "Cancellation already requested",
    "Already picked up, cancellation failed",
    "Pickup already cancelled",
    "RTO already cancelled",
    "Only orders that are to be cancelled can be sent",
    "Request was cancelled",
    "Cancelled orders can not be cancelled",
    # true, perhaps, and longer than what is known
    "Shipment already in cancelled state",
    "This shipment has already been cancelled on 12/03/2026",
    "Cannot be cancelled: already cancelled",
    "It could not be cancelled because it is already cancelled",
    "Already marked as cancelled",
    "Cancelled already",
    "Shipment is in Cancelled status",
    "Can't cancel, current status is Cancelled",
    "Current status: cancelled",
    "Order is already cancelled and cannot be updated",
    # another thing is cancelled, or was
    "Pickup is already cancelled",
    "Cancellation already cancelled",
    "Cancel request already cancelled",
    "Invoice already cancelled",
    "Return order already cancelled",
    "Reverse shipment is already cancelled",
    "Order already partially cancelled",
    "Order was already cancelled, then reinstated",
    "Order already cancelled? Contact support",
)


@pytest.mark.parametrize(("words", "says"), [*((w, True) for w in ALREADY), *((w, False) for w in NOT_ALREADY)])
def test_only_sure_words_say_that_a_shipment_is_cancelled_already(words: str, says: bool) -> None:
    assert says_cancelled(words) is says


# --- no AWB ever gets another's --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A truthful reply: what each AWB's entry truly says, and the reply that the service made of it."""

    batch: Batch
    truth: dict[str, dict[str, object]]
    body: bytes
    trust_order: bool


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Truthful replies with entries left out, put in another order, keyed in every way, with refnums of every kind.

    The rules rest on two premises, and these replies keep them (``proves_too_much``): a reply of which every entry that
    can be checked stands in its place is in the order of the request; and a refnum that one row of the sheet and one
    entry of the reply bear belongs to that row.
    """
    size = draw(st.integers(1, 6))
    awbs = [f"AWB{index:06}" for index in range(size)]
    orders = [draw(st.integers(0, size)) for _ in awbs]  # AWBs of one number are parcels of one order
    items = [
        Item(awb, (f"#GK{order}",) if draw(st.booleans()) else ()) for awb, order in zip(awbs, orders, strict=True)
    ]
    words = draw(st.sampled_from([("Success",), ("Error",), ("Success", "Error"), ("Success", "failed", "Pending")]))
    refnums = draw(st.sampled_from(["the order's", "some", "none", "the service's own", "some the service's own"]))
    remarks = draw(st.sampled_from(["none", "all different", "one of two"]))
    truth = {}
    for index, (awb, order) in enumerate(zip(awbs, orders, strict=True)):
        shown = refnums == "the order's" or (refnums.startswith("some") and draw(st.booleans()))
        refnum = f"gk{order} " if shown else f"S{index}" if refnums.endswith("own") else ""
        remark = {"none": "", "all different": f"r{index}"}.get(remarks, draw(st.sampled_from(["", "late"])))
        truth[awb] = entry(draw(st.sampled_from(words)), remark, refnum)
    entries, owners, in_line = draw(shown_entries(awbs, truth))
    assume(not proves_too_much(entries, owners, items, in_line=in_line))
    word = draw(st.sampled_from([("success", 200), ("error", 400)]))
    body = envelope(draw(shapes(entries, owners)), *word)
    return Case(Batch(tuple(items)), truth, body, in_line and draw(st.booleans()))


@st.composite
def shown_entries(
    draw: st.DrawFn, awbs: list[str], truth: dict[str, dict[str, object]]
) -> tuple[list[dict[str, object]], list[str], bool]:
    """Some of the true entries in some order, some of them with their AWB inside; whose they are; whether in line."""
    order = draw(st.permutations(awbs)) if draw(st.booleans()) else list(awbs)
    left_out = draw(st.sets(st.sampled_from(awbs), max_size=2)) if draw(st.booleans()) else set()
    owners = [awb for awb in order if awb not in left_out]
    if draw(st.integers(0, 4)) == 0:
        owners.insert(draw(st.integers(0, len(owners))), "AWB999999")  # nobody sent it, and the reply names it
    naming = draw(st.sampled_from(["none", "some", "all"]))
    entries = []
    for awb in owners:
        named = awb not in truth or naming == "all" or (naming == "some" and draw(st.booleans()))
        entries.append({**truth.get(awb, entry()), **({"awb_no": awb.lower()} if named else {})})
    return entries, owners, owners == awbs


def proves_too_much(entries: list[dict[str, object]], owners: list[str], items: list[Item], *, in_line: bool) -> bool:
    """Whether a reply breaks a premise: it agrees wherever it can be checked, and yet says something else."""
    refs = [{ref.strip("#").lower() for ref in item.refs} for item in items]
    shown = [str(each["refnum"]).strip().lower() for each in entries]
    for owner, refnum in zip(owners, shown, strict=True):
        bearers = [item.awb for item, own in zip(items, refs, strict=True) if refnum in own]
        if refnum and len(bearers) == 1 == shown.count(refnum) and bearers != [owner]:
            return True
    if in_line or len(entries) != len(items):
        return False
    known = set().union(*refs)
    places = list(zip(entries, shown, items, refs, strict=True))
    agreed = any(
        refnum in own and shown.count(refnum) == 1 == sum(refnum in each for each in refs)
        for _, refnum, _, own in places
    )
    return agreed and all(
        each.get("awb_no", item.awb.lower()) == item.awb.lower()
        and (not refnum or refnum in own or not (own or refnum in known))
        for each, refnum, item, own in places
    )


@st.composite
def shapes(draw: st.DrawFn, entries: list[dict[str, object]], owners: list[str]) -> object:
    match draw(st.sampled_from(["from 1", "from 0", "list", "by AWB", "flat"])):
        case "by AWB":
            return dict(zip(owners, entries, strict=True))
        case "flat" if len(entries) == 1:
            return entries[0]
        case "from 1":
            return {str(index): each for index, each in enumerate(entries, 1)}
        case "from 0":
            return {str(index): each for index, each in enumerate(entries)}
        case _:
            return entries


@settings(max_examples=600, deadline=None)
@given(cases())
def test_no_awb_ever_gets_an_entry_that_could_be_anothers(case: Case) -> None:
    answer = read(case.body, case.batch, trust_order=case.trust_order)
    if not isinstance(answer, Answered):
        assert b'"data": []' in case.body or b'"data": {}' in case.body
        return
    assert tuple(outcome.awb for outcome in answer.outcomes) == case.batch.awbs
    for outcome in answer.outcomes:
        said = case.truth[outcome.awb]
        match outcome.status:
            case Status.SUCCESS:
                assert said["status"] == "Success"
            case Status.FAILED:
                assert said["status"] in ("Error", "failed")
            case _:
                assert (outcome.status, outcome.refnum) == (Status.UNKNOWN, "")
                continue
        assert outcome.remark == said["remark"] or "which are whose can't be told" in outcome.remark
        assert outcome.refnum in ("", said["refnum"])


JSONS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from([A, B, "1", "Success", "Error", "GK0034", KEYS.secret_key]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "status",
                    "status_code",
                    "data",
                    "message",
                    "html_message",
                    "remark",
                    "refnum",
                    "awb",
                    A,
                    B,
                    C,
                    "0",
                    "1",
                    "2",
                    "3",
                ]
            )
            | st.text(max_size=6),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=400, deadline=None)
@given(JSONS | st.builds(lambda data: {"status": "success", "data": data}, JSONS), st.integers(100, 599), st.booleans())
def test_any_json_at_all_becomes_an_answer_that_fits_the_call_and_a_cell(
    value: object, code: int, trust_order: bool
) -> None:
    body = json.dumps(value).encode()
    answer = read(body, ABC, code, trust_order=trust_order)
    if isinstance(answer, Answered):
        assert tuple(outcome.awb for outcome in answer.outcomes) == ABC.awbs
        assert all(
            len(outcome.remark) <= LONGEST_CELL and len(outcome.refnum) <= LONGEST_CELL for outcome in answer.outcomes
        )
    assert KEYS.secret_key not in repr(answer)
    assert len(read_track(200, body, ABC.awbs, KEYS)) == 3


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.integers(0, len(GOOD)).map(lambda end: GOOD[:end]))
def test_any_bytes_at_all_become_an_answer(body: bytes) -> None:
    answer = read(body)
    assert body == GOOD or not isinstance(answer, Answered)
    assert len(read_track(200, body, ABC.awbs, KEYS)) == 3


# --- tracking --------------------------------------------------------------------------------------------------------


MENTIONED = "it proves nothing, and is no silence either"


def tracked(**fields: object) -> Tracked:
    data = {A: {"message": "success", "customer_details": {"customer_name": "Made Up"}, **fields}}
    (found,) = read_track(200, envelope(data), [A], KEYS)
    return found


@pytest.mark.parametrize(
    ("fields", "cancelled", "words"),
    [
        ({"cancel_status": "Approved", "current_status": "In Transit"}, True, "cancellation “Approved”"),
        ({"cancel_status": " approved "}, True, "cancellation “approved”"),
        (
            {"cancel_status": "Pending", "current_status": "Cancelled"},
            MENTIONED,
            "cancellation “Pending”, which does not confirm it; status “Cancelled”",
        ),
        ({"cancel_status": "Rejected"}, MENTIONED, "cancellation “Rejected”, which does not confirm it"),
        ({"cancel_status": "", "current_status": "Cancelled", "current_status_code": "UD"}, True, "status “Cancelled”"),
        ({"current_status": " CANCELED "}, True, "status “CANCELED”"),
        ({"current_status": "RTO Delivered"}, False, "status “RTO Delivered”"),
        ({"current_status": "Delivered"}, False, "status “Delivered”"),
        ({"current_status": "Undelivered"}, False, "status “Undelivered”"),
        ({"current_status": "In-Transit"}, False, "status “In-Transit”"),
        ({"current_status": "Picked Up"}, False, "status “Picked Up”"),
        (
            {"current_status": "Not Picked Up"},
            None,
            "status “Not Picked Up”, which does not tell whether it is cancelled",
        ),
        ({"current_status": "Manifested"}, None, "status “Manifested”, which does not tell whether it is cancelled"),
        ({"current_status_code": "CN"}, None, "no status, which proves nothing"),
        ({"current_status": 7, "cancel_status": True}, None, "no status, which proves nothing"),
        (
            {"message": "AWB number not found", "cancel_status": "Approved"},
            None,
            "nothing of this AWB (that proves nothing)",
        ),
        ({"message": None, "cancel_status": "Approved"}, None, "nothing of this AWB (that proves nothing)"),
        ({"awb_no": B, "cancel_status": "Approved"}, MENTIONED, "two things that contradict each other"),
        ({"awb_no": int(A), "cancel_status": "Approved"}, True, "cancellation “Approved”"),
        ({"current_status": "<b>Delivered</b> " + "x" * 500}, False, "status “Delivered " + "x" * 90 + "… (cut)”"),
    ],
)
def test_tracking_is_believed_in_the_order_of_trust(
    fields: dict[str, object], cancelled: bool | str | None, words: str
) -> None:
    found = Tracked(A, None if isinstance(cancelled, str) else cancelled, words, disputed=cancelled == MENTIONED)
    assert tracked(**fields) == found


ONLY_MENTIONED = (
    "Pickup Cancelled",
    "Return Cancelled",
    "Return Pickup Cancelled",
    "Delivery Cancelled",
    "Cancelled request rejected",
    "Cancellation Cancelled",
    "Cancellation Requested",
    "Cancel Request Received",
    "Appointment cancelled",
    "NDR cancelled",
    "Partially Cancelled",
    "Reverse pickup cancelled",
    "RTO Cancelled",
    "Order Cancelled",
    "SHIPMENT_CANCELLED",
    "Order Cancelled then reactivated",
    "Cancelled - Reinstated",
    "Cancelled - Delivered",
    "Canceled by seller",
    "Not Cancelled",
    "Un-cancelled",
    "Uncancelled",
    "Cancelled?",
    "Cancelled Cancelled",
)


@pytest.mark.parametrize("status", ONLY_MENTIONED)
def test_a_status_that_only_speaks_of_a_cancellation_proves_nothing_and_is_shown(status: str) -> None:
    words = f"status “{status}”, which does not tell whether it is cancelled"
    found = tracked(current_status=status)
    assert found == Tracked(A, None, words, disputed=True)
    assert not found.knows_nothing


def test_tracking_never_takes_one_awbs_entry_for_anothers() -> None:
    approved = {"message": "success", "cancel_status": "Approved"}
    body = envelope({f" {A} ": approved, B.replace("4", "5"): approved, "2": approved, C.lower(): approved})
    nothing = "nothing of this AWB (that proves nothing)"
    assert read_track(200, body, [A, B, C], KEYS) == (
        Tracked(A, True, "cancellation “Approved”"),
        Tracked(B, None, nothing),
        Tracked(C, True, "cancellation “Approved”"),  # the same AWB, as everywhere, in any letter case
    )


@pytest.mark.parametrize(
    ("message", "words", "asked", "nothing"),
    [
        ("No data found", "nothing of this AWB (that proves nothing)", True, True),
        ("AWB not found", "nothing of this AWB (that proves nothing)", True, True),
        ("Invalid AWB", "nothing of this AWB (that proves nothing)", True, True),
        ("error", "nothing of this AWB (that proves nothing)", True, True),
        ("Failed", "nothing of this AWB (that proves nothing)", True, True),
        ("", "nothing of this AWB (that proves nothing)", True, True),
        ("Too many requests", "tracking could not look: “Too many requests”", False, False),
        ("Not available, try again later", "tracking could not look: “Not available, try again later”", False, False),
        ("Daily limit reached", "tracking could not look: “Daily limit reached”", False, False),
        ("Courier timed out", "tracking could not look: “Courier timed out”", False, False),
        ("Cancelled", "“Cancelled”, which does not tell anything", True, False),
        ("ok", "“ok”, which does not tell anything", True, False),
    ],
)
def test_only_a_message_that_says_so_means_that_tracking_knows_nothing(
    message: str, words: str, asked: bool, nothing: bool
) -> None:
    body = envelope({A: {"message": message, "cancel_status": "Approved", "current_status": "Cancelled"}})
    (found,) = read_track(200, body, [A], KEYS)
    assert (found.cancelled, found.words, found.asked, found.knows_nothing) == (None, words, asked, nothing)


@pytest.mark.parametrize("entry", ["Cancelled", [{"message": "success", "cancel_status": "Approved"}], True, 1])
def test_an_entry_in_no_known_form_is_not_nothing_and_its_awb_stays_behind(entry: object) -> None:
    (found,) = read_track(200, envelope({A: entry}), [A], KEYS)
    assert found == Tracked(A, None, "tracking's answer can't be read: it is in no form that is known", disputed=True)
    assert not found.knows_nothing


def test_equal_keys_prove_nothing_in_tracking() -> None:
    text = f'{{"data":{{"{A}":{{"message":"success","cancel_status":"Approved"}},"{A}":{{"message":"success"}}}}}}'
    assert read_track(200, text.encode(), [A], KEYS) == (
        Tracked(A, None, "two things that contradict each other", disputed=True),
    )


@pytest.mark.parametrize(
    ("code", "body", "words", "asked"),
    [
        (200, b"", "tracking's answer can't be read: it is empty", False),
        (200, b"<p>hm", "tracking's answer can't be read: it is a web page, not an answer", False),
        (500, GOOD, "tracking could not be asked (HTTP 500)", False),
        (302, b"", "tracking could not be asked (HTTP 302)", False),
        (200, refusal(f"<p>Invalid {KEYS.access_token}</p>"), "tracking refused to answer: “Invalid (hidden)”", False),
        (200, b'{"status": "error"}', "tracking refused to answer", False),
        (200, b"[]", "nothing of this AWB (that proves nothing)", True),
        (200, b"null", "nothing of this AWB (that proves nothing)", True),
        (200, envelope([]), "nothing of this AWB (that proves nothing)", True),
        (
            200,
            envelope([{"message": "success", "cancel_status": "Approved"}]),
            "tracking's answer can't be read: it is in no form that is known",
            False,
        ),
        (200, envelope({A: []}), "nothing of this AWB (that proves nothing)", True),
    ],
)
def test_tracking_without_data_proves_nothing(code: int, body: bytes, words: str, asked: bool) -> None:
    assert read_track(code, body, [A], KEYS) == (Tracked(A, None, words, asked=asked),)


def test_nothing_of_the_customer_is_kept() -> None:
    assert "Made Up" not in repr(tracked(cancel_status="Approved", current_status="Delivered"))

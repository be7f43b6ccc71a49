"""What words of states mean, however they are written: what keeps a row, what picks it, and what nobody knows."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.columns import ProfileError, default_profile, load_profile
from schemas.states import LONGEST_PHRASE, Meaning, glued, says_nothing, vocabulary, words_of

KEEP, PICK, MAY, ASK = Meaning.TOO_LATE, Meaning.CANCEL, Meaning.OPEN, Meaning.UNKNOWN

SPELLINGS = {
    "Reached At Destination": KEEP, "Out of Delivery Area": KEEP, "Damaged": KEEP, "Misrouted": KEEP,
    "Reached at Destination Hub": KEEP, "Picked": KEEP, "Pickup Done": KEEP, "Dispatched": KEEP,
    "Handover to Courier": KEEP, "Shipment Picked Up": KEEP, "OFD": KEEP, "NDR": KEEP, "Partial Delivered": KEEP,
    "Fulfilled": KEEP, "Self Fulfilled": KEEP, "Completed": KEEP, "Destroyed": KEEP, "Disposed Off": KEEP,
    "Untraceable": KEEP, "Reached Warehouse": KEEP, "Return Initiated": KEEP, "Return to Origin": KEEP,
    "Order Shipped": KEEP, "Shipment Delivered": KEEP, "'Delivered": KEEP, "✅ Delivered": KEEP, "(Delivered)": KEEP,
    "07-Delivered": KEEP, "In–Transit": KEEP, "In/Transit": KEEP, "Entregue": KEEP, "वितरित": KEEP,
    "SHIPPED/DELIVERED": KEEP, "In‑Transit": KEEP, "In—Transit": KEEP, "InTransit": KEEP, "IN_TRANSIT": KEEP,
    "Ｄｅｌｉｖｅｒｅｄ": KEEP, "Deli\u200bvered": KEEP, "RTOInitiated": KEEP, "In\u00a0Transit": KEEP,
    "Not Delivered": KEEP, "Undelivered": KEEP, "Un-delivered": KEEP, "Delivered (2)": KEEP, "1st Attempt": KEEP,
    "Out For Delivery - 2": KEEP, "Zugestellt": KEEP, "EXPÉDIÉE": KEEP, "expediee": KEEP, "En tránsito": KEEP,
    "डिलीवर किया गया": KEEP, "已签收": KEEP, "Return cancelled": KEEP, "Cancelled, then delivered": KEEP,
    "Partially Fulfilled": KEEP, "Partial cancellation": KEEP, "done": KEEP, "Cancelled / RTO": KEEP,
    "Cancelled": PICK, "CANCEL REQUESTED ": PICK, "Cancel_Requested": PICK, "Cancellation Request": PICK,
    "To be cancelled": PICK, "Cancellation Initiated": PICK, "Cancelled by Customer": PICK, "Cancel": PICK,
    "ＣＡＮＣＥＬＬＥＤ": PICK, "Cancelled Before Dispatched": PICK, "रद्द": PICK, "Cancelado": PICK, "Storniert": PICK,
    "已取消": PICK, "wc-cancelled": PICK, "Order Cancelled": PICK, "03. Cancelled": PICK, "annulée": PICK,
    "Ready to ship": MAY, "READY_TO_SHIP": MAY, "ReadyToShip": MAY, "Not Picked": MAY, "not yet shipped": MAY,
    "Unfulfilled": MAY, "wc-processing": MAY, "Pickup Scheduled/Generated": MAY, "Label Generated": MAY, "1. New": MAY,
    "Not Cancelled": ASK, "Cancellation Rejected": ASK, "Pickup cancelled": ASK, "Partially Cancelled": ASK,
    "Delivery Cancelled": ASK, "Cancelled request rejected": ASK, "Cancelled - Reinstated": ASK, "Do not cancel": ASK,
    "Cancellation denied": ASK, "Cancelled?? ask Ram": ASK, "Lunch": ASK, "Ready to ship, Cancelled": ASK, "3": ASK,
    "Pending": ASK, "On hold": ASK, "Booked": ASK, "?": ASK, "✓": ASK, "nicht storniert": ASK, "não cancelado": ASK,
}  # fmt: skip


def test_a_word_is_known_however_it_is_written_and_nothing_half_understood_picks() -> None:
    assert {text: default_profile().states.meaning(text) for text in SPELLINGS} == SPELLINGS


@pytest.mark.parametrize("text", ["", "  ", "-", "–", "—", "N/A", "n.a.", "NA", "null", "None", "nan", "...", "'", "_"])
def test_a_cell_that_says_nothing_is_no_objection(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize("text", ["0", "?", "✓", "x", "No", "not yet", "Lunch", "❌"])
def test_a_cell_that_says_anything_at_all_is_not_blank(text: str) -> None:
    assert not says_nothing(text)


def test_every_word_has_one_meaning_a_source_and_few_words() -> None:
    meanings: dict[str, set[Meaning]] = {}
    for entry in vocabulary():
        meanings.setdefault(glued(entry.word), set()).add(entry.meaning)
        assert 0 < len(words_of(entry.word)) <= LONGEST_PHRASE, entry
        assert entry.source, entry
    assert {word: found for word, found in meanings.items() if len(found) > 1} == {}


def test_every_entry_means_what_its_list_says() -> None:
    states = default_profile().states
    assert [entry for entry in vocabulary() if states.meaning(entry.word) is not entry.meaning] == []


@given(st.sampled_from([entry for entry in vocabulary() if entry.meaning is KEEP]), st.text(max_size=12))
def test_no_text_around_a_late_word_makes_it_pick(entry: object, around: str) -> None:
    word = entry.word  # type: ignore[attr-defined]
    states = default_profile().states
    assert PICK not in {states.meaning(f"{around} {word}"), states.meaning(f"{word} - {around}")}


@given(
    st.sampled_from(["not", "no", "un", "never", "rejected", "failed", "pickup", "partially", "nicht", "não", "नहीं"])
)
def test_no_word_beside_a_cancel_word_leaves_it_picking(word: str) -> None:
    states = default_profile().states
    assert PICK not in {states.meaning(f"{word} cancelled"), states.meaning(f"Cancelled {word}")}


# --- profiles of one's own ------------------------------------------------------------------------------------------


def profile_of(folder: Path, status: str) -> str:
    path = folder / "mine.toml"
    path.write_text(f"[status]\n{status}\n", encoding="utf-8")
    return str(path)


def test_too_late_words_of_a_profile_are_added_to_those_that_are_known(tmp_path: Path) -> None:
    states = load_profile(profile_of(tmp_path, 'too_late = ["HANDED OVER*", "AT THE DOOR"]')).states
    late = ("Handed over to Ram", "At the door", "Parcel at the door, 3", "In Transit", "OFD", "Delivered")
    assert {text: states.meaning(text) for text in late} == dict.fromkeys(late, KEEP)


def test_taking_a_late_word_away_is_a_word_of_its_own(tmp_path: Path) -> None:
    states = load_profile(profile_of(tmp_path, 'not_too_late = ["Picked", "rto l*"]')).states
    said = {text: states.meaning(text) for text in ("PICKED", "Picked Up", "RTO Lock", "RTO", "Picked Up by Ram")}
    assert said == {"PICKED": MAY, "Picked Up": KEEP, "RTO Lock": MAY, "RTO": KEEP, "Picked Up by Ram": KEEP}


def test_open_words_of_a_profile_are_added_and_its_cancel_words_replace(tmp_path: Path) -> None:
    states = load_profile(profile_of(tmp_path, 'open = ["LUNCH"]\ncancel = ["REFUSED BY CUSTOMER"]')).states
    said = {text: states.meaning(text) for text in ("Lunch", "Packed", "Refused by customer", "Cancelled", "Refused")}
    assert said == {"Lunch": MAY, "Packed": MAY, "Refused by customer": PICK, "Cancelled": ASK, "Refused": KEEP}


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ('not_too_late = ["Damagd"]', "'Damagd', and that is no too late word. Did you mean Damaged?"),
        ('not_too_late = ["zzz*"]', "takes away 'zzz*', and that is no too late word."),
        ('cancel = ["✓"]', "status.cancel names '✓', which has no letter and no digit"),
        ('open = ["*"]', 'status.open must be a list of texts, like open = ["AWB No", "Waybill"]'),
    ],
)
def test_a_list_that_would_fit_nothing_or_every_blank_is_refused(tmp_path: Path, status: str, words: str) -> None:
    with pytest.raises(ProfileError) as caught:
        load_profile(profile_of(tmp_path, status))
    assert words in str(caught.value)

"""Tells by their headers which columns speak of the state of an order or a parcel: each of them can keep a row.

Only the one column that is chosen as ``order_status`` can pick rows (docs/interface.md, "Which rows are picked").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pipeline.addresses import column_letters
from pipeline.load.column_candidates import Sheet
from pipeline.load.header_lookup import shown, speaks_of_cancelling
from pipeline.model.sheet import StateColumn, StateRole
from schemas.states import Meaning, States, glued, header_list, header_words, words_of

LONGEST_HEADER = 60
"""A header longer than this is prose, not a column's name."""

SPEAK = header_words("speak")
"""Words by which a header says that its cells are states."""

PLACES = header_words("places")
"""Words for a state of things and for a state of a country."""

NOT_DELIVERED = header_words("not_delivered")
WHY = header_words("why")
"""``NDR Reason``: where it is filled, there was something to give a reason for."""

OF_A_PARCEL = header_words("of_a_parcel")
"""With nothing but these beside it, a word of ``SPEAK`` means the state of the order or parcel."""

OTHER_THINGS = header_words("other_things")
"""What else has a status in an export of orders, and says nothing of where the parcel is."""

OF_AN_ADDRESS = header_words("of_an_address")
"""Beside ``State`` these say that a state of a country is meant."""

NO_STATE = header_words("no_state")
"""What says that the column tells something about the state: ``Status Date``, ``Last Scan Location``."""

SURELY_A_PARCEL = header_words("surely_a_parcel")
"""Beside ``State`` these say that a state of the order or parcel is meant."""

ADDRESSES = header_words("addresses")
"""Where these are among the headers, ``State`` alone may be a part of the address."""

ASKS = header_words("asks")
"""What a header of yes and no adds to the state that it asks about: ``Is Delivered?``."""

DATED = header_words("dated")
"""What a header adds to a state to say when it came to be: ``Delivered Date``, ``Picked up at``."""

FORESEEN = header_words("foreseen")
"""What says that the day is one that is expected: ``Expected delivery date``."""

MAY_BE_FORESEEN = frozenset(map(glued, header_list("may_be_foreseen")))
"""States that are also the name of what is to come: ``Dispatch Date``."""

CANCELS = header_words("cancels")
"""Words by which a header asks whether to cancel; what *is* cancelled is a state."""

BESIDE_CANCELS = header_words("beside_cancels")
"""What may stand beside them in the name of a yes/no column; ``Cancel Charges`` is none."""

REFUSES = header_words("refuses")
"""What turns the question round: ``Do Not Cancel``."""


def state_columns(sheet: Sheet, columns: Mapping[str, int]) -> tuple[StateColumn, ...]:
    """The columns whose cells can keep a row: the chosen status first, then the others from left to right.

    Args:
        sheet: its headers and profile.
        columns: canonical name -> column; what is something else is no state, and ``order_status`` is one.
    """
    chosen = columns.get("order_status")
    first = () if chosen is None else (StateColumn("order_status", "status", StateRole.SURE),)
    taken = {*columns.values(), *sheet.own}
    passed = "cancel" in sheet.named and not sheet.named["cancel"].strip()  # --column cancel=
    address = any(ADDRESSES & set(words_of(header)) for header in sheet.headers)
    known = {
        column for headers in sheet.choices("order_status") for column in headers if not sheet.two_meanings(column)
    }
    found = [
        StateColumn(f"state:{column_letters(column)}", _said(header, column), role)
        for column, header in enumerate(sheet.headers)
        if column not in taken
        and not (passed and speaks_of_cancelling(header))
        and (role := _role(header, sheet.profile.states, address=address, known=column in known)) is not None
    ]
    return (*first, *found)


def places(states: Iterable[StateColumn], headers: int) -> dict[int, str]:
    """Column -> the name in the frames, of the columns that are read for their states alone."""
    letters = {column_letters(column): column for column in range(headers)}
    return {letters[state.name.removeprefix("state:")]: state.name for state in states if ":" in state.name}


def _said(header: str, column: int) -> str:
    return f"{shown(header)} (column {column_letters(column)})"


def _role(header: str, states: States, *, address: bool, known: bool) -> StateRole | None:
    """What a column is by its header; None: it speaks of no state."""
    words = set(words_of(header)) if len(header) <= LONGEST_HEADER else set()
    if words & CANCELS and words <= CANCELS | BESIDE_CANCELS | REFUSES:
        return StateRole.REFUSAL if words & REFUSES else StateRole.CONSENT
    if known or (words & NOT_DELIVERED and words & WHY and not words & NO_STATE):
        return StateRole.SURE
    if words & DATED:
        return _of_a_day(header, states)
    return _of_words(header, words, states, address=address)


def _of_words(header: str, words: set[str], states: States, *, address: bool) -> StateRole | None:
    if not words or words & (NO_STATE | OTHER_THINGS):
        return None
    if words & SPEAK:
        return StateRole.SURE if words <= SPEAK | PLACES | OF_A_PARCEL else StateRole.MAYBE
    if words & PLACES:
        return _of_a_place(words, address=address)
    asked = " ".join(word for word in words_of(header) if word not in ASKS)
    return StateRole.FLAG if states.meaning(asked) is Meaning.TOO_LATE else None


def _of_a_day(header: str, states: States) -> StateRole | None:
    """``Delivered Date``: where it is filled, the parcel was delivered."""
    words = words_of(header)
    if FORESEEN & set(words):
        return None
    state = [word for word in words if word not in DATED]
    for phrase in (state, [word for word in state if word not in OF_A_PARCEL]):
        if phrase and states.meaning(" ".join(phrase)) is Meaning.TOO_LATE:
            return StateRole.DAY if "".join(phrase) in MAY_BE_FORESEEN else StateRole.DATED
    return None


def _of_a_place(words: set[str], *, address: bool) -> StateRole | None:
    if words & SURELY_A_PARCEL and not words & OF_AN_ADDRESS:
        return StateRole.SURE
    if words & OF_AN_ADDRESS:
        return None
    return StateRole.SURE if words <= PLACES and not address else StateRole.MAYBE

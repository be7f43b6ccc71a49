"""Takes the entries out of a reply's ``data``, in whatever of its many shapes they come, and says what each one says.

Nothing is placed here: an entry only tells which AWBs it names, which refnum it bears and where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from pipeline.services.ithink.settings import Credentials
from pipeline.services.ithink.wording import takes_back
from pipeline.services.redaction import verbatim
from pipeline.services.strict_json import Json, Number, Object, as_text

OWN_AWB_FIELDS = frozenset({"awb", "awb_no", "awb_number", "waybill", "airway_bill_no", "tracking_number"})
"""Fields within an entry in which integrations of this API family have seen the entry's own AWB
(docs/contract-ithink.md)."""

YES = frozenset({"success"})
NO = frozenset({"error", "false"})
NO_BEGINNINGS = ("fail", "reject")
"""What an entry says (docs/contract-ithink.md): trimmed, in any letter case; everything else is neither."""

NO_REFERENCE = frozenset({"", "0", "-", "--", "na", "n/a", "nil", "none", "null", "undefined"})
"""What stands for "no reference": two orders without one would else look like the same order."""

_POSITION = re.compile(r"[0-9]{1,5}")
"""Keys that number the entries; an AWB has 6 characters or more (docs/contract-ithink.md, section 3)."""

_AWB = re.compile(r"(?=.*[0-9])[A-Za-z0-9-]{6,30}")
"""What may be an AWB: docs/contract-ithink.md, section 3; every kind known there has a digit, which ``result`` has
not."""

_TOKEN = re.compile(r"[A-Za-z0-9-]{6,30}")


class Says(Enum):
    """What an entry says of its AWB."""

    YES = "yes"
    NO = "no"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class ReplyEntry:
    """One entry of a reply, as far as it concerns us.

    ``names``: AWBs that its key or its fields name, folded. ``reference``: its refnum folded for comparing, "" for
    none. ``place``: from 0 where the reply numbers its entries without a gap, else -1. ``mentions``: texts within its
    remark that may be AWBs. ``spoilt``: it says one thing twice, so nothing it says is believed.
    """

    names: frozenset[str]
    reference: str
    place: int
    says: Says
    word: str
    remark: str
    refnum: str
    mentions: frozenset[str]
    spoilt: bool


def folded(awb: str) -> str:
    """An AWB as it is compared: trimmed, in any letter case."""
    return awb.strip().upper()


def folded_reference(text: str) -> str:
    """A refnum or an order reference as it is compared: trimmed, without a leading ``#``, in any letter case."""
    reference = text.strip().removeprefix("#").strip().casefold()
    return "" if reference in NO_REFERENCE else reference


def read_says(word: Json) -> Says:
    """What the word of a ``status`` says; only a text says anything."""
    if not isinstance(word, str) or isinstance(word, Number):
        return Says.NEITHER
    said = word.strip().casefold()
    if said in YES:
        return Says.YES
    return Says.NO if said in NO or said.startswith(NO_BEGINNINGS) else Says.NEITHER


def read_entries(data: Json, labels: frozenset[str], credentials: Credentials) -> tuple[ReplyEntry, ...]:
    """The entries of ``data``: a list, an object by position or by AWB, or one flat entry; none for anything else.

    Args:
        data: what stands under ``data`` in the reply.
        labels: keys that are known to name no AWB, folded like references: the call's own order references.
        credentials: the keys, which no text may echo.
    """
    match data:
        case list():
            return tuple(_entry(None, each, place, labels, credentials) for place, each in enumerate(data))
        case Object() if _is_flat(data):
            return (_entry(None, data, -1, labels, credentials),)
        case Object(pairs):
            places = _places([key for key, _ in pairs])
            twice = data.twice
            return tuple(
                _entry(key, each, place, labels, credentials, spoilt=key in twice)
                for (key, each), place in zip(pairs, places, strict=True)
                if isinstance(each, Object) or _POSITION.fullmatch(key.strip()) or _AWB.fullmatch(key.strip())
            )
        case _:
            return ()


def _is_flat(data: Object) -> bool:
    """Whether ``data`` is an entry itself: it has a status, and nothing in it is numbered or bears an AWB's name."""
    if not any(key == "status" and not isinstance(each, Object | list) for key, each in data.pairs):
        return False
    return not any(_POSITION.fullmatch(key.strip()) or _AWB.fullmatch(key.strip()) for key, _ in data.pairs)


def _places(keys: Sequence[str]) -> list[int]:
    """The place that each key spells, from 0, if the keys are exactly 1..N or 0..N-1; -1 for each otherwise."""
    for first in (1, 0):
        if {str(number) for number in range(first, first + len(keys))} == set(keys):
            return [int(key) - first for key in keys]
    return [-1] * len(keys)


def _entry(
    key: str | None,
    value: Json,
    place: int,
    labels: frozenset[str],
    credentials: Credentials,
    *,
    spoilt: bool = False,
) -> ReplyEntry:
    entry = value if isinstance(value, Object) else Object((("status", None), ("word", value)))
    word = entry.get("status") if isinstance(value, Object) else value
    spoilt = spoilt or bool(entry.twice) or _contradicts_itself(entry)
    remark = verbatim(entry.get("remark"), credentials.secrets)
    refnum = verbatim(entry.get("refnum"), credentials.secrets)
    return ReplyEntry(
        names=_names(key, entry, labels),
        reference=folded_reference(refnum),
        place=place,
        says=Says.NEITHER if spoilt or not isinstance(value, Object) else _said(word, remark),
        word="" if isinstance(word, Object | list) else verbatim(word, credentials.secrets).strip(),
        remark=remark,
        refnum=refnum,
        mentions=frozenset(map(folded, _TOKEN.findall(remark))) if remark else frozenset(),
        spoilt=spoilt,
    )


def _contradicts_itself(entry: Object) -> bool:
    """Whether an entry has its status in several spellings (``status``, ``Status``) that say different things."""
    words = [value for name, value in entry.pairs if name.strip().casefold() == "status"]
    return len(words) > 1 and len(set(map(read_says, words))) > 1


def _said(word: Json, remark: str) -> Says:
    """What the status says; a yes whose remark speaks against it is neither."""
    says = read_says(word)
    return Says.NEITHER if says is Says.YES and takes_back(remark) else says


def _names(key: str | None, entry: Object, labels: frozenset[str]) -> frozenset[str]:
    named = names_within(entry)
    if key is not None and _AWB.fullmatch(key.strip()) and folded_reference(key) not in labels:
        named |= {folded(key)}
    return named


def names_within(entry: Object) -> frozenset[str]:
    """The AWBs that an entry names by its own fields, folded; an unreadable name is one too, and nobody's."""
    fields = (value for name, value in entry.pairs if name.strip().casefold() in OWN_AWB_FIELDS)
    return frozenset(folded(as_text(value)) for value in fields) - {""}

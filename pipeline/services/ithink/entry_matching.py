"""Decides which entry of a reply belongs to which AWB, and leaves every AWB without proof in doubt.

This is docs/contract-ithink.md's "Which entry belongs to which AWB", rule by rule: never shift, never fill from a
neighbour, never use
an entry twice. Pure: entries and items in, outcomes out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

from pipeline.model.calls import Item, Outcome
from pipeline.services.ithink.reply_entries import ReplyEntry, Says, folded, folded_reference
from pipeline.services.ithink.wording import NEXT_STEP, may_say_cancelled
from pipeline.services.redaction import LONGEST_REMARK, LONGEST_WORDS, capped
from schemas.annotated import TEXTS, Status

NO_ENTRY = "The service's answer has no entry for this AWB."
NO_PROOF = "The service's answer does not say which of its entries is this AWB's."
CONTRADICTION = "The service's answer says two different things of this AWB."
NO_STATUS = "The service's entry for this AWB says neither yes nor no"
UNSORTED = "(the service's words for the AWBs of one call; which are whose can't be told)"
"""What an outcome says for itself where the service's own words don't."""

REMARKS_SHOWN = 5
"""Different remarks shown where it can't be told which is whose."""


def place(entries: Sequence[ReplyEntry], call: SentAwbs, *, trust_order: bool) -> tuple[Outcome, ...]:
    """One outcome (Success, Failed or Unknown) for each AWB, in the order in which they were sent.

    Args:
        entries: the entries of one reply, in its order.
        call: the AWBs of the call, in theirs.
        trust_order: the user has the vendor's word that replies keep the order of the request.
    """
    items = call.items
    claims, left = _claimed(entries, call)
    if len(items) == len(entries) == len(left) == 1 and not _is_strange(left[0], 0, call):  # rule 4
        claims, left = [(left[0], 0)], []
    if left and _in_line(entries, claims, left, call):  # rule 3
        if trust_order or _order_is_proven(entries, call):
            claims, left = claims + [(entry, entry.place) for entry in left], []
        elif len({_said(entry) for entry in entries}) == 1:
            claims, left = claims + [(entry, entry.place) for entry in _in_common(entries, left)], []
    missing = NO_PROOF if left else NO_ENTRY
    of_each: list[list[ReplyEntry]] = [[] for _ in items]
    for entry, at in claims:
        of_each[at].append(entry)
    return tuple(_outcome(item, claimed, missing) for item, claimed in zip(items, of_each, strict=True))


class SentAwbs:
    """The AWBs of a call, by what an entry may know them by.

    ``labels``: keys that name no AWB: the call's order references, folded, but for those that are AWBs of it too.
    """

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self.names = [folded(item.awb) for item in items]
        self.named = frozenset(self.names)
        self.references = [frozenset(map(folded_reference, item.refs)) - {""} for item in items]
        self.known = frozenset().union(*self.references)
        self.labels = self.known - {folded_reference(name) for name in self.names}
        self.by_name = _single((name, at) for at, name in enumerate(self.names))
        self.by_reference = _single((each, at) for at, bunch in enumerate(self.references) for each in bunch)


def _single(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The texts that belong to exactly one AWB of the call."""
    listed = list(pairs)
    times = Counter(text for text, _ in listed)
    return {text: at for text, at in listed if times[text] == 1}


def _claimed(entries: Sequence[ReplyEntry], call: SentAwbs) -> tuple[list[tuple[ReplyEntry, int]], list[ReplyEntry]]:
    """Rules 1 and 2: entries that name an AWB or alone bear its reference, with its place; and those that do neither.

    An entry that names an AWB which was not sent, or two of them, is nobody's: it stands in neither list.
    """
    bearers = Counter(entry.reference for entry in entries)
    claims, left = [], []
    for entry in entries:
        if entry.names:
            claims += [
                (entry, call.by_name[name]) for name in entry.names if len(entry.names) == 1 and name in call.by_name
            ]
        elif bearers[entry.reference] == 1 and entry.reference in call.by_reference and not entry.spoilt:
            claims.append((entry, call.by_reference[entry.reference]))
        else:
            left.append(entry)
    return claims, left


def _in_line(
    entries: Sequence[ReplyEntry], claims: Sequence[tuple[ReplyEntry, int]], left: Sequence[ReplyEntry], call: SentAwbs
) -> bool:
    """Rule 3's first half: one entry per AWB, numbered without a gap, and nothing in them speaks against the order."""
    return (
        len(entries) == len(call.names) == len(claims) + len(left)
        and all(entry.place >= 0 and not entry.spoilt for entry in entries)
        and all(entry.place == at for entry, at in claims)
        and not any(_speaks_against(entry, call) for entry in left)
        and not any(_is_strange(entry, entry.place, call) for entry in entries)
    )


def _is_strange(entry: ReplyEntry, at: int, call: SentAwbs) -> bool:
    """Whether an entry's refnum is no reference of the AWB at its place, although the sheet has one for it.

    One such entry is enough: the reply may be another call's, kept by a proxy, and no place in it proves anything.
    """
    return bool(entry.reference and call.references[at]) and entry.reference not in call.references[at]


def _speaks_against(entry: ReplyEntry, call: SentAwbs) -> bool:
    """Whether an entry bears a reference of this call, or mentions an AWB of it, that is not the one at its place."""
    others = (entry.mentions & call.named) - {call.names[entry.place]}
    return bool(others) or (entry.reference in call.known and entry.reference not in call.references[entry.place])


def _order_is_proven(entries: Sequence[ReplyEntry], call: SentAwbs) -> bool:
    """Whether a refnum that is one AWB's alone stands at that AWB's place."""
    bearers = Counter(entry.reference for entry in entries)
    return any(
        bearers[entry.reference] == 1 and call.by_reference.get(entry.reference) == entry.place for entry in entries
    )


def _said(entry: ReplyEntry) -> tuple[Says, bool, str]:
    """What must be equal for two entries to say the same; one that may say "already cancelled" is another no."""
    return entry.says, may_say_cancelled(entry.remark), entry.word if entry.says is Says.NEITHER else ""


def _in_common(entries: Sequence[ReplyEntry], left: Sequence[ReplyEntry]) -> list[ReplyEntry]:
    """The entries with only what all of the reply have in common: their remarks and refnums could be another's."""
    remarks = list(dict.fromkeys(entry.remark for entry in entries))
    shown = [remark or "no remark" for remark in remarks[:REMARKS_SHOWN]] + ["…"] * (len(remarks) > REMARKS_SHOWN)
    remark = (
        remarks[0] if len(remarks) == 1 else capped(" / ".join(shown), LONGEST_REMARK - len(UNSORTED)) + f" {UNSORTED}"
    )
    same = {name: len({getattr(entry, name) for entry in entries}) == 1 for name in TEXTS[1:]}
    texts: dict[str, Any] = {name: getattr(entries[0], name) if alike else "" for name, alike in same.items()}
    return [replace(entry, remark=remark, **texts) for entry in left]


_texts = attrgetter(*TEXTS)


def _outcome(item: Item, claims: Sequence[ReplyEntry], missing: str) -> Outcome:
    if not claims:
        return Outcome(item.awb, Status.UNKNOWN, f"{missing} {NEXT_STEP}")
    entry = claims[0]
    if any(each.spoilt for each in claims) or (len(claims) > 1 and len(set(map(_said, claims))) > 1):
        return Outcome(item.awb, Status.UNKNOWN, f"{CONTRADICTION} {NEXT_STEP}")
    match entry.says:
        case Says.YES:
            return Outcome(item.awb, Status.SUCCESS, *_texts(entry))
        case Says.NO:
            return Outcome(item.awb, Status.FAILED, *_texts(entry))
        case Says.NEITHER:
            words = " ".join(capped(part, LONGEST_WORDS) for part in (entry.word, entry.remark) if part.strip())
            said = f"{NO_STATUS}: “{words}”." if words else f"{NO_STATUS}."
            return Outcome(item.awb, Status.UNKNOWN, f"{said} {NEXT_STEP}")

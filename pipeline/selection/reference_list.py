"""Matches what a ``--pick-from`` list or ``--awb`` names with a sheet's rows: order references, AWBs, or either.

A reference beside several AWBs is never guessed: none of its rows is picked. Whether there are several shows only
when the whole sheet was read, so it is read once for that before its rows are chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import pandas as pd

from pipeline.model.texts import blank

FIRST_AWBS = 3
"""AWBs of a reference that a reason names."""

FIRST_REFS = 10
"""References that a note names; the summary has all of them."""

NOT_FOUND = "stands in no row"
"""Why something that was named was not done."""


class Named(StrEnum):
    """What a list names."""

    REFERENCES = "references"
    AWBS = "AWBs"
    EITHER = "references or AWBs"  # a list without a header, or a column that a person named


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list names, as it is compared -> as it is written there.

    ``doubtful``: the list's rows with a reference that can't be trusted; ``passed_over``: those that the list itself
    says must stay, by reason. After ``matched`` also: ``unmatched``, those that stand in no row of the sheet, as
    written; ``several``, those beside more than one AWB, as compared -> the AWBs.
    """

    refs: Mapping[str, str]
    doubtful: tuple[int, ...] = ()
    unmatched: tuple[str, ...] = ()
    several: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kind: Named = Named.REFERENCES
    passed_over: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def notes(self) -> Iterator[str]:
        """What the person should know of the list, a sentence each, without a full stop."""
        for why, rows in self.passed_over.items():
            yield f"rows of the list {why}, so passed over: {len(rows):,} (row {_first(map(str, rows))})"
        if self.doubtful:
            doubtful = f"{len(self.doubtful):,} (row {_first(map(str, self.doubtful))})"
            yield f"{self.kind} of the list that can't be trusted, so passed over: {doubtful}"
        if self.unmatched:
            yield f"{_SOUGHT[self.kind]} not found: {len(self.unmatched):,} ({_first(self.unmatched)})"
        if self.several:
            refs = _first([self.refs[key] for key in self.several])
            yield f"{self.kind} of the list beside several AWBs, none of which is sent: {len(self.several):,} ({refs})"

    def why_not(self, key: str) -> str:
        """Why the rows of a reference are not picked although it is listed."""
        awbs = self.several[key]
        shown = ", ".join(awbs[:FIRST_AWBS]) + ("" if len(awbs) <= FIRST_AWBS else ", …")
        return f"its order reference stands beside {len(awbs)} AWBs ({shown}), and the list can't say which is meant"

    def naming(self, rows: pd.DataFrame) -> pd.Series[str]:
        """What the list calls each row of a sheet, as it is compared; "" where it does not name the row."""
        known = list(self.refs)
        found = blank(rows.index)
        if self.kind is not Named.AWBS and "order_ref" in rows:
            keys = reference_keys(rows["order_ref"])
            found = keys.where(keys.isin(known) & (rows["order_ref_doubt"] == ""), "")
        if self.kind is not Named.REFERENCES:
            keys = reference_keys(rows["awb_number"])
            found = found.where(found != "", keys.where(keys.isin(known) & (rows["awb_doubt"] == ""), ""))
        return found


_SOUGHT = {Named.REFERENCES: "orders", Named.AWBS: "AWBs", Named.EITHER: "orders or AWBs"}


def _first(texts: Iterable[str]) -> str:
    known = list(texts)
    return ", ".join(known[:FIRST_REFS]) + ("" if len(known) <= FIRST_REFS else ", …")


def reference_keys(references: pd.Series[str]) -> pd.Series[str]:
    """References as they are compared: trimmed, without ``#`` in front, in any letter case (docs/contract-ithink.md,
    section 1)."""
    return references.str.strip().str.lstrip("#").str.strip().str.upper()


def typed(awbs: Sequence[str]) -> Listed:
    """The AWBs that ``--awb`` names."""
    keys = reference_keys(pd.Series(awbs, dtype="str")).tolist()
    return Listed({key: awb for key, awb in zip(keys, awbs, strict=True) if key}, kind=Named.AWBS)


def matched(known: Listed, frames: Iterable[pd.DataFrame]) -> Listed:
    """The list with the references that match no row of the sheet, and those that stand beside several AWBs.

    Args:
        known: the list.
        frames: the sheet's canonical frames, every row of it: an AWB that is left out counts as well.
    """
    return matches([known], frames)[0].listed


@dataclass(frozen=True, slots=True)
class Match:
    """A list that was looked for in a sheet, and the AWBs of the rows that it names."""

    listed: Listed
    awbs: frozenset[str]


def matches(lists: Sequence[Listed], frames: Iterable[pd.DataFrame]) -> list[Match]:
    """Looks for several lists in one pass over the sheet; see ``matched``."""
    none = pd.DataFrame({"ref": pd.Series(dtype="str"), "awb": pd.Series(dtype="str")})
    seen: list[set[str]] = [set() for _ in lists]
    pairs = [[none] for _ in lists]
    for frame in frames:
        rows = frame[frame["aside"] == ""]
        awbs = rows["awb_number"].str.upper()
        for place, known in enumerate(lists):
            for keys in named_by_each(known, rows):
                seen[place].update(keys.tolist())
                beside = pd.DataFrame({"ref": keys, "awb": awbs[keys.index]})
                pairs[place].append(beside[beside["awb"] != ""].drop_duplicates())
    return [_match(*each) for each in zip(lists, seen, pairs, strict=True)]


def named_by_each(known: Listed, rows: pd.DataFrame) -> Iterator[pd.Series[str]]:
    """The rows that a list names by their reference, and those that it names by their AWB."""
    kinds = (Named.REFERENCES, Named.AWBS) if known.kind is Named.EITHER else (known.kind,)
    for kind in kinds:
        keys = replace(known, kind=kind).naming(rows)
        yield keys[keys != ""]


def _match(known: Listed, seen: set[str], pairs: list[pd.DataFrame]) -> Match:
    every = pd.concat(pairs).drop_duplicates()
    more = every[every["ref"].duplicated(keep=False)].groupby("ref", sort=False)["awb"]
    found = replace(
        known,
        unmatched=tuple(written for key, written in known.refs.items() if key not in seen),
        several={str(ref): tuple(str(awb) for awb in awbs) for ref, awbs in more},
    )
    return Match(found, frozenset(every["awb"].tolist()))

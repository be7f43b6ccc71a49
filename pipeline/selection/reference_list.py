"""Matches the references of a ``--pick-from`` list with a sheet's rows, and lists those that match none or too much.

A reference beside several AWBs is never guessed: none of its rows is picked. Whether there are several shows only
when the whole sheet was read, so it is read once for that before its rows are chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

FIRST_AWBS = 3
"""AWBs of a reference that a reason names."""

FIRST_REFS = 10
"""References that a note names; with more of them the list itself is the better place to look."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The references of a list, as they are compared -> as they are written there.

    ``doubtful``: the list's rows with a reference that can't be trusted. After ``matched`` also: ``unmatched``, those
    that stand in no row of the sheet, as written; ``several``, those beside more than one AWB, as compared -> the AWBs.
    """

    refs: Mapping[str, str]
    doubtful: tuple[int, ...] = ()
    unmatched: tuple[str, ...] = ()
    several: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def notes(self) -> Iterator[str]:
        """What the person should know of the list, a sentence each, without a full stop."""
        if self.doubtful:
            rows = _first([str(row) for row in self.doubtful])
            yield f"references of the list that can't be trusted, so passed over: {len(self.doubtful):,} (row {rows})"
        if self.unmatched:
            yield f"references of the list that stand in no row: {len(self.unmatched):,} ({_first(self.unmatched)})"
        if self.several:
            refs = _first([self.refs[key] for key in self.several])
            yield f"references of the list beside several AWBs, none of which is sent: {len(self.several):,} ({refs})"

    def why_not(self, key: str) -> str:
        """Why the rows of a reference are not picked although it is listed."""
        awbs = self.several[key]
        shown = ", ".join(awbs[:FIRST_AWBS]) + ("" if len(awbs) <= FIRST_AWBS else ", …")
        return f"its order reference stands beside {len(awbs)} AWBs ({shown}), and the list can't say which is meant"


def _first(texts: Iterable[str]) -> str:
    known = list(texts)
    return ", ".join(known[:FIRST_REFS]) + ("" if len(known) <= FIRST_REFS else ", …")


def reference_keys(references: pd.Series[str]) -> pd.Series[str]:
    """References as they are compared: trimmed, without ``#`` in front, in any letter case (docs/contract-ithink.md,
    section 1)."""
    return references.str.strip().str.lstrip("#").str.strip().str.upper()


def listed(frames: Iterable[pd.DataFrame]) -> Listed:
    """The references of a list.

    Args:
        frames: the list's canonical frames; they need no AWB.
    """
    refs: dict[str, str] = {}
    doubtful: list[int] = []
    for frame in frames:
        rows = frame[(frame["aside"] == "") & (frame["order_ref"] != "")]
        unsure = rows["order_ref_doubt"] != ""
        doubtful += [int(row) for row in rows.index[unsure]]
        written = rows.loc[~unsure, "order_ref"]
        refs.update(zip(reference_keys(written).tolist(), written.tolist(), strict=True))
    refs.pop("", None)
    return Listed(refs, tuple(doubtful))


def matched(known: Listed, frames: Iterable[pd.DataFrame]) -> Listed:
    """The list with the references that match no row of the sheet, and those that stand beside several AWBs.

    Args:
        known: the list.
        frames: the sheet's canonical frames, every row of it: an AWB that is left out counts as well.
    """
    seen: set[str] = set()
    pairs = [pd.DataFrame({"ref": pd.Series(dtype="str"), "awb": pd.Series(dtype="str")})]
    for frame in frames:
        rows = frame[(frame["aside"] == "") & (frame["order_ref_doubt"] == "")]
        keys = reference_keys(rows["order_ref"])
        keys = keys[keys.isin(list(known.refs))]
        seen.update(keys.tolist())
        awbs = rows.loc[keys.index, "awb_number"].str.upper()
        pairs.append(pd.DataFrame({"ref": keys, "awb": awbs})[awbs != ""].drop_duplicates())
    every = pd.concat(pairs).drop_duplicates()
    more = every[every["ref"].duplicated(keep=False)].groupby("ref", sort=False)["awb"]
    return replace(
        known,
        unmatched=tuple(written for key, written in known.refs.items() if key not in seen),
        several={str(ref): tuple(str(awb) for awb in awbs) for ref, awbs in more},
    )

"""Matches the references of a ``--pick-from`` list with a sheet's rows, and tells which match nothing, or too much.

A reference beside several AWBs is never guessed: none of its rows is sent. Whether there are several shows only at the
end of the sheet, so ``Matching`` looks at every frame, and ``withdrawn`` says which picked rows go back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

FIRST_AWBS = 3
"""AWBs of a reference that a reason names."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The references of a list: as compared -> as written there. ``doubtful``: the list's rows not to be trusted."""

    refs: Mapping[str, str]
    doubtful: tuple[int, ...] = ()


def reference_keys(references: pd.Series[str]) -> pd.Series[str]:
    """References as they are compared: trimmed, without ``#`` in front, in any letter case (API.md, section 1)."""
    return references.str.strip().str.lstrip("#").str.strip().str.upper()


def listed(frames: Iterable[pd.DataFrame]) -> Listed:
    """The references of a list that was loaded.

    Args:
        frames: its canonical frames; they need no AWB.
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


@dataclass(slots=True)
class Matching:
    """What the rows of a sheet have to do with a list."""

    listed: Listed
    _pairs: list[pd.DataFrame] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def add(self, frame: pd.DataFrame) -> None:
        """Takes a canonical frame, every row of it: an AWB that is left out counts as well."""
        if not self.listed.refs:
            return
        rows = frame[(frame["aside"] == "") & (frame["order_ref_doubt"] == "")]
        keys = reference_keys(rows["order_ref"])
        keys = keys[keys.isin(list(self.listed.refs))]
        self._seen.update(keys.tolist())
        pairs = pd.DataFrame({"ref": keys, "awb": rows.loc[keys.index, "awb_number"].str.upper()})
        self._pairs.append(pairs[pairs["awb"] != ""].drop_duplicates())

    @property
    def unmatched(self) -> tuple[str, ...]:
        """The references that stand in no row, as the list writes them."""
        return tuple(written for key, written in self.listed.refs.items() if key not in self._seen)

    @property
    def several(self) -> dict[str, tuple[str, ...]]:
        """The references that stand beside more than one AWB, as compared -> those AWBs."""
        pairs = pd.concat(self._pairs).drop_duplicates() if self._pairs else pd.DataFrame({"ref": [], "awb": []})
        twice = pairs[pairs["ref"].duplicated(keep=False)]
        return {str(ref): tuple(str(awb) for awb in awbs) for ref, awbs in twice.groupby("ref", sort=False)["awb"]}

    def withdrawn(self, picked: pd.DataFrame) -> pd.Series[str]:
        """Why picked rows are not to be sent after all: their reference has several AWBs; index those rows only.

        Args:
            picked: rows with ``order_ref``.
        """
        why = {ref: _too_many(awbs) for ref, awbs in self.several.items()}
        keys = reference_keys(picked["order_ref"])
        keys = keys[keys.isin(list(why))]
        return pd.Series([why[key] for key in keys], index=keys.index, dtype="str")


def _too_many(awbs: tuple[str, ...]) -> str:
    shown = ", ".join(awbs[:FIRST_AWBS]) + ("" if len(awbs) <= FIRST_AWBS else ", …")
    return f"its order reference stands beside {len(awbs)} AWBs ({shown}), and the list does not say which is meant"

"""Keeps what became of AWBs as columns: as objects, the answers of ten thousand calls would be a million."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from pipeline.model.calls import Item, Outcome
from pipeline.model.keys import by_key, no_keys
from schemas.annotated import Status

AT_ONCE = 10_000
"""Outcomes that are kept as objects before they become columns."""


@dataclass(slots=True)
class OutcomeStore:
    """What the calls of a run come to, call by call; of an AWB that went out again the last outcome counts."""

    _frames: list[pd.DataFrame] = field(default_factory=list)
    _loose: list[Outcome] = field(default_factory=list)
    _went_out: list[pd.Index[str]] = field(default_factory=list)
    _keys: list[str] = field(default_factory=list)

    def add(self, outcomes: Sequence[Outcome]) -> None:
        """Takes the outcomes of one call; ``Not sent`` is none."""
        self._loose += [outcome for outcome in outcomes if outcome.status != Status.NOT_SENT]
        if len(self._loose) >= AT_ONCE:
            self._frames.append(by_key(self._loose))
            self._loose.clear()

    def went_out(self, items: Sequence[Item]) -> None:
        """Takes the AWBs of a call that may have reached the service; halves of it name them again."""
        self._keys += [item.key for item in items]
        if len(self._keys) >= AT_ONCE:
            self._went_out.append(pd.Index(self._keys, dtype="str"))
            self._keys.clear()

    def outcomes(self) -> pd.DataFrame:
        """All outcomes; the frame is that of ``by_key``."""
        found = pd.concat([*self._frames, by_key(self._loose)])
        return found if found.index.is_unique else found[~found.index.duplicated(keep="last")]

    def keys(self) -> pd.Index[str]:
        """Each AWB that went out, once."""
        return no_keys().append([*self._went_out, pd.Index(self._keys, dtype="str")]).unique()

"""Looks up what is in doubt through tracking, and writes down what that settles; nothing is cancelled by asking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event

import pandas as pd

from pipeline.jobs.prepare import Prepared
from pipeline.model.calls import Outcome, Tracked
from pipeline.model.keys import among, by_key
from pipeline.model.progress import Reporter
from pipeline.planning.plan import FATE
from pipeline.sending.lookup import NOTHING_FOUND, LookupOptions, settle, verify
from pipeline.sending.pacing import Pacer, pause
from pipeline.services.contract import Courier
from schemas.annotated import Status


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What tracking said, and what of it was written down."""

    tracked: Sequence[Tracked] = ()
    settled: Sequence[Outcome] = ()

    @property
    def unknown_to_tracking(self) -> pd.Index[str]:
        """The keys of which tracking knows nothing: what was refused of them may go out again."""
        keys = [tracked.awb.upper() for tracked in self.tracked if tracked.knows_nothing]
        return pd.Index(keys, dtype="str")

    def words(self, keys: pd.Series[str]) -> pd.Series[str]:
        """The ``verified`` column: what tracking says of each row's AWB."""
        said = {tracked.awb.upper(): tracked.words or NOTHING_FOUND for tracked in self.tracked}
        return keys.map(said).fillna("").astype("str")


def look_up(
    prepared: Prepared,
    run: str,
    asked: pd.DataFrame,
    courier: Courier,
    pacer: Pacer,
    reporter: Reporter,
    stop: Event,
) -> LookedUp:
    """Asks tracking about AWBs and writes down what it settles.

    Args:
        prepared: the sheet, its ledger and its settings.
        run: the run that finds it out.
        asked: index the AWB's key; awb, status, remark, refnum.
        courier: whom to ask.
        pacer: one for all calls of the command, whatever they ask.
        reporter: told how far it is.
        stop: set when no more is to be asked.
    """
    if asked.empty or stop.is_set():
        return LookedUp()
    with reporter.looking_up(len(asked)) as looked_up:
        options = LookupOptions(courier, pacer, pause, looked_up, workers=prepared.request.pace.workers)
        tracked = verify(asked["awb"].tolist(), options, stop)
    settled = settle(asked, tracked, f"{datetime.now(UTC):%Y-%m-%d}")
    prepared.ledger.confirm(run, prepared.settings.ledger_key, settled)
    return LookedUp(tracked, settled)


def doubts_among(rows: pd.DataFrame, keys: pd.Index[str]) -> pd.DataFrame:
    """The Unknown AWBs that this run sent, each once, index the key."""
    unknown = rows[rows["status"] == str(Status.UNKNOWN)]
    return unknown[among(unknown["key"], keys)].drop_duplicates("key").set_index("key")


def take_in(rows: pd.DataFrame, settled: Sequence[Outcome]) -> pd.DataFrame:
    """The rows with what was found out of their AWBs afterwards."""
    if not settled:
        return rows
    found = by_key(settled).reindex(rows["key"].to_numpy()).set_axis(rows.index)
    return rows.assign(**{name: found[name].fillna(rows[name]) for name in FATE})

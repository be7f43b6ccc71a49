"""Decides which AWBs go out, in which calls, and which rows stay behind and why.

Pure: reaches no disk, clock or network. ``row_collector`` collects what the frames say; ``plan_calls`` decides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.model.calls import Plan
from pipeline.model.keys import among
from pipeline.planning.batches import as_texts, batches_of, is_planned
from pipeline.planning.protection import loose
from pipeline.planning.row_collector import Gathered
from schemas.annotated import ADDED_COLUMNS, TEXTS, Status

THE_SAME = " has the same AWB and is not to be cancelled: cancelling this one would cancel that one too"
MAY_BE_THE_SAME = " has an AWB that can't be read and may be this one, and is not to be cancelled: mend its cell first"

FATE = list(ADDED_COLUMNS)
"""The columns that say what became of a row."""


ADDED_LATER = "could not be sent when the plan was made; run the same command again to plan it"
"""What a run says of an AWB that only became possible after its plan was shown."""


LOOKED_UP_FIRST = "an earlier call with it was refused: looked up first, and sent if tracking knows nothing of it"
"""What a plan says of an AWB that may be cancelled by a call that the service refused."""


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What a person may say about the calls (docs/interface.md, "Commands")."""

    batch_size: int
    limit: int | None = None
    retry_failed: bool = False
    resend_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """The plan, and the fate of each picked row so far.

    ``rows``: ``Gathered.picked`` and ``status``, ``remark``, ``refnum``; what is to be sent is ``Planned``.
    ``before``: of the planned rows that an earlier run dealt with, its ``status``, ``remark`` and ``refnum``: they
    stand again if this run does not come to them. ``any_in_doubt``: whether an earlier run left any AWB in doubt.
    """

    plan: Plan
    rows: pd.DataFrame
    before: pd.DataFrame
    any_in_doubt: bool

    @property
    def planned(self) -> pd.Index[str]:
        """The keys that would be sent, each once."""
        planned: pd.Index[str] = pd.Index(self.rows.loc[is_planned(self.rows), "key"].unique())
        return planned

    @property
    def doubtful(self) -> frozenset[str]:
        """The keys that are sent although an earlier attempt may have cancelled them (``--resend-unknown``, or their
        call was refused): a "no" proves nothing for them (docs/design.md, "Doing again")."""
        unknown = self.before.index[self.before["status"] == str(Status.UNKNOWN)]
        return frozenset(self.rows.loc[unknown, "key"])


def plan_calls(
    gathered: Gathered,
    known: pd.DataFrame,
    options: PlanOptions,
    only: pd.Index[str] | None = None,
    asked_again: pd.Index[str] | None = None,
) -> Decided:
    """Decides every picked row: Invalid, Skipped beyond the limit, settled by an earlier run, or Planned.

    Args:
        gathered: what the sheet says.
        known: what the ledger knows, index the AWB's key: ``status``, ``remark``, ``refnum``, ``run``, ``at``,
            ``refused``.
        options: sizes and limits of this run.
        only: keys of the plan that a person has seen: nothing is ever added to it. None: whatever is possible.
        asked_again: keys that may be asked again, where ``options`` allow it. None: all of them.
    """
    rows = gathered.picked.assign(status=str(Status.PLANNED), **dict.fromkeys(TEXTS, ""))
    _mark(rows, Status.INVALID, rows.loc[rows["problems"] != "", "problems"])
    for said in (_conflicts(rows, gathered.bystanders), _two_spellings(rows), _invalid_twins(rows)):
        _mark(rows, Status.INVALID, said)
    if options.limit is not None:
        _mark(rows, Status.SKIPPED, _beyond(rows, options.limit))
    words = {word for word, wanted in _ASKED_AGAIN.items() if getattr(options, wanted)}
    found = _found_before(rows, known)
    anew = found["status"].isin(words)
    if asked_again is not None:
        anew &= rows.loc[found.index, "key"].isin(asked_again)
    refused = found["refused"] if only is None else found["refused"] & among(rows.loc[found.index, "key"], only)
    anew |= refused
    settled = found[~anew]
    _mark(rows, settled["status"], settled["remark"])
    for name in TEXTS[1:]:
        rows.loc[settled.index, name] = settled[name]
    rows.loc[found.index[refused], "remark"] = LOOKED_UP_FIRST
    before = found.loc[anew, FATE]
    if only is not None:
        _mark(rows, Status.NOT_SENT, pd.Series(ADDED_LATER, index=rows.index[~among(rows["key"], only)], dtype="str"))
    any_in_doubt = bool((known["status"] == str(Status.UNKNOWN)).any())
    return Decided(batches_of(rows, options.batch_size), rows, before, any_in_doubt)


def settle_rows(decided: Decided, outcomes: pd.DataFrame, why_not: str) -> pd.DataFrame:
    """The picked rows with their final fate.

    Args:
        decided: the plan and the fates before it was carried out.
        outcomes: index the AWB's key, columns ``status``, ``remark``, ``refnum``: what the calls came to.
        why_not: the remark of the rows whose AWB got no outcome.
    """
    rows = decided.rows.copy(deep=False)  # the columns that stay are shared
    planned = np.flatnonzero(is_planned(rows))
    place = _places(rows["key"].iloc[planned], outcomes.index)
    answered, left = planned[place >= 0], planned[place < 0]
    stands = left[rows.index[left].isin(decided.before.index)]
    not_sent = {"status": str(Status.NOT_SENT), "remark": why_not}
    for name in FATE:
        column = rows[name].copy()
        column.iloc[answered] = outcomes[name].array[place[place >= 0]]
        column.iloc[left] = not_sent.get(name, "")
        column.iloc[stands] = decided.before.loc[rows.index[stands], name].array
        rows[name] = column
    return rows


def _places(keys: pd.Series[str], among: pd.Index[str]) -> npt.NDArray[np.int64]:
    """Where each key stands among those, -1 where it does not; pandas would make an object of each."""
    found = pc.index_in(as_texts(keys), value_set=as_texts(among.to_series().astype("str")))
    return np.asarray(found.cast(pa.int64()).fill_null(-1))


_ASKED_AGAIN = {str(Status.FAILED): "retry_failed", str(Status.UNKNOWN): "resend_unknown"}
"""The ways in which a person asks again for an AWB that a run dealt with; a Success never is. One whose call was
refused is asked for again without a word, once tracking knows nothing of it."""


def _mark(rows: pd.DataFrame, status: Status | pd.Series[str], remark: pd.Series[str]) -> None:
    """Decides the rows that ``remark`` has something to say of and that are still open; the first decision stands."""
    remark = remark[is_planned(rows.loc[remark.index])]
    if len(remark):
        rows.loc[remark.index, "remark"] = remark
        rows.loc[remark.index, "status"] = status[remark.index] if isinstance(status, pd.Series) else str(status)


def _conflicts(rows: pd.DataFrame, bystanders: pd.DataFrame) -> pd.Series[str]:
    """Cancelling an AWB that also stands in a row that is not picked would cancel that row's goods too."""
    known = bystanders.set_index("key")
    said = [
        "row " + _rows_beside(rows, known.loc[known["sure"] == sure, "row"]) + words
        for sure, words in ((True, THE_SAME), (False, MAY_BE_THE_SAME))
    ]
    return pd.concat(said)


def _two_spellings(rows: pd.DataFrame) -> pd.Series[str]:
    """Nobody has shown whether letter case, zeros in front or hyphens matter to the service (docs/contract-ithink.md),
    so two spellings of what may be one parcel are not sent."""
    spelt = pd.DataFrame({"loose": loose(rows["key"]), "awb": rows["awb"]})
    spelt = spelt[spelt["loose"].duplicated(keep=False) & (spelt["loose"] != "")]
    different = spelt.drop_duplicates()
    twice = different.loc[different["loose"].duplicated(keep=False), "loose"]
    index = spelt.index[spelt["loose"].isin(twice)]
    said = "another row spells this AWB with other capital letters, hyphens or zeros in front: make them the same"
    return pd.Series(said, index=index, dtype="str")


def _invalid_twins(rows: pd.DataFrame) -> pd.Series[str]:
    """An Invalid row is never sent, so its AWB is not sent for another row either."""
    invalid = rows.loc[(rows["status"] == str(Status.INVALID)) & (rows["key"] != ""), "key"].drop_duplicates()
    other = _rows_beside(rows, pd.Series(invalid.index, index=invalid.to_numpy(), dtype="int64"))
    return "row " + other + " has the same AWB and can't be trusted: mend that row first"


def _rows_beside(rows: pd.DataFrame, others: pd.Series[int]) -> pd.Series[str]:
    """Of the rows whose AWB is among the ``others`` (key -> row), the number of that one."""
    keys = rows.loc[among(rows["key"], others.index), "key"]
    return keys.map(others).astype("int64").astype("str")


def _beyond(rows: pd.DataFrame, limit: int) -> pd.Series[str]:
    keys = rows.loc[is_planned(rows), "key"].drop_duplicates()
    beyond = rows.index[~among(rows["key"], pd.Index(keys.iloc[:limit]))]
    return pd.Series(f"beyond --limit {limit}: not sent in this run", index=beyond, dtype="str")


def _found_before(rows: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Of the open rows whose AWB an earlier run dealt with: its status, remark and refnum."""
    keys = rows.loc[among(rows["key"], known.index) & is_planned(rows), "key"]
    found = known.reindex(keys.to_numpy()).set_axis(keys.index)
    refused = found["refused"].astype("bool")
    return found.assign(remark=_told_before(found), refused=refused)[[*FATE, "refused"]]


def _told_before(found: pd.DataFrame) -> pd.Series[str]:
    """The remark of an AWB that an earlier run dealt with: what was found then, in which run, on which day."""
    day = pd.to_datetime(found["at"], utc=True).dt.strftime("%Y-%m-%d").fillna("")
    told = found["remark"].fillna("").astype("str")
    note = "(run " + found["run"].fillna("").astype("str") + ", " + day + ")"
    return (told + " ").where(told != "", "") + note

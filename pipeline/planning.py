"""Decides which AWBs go out, in which calls, and which rows stay behind and why.

Pure: reaches no disk, clock or network. ``Gathering`` collects what the frames say; ``plan_calls`` decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api.types import union_categoricals

from pipeline.model import Batch, Item, Plan
from pipeline.money import Tally
from pipeline.wire import CANCEL_LIMIT
from schemas.annotated import Status

KEPT = ("order_ref", "courier", "amount", "payment", "cod_amount")
"""What is remembered of a picked row beside its AWB: the reference goes into the call, the rest into the report."""

NO_REASON = ""

FATE = ["status", "remark", "refnum"]
"""The columns that say what became of a row."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What all frames of a sheet came to.

    ``picked``: the picked rows (index: row number): ``awb``, ``key``, ``problems`` ("" = valid), and ``KEPT``.
    ``left_out``: ``remark`` (category) of each row that is not picked; blank rows are only counted.
    ``bystanders``: ``key`` and ``row`` of rows that are not picked and bear an AWB.
    """

    picked: pd.DataFrame
    left_out: pd.DataFrame
    bystanders: pd.DataFrame
    blank: int
    skipped_amount: Tally


@dataclass(slots=True)
class Gathering:
    """Collects the frames of a sheet one after the other; keeps the picked rows whole, of the others only the AWB."""

    _picked: list[pd.DataFrame] = field(default_factory=list)
    _left_out: list[pd.Series[str]] = field(default_factory=list)
    _bystanders: list[pd.DataFrame] = field(default_factory=list)
    _blank: int = 0
    _amount: Tally = field(default_factory=Tally)

    def add(self, frame: pd.DataFrame, choice: pd.DataFrame, problems: pd.Series[str]) -> None:
        """Takes one canonical frame, what ``selection.choose`` said of it, and the problems of its picked rows.

        Args:
            frame: the canonical columns, index the row number.
            choice: ``picked`` (bool) and ``reason`` (text) with the same index.
            problems: index a subset of the frame's; every reason of a row, joined.
        """
        blank = frame["aside"] == "blank"
        self._blank += int(blank.sum())
        picked = choice["picked"] & (frame["aside"] == "")
        self._picked.append(self._remembered(frame[picked], problems))
        others = ~picked & ~blank
        self._left_out.append(choice.loc[others, "reason"].where(frame.loc[others, "aside"] == "", frame["aside"]))
        bears_awb = others & (frame["awb_number"] != "")
        keys = frame.loc[bears_awb, "awb_number"].str.upper()
        self._bystanders.append(pd.DataFrame({"key": keys, "row": keys.index}))
        if "amount" in frame:
            self._amount.add(frame.loc[others, "amount"])

    @staticmethod
    def _remembered(rows: pd.DataFrame, problems: pd.Series[str]) -> pd.DataFrame:
        columns = {"awb": rows["awb_number"], "key": rows["awb_number"].str.upper()}
        kept = {name: rows[name] for name in KEPT if name in rows}
        kept.setdefault("order_ref", pd.Series("", index=rows.index, dtype="str"))
        said = problems.reindex(rows.index, fill_value=NO_REASON)
        return pd.DataFrame({**columns, **kept, "problems": said}, index=rows.index)

    def gathered(self) -> Gathered:
        """All frames together."""
        return Gathered(
            picked=pd.concat(self._picked) if self._picked else no_rows(),
            left_out=_joined(self._left_out),
            bystanders=pd.concat(self._bystanders, ignore_index=True) if self._bystanders else no_bystanders(),
            blank=self._blank,
            skipped_amount=self._amount,
        )


def no_rows() -> pd.DataFrame:
    """The picked rows of a sheet without any."""
    return pd.DataFrame({name: pd.Series(dtype="str") for name in ("awb", "key", "order_ref", "problems")})


def no_bystanders() -> pd.DataFrame:
    """The rows beside the picked ones, of a sheet without any."""
    return pd.DataFrame({"key": pd.Series(dtype="str"), "row": pd.Series(dtype="int64")})


def _joined(parts: list[pd.Series[str]]) -> pd.DataFrame:
    """The reasons of all frames as one category column: a million rows share a handful of reasons."""
    if not parts:
        return pd.DataFrame({"remark": pd.Series(dtype="str").astype("category")})
    union = union_categoricals([part.astype("category") for part in parts])
    index = np.concatenate([part.index.to_numpy() for part in parts])
    return pd.DataFrame({"remark": union}, index=pd.Index(index, name="row"))


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What a person may say about the calls (INTERFACE.md, "Commands")."""

    batch_size: int = CANCEL_LIMIT
    limit: int | None = None
    retry_failed: bool = False
    resend_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """The plan, and the fate of each picked row so far.

    ``rows``: ``Gathered.picked`` and ``status``, ``remark``, ``refnum``; what is to be sent is ``Planned``.
    ``before``: of the planned rows that an earlier run dealt with, its ``status``, ``remark`` and ``refnum``: they
    stand again if this run does not come to them.
    """

    plan: Plan
    rows: pd.DataFrame
    before: pd.DataFrame

    @property
    def doubtful(self) -> frozenset[str]:
        """The keys that are sent although an earlier attempt has no answer (``--resend-unknown``): a "no" proves
        nothing for them (DESIGN.md, "Doing again")."""
        unknown = self.before.index[self.before["status"] == str(Status.UNKNOWN)]
        return frozenset(self.rows.loc[unknown, "key"])


def plan_calls(gathered: Gathered, known: pd.DataFrame, options: PlanOptions) -> Decided:
    """Decides every picked row: Invalid, Skipped beyond the limit, settled by an earlier run, or Planned.

    Args:
        gathered: what the sheet says.
        known: what the ledger knows, index the AWB's key: ``status``, ``remark``, ``refnum``, ``run``, ``at``.
        options: sizes and limits of this run.
    """
    rows = gathered.picked.assign(status=str(Status.PLANNED), remark="", refnum="")
    _mark(rows, rows["problems"] != "", Status.INVALID, rows["problems"])
    for problem in (_conflicts(rows, gathered.bystanders), _two_spellings(rows), _invalid_twins(rows)):
        _mark(rows, problem != "", Status.INVALID, problem)
    if options.limit is not None:
        beyond = _beyond(rows, options.limit)
        _mark(rows, beyond, Status.SKIPPED, f"beyond --limit {options.limit}: not sent in this run")
    again = {word for word, wanted in _ASKED_AGAIN.items() if getattr(options, wanted)}
    found = known.reindex(rows["key"].to_numpy()).set_axis(rows.index)
    known_before = found["status"].notna() & _open(rows)
    found["remark"] = _told_before(found)
    settled = known_before & ~found["status"].isin(again)
    _mark(rows, settled, found["status"], found["remark"])
    rows.loc[settled, "refnum"] = found.loc[settled, "refnum"]
    before = found.loc[known_before & ~settled, ["status", "remark", "refnum"]]
    return Decided(Plan(tuple(_batches(rows, options.batch_size))), rows, before)


def settle_rows(decided: Decided, outcomes: pd.DataFrame, why_not: str) -> pd.DataFrame:
    """The picked rows with their final fate.

    Args:
        decided: the plan and the fates before it was carried out.
        outcomes: index the AWB's key, columns ``status``, ``remark``, ``refnum``: what the calls came to.
        why_not: the remark of the rows whose AWB got no outcome.
    """
    rows = decided.rows.copy()
    planned = _open(rows)
    said = outcomes.reindex(rows.loc[planned, "key"].to_numpy()).set_axis(rows.index[planned])
    answered = said.index[said["status"].notna()]
    left = rows.index[planned].difference(answered)
    rows.loc[answered, FATE] = said.loc[answered, FATE]
    rows.loc[left, ["status", "remark"]] = [str(Status.NOT_SENT), why_not]
    stands = decided.before.index.intersection(left)
    rows.loc[stands, FATE] = decided.before.loc[stands, FATE]
    return rows


_ASKED_AGAIN = {str(Status.FAILED): "retry_failed", str(Status.UNKNOWN): "resend_unknown"}
"""The only ways in which an AWB that a run dealt with is asked for again; a Success never is."""


def _open(rows: pd.DataFrame) -> pd.Series[bool]:
    return rows["status"] == str(Status.PLANNED)


def _mark(
    rows: pd.DataFrame, where: pd.Series[bool], status: Status | pd.Series[str], remark: str | pd.Series[str]
) -> None:
    """Decides the rows ``where`` that are still open; the first decision stands."""
    where = where & _open(rows)
    rows.loc[where, "remark"] = remark[where] if isinstance(remark, pd.Series) else remark
    rows.loc[where, "status"] = status[where] if isinstance(status, pd.Series) else str(status)


def _conflicts(rows: pd.DataFrame, bystanders: pd.DataFrame) -> pd.Series[str]:
    """Cancelling an AWB that also stands in a row that is not picked would cancel that row's goods too."""
    shared = pc.is_in(pa.array(bystanders["key"]), value_set=pa.array(rows["key"].unique()))
    meant = bystanders[shared.to_numpy(zero_copy_only=False)].drop_duplicates("key").set_index("key")["row"]
    other = rows["key"].map(meant)
    text = other.fillna(0).astype("int64").astype("str")
    said = "row " + text + " has the same AWB and is not to be cancelled: cancelling this one would cancel that one too"
    return said.where(other.notna(), NO_REASON)


def _two_spellings(rows: pd.DataFrame) -> pd.Series[str]:
    """Nobody has shown whether letter case matters to the service (API.md), so two spellings are not sent."""
    spelt = rows[["key", "awb"]].drop_duplicates()
    twice = set(spelt.loc[spelt["key"].duplicated(keep=False), "key"])
    other = pd.Series("another row spells this AWB with other capital letters: make them the same", index=rows.index)
    return other.where(rows["key"].isin(twice), NO_REASON)


def _invalid_twins(rows: pd.DataFrame) -> pd.Series[str]:
    """An Invalid row is never sent, so its AWB is not sent for another row either."""
    invalid = rows[(rows["status"] == str(Status.INVALID)) & (rows["key"] != "")]
    first = pd.Series(invalid.index, index=invalid["key"].to_numpy(), dtype="int64")
    other = rows["key"].map(first[~first.index.duplicated()])
    text = other.fillna(0).astype("int64").astype("str")
    said = "row " + text + " has the same AWB and can't be trusted: mend that row first"
    return said.where(other.notna(), NO_REASON)


def _beyond(rows: pd.DataFrame, limit: int) -> pd.Series[bool]:
    keys = rows.loc[_open(rows), "key"].drop_duplicates()
    return ~rows["key"].isin(keys.iloc[:limit])


def _told_before(found: pd.DataFrame) -> pd.Series[str]:
    """The remark of an AWB that an earlier run dealt with: what was found then, in which run, on which day."""
    day = pd.to_datetime(found["at"], utc=True).dt.strftime("%Y-%m-%d").fillna("")
    told = found["remark"].fillna("").astype("str")
    note = "(run " + found["run"].fillna("").astype("str") + ", " + day + ")"
    return (told + " ").where(told != "", "") + note


def _batches(rows: pd.DataFrame, size: int) -> Iterator[Batch]:
    """The planned AWBs in the order of the file, each once, with the references of all its rows."""
    planned = rows.loc[_open(rows), ["key", "awb", "order_ref"]]
    refs: dict[str, dict[str, None]] = {key: {} for key in planned["key"].drop_duplicates()}
    paired = planned[planned["order_ref"] != ""]
    for key, ref in zip(paired["key"].to_numpy(), paired["order_ref"].to_numpy(), strict=True):
        refs[key][ref] = None
    awbs = planned.drop_duplicates("key")["awb"].to_numpy()
    items = [Item(str(awb), tuple(refs[key])) for awb, key in zip(awbs, refs, strict=True)]
    for start in range(0, len(items), size):
        yield Batch(tuple(items[start : start + size]))

"""Reads a plan's sheet that somebody has looked over: what still says yes goes, and nothing else.

A row goes out if it was in the plan, its own cells are as the plan wrote them, and ``cancel?`` still says yes as a
person sees it. What a reviewer wrote instead is the reason why it stays. Rows may be deleted, and sorted where each
AWB has an order reference of its own: without one only a row's place tells that its AWB was not moved.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pandas as pd

from pipeline.addresses import column_letters
from pipeline.cells.problems import Deciding
from pipeline.cells.shown import as_shown
from pipeline.errors import ColumnError, LedgerError, UsageError
from pipeline.jobs.read_orders import OrdersRead, cancel_column, load_options
from pipeline.load import Table, load
from pipeline.model.options import SelectionOptions
from pipeline.model.plans import SealedPlan
from pipeline.model.progress import Reporter
from pipeline.model.sheet import Book, RawFrame
from pipeline.planning.row_collector import Gathering
from pipeline.sheets import check_writable
from schemas.annotated import Status
from schemas.marks import Mark, mark_of

HIDDEN = "hidden in the plan's sheet"
ADDED = "not in the plan, so it is never sent"
MOST_NAMED = 5
"""Changed cells that a message names."""


@dataclass(frozen=True, slots=True)
class _Sealed:
    """What the plan says of its rows: the references of each AWB, and where they stood."""

    refs: pd.Series[str]  # index "awb", a tab and a reference; once for each row
    awbs: frozenset[str]
    include_hidden: bool

    @staticmethod
    def of(plan: SealedPlan, options: SelectionOptions) -> _Sealed:
        pairs = (
            f"{awb}\t{ref}"
            for awb, refs in zip(plan.awbs["awb"], plan.awbs["refs"], strict=True)
            for ref in json.loads(refs)
        )
        index = pd.Index(list(dict.fromkeys(pairs)), dtype="str")
        return _Sealed(pd.Series("", index=index), frozenset(plan.awbs["awb"]), options.include_hidden)


@dataclass(slots=True)
class _Standing:
    """Where AWBs stood whose reference (mostly none) other AWBs of the plan have too: they must keep their order."""

    rows: dict[str, dict[str, list[int]]]  # by reference, by AWB: its rows in the plan, upwards
    reached: dict[str, int] = field(default_factory=dict)  # by reference: the plan's row of the last one read

    @staticmethod
    def of(plan: SealedPlan) -> _Standing:
        rows: dict[str, dict[str, list[int]]] = {}
        for awb, refs, numbers in zip(plan.awbs["awb"], plan.awbs["refs"], plan.awbs["rows"], strict=True):
            for ref, number in zip(json.loads(refs), json.loads(numbers), strict=True):
                rows.setdefault(ref, {}).setdefault(awb, []).append(number)
        return _Standing(
            {ref: {awb: sorted(of) for awb, of in awbs.items()} for ref, awbs in rows.items() if len(awbs) > 1}
        )

    def out_of_order(self, frame: pd.DataFrame) -> list[int]:
        """The rows among the plan's own, read from top to bottom, that stood above one that was read before."""
        found = []
        frame = frame[frame["order_ref"].isin(list(self.rows))]
        for row, awb, ref in zip(frame.index, frame["awb_number"], frame["order_ref"], strict=True):
            stood = self.rows[ref][awb]
            later = bisect_right(stood, self.reached.get(ref, 0))
            if later == len(stood):
                found.append(row)
            else:
                self.reached[ref] = stood[later]
        return found


def check_seal(plan: SealedPlan, seal: str, file: str) -> None:
    """Raises LedgerError where a sheet bears another seal than its plan."""
    if plan.seal != seal:
        problem = f"The sheet bears another seal than plan {plan.name}"
        raise LedgerError(problem, "Nothing was sent. Make a new plan.", where=file)


def read_reviewed(book: Book, plan: SealedPlan, reporter: Reporter) -> OrdersRead:
    """Reads the sheet of a plan to its end.

    Args:
        book: the opened sheet, which bears the plan's seal.
        plan: that plan.
        reporter: told of each step.
    Raises:
        UsageError: AWB cells were changed, or may have been moved; the message names them.
        ColumnError: the columns that the plan wrote are gone.
    """
    reporter.step(f"Reading {book.path.name}, the sheet of plan {plan.name} …")
    table = _table(book, plan)
    start, cancel = _own_columns(table, plan)
    sealed = _Sealed.of(plan, SelectionOptions.from_json(plan.facts.options))
    gathering, places, seen = Gathering(), _Standing.of(plan), set[str]()
    changed, moved = list[int](), list[int]()
    wanted = sorted({*table.layout.wanted, start, start + 1, cancel})
    for raw, frame in table.read(wanted):
        said = _said(raw, table, (start, start + 1, cancel), frame.index)
        in_plan = _in_plan(frame, sealed)
        changed += _changed(frame, said, in_plan)
        moved += places.out_of_order(frame.loc[in_plan, ["awb_number", "order_ref"]])
        seen.update(frame.loc[in_plan, "awb_number"])
        reason = _reasons(frame, said, in_plan, sealed)
        invalid = (said["status"] == str(Status.INVALID)) & ~in_plan & (said["remark"] != "")
        choice = pd.DataFrame({"picked": (reason == "") | invalid, "reason": reason.mask(invalid, "")})
        gathering.add(frame, choice, said.loc[invalid, "remark"])
    _refuse_changed(_cells_of(changed, table), plan)
    _refuse_moved(_cells_of(moved, table), plan)
    place = table.place()
    check_writable(book, place)
    book.release()
    gone = len(sealed.awbs - seen)
    notes = [f"the sheet of plan {plan.name}, made by {plan.facts.who}"]
    notes += [f"{gone:,} AWBs of the plan stand in no row of the sheet any more: they are not sent"] if gone else []
    picked_by = f"plan {plan.name}: {plan.facts.picked_by}; only rows whose {table.headers[cancel]} still says yes"
    return OrdersRead(book, place, gathering.gathered(), picked_by, (), notes, "")


def _table(book: Book, plan: SealedPlan) -> Table:
    """The sheet as the plan's options understood it; its yes/no column has done its part."""
    options = SelectionOptions.from_json(plan.facts.options)
    wishes = load_options(options)
    sheet = plan.facts.sheet if plan.facts.sheet in {info.name for info in book.sheets} else options.sheet
    return load(book, replace(wishes, sheet=sheet, columns={**wishes.columns, "cancel": ""}, dates=None))


def _own_columns(table: Table, plan: SealedPlan) -> tuple[int, int]:
    cancel = cancel_column(table)
    if table.own_column is None or cancel is None:
        raise ColumnError(
            f"The columns status, remark, refnum and cancel? of plan {plan.name} are not there as it wrote them",
            f"Nothing was sent. Put them back, or send the whole plan: `bulk-cancel cancel --plan {plan.name}`.",
            where=table.book.path.name,
        )
    return table.own_column, cancel


def _said(raw: RawFrame, table: Table, columns: tuple[int, int, int], index: pd.Index[int]) -> pd.DataFrame:
    """What the plan's own columns say now, as a person sees them; "~" before a cell that can't be told."""
    found = {}
    for name, column in zip(("status", "remark", "cancel"), columns, strict=True):
        shown = as_shown(raw.columns[column], Deciding.MARK, formats_known=table.book.formats_known)
        found[name] = shown.text.str.strip().where(shown.doubt == "", "~" + shown.text).array
    return pd.DataFrame(found, index=index).astype("str")


def _in_plan(frame: pd.DataFrame, sealed: _Sealed) -> pd.Series[bool]:
    """Rows with an AWB of the plan beside one of its references."""
    pairs = frame["awb_number"] + "\t" + frame["order_ref"]
    readable = (frame["awb_doubt"] == "") & (frame["aside"] == "")
    return pairs.isin(sealed.refs.index) & readable


def _changed(frame: pd.DataFrame, said: pd.DataFrame, in_plan: pd.Series[bool]) -> list[int]:
    """The rows that are Planned by their own cells and not by the plan."""
    return frame.index[(said["status"] == str(Status.PLANNED)) & ~in_plan & (frame["aside"] != "blank")].tolist()


def _cells_of(rows: list[int], table: Table) -> str:
    """The AWB cells of rows by their names, the first few; "" for none."""
    letters = column_letters(table.columns["awb_number"])
    sheet = f"{table.sheet}!" if table.sheet else ""
    more = f" and {len(rows) - MOST_NAMED:,} more" if len(rows) > MOST_NAMED else ""
    return ", ".join(f"{sheet}{letters}{row}" for row in rows[:MOST_NAMED]) + more


def _refuse_changed(cells: str, plan: SealedPlan) -> None:
    if cells:
        raise UsageError(
            f"The AWB or the order reference beside it was changed since plan {plan.name} was made: {cells}",
            "Nothing was sent. Put the cells back as they were, or make a new plan of the changed sheet.",
        )


def _refuse_moved(cells: str, plan: SealedPlan) -> None:
    if cells:
        raise UsageError(
            f"AWBs without an order reference of their own stand in another order than in plan {plan.name}, so their "
            f"cells may have been moved to other rows: {cells}",
            "Nothing was sent. Put them back in the plan's order (rows may be deleted), or make a new plan of the "
            "changed sheet.",
        )


def _reasons(frame: pd.DataFrame, said: pd.DataFrame, in_plan: pd.Series[bool], sealed: _Sealed) -> pd.Series[str]:
    """Why each row stays; "" for those that go, and for blank ones."""
    words = said[["status", "remark", "cancel"]].drop_duplicates()
    keys = pd.MultiIndex.from_frame(words)
    table = pd.Series([_why(*line) for line in words.itertuples(index=False, name=None)], index=keys, dtype="str")
    reason = pd.Series(table.reindex(pd.MultiIndex.from_frame(said)).array, index=frame.index).astype("str")
    if not sealed.include_hidden:
        reason = reason.mask(frame["hidden"] & (reason == ""), HIDDEN)
    before = said["remark"].where(said["status"].isin([str(Status.SKIPPED), str(Status.INVALID)]), "")
    added = before.where((before != "") & ~said["cancel"].map(_is_yes), ADDED)
    reason = reason.where(in_plan, added)
    return reason.mask(frame["aside"] != "", frame["aside"]).mask(frame["aside"] == "blank", "")


def _is_yes(word: str) -> bool:
    return mark_of(word) is Mark.YES


def _why(status: str, remark: str, cancel: str) -> str:
    """The reviewer's words; "" where nothing speaks against the row."""
    for column, word, kept in _cells(status, remark, cancel):
        if not kept:
            return f"the reviewer left {column} empty" if not word else f"the reviewer wrote in {column}: {word}"
    return ""


def _cells(status: str, remark: str, cancel: str) -> Iterator[tuple[str, str, bool]]:
    yield "cancel?", cancel.removeprefix("~"), _is_yes(cancel)
    yield "status", status.removeprefix("~"), status == str(Status.PLANNED)
    yield "remark", remark.removeprefix("~"), not remark or _is_yes(remark)

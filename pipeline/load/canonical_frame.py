"""Turns what a file stores into the columns that the rest of the program knows, frame by frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.cells.dates import as_dates
from pipeline.cells.displayed import as_seen, as_text
from pipeline.cells.problems import Deciding, Family
from pipeline.cells.shown import as_shown
from pipeline.load.date_choice import DateChoice
from pipeline.load.non_order_rows import A_TOTAL, find_asides
from pipeline.load.read_counts import ReadCounts
from pipeline.model.sheet import OUTLINED, CellColumn, Kind, RawFrame
from pipeline.model.texts import blank
from schemas.annotated import Status
from schemas.columns import CANONICAL, Profile

SEEN = {"awb_number": ("awb_doubt", Family.AWB), "order_ref": ("order_ref_doubt", Family.REFERENCE)}
"""Columns that go out to the service: what a person sees in the cell counts, and where that is unsure, nothing does."""

UNREAD = "is in a row that could not be read whole: "
"""What is said of the AWB in such a row, before the reason."""

CALLED_INVALID = "is in a row that an earlier run called Invalid: mend the row, then empty its status cell"
"""A copy in another format holds texts and numbers, and may not show any more what was wrong with them."""

WORDS = {"order_status": ("order_status_doubt", Deciding.STATE), "cancel": ("cancel_doubt", Deciding.MARK)}
"""Columns whose words decide: a word that can't be told is a problem of its row."""

LABEL_COLUMNS = 3
AMOUNTS = ("amount", "cod_amount")

THREE_PLACES = r"-?[1-9][0-9]{0,2}\.[0-9]{3}"
"""As a text, 1.299 may be a thousand and more; a number cell holds one and a bit, and shows four places of it here."""


LABELLED = ("order_ref", "order_status", "cancel", "courier", "payment")
"""Totals and footers have their label in one of so many first columns, or in a column of texts that is known."""


@dataclass(frozen=True, slots=True)
class ColumnLayout:
    """How the columns of a sheet become a frame.

    ``extras``: column -> its name in the frame, for ``--where``. ``states``: the same for columns that are read because
    they can keep a row. ``labels``: columns only read for totals and footers. ``totals``: rows that the file itself
    calls a table's totals. ``own_status``: the column of statuses that an earlier run wrote. ``dates``: how dates are
    read.
    """

    columns: Mapping[str, int]
    extras: Mapping[int, str]
    labels: tuple[int, ...]
    profile: Profile
    header_row: int
    formats_known: bool
    states: Mapping[int, str] = field(default_factory=dict)
    totals: frozenset[int] = frozenset()
    own_status: int | None = None
    dates: DateChoice = field(default_factory=lambda: DateChoice("dmy"))

    @property
    def wanted(self) -> tuple[int, ...]:
        """The columns that have to be read."""
        own = () if self.own_status is None else (self.own_status,)
        return tuple(sorted({*self.columns.values(), *self.extras, *self.states, *self.labels, *own}))


def as_canonical(raw: RawFrame, layout: ColumnLayout, tally: ReadCounts, printed: bool | None) -> pd.DataFrame:
    """One canonical frame; every row that the file holds is in it.

    Args:
        raw: some rows as stored, with at least the columns that the layout wants.
        layout: what is what.
        tally: takes the counts.
        printed: whether the whole AWB column is printed as ``123.00``; None: as these rows say.
    """
    index = pd.Index(raw.rows.astype(np.int64), name="row")
    data: dict[str, pd.Series[str]] = {}
    for name in CANONICAL:
        if name in layout.columns:
            data.update(_column(name, raw.columns[layout.columns[name]], layout, tally, printed))
    for name, (doubt, _) in SEEN.items():
        data.setdefault(name, _nothing(len(index)))
        data.setdefault(doubt, _nothing(len(index)))
    for column, name in layout.extras.items():
        data[name] = _believed(raw.columns[column], Deciding.VALUE, layout, tally)
    for column, name in layout.states.items():
        shown = as_shown(raw.columns[column], Deciding.STATE, formats_known=layout.formats_known)
        data.update({name: shown.text, f"{name}_doubt": shown.doubt})
    frame = pd.DataFrame({name: texts.array for name, texts in data.items()}, index=index)
    frame["awb_doubt"] = _with_trouble(frame["awb_doubt"], raw.trouble)
    if layout.own_status is not None:
        invalid = (raw.columns[layout.own_status].text == str(Status.INVALID)).to_numpy(dtype=bool)
        frame["awb_doubt"] = frame["awb_doubt"].mask(invalid & (frame["awb_doubt"] == ""), CALLED_INVALID)
    return _finished(frame, raw, layout, tally)


def _finished(frame: pd.DataFrame, raw: RawFrame, layout: ColumnLayout, tally: ReadCounts) -> pd.DataFrame:
    labels = [frame[name] for name in LABELLED if name in frame]
    labels += [pd.Series(as_text(raw.columns[column]).array, index=frame.index) for column in layout.labels]
    filled = pd.Series(raw.content, index=frame.index)
    totals = filled & frame.index.isin(layout.totals)
    has_refs = "order_ref" in layout.columns
    lonely = (frame["order_ref"] == "") & has_refs
    found = find_asides(frame, labels, filled & ~totals, layout.profile, layout.header_row, lonely)
    reason = found.reason.mask(totals, A_TOTAL)
    frame["awb_doubt"] = frame["awb_doubt"].mask((frame["awb_doubt"] == "") & (found.doubt != ""), found.doubt)
    trusted = frame["awb_number"].where((frame["awb_doubt"] == "") & (reason == ""), "")
    if not has_refs:
        lonely = pd.Series(frame.index == (trusted.index[trusted != ""].max()), index=frame.index)
    sums = tally.totals.find(trusted, lonely.to_numpy(dtype=bool), raw.hidden)
    frame["awb_doubt"] = frame["awb_doubt"].mask(sums != "", sums)
    frame["hidden"] = raw.hidden
    outlined = _outlined(raw, layout)
    if outlined is not None:
        frame[OUTLINED] = pd.Series("", index=frame.index, dtype="str").mask(outlined, "yes")
    frame["aside"] = reason
    tally.other_tables += found.other_tables
    tally.add(frame)
    return frame


def _outlined(raw: RawFrame, layout: ColumnLayout) -> npt.NDArray[np.bool_] | None:
    """The rows that are blank from the left up to the status, as those of a group have it in the outline of a pivot
    table; None where no row is."""
    status = layout.columns.get("order_status")
    if status is None:
        return None
    blank: npt.NDArray[np.bool_] = raw.content & (raw.columns[status].kind == Kind.BLANK)
    for column, cells in raw.columns.items():
        if not blank.any():
            return None
        if column < status:
            blank &= cells.kind == Kind.BLANK
    return blank if blank.any() else None


def _column(
    name: str, cells: CellColumn, layout: ColumnLayout, tally: ReadCounts, printed: bool | None
) -> dict[str, pd.Series[str]]:
    if name in SEEN:
        doubt, family = SEEN[name]
        awb = family is Family.AWB
        seen = as_seen(cells, formats_known=layout.formats_known, printed=printed if awb else None, family=family)
        if awb:
            tally.unwrapped += seen.unwrapped
            tally.printed += seen.printed
        return {name: seen.text, doubt: seen.doubt}
    if name in WORDS:
        doubt, what = WORDS[name]
        shown = as_shown(cells, what, formats_known=layout.formats_known)
        return {name: shown.text, doubt: shown.doubt}
    if name == "order_date":
        believed = _believed(cells, Deciding.DATE, layout, tally)
        dates = as_dates(replace(cells, text=believed), layout.dates.order, typed=layout.dates.typed)
        tally.ambiguous_dates += dates.ambiguous
        tally.contrary_dates += dates.contrary
        return {name: dates.iso, "order_date_raw": as_text(cells)}
    return {name: _believed(cells, Deciding.AMOUNT if name in AMOUNTS else Deciding.VALUE, layout, tally)}


def _believed(cells: CellColumn, family: Deciding, layout: ColumnLayout, tally: ReadCounts) -> pd.Series[str]:
    """The texts of a column, blank where what is seen can't be told; these are counted."""
    shown = as_shown(cells, family, formats_known=layout.formats_known)
    doubtful = shown.doubt != ""
    text = shown.text
    if doubtful.any():
        tally.add_unseen(family, int(doubtful.sum()))
        text = text.mask(doubtful, "")
    if family in (Deciding.AMOUNT, Deciding.VALUE) and (numbers := cells.kind == Kind.NUMBER).any():
        text = text.mask(numbers & text.str.fullmatch(THREE_PLACES), text + "0")
    return text


def _nothing(count: int) -> pd.Series[str]:
    return blank(pd.RangeIndex(count))


def _with_trouble(doubts: pd.Series[str], trouble: Mapping[int, str]) -> pd.Series[str]:
    """A row that could not be read whole can't be trusted in any cell."""
    if not trouble:
        return doubts
    said = (UNREAD + pd.Series(dict(trouble), dtype="str")).reindex(doubts.index, fill_value="")
    return doubts.mask(said != "", said)

"""Gives the list of ``--pick-from`` back beside the sheet: what became of each order that it names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from pipeline.errors import problem_of
from pipeline.jobs.executed import Executed
from pipeline.model.sheet import Place, Written
from pipeline.report.asked import list_marks
from pipeline.sheets import PATCHED, open_book
from pipeline.writing.added_columns import free_header
from pipeline.writing.annotate import annotate
from schemas.annotated import AWB_COLUMN, ROW_COLUMN


@dataclass(frozen=True, slots=True)
class ListWritten:
    """Where the list was written, None where it was not, and what a person should know of it."""

    path: Path | None = None
    notes: Sequence[str] = ()


def write_list(executed: Executed, sheet: Path) -> ListWritten:
    """Writes the list with what became of each order; never raises: what was sent must be told whatever becomes of it.

    Args:
        executed: a run or plan, with the list that picked its rows.
        sheet: the annotated sheet, which is written already.
    """
    try:
        return _listed(executed, sheet)
    except Exception as trouble:
        return ListWritten(notes=(f"The list could not be given back: {problem_of(trouble)}",))


def _listed(executed: Executed, sheet: Path) -> ListWritten:
    given, asked = executed.prepared.orders.list_given, executed.prepared.orders.asked
    if given is None or given.book is None or given.place is None or asked is None:
        return ListWritten()
    main, same = executed.prepared.orders.place, given.place.digest == executed.prepared.orders.place.digest
    if same and given.place.sheet == main.sheet:  # each row of the list has its answer already
        return ListWritten()
    place = _with_more_columns(given.place)
    marks = list_marks(given.lines, asked, executed.rows)
    if same and sheet.suffix[1:] in PATCHED:
        return _into_the_sheet(place, marks, sheet)
    target = executed.prepared.target.listed
    if target is None:
        return ListWritten()
    written = annotate(given.book, place, marks, target)
    return ListWritten(written.path, written.notes)


def _into_the_sheet(place: Place, marks: pd.DataFrame, sheet: Path) -> ListWritten:
    """The list is another worksheet of the same workbook: one workbook comes back, with both."""
    book = open_book(sheet)
    written: Written = annotate(book, replace(place, path=sheet, digest=book.source.digest()), marks, sheet)
    return ListWritten(written.path, written.notes)


def _with_more_columns(place: Place) -> Place:
    status = place.added[0]
    more = (free_header(status.replace("status", name), place.headers) for name in (AWB_COLUMN, ROW_COLUMN))
    if place.own_column is not None:  # its own columns of an earlier run are written in place
        more = (status.replace("status", name) for name in (AWB_COLUMN, ROW_COLUMN))
    return replace(place, added=(*place.added, *more))

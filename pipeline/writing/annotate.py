"""Gives the sheet back with what became of each row: never over the input, never over somebody's later edit.

Where the output can be written is found out before anything is sent (``choose_target``). The sheet is written under a
temporary name in the same folder, then renamed, so that nobody ever opens half a file.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from pipeline.errors import NotPatchedError, was_changed
from pipeline.files import not_written, replacing
from pipeline.model.sheet import Book, Place, Written
from pipeline.sheets import PLAIN_SUFFIX, write_sheet
from pipeline.sheets.plan_seal import write_seal
from pipeline.writing.target import LONGEST_TRY
from schemas.annotated import annotated_schema, keeps_all_rules


def annotate(book: Book, place: Place, marks: pd.DataFrame, target: Path, seal: str = "") -> Written:
    """Writes the annotated sheet.

    Args:
        book: the opened input.
        place: the way back to the sheet.
        marks: index the row number; ``status``, ``remark``, ``refnum`` (and ``verified``) of every row that gets one.
        target: where it goes; what this program wrote there earlier is replaced.
        seal: of the plan whose sheet it is; a workbook bears it, beside a text file the summary does.
    Returns:
        Where it was written: beside ``target`` as CSV, where the workbook turned out not to be patchable only while it
        was being written, for what was done must not be lost.
    Raises:
        OutputError: it could not be written, or its input is no longer the one that was read, so that the marks would
            stand beside other rows; ``target`` is as it was.
    """
    if not (book.checks_itself and book.source.leads_to_it()):
        _check_unchanged(book, place, target)
    if not keeps_all_rules(marks):
        annotated_schema().validate(marks)
    try:
        with replacing(target, like=place.path) as temporary:
            written = write_sheet(book, place, marks, temporary)
            if seal:
                write_seal(temporary, seal)
    except NotPatchedError as trouble:
        plain = annotate(book, place, marks, _free_name(target.with_suffix(PLAIN_SUFFIX)), seal)
        return Written(plain.path, (str(trouble), *plain.notes))
    return replace(written, path=target)


def _free_name(wanted: Path) -> Path:
    names = (wanted.with_name(f"{wanted.stem} ({number}){wanted.suffix}") for number in range(2, LONGEST_TRY))
    return next((name for name in (wanted, *names) if not name.exists()), wanted)


def _check_unchanged(book: Book, place: Place, target: Path) -> None:
    try:
        same = book.source.holds(place.digest)
    except OSError as error:
        raise not_written(target, error) from error
    if not same:
        raise was_changed(place.path.name)

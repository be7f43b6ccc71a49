"""Which plan a sheet belongs to: a workbook says it in a custom property, a text file in the summary beside it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import FileError, OutputError
from pipeline.source_file import SourceFile

if TYPE_CHECKING:
    from pipeline.model.sheet import Book

NAME = "bulk-cancel plan"
"""Of the custom property; Excel shows it under File, Info, Properties, Advanced, Custom."""

WORKBOOKS = (".xlsx", ".xlsm")
SEAL = re.compile(r"(P-\d{8}-[0-9a-f]+) ([0-9a-f]{64})")
"""The plan's name and its seal."""


def read_seal(book: Book) -> tuple[str, str] | None:
    """The name and the seal of the plan whose sheet this is; None where it bears none.

    Args:
        book: the opened input.
    """
    said = _of_workbook(book) if f".{book.format}" in WORKBOOKS else _of_summary(book.path)
    found = SEAL.fullmatch(said)
    return (found[1], found[2]) if found else None


def _of_workbook(book: Book) -> str:
    """The workbooks' modules are loaded where there is a workbook: a text file's plan does without."""
    from pipeline.sheets.xlsx_book import XlsxBook
    from pipeline.xlsx import WorkbookError, read_property

    if not isinstance(book, XlsxBook):
        return ""
    try:
        return read_property(book.package.archive, NAME) or ""
    except WorkbookError as error:
        raise FileError(error.problem, error.next_step, where=book.path.name) from error


def _of_summary(path: Path) -> str:
    """What the summary beside a text file says, if it is the summary of this very sheet."""
    try:
        said = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        of_plan = said["run"] == "" and Path(said["output"]).name == path.name
        return f"{said['plan']} {said['seal']}" if of_plan else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def write_seal(path: Path, seal: str) -> None:
    """Puts the seal into a workbook; a text file stays as it is.

    Args:
        path: the sheet that was written.
        seal: the plan's name and its seal, with a blank between.
    Raises:
        OutputError: the workbook can't take it.
    """
    if path.suffix.lower() not in WORKBOOKS:
        return
    from xml.parsers.expat import ExpatError

    from pipeline.containers.zip_archive import open_archive
    from pipeline.xlsx import WorkbookError, write_property

    sealed = path.with_name(f"{path.name}.sealed")
    try:
        write_property(open_archive(SourceFile(path)), NAME, seal, sealed)
        sealed.replace(path)
    except (WorkbookError, ExpatError, ValueError) as error:
        raise OutputError("The plan's seal could not be put into its sheet", "Give the input as CSV.") from error
    finally:
        sealed.unlink(missing_ok=True)

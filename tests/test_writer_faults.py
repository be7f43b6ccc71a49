"""Faults injected into every function that writes a run's files: what was done is told each time, and written later."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest
from xlsxwriter import Workbook  # type: ignore[import-untyped]

from pipeline.errors import SheetNotWrittenError
from pipeline.jobs.cancel import execute
from pipeline.jobs.deliver import close, deliver, deliver_again
from pipeline.jobs.executed import Executed
from pipeline.jobs.prepare import courier_for, opened
from pipeline.jobs.request import Request
from pipeline.jobs.rewrite import executed_before
from pipeline.model.options import SelectionOptions
from pipeline.report import page as page_writer
from pipeline.settings import Settings, read_settings
from pipeline.writing.annotate import annotate
from tests.biff8_file import OldSheet, make_xls
from tests.faults import ERRORS, Called, Faults, traced
from tests.silent import Silent

ROWS = [("Order ID", "AWB", "Status"), *((f"SO-{row}", f"8621001046{row}", "To Cancel") for row in range(1, 6))]

# --- one run of each format, and its files ----------------------------------------------------------------------------


def book(path: Path) -> Path:
    with Workbook(path) as workbook:
        sheet = workbook.add_worksheet("Orders")
        for number, row in enumerate(ROWS):
            sheet.write_row(number, 0, row)
    return path


def text(path: Path) -> Path:
    path.write_text("".join(",".join(row) + "\r\n" for row in ROWS), encoding="utf-8")
    return path


def web_page(path: Path) -> Path:
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in ROWS)
    path.write_text(f"<html><body><table>{rows}</table></body></html>", encoding="utf-8")
    return path


def old(path: Path) -> Path:
    return make_xls(path, OldSheet({number: dict(enumerate(row)) for number, row in enumerate(ROWS)}))


@dataclass(frozen=True)
class Own:
    """The functions that a format's run tries: those of these folders. With fewer, the test would see them no more."""

    folders: tuple[str, ...]
    least: int


OWN = {
    "csv": Own(("/",), 100),
    "xlsx": Own(("/xlsx/", "/containers/", "/sheets/xlsx_book"), 100),
    "xls": Own(("/sheets/converted/",), 20),
    "listed": Own(("/jobs/list_back", "/report/asked"), 3),
}
"""All functions for one format; for the others what only they call. HTML and .ods have the writer of .xls."""

AMONG = {
    "csv": {"summarise", "annotate", "page", "_write_page", "_write_summary", "Summary.as_json", "Ledger.wrote"},
    "xlsx": {"XlsxBook.write", "write_patched", "SheetPatch.write", "rewrite_zip", "Frame.head", "Cells.columns"},
    "xls": {"GridBook.write", "write_converted"},
    "listed": {"write_list", "list_marks"},
}
"""Some that must be among them."""

FORMATS = {"xlsx": book, "csv": text, "xls": old, "html": web_page}

LISTED = {"listed": text, **FORMATS}
"""And a run whose rows a list beside the sheet picks, which is given back as well."""


def a_list(path: Path) -> str:
    path.write_text("".join(f"{row[0]}\r\n" for row in ROWS), encoding="utf-8")
    return str(path)


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def settings_in(folder: Path) -> Settings:
    return read_settings({}, folder / "none", env=None, default_ledger=folder / "ledger.db", version="0")


@contextmanager
def executed_once(kind: str, folder: Path) -> Iterator[Executed]:
    """A run that is over, its files still to be written."""
    suffix = "csv" if kind == "listed" else kind
    selection = SelectionOptions(pick_from=a_list(folder / "list.csv") if kind == "listed" else None)
    request = Request(input=LISTED[kind](folder / f"orders.{suffix}"), selection=selection)
    with opened(request, settings_in(folder), Silent()) as prepared, courier_for(prepared) as courier:
        yield execute(prepared, courier, Silent(), Event())


def content(path: Path) -> dict[str, bytes]:
    """What stands in a sheet, without the time at which it was written."""
    if not zipfile.is_zipfile(path):
        return {"": path.read_bytes()}
    with zipfile.ZipFile(path) as parts:
        return {name: parts.read(name) for name in parts.namelist() if name != "docProps/core.xml"}


def beside(executed: Executed) -> dict[str, Path]:
    target = executed.prepared.target
    plain = target.sheet.with_name(f"{target.sheet.stem}.awbs.csv")
    return {"sheet": target.sheet, "page": target.report, "summary": target.summary, "list": plain}


def clear(executed: Executed) -> None:
    for path in executed.prepared.target.sheet.parent.glob("*annotated*"):
        path.unlink()


def told(executed: Executed, faults: Faults) -> Exception | None:
    """Delivers with faults; what was raised."""
    clear(executed)
    try:
        with traced(faults):
            deliver_again(executed)
    except Exception as error:
        return error
    return None


# --- the tests --------------------------------------------------------------------------------------------------------


def fault_is_survived(executed: Executed, faults: Faults, whole: dict[str, bytes]) -> str:
    """What is wrong after a fault; "" when all is told and the sheet can be written later."""
    error, files = told(executed, faults), beside(executed)
    if not faults.raised:
        return "was not called"
    missing = [name for name in ("page", "summary", "list") if not files[name].exists()]
    match error:
        case None:  # the fault was met on the way that has another way
            return "" if content(files["sheet"]) == whole else "ended well, with another sheet"
        case SheetNotWrittenError(exit_code=3) if missing:
            return f"{missing} missing"
        case SheetNotWrittenError() if f"`bulk-cancel annotate {executed.run}` writes it" not in str(error):
            return f"no command in {error}"
        case SheetNotWrittenError() if "Traceback" in str(error) or files["list"].name not in str(error):
            return f"words: {error}"
        case SheetNotWrittenError():
            if not files["sheet"].exists():
                return ""
            return "" if content(files["sheet"]) == whole else "another sheet was left there"
    return f"raised {error!r}"


def annotated(executed: Executed) -> dict[str, bytes]:
    """The sheet that ``annotate`` writes afterwards, from the file and the ledger."""
    settings = settings_in(executed.prepared.request.input.parent)
    with executed_before(executed.run, None, settings, Silent(), who="", version="0") as again:
        return content(Path(deliver_again(again).summary.output))


@pytest.mark.parametrize("kind", OWN)
def test_every_function_of_the_writing_may_fail_once_and_all_is_told_and_written_later(
    tmp_path: Path, kind: str
) -> None:
    with executed_once(kind, tmp_path) as executed:
        deliver(executed)
        whole, called = content(executed.prepared.target.sheet), Called()
        later = annotated(executed)
        with traced(called):
            deliver_again(executed)
        here = [
            (function, name)
            for function, name in called.functions.items()
            if name.startswith(OWN[kind].folders) and not name.endswith(" deliver_again")  # the way out itself
        ]
        wrong = {
            name: found
            for number, (function, name) in enumerate(here)
            if (found := fault_is_survived(executed, Faults(ERRORS[number % 2], function), whole))
            or (found := "" if annotated(executed) == later else "annotate wrote another sheet")
        }
    assert len(here) > OWN[kind].least
    assert not AMONG[kind] - {name.partition(" ")[2] for _, name in here}
    assert wrong == {}


def test_every_function_that_closes_the_run_may_fail_once_and_all_is_told_at_once(tmp_path: Path) -> None:
    with executed_once("csv", made(tmp_path / "first")) as executed, traced(called := Called()):
        close(executed)
    functions = [(function, name) for function, name in called.functions.items() if not name.endswith(" close")]
    assert {"_ended_as", "Ledger.finish", "end"} <= {name.partition(" ")[2] for _, name in functions}
    wrong = {}
    for number, (function, name) in enumerate(functions):
        with executed_once("csv", made(tmp_path / str(number))) as executed:
            with traced(Faults(ERRORS[number % 2], function)):
                summary = deliver(executed).summary
            info, files = executed.prepared.ledger.run(executed.run), beside(executed)
        found = (summary.exit_code, info.exit_code, info.finished is not None, files["list"].exists())
        why = (summary.stopped or "", json.loads(files["summary"].read_text())["stopped"])
        page = files["page"].read_text()
        if found != (3, 3, True, False) or any("could not be written down" not in text for text in (*why, page)):
            wrong[name] = (found, why)
    assert wrong == {}


def test_a_ledger_that_is_gone_after_the_calls_keeps_nothing_from_being_told(tmp_path: Path) -> None:
    path, away = tmp_path / "ledger.db", tmp_path / "away.db"
    with executed_once("csv", tmp_path) as executed:
        executed.prepared.ledger.close()
        path.rename(away)
        path.mkdir()
        delivered = deliver(executed)
        files = beside(executed)
        path.rmdir()
        away.rename(path)
    assert {name for name, path in files.items() if path.exists()} == {"sheet", "page", "summary"}
    why = "the end of the run could not be written down: The ledger can't be opened"
    assert (delivered.summary.stopped, delivered.summary.exit_code) == (why, 3)
    assert "The calls can&#39;t be listed: The ledger can&#39;t be opened" in files["page"].read_text()
    with executed_before(executed.run, None, settings_in(tmp_path), Silent(), who="", version="0") as again:
        assert again.rows["status"].unique().tolist() == ["Success"]


@pytest.mark.parametrize("broken", ["page", "summary", "list"])
def test_what_cant_be_written_at_all_takes_nothing_else_with_it(tmp_path: Path, broken: str) -> None:
    with executed_once("csv", tmp_path) as executed:
        files = beside(executed)
        files[broken].mkdir()
        with pytest.raises(SheetNotWrittenError) as caught, traced(Faults(ERRORS[0], annotate.__code__)):
            deliver_again(executed)
        assert {name for name, path in files.items() if path.is_file()} == {"page", "summary", "list"} - {broken}
        assert (files["list"].name in str(caught.value)) == (broken != "list")


@pytest.mark.parametrize("kind", FORMATS)
def test_annotate_reads_the_file_again_and_writes_over_what_stood_in_for_the_sheet(tmp_path: Path, kind: str) -> None:
    with executed_once(kind, tmp_path) as executed:
        for broken in (annotate, page_writer.page):  # before the sheet is there, and after
            error = told(executed, Faults(ERRORS[1], broken.__code__))
            assert isinstance(error, SheetNotWrittenError)
            files = beside(executed)
            with executed_before(executed.run, None, settings_in(tmp_path), Silent(), who="", version="0") as again:
                assert deliver_again(again).summary.output == str(files["sheet"])
            assert len(list(tmp_path.glob("*annotated*"))) == 4

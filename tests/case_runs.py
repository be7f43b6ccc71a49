"""What ``cancel`` makes of a file of ``../shared/cases``: what is sent, kept, asked, refused, row by row."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.cli.commands import plan
from pipeline.cli.context import pace_of, selection_of
from pipeline.errors import PipelineError
from pipeline.jobs.prepare import Prepared, opened
from pipeline.jobs.request import Request
from pipeline.settings import read_settings
from schemas.annotated import Status
from tests.silent import Silent

CASES = Path(__file__).parents[2] / "shared" / "cases"
"""Small made-up inputs, beside the repository; they are not part of it."""

TODAY = "2026-11-27"


@dataclass(frozen=True)
class CaseRun:
    """``sent``: row -> AWB. ``kept`` and ``invalid``: row -> why not. ``asked``: what ``cancel`` would ask before it
    sends anything. ``refused``: why it would not begin. ``undone``: what was asked for by name and not done."""

    sent: dict[int, str] = field(default_factory=dict)
    kept: dict[int, str] = field(default_factory=dict)
    invalid: dict[int, str] = field(default_factory=dict)
    asked: str = ""
    refused: str = ""
    undone: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def run_case(name: str, typed: list[str], folder: Path) -> CaseRun:
    """Reads and plans a case as the command line would.

    Args:
        name: the file's.
        typed: the options, as they are typed; ``@NAME`` in them is another case.
        folder: an empty one.
    """
    source = Path(shutil.copy(CASES / name, folder))
    arguments = [str(CASES / part[1:]) if part.startswith("@") else part for part in typed]
    said = plan.make_context("plan", [str(source), *arguments]).params
    options = {option: value for option, value in said.items() if option not in ("input", "dry_run")}
    selection = replace(selection_of(options), today=TODAY)
    request = Request(input=source, selection=selection, pace=pace_of(options))
    ledger = folder / "ledger.db"
    settings = read_settings({}, folder / "none", env=None, default_ledger=ledger, version="0", need_service=False)
    try:
        with opened(request, settings, Silent(), infix="plan") as prepared:
            return _run(prepared)
    except PipelineError as error:
        return CaseRun(refused=str(error))


def _run(prepared: Prepared) -> CaseRun:
    rows = prepared.decided.rows
    said = {str(word): rows[rows["status"] == str(word)] for word in Status}
    left = prepared.orders.gathered.left_out["remark"].astype("str")
    kept = {**left.to_dict(), **said[Status.SKIPPED]["remark"].to_dict()}
    return CaseRun(
        sent={int(str(row)): str(awb) for row, awb in said[Status.PLANNED]["awb"].items()},
        kept={int(str(row)): why for row, why in sorted(kept.items())},
        invalid={int(str(row)): str(why) for row, why in said[Status.INVALID]["remark"].items()},
        asked=prepared.question,
        undone={line.named: line.why for line in prepared.orders.not_done},
        notes=tuple(prepared.orders.notes),
    )

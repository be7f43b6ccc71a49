"""Takes a run from the ledger and its sheet from the file again, so that its files can be written once more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pipeline.errors import FileError, LedgerError
from pipeline.files import file_digest
from pipeline.jobs.executed import Executed
from pipeline.jobs.prepare import prepare
from pipeline.jobs.request import Request
from pipeline.jobs.verify import NOT_YET
from pipeline.ledger import Ledger
from pipeline.model.keys import by_key
from pipeline.model.options import SelectionOptions
from pipeline.model.progress import Reporter
from pipeline.model.runs import Action, RunInfo
from pipeline.planning.plan import settle_rows
from pipeline.report.next_steps import where_said
from pipeline.settings import Settings


@contextmanager
def executed_before(
    name: str, output: Path | None, settings: Settings, reporter: Reporter, *, who: str, version: str
) -> Iterator[Executed]:
    """A run as it stands in the ledger now, with its sheet; nothing is sent. The ledger stays open until the block
    ends.

    Args:
        name: the run's name, or the beginning of it.
        output: where its sheet is to go; None: beside the input.
        settings: must name the environment of the run.
        reporter: told of each step.
        who: the person who asks.
        version: of this program.
    Raises:
        LedgerError: there is no such run, or it was one of another environment.
        FileError: its file is gone or has changed since, so that its rows can't be trusted to be the same.
    """
    with Ledger.open(settings.ledger) as ledger:
        info = ledger.run(name)
        settings = replace(settings, action=_action_of(info))
        _check_same(info, settings)
        selection = SelectionOptions.from_json(info.options).without_resending()
        request = Request(input=Path(info.input), selection=selection, output=output, who=who, version=version)
        prepared = prepare(request, settings, ledger, reporter)
        rows = settle_rows(prepared.decided, by_key(()), NOT_YET)
        known = prepared.known()
        sent = known.index[known["run"] == info.run]
        interrupted = info.exit_code == 130
        yield Executed(prepared, info.run, rows, info.stopped, interrupted, info.calls, sent)


def _action_of(info: RunInfo) -> Action:
    try:
        return Action(info.action)
    except ValueError as error:
        raise LedgerError(
            f"Run {info.run} did something that this version does not know ({info.action})",
            "Use the newest version of bulk-cancel.",
        ) from error


def _check_same(info: RunInfo, settings: Settings) -> None:
    environment = settings.ledger_key.environment
    if info.environment != environment:
        raise LedgerError(
            f"Run {info.run} was one of {info.environment}, and the environment is {environment}",
            f"Say{where_said(info.environment) or ' --env sandbox'}.",
        )
    if info.service != settings.service.name:
        raise LedgerError(
            f"Run {info.run} was one of {info.service}, and the settings are those of {settings.service.name}",
            f"Set the service to {info.service}.",
        )
    source = Path(info.input)
    if not source.is_file() or file_digest(source) != info.digest:
        raise FileError(
            f"{source.name} is gone or has changed since run {info.run}, so its rows may be others now",
            f"`bulk-cancel evidence {info.run}` lists what was done with each AWB.",
            where=str(source.parent),
        )

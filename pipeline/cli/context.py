"""From arguments to the job: what a command needs before it can begin, and how it ends."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, NoReturn

import click

from pipeline import __version__
from pipeline.cli.from_file import notes_on_file, said_by_hand
from pipeline.errors import FileError, PipelineError, UsageError

if TYPE_CHECKING:
    from pipeline.event_log import EventLog
    from pipeline.jobs.deliver import Delivered
    from pipeline.jobs.prepare import Prepared
    from pipeline.jobs.request import Pace, Request
    from pipeline.model.options import SelectionOptions
    from pipeline.model.runs import RunInfo
    from pipeline.settings import Settings
    from pipeline.terminal import Terminal


STOPPING = ("SIGINT", "SIGTERM", "SIGHUP")
"""What asks a run to stop: Ctrl-C, the system, a terminal that is closed (not on Windows)."""


PACE_NAMES = ("batch_size", "strict", "fail_if_empty", "workers", "rate")
NOT_PICKING = frozenset(
    {"output", "as_format", *PACE_NAMES, "env", "account", "job", "log", "quiet", "verbose", "as_json", "yes"}
)
BESIDE_PLAN = frozenset(
    {"plan", "output", "as_format", "workers", "rate", "env", "account", "log", "quiet", "verbose", "as_json", "yes"}
)
"""Options that say how a command runs; every other one picks rows, and reaches ``SelectionOptions`` by its name.
``BESIDE_PLAN``: those that may be said with a sealed plan, which has decided everything else."""


OF_PLAN = "`bulk-cancel cancel` with this sheet sends the rows that still say yes; `bulk-cancel plans` shows its plan."


def requested(input: Path, options: dict[str, Any], *, need_service: bool) -> tuple[Request, Settings, Terminal]:
    from pipeline.jobs.request import Request

    gc.freeze()  # what the libraries made at their import stays, and need not be looked through for unused objects
    _check_names(input, options["output"])
    screen = screen_for(options)
    settings = settings_for(options["env"], options["account"], need_service=need_service)
    settings = replace(settings, log=options.get("log") or settings.log)
    for warning in settings.warnings:
        screen.warn(warning)
    selection, pace = selection_of(options), pace_of(options)
    request = Request(
        input=input, selection=selection, pace=pace, output=options["output"], who=who(), version=__version__,
        notes=notes_on_file(), as_workbook=options.get("as_format") == "xlsx",
    )  # fmt: skip
    return request, settings, screen


def _check_names(*paths: Path | None) -> None:
    """The ledger, the report and the summary hold names as text.

    Raises:
        FileError: a name whose bytes are no text, or that begins in a folder that is gone.
    """
    for path in paths:
        whole = _absolute(path) if path else Path()
        shown = os.fsencode(whole).decode("utf-8", "replace")
        if path and shown != str(whole):
            raise FileError("This name can't be read as text", "Rename the file or its folder.", where=shown)


def _absolute(path: Path) -> Path:
    try:
        return path.absolute()
    except OSError as error:
        step = "Change to a folder that is there (`cd`), and give the same command again."
        raise FileError("The folder that this was started in is gone, or may not be read", step) from error


def selection_of(options: dict[str, Any]) -> SelectionOptions:
    """The options that pick rows, from those that the command line gave; an unknown one is a TypeError."""
    from datetime import datetime

    from pipeline.model.options import SelectionOptions

    pick_from = options.get("pick_from")
    whole = str(_absolute(Path(pick_from))) if pick_from else None  # with the :HEADER behind it
    today = datetime.now().astimezone().date().isoformat()
    picking = {name: value for name, value in options.items() if name not in NOT_PICKING}
    return SelectionOptions(**{**picking, "pick_from": whole, "today": today})


def pace_of(options: dict[str, Any]) -> Pace:
    """How calls are made, from the options that the command line gave; a command without calls has none of them."""
    from pipeline.jobs.request import Pace

    return Pace(**{name: options[name] for name in PACE_NAMES if name in options})


def screen_for(options: dict[str, Any]) -> Terminal:
    from pipeline.terminal import Terminal

    return Terminal(
        quiet=options["quiet"], verbose=options["verbose"], yes=options.get("yes", False), as_json=options["as_json"]
    )


def settings_for(env: str | None, account: str | None, *, need_service: bool) -> Settings:
    from pipeline.settings import settings_here

    return settings_here(env, account=account, need_service=need_service)


def is_of(environment: str, settings: Settings, account: str | None) -> bool:
    """Whether a run or plan, by the environment that the ledger has of it, is one of the account that was named."""
    from pipeline.model.runs import account_in

    return account is None or account_in(environment) == settings.known_as


def runs_of(settings: Settings, account: str | None) -> Callable[[RunInfo], bool]:
    """The same of runs, for a list of them."""
    return lambda run: is_of(run.environment, settings, account)


def who() -> str:
    from pipeline.jobs.request import person_here

    return person_here()


def carry_out(request: Request, settings: Settings, screen: Terminal) -> int:
    """The whole job: read and plan, show it, ask, send, give the sheet back. Returns the exit code."""
    from pipeline.jobs.cancel import execute
    from pipeline.jobs.deliver import deliver
    from pipeline.jobs.prepare import courier_for, opened
    from pipeline.jobs.sealing import approved

    stop = stop_on_signals(screen)
    with logged("cancel", settings, screen) as log, opened(request, settings, screen) as found:
        preview = found.preview(groups=screen.tells)
        screen.preview(preview)
        _check_plan_alone(found)
        found.check_may_send()
        prepared = approved(found)
        screen.confirm(preview)
        with courier_for(prepared, log.call) as courier:
            executed = execute(prepared, courier, screen, stop)
        delivered = deliver(executed)
        log_end(log, delivered)
    screen.finished(delivered)
    return delivered.summary.exit_code


def carry_out_plan(name: str, options: dict[str, Any]) -> int:
    """Sends a plan that was sealed earlier, and nothing else. Returns the exit code."""
    from pipeline.jobs.cancel import execute
    from pipeline.jobs.planned import opened_plan
    from pipeline.jobs.prepare import courier_for
    from pipeline.jobs.sealing import approved

    _check_plan_decides()
    request, settings, screen = requested(Path(), options, need_service=True)
    stop = stop_on_signals(screen)
    with logged("cancel", settings, screen) as log, opened_plan(name, request, settings, screen) as planned:
        prepared = approved(planned.prepared)
        preview = prepared.preview(groups=screen.tells)
        screen.preview(preview)
        screen.confirm(preview)
        with courier_for(prepared, log.call) as courier:
            executed = execute(prepared, courier, screen, stop)
        delivered = planned.delivered(executed)
        log_end(log, delivered)
    screen.finished(delivered)
    return delivered.summary.exit_code


def _check_plan_alone(found: Prepared) -> None:
    """Raises UsageError where rows were picked by hand of a sheet whose plan has picked them."""
    beside = BESIDE_PLAN | {"input", "dry_run", "batch_size"}
    said = next((flag for name, flag in said_by_hand() if name not in beside), "")
    if found.sealed is not None and said:
        problem = f"{found.request.input.name} is the sheet of plan {found.sealed.name}, and {said} was given"
        raise UsageError(problem, f"The plan decides what is sent: leave {said} out.")


def _check_plan_decides() -> None:
    """Raises UsageError where something was said that the plan has decided already."""
    for name, said in said_by_hand():
        if name not in BESIDE_PLAN:
            step = "The plan decides what is sent: leave one of them out."
            raise UsageError(f"--plan and {said} were both given", step)


def plan_only(request: Request, settings: Settings, screen: Terminal) -> int:
    """The same job stopped before the first call: shows and writes what would happen; opens no socket."""
    from pipeline.jobs.deliver import deliver_plan
    from pipeline.jobs.prepare import opened
    from pipeline.jobs.sealing import sealed_for_later

    with logged("plan", settings, screen) as log, opened(request, settings, screen, infix="plan") as found:
        if found.sealed is not None:
            raise UsageError(f"{request.input.name} is the sheet of plan {found.sealed.name}", OF_PLAN)
        screen.preview(found.preview(groups=screen.tells), acts=False)
        prepared, why_not = sealed_for_later(found)
        if why_not:
            screen.warn(f"{why_not}.")
        delivered = deliver_plan(prepared)
        log_end(log, delivered)
    screen.finished(delivered)
    return delivered.summary.exit_code


@contextmanager
def logged(command: str, settings: Settings, screen: Terminal) -> Iterator[EventLog]:
    """The log of a command: how it begins, and how it ends where that is with a message.

    Raises:
        OutputError: it can't be opened.
    """
    from pipeline.event_log import open_log

    with open_log(settings.log) as log:
        log.event(
            "started", command=command, version=__version__, environment=str(settings.environment),
            account=settings.account_shown, host=settings.service.host, who=who(),
        )  # fmt: skip
        try:
            yield log
        except BaseException as error:
            code = error.exit_code if isinstance(error, PipelineError) else None
            log.event("ended", error=type(error).__name__, exit_code=code)
            raise
        finally:
            if log.broken:
                screen.warn(f"The log is not whole ({log.broken}); the ledger is.")


def log_end(log: EventLog, delivered: Delivered) -> None:
    """Writes how the command ended, in numbers."""
    summary = delivered.summary
    log.event(
        "finished", run=summary.run, plan=summary.plan, exit_code=summary.exit_code, calls=summary.calls,
        counts=dict(summary.counts), stopped=bool(summary.stopped),
    )  # fmt: skip


def stop_on_signals(screen: Terminal) -> Event:
    """The first Ctrl-C finishes the call in flight; the second leaves at once: what is open is Unknown."""
    stop = Event()

    def stop_softly(*_: object) -> None:
        if screen.asking:
            raise KeyboardInterrupt  # at the question nothing was sent: leave
        if stop.is_set():
            os._exit(130)
        stop.set()
        screen.warn("stopping after the call in flight; once more leaves at once (its AWBs are then Unknown)")

    for name in STOPPING:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop_softly)
    return stop


def end(code: int) -> NoReturn:
    sys.stdout.flush()
    click.get_current_context().exit(code)

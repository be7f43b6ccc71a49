"""The commands: arguments in, exit code out. Every trouble a person can mend becomes one message here."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, NoReturn

import click

from pipeline import __version__
from pipeline.errors import PipelineError, UsageTrouble

if TYPE_CHECKING:
    from pipeline.job import Job
    from pipeline.said import Said
    from pipeline.settings import Settings
    from pipeline.terminal import Terminal

HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

EXIT_CODES = """\b
Exit codes:
  0    every picked row is Success, or nothing was to be done
  1    finished; some rows are Failed, Invalid or Unknown
  2    could not start (usage, file, settings, not confirmed); nothing was sent
  3    stopped early; what was done is written; run the same command again to go on
  130  interrupted; what was done is written
"""

Decorated = Callable[..., Any]


def _options(*made: Callable[[Decorated], Decorated]) -> Callable[[Decorated], Decorated]:
    def apply(function: Decorated) -> Decorated:
        for option in reversed(made):
            function = option(function)
        return function

    return apply


INPUT = click.argument("input", type=click.Path(path_type=Path))

SHEET = _options(
    click.option("--sheet", metavar="NAME", help="The worksheet; by default the one whose headers fit best."),
    click.option("--header-row", type=click.IntRange(1), metavar="N", help="The row that holds the column names."),
    click.option("--profile", metavar="NAME|FILE.toml", help="How this system spells its columns and states."),
    click.option(
        "--column", "columns", multiple=True, metavar="NAME=HEADER",
        help="Which header is awb_number, order_ref, order_status, cancel, order_date, courier, amount, … (repeatable).",
    ),
)  # fmt: skip

PICKING = _options(
    click.option("--status", "statuses", multiple=True, metavar="VALUE", help="Pick rows in this state (repeatable)."),
    click.option("--older-than", type=click.IntRange(0), metavar="DAYS", help="Only orders at least so many days old."),
    click.option("--where", metavar="EXPR", help="Only rows for which this holds: amount > 500"),
    click.option("--all", "everything", is_flag=True, help="Pick every row that has an AWB."),
    click.option(
        "--pick-from", type=click.Path(path_type=Path), metavar="FILE",
        help="Pick the rows whose order reference stands in this file.",
    ),
    click.option("--allow-late", multiple=True, metavar="STATUS", help="Don't leave this late state out."),
    click.option("--include-hidden", is_flag=True, help="Also rows that are hidden or filtered away in the sheet."),
    click.option("--limit", type=click.IntRange(1), metavar="N", help="At most so many AWBs."),
    click.option("--retry-failed", is_flag=True, help="Ask again for AWBs that the service refused earlier."),
    click.option("--resend-unknown", is_flag=True, help="Send AWBs in doubt again, if tracking can't settle them."),
)  # fmt: skip

RUNNING = _options(
    click.option(
        "--env",
        metavar="sandbox|staging|production",
        help="Where to cancel; sandbox, the default, cancels nothing real.",
    ),
    click.option("-o", "--output", type=click.Path(path_type=Path), metavar="PATH", help="Where the sheet goes."),
    click.option("--json", "as_json", is_flag=True, help="The summary as JSON on stdout, and nothing else there."),
    click.option("-q", "--quiet", is_flag=True, help="Only the result."),
    click.option("-v", "--verbose", is_flag=True, help="Each call, too."),
)

RATE = click.option(
    "--rate", type=click.FloatRange(0, min_open=True), metavar="CALLS_PER_SECOND",
    help="At most so many calls a second; by default 1, and no limit in the sandbox.",
)  # fmt: skip

PACE = _options(
    click.option("--strict", is_flag=True, help="Send nothing if any picked row is Invalid."),
    click.option("--batch-size", type=click.IntRange(1, 100), default=100, show_default=True, help="AWBs in a call."),
    click.option("--workers", type=click.IntRange(1, 8), default=1, show_default=True, help="Calls at a time."),
    RATE,
    click.option("-y", "--yes", is_flag=True, help="Don't ask for the number of AWBs."),
    click.option("-n", "--dry-run", is_flag=True, help="Only plan."),
)  # fmt: skip


class Commands(click.Group):
    """The one place where a trouble becomes a message and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; a person's trouble ends in one message, Ctrl-C in 130."""
        try:
            return super().invoke(ctx)
        except PipelineError as trouble:
            click.echo(f"Error: {trouble}", err=True)
            ctx.exit(trouble.exit_code)
        except (KeyboardInterrupt, click.Abort):
            click.echo("Interrupted.", err=True)
            ctx.exit(130)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Finds the command; an unknown one suggests the nearest, and a file name the command that was meant."""
        import difflib

        if args and args[0] not in self.commands and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], self.commands, n=1)
            meant = f"cancel {args[0]}" if Path(args[0]).suffix else (near[0] if near else "")
            hint = f" Did you mean `bulk-cancel {meant}`?" if meant else " `bulk-cancel --help` lists the commands."
            ctx.fail(f"There is no command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    import platform
    from importlib.metadata import version

    libraries = ", ".join(f"{name} {version(name)}" for name in ("pandas", "pyarrow", "requests", "sqlalchemy"))
    click.echo(f"bulk-cancel {__version__} on Python {platform.python_version()}, {platform.system()} ({libraries})")
    ctx.exit()


@click.group(cls=Commands, context_settings=HELP, epilog=EXIT_CODES)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="The version, and what it runs on.",
)
def main() -> None:
    """Cancel the shipments of an order export at iThink Logistics, and get the same sheet back with three more
    columns: status, remark, refnum.

    Without --env nothing real is cancelled: a built-in service answers.

    \b
    Examples:
      bulk-cancel plan orders.xlsx                      what would be cancelled; nothing is sent
      bulk-cancel cancel orders.xlsx                    try it, in the sandbox
      bulk-cancel cancel orders.xlsx --env production   for real
    """


@main.command(context_settings=HELP, epilog=EXIT_CODES)
@INPUT
@SHEET
@PICKING
@PACE
@RUNNING
def cancel(input: Path, dry_run: bool, **said: Any) -> None:
    """Cancel the picked rows of INPUT and write the annotated sheet beside it.

    Rows are picked by --pick-from, by a yes/no column, by their order status, or --all; the first that applies.

    \b
    Examples:
      bulk-cancel cancel orders.xlsx
      bulk-cancel cancel orders.csv --status "Cancel Requested" --older-than 7
      bulk-cancel cancel courier.xlsx --pick-from erp.csv --env production
      bulk-cancel cancel orders.xlsx --env production --yes --json
    """
    from pipeline.run import cancel_orders, plan_orders

    job, settings, screen = _prepared(input, said, need_service=not dry_run)
    if dry_run:
        _end(plan_orders(job, settings, screen).exit_code)
    _end(cancel_orders(job, settings, screen, _stop_on_signals(screen)).exit_code)


@main.command(context_settings=HELP, epilog=EXIT_CODES)
@INPUT
@SHEET
@PICKING
@PACE
@RUNNING
def plan(input: Path, dry_run: bool, **said: Any) -> None:
    """Show what `cancel` would do with INPUT and write it as a sheet to review; nothing is sent.

    \b
    Examples:
      bulk-cancel plan orders.xlsx
      bulk-cancel plan orders.xlsx --where "courier = 'DTDC' and amount > 500"
    """
    from pipeline.run import plan_orders

    del dry_run  # it is one
    job, settings, screen = _prepared(input, said, need_service=False)
    _end(plan_orders(job, settings, screen).exit_code)


@main.command(context_settings=HELP)
@INPUT
@SHEET
@click.option("--all", "check_all", is_flag=True, help="Every row that was sent; writes a fourth column, verified.")
@RATE
@RUNNING
def verify(input: Path, check_all: bool, **said: Any) -> None:
    """Look up the Unknown rows of INPUT through tracking, settle what can be settled, and write the sheet again.

    Nothing is cancelled by looking. The rows are those that the last run of this file picked.
    """
    from pipeline.again import verify_orders

    job, settings, screen = _prepared(input, said, need_service=True)
    _end(verify_orders(job, settings, screen, _stop_on_signals(screen), everything=check_all).exit_code)


@main.command(context_settings=HELP)
@INPUT
@SHEET
@click.option("--json", "as_json", is_flag=True, help="As JSON on stdout.")
def inspect(input: Path, as_json: bool, **said: Any) -> None:
    """Show what is understood of INPUT: sheet, header row, column by column, row counts, and every doubtful cell."""
    from pipeline.again import inspect_orders
    from pipeline.terminal import Terminal

    inspect_orders(input, _said(said), Terminal(as_json=as_json))


@main.command(context_settings=HELP)
@click.argument("run", required=False)
@click.option("--csv", "as_csv", is_flag=True, help="For auditors: each AWB, when, by whom, what the service said.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def history(run: str | None, as_csv: bool, as_json: bool) -> None:
    """The runs in the ledger; with RUN (its name, or the beginning of it), its calls and rows."""
    from pipeline.again import show_history
    from pipeline.terminal import Terminal

    show_history(_settings(None, need_service=False), Terminal(as_json=as_json), run, as_csv=as_csv)


@main.command(context_settings=HELP)
@click.argument("run")
@RUNNING
def annotate(run: str, **options: Any) -> None:
    """Write the sheet and report of RUN again from the ledger; nothing is sent."""
    from pipeline.again import annotate_run

    settings = _settings(options["env"], need_service=False)
    _end(annotate_run(run, options["output"], settings, _screen(options), _who()).exit_code)


@main.command(context_settings=HELP)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="By default a free one.")
def sandbox(port: int) -> None:
    """Serve the built-in service on 127.0.0.1 until stopped, for trying the program or another client of it."""
    from pipeline.sandbox import ENDINGS, Sandbox

    stop = Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())

    def told(call: Any) -> None:
        click.echo(f"{call.path}: " + ", ".join(f"{awb} {done}" for awb, done in call.done.items()))

    try:
        service = Sandbox(port, on_call=told)
    except OSError as error:
        raise UsageTrouble(f"Port {port} can't be used ({error.strerror or error})", "Say another, or none.") from error
    with service:
        keys = service.service.credentials
        click.echo(f"Serving on 127.0.0.1:{service.port}; nothing real is cancelled. Ctrl-C stops it.")
        click.echo(f"  ITHINK_CANCEL_URL={service.service.cancel_url}")
        click.echo(f"  ITHINK_TRACK_URL={service.service.track_url}")
        click.echo(f"  ITHINK_ACCESS_TOKEN={keys.access_token}")
        click.echo(f"  ITHINK_SECRET_KEY={keys.secret_key}")
        click.echo("What becomes of an AWB is told by its last two characters:")
        for ending, fate in ENDINGS.items():
            click.echo(f"  …{ending}  {fate.value}")
        while not stop.wait(0.2):
            pass


# --- from arguments to the job ----------------------------------------------------------------------------------------


def _prepared(input: Path, options: dict[str, Any], *, need_service: bool) -> tuple[Job, Settings, Terminal]:
    from pipeline.job import Job

    screen = _screen(options)
    settings = _settings(options["env"], need_service=need_service)
    for warning in settings.warnings:
        screen.warn(warning)
    job = Job(
        input=input,
        said=_said(options),
        output=options["output"],
        batch_size=options.get("batch_size", 100),
        strict=options.get("strict", False),
        workers=options.get("workers", 1),
        rate=options.get("rate"),
        who=_who(),
        version=__version__,
    )
    return job, settings, screen


def _said(options: dict[str, Any]) -> Said:
    from datetime import datetime

    from pipeline.said import Said

    pick_from = options.get("pick_from")
    whole = str(pick_from.absolute()) if pick_from else None
    today = datetime.now().astimezone().date().isoformat()
    return Said.from_options({**options, "pick_from": whole, "today": today})


def _screen(options: dict[str, Any]) -> Terminal:
    from pipeline.terminal import Terminal

    return Terminal(
        quiet=options["quiet"], verbose=options["verbose"], yes=options.get("yes", False), as_json=options["as_json"]
    )


def _settings(env: str | None, *, need_service: bool) -> Settings:
    from platformdirs import user_data_path

    from pipeline.settings import read_settings

    ledger = user_data_path("bulk-cancel", appauthor=False) / "ledger.db"
    return read_settings(
        os.environ, Path(".env"), env=env, default_ledger=ledger, version=__version__, need_service=need_service
    )


def _who() -> str:
    import getpass
    import platform

    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "somebody"
    return f"{name} on {platform.node() or 'this machine'}"


def _stop_on_signals(screen: Terminal) -> Event:
    """The first Ctrl-C finishes the call in flight; the second leaves at once: what is open is Unknown."""
    stop = Event()

    def stop_softly(*_: object) -> None:
        if stop.is_set():
            os._exit(130)
        stop.set()
        screen.warn("stopping after the call in flight; once more leaves at once (its AWBs are then Unknown)")

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, stop_softly)
    return stop


def _end(code: int) -> NoReturn:
    sys.stdout.flush()
    click.get_current_context().exit(code)

"""The commands, each as a person types it: arguments in, exit code out."""

from __future__ import annotations

import signal
from pathlib import Path
from threading import Event
from typing import Any

import click

from pipeline.cli.context import end, prepared, said_by, screen_for, settings_for, stop_on_signals, who
from pipeline.cli.group import EXIT_CODES, HELP, main
from pipeline.cli.options import INPUT, PACE, PICKING, RATE, RUNNING, SHEET
from pipeline.errors import UsageTrouble


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

    job, settings, screen = prepared(input, said, need_service=not dry_run)
    if dry_run:
        end(plan_orders(job, settings, screen).exit_code)
    end(cancel_orders(job, settings, screen, stop_on_signals(screen)).exit_code)


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
    job, settings, screen = prepared(input, said, need_service=False)
    end(plan_orders(job, settings, screen).exit_code)


@main.command(context_settings=HELP, epilog=EXIT_CODES)
@INPUT
@SHEET
@click.option("--all", "check_all", is_flag=True, help="Every row that was sent; writes a fourth column, verified.")
@RATE
@RUNNING
def verify(input: Path, check_all: bool, **said: Any) -> None:
    """Look up the Unknown rows of INPUT through tracking, settle what can be settled, and write the sheet again.

    Nothing is cancelled by looking. The rows are those that the last run of this file picked.

    \b
    Examples:
      bulk-cancel verify orders.xlsx --env production
      bulk-cancel verify orders.xlsx --env production --all
    """
    from pipeline.again import verify_orders

    job, settings, screen = prepared(input, said, need_service=True)
    end(verify_orders(job, settings, screen, stop_on_signals(screen), everything=check_all).exit_code)


@main.command(context_settings=HELP)
@INPUT
@SHEET
@click.option("--json", "as_json", is_flag=True, help="As JSON on stdout.")
def inspect(input: Path, as_json: bool, **said: Any) -> None:
    """Show what is understood of INPUT: sheet, header row, column by column, row counts, and every doubtful cell.

    \b
    Examples:
      bulk-cancel inspect orders.xlsx
      bulk-cancel inspect orders.xlsx --sheet October --json
    """
    from pipeline.again import inspect_orders
    from pipeline.terminal import Terminal

    inspect_orders(input, said_by(said), Terminal(as_json=as_json))


@main.command(context_settings=HELP)
@click.argument("run", required=False)
@click.option("--csv", "as_csv", is_flag=True, help="For auditors: each AWB, when, by whom, what the service said.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def history(run: str | None, as_csv: bool, as_json: bool) -> None:
    """The runs in the ledger; with RUN (its name, or the beginning of it), its calls and rows.

    \b
    Examples:
      bulk-cancel history
      bulk-cancel history 20261123-105500-ab12 --csv
    """
    from pipeline.again import show_history
    from pipeline.terminal import Terminal

    show_history(settings_for(None, need_service=False), Terminal(as_json=as_json), run, as_csv=as_csv)


@main.command(context_settings=HELP, epilog=EXIT_CODES)
@click.argument("run")
@RUNNING
def annotate(run: str, **options: Any) -> None:
    """Write the sheet and report of RUN again from the ledger; nothing is sent.

    \b
    Examples:
      bulk-cancel annotate 20261123-105500-ab12
      bulk-cancel annotate 20261123-105500-ab12 --env production -o again.xlsx
    """
    from pipeline.again import annotate_run

    settings = settings_for(options["env"], need_service=False)
    end(annotate_run(run, options["output"], settings, screen_for(options), who()).exit_code)


@main.command(context_settings=HELP)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="By default a free one.")
def sandbox(port: int) -> None:
    """Serve the built-in service on 127.0.0.1 until stopped, for trying the program or another client of it.

    \b
    Examples:
      bulk-cancel sandbox
      bulk-cancel sandbox --port 8099
    """
    from pipeline.services.sandbox import ENDINGS, Sandbox

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

"""The commands, each as a person types it: arguments in, exit code out."""

from __future__ import annotations

import signal
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import click

from pipeline import __version__
from pipeline.cli.completion import ACCOUNTS, ENVIRONMENTS, PLANS, RUNS
from pipeline.cli.context import (
    carry_out,
    carry_out_plan,
    end,
    is_of,
    log_end,
    logged,
    plan_only,
    requested,
    runs_of,
    screen_for,
    selection_of,
    settings_for,
    stop_on_signals,
    who,
)
from pipeline.cli.group import EXIT_CODES, HELP, main
from pipeline.cli.options import (
    ACCOUNT,
    AS,
    INPUT,
    INPUT_OR_PLAN,
    JOB,
    LOG,
    PACE,
    PICKING,
    PLAN_NAME,
    RATE,
    RUNNING,
    SHEET,
    WORKERS,
)


@main.command(context_settings=HELP, epilog=EXIT_CODES)
@INPUT_OR_PLAN
@SHEET
@PICKING
@PACE
@AS
@RUNNING
@JOB
def cancel(input: Path | None, plan: str | None, dry_run: bool, **said: Any) -> None:
    """Cancel the picked rows of INPUT and write the annotated sheet beside it; or send a plan that was sealed before.

    Rows are picked by --pick-from, by a yes/no column, by their order status, or --all; the first that applies.

    \b
    Examples:
      bulk-cancel cancel orders.xlsx
      bulk-cancel cancel orders.csv --status "Cancel Requested" --older-than 7
      bulk-cancel cancel courier.xlsx --pick-from erp.csv --env production
      bulk-cancel cancel orders.xlsx --env production --yes --json
      bulk-cancel cancel --plan P-20261127-4f2a --env production
    """
    if plan is not None:
        end(carry_out_plan(plan, said))
    if input is None:
        raise click.UsageError("Say which file: bulk-cancel cancel INPUT; or which plan: bulk-cancel cancel --plan P-…")
    request, settings, screen = requested(input, said, need_service=not dry_run)
    if dry_run:
        end(plan_only(request, settings, screen))
    end(carry_out(request, settings, screen))


@main.command(context_settings=HELP, epilog=EXIT_CODES)
@INPUT
@SHEET
@PICKING
@PACE
@AS
@RUNNING
@JOB
def plan(input: Path, dry_run: bool, **said: Any) -> None:
    """Show what `cancel` would do with INPUT, seal it under a name, and write it as a sheet to review; nothing is sent.

    \b
    Examples:
      bulk-cancel plan orders.xlsx
      bulk-cancel plan orders.xlsx --where "courier = 'DTDC' and amount > 500"
    """
    del dry_run  # it is one
    end(plan_only(*requested(input, said, need_service=False)))


@main.command(context_settings=HELP, epilog=EXIT_CODES)
@INPUT
@SHEET
@click.option("--all", "check_all", is_flag=True, help="Every row that was sent; writes a fourth column, verified.")
@WORKERS
@RATE
@LOG
@AS
@RUNNING
def verify(input: Path, check_all: bool, **said: Any) -> None:
    """Look up the Unknown rows of INPUT through tracking, settle what can be settled, and write the sheet again.

    Nothing is cancelled by looking. The rows are those that the last run of this file picked.

    \b
    Examples:
      bulk-cancel verify orders.xlsx --env production
      bulk-cancel verify orders.xlsx --env production --all
    """
    from pipeline.jobs.deliver import deliver
    from pipeline.jobs.prepare import courier_for
    from pipeline.jobs.verify import opened_as_run, verify_orders

    request, settings, screen = requested(input, said, need_service=True)
    stop = stop_on_signals(screen)
    with (
        logged("verify", settings, screen) as log,
        opened_as_run(request, settings, screen) as prepared,
        courier_for(prepared, log.call) as courier,
    ):
        delivered = deliver(verify_orders(prepared, courier, screen, stop, everything=check_all))
        log_end(log, delivered)
    screen.finished(delivered)
    end(delivered.summary.exit_code)


@main.command(context_settings=HELP)
@INPUT
@SHEET
@click.option("--save", metavar="NAME|FILE.toml", help="Write a profile from it: a file, or a name in your own folder.")
@click.option("--json", "as_json", is_flag=True, help="As JSON on stdout.")
def inspect(input: Path, save: str | None, as_json: bool, **said: Any) -> None:
    """Show what is understood of INPUT: sheet, header row, column by column, row counts, and every doubtful cell.

    \b
    Examples:
      bulk-cancel inspect orders.xlsx
      bulk-cancel inspect orders.xlsx --sheet October --json
      bulk-cancel inspect orders.xlsx --column awb_number=Docket --save mine.toml
    """
    from pipeline.jobs.inspection import inspect_orders
    from pipeline.jobs.profile_file import save_profile
    from pipeline.terminal import Terminal

    found = inspect_orders(input, selection_of(said))
    screen = Terminal(as_json=as_json)
    screen.inspection(found)
    if save is not None:
        screen.warn(f"the profile was written: {save_profile(found, save)}")


@main.command(context_settings=HELP)
@click.argument("run", required=False, shell_complete=RUNS)
@ACCOUNT
@click.option("--csv", "as_csv", is_flag=True, help="Every event of the run: each AWB, when, by whom, what was said.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def history(run: str | None, as_csv: bool, as_json: bool, account: str | None) -> None:
    """The runs in the ledger; with RUN (its name, or the beginning of it), its calls and rows.

    \b
    Examples:
      bulk-cancel history
      bulk-cancel history 20261123-105500-ab12 --csv
    """
    from pipeline.jobs.history import latest_runs, past_run, past_runs
    from pipeline.terminal import MOST_RUNS, Terminal

    settings, screen = settings_for(None, account, need_service=False), Terminal(as_json=as_json)
    wanted = runs_of(settings, account)
    if run is not None:
        screen.run(past_run(settings, run), as_csv=as_csv)
    elif as_json:
        screen.runs_as_json([one for one in past_runs(settings) if wanted(one)])
    else:
        screen.runs(*latest_runs(settings, wanted, MOST_RUNS))


@main.command(context_settings=HELP)
@click.argument("what", metavar="FILE|RUN|PLAN|MONTH")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="PATH", help="An .xlsx or .csv to write.")
@click.option("--csv", "as_csv", is_flag=True, help="The lines as CSV on stdout; no file is written.")
@click.option("--env", metavar="sandbox|staging|production", shell_complete=ENVIRONMENTS, help="Only what went there.")
@click.option("--account", metavar="NAME", shell_complete=ACCOUNTS, help="Only what went out for this account.")
def evidence(what: str, output: Path | None, as_csv: bool, env: str | None, account: str | None) -> None:
    """For auditors: one line an AWB (order, amount, plan, who made and approved it, when it went out, final state).

    It follows a job through its interrupted runs, its plans and its verify, whichever of them you name. The second
    sheet of the workbook has every event.

    \b
    Examples:
      bulk-cancel evidence orders.xlsx
      bulk-cancel evidence P-20261127-4f2a -o evidence.csv
      bulk-cancel evidence 2026-11 --env production
    """
    from pipeline.jobs.evidence import gather_evidence, write_evidence
    from pipeline.terminal import Terminal

    settings = settings_for(None, account, need_service=False)
    found = gather_evidence(settings, what, env, settings.known_as if account else None)
    Terminal().evidence(found, None if as_csv else write_evidence(found, output))


@main.command(context_settings=HELP)
@click.argument("plan", required=False, shell_complete=PLANS)
@ACCOUNT
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def plans(plan: str | None, as_json: bool, account: str | None) -> None:
    """The sealed plans and how each stands; with PLAN (its name, or the beginning of it), what it would send.

    \b
    Examples:
      bulk-cancel plans
      bulk-cancel plans P-20261127-4f2a
    """
    from pipeline.jobs.plans import all_plans, one_plan
    from pipeline.terminal import Terminal

    settings, screen = settings_for(None, account, need_service=False), Terminal(as_json=as_json)
    if plan is None:
        screen.plans([one for one in all_plans(settings) if is_of(one.facts.key.environment, settings, account)])
    else:
        screen.plan(one_plan(settings, plan))


@main.command(context_settings=HELP)
@PLAN_NAME
@ACCOUNT
def approve(plan: str, account: str | None) -> None:
    """Say that PLAN may be sent: the word of a second person, where an account's rule demands one.

    Who you are is the user's name of this computer. Nobody can approve a plan of their own.

    \b
    Examples:
      bulk-cancel approve P-20261127-4f2a
    """
    from pipeline.jobs import plans
    from pipeline.terminal import Terminal

    Terminal().plan(plans.approve(settings_for(None, account, need_service=False), plan, who()))


@main.command(context_settings=HELP)
@PLAN_NAME
@ACCOUNT
@click.option("--because", default="", metavar="TEXT", help="Why; it stands in the list of plans.")
def reject(plan: str, because: str, account: str | None) -> None:
    """Say that PLAN must not be sent; that can't be taken back, but a new plan can be made.

    \b
    Examples:
      bulk-cancel reject P-20261127-4f2a --because "two of them were paid today"
    """
    from pipeline.jobs import plans
    from pipeline.terminal import Terminal

    Terminal().plan(plans.reject(settings_for(None, account, need_service=False), plan, who(), because))


@main.command(context_settings=HELP, epilog=EXIT_CODES)
@click.argument("run", shell_complete=RUNS)
@RUNNING
def annotate(run: str, **options: Any) -> None:
    """Write the sheet and report of RUN again from the ledger; nothing is sent.

    \b
    Examples:
      bulk-cancel annotate 20261123-105500-ab12
      bulk-cancel annotate 20261123-105500-ab12 --env production -o again.xlsx
    """
    from pipeline.jobs.deliver import deliver_again
    from pipeline.jobs.rewrite import executed_before

    settings, screen = settings_for(options["env"], options["account"], need_service=False), screen_for(options)
    with executed_before(run, options["output"], settings, screen, who=who(), version=__version__) as executed:
        delivered = deliver_again(executed)
    screen.finished(delivered)
    end(delivered.summary.exit_code)


@main.command(context_settings=HELP)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="By default a free one.")
def sandbox(port: int) -> None:
    """Serve the built-in service on 127.0.0.1 until stopped, for trying the program or another client of it.

    \b
    Examples:
      bulk-cancel sandbox
      bulk-cancel sandbox --port 8099
    """
    from pipeline.jobs.sandbox import WHAT_BECOMES_OF, served

    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())

    def show(call: Any) -> None:
        click.echo(f"{call.path}: " + ", ".join(f"{awb} {done}" for awb, done in call.done.items()))

    with served(port, show) as reached_by:
        address = urlsplit(reached_by["ITHINK_CANCEL_URL"]).netloc
        click.echo(f"Serving on {address}; nothing real is cancelled. Ctrl-C stops it.")
        for name, value in reached_by.items():
            click.echo(f"  {name}={value}")
        click.echo("What becomes of an AWB is told by its last two characters:")
        for ending, fate in WHAT_BECOMES_OF.items():
            click.echo(f"  …{ending}  {fate}")
        while not stop.wait(0.2):
            pass

"""The options that commands share, each with its help."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from pipeline.cli.completion import ACCOUNTS, ENVIRONMENTS, JOBS, PLANS, PROFILES, SHEETS, STATES
from pipeline.cli.from_file import take_job

Decorated = Callable[..., Any]


def _options(*made: Callable[[Decorated], Decorated]) -> Callable[[Decorated], Decorated]:
    def apply(function: Decorated) -> Decorated:
        for option in reversed(made):
            function = option(function)
        return function

    return apply


def _a_number(_: click.Context, __: click.Parameter, value: float | None) -> float | None:
    if value is not None and math.isnan(value):
        raise click.BadParameter("nan is not a number.")
    return value


INPUT = click.argument("input", type=click.Path(path_type=Path))

INPUT_OR_PLAN = _options(
    click.argument("input", type=click.Path(path_type=Path), required=False),
    click.option(
        "--plan", metavar="P-…", shell_complete=PLANS, help="Send a plan that was sealed before, and nothing else."
    ),
)

PLAN_NAME = click.argument("plan", shell_complete=PLANS)

SHEET = _options(
    click.option(
        "--sheet", metavar="NAME", shell_complete=SHEETS,
        help="The worksheet; by default the one whose headers fit best.",
    ),
    click.option("--header-row", type=click.IntRange(0), metavar="N", help="The row of column names; 0: none is."),
    click.option(
        "--profile", metavar="NAME|FILE.toml", shell_complete=PROFILES,
        help="How this system spells its columns and states.",
    ),
    click.option(
        "--column", "columns", multiple=True, metavar="NAME=HEADER",
        help="Which header is awb_number, order_ref, order_status, cancel, order_date, … (repeatable).",
    ),
)  # fmt: skip

PICKING = _options(
    click.option(
        "--status", "statuses", multiple=True, metavar="VALUE", shell_complete=STATES,
        help="Pick rows in this state (repeatable).",
    ),
    click.option("--older-than", type=click.IntRange(0), metavar="DAYS", help="Only orders at least so many days old."),
    click.option("--date-order", type=click.Choice(["dmy", "mdy", "ymd"]), help="How 03-04-2026 is read."),
    click.option("--where", metavar="EXPR", help="Only rows for which this holds: amount > 500"),
    click.option("--all", "everything", is_flag=True, help="Pick every row that has an AWB."),
    click.option(
        "--pick-from", metavar="FILE[:HEADER]",
        help="Pick the rows whose order reference or AWB stands in this file, in the column HEADER.",
    ),
    click.option("--awb", "awbs", multiple=True, metavar="AWB", help="Pick the rows of this AWB (repeatable)."),
    click.option(
        "--allow-late", multiple=True, metavar="STATUS", shell_complete=STATES,
        help="Don't leave this late or unknown state out.",
    ),
    click.option(
        "--too-late", multiple=True, metavar="STATUS", shell_complete=STATES,
        help="Leave rows in this state out, in any column.",
    ),
    click.option("--include-hidden", is_flag=True, help="Also rows that are hidden or filtered away in the sheet."),
    click.option("--limit", type=click.IntRange(1), metavar="N", help="At most so many AWBs."),
    click.option("--retry-failed", is_flag=True, help="Ask again for AWBs that the service refused earlier."),
    click.option("--resend-unknown", is_flag=True, help="Send AWBs in doubt again, if tracking can't settle them."),
)  # fmt: skip

ACCOUNT = click.option(
    "--account", metavar="NAME", shell_complete=ACCOUNTS,
    help="An account of bulk-cancel.toml; by default the one whose keys are in .env.",
)  # fmt: skip

JOB = click.option(
    "--job", metavar="NAME", is_eager=True, callback=take_job, shell_complete=JOBS,
    help="Take what is not typed here from [jobs.NAME] of bulk-cancel.toml.",
)  # fmt: skip

RUNNING = _options(
    ACCOUNT,
    click.option(
        "--env",
        metavar="sandbox|staging|production",
        shell_complete=ENVIRONMENTS,
        help="Where to cancel; by default what ITHINK_ENV says, else the sandbox, which cancels nothing real.",
    ),
    click.option("-o", "--output", type=click.Path(path_type=Path), metavar="PATH", help="Where the sheet goes."),
    click.option("--json", "as_json", is_flag=True, help="The summary as JSON on stdout, and nothing else there."),
    click.option("-q", "--quiet", is_flag=True, help="Only the result."),
    click.option("-v", "--verbose", is_flag=True, help="Each call, too."),
)

LOG = click.option(
    "--log", metavar="FILE", help="Write one JSON line an event to this file, each call too; no key, no customer."
)  # fmt: skip

AS = click.option(
    "--as", "as_format", type=click.Choice(["xlsx"]), help="A CSV comes back as a workbook, its AWBs as text."
)

RATE = click.option(
    "--rate", type=click.FloatRange(0, min_open=True), callback=_a_number, metavar="CALLS_PER_SECOND",
    help="At most so many calls a second; by default 1, and no limit in the sandbox.",
)  # fmt: skip

WORKERS = click.option(
    "--workers", type=click.IntRange(1, 8), default=1, show_default=True, help="Calls at a time."
)  # fmt: skip

PACE = _options(
    click.option("--fail-if-empty", is_flag=True, help="Exit code 2 if nothing is to be cancelled, for timers."),
    click.option("--strict", is_flag=True, help="Send nothing if any picked row is Invalid."),
    click.option("--batch-size", type=click.IntRange(1, 100), default=100, show_default=True, help="AWBs in a call."),
    WORKERS,
    RATE,
    LOG,
    click.option("-y", "--yes", is_flag=True, help="Don't ask for the number of AWBs."),
    click.option("-n", "--dry-run", is_flag=True, help="Only plan."),
)  # fmt: skip

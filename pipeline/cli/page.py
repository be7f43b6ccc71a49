"""`bulk-cancel page`: the whole job in a browser."""

from __future__ import annotations

import click

from pipeline.cli.completion import ENVIRONMENTS
from pipeline.cli.context import settings_for
from pipeline.cli.group import HELP, main
from pipeline.cli.options import ACCOUNT
from pipeline.errors import UsageError

EXTRA = "page"
"""The extra of this package that has the libraries of the page (pyproject.toml)."""


@main.command(context_settings=HELP)
@click.option(
    "--env",
    metavar="sandbox|staging|production",
    shell_complete=ENVIRONMENTS,
    help="Where to cancel; by default what ITHINK_ENV says, else the sandbox, which cancels nothing real.",
)
@ACCOUNT
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="By default a free one.")
@click.option("--no-browser", is_flag=True, help="Only show the link.")
@click.option(
    "--keep-days", type=click.IntRange(1, 3650), default=30, show_default=True, help="Delete sheets and results then."
)
@click.option(
    "--largest", type=click.IntRange(1, 2000), default=100, show_default=True, metavar="MB", help="Of a sheet."
)
def page(env: str | None, account: str | None, port: int, no_browser: bool, keep_days: int, largest: int) -> None:
    """Do the whole job in a browser on this computer: bring a sheet, look at the plan, send it, take the result.

    Only this computer can reach it, by a link that works once. Sheets and results are kept in the data folder.

    \b
    Examples:
      bulk-cancel page
      bulk-cancel page --env production
    """
    try:
        from pipeline.web.serving import serve
    except ModuleNotFoundError as error:
        raise UsageError(
            f"The page needs more libraries, and {error.name} is not installed",
            f"Install them with pip install 'ithink-bulk-cancel[{EXTRA}]', or start it with: make page",
        ) from error

    settings = settings_for(env, account, need_service=True)
    for warning in settings.warnings:
        click.echo(f"Note: {warning}", err=True)
    serve(settings, port=port, browser=not no_browser, keep_days=keep_days, largest_mb=largest, say=click.echo)

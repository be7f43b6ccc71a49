"""The program itself: its help, its exit codes, and the one place where a trouble becomes a message."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import click

from pipeline import __version__
from pipeline.cli.from_file import FromFile
from pipeline.cli.streams import ready_streams
from pipeline.errors import PipelineError
from pipeline.model.command_line import as_told

HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

EXIT_CODES = """\b
Exit codes:
  0    every picked row is Success, or nothing was to be done
  1    finished; some rows are Failed, Invalid or Unknown
  2    could not start (usage, file, settings, not confirmed); nothing was sent
  3    stopped early; what was done is written; run the same command again to go on
  130  interrupted; what was done is written
"""


COLLECT = (500_000, 20, 100)
"""How many new objects make Python look for unused ones (its own: 700, 10, 10). Rows are columns and not objects here,
and a call leaves 35 behind (measured): with Python's own, a sixth of a run's time goes into looking."""


class Commands(click.Group):
    """The one place where a trouble becomes a message and an exit code."""

    command_class = FromFile

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; a person's trouble ends in one message, Ctrl-C in 130."""
        ready_streams()
        gc.set_threshold(*COLLECT)
        try:
            return super().invoke(ctx)
        except PipelineError as trouble:
            click.echo(f"Error: {as_told(str(trouble))}", err=True)
            ctx.exit(trouble.exit_code)
        except (KeyboardInterrupt, click.Abort):
            click.echo("Interrupted.", err=True)
            ctx.exit(130)
        finally:
            gc.freeze()  # the process ends: Python would look through every object of every library once more

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

    Without --env the environment is what ITHINK_ENV says, in .env too; where it says nothing it is the sandbox, and
    nothing real is cancelled. Environment, account and host are shown before anything is asked or sent.

    \b
    Examples:
      bulk-cancel plan orders.xlsx                      what would be cancelled; nothing is sent
      bulk-cancel cancel orders.xlsx                    try it, in the sandbox
      bulk-cancel cancel orders.xlsx --env production   for real
    """

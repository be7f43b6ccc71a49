"""The words, colours and widths that everything on the terminal shares."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping
from decimal import Decimal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.model.asked import WHOLE
from pipeline.model.reasons import Finding
from pipeline.model.runs import Environment
from schemas.annotated import Status

COLOURS = {
    Status.SUCCESS: "green",
    Status.FAILED: "red",
    Status.UNKNOWN: "magenta",
    Status.INVALID: "yellow",
    Status.PLANNED: "cyan",
}
"""Never colour alone: the word always stands beside it."""

MEANINGS = {
    Status.SUCCESS: "cancelled: the service said yes, or tracking confirmed it",
    Status.FAILED: "the service said no: see the remark",
    Status.UNKNOWN: "sent, but no answer that can be believed: run verify",
    Status.INVALID: "not sent: the row must be mended first",
    Status.SKIPPED: "not picked, or left out: the remark says why",
    Status.NOT_SENT: "the run stopped first: run the same command again",
    Status.PLANNED: "would be cancelled",
}

BANNERS = {
    Environment.SANDBOX: "SANDBOX: the built-in service answers, and nothing real is cancelled.",
    Environment.STAGING: "STAGING: a test system; no real parcel is touched.",
    Environment.PRODUCTION: "PRODUCTION: real shipments are cancelled, and that can't be undone.",
}

ADDRESS = re.compile(r"https?://([^/\s]+)\S*")

WIDE = 240
"""Columns of what goes into a file or a pipe: nobody there folds a table, and many would have to unfold it."""


class _PatientConsole(Console):
    def on_broken_pipe(self) -> None:
        """Nobody reads on: the job does, in silence, and its exit code still says how it ended."""
        self.quiet = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.file.fileno())
        os.close(nowhere)


def console(*, stderr: bool) -> Console:
    """Where messages (``stderr``) or results go."""
    shown = (sys.stderr if stderr else sys.stdout).isatty()
    return _PatientConsole(
        stderr=stderr,
        markup=False,  # no text of a sheet is an instruction
        emoji=False,
        highlight=False,
        soft_wrap=not shown,
        width=_width(shown),
    )


def _width(shown: bool) -> int | None:
    """What ``COLUMNS`` says, if that is a width; else as wide as the terminal, which ``None`` asks each time."""
    said = os.environ.get("COLUMNS")
    if said and said.isdecimal() and int(said) > 0:
        return int(said)
    if not shown:
        return WIDE
    return None if said is None else shutil.get_terminal_size().columns


def with_host(environment: str) -> str:
    """An environment of the ledger with the host of its addresses only: ``staging pre-alpha.example.com``."""
    return ADDRESS.sub(r"\1", environment)


def with_commas(amount: object) -> str:
    """An exact amount for people: ``1299000.5`` is ``1,299,000.50``; of which currency is not known here."""
    return f"{Decimal(str(amount)):,.2f}"


def counted(number: int, thing: str) -> str:
    """``1 call``, ``1,200 calls``."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def first(found: Finding) -> str:
    """Where the first rows of a finding stand."""
    return ", ".join(found.first) + (", …" if found.count > len(found.first) else "")


def counts_table(counts: Mapping[str, int], rows: int) -> Table:
    """How many rows bear each status, and what it means."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for word in Status:
        if counts[word]:
            style = COLOURS.get(word, "")
            table.add_row(Text(word, style=style), Text(f"{counts[word]:,}", justify="right"), MEANINGS[word])
    table.add_row("rows", Text(f"{rows:,}", justify="right"), "read, blank ones included")
    return table


def sum_of_asked(asked: Mapping[str, int]) -> str:
    """``Asked for: 12 = 8 cancelled + 1 refused + 3 not found``; what there is none of is not named."""
    parts = " + ".join(f"{count:,} {word}" for word, count in asked.items() if count and word != WHOLE)
    return f"Asked for: {asked[WHOLE]:,}" + (f" = {parts}" if parts else "")

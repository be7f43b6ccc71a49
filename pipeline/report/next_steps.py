"""How to go on after a run: what a person does about each kind of row, and the command to type. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from pipeline.model.command_line import as_typed
from pipeline.model.runs import DEFAULT_ACCOUNT, Environment, account_in
from pipeline.report.summary import Summary
from schemas.annotated import Status

NEXT_STEP = {
    Status.UNKNOWN: "It may be cancelled. Run verify; if it stays in doubt, look it up in the iThink panel.",
    Status.FAILED: "Read the remark. If it is still on its way: cancel it with the courier, or arrange a return.",
    Status.INVALID: "Mend this row in your export and run the same command again.",
}
"""What a person does about a row."""

PLAIN_NAME = re.compile(r"[\w./:\\+@-]+")
"""File names that need no quotes in any shell."""

NEEDS_SINGLE_QUOTES = re.compile(r"[\"$`!]")
"""Characters that a shell would take for its own between double quotes."""


def word_of(environment: str) -> str:
    """``staging`` of ``staging https://…`` (the ledger's key names the address where it was replaced)."""
    return environment.partition(" ")[0]


def where_said(environment: str) -> str:
    """What is typed behind a command so that it runs where this one did: `` --account north``, `` --env staging``."""
    stage, account = word_of(environment), account_in(environment)
    if account == DEFAULT_ACCOUNT:
        return "" if stage == Environment.SANDBOX else f" --env {stage}"
    return f" --account {account}" + (f" --env {stage}" if stage == Environment.SANDBOX else "")


def onward(summary: Summary, options: str = "") -> list[tuple[str, str]]:
    """The next steps, most pressing first: what to do, and the command to type or "".

    Args:
        summary: the numbers of the run or plan.
        options: what was said of the rows, as it is typed: the command after a plan must pick the same ones.
    """
    steps = _after_plan(summary, options) if not summary.run else _after_run(summary)
    return [(what, as_typed(command)) for what, command in steps]


def _after_plan(summary: Summary, options: str) -> Iterator[tuple[str, str]]:
    if summary.counts[Status.INVALID]:
        yield "Mend the Invalid rows in your export, or leave them: they are never sent.", ""
    if summary.counts[Status.PLANNED]:
        if summary.plan:
            yield "Look the sheet over, then send this plan, and nothing else:", _planned(summary)
        yield "Look the sheet over, then cancel:", " ".join(filter(None, (_command("cancel", summary), options)))
    else:
        yield "Nothing would be sent. The reasons below say why rows were left out.", ""


def _after_run(summary: Summary) -> Iterator[tuple[str, str]]:
    counts = summary.counts
    if counts[Status.NOT_SENT]:
        yield "Some rows were not sent: run the same command again. What is settled is not sent again.", ""
    if counts[Status.UNKNOWN]:
        yield (
            "Look the Unknown rows up, some minutes later; nothing is cancelled by looking:",
            _command("verify", summary),
        )
        yield "Still Unknown and still live in the iThink panel: cancel it there, or add --resend-unknown.", ""
    if counts[Status.FAILED]:
        yield "Failed rows are not asked again by themselves. If the reason has gone, add --retry-failed.", ""
    if counts[Status.INVALID]:
        yield "Mend the Invalid rows in your export, save it, and run the same command again.", ""
    if word_of(summary.environment) == "sandbox":
        keys = "With your keys in .env, see" if account_in(summary.environment) == DEFAULT_ACCOUNT else "See"
        yield f"This was the sandbox. {keys} what would really be sent:", _for_real(summary)
    elif counts[Status.SUCCESS]:
        yield "Bring the result back into the ERP: filter the sheet by status, match by order reference.", ""
    yield "For the auditor, one line an AWB, through all runs of this file:", f"bulk-cancel evidence {summary.run}"


def annotate_command(run: str, environment: str, output: str = "") -> str:
    """What writes the sheet of a run again, as it is typed; ``output``: where it was to go, if a person said so."""
    command = f"bulk-cancel annotate {run}{where_said(environment)}"
    return f"{command} -o {quoted(output)}" if output else command


def _for_real(summary: Summary) -> str:
    account = account_in(summary.environment)
    where = " --env production" if account == DEFAULT_ACCOUNT else f" --account {account}"
    return f"bulk-cancel plan {quoted(summary.input)}{where}"


def _command(verb: str, summary: Summary) -> str:
    return f"bulk-cancel {verb} {quoted(summary.input)}{where_said(summary.environment)}"


def _planned(summary: Summary) -> str:
    return f"bulk-cancel cancel --plan {summary.plan}{where_said(summary.environment)}"


def quoted(name: str) -> str:
    """A file name as it is typed: bare, in double quotes (every shell), or as a Unix shell wants it."""
    if PLAIN_NAME.fullmatch(name):
        return name
    return shlex.quote(name) if NEEDS_SINGLE_QUOTES.search(name) else f'"{name}"'

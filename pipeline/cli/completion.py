"""What the shell offers for an option's value: environments, profiles, runs, plans, and what stands in the file.

Nothing is sent, written or asked; what can't be found out offers nothing, for a message would land in the middle of
what a person types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from pipeline.errors import PipelineError

if TYPE_CHECKING:
    from pipeline.jobs.inspection import Inspection

LARGEST_READ = 5_000_000
"""Bytes of a file that is read for a completion: about a second; a larger one offers nothing."""

MOST_OFFERED = 50

Offer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
Known = Iterable[tuple[str, str]]
"""What can be typed, and a word of help beside it."""


def offering(find: Callable[[click.Context], Known]) -> Offer:
    """Turns a list of what there is into what click asks for."""

    def offer(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
        try:
            known = list(find(ctx))
        except (PipelineError, OSError):
            return []
        fit = [CompletionItem(word, help=about) for word, about in known if word.lower().startswith(incomplete.lower())]
        return fit[:MOST_OFFERED]

    return offer


def _environments(_: click.Context) -> Known:
    from pipeline.model.runs import Environment

    return [(one.value, "") for one in Environment]


def _profiles(_: click.Context) -> Known:
    from pipeline.jobs.profile_file import own_profiles
    from schemas.columns import profiles

    here = [
        (path.name, "a file in this folder") for path in sorted(Path().glob("*.toml")) if path.name != "pyproject.toml"
    ]
    own = [(name, "a profile of yours") for name in own_profiles()]
    return [*((one.name, one.title) for one in profiles()), *own, *here]


def _accounts(_: click.Context) -> Known:
    from pipeline.config import load_config
    from pipeline.model.runs import DEFAULT_ACCOUNT

    return [(DEFAULT_ACCOUNT, "the keys in .env"), *((name, "") for name in load_config(Path()).names("accounts"))]


def _jobs(_: click.Context) -> Known:
    from pipeline.config import load_config

    return [(name, "") for name in load_config(Path()).names("jobs")]


def _runs(_: click.Context) -> Known:
    from pipeline.cli.context import settings_for
    from pipeline.jobs.history import past_runs

    runs = past_runs(settings_for(None, None, need_service=False))
    return [(run.run, f"{run.command} {Path(run.input).name}") for run in runs]


def _plans(_: click.Context) -> Known:
    from pipeline.cli.context import settings_for
    from pipeline.jobs.plans import all_plans

    now = datetime.now(UTC)
    return [(one.name, one.stands(now)) for one in all_plans(settings_for(None, None, need_service=False))]


def _inspected(ctx: click.Context, *, sheet: str | None = None, profile: str | None = None) -> Inspection | None:
    """What is understood of the file that was typed already, if it is one, and not a large one."""
    from pipeline.jobs.inspection import inspect_orders
    from pipeline.model.options import SelectionOptions

    typed = [
        Path(word) for word in (ctx.params.get("input"), *ctx.args) if word
    ]  # not an input yet: the line has no end
    path = next((one for one in typed if one.is_file()), None)
    if path is None or path.stat().st_size > LARGEST_READ:
        return None
    return inspect_orders(path, SelectionOptions(sheet=sheet, profile=profile))


def _sheets(ctx: click.Context) -> Known:
    found = _inspected(ctx)
    return [(name, how if how != "visible" else "") for name, how in found.sheets] if found else []


def _states(ctx: click.Context) -> Known:
    found = _inspected(ctx, sheet=ctx.params.get("sheet"), profile=ctx.params.get("profile"))
    return [(one.word, f"{one.count} rows") for one in found.statuses] if found else []


ACCOUNTS = offering(_accounts)
JOBS = offering(_jobs)
ENVIRONMENTS = offering(_environments)
PROFILES = offering(_profiles)
RUNS = offering(_runs)
PLANS = offering(_plans)
SHEETS = offering(_sheets)
STATES = offering(_states)

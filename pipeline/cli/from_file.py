"""Takes the options that nobody typed from `bulk-cancel.toml`: those of --job, then those of [defaults].

What is typed wins over the job, and the job over the defaults.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.errors import UsageError

if TYPE_CHECKING:
    from pipeline.config import ConfigFile

ONLY_TYPED = {
    "yes": "A file can't confirm anything: say --yes with the command.",
    "plan": "Say --plan with the command.",
    "job": "A job can't call another one.",
    "dry_run": "Say --dry-run with the command, or use `bulk-cancel plan`.",
}
"""Options that no file may hold, and why."""

ORIGINS = "bulk-cancel.origins"
"""Where a command's context keeps from which table each option was taken."""

Origins = Mapping[str, tuple[str, Any]]
"""By the option's name in the program: the table as it is written, and its value there."""


class FromFile(click.Command):
    """A command whose options can stand in `bulk-cancel.toml`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Lays the file's values under what is typed; --help reads no file."""
        if not ctx.resilient_parsing and not {"-h", "--help"} & set(args):
            from pipeline.config import load_config

            lay_under(ctx, load_config(Path()), ("defaults",))
        return super().parse_args(ctx, args)


def take_job(ctx: click.Context, _: click.Parameter, name: str | None) -> str | None:
    """The callback of --job, which is read before the other options.

    Raises:
        UsageError: there is no such job, or something in it can't be.
    """
    if name is None or ctx.resilient_parsing:
        return name
    from pipeline.config import load_config

    config = load_config(Path())
    names = config.names("jobs")
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        meant = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(names) or 'none yet'}."
        where = str(config.path) if config.path else ""
        raise UsageError(f"There is no job {name!r} in bulk-cancel.toml", f"{meant} Nothing was sent.", where=where)
    lay_under(ctx, config, ("jobs", name))
    return name


def lay_under(ctx: click.Context, config: ConfigFile, table: tuple[str, ...]) -> None:
    """Lays the values of a table over those that were laid before, and under what is typed.

    Raises:
        UsageError: a key is no option of `cancel`, or its value can't be; with the line and the key.
    """
    options = _options_of_cancel(ctx)
    config.check_keys(table, [*options, *(name.replace("_", "-") for name in options)])
    own = {one.name for one in ctx.command.params}
    origins: dict[str, tuple[str, Any]] = dict(ctx.meta.get(ORIGINS, {}))
    for key, value in config.table(*table).items():
        name = key.replace("-", "_")
        if name in ONLY_TYPED:
            config.refuse(table, key, "can't stand in a file", ONLY_TYPED[name])
        option = options[name]
        read = _value(ctx, config, table, key, option, value)
        if option.name in own and option.name is not None:
            origins[option.name] = (f"[{'.'.join(table)}]", read)
    ctx.meta[ORIGINS] = origins
    ctx.default_map = {name: value for name, (_, value) in origins.items()}


def _options_of_cancel(ctx: click.Context) -> dict[str, click.Option]:
    """The options of `cancel` as they are typed, without dashes in front and with _ between."""
    group = ctx.parent.command if ctx.parent else None
    command = group.commands["cancel"] if isinstance(group, click.Group) else ctx.command
    return {one.opts[-1].lstrip("-").replace("-", "_"): one for one in command.params if isinstance(one, click.Option)}


def _value(
    ctx: click.Context, config: ConfigFile, table: tuple[str, ...], key: str, option: click.Option, value: Any
) -> Any:
    """The value as the command line would have read it; TOML's own kinds must fit, so that true is never a 1."""
    listed = value if isinstance(value, list) and option.multiple else [value]
    for one in listed:
        fits = isinstance(one, bool) == option.is_flag and isinstance(one, int | float | str)
        whole = not isinstance(option.type, click.types.IntParamType) or not isinstance(one, float)
        if not (fits and whole):
            config.refuse(table, key, "has a value of the wrong kind", _kind_of(option))
    shaped = listed if option.multiple else listed[0]
    try:
        option.process_value(ctx, shaped)
    except click.BadParameter as error:
        config.refuse(table, key, "has a value that can't be", error.message)
    return shaped


def _kind_of(option: click.Option) -> str:
    if option.is_flag:
        return "Write true or false, without quotes."
    if option.multiple:
        return 'Write a text, or a list such as ["A", "B"].'
    return "Write a whole number." if isinstance(option.type, click.types.IntParamType) else "Write one value."


def said_by_hand() -> Iterator[tuple[str, str]]:
    """What was typed with this command: the option's name in the program, and as it is typed."""
    context = click.get_current_context()
    for option in context.command.params:
        if context.get_parameter_source(option.name or "") is click.core.ParameterSource.COMMANDLINE:
            yield option.name or "", option.opts[-1] if isinstance(option, click.Option) else "INPUT"


def notes_on_file() -> tuple[str, ...]:
    """What was taken from `bulk-cancel.toml`, table by table, and what was typed in the place of it."""
    context = click.get_current_context()
    typed = {name for name, _ in said_by_hand()}
    flags = {one.name: one.opts[-1] for one in context.command.params}
    origins: Origins = context.meta.get(ORIGINS, {})
    tables: dict[str, list[str]] = {}
    for name, (table, value) in origins.items():
        tables.setdefault(table, []).append(
            _shown(flags[name], value) + (" (typed otherwise)" if name in typed else "")
        )
    return tuple(f"From bulk-cancel.toml, {table}: {', '.join(said)}" for table, said in tables.items())


def _shown(flag: str, value: Any) -> str:
    if isinstance(value, bool):
        return flag if value else f"{flag} (no)"
    return f"{flag} {', '.join(map(str, value)) if isinstance(value, list) else value}"

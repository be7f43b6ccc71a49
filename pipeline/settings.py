"""What the environment, ``.env`` and ``bulk-cancel.toml`` say: which service, whose keys, where the ledger lies."""

from __future__ import annotations

import difflib
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline import __version__
from pipeline.config import Account, ConfigFile, Identity, check_no_key, load_config, read_account, resolve_key
from pipeline.config.accounts import KEYS as ACCOUNT_KEYS
from pipeline.config.config_file import own_folder
from pipeline.config.key_places import HOW
from pipeline.errors import UsageError
from pipeline.model.runs import DEFAULT_ACCOUNT, Action, Environment, LedgerKey, with_account
from pipeline.services import ADDRESSES, CREDENTIALS, SETTING_NAMES, read_service
from pipeline.services.contract import NetworkOptions, ServiceSettings
from pipeline.services.setting_values import read_approval, read_line, read_seconds

NAMES = (
    "ITHINK_ENV",
    *SETTING_NAMES,
    "ITHINK_TIMEOUT",
    "ITHINK_USER_AGENT",
    "BULK_CANCEL_LEDGER",
    "BULK_CANCEL_LOG",
    "BULK_CANCEL_APPROVAL",
    "BULK_CANCEL_APPROVAL_FROM",
)
"""Every setting there is (docs/interface.md, "Settings")."""

OF_EVERY_ACCOUNT = ("ITHINK_TIMEOUT", "ITHINK_USER_AGENT", "BULK_CANCEL_LEDGER", "BULK_CANCEL_LOG")
"""Settings that an account of ``bulk-cancel.toml`` shares; every other one is the account ``default``'s own."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a run takes from outside its command line; the keys don't show in ``repr``.

    ``ledger`` is a path or an SQLAlchemy URL. ``action``: what the command does with AWBs.
    """

    environment: Environment
    service: ServiceSettings
    network: NetworkOptions
    ledger: str = field(repr=False)  # an URL may hold a password
    approval_from: int | None = None  # AWBs from which another person approves a plan; -1: nobody; None: not said
    warnings: tuple[str, ...] = ()
    log: str = ""  # the file to which events are written; "": none
    action: Action = Action.CANCEL
    account_name: str = DEFAULT_ACCOUNT
    known_as: str = DEFAULT_ACCOUNT  # the account's name in the ledger
    calls_per_second: float | None = None  # None: the default of the environment
    identity: Identity = Identity.COMPUTER
    notify: tuple[str, ...] = field(default=(), repr=False)  # an address may hold a key

    @property
    def ledger_key(self) -> LedgerKey:
        """What the ledger keeps the AWBs under; the environment with its address, where that was replaced, and with
        the account."""
        return LedgerKey(self.service.name, with_account(self.service.environment, self.known_as), self.action)

    @property
    def account_shown(self) -> str:
        """The account for a person to see: its name, where it has one, and its digest."""
        return self.account if self.account_name == DEFAULT_ACCOUNT else f"{self.account_name} ({self.account})"

    @property
    def page_folder(self) -> Path:
        """Where the page keeps sheets and its queue: beside a ledger that is a file, else in the user's data folder."""
        if "://" not in self.ledger:
            return Path(self.ledger).absolute().parent / "page"
        from platformdirs import user_data_path

        return user_data_path("bulk-cancel", appauthor=False) / "page"

    @property
    def account(self) -> str:
        """A digest that tells accounts apart; never a key."""
        return self.service.account


def read_settings(
    environ: Mapping[str, str],
    dotenv: Path,
    *,
    env: str | None,
    default_ledger: Path,
    version: str,
    need_service: bool = True,
) -> Settings:
    """Reads the settings: the flag wins over the environment, the environment over ``.env``.

    Args:
        environ: the process environment.
        dotenv: the ``.env`` of the working folder; may be absent.
        env: what ``--env`` says, or None.
        default_ledger: where the ledger lies unless ``BULK_CANCEL_LEDGER`` says otherwise.
        version: of this program, for the user agent.
        need_service: False for commands that send nothing: they want no credentials.
    Raises:
        UsageError: a value can't be had, credentials are missing, an address is not allowed.
    """
    values, warnings = _merged(environ, dotenv)
    environment = _environment(env or values.get("ITHINK_ENV") or Environment.SANDBOX)
    if environment is Environment.SANDBOX:
        warnings += [f"{name} is ignored in the sandbox" for name in ADDRESSES if values.get(name)]
    found = _settings(environment, values, default_ledger, version, need_service=need_service)
    return replace(found, warnings=tuple(warnings))


def _settings(
    environment: Environment, values: Mapping[str, str], default_ledger: Path, version: str, *, need_service: bool
) -> Settings:
    return Settings(
        environment=environment,
        service=read_service(environment, values, need_credentials=need_service),
        network=NetworkOptions(read_seconds(values.get("ITHINK_TIMEOUT", "")), _user_agent(values, version)),
        ledger=values.get("BULK_CANCEL_LEDGER") or str(default_ledger),
        approval_from=read_approval(values),
        log=values.get("BULK_CANCEL_LOG", ""),
    )


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a process finds around it: its environment, the ``.env`` of its folder, and where a ledger lies unless
    ``BULK_CANCEL_LEDGER`` says otherwise; ``version``: of this program, for the user agent."""

    environ: Mapping[str, str] = field(repr=False)
    dotenv: Path
    default_ledger: Path
    version: str


def account_settings(
    config: ConfigFile, name: str, around: Surroundings, *, env: str | None, need_service: bool = True
) -> Settings:
    """The settings of an account of ``bulk-cancel.toml``; only what is no account's is taken from elsewhere.

    Args:
        config: the file.
        name: the account's.
        around: the process.
        env: what ``--env`` says: the account's own environment, or the sandbox, as a rehearsal; or None.
        need_service: as for ``read_settings``.
    Raises:
        UsageError: there is no such account, something in it can't be, a key can't be had, or ``env`` is another's.
    """
    account = read_account(config, name)
    environment = _environment(env) if env else account.environment
    if environment not in (account.environment, Environment.SANDBOX):
        problem = f"Account {name} is one of {account.environment}, and --env says {environment}"
        raise UsageError(problem, "An account has one environment, beside the sandbox. Nothing was sent.")
    try:
        read_approval(account.settings)
    except UsageError as trouble:
        step = trouble.next_step.replace("BULK_CANCEL_APPROVAL=", "approval = ")
        config.refuse(("accounts", name), "approval", "and approval_from can't be so", step)
    shared, warnings = _merged(around.environ, around.dotenv)
    values = {key: value for key, value in shared.items() if key in OF_EVERY_ACCOUNT} | dict(account.settings)
    if environment is not Environment.SANDBOX:
        values |= _keys_of(config, account, around.environ, warnings, needed=need_service)
    found = _settings(environment, values, around.default_ledger, around.version, need_service=need_service)
    return replace(
        found,
        warnings=tuple(warnings),
        account_name=name,
        known_as=account.known_as,
        calls_per_second=account.calls_per_second,
        identity=account.identity,
        notify=account.notify,
    )


def _keys_of(
    config: ConfigFile, account: Account, environ: Mapping[str, str], warnings: list[str], *, needed: bool
) -> dict[str, str]:
    """The keys by the names of their settings; what can't be had is a warning for a command that sends nothing."""
    folder, table = config.path.parent if config.path else Path(), ("accounts", account.name)
    found: dict[str, str] = {}
    for setting, key in zip(CREDENTIALS, ACCOUNT_KEYS, strict=True):
        place = account.places.get(key)
        if place is None:
            config.refuse(table, key, "is not set", HOW)
        try:
            found[setting] = resolve_key(place, environ, folder)
        except UsageError as trouble:
            if needed:
                config.refuse(table, key, trouble.problem, trouble.next_step)
            warnings.append(f"{config.place(table, key)}: {key} {trouble.problem}")
    return found


def settings_here(env: str | None, *, account: str | None = None, need_service: bool = True) -> Settings:
    """The settings of this process: its environment, the ``.env`` and ``bulk-cancel.toml`` of its folder or user, the
    ledger of this user.

    Every screen asks here: two that looked for the ledger in two places would send an AWB twice.

    Args:
        env: the environment that a person named, or None.
        account: the account that a person named; None: ``default``, that of ``.env``.
        need_service: as for ``read_settings``.
    Raises:
        UsageError: as ``read_settings``.
    """
    import os

    from platformdirs import user_data_path

    ledger = own_folder(user_data_path) / "ledger.db"
    config, dotenv = load_config(Path()), Path(".env")
    check_no_key(config)
    if account is None or account == DEFAULT_ACCOUNT:
        return read_settings(
            os.environ, dotenv, env=env, default_ledger=ledger, version=__version__, need_service=need_service
        )
    around = Surroundings(os.environ, dotenv, ledger, __version__)
    return account_settings(config, account, around, env=env, need_service=need_service)


def _user_agent(values: Mapping[str, str], version: str) -> str:
    return read_line("ITHINK_USER_AGENT", values.get("ITHINK_USER_AGENT") or f"ithink-bulk-cancel/{version}")


def _merged(environ: Mapping[str, str], dotenv: Path) -> tuple[dict[str, str], list[str]]:
    from dotenv import dotenv_values

    warnings = []
    values: dict[str, str] = {}
    if dotenv.is_file():
        try:
            found = dotenv_values(dotenv, interpolate=False)
        except OSError as error:
            raise UsageError(
                f"The file .env can't be read ({error.strerror or error})",
                "Give yourself the right to read it.",
                where=str(dotenv),
            ) from error
        except UnicodeDecodeError as error:
            raise UsageError("The file .env is no text", "Save it as plain text (UTF-8).", where=str(dotenv)) from error
        values = {name: value for name, value in found.items() if value is not None}
        if any(values.get(name) for name in CREDENTIALS) and _others_can_read(dotenv):
            warnings.append("other users of this machine can read .env, which holds your keys: run  chmod 600 .env")
        warnings += [_misspelt(name) for name in values if name.startswith("ITHINK_") and name not in NAMES]
    values |= {name: environ[name] for name in NAMES if name in environ}
    return {name: value.strip() for name, value in values.items()}, warnings


def _misspelt(name: str) -> str:
    near = difflib.get_close_matches(name, NAMES, n=1)
    return f".env: {name} is no setting of this program" + (f": did you mean {near[0]}?" if near else "")


def _others_can_read(path: Path) -> bool:
    import os

    return os.name == "posix" and bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))


def _environment(word: str) -> Environment:
    try:
        return Environment(word.strip().lower())
    except ValueError as error:
        known = ", ".join(Environment)
        raise UsageError(f"There is no environment {word!r}", f"ITHINK_ENV and --env take one of: {known}.") from error

"""What the environment and ``.env`` say: which service, whose keys, how long to wait, where the ledger lies."""

from __future__ import annotations

import difflib
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline import __version__
from pipeline.errors import UsageError
from pipeline.model.runs import Action, Environment, LedgerKey
from pipeline.services import ADDRESSES, CREDENTIALS, SETTING_NAMES, read_service
from pipeline.services.contract import NetworkOptions, ServiceSettings
from pipeline.services.setting_values import read_approval, read_line, read_seconds

NAMES = (
    "ITHINK_ENV",
    *SETTING_NAMES,
    "ITHINK_TIMEOUT",
    "ITHINK_USER_AGENT",
    "BULK_CANCEL_LEDGER",
    "BULK_CANCEL_APPROVAL",
    "BULK_CANCEL_APPROVAL_FROM",
)
"""Every setting there is (docs/interface.md, "Settings")."""


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
    action: Action = Action.CANCEL

    @property
    def ledger_key(self) -> LedgerKey:
        """What the ledger keeps the AWBs under; the environment with its address, where that was replaced."""
        return LedgerKey(self.service.name, self.service.environment, self.action)

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
    return Settings(
        environment=environment,
        service=read_service(environment, values, need_credentials=need_service),
        network=NetworkOptions(read_seconds(values.get("ITHINK_TIMEOUT", "")), _user_agent(values, version)),
        ledger=values.get("BULK_CANCEL_LEDGER") or str(default_ledger),
        approval_from=read_approval(values),
        warnings=tuple(warnings),
    )


def settings_here(env: str | None, *, need_service: bool = True) -> Settings:
    """The settings of this process: its environment, the ``.env`` of its folder, the ledger of this user.

    Every screen asks here: two that looked for the ledger in two places would send an AWB twice.

    Args:
        env: the environment that a person named, or None.
        need_service: as for ``read_settings``.
    Raises:
        UsageError: as ``read_settings``.
    """
    import os

    from platformdirs import user_data_path

    ledger = user_data_path("bulk-cancel", appauthor=False) / "ledger.db"
    return read_settings(
        os.environ, Path(".env"), env=env, default_ledger=ledger, version=__version__, need_service=need_service
    )


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

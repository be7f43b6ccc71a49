"""One account of `bulk-cancel.toml`: which environment, where its keys lie, how fast, and who must approve."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pipeline.config.config_file import NOTHING_SENT, ConfigFile
from pipeline.config.key_places import HOW, is_place
from pipeline.errors import UsageError
from pipeline.model.runs import DEFAULT_ACCOUNT, Environment

KEYS = ("access_token", "secret_key")
"""Where the two keys of an account lie."""

ADDRESSES = ("cancel_url", "track_url")

KNOWN = (
    "environment", *KEYS, *ADDRESSES, "trust_order", "calls_per_second", "approval", "approval_from", "notify",
    "identity", "known_as",
)  # fmt: skip
"""The keys of [accounts.NAME] (docs/interface.md, "Accounts and jobs")."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


class Identity(StrEnum):
    """How it must be known who approves: as the computer's user, or signed in on the team's page."""

    COMPUTER = "computer"
    SIGNED_IN = "signed in"


@dataclass(frozen=True, slots=True)
class Account:
    """An account as the file has it. ``places``: where its keys lie; ``known_as``: its name in the ledger.

    ``settings``: what stands in the place of the settings of the environment, by their names there.
    ``notify``: addresses for notices, which may hold keys of other services, so ``repr`` leaves them out.
    """

    name: str
    environment: Environment
    places: Mapping[str, str] = field(repr=False)
    settings: Mapping[str, str] = field(repr=False)
    calls_per_second: float | None
    identity: Identity
    notify: tuple[str, ...] = field(repr=False)
    known_as: str


def check_no_key(config: ConfigFile) -> None:
    """Raises UsageError where any account holds a key itself; the key is not shown."""
    for name in config.names("accounts"):
        table = ("accounts", name)
        for key in KEYS:
            place = config.table(*table).get(key)
            if place is not None and not (isinstance(place, str) and is_place(place)):
                config.refuse(table, key, "holds a key itself, or no place of one", f"Keys don't belong here. {HOW}")


def read_account(config: ConfigFile, name: str) -> Account:
    """The account of a name; its keys are not fetched yet.

    Raises:
        UsageError: there is none of that name, or something in it can't be; with the line and the key.
    """
    names = config.names("accounts")
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        listed = ", ".join([DEFAULT_ACCOUNT, *names])
        meant = f"Did you mean {near[0]}?" if near else f"There are: {listed}."
        raise UsageError(f"There is no account {name!r}", f"{meant} {NOTHING_SENT}", where=str(config.path or ""))
    table = ("accounts", name)
    if not NAME.fullmatch(name) or name == DEFAULT_ACCOUNT:
        step = f"Use letters, digits, . _ and -; {DEFAULT_ACCOUNT!r} is the account of .env."
        config.refuse(("accounts",), name, "is no name for an account", step)
    config.check_keys(table, KNOWN)
    return _AccountTable(config, table, config.table(*table)).account(name)


@dataclass(frozen=True, slots=True)
class _AccountTable:
    """Reads the values of one table, and refuses by name what can't be."""

    config: ConfigFile
    table: tuple[str, ...]
    values: Mapping[str, Any]

    def account(self, name: str) -> Account:
        return Account(
            name=name,
            environment=self._environment(),
            places={key: self._text(key) for key in KEYS if key in self.values},
            settings=self._settings(),
            calls_per_second=self._rate(),
            identity=self._identity(),
            notify=self._notify(),
            known_as=self._known_as(name),
        )

    def _refuse(self, key: str, problem: str, step: str) -> None:
        self.config.refuse(self.table, key, problem, step)

    def _text(self, key: str) -> str:
        value = self.values.get(key, "")
        if not isinstance(value, str):
            self._refuse(key, "is no text", "Write it in double quotes.")
        return str(value).strip()

    def _environment(self) -> Environment:
        word = self._text("environment").lower()
        if word not in list(Environment):
            step = f'Say environment = "…", one of: {", ".join(Environment)}; it is taken from nowhere else.'
            self._refuse("environment", f"is {word!r}" if word else "is not set", step)
        return Environment(word)

    def _settings(self) -> dict[str, str]:
        found = {f"ITHINK_{key.upper()}": self._text(key) for key in ADDRESSES}
        trusted = self.values.get("trust_order", False)
        if not isinstance(trusted, bool):
            self._refuse("trust_order", "is neither true nor false", "Write true or false, without quotes.")
        found["ITHINK_TRUST_ORDER"] = "1" if trusted else "0"
        found["BULK_CANCEL_APPROVAL"] = self._text("approval")
        least = self.values.get("approval_from", "")
        if least != "" and (isinstance(least, bool) or not isinstance(least, int)):
            self._refuse("approval_from", "is no number", "Write a number of AWBs, without quotes.")
        found["BULK_CANCEL_APPROVAL_FROM"] = str(least)
        return found

    def _rate(self) -> float | None:
        rate = self.values.get("calls_per_second")
        if rate is None:
            return None
        number = isinstance(rate, int | float) and not isinstance(rate, bool)
        if not number or not math.isfinite(rate) or rate <= 0:
            self._refuse("calls_per_second", "is no number above 0", "Write one such as 1.0, without quotes.")
        return float(rate)

    def _identity(self) -> Identity:
        word = " ".join(self._text("identity").lower().replace("-", " ").split()) or str(Identity.COMPUTER)
        if word not in list(Identity):
            self._refuse("identity", f"is {word!r}", f"It takes one of: {', '.join(Identity)}.")
        return Identity(word)

    def _notify(self) -> tuple[str, ...]:
        given = self.values.get("notify", [])
        if not isinstance(given, list) or not all(isinstance(one, str) and "://" in one for one in given):
            self._refuse("notify", "is no list of addresses", 'Write notify = ["mailto://…", "slack://…"].')
        return tuple(given)

    def _known_as(self, name: str) -> str:
        known_as = self._text("known_as") or name
        if not NAME.fullmatch(known_as):
            self._refuse("known_as", "is no name for an account", "Use the name under which the ledger knows it.")
        if known_as != name and known_as in self.config.names("accounts"):
            self._refuse("known_as", f"is {known_as!r}, another account of this file", "Two accounts share no AWBs.")
        return known_as

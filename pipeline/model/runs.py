"""A run as the ledger keeps it, and the key under which the ledger keeps apart what must not be mixed up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Environment(StrEnum):
    """Where a run cancels; only ``production`` touches real parcels of real customers."""

    SANDBOX = "sandbox"
    STAGING = "staging"
    PRODUCTION = "production"


class Action(StrEnum):
    """What is done with an AWB; part of the ledger's key, so that one action never hides another."""

    CANCEL = "cancel"


DEFAULT_ACCOUNT = "default"
"""The account of the settings in ``.env`` and the environment; the ledger's keys don't name it."""

_ACCOUNT = re.compile(r" account ([\w.-]+)$")


def with_account(environment: str, account: str) -> str:
    """The environment of a ledger's key, with the account: ``production account north``. An account's AWBs are its own:
    another one's "not found" says nothing of them."""
    return environment if account == DEFAULT_ACCOUNT else f"{environment} account {account}"


def account_in(environment: str) -> str:
    """The account that the environment of a ledger's key names."""
    found = _ACCOUNT.search(environment)
    return found[1] if found else DEFAULT_ACCOUNT


def without_account(environment: str) -> str:
    """``production`` of ``production account north``."""
    return _ACCOUNT.sub("", environment)


@dataclass(frozen=True, slots=True)
class LedgerKey:
    """What an AWB is kept under: the same AWB under another key is another shipment, or another thing done with it."""

    service: str  # whose AWBs they are: the courier's name
    environment: str  # "sandbox", "staging", "production"; with the address where it was replaced, and the account
    action: str  # what is done with them, an ``Action``


@dataclass(frozen=True, slots=True)
class RunInfo:
    """One run as the ledger keeps it; times are aware and in UTC."""

    run: str
    service: str
    environment: str
    action: str
    command: str
    started: datetime
    finished: datetime | None
    input: str
    output: str
    sheet: str
    digest: str  # of the input file
    account: str  # a digest of the access token, never the token
    who: str
    exit_code: int | None
    stopped: str
    calls: int
    sent: int
    options: str  # JSON of the options that decided the rows, for `annotate RUN`
    plan: str = ""  # the sealed plan that it carried out

    @property
    def key(self) -> LedgerKey:
        """What its AWBs are kept under."""
        return LedgerKey(self.service, self.environment, self.action)

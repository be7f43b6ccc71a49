"""Where iThink is called, and with whose keys: its settings, its addresses, and which of them are allowed."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pipeline.errors import UsageError
from pipeline.model.runs import Environment
from pipeline.services.contract import Limits
from pipeline.services.redaction import Secrets
from pipeline.services.setting_values import read_line, read_yes

NAME = "ithink"
"""How the ledger keeps its AWBs apart from other services'."""

LIMITS = Limits(cancel=100, track=10)
"""AWBs in one call, at most (documented, docs/contract-ithink.md)."""

URLS = {
    Environment.STAGING: (
        "https://pre-alpha.ithinklogistics.com/api_v3/order/cancel.json",  # documented, docs/contract-ithink.md
        "https://pre-alpha.ithinklogistics.com/api_v3/order/track.json",  # documented, docs/contract-ithink.md
    ),
    Environment.PRODUCTION: (
        "https://my.ithinklogistics.com/api_v3/order/cancel.json",  # observed, docs/contract-ithink.md
        "https://api.ithinklogistics.com/api_v3/order/track.json",  # observed, docs/contract-ithink.md: another host
    ),
}


STAGING_HOST = "pre-alpha.ithinklogistics.com"


VENDOR_DOMAIN = "ithinklogistics.com"
"""Every host of the vendor's but the staging one is taken for production: staging refuses it."""


CREDENTIALS = ("ITHINK_ACCESS_TOKEN", "ITHINK_SECRET_KEY")


ADDRESSES = ("ITHINK_CANCEL_URL", "ITHINK_TRACK_URL")

SETTING_NAMES = (*CREDENTIALS, *ADDRESSES, "ITHINK_TRUST_ORDER")
"""The settings that are iThink's own (docs/interface.md, "Settings")."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The merchant's keys; they travel in a request's body and show nowhere else."""

    access_token: str = field(repr=False)
    secret_key: str = field(repr=False)

    @property
    def secrets(self) -> Secrets:
        """Both, for hiding them in whatever text the service sends."""
        return (self.access_token, self.secret_key)


@dataclass(frozen=True, slots=True)
class IthinkService:
    """Where iThink is called: an environment of the vendor's, an address of the user's, or the built-in service."""

    environment: str  # the ledger's key: "sandbox", "staging", "production", or with the address where it was replaced
    cancel_url: str
    track_url: str
    credentials: Credentials
    trust_order: bool = False  # the user has the vendor's word that replies keep the order of the request
    name: str = NAME
    limits: Limits = LIMITS

    @property
    def account(self) -> str:
        """A digest of the access token, to tell accounts apart; never the token."""
        return hashlib.sha256(f"bulk-cancel account {self.credentials.access_token}".encode()).hexdigest()[:12]

    @property
    def has_keys(self) -> bool:
        """Whether both keys are there."""
        return all(self.credentials.secrets)

    @property
    def host(self) -> str:
        """The host of the cancel call."""
        return urlsplit(self.cancel_url).hostname or ""


@dataclass(frozen=True, slots=True)
class SandboxService:
    """The built-in service stands in for iThink: it is started for the run, and takes its own keys."""

    trust_order: bool = False
    environment: str = str(Environment.SANDBOX)
    account: str = str(Environment.SANDBOX)
    host: str = "127.0.0.1"
    name: str = NAME
    limits: Limits = LIMITS
    has_keys: bool = True


def read_service(
    environment: Environment, values: Mapping[str, str], *, need_credentials: bool
) -> IthinkService | SandboxService:
    """Where to call in this environment, and with whose keys.

    Args:
        environment: which; the sandbox needs neither keys nor addresses.
        values: the settings by name.
        need_credentials: False for a command that sends nothing.
    Raises:
        UsageError: keys are missing, or an address is not allowed.
    """
    trust_order = read_yes(values, "ITHINK_TRUST_ORDER")
    if environment is Environment.SANDBOX:
        return SandboxService(trust_order)
    missing = [name for name in CREDENTIALS if not values.get(name)]
    if missing and need_credentials:
        absent = f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set"
        raise UsageError(
            f"{environment} needs your credentials, and {absent}",
            "Copy .env.example to .env and fill them in (iThink panel: Settings, API), or set them in the environment; "
            "--env sandbox tries everything without them.",
        )
    addresses = [values.get(name, "") for name in ADDRESSES]
    if any(addresses) and not all(addresses):
        raise UsageError("ITHINK_CANCEL_URL and ITHINK_TRACK_URL go together", "Set both, or neither.")
    key = str(environment)
    if all(addresses):
        for name, address in zip(ADDRESSES, addresses, strict=True):
            _check_address(environment, name, address)
        if tuple(addresses) != URLS[environment]:
            key = f"{environment} {addresses[0]}"
    cancel_url, track_url = addresses if all(addresses) else URLS[environment]
    credentials = Credentials(*(read_line(name, values.get(name, "")) for name in CREDENTIALS))
    return IthinkService(key, cancel_url, track_url, credentials, trust_order)


def _check_address(environment: Environment, name: str, address: str) -> None:
    parts = urlsplit(address)
    host = (parts.hostname or "").lower().rstrip(".")
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.password or parts.fragment:
        raise UsageError(
            f"{name} is no whole address", "Give one such as https://host.example/api_v3/order/cancel.json."
        )
    if parts.scheme == "http" and not _is_loopback(host):
        raise UsageError(
            f"{name} is plain http to {host}: your keys would travel readable to anybody on the way",
            "Use https; plain http is for a service on this machine only (127.0.0.1).",
        )
    vendor = host == VENDOR_DOMAIN or host.endswith(f".{VENDOR_DOMAIN}")
    if environment is Environment.STAGING and vendor and host != STAGING_HOST:
        raise UsageError(
            f"{name} is a production address ({host}), and the environment is staging",
            "Use --env production if you mean to cancel real shipments, or take the address out.",
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

"""What the environment and ``.env`` say: which service, whose keys, how long to wait, where the ledger lies."""

from __future__ import annotations

import difflib
import hashlib
import ipaddress
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from pipeline.errors import UsageTrouble
from pipeline.model.runs import LedgerKey
from pipeline.model.sheet import Credentials, Service


class Environment(StrEnum):
    """Where a run cancels; only ``production`` touches real parcels of real customers."""

    SANDBOX = "sandbox"
    STAGING = "staging"
    PRODUCTION = "production"


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
NAMES = (
    "ITHINK_ENV",
    *CREDENTIALS,
    *ADDRESSES,
    "ITHINK_TIMEOUT",
    "ITHINK_TRUST_ORDER",
    "ITHINK_USER_AGENT",
    "BULK_CANCEL_LEDGER",
)
"""Every setting there is (docs/interface.md, "Settings")."""

READ_TIMEOUT = 120.0
"""Seconds to wait for an answer: 100 AWBs may be 100 courier calls behind it (docs/contract-ithink.md, "Client
timeout")."""

YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"", "0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a run takes from outside its command line; the keys don't show in ``repr``.

    ``service`` is None in the sandbox: the command starts the built-in one. ``ledger`` is a path or an SQLAlchemy URL.
    """

    environment: Environment
    service: Service | None
    timeout: float
    trust_order: bool
    user_agent: str
    ledger: str = field(repr=False)  # an URL may hold a password
    warnings: tuple[str, ...] = ()

    @property
    def ledger_key(self) -> LedgerKey:
        """What the ledger keeps cancellations under; the environment with its address, where that was replaced."""
        environment = self.service.environment if self.service else str(Environment.SANDBOX)
        return LedgerKey("ithink", environment, "cancel")

    @property
    def account(self) -> str:
        """A digest of the access token, to tell accounts apart; never the token."""
        if self.service is None:
            return str(Environment.SANDBOX)
        token = self.service.credentials.access_token
        return hashlib.sha256(f"bulk-cancel account {token}".encode()).hexdigest()[:12]


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
        UsageTrouble: a value can't be had, credentials are missing, an address is not allowed.
    """
    values, warnings = _merged(environ, dotenv)
    environment = _environment(env or values.get("ITHINK_ENV") or Environment.SANDBOX)
    if environment is Environment.SANDBOX:
        warnings += [f"{name} is ignored in the sandbox" for name in ADDRESSES if values.get(name)]
    service = None
    if environment is not Environment.SANDBOX:
        service = _service(environment, values, need_credentials=need_service)
    return Settings(
        environment=environment,
        service=service,
        timeout=_seconds(values.get("ITHINK_TIMEOUT", "")),
        trust_order=_yes(values, "ITHINK_TRUST_ORDER"),
        user_agent=_one_line("ITHINK_USER_AGENT", values.get("ITHINK_USER_AGENT") or f"ithink-bulk-cancel/{version}"),
        ledger=values.get("BULK_CANCEL_LEDGER") or str(default_ledger),
        warnings=tuple(warnings),
    )


def _merged(environ: Mapping[str, str], dotenv: Path) -> tuple[dict[str, str], list[str]]:
    from dotenv import dotenv_values

    warnings = []
    values: dict[str, str] = {}
    if dotenv.is_file():
        try:
            found = dotenv_values(dotenv, interpolate=False)
        except OSError as error:
            raise UsageTrouble(
                f"The file .env can't be read ({error.strerror or error})",
                "Give yourself the right to read it.",
                where=str(dotenv),
            ) from error
        except UnicodeDecodeError as error:
            raise UsageTrouble(
                "The file .env is no text", "Save it as plain text (UTF-8).", where=str(dotenv)
            ) from error
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
        raise UsageTrouble(
            f"There is no environment {word!r}", f"ITHINK_ENV and --env take one of: {known}."
        ) from error


def _service(environment: Environment, values: Mapping[str, str], *, need_credentials: bool) -> Service:
    missing = [name for name in CREDENTIALS if not values.get(name)]
    if missing and need_credentials:
        absent = f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set"
        raise UsageTrouble(
            f"{environment} needs your credentials, and {absent}",
            "Copy .env.example to .env and fill them in (iThink panel: Settings, API), or set them in the environment; "
            "--env sandbox tries everything without them.",
        )
    addresses = [values.get(name, "") for name in ADDRESSES]
    if any(addresses) and not all(addresses):
        raise UsageTrouble("ITHINK_CANCEL_URL and ITHINK_TRACK_URL go together", "Set both, or neither.")
    key = str(environment)
    if all(addresses):
        for name, address in zip(ADDRESSES, addresses, strict=True):
            _check_address(environment, name, address)
        if tuple(addresses) != URLS[environment]:
            key = f"{environment} {addresses[0]}"
    cancel_url, track_url = addresses if all(addresses) else URLS[environment]
    credentials = Credentials(*(_one_line(name, values.get(name, "")) for name in CREDENTIALS))
    return Service(key, cancel_url, track_url, credentials)


def _check_address(environment: Environment, name: str, address: str) -> None:
    parts = urlsplit(address)
    host = (parts.hostname or "").lower().rstrip(".")
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.password or parts.fragment:
        raise UsageTrouble(
            f"{name} is no whole address", "Give one such as https://host.example/api_v3/order/cancel.json."
        )
    if parts.scheme == "http" and not _is_loopback(host):
        raise UsageTrouble(
            f"{name} is plain http to {host}: your keys would travel readable to anybody on the way",
            "Use https; plain http is for a service on this machine only (127.0.0.1).",
        )
    vendor = host == VENDOR_DOMAIN or host.endswith(f".{VENDOR_DOMAIN}")
    if environment is Environment.STAGING and vendor and host != STAGING_HOST:
        raise UsageTrouble(
            f"{name} is a production address ({host}), and the environment is staging",
            "Use --env production if you mean to cancel real shipments, or take the address out.",
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _seconds(text: str) -> float:
    if not text:
        return READ_TIMEOUT
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 1 <= seconds <= 3600:
        raise UsageTrouble(f"ITHINK_TIMEOUT is {text!r}", "It takes the seconds to wait for an answer: 1 to 3600.")
    return seconds


def _yes(values: Mapping[str, str], name: str) -> bool:
    word = values.get(name, "").lower()
    if word not in YES | NO:
        raise UsageTrouble(f"{name} is {word!r}", "It takes 1 (yes) or 0 (no).")
    return word in YES


def _one_line(name: str, value: str) -> str:
    """A line break or control character in a key or header is a paste gone wrong; the value itself is never shown."""
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise UsageTrouble(f"{name} holds a line break or a control character", "Paste it again, as one line.")
    return value

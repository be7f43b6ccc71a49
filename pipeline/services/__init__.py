"""The services that cancel: which there are, what each must be told, and how one is opened.

A second courier is a folder beside ``ithink`` and a line in each function here. The network's libraries are imported
only where a courier is opened: a plan needs none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.model.runs import Action, Environment
from pipeline.services.contract import Courier, Listener, NetworkOptions, ServiceSettings, nobody
from pipeline.services.ithink.settings import (
    ADDRESSES,
    CREDENTIALS,
    LIMITS,
    SETTING_NAMES,
    Credentials,
    IthinkService,
    SandboxService,
    read_service,
)

if TYPE_CHECKING:
    from pipeline.services.sandbox import Sandbox

__all__ = [
    "ADDRESSES",
    "CREDENTIALS",
    "LIMITS",
    "SETTING_NAMES",
    "address_of",
    "open_courier",
    "read_service",
    "sandbox_settings",
]


@contextmanager
def open_courier(
    service: ServiceSettings, network: NetworkOptions, refs: Mapping[str, str], action: Action, told: Listener = nobody
) -> Iterator[Courier]:
    """The service of a run, open for as long as the run needs it.

    Args:
        service: where to and with whose keys; the built-in service lives as long as the run.
        network: how long to wait, and as whom.
        refs: AWB to order reference, which the built-in service can't know otherwise.
        told: listens to each call.
        action: what the courier does with the AWBs that it is sent, and what it looks up.
    """
    from pipeline.services.ithink.client import IthinkCourier
    from pipeline.services.sandbox import Sandbox
    from pipeline.services.transport import CONNECT_TIMEOUT, HttpTransport

    http = HttpTransport((CONNECT_TIMEOUT, network.timeout), network.user_agent)
    match service, action:
        case SandboxService(trust_order=trust_order), Action.CANCEL:
            with Sandbox(refs=refs) as sandbox:
                yield IthinkCourier(replace(address_of(sandbox), trust_order=trust_order), http, told)
        case IthinkService(), Action.CANCEL:
            yield IthinkCourier(service, http, told)
        case _:
            raise TypeError(f"no courier does {action!r} with the settings of {type(service).__name__}")


def address_of(sandbox: Sandbox) -> IthinkService:
    """Where the built-in service is called, and with which keys."""
    from pipeline.services.sandbox import DEMO_SECRET, DEMO_TOKEN

    keys = Credentials(DEMO_TOKEN, DEMO_SECRET)
    return IthinkService(str(Environment.SANDBOX), sandbox.cancel_url, sandbox.track_url, keys)


def sandbox_settings(sandbox: Sandbox) -> dict[str, str]:
    """The settings with which a client of the contract reaches a built-in service that is being served."""
    from pipeline.services.sandbox import DEMO_SECRET, DEMO_TOKEN

    keys = Credentials(DEMO_TOKEN, DEMO_SECRET)
    return dict(zip((*ADDRESSES, *CREDENTIALS), (sandbox.cancel_url, sandbox.track_url, *keys.secrets), strict=True))

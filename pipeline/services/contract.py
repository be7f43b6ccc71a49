"""What the program asks of any service that cancels shipments, and what a reply and its settings look like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.model.calls import Answer, Batch, Tracked


@dataclass(frozen=True, slots=True)
class Limits:
    """How many AWBs one call of each kind may carry, at most."""

    cancel: int
    track: int


class Courier(Protocol):
    """An open service: the only way to the network for whoever sends or looks up. Safe to use from several threads."""

    @property
    def limits(self) -> Limits:
        """How many AWBs a call may carry."""
        ...

    def cancel(self, batch: Batch, may_send: Callable[[], bool]) -> Answer:
        """Sends one cancel call and says what came of it; raises nothing that network or service can cause.

        ``may_send`` is asked when the connection stands, right before the first byte; after a no nothing is sent, and
        the answer is ``NotDone``.
        """
        ...

    def track(self, awbs: Sequence[str]) -> tuple[Tracked, ...]:
        """Asks what became of at most ``limits.track`` AWBs; cancels nothing. What fails proves nothing."""
        ...

    def says_cancelled(self, remark: str) -> bool:
        """Whether the words of a "no" say that the shipment is cancelled already; in doubt, False."""
        ...


class ServiceSettings(Protocol):
    """Where a service is called and with whose keys; each service has its own."""

    @property
    def name(self) -> str:
        """Which service it is, as the ledger keeps it: ``ithink``."""
        ...

    @property
    def environment(self) -> str:
        """The ledger's key: ``staging``, ``production``, or with the address where the user replaced it."""
        ...

    @property
    def account(self) -> str:
        """A digest that tells accounts apart; never a key."""
        ...

    @property
    def has_keys(self) -> bool:
        """Whether the keys are there, so that it is known whose account it is."""
        ...

    @property
    def host(self) -> str:
        """The host that is called, for a person to see."""
        ...

    @property
    def limits(self) -> Limits:
        """How many AWBs a call may carry: known before any service is open, as a plan cuts its calls by it."""
        ...


@dataclass(frozen=True, slots=True)
class NetworkOptions:
    """How calls go over the network: ``timeout`` in seconds for the whole wait on an answer."""

    timeout: float
    user_agent: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply as it came in: ``retry_after`` in seconds, None where the header is absent or no time."""

    status_code: int
    body: bytes
    retry_after: float | None = None
    location: str = ""


@dataclass(frozen=True, slots=True)
class NoReply:
    """No reply came: ``sent`` tells whether the request may have reached the service."""

    why: str
    sent: bool
    wrong_address: bool = False


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call with its reply. ``kind``: cancel or track; ``seconds``: that it took."""

    kind: str
    awbs: tuple[str, ...]
    reply: Reply | NoReply
    seconds: float


Listener = Callable[[Exchange], None]
"""Is told of each call when it is over, from the thread that made it; raises nothing."""


def nobody(_: Exchange) -> None:
    """Listens to no call."""

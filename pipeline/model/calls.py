"""What flows around a call: the AWBs that go out, the answer to them, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from schemas.annotated import Status


@dataclass(frozen=True, slots=True)
class Item:
    """One AWB to cancel, as it is sent, with every order reference that its rows bear (trimmed; may be none)."""

    awb: str
    refs: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """How the ledger and the planning compare AWBs: in any letter case they are one shipment."""
        return self.awb.upper()


@dataclass(frozen=True, slots=True)
class Batch:
    """The AWBs of one call: 1 to 100, distinct (docs/contract-ithink.md, "Limit")."""

    items: tuple[Item, ...]

    @property
    def awbs(self) -> tuple[str, ...]:
        """The AWBs in the order in which they are sent."""
        return tuple(item.awb for item in self.items)

    def halves(self) -> tuple[Batch, Batch]:
        """The batch as two, the first the larger by one at most."""
        middle = (len(self.items) + 1) // 2
        return Batch(self.items[:middle]), Batch(self.items[middle:])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one AWB: ``status`` is Success, Failed, Unknown or Not sent; remark and refnum verbatim."""

    awb: str
    status: Status
    remark: str = ""
    refnum: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """The service answered: one outcome (Success, Failed or Unknown) for each AWB of the call, in the call's order.

    ``answered``: whether any entry could be read and placed (the stop-loss counts calls in which none could).
    """

    outcomes: tuple[Outcome, ...]
    answered: bool = True


@dataclass(frozen=True, slots=True)
class NotDone:
    """Certainly not sent: no connection was made. It may be tried again in the same run."""

    reason: str


class Refusal(StrEnum):
    """Why a call was refused as a whole."""

    CREDENTIALS = "credentials"  # stop the run
    ADDRESS = "address"  # stop the run: 3xx, 404, 405
    BUSY = "busy"  # wait, and once more: 429, 503 with Retry-After
    CALL = "call"  # halve it


@dataclass(frozen=True, slots=True)
class Refused:
    """The call was refused as a whole; ``words`` say why, for the run's end.

    Whoever answered may not be who did the work, and may not know of it: what was ``sent`` may be cancelled all the
    same. ``how``: the refusal in short, for the remark of a row (``HTTP 401``). ``sent``: False where the address is
    none that can be called. ``retry_after``: seconds, None where the service named no time.
    """

    kind: Refusal
    words: str
    how: str = ""
    retry_after: float | None = None
    sent: bool = True


@dataclass(frozen=True, slots=True)
class InDoubt:
    """Sent, and no answer that can be believed: each AWB of the call may have been cancelled."""

    reason: str


Answer = Answered | NotDone | Refused | InDoubt


@dataclass(frozen=True, slots=True)
class Tracked:
    """What tracking says of one AWB; nothing of the customer is kept.

    ``cancelled``: True is proof that it is cancelled; False says that it is known to be something else (delivered, in
    transit, …); None proves nothing. ``disputed``: what proves nothing speaks of a cancellation all the same, or
    contradicts itself. ``words``: what tracking said, for the remark.
    """

    awb: str
    cancelled: bool | None
    words: str
    asked: bool = True  # False: tracking could not be asked at all (no connection, no readable reply)
    disputed: bool = False

    @property
    def knows_nothing(self) -> bool:
        """Whether tracking was asked, and knows of no cancellation, and of no way that the parcel went."""
        return self.asked and self.cancelled is None and not self.disputed


@dataclass(frozen=True, slots=True)
class Plan:
    """The calls to make, in the order of the file; everything else is decided in the fates already.

    ``batches``: may be made only when they are asked for, and anew each time; ``counted``: their AWBs, where known.
    """

    batches: Sequence[Batch]
    counted: int | None = None

    @property
    def awbs(self) -> int:
        """How many AWBs would be sent."""
        return sum(len(batch.items) for batch in self.batches) if self.counted is None else self.counted

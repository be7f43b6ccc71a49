"""iThink Logistics over HTTP, as a courier: one cancel call or one track call, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic

from pipeline.model.calls import Answer, Batch, InDoubt, NotDone, Refusal, Refused, Tracked
from pipeline.services.connection import always
from pipeline.services.contract import Exchange, Limits, Listener, NoReply, Reply, nobody
from pipeline.services.ithink import wording
from pipeline.services.ithink.cancel_reply import read_cancel
from pipeline.services.ithink.request import cancel_body, track_body
from pipeline.services.ithink.settings import IthinkService
from pipeline.services.ithink.track_reply import read_track, untracked
from pipeline.services.transport import HttpTransport


@dataclass(frozen=True, slots=True)
class IthinkCourier:
    """iThink as ``services.contract.Courier``; ``service`` says where to and with whose keys, ``told`` listens."""

    service: IthinkService
    http: HttpTransport = field(default_factory=HttpTransport)
    told: Listener = nobody

    @property
    def limits(self) -> Limits:
        """How many AWBs a call may carry (documented)."""
        return self.service.limits

    def cancel(self, batch: Batch, may_send: Callable[[], bool] = always) -> Answer:
        """Sends one cancel call and says what came of it; raises nothing that the network or the service can cause."""
        credentials = self.service.credentials
        body = cancel_body(batch, credentials)
        match self._post("cancel", self.service.cancel_url, batch.awbs, body, may_send):
            case Reply() as reply:
                return read_cancel(reply, batch, credentials, trust_order=self.service.trust_order)
            case NoReply(why, wrong_address=True):
                return Refused(Refusal.ADDRESS, why, sent=False)
            case NoReply(why, sent=False):
                return NotDone(why)
            case NoReply(why):
                return InDoubt(f"{why}. {wording.NEXT_STEP}")

    def track(self, awbs: Sequence[str]) -> tuple[Tracked, ...]:
        """Asks what became of at most ten AWBs; whatever fails proves nothing, and says why."""
        body = track_body(awbs, self.service.credentials)
        match self._post("track", self.service.track_url, tuple(awbs), body):
            case Reply(status_code, body):
                return read_track(status_code, body, awbs, self.service.credentials)
            case NoReply(why):
                return untracked(awbs, why)

    def _post(
        self, kind: str, url: str, awbs: tuple[str, ...], body: bytes, may_send: Callable[[], bool] = always
    ) -> Reply | NoReply:
        began = monotonic()
        reply = self.http.post(url, body, may_send=may_send)
        self.told(Exchange(kind, awbs, reply, monotonic() - began))
        return reply

    def says_cancelled(self, remark: str) -> bool:
        """Whether iThink's "no" says in so many words that the shipment is cancelled already."""
        return wording.says_cancelled(remark)

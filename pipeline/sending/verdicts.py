"""Says what an answer means for each AWB of its call, and for the run: it goes on, waits, cuts the call, or stops.

What a failure means is docs/contract-ithink.md's table; what is tried again, halved or stopped is docs/design.md's
"Doing again", the stop-loss included. Pure but for the courier's reading of its own words: nothing is sent or written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pipeline.model.calls import Answer, Answered, Batch, InDoubt, NotDone, Outcome, Refusal, Refused, Tracked
from pipeline.sending.lookup import settled_by
from pipeline.sending.pacing import TRIES
from pipeline.sending.splitting import PlannedCall
from pipeline.services.contract import Courier
from schemas.annotated import Status

SILENT_CALLS = 3
"""Calls in a row in which no AWB got an answer, after which a run stops (a call and its halves count as one)."""

SAME_REFUSALS = 3
"""AWBs in a row that halving found refused in the same words, after which it is not the AWBs: the run stops."""

SENT_AGAIN = "sent again after an attempt that may have cancelled it; the service now says no, which proves nothing"
"""Why a "no" leaves an AWB in doubt: "not found" may mean "already gone" (docs/design.md)."""

NOT_DONE = "Not done: the service refused the call"
MAY_BE = "It may be cancelled all the same, so it is looked up before it is sent again."
"""What a row says of a call that left the machine and was refused: who refused it may not know what was done."""

ONCE_MORE = "sent once more, after an attempt that may have cancelled some of these AWBs"
"""The note of a call with AWBs in doubt."""

NOT_ASKED = "tracking could not be asked"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a call.

    ``outcomes``: one for each AWB of it. ``refused``: it left the machine and was refused as a whole, so what is
    Unknown of it may go out again once it was looked up. ``final``: False where it does so in this run.
    """

    outcomes: tuple[Outcome, ...]
    note: str
    refused: bool = False
    final: bool = True


@dataclass(slots=True)
class Judge:
    """Judges the answers of a run, in the order in which they come in.

    ``doubtful``: keys whose earlier attempt has no answer that can be believed. ``stopped``: why nothing more may go
    out, "" while it may. ``given_up``: why a call was left unsent. ``hold_until``: nothing goes out before this time.
    """

    courier: Courier
    backoff: Callable[[int], float]
    clock: Callable[[], float]
    doubtful: frozenset[str]
    stopped: str = ""
    given_up: str = ""
    keys_refused: bool = False
    hold_until: float = 0.0
    _silent: int = 0
    _silent_checks: int = 0
    _same_refusals: int = 0
    _refusal_words: str = ""

    def judge(self, planned: PlannedCall, batch: Batch, answer: Answer) -> Verdict:
        """What the answer to a batch means; ``planned`` takes in what follows for the rest of its call."""
        match answer:
            case Answered(outcomes, answered):
                return self._answered(planned, batch, outcomes, answered=answered)
            case InDoubt(reason):
                planned.unclear()
                return Verdict(_all(batch, Status.UNKNOWN, reason), reason)
            case NotDone(reason):
                self._try_again(planned, batch, reason)
                return Verdict(_all(batch, Status.NOT_SENT, reason), reason)
            case Refused(sent=False, words=words):
                self.stopped = self.stopped or words
                return Verdict(_all(batch, Status.NOT_SENT, words), words)
            case Refused():
                return self._refused(planned, batch, answer)

    def rechecked(
        self, planned: PlannedCall, batch: Batch, answers: Sequence[Tracked], day: str
    ) -> tuple[Outcome, ...]:
        """The outcomes of the AWBs of a refused call that tracking holds back; the others go out again."""
        asked = any(answer.asked for answer in answers)
        self._silent_checks = 0 if asked else self._silent_checks + 1
        outcomes = stay_behind(batch, answers, planned.refusal, day)
        planned.leave_out(outcome.awb.upper() for outcome in outcomes)
        if self._silent_checks >= SILENT_CALLS:
            planned.give_up()
        return outcomes

    def end(self, planned: PlannedCall, note: str) -> None:
        """Takes in that nothing is left of a call."""
        self._silent = 0 if planned.answered else self._silent + 1
        if self._silent >= SILENT_CALLS and not self.stopped:
            self.stopped = f"{SILENT_CALLS} calls in a row brought no answer that can be believed (the last: {note})"

    def _answered(
        self, planned: PlannedCall, batch: Batch, outcomes: tuple[Outcome, ...], *, answered: bool
    ) -> Verdict:
        self._same_refusals = 0
        planned.answered |= answered
        if not answered:
            planned.unclear()
        again = any(self._in_doubt(planned, item.key) for item in batch.items)
        return Verdict(tuple(self._believed(planned, outcome) for outcome in outcomes), ONCE_MORE if again else "")

    def _in_doubt(self, planned: PlannedCall, key: str) -> bool:
        return key in planned.refused_before or key in self.doubtful

    def _try_again(self, planned: PlannedCall, batch: Batch, reason: str) -> None:
        """The whole run waits: the next call would not get through either."""
        self._hold(self.backoff(planned.tries))
        planned.again(batch)
        if planned.tries >= TRIES:
            planned.give_up()
            self.given_up = reason

    def _refused(self, planned: PlannedCall, batch: Batch, refusal: Refused) -> Verdict:
        """Refused as a whole, after it had left the machine: nothing of it is "Not sent" (docs/design.md)."""
        if refusal.kind is Refusal.CALL:
            if planned.refused(batch):
                return self._at_fault(planned, batch, refusal.words)
            final, note = False, f"refused as a whole: {refusal.words}"
        elif refusal.kind is Refusal.BUSY:
            final, note = not planned.put_off(batch), refusal.words
            self._hold(refusal.retry_after if refusal.retry_after is not None else self.backoff(TRIES - 1))
            if final:
                planned.give_up()
                self.given_up = refusal.words
        else:
            final, note = True, refusal.words
            self.stopped = self.stopped or refusal.words
            self.keys_refused |= refusal.kind is Refusal.CREDENTIALS
        why = f"{NOT_DONE} ({refusal.how}). {MAY_BE}" if refusal.how else f"{NOT_DONE}. {MAY_BE}"
        planned.refusal = why
        return Verdict(_all(batch, Status.UNKNOWN, why), note, refused=True, final=final)

    def _at_fault(self, planned: PlannedCall, batch: Batch, words: str) -> Verdict:
        """A single AWB that was refused: the service's "no" to it, in its own words."""
        planned.answered = True
        self._same_refusals = self._same_refusals + 1 if words == self._refusal_words else 1
        self._refusal_words = words
        if self._same_refusals >= SAME_REFUSALS and not self.stopped:
            self.stopped = (
                f"{SAME_REFUSALS} AWBs in a row were refused in the same words, so it is not the AWBs: {words}"
            )
        outcome = self._believed(planned, Outcome(batch.items[0].awb, Status.FAILED, words))
        return Verdict((outcome,), f"refused as a whole: {words}")

    def _believed(self, planned: PlannedCall, outcome: Outcome) -> Outcome:
        """A "no" for an AWB that is in doubt proves nothing: "not found" may mean "already gone" (docs/design.md)."""
        if outcome.status != Status.FAILED or not self._in_doubt(planned, outcome.awb.upper()):
            return outcome
        if self.courier.says_cancelled(outcome.remark):
            remark = f"already cancelled when sent again; the service said: {outcome.remark}"
            return replace(outcome, status=Status.SUCCESS, remark=remark)
        return replace(outcome, status=Status.UNKNOWN, remark=f"{SENT_AGAIN}: {outcome.remark}")

    def _hold(self, seconds: float) -> None:
        self.hold_until = max(self.hold_until, self.clock() + seconds)


def stay_behind(batch: Batch, answers: Sequence[Tracked], refusal: str, day: str) -> tuple[Outcome, ...]:
    """Of AWBs whose call was refused, those of which tracking knows anything, or can't be asked, with what it says.

    Args:
        batch: what was looked up.
        answers: tracking's.
        refusal: the remark that says that the call was refused.
        day: today, ``YYYY-MM-DD``.
    """
    said = {answer.awb.upper(): answer for answer in answers}
    found = (said.get(item.key, Tracked(item.awb, None, NOT_ASKED, asked=False)) for item in batch.items)
    known = (answer for answer in found if not answer.knows_nothing)
    return tuple(settled_by(answer, Outcome(answer.awb, Status.UNKNOWN, refusal), day) for answer in known)


def _all(batch: Batch, status: Status, remark: str) -> tuple[Outcome, ...]:
    return tuple(Outcome(awb, status, remark) for awb in batch.awbs)

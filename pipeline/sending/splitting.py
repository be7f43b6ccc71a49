"""One bad AWB never holds back the other 99: a call that is refused as a whole is halved down to the AWB at fault.

Pure. The service refuses a call as a whole with no word on which AWB is at fault (docs/contract-ithink.md, "What a
failure means"). So its halves are sent, the left one first. Where the left half went through, the fault must lie in
the right one: it is halved again without asking. A single AWB is always asked for itself, so that its row bears the
service's own words. What was refused may have been done all the same: before any of it goes out again it is looked up,
and what tracking knows something of stays behind.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from pipeline.model.calls import Batch


@dataclass(frozen=True, slots=True)
class Recheck:
    """AWBs to look up before they go out again; as many as one track call takes."""

    batch: Batch


@dataclass(frozen=True, slots=True)
class _Part:
    """A batch to send. ``at_fault_if``: the count of faults at the split, when this is the right half of one."""

    batch: Batch
    at_fault_if: int | None = None


@dataclass(slots=True, eq=False)
class PlannedCall:
    """A call of the plan and the parts that it was cut into; the stop-loss counts it as one call.

    ``checked_at_once``: AWBs that one track call takes.
    """

    batch: Batch
    checked_at_once: int = 10
    tries: int = 0
    answered: bool = False  # whether any AWB of it got an answer
    refusal: str = ""  # the remark of its AWBs after it was refused
    refused_before: set[str] = field(default_factory=set)  # keys of AWBs of which a call was refused
    _todo: list[_Part | Recheck] = field(default_factory=list)
    _faults: int = 0  # parts that were refused or got no clear answer; says whether a left half was clean
    _put_off: set[str] = field(default_factory=set)  # keys that the service, busy, sent away once

    def __post_init__(self) -> None:
        self._todo.append(_Part(self.batch))

    @property
    def finished(self) -> bool:
        """Whether nothing of it is left to send or to look up."""
        return not self._todo

    def next(self) -> Batch | Recheck:
        """The part to send now, or what to look up before; what is known to hold the AWB at fault is cut before."""
        part = self._todo.pop()
        while isinstance(part, _Part) and part.at_fault_if == self._faults and len(part.batch.items) > 1:
            self._cut(part.batch)
            part = self._todo.pop()
        return part.batch if isinstance(part, _Part) else part

    def refused(self, batch: Batch) -> bool:
        """Takes in that ``batch`` was refused as a whole; True when it is the AWB at fault itself."""
        self._faults += 1
        if len(batch.items) == 1:
            return True
        self._cut(batch)
        self._check(batch)
        return False

    def put_off(self, batch: Batch) -> bool:
        """Takes in that the service was too busy for ``batch``; False when it was so before, and that is enough."""
        keys = {item.key for item in batch.items}
        if keys & self._put_off:
            return False
        self._put_off |= keys
        self._todo.append(_Part(batch))
        self._check(batch)
        return True

    def unclear(self) -> None:
        """Takes in that a part got no answer that tells: nothing follows from it for the other half."""
        self._faults += 1

    def again(self, batch: Batch) -> None:
        """Puts back a part that was certainly not sent."""
        self.tries += 1
        self._todo.append(_Part(batch))

    def leave_out(self, keys: Iterable[str]) -> None:
        """Takes AWBs out of what is left: they don't go out again, and nothing follows from what goes without them."""
        out = frozenset(keys)
        if not out:
            return
        self._faults += 1
        left = (replace(part, batch=_without(part.batch, out)) for part in self._todo)
        self._todo = [part for part in left if part.batch.items]

    def give_up(self) -> None:
        """Drops what is left: it is not sent in this run."""
        self._todo.clear()

    def _cut(self, batch: Batch) -> None:
        left, right = batch.halves()
        self._todo += [_Part(right, self._faults), _Part(left)]

    def _check(self, batch: Batch) -> None:
        """Puts the looking up of a refused batch before all that is left."""
        self.refused_before |= {item.key for item in batch.items}
        size = self.checked_at_once
        parts = [batch.items[start : start + size] for start in range(0, len(batch.items), size)]
        self._todo += [Recheck(Batch(part)) for part in reversed(parts)]


def _without(batch: Batch, keys: frozenset[str]) -> Batch:
    return Batch(tuple(item for item in batch.items if item.key not in keys))

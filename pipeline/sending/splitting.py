"""One bad AWB never holds back the other 99: a call that is refused as a whole is halved down to the AWB at fault.

Pure. The service refuses a call as a whole with no word on which AWB is at fault (docs/contract-ithink.md, "What a
failure means"). So its halves are sent, the left one first. Where the left half was accepted, the AWB at fault must be
in the right one: it is halved again without being sent. A single AWB is always sent, so that its row has the service's
own words.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.model.calls import Batch


@dataclass(frozen=True, slots=True)
class _Part:
    """A batch to send. ``at_fault_if``: the count of faults at the split, when this is the right half of one."""

    batch: Batch
    at_fault_if: int | None = None


@dataclass(slots=True, eq=False)
class PlannedCall:
    """A call of the plan and the parts that it was cut into; the stop-loss counts it as one call."""

    batch: Batch
    tries: int = 0
    answered: bool = False  # whether any AWB of it got an answer
    _todo: list[_Part] = field(default_factory=list)
    _faults: int = 0  # parts that were refused or got no clear answer; says whether a left half was clean

    def __post_init__(self) -> None:
        self._todo.append(_Part(self.batch))

    @property
    def finished(self) -> bool:
        """Whether nothing of it is left to send."""
        return not self._todo

    def next(self) -> Batch:
        """The part to send now; what is known to hold the AWB at fault is cut before it goes out."""
        part = self._todo.pop()
        while part.at_fault_if == self._faults and len(part.batch.items) > 1:
            self._cut(part.batch)
            part = self._todo.pop()
        return part.batch

    def refused(self, batch: Batch) -> bool:
        """Takes in that ``batch`` was refused as a whole; True when it is the AWB at fault itself."""
        self._faults += 1
        if len(batch.items) == 1:
            return True
        self._cut(batch)
        return False

    def unclear(self) -> None:
        """Takes in that a part got no clear answer, from which nothing follows for the other half."""
        self._faults += 1

    def again(self, batch: Batch) -> None:
        """Puts back a part that was certainly not processed."""
        self.tries += 1
        self._todo.append(_Part(batch))

    def give_up(self) -> None:
        """Drops what is left: it is not sent in this run."""
        self._todo.clear()

    def _cut(self, batch: Batch) -> None:
        left, right = batch.halves()
        self._todo += [_Part(right, self._faults), _Part(left)]

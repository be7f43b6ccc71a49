"""A plan as a sealed document: what it would send, decided by whom, and what people said of it since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import pandas as pd

from pipeline.model.runs import LedgerKey

PLAN_DAYS = 7
"""Days for which a plan may be carried out: by then orders have been packed, handed over or paid (chosen 2026-11)."""

CLOCKS_DIFFER = timedelta(days=1)
"""How far in the future a plan may have been made: farther, and a clock is wrong, so its age is not known."""

SEALED_AT_ONCE = 50_000
"""Lines of a seal that are made together; each is a text of some hundred characters."""

SEALED_COLUMNS = ("call", "key", "awb", "refs", "rows", "before")
"""The columns of a plan's AWBs, in the order in which the seal takes them."""


SealedLine = tuple[int, str, str, str, str, str]
"""Of one AWB, what ``SEALED_COLUMNS`` name."""


class PlanState(StrEnum):
    """What became of a plan: each is added to what was said before, nothing is taken back."""

    APPROVED = "approved"
    REJECTED = "rejected"
    STARTED = "started"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """What a plan was decided from and by whom; with its AWBs, all that the seal covers.

    ``options``: JSON of the options that picked the rows. ``counts`` and ``amount``: as the summary has them. ``made``:
    ISO 8601, UTC. ``account``: a digest of the access token, never the token.
    """

    key: LedgerKey
    account: str
    input: str
    digest: str
    sheet: str
    options: str
    batch_size: int
    picked_by: str
    rows: int
    counts: Mapping[str, int]
    amount: Mapping[str, str | int] | None
    awbs: int
    calls: int
    who: str
    made: str

    @property
    def person(self) -> str:
        """Who made it, without the computer's name."""
        return person_of(self.who)

    def as_json(self) -> str:
        """The facts in the one form that is sealed."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @staticmethod
    def from_json(text: str) -> PlanFacts:
        """The facts as ``as_json`` wrote them."""
        said = json.loads(text)
        return PlanFacts(**{**said, "key": LedgerKey(**said["key"])})

    def too_old(self, now: datetime) -> bool:
        """Whether the plan can't be carried out any more, or its age can't be told as a clock is wrong."""
        age = now - datetime.fromisoformat(self.made)
        return age > timedelta(days=PLAN_DAYS) or age < -CLOCKS_DIFFER


@dataclass(frozen=True, slots=True)
class SealedPlan:
    """A plan with its name and its seal; ``awbs`` is a frame of ``schemas.frames.PLAN_AWBS``."""

    name: str
    facts: PlanFacts
    awbs: pd.DataFrame
    seal: str


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """What was said of a plan or became of it: by whom, when (ISO 8601, UTC), why, and by which run."""

    state: PlanState
    who: str
    at: str
    because: str = ""
    run: str = ""


@dataclass(frozen=True, slots=True)
class PlanInfo:
    """A plan without its AWBs, and what became of it; ``lacks_approval``: a rule demands one that is not there."""

    name: str
    facts: PlanFacts
    seal: str
    entries: tuple[PlanEntry, ...] = ()
    running: bool = False
    lacks_approval: bool = False

    def last(self, state: PlanState) -> PlanEntry | None:
        """The newest entry of that state."""
        return next((entry for entry in reversed(self.entries) if entry.state is state), None)

    def stands(self, now: datetime) -> str:
        """How it stands, in words."""
        rejected, done, started, approved = (self.last(state) for state in (
            PlanState.REJECTED, PlanState.DONE, PlanState.STARTED, PlanState.APPROVED,
        ))  # fmt: skip
        words = (
            f"rejected by {rejected.who}: {rejected.because}" if rejected else "",
            f"done, run {done.run}" if done else "",
            "running" if self.running else "",
            f"older than {PLAN_DAYS} days" if self.facts.too_old(now) else "",
            f"stopped, run {started.run}; can go on" if started else "",
            f"approved by {approved.who}" if approved else "",
            "waits for approval" if self.lacks_approval else "ready",
        )
        return next(filter(None, words))


def person_of(who: str) -> str:
    """The user's name of ``ann on office-pc``."""
    return who.rpartition(" on ")[0] or who


def seal_of(name: str, facts: PlanFacts, lines: Iterable[Sequence[SealedLine]]) -> str:
    """The SHA-256 over the name, the facts and each AWB with its call, references, rows and earlier attempt.

    No field holds a tab or a line break: AWBs have none, and the others are JSON or made by this program.

    Args:
        name: the plan's.
        facts: what it was decided from.
        lines: those of ``sealed_lines``.
    """
    digest = hashlib.sha256(f"{name}\n{facts.as_json()}\n".encode())
    for part in lines:
        texts = [f"{call}\t{key}\t{awb}\t{refs}\t{rows}\t{before}\n" for call, key, awb, refs, rows, before in part]
        digest.update("".join(texts).encode())
    return digest.hexdigest()


def sealed_lines(awbs: pd.DataFrame) -> Iterator[list[SealedLine]]:
    """The AWBs of a plan line by line, in the order of ``SEALED_COLUMNS``, some thousands together."""
    for start in range(0, len(awbs), SEALED_AT_ONCE):
        part = awbs.iloc[start : start + SEALED_AT_ONCE]
        yield list(zip(*(part[name].tolist() for name in SEALED_COLUMNS), strict=True))

"""What a person asked for, and what is shown before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.model.options import SelectionOptions
from pipeline.model.reasons import Finding
from pipeline.planning.plan import PlanOptions
from pipeline.services.contract import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How calls are made. ``rate``: calls a second; None: the default of the environment."""

    batch_size: int = 100  # AWBs
    strict: bool = False  # any Invalid row: nothing is sent
    fail_if_empty: bool = False  # nothing to be cancelled: exit code 2
    workers: int = 1  # calls at a time
    rate: float | None = None


def person_here() -> str:
    """Who runs this process, and where: ``asha on pc-4``."""
    import getpass
    import platform

    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "somebody"
    return f"{name} on {platform.node() or 'this machine'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One command on one file. An unknown keyword is a TypeError."""

    input: Path
    selection: SelectionOptions = field(default_factory=SelectionOptions)
    pace: Pace = field(default_factory=Pace)
    output: Path | None = None
    as_workbook: bool = False  # a text table comes back as .xlsx
    who: str = ""
    version: str = ""
    notes: tuple[str, ...] = ()  # what was said by a file and not by hand, for a person to see

    def arguments(self) -> list[str]:
        """The options that decide what is sent, as a person types them, unquoted; not how fast it goes."""
        typed = self.selection.arguments()
        flags = {"--strict": self.pace.strict, "--fail-if-empty": self.pace.fail_if_empty}
        return [*typed, *(flag for flag, said in flags.items() if said)]

    def plan_options(self, limits: Limits) -> PlanOptions:
        """What planning needs to know of it; no call carries more AWBs than the service takes."""
        selection, size = self.selection, min(self.pace.batch_size, limits.cancel)
        return PlanOptions(size, selection.limit, selection.retry_failed, selection.resend_unknown)


MOST_LISTED = 10
"""AWBs that are shown one by one before they are sent."""


@dataclass(frozen=True, slots=True)
class ListedAwb:
    """One AWB that would be sent, in the sheet's own words; "" where the sheet says nothing of it."""

    awb: str
    order_ref: str = ""
    order_status: str = ""
    courier: str = ""
    amount: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen, for a person to look at before it does. ``listed``: the AWBs, where they are few."""

    environment: str
    account: str  # a digest
    host: str  # that would be called
    picked_by: str
    notes: Sequence[str]
    calls: int
    awbs: int
    rows: int
    counts: Mapping[str, int]
    left_out: Sequence[Finding]
    invalid: Sequence[Finding]
    output: Path
    going: Sequence[tuple[str, str]] = ()
    largest: Sequence[str] = ()
    listed: Sequence[ListedAwb] = ()

"""The options that decide which rows are picked: kept with the run, so that it can be done again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from pipeline.errors import UsageTrouble


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionOptions:
    """The options that decide which rows are picked, as the command line names them (docs/interface.md, "Commands").

    Made by keywords only: an option that narrows what is cancelled can't vanish by a wrong name, it is a TypeError.
    """

    sheet: str | None = None
    header_row: int | None = None
    profile: str | None = None
    columns: tuple[str, ...] = ()  # NAME=HEADER
    statuses: tuple[str, ...] = ()
    older_than: int | None = None
    date_order: str | None = None  # dmy, mdy, ymd
    where: str | None = None
    everything: bool = False
    pick_from: str | None = None
    allow_late: tuple[str, ...] = ()
    too_late: tuple[str, ...] = ()
    include_hidden: bool = False
    limit: int | None = None
    retry_failed: bool = False
    resend_unknown: bool = False
    today: str = ""  # ISO; what --older-than counts from

    def as_json(self) -> str:
        """The options as the ledger keeps them."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> SelectionOptions:
        """The options of an earlier run.

        Raises:
            UsageTrouble: the run has options that this version does not know, so its rows can't be found again.
        """
        stored = json.loads(text)
        unknown = sorted(set(stored) - {field.name for field in fields(cls)})
        if unknown:
            raise UsageTrouble(
                f"That run was made by another version, with options unknown to this one: {', '.join(unknown)}",
                "Use the newest version of bulk-cancel.",
            )
        return cls(**{name: _frozen(value) for name, value in stored.items()})

    def without_resending(self) -> SelectionOptions:
        """The same rows, with nothing asked again: for showing what was found."""
        return replace(self, retry_failed=False, resend_unknown=False)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value

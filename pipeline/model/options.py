"""The options that decide which rows are picked: kept with the run, so that it can be done again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from pipeline.errors import UsageError

FLAGS = {
    "sheet": "--sheet",
    "header_row": "--header-row",
    "profile": "--profile",
    "columns": "--column",
    "statuses": "--status",
    "older_than": "--older-than",
    "date_order": "--date-order",
    "where": "--where",
    "everything": "--all",
    "pick_from": "--pick-from",
    "awbs": "--awb",
    "allow_late": "--allow-late",
    "too_late": "--too-late",
    "include_hidden": "--include-hidden",
    "limit": "--limit",
    "retry_failed": "--retry-failed",
    "resend_unknown": "--resend-unknown",
}
"""How each option is typed; a test compares it with the command line."""


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
    awbs: tuple[str, ...] = ()
    allow_late: tuple[str, ...] = ()
    too_late: tuple[str, ...] = ()
    include_hidden: bool = False
    limit: int | None = None
    retry_failed: bool = False
    resend_unknown: bool = False
    today: str = ""  # ISO; what --older-than counts from

    def arguments(self) -> list[str]:
        """What a person types to say the same again, one argument an entry, unquoted; nothing for what is not said."""
        typed: list[str] = []
        for name, flag in FLAGS.items():
            match getattr(self, name):
                case None | False | ():
                    pass
                case True:
                    typed.append(flag)
                case tuple() as values:
                    typed += [part for value in values for part in (flag, str(value))]
                case value:
                    typed += [flag, str(value)]
        return typed

    def as_json(self) -> str:
        """The options as the ledger keeps them."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> SelectionOptions:
        """The options of an earlier run.

        Raises:
            UsageError: the run has options that this version does not know, so its rows can't be found again.
        """
        stored = json.loads(text)
        unknown = sorted(set(stored) - {field.name for field in fields(cls)})
        if unknown:
            raise UsageError(
                f"That run was made by another version, with options unknown to this one: {', '.join(unknown)}",
                "Use the newest version of bulk-cancel.",
            )
        return cls(**{name: _frozen(value) for name, value in stored.items()})

    def without_resending(self) -> SelectionOptions:
        """The same rows, with nothing asked again: for showing what was found."""
        return replace(self, retry_failed=False, resend_unknown=False)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value

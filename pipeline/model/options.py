"""What a person said about the sheet and its rows: kept with the run, so that it can be done again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Said:
    """The options that decide which rows are picked, as the command line spells them (docs/interface.md,
    "Commands")."""

    sheet: str | None = None
    header_row: int | None = None
    profile: str | None = None
    columns: tuple[str, ...] = ()  # NAME=HEADER
    statuses: tuple[str, ...] = ()
    older_than: int | None = None
    where: str | None = None
    everything: bool = False
    pick_from: str | None = None
    allow_late: tuple[str, ...] = ()
    include_hidden: bool = False
    limit: int | None = None
    retry_failed: bool = False
    resend_unknown: bool = False
    today: str = ""  # ISO; what --older-than counts from

    def as_json(self) -> str:
        """The options as the ledger keeps them."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Said:
        """The options of an earlier run; what a newer program added is left out."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: _frozen(value) for name, value in json.loads(text).items() if name in known})

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Said:
        """The options that the command line gave, whatever else it gave."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: _frozen(value) for name, value in options.items() if name in known and value is not None})

    def only_looking(self) -> Said:
        """The same rows, with nothing asked again: for showing what was found."""
        return replace(self, retry_failed=False, resend_unknown=False)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value

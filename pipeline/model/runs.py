"""TODO."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RunInfo:
    """One run as the ledger keeps it; times are aware and in UTC."""

    run: str
    environment: str
    command: str
    started: datetime
    finished: datetime | None
    input: str
    output: str
    sheet: str
    digest: str  # of the input file
    account: str  # a digest of the access token, never the token
    who: str
    exit_code: int | None
    stopped: str
    calls: int
    sent: int
    options: str  # JSON of the options that decided the rows, for `annotate RUN`

"""The log for machines: one JSON line an event, with numbers, AWBs and times; no key, no customer, no text of a sheet.

The only user of structlog. A log that can't be written any more stops no run: what was sent is in the ledger.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, TextIO

from pipeline.errors import OutputError
from pipeline.services.contract import Exchange, NoReply, Reply

Fact = str | int | float | bool | None | list[str] | dict[str, int]
"""What a line may hold: names of ours, AWBs, counts and times; never what stands in a cell or in an answer."""


@dataclass(slots=True)
class EventLog:
    """Where events are written; without a file, nowhere. Threads may share it.

    ``broken``: why a line could not be written, or ""; a run goes on without its log.
    """

    file: TextIO | None = None
    broken: str = ""
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _turn: Lock = field(default_factory=Lock)
    _logger: Any = None

    def __post_init__(self) -> None:
        """Makes the writer, where there is a file; structlog is loaded only then."""
        if self.file is not None:
            import structlog

            stamp = structlog.processors.TimeStamper(fmt="iso", utc=True, key="at")
            as_json = structlog.processors.JSONRenderer(ensure_ascii=False)
            self._logger = structlog.wrap_logger(
                structlog.WriteLogger(self.file), processors=[stamp, as_json], wrapper_class=structlog.BoundLogger
            )

    def event(self, name: str, **facts: Fact) -> None:
        """Writes one line; raises nothing."""
        if self._logger is None or self.broken:
            return
        try:
            self._logger.msg(name, **facts)
        except (OSError, ValueError) as error:  # a full disk, a pipe that nobody reads, a file that was closed
            self.broken = getattr(error, "strerror", None) or type(error).__name__

    def call(self, exchange: Exchange) -> None:
        """Writes down one call: its number, kind, AWBs, HTTP status and seconds; the answer's text is not kept."""
        with self._turn:
            number = next(self._numbers)
        http = exchange.reply.status_code if isinstance(exchange.reply, Reply) else None
        sent = exchange.reply.sent if isinstance(exchange.reply, NoReply) else True
        self.event(
            "call", number=number, kind=exchange.kind, awbs=list(exchange.awbs), http_status=http,
            seconds=round(exchange.seconds, 3), sent=sent,
        )  # fmt: skip


@contextmanager
def open_log(path: str) -> Iterator[EventLog]:
    """The log at a path, readable for its owner only, to which lines are added; one that writes nothing for "".

    Raises:
        OutputError: it can't be written; nothing was sent then.
    """
    if not path:
        yield EventLog()
        return
    try:
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        file = os.fdopen(opened, "w", buffering=1, encoding="utf-8")  # a line is out when it is written
    except OSError as error:
        step = "Nothing was sent. --log or BULK_CANCEL_LOG names another place."
        problem = f"The log can't be written ({error.strerror or error})"
        raise OutputError(problem, step, where=str(Path(path))) from error
    try:
        yield EventLog(file)
    finally:
        with suppress(OSError):  # the line that could not be written is tried once more, and was told already
            file.close()

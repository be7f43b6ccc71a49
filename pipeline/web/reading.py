"""Asks the processes that read sheets, and ends those that take too much memory or time."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MEMORY = 6_000_000_000
"""Bytes of addresses that the reading of one sheet may take: a full sheet of 1,048,575 rows and 11 columns takes less
than half of them, the libraries' own included."""

SECONDS = 240
"""Seconds for one answer: a full sheet is read in less than a quarter of that."""

MOST_READINGS = 4
"""Sheets that are kept at hand at a time; one that is asked for again later is read again."""

LONGEST_ANSWER = 64_000_000


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """What one sheet may take."""

    memory: int = MEMORY
    seconds: float = SECONDS


@dataclass(slots=True)
class _Child:
    process: Process
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Readings:
    """The processes that read, one a sheet.

    Args:
        env: the environment that the page works in.
        account: the account, by the name in the settings.
        who: the person.
        limits: of each process.
    """

    def __init__(self, env: str, account: str, who: str, limits: ReadingLimits | None = None) -> None:
        self._env, self._account, self._who = env, account, who
        self._limits = limits or ReadingLimits()
        self._children: OrderedDict[str, _Child] = OrderedDict()
        self._starting = asyncio.Lock()

    async def ask(self, name: str, path: Path, asked: dict[str, str]) -> dict[str, Any]:
        """An answer about a sheet; ``trouble``: what a person is told instead.

        Args:
            name: the sheet's.
            path: where it lies.
            asked: ``ask``, ``options`` and for a plan ``rows``.
        """
        child = await self._child(name, path)
        async with child.lock:
            try:
                return await asyncio.wait_for(self._answer(child, asked), self._limits.seconds)
            except TimeoutError:
                await self._end(name, child)
                words = f"Reading this sheet took more than {self._limits.seconds:,.0f} seconds, so it was given up."
                return {"trouble": f"{words} Save it as .xlsx or .csv with only the sheet of the orders in it."}
            except (OSError, ValueError, asyncio.IncompleteReadError):
                await self._end(name, child)
                return {"trouble": self._too_much()}

    async def _answer(self, child: _Child, asked: dict[str, str]) -> dict[str, Any]:
        stdin, stdout = child.process.stdin, child.process.stdout
        if stdin is None or stdout is None:
            raise OSError
        stdin.write(json.dumps(asked).encode() + b"\n")
        await stdin.drain()
        line = await stdout.readuntil(b"\n")
        found: dict[str, Any] = json.loads(line)
        if found.pop("memory", False):
            raise OSError
        return found

    async def _child(self, name: str, path: Path) -> _Child:
        async with self._starting:
            child = self._children.get(name)
            if child is None or child.process.returncode is not None:
                child = self._children[name] = await self._started(path)
            self._children.move_to_end(name)
            idle = [one for one, kept in self._children.items() if one != name and not kept.lock.locked()]
            for one in idle[: max(0, len(self._children) - MOST_READINGS)]:
                await self._end(one, self._children[one])
            return child

    async def _started(self, path: Path) -> _Child:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "pipeline.web.reading_process",
            stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=LONGEST_ANSWER,
            env={**os.environ, "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "1"}, start_new_session=True,
        )  # fmt: skip
        said = {
            "path": str(path),
            "env": self._env,
            "account": self._account,
            "who": self._who,
            "memory": self._limits.memory,
            "seconds": max(1, int(self._limits.seconds * 20)),
        }
        if process.stdin is not None:
            process.stdin.write(json.dumps(said).encode() + b"\n")
        return _Child(process)

    async def close(self) -> None:
        """Ends all of them."""
        for name, child in list(self._children.items()):
            await self._end(name, child)

    async def _end(self, name: str, child: _Child) -> None:
        if self._children.get(name) is child:
            del self._children[name]
        with suppress(ProcessLookupError):
            child.process.kill()
        await child.process.wait()

    def _too_much(self) -> str:
        return (
            f"Reading this sheet took more than {self._limits.memory / 1e9:.1f} GB of memory, or broke its reader, so "
            "it was given up. Save it as .xlsx or .csv with only the sheet of the orders in it."
        )

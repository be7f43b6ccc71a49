"""Runs commands one after the other and says what each took: time, and the largest memory, as the system counts."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Taken:
    """What one run took: on the clock and of the processors, in seconds; ``peak`` in MB."""

    seconds: float
    peak: float
    cpu: float = 0.0


@dataclass(frozen=True)
class Measured:
    """Several runs of one thing."""

    runs: tuple[Taken, ...]

    @property
    def seconds(self) -> float:
        """The median."""
        return statistics.median(run.seconds for run in self.runs)

    @property
    def cpu(self) -> float:
        """The median of the processor seconds."""
        return statistics.median(run.cpu for run in self.runs)

    @property
    def spread(self) -> str:
        """The median on the clock, with the least and the most."""
        every = [run.seconds for run in self.runs]
        return f"{self.seconds:.2f} s ({min(every):.2f} to {max(every):.2f})"

    @property
    def peak(self) -> float:
        """The largest."""
        return max(run.peak for run in self.runs)

    def ratios(self, other: Measured) -> tuple[float, float, float]:
        """How many times longer ``other`` took, pair by pair: median, least, most."""
        pairs = [there.seconds / here.seconds for here, there in zip(self.runs, other.runs, strict=True)]
        return statistics.median(pairs), min(pairs), max(pairs)


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Taken:
    """Runs a command to its end; raises when it fails. Python keeps its compiled modules, as on any user's machine."""
    as_a_user = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, env=as_a_user | dict(environment or {}), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    said = process.stderr.read() if process.stderr else b""
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {said.decode()[-2000:]}")
    return Taken(seconds, used.ru_maxrss / 1000, used.ru_utime + used.ru_stime)


def in_turn(times: int, *things: Callable[[], Taken]) -> list[Measured]:
    """Each thing several times, in turn, so that a machine that slows down slows all of them."""
    taken: list[list[Taken]] = [[] for _ in things]
    for _ in range(times):
        for place, thing in enumerate(things):
            taken[place].append(thing())
    return [Measured(tuple(runs)) for runs in taken]


def cpu_ratios(ours: Measured, other: Measured) -> tuple[float, float, float]:
    """How many times the processor seconds of ``other`` ours took, pair by pair: median, least, most."""
    pairs = [here.cpu / there.cpu for here, there in zip(ours.runs, other.runs, strict=True)]
    return statistics.median(pairs), min(pairs), max(pairs)


@cache
def expert_python() -> str:
    """The Python of a virtual environment with what ``expert_rival`` needs, made once; it is never the product's own.

    Raises:
        subprocess.CalledProcessError: the libraries can't be had.
    """
    folder = ROOT / "build" / "expert"
    python, ready = folder / "bin" / "python", folder / "ready"
    needs = Path(__file__).with_name("expert-requirements.txt")
    if not ready.exists() or ready.read_text(encoding="utf-8") != needs.read_text(encoding="utf-8"):
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", needs], check=True)
        shutil.copyfile(needs, ready)
    return str(python)


@contextmanager
def service(latency: float = 0.0) -> Iterator[str]:
    """The benchmark's service in a process of its own; gives its base address."""
    command = [sys.executable, "-m", "benchmarks.service", str(latency)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        port = process.stdout.readline().strip() if process.stdout else ""
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()

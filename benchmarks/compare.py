"""Runs the same commands with this checkout and with another one, in turn, and prints the ratios.

python -m benchmarks.compare OTHER_CHECKOUT [--times 5] [--rows 100000]

Processor seconds are compared, so that other work on the machine counts little; a ratio above 1 means that this
checkout takes more. Each pair runs one after the other; median, least and most are printed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.inputs import make_csv, make_xlsx
from benchmarks.measuring import ROOT, service


@dataclass(frozen=True)
class Used:
    """What one process used: processor seconds, and its largest memory in MB."""

    cpu: float
    peak: float


def use(checkout: Path, arguments: Sequence[str], settings: dict[str, str]) -> Used:
    """Runs the program of a checkout to its end; raises when it fails."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline", *arguments],
        cwd=checkout,
        env=environment | {"PYTHONPATH": str(checkout)} | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    said = process.stderr.read() if process.stderr else b""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise RuntimeError(f"{checkout}: {' '.join(arguments)} ended with {process.returncode}: {said.decode()[-500:]}")
    return Used(used.ru_utime + used.ru_stime, used.ru_maxrss / 1000)


def compared(name: str, pairs: Sequence[tuple[Used, Used]]) -> str:
    """A line of the table."""
    cpu = [ours.cpu / theirs.cpu for ours, theirs in pairs]
    ours, theirs = (statistics.median(pair[side].cpu for pair in pairs) for side in (0, 1))
    peaks = [max(pair[side].peak for pair in pairs) for side in (0, 1)]
    ratio = f"{statistics.median(cpu):.2f} ({min(cpu):.2f} to {max(cpu):.2f})"
    return f"| {name} | {ratio} | {ours:.2f} s against {theirs:.2f} s | {peaks[0]:.0f} MB against {peaks[1]:.0f} MB |"


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("other", type=Path)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--rows", type=int, default=100_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, service() as base:
        folder = Path(scratch)
        small, text, book = folder / "small.csv", folder / "orders.csv", folder / "orders.xlsx"
        make_csv(small, 100)
        make_csv(text, asked.rows)
        make_xlsx(book, asked.rows)
        keys = {"ITHINK_ACCESS_TOKEN": "bench", "ITHINK_SECRET_KEY": "bench", "ITHINK_ENV": "staging"}
        where = {"ITHINK_CANCEL_URL": f"{base}/cancel", "ITHINK_TRACK_URL": f"{base}/track"}
        rows = f"{asked.rows:,} rows"
        works = {
            "--help": ["--help"],
            "plan of 100 rows": ["plan", str(small), "-q"],
            f"plan, csv, {rows}": ["plan", str(text), "-q"],
            f"plan, xlsx, {rows}": ["plan", str(book), "-q"],
            f"whole job, csv, {rows}": ["cancel", str(text), "-q", "-y", "--rate", "1000000"],
            f"whole job, xlsx, {rows}": ["cancel", str(book), "-q", "-y", "--rate", "1000000"],
        }
        print("| work | processor time, this to the other | this against the other | largest memory |")
        print("|---|---|---|---|")
        for name, arguments in works.items():
            pairs = []
            for turn in range(asked.times + 1):
                used = []
                for checkout in (ROOT, asked.other.resolve()):
                    place = folder / f"{turn}-{checkout.name}"
                    place.mkdir(exist_ok=True)
                    ledger = place / f"{len(pairs)}-{name.replace(' ', '-').replace(',', '')}.db"
                    out = ["-o", str(place / f"out{Path(arguments[1]).suffix}")] if len(arguments) > 1 else []
                    settings = {"BULK_CANCEL_LEDGER": str(ledger), **keys, **where}
                    used.append(use(checkout, [*arguments, *out], settings))
                if turn:  # the first turn only warms up
                    pairs.append((used[0], used[1]))
            print(compared(name, pairs), flush=True)


if __name__ == "__main__":
    main()

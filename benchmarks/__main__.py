"""Measures the program against its rival and its floor, and writes benchmarks/RESULTS.md.

make bench                          everything, a full Excel sheet and 20,000,000 lines of CSV too: half an hour, 12 GB
make bench ARGS=--quick             without the very large files: each once, ten minutes; writes nothing
make bench ARGS="--only annotate"   one of them; writes nothing
make bench ARGS=--growth            the plot docs/img/growth.png
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks.growth import draw, measure
from benchmarks.inputs import make_csv, make_xlsx
from benchmarks.measuring import ROOT, Measured, Taken, cpu_ratios, expert_python, in_turn, run, service

RESULTS = Path(__file__).parent / "RESULTS.md"
FULL_SHEET = 1_048_575
LATENCY = 0.2
"""Seconds that a call takes where its time is measured."""


@dataclass(frozen=True)
class Line:
    """One row of the table."""

    work: str
    target: str
    found: str
    met: bool | None
    detail: str


@dataclass(frozen=True)
class Bench:
    """Where the measurements happen."""

    folder: Path
    times: int
    full: bool

    def xlsx(self, rows: int) -> Path:
        """A workbook of so many rows, made once."""
        path = self.folder / f"orders-{rows}.xlsx"
        if not path.exists():
            make_xlsx(path, rows)
        return path

    def csv(self, rows: int, one_in: int = 10) -> Path:
        """A CSV of so many rows, one in so many to be cancelled, made once."""
        path = self.folder / (f"orders-{rows}.csv" if one_in == 10 else f"orders-{one_in}-{rows}.csv")
        if not path.exists():
            make_csv(path, rows, one_in)
        return path

    def ours(self, source: Path, url: str, *more: str) -> Taken:
        """The whole job with a fresh ledger."""
        with tempfile.TemporaryDirectory(dir=self.folder) as scratch:
            environment = {
                "ITHINK_ENV": "staging",
                "ITHINK_CANCEL_URL": url,
                "ITHINK_TRACK_URL": url,
                "ITHINK_ACCESS_TOKEN": "bench",
                "ITHINK_SECRET_KEY": "bench",
                "BULK_CANCEL_LEDGER": f"{scratch}/ledger.db",
            }
            command = [sys.executable, "-m", "pipeline", "cancel", str(source), "-o", f"{scratch}/out{source.suffix}"]
            return run([*command, "--yes", "-q", "--rate", "1000000", *more], environment)

    def rival(self, source: Path, url: str, *how: str) -> Taken:
        """The script that a user would write."""
        target = self.folder / f"rival{source.suffix}"
        taken = run([sys.executable, "-m", "benchmarks.script_rival", str(source), str(target), url, *how])
        target.unlink()
        return taken

    def plan(self, source: Path) -> Taken:
        """Reading, choosing, checking, sealing and writing, with a fresh ledger; nothing is sent."""
        with tempfile.TemporaryDirectory(dir=self.folder) as scratch:
            keys = {"ITHINK_ACCESS_TOKEN": "bench", "ITHINK_SECRET_KEY": "bench", "ITHINK_ENV": "staging"}
            command = [sys.executable, "-m", "pipeline", "plan", str(source), "-o", f"{scratch}/out{source.suffix}"]
            return run([*command, "-q"], {**keys, "BULK_CANCEL_LEDGER": f"{scratch}/ledger.db"})

    def expert(self, source: Path, url: str) -> Taken:
        """The script of an expert; with ``plan`` for the address, without calls."""
        target = self.folder / f"expert{source.suffix}"
        taken = run([expert_python(), "-m", "benchmarks.expert_rival", str(source), str(target), url])
        target.unlink()
        return taken

    def part(self, name: str, *arguments: str) -> Taken:
        """A piece of the work in a process of its own (see ``parts.py``)."""
        return run([sys.executable, "-m", "benchmarks.parts", name, *arguments])


def whole_xlsx(bench: Bench) -> Iterator[Line]:
    """The whole job on 100,000 x 20 cells, and on a full sheet."""
    source = bench.xlsx(100_000)
    with service() as url:
        ours, rival = in_turn(bench.times, lambda: bench.ours(source, url), lambda: bench.rival(source, url))
        median, least, most = ours.ratios(rival)
        yield Line(
            "whole job, xlsx 100,000 x 20",
            "25 times as fast as the rival, no more memory",
            f"{median:.1f} times ({least:.1f} to {most:.1f}); {ours.peak:.0f} MB, rival {rival.peak:.0f} MB",
            median >= 25 and ours.peak <= rival.peak,
            f"{ours.seconds:.2f} s against {rival.seconds:.1f} s",
        )
        if bench.full:
            yield _full_sheet(bench, url, ours, rival)


def against_expert(bench: Bench) -> Iterator[Line]:
    """The whole job and its plan against the script of an expert, in processor seconds and on the clock."""
    works = (
        (bench.csv(1_000_000), "csv 1,000,000 x 12", "at most 1.5 times its", "at most 1.3 times its", 1.5, 1.3),
        (bench.xlsx(100_000), "xlsx 100,000 x 20", "a twelfth of its", "a fifteenth of its", 1 / 12, 1 / 15),
    )
    with service() as url:
        for source, name, whole, planned, most_whole, most_planned in works:
            ours, expert = in_turn(bench.times, partial(bench.ours, source, url), partial(bench.expert, source, url))
            yield _expert_line(f"whole job, {name}", whole, most_whole, ours, expert)
            ours, expert = in_turn(bench.times, partial(bench.plan, source), partial(bench.expert, source, "plan"))
            yield _expert_line(f"plan, {name}", planned, most_planned, ours, expert)


def _expert_line(work: str, target: str, most: float, ours: Measured, expert: Measured) -> Line:
    median, lowest, highest = cpu_ratios(ours, expert)
    return Line(
        f"{work}, and an expert's script",
        f"{target} processor time",
        f"{median:.2f} times ({lowest:.2f} to {highest:.2f}); {ours.peak:.0f} MB, its {expert.peak:.0f} MB",
        median <= most,
        f"processors {ours.cpu:.2f} s against {expert.cpu:.2f} s; clock {ours.spread} against {expert.spread}",
    )


def _full_sheet(bench: Bench, url: str, small: Measured, rival: Measured) -> Line:
    source = bench.xlsx(FULL_SHEET)
    (large,) = in_turn(bench.times, lambda: bench.ours(source, url))
    growth = large.seconds / small.seconds
    scaled = rival.seconds * FULL_SHEET / 100_000 / large.seconds
    return Line(
        "whole job, xlsx 1,048,575 x 20",
        "at most 11 times the time of 100,000; at most 2 GiB; 30 times as fast as the rival (scaled)",
        f"{growth:.1f} times; {large.peak / 1073.7:.2f} GiB; {scaled:.1f} times as fast",
        growth <= 11 and large.peak <= 2147 and scaled >= 30,
        f"{large.seconds:.1f} s",
    )


def annotate_alone(bench: Bench) -> Iterator[Line]:
    """The patch alone against unpacking and packing the worksheet."""
    rows = 1_000_000 if bench.full else 100_000
    pairs = _printed("annotate", str(bench.xlsx(rows)), str(bench.folder / "patched.xlsx"))
    ratios = sorted(ours / floor for ours, floor, _ in pairs)
    middle = ratios[len(ratios) // 2]
    ours, floor, above = pairs[len(pairs) // 2]
    yield Line(
        f"annotate alone, xlsx {rows:,} x 20",
        "2.5 times the inflate-deflate floor; 100 MiB above its marks",
        f"{middle:.2f} times ({ratios[0]:.2f} to {ratios[-1]:.2f}); {above:.0f} MB above",
        middle <= 2.5 and above <= 105,
        f"{ours:.2f} s, floor {floor:.2f} s",
    )


def _printed(part: str, *arguments: str) -> list[tuple[float, ...]]:
    """The numbers that a part prints, a line each time."""
    command = [sys.executable, "-m", "benchmarks.parts", part, *arguments]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [tuple(map(float, line.split())) for line in said.splitlines()]


def whole_csv(bench: Bench) -> Iterator[Line]:
    """The whole job on CSV."""
    with service() as url:
        yield from _against_rival(bench, url, 1_000_000, bench.times)
        if bench.full:
            yield from _against_rival(bench, url, 2_000_000, 1)
            yield _large_csv(bench, url)


def _against_rival(bench: Bench, url: str, rows: int, times: int) -> Iterator[Line]:
    """The rival's time grows with the square of the rows, so that the ratio is one of the size; both are told."""
    source = bench.csv(rows)
    copying = _copied(source, bench.folder / "copied.csv")
    ours, rival, once = in_turn(
        times,
        lambda: bench.ours(source, url),
        lambda: bench.rival(source, url),
        lambda: bench.rival(source, url, "once"),
    )
    for other, name in ((rival, "the rival"), (once, "a rival that puts the answers in once, at its end")):
        median, least, most = ours.ratios(other)
        target = other is rival
        yield Line(
            f"whole job, csv {rows:,} x 12",
            f"{'6 times as fast as ' if target else 'none; '}{name}",
            f"{median:.1f} times ({least:.1f} to {most:.1f}); {ours.peak:.0f} MB, rival {other.peak:.0f} MB",
            median >= 6 if target else None,
            f"{ours.seconds:.2f} s against {other.seconds:.1f} s; copying the file {copying:.2f} s",
        )


def _copied(source: Path, target: Path) -> float:
    """The seconds that copying a file takes: the floor of CSV."""
    began = time.perf_counter()
    shutil.copyfile(source, target)
    seconds = time.perf_counter() - began
    target.unlink()
    return seconds


def _large_csv(bench: Bench, url: str) -> Line:
    """Ten million rows, and twice as many of which as many are picked."""
    rows = 10_000_000
    large, larger = bench.csv(rows), bench.csv(2 * rows, 20)
    (once,) = in_turn(1, lambda: bench.ours(large, url))
    (twice,) = in_turn(1, lambda: bench.ours(larger, url))
    return Line(
        f"whole job, csv {rows:,} x 12",
        "at most 1.5 GiB; twice the rows with as many picked, at most 1.2 times the memory",
        f"{once.peak / 1073.7:.2f} GiB; twice the rows {twice.peak / once.peak:.2f} times",
        once.peak <= 1610 and twice.peak <= 1.2 * once.peak,
        f"{once.seconds:.1f} s; {twice.seconds:.1f} s",
    )


def calls(bench: Bench) -> Iterator[Line]:
    """How near to the ideal the calls come when each takes 200 ms."""
    del bench
    for workers, count in ((1, 50), (8, 200)):
        with service(LATENCY) as url:
            ((seconds, ledger),) = _printed("calls", url, str(count), str(workers))
        ideal = math.ceil(count / workers) * LATENCY
        yield Line(
            f"{count} calls of 200 ms, {workers} worker{'s' if workers > 1 else ''}",
            "97 % of the ideal; the ledger 2 % of a call",
            f"{100 * ideal / seconds:.1f} %; {100 * ledger / count / LATENCY:.1f} %",
            ideal / seconds >= 0.97 and ledger / count <= 0.02 * LATENCY,
            f"{seconds:.2f} s, ideal {ideal:.1f} s",
        )


def start_up(bench: Bench) -> Iterator[Line]:
    """What a person waits for before anything happens."""
    source = bench.csv(100)
    (asked,) = in_turn(bench.times, lambda: run([sys.executable, "-m", "pipeline", "--help"]))
    yield Line("bulk-cancel --help", "0.3 s", f"{asked.seconds:.2f} s", asked.seconds < 0.3, f"{asked.peak:.0f} MB")
    command = [sys.executable, "-m", "pipeline", "plan", str(source), "-q", "-o", str(bench.folder / "plan.csv")]
    environment = {"BULK_CANCEL_LEDGER": str(bench.folder / "plan-ledger.db")}
    (planned,) = in_turn(bench.times, lambda: run(command, environment))
    found = f"{planned.seconds:.2f} s"
    yield Line("plan of 100 rows", "2 s", found, planned.seconds < 2, f"{planned.peak:.0f} MB")


def validation(bench: Bench) -> Iterator[Line]:
    """The schema on 1,000,000 rows with 1 % bad, against pandera on object columns."""
    del bench
    pairs = _printed("validate")
    shares = sorted(ours / objects for ours, objects in pairs)
    middle = pairs[len(pairs) // 2]
    yield Line(
        "validate 1,000,000 rows, 1 % bad",
        "half of pandera on object columns",
        f"{shares[len(shares) // 2]:.2f} of it ({shares[0]:.2f} to {shares[-1]:.2f})",
        shares[len(shares) // 2] <= 0.5,
        f"{middle[0]:.2f} s against {middle[1]:.2f} s",
    )


BENCHES: dict[str, Callable[[Bench], Iterator[Line]]] = {
    "startup": start_up,
    "annotate": annotate_alone,
    "validate": validation,
    "calls": calls,
    "csv": whole_csv,
    "xlsx": whole_xlsx,
    "expert": against_expert,
}


def growth(bench: Bench) -> None:
    """The plot of time and memory against rows."""
    sizes = [1_000, 10_000, 100_000, *([FULL_SHEET] if bench.full else [])]
    with service() as url:
        draw(
            measure(
                sizes,
                {
                    "xlsx": (lambda n: bench.ours(bench.xlsx(n), url), lambda n: bench.rival(bench.xlsx(n), url)),
                    "csv": (lambda n: bench.ours(bench.csv(n), url), lambda n: bench.rival(bench.csv(n), url)),
                },
            )
        )


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep:
        keep.mkdir(exist_ok=True, parents=True)
        yield keep
        return
    with tempfile.TemporaryDirectory() as scratch:
        yield Path(scratch)


def main() -> int:
    """Measures, prints the table, and writes it unless only some of it was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without the very large files")
    parser.add_argument("--times", type=int, help="how often each is run; 3, or 1 with --quick")
    parser.add_argument("--only", choices=BENCHES, action="append")
    parser.add_argument("--inputs", type=Path, help="a folder that keeps the inputs between runs")
    parser.add_argument("--write", action="store_true", help="write the document whatever was left out")
    parser.add_argument("--growth", action="store_true", help="draw docs/img/growth.png, and measure nothing else")
    options = parser.parse_args()
    times = options.times or (1 if options.quick else 3)
    lines: list[Line] = []
    with _folder(options.inputs) as folder:
        if options.growth:
            growth(Bench(folder, 1, not options.quick))
            return 0
        for name in options.only or BENCHES:
            for line in BENCHES[name](Bench(folder, times, not options.quick)):
                print(_row(line), flush=True)
                lines.append(line)
    if options.write or not (options.only or options.quick):
        RESULTS.write_text(_document(lines), encoding="utf-8")
        print(f"written to {RESULTS.relative_to(ROOT)}")
    return 0


def _row(line: Line) -> str:
    met = {True: "yes", False: "no", None: ""}[line.met]
    return f"| {line.work} | {line.target} | {line.found} | {met} | {line.detail} |"


def _load() -> str:
    """How much else the machine had to do, as the system counts it."""
    if not hasattr(os, "getloadavg"):
        return "not known"
    return f"a load of {os.getloadavg()[2]:.1f} over the last quarter of an hour, this run included"


def _document(lines: list[Line]) -> str:
    show = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(show, cwd=ROOT, capture_output=True, text=True, check=False)
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    table = "\n".join(_row(line) for line in lines)
    return f"""# Measured

{datetime.now(UTC):%Y-%m-%d}, {machine}, commit {commit.stdout.strip()}.
`make bench` measures all of it again (half an hour).
Times are medians; a ratio is the median of the pairs, with the least and the most. The rival is
`benchmarks/script_rival.py`: pandas with openpyxl (or its C engine for CSV), chunks of 100, `requests.post`; the
expert's script is `benchmarks/expert_rival.py`: polars and fastexcel, one connection, answers put in once.
Beside it ran: {_load()}.

| work | target | found | met | times |
|---|---|---|---|---|
{table}
"""


if __name__ == "__main__":
    raise SystemExit(main())

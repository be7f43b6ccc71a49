"""Throws damaged files at all that ``inspect``, ``plan --all`` and ``cancel --all`` do, from reading to the annotated
sheet: each must end well.

    make fuzz                    some minutes
    make fuzz ARGS="--seed 7 --count 5000 --seconds 600"

To end well is to return, or to say what is wrong (``PipelineError``), within the time and the memory below; a sheet
that was written must open again with the same AWBs. Once something was sent, the sheet must be written, and must say of
as many rows what became of them as the summary does. A file that ends otherwise is kept in the folder that is printed.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import signal
import tempfile
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from threading import Event
from time import monotonic

import pandas as pd

from pipeline.addresses import column_letters
from pipeline.errors import PipelineError
from pipeline.jobs.cancel import execute
from pipeline.jobs.deliver import deliver, deliver_plan
from pipeline.jobs.inspection import inspect
from pipeline.jobs.prepare import Prepared, opened
from pipeline.jobs.request import Request
from pipeline.ledger import Ledger
from pipeline.load import Table, Wishes, load
from pipeline.model.calls import Answered, Batch, Outcome, Tracked
from pipeline.model.options import SelectionOptions
from pipeline.model.sheet import Book, Place
from pipeline.report.summary import Summary
from pipeline.services.contract import Limits
from pipeline.settings import Settings, read_settings
from pipeline.sheets import open_book, output_suffix, write_sheet
from schemas.annotated import BLANK, Status
from tests.biff8_file import OldSheet, make_xls
from tests.biff8_file import Styled as Old
from tests.biff12_file import More, make_xlsb
from tests.mutations import mutated
from tests.silent import Silent

HERE = Path(__file__).parent

OUTPUT = re.compile(r"\.(annotated|plan)\b")
"""What a run leaves beside a sample; it is no seed."""

SECONDS = 10
"""Of the processor's time for one file, from opening it to the written sheet opened again, however busy the machine."""

LONGEST = 32_767
"""Characters that a cell of an .xlsx can hold."""

WIDEST = 400
"""Characters of a line that is printed: an error may quote the whole text of a cell."""

PATIENCE = 6 * SECONDS
"""By the clock; then the process is ended."""

MEMORY = 1_500_000_000
"""Bytes of address space beyond those of a program that has read and written one file of each format."""

ROWS: list[tuple[int, list[tuple[int, str | float | bool | None]]]] = [
    (0, [(0, "Order ID"), (1, "AWB"), (2, "Status")]),
    *((row, [(0, f"SO-{row}"), (1, 86210010460.0 + row), (2, "To Cancel")]) for row in range(1, 9)),
]

WORKBOOK = (
    '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
)

REFUSED, NOT_WRITTEN, WRITTEN = "refused", "loaded, writing refused", "loaded and written"
FINDING = "FINDING"


class TooSlow(BaseException):
    """Past every ``except Exception`` on its way."""


def seeds() -> dict[str, list[Path]]:
    """The valid files, by format."""
    found: dict[str, list[Path]] = defaultdict(list)
    for folder in (HERE.parent / "sample_data", HERE / "exports", HERE / "data"):
        for path in sorted(path for path in folder.rglob("*.*") if not OUTPUT.search(path.name)):
            if path.is_file() and path.suffix not in (".py", ".pyc", ".toml", ".db", ".json"):
                found["html" if path.name.startswith("html") else path.suffix[1:]].append(path)
    return found


def made(folder: Path) -> dict[str, list[Path]]:
    """A file of each format that the repository has none of."""
    page = folder / "page.html"
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for _, cell in cells)}</tr>" for _, cells in ROWS)
    page.write_text(f'<html><body><table border="1">{rows}</table></body></html>', encoding="utf-8")
    styled = More(short=True, merged=((2, 4, 2, 2),), hidden=frozenset({5}), styles=((0, 164),), formats={164: "000"})
    old = OldSheet(
        {row: dict(cells) for row, cells in ROWS} | {9: {1: Old(46053.0, 1)}},
        merged=((2, 4, 2, 2),),
        hidden=frozenset({5}),
    )
    xml = folder / "book.xml"
    lines = ["".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for _, cell in cells) for _, cells in ROWS]
    table = "".join(f"<Row>{line}</Row>" for line in lines)
    xml.write_text(f'{WORKBOOK}<Worksheet ss:Name="Orders"><Table>{table}</Table></Worksheet></Workbook>', "utf-8")
    return {
        "html": [page],
        "xlsb": [
            make_xlsb(folder / "book.xlsb", {"Orders": ROWS, "Notes": ROWS[:1]}),
            make_xlsb(folder / "styled.xlsb", {"Orders": ROWS}, more=styled),
        ],
        "xls": [
            make_xls(folder / "old.xls", old, (0, 31)),
            make_xls(folder / "shared.xls", old, (0, 31), shared_sectors=True),
        ],
        "xml": [xml],
    }


# --- what a file goes through -----------------------------------------------------------------------------------------


class SaysYes:
    """A courier that cancels whatever it is sent."""

    limits = Limits(cancel=100, track=10)

    def cancel(self, batch: Batch, may_send: Callable[[], bool]) -> Answered:
        """Every AWB is cancelled."""
        return Answered(tuple(Outcome(item.awb, Status.SUCCESS, "", "".join(item.refs[:1])) for item in batch.items))

    def track(self, awbs: Sequence[str]) -> tuple[Tracked, ...]:
        """A new ledger has nothing in doubt."""
        raise AssertionError(awbs)

    def says_cancelled(self, remark: str) -> bool:
        """It never says no."""
        raise AssertionError(remark)


@cache
def new_ledger() -> bytes:
    """A ledger that knows of nothing."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "ledger.db"
        with Ledger.open(str(path)):
            pass
        return path.read_bytes()


def settings_with(ledger: Path) -> Settings:
    """Those of the sandbox, with a ledger of this file alone."""
    for old in ledger.parent.glob(f"{ledger.name}*"):
        old.unlink()
    ledger.write_bytes(new_ledger())
    return read_settings({}, ledger.with_name("none"), env=None, default_ledger=ledger, version="0")


def planned_and_sent(path: Path, column: str, folder: Path) -> None:
    """The whole way of ``plan --all`` and of ``cancel --all``, with a column named, up to sheet, page and summary.

    Args:
        path: the damaged file.
        column: the letter of the column in which the whole one had its AWBs.
        folder: for the ledger.
    """
    selection = SelectionOptions(everything=True, columns=(f"awb_number={column}",), include_hidden=True)
    request, settings = Request(input=path, selection=selection), settings_with(folder / "ledger.db")
    with suppress(PipelineError), opened(request, settings, Silent(), infix="plan") as prepared:
        deliver_plan(prepared)
        _clear(prepared)
    try:
        with opened(request, settings, Silent()) as prepared:
            if prepared.awbs:
                sent(prepared, column)
    except PipelineError as error:
        assert str(error)


def sent(prepared: Prepared, column: str) -> None:
    """What is planned is sent; after that nothing may go wrong, and sheet and summary say the same."""
    executed = execute(prepared, SaysYes(), Silent(), Event())
    try:
        summary = deliver(executed).summary
    except PipelineError as error:
        raise AssertionError(f"sent {prepared.awbs} AWBs, and then: {error}") from error
    try:
        assert summary.counts[Status.SUCCESS] >= len(executed.keys) == prepared.awbs
        _counted(summary, prepared.orders.place, column)
    except PipelineError as error:
        raise AssertionError(f"the sheet of a run can't be read: {error}") from error
    finally:
        _clear(prepared)


def _counted(summary: Summary, place: Place, column: str) -> None:
    """The sheet says of as many rows what became of them as the summary."""
    book = open_book(Path(summary.output))
    written = load(book, Wishes(_sheet(book, place), place.header_row or None, columns={"awb_number": column}))
    own = written.own_column
    assert own is not None, f"the written sheet's own columns are not known again: {written.headers}"
    said: Counter[str] = Counter()
    for frame in written.book.frames(written.sheet, written.header_row, [own], 10_000):
        said.update(str(word) for word in frame.columns[own].text)
    counts = {word: count for word, count in summary.counts.items() if count and word != BLANK}
    assert {word: count for word, count in said.items() if word} == counts


def _sheet(book: Book, place: Place) -> str | None:
    """The sheet, by the name that it has in what was written: an .xlsx can't have every name."""
    names = [info.name for info in book.sheets]
    return (place.sheet if place.sheet in names else names[0]) or None


def _clear(prepared: Prepared) -> None:
    target = prepared.target
    for one in (target.sheet, target.report, target.summary):
        one.unlink(missing_ok=True)


def awbs_stand_in(path: Path) -> str:
    """The letter of the column in which a whole file has its AWBs; B where that can't be told."""
    try:
        return column_letters(load(open_book(path), Wishes()).columns["awb_number"])
    except (PipelineError, KeyError):
        return "B"


def through(path: Path, column: str, folder: Path) -> str:
    """What ``inspect``, ``plan`` and ``cancel`` do, then what is written; raises what is a finding."""
    planned_and_sent(path, column, folder)
    try:
        table, awbs = _read(path, Wishes())
    except PipelineError as error:
        assert str(error)
        return REFUSED
    place = table.place()
    target = folder / f"out{output_suffix(place.format)}"
    try:
        write_sheet(table.book, place, _marks(awbs), target)
    except PipelineError as error:
        assert str(error)
        return NOT_WRITTEN
    _same_again(place, awbs, target)
    return WRITTEN


def _read(path: Path, wishes: Wishes) -> tuple[Table, pd.Series[str]]:
    """The table, and what was believed of each row that is not blank: its AWB, or "" where there is a doubt."""
    table = load(open_book(path), wishes)
    parts: list[pd.Series[str]] = []

    def watch(frame: pd.DataFrame) -> None:
        rows = frame[frame["aside"] != "blank"]
        parts.append(rows["awb_number"].where(rows["awb_doubt"] == "", ""))

    assert inspect(table, watch).as_json()
    return table, pd.concat(parts) if parts else pd.Series(dtype="str")


def _marks(awbs: pd.Series[str]) -> pd.DataFrame:
    said = {"status": str(Status.SKIPPED), "remark": "not to be cancelled", "refnum": ""}
    return pd.DataFrame(said, index=awbs.index).astype("category")


def _same_again(place: Place, awbs: pd.Series[str], target: Path) -> None:
    """The written sheet opens, and no row of it has another AWB than the input's."""
    wishes = Wishes(sheet=_sheet(open_book(target), place), header_row=place.header_row or None)
    _, again = _read(target, wishes)
    both = awbs.index.intersection(again.index)
    assert len(both) == len(awbs), f"rows are missing: {sorted(set(awbs.index) - set(again.index))[:5]}"
    other = (awbs[both] != again[both]) & (awbs[both] != "") & (again[both] != "")
    other &= awbs[both].str.len() <= LONGEST  # a longer one is cut, with a note
    assert not other.any(), f"another AWB: {awbs[both][other].head(3)} is {again[both][other].head(3)}"


# --- the child that is thrown at --------------------------------------------------------------------------------------


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Raises TooSlow in what lasts longer."""

    def over(*_: object) -> None:
        raise TooSlow

    signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def serve(line: Connection, warm: list[Path], folder: Path) -> None:
    """Takes paths, and the columns of their AWBs, until there is none; says what came of each."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # a library's panic prints there before it is caught
    for path in warm:
        through(path, awbs_stand_in(path), folder)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    line.send("ready")
    while job := line.recv():
        try:
            with within(SECONDS):
                fate = through(*job, folder)
        except (Exception, TooSlow) as error:
            lines = [line[:WIDEST] for line in traceback.format_exc(limit=-12).splitlines()]
            fate = "\n".join([f"{FINDING} {type(error).__name__}", *lines])
        line.send(fate)


@dataclass
class Child:
    """A process that handles many files, and is replaced when one has killed it."""

    warm: list[Path]
    folder: Path
    line: Connection = field(init=False)

    def __post_init__(self) -> None:
        """Starts it."""
        self.start()

    def start(self) -> None:
        """Starts a new one, and waits until it has read a file of each format."""
        context = get_context("spawn")
        self.line, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs, self.warm, self.folder), daemon=True)
        self.process.start()
        theirs.close()
        assert self.line.recv() == "ready"

    def throw(self, path: Path, column: str) -> str:
        """What came of a file."""
        self.line.send((path, column))
        try:
            if self.line.poll(PATIENCE):
                return str(self.line.recv())
            fate = f"{FINDING} hangs"
        except EOFError:
            self.process.join()
            fate = f"{FINDING} killed the process ({self.process.exitcode})"
        self.process.kill()
        self.process.join()
        self.start()
        return fate


# --- the throwing -----------------------------------------------------------------------------------------------------


@dataclass
class Verdict:
    """What came of the files, by format; and the findings, each with the file that made it."""

    fates: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    findings: list[tuple[Path, str]] = field(default_factory=list)

    def __str__(self) -> str:
        """A line for each format."""
        lines = []
        for kind, fates in sorted(self.fates.items()):
            said = ", ".join(f"{count:,} {fate}" for fate, count in sorted(fates.items()))
            lines.append(f"{kind:5} {fates.total():7,} thrown: {said}")
        total = sum(fates.total() for fates in self.fates.values())
        return "\n".join([*lines, f"all   {total:7,} thrown: {len(self.findings)} findings"])


def fuzz(seed: int, count: int, seconds: float, kept: Path) -> Verdict:
    """Throws ``count`` files, or as many as there is time for; the formats take turns.

    Args:
        seed: the same seed throws the same files.
        count: how many.
        seconds: how long at most.
        kept: where the files of the findings stay.
    """
    verdict, until = Verdict(), monotonic() + seconds
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sources = seeds()
        for kind, paths in made(folder).items():
            sources[kind] += paths
        whole = [sources[kind][0] for kind in ("csv", "xls", "xlsb", "ods", "html", "xml")]
        whole.append(HERE.parent / "sample_data/orders.xlsx")
        warm = [Path(shutil.copy(path, folder / f"warm-{path.name}")) for path in whole]
        child = Child(warm, folder)
        kinds, columns = sorted(sources), cache(awbs_stand_in)
        for number in range(count):
            if monotonic() > until:
                break
            random = Random(f"{seed} {number}")
            kind = kinds[number % len(kinds)]
            source = random.choice(sources[kind])
            path = folder / f"thrown.{kind}"
            path.write_bytes(mutated(random, source.read_bytes()))
            fate = child.throw(path, columns(source))
            verdict.fates[kind][fate.partition(" ")[0] if fate.startswith(FINDING) else fate] += 1
            if fate.startswith(FINDING):
                keep = kept / f"{seed}-{number}-{source.stem}.{kind}"
                keep.write_bytes(path.read_bytes())
                verdict.findings.append((keep, fate))
        child.line.send(None)
        child.process.join()
    return verdict


def main() -> int:
    """``make fuzz``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=3000, help="files to throw")
    parser.add_argument("--seconds", type=float, default=600, help="to stop after")
    options = parser.parse_args()
    kept = Path(tempfile.mkdtemp(prefix="fuzz-"))
    verdict = fuzz(options.seed, options.count, options.seconds, kept)
    for path, fate in verdict.findings:
        print(f"{path}: {fate}")
    print(verdict)
    if not verdict.findings:
        kept.rmdir()
    return 1 if verdict.findings else 0


if __name__ == "__main__":
    raise SystemExit(main())

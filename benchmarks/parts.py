"""Pieces of the work, each in a process of its own so that its time and memory can be told.

python -m benchmarks.parts NAME [ARGUMENT ...]
"""

from __future__ import annotations

import ctypes
import gc
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from benchmarks.inputs import XLSX_COLUMNS


def marks(source: str) -> pd.DataFrame:
    """The marks of a sheet: one row in ten sent, the others skipped."""
    rows = int(Path(source).stem.rpartition("-")[2])
    number = np.arange(rows)
    sent = number % 10 == 0
    words = pd.Categorical.from_codes(np.where(sent, 0, 1), ["Success", "Skipped"])
    remark = pd.Categorical.from_codes(np.where(sent, 0, 1), ["", "status Delivered: not to be cancelled"])
    refnum = pd.Series(np.where(sent, [f"SO-{one:08d}" for one in number], ""), dtype="category").array
    return pd.DataFrame({"status": words, "remark": remark, "refnum": refnum}, index=pd.Index(number + 2, name="row"))


def annotate(source: str, target: str) -> None:
    """Prints the seconds of the patch alone and of its floor, in turn, and the memory above the marks in MB."""
    from pipeline.model.sheet import Extent, Place
    from pipeline.sheets import open_book, write_sheet

    made = marks(source)
    extent = Extent(len(made) + 1, XLSX_COLUMNS - 1)
    place = Place(Path(source), "xlsx", "Orders", 1, (), {}, ("status", "remark", "refnum"), None, extent, "")
    _seconds(lambda: floor(source))
    before = _peak_from_now()
    pairs = []
    for _ in range(3):
        ours = _seconds(lambda: write_sheet(open_book(Path(source)), place, made, Path(target)))
        pairs.append((ours, _seconds(lambda: floor(source))))
    above = _peak() - before
    for ours, least in pairs:
        print(ours, least, above)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _peak_from_now() -> float:
    """What the process holds now, in MB; its peak counts from here on where the system can forget the earlier one."""
    forget, status = Path("/proc/self/clear_refs"), Path("/proc/self/status")
    if not forget.exists():
        return _peak()
    gc.collect()
    pa.default_memory_pool().release_unused()
    ctypes.CDLL(None).malloc_trim(0)  # what was needed to make the marks is no room for what comes
    forget.write_text("5")  # proc(5): resets the peak (VmHWM) to what is held now
    return _of_status(status, "VmRSS")


def _peak() -> float:
    status = Path("/proc/self/status")
    return _of_status(status, "VmHWM") if status.exists() else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def _of_status(status: Path, name: str) -> float:
    (line,) = (line for line in status.read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) / 1000


def floor(source: str) -> None:
    """Unpacking and packing the worksheet, and nothing else."""
    from isal import isal_zlib

    from pipeline.containers.zip_archive import open_archive
    from pipeline.source_file import SourceFile

    pack = isal_zlib.compressobj(1, isal_zlib.DEFLATED, -15)
    for piece in open_archive(SourceFile(Path(source))).stream("xl/worksheets/sheet1.xml"):
        pack.compress(piece)
    pack.flush()


def calls(url: str, count: str, workers: str) -> None:
    """Prints the seconds of a plan's calls against a service that takes its time, and those of the ledger in them."""
    from pipeline.cli.group import COLLECT
    from pipeline.ledger import Ledger, RunStart
    from pipeline.model.calls import Batch, Item, Outcome, Plan
    from pipeline.model.runs import LedgerKey
    from pipeline.sending.pacing import Pacer, pause
    from pipeline.sending.send import Assignment, Sender, cancel
    from pipeline.services.ithink.client import IthinkCourier
    from pipeline.services.ithink.settings import Credentials, IthinkService

    class Nobody:
        def sent(self, batch: Batch) -> None: ...

        def settled(self, outcomes: Sequence[Outcome], note: str) -> None: ...

    class Clocked:
        """The ledger, with the time that it takes."""

        def __init__(self, ledger: Ledger) -> None:
            self.ledger, self.seconds = ledger, 0.0

        def begin(self, run: str, batch: Batch, *, resend: bool = False) -> int:
            began = time.perf_counter()
            call = self.ledger.begin(run, batch, resend=resend)
            self.seconds += time.perf_counter() - began
            return call

        def may_send(self, run: str) -> bool:
            return self.ledger.may_send(run)

        def settle(
            self, call: int, outcomes: Sequence[Outcome], *, note: str, elapsed: float, refused: bool = False
        ) -> None:
            began = time.perf_counter()
            self.ledger.settle(call, outcomes, note=note, elapsed=elapsed, refused=refused)
            self.seconds += time.perf_counter() - began

    batches = [
        Batch(tuple(Item(f"1319{call:06d}{n:02d}", (f"SO-{call:06d}{n:02d}",)) for n in range(100)))
        for call in range(int(count))
    ]
    client = IthinkCourier(IthinkService("bench", url, url, Credentials("bench", "bench")))
    with tempfile.TemporaryDirectory() as scratch, Ledger.open(f"{scratch}/ledger.db") as ledger:
        key = LedgerKey("ithink", "bench", "cancel")
        run = ledger.start_run(RunStart(key, "cancel", "", "", "", "", ""))
        sender = Sender(client, Pacer(float("inf")), float, pause, int(workers))
        gc.set_threshold(*COLLECT)  # these two as the command itself does
        gc.freeze()
        given, journal = Assignment(Plan(tuple(batches)), run, key), Clocked(ledger)
        began = time.perf_counter()
        sent = cancel(given, journal, sender, Nobody(), Event())
        seconds = time.perf_counter() - began
        if sent.stopped or sent.calls != int(count) or (sent.outcomes["status"] != "Success").any():
            raise SystemExit(f"not every call was answered: {sent.stopped or sent.outcomes['remark'].iloc[0]}")
        print(seconds, journal.seconds)


def orders(dtype: str) -> pd.DataFrame:
    """1,000,000 rows of the canonical columns, 1 % bad, in either kind of text column."""
    number = np.arange(1_000_000)
    bad = number % 100 == 0
    awb = np.where(bad, "no awb", [f"1319{one:08d}01" for one in number])
    columns = {"awb_number": awb, "order_ref": [f"SO-{one}" for one in number], "awb_doubt": "", "order_ref_doubt": ""}
    frame = pd.DataFrame({name: pd.Series(value, index=number + 2, dtype=dtype) for name, value in columns.items()})
    return frame.assign(aside=pd.Series("", index=frame.index, dtype=dtype))


def validate() -> None:
    """Prints the seconds of our schema and of pandera on object columns, in turn, every failure told by both."""
    frame, objects, schema = orders("str"), orders("object"), _plain_schema()
    _ours(frame.head(1000)), _pandera(schema, objects.head(1000))  # imports and caches
    for _ in range(3):
        print(_timed(lambda: _ours(frame)), _timed(lambda: _pandera(schema, objects)))


def _timed(work: Callable[[], int]) -> float:
    began = time.perf_counter()
    if work() not in (10, 10_000):
        raise SystemExit("a failure was not told")
    return time.perf_counter() - began


def _ours(frame: pd.DataFrame) -> int:
    from pipeline.validate import remarks
    from pipeline.validate import validate as check

    place = SimpleNamespace(sheet="Orders", columns={"awb_number": 1, "order_ref": 0})
    return len(remarks(check(frame, place)))


def _pandera(schema: Any, frame: pd.DataFrame) -> int:
    from pandera.errors import SchemaErrors

    try:
        schema.validate(frame, lazy=True)
    except SchemaErrors as error:
        return int(error.failure_cases["index"].nunique())
    return 0


def _plain_schema() -> Any:
    """The same rules on object columns, as pandera's documentation shows them."""
    import pandera.pandas as pa

    awb = [pa.Check.str_matches(r"\A[A-Za-z0-9-]*\Z"), pa.Check.str_length(6, 30), pa.Check.str_contains("[0-9]")]
    empty = pa.Check.eq("")
    columns = {
        "awb_number": pa.Column(object, awb),
        "awb_doubt": pa.Column(object, empty),
        "order_ref": pa.Column(object),
        "order_ref_doubt": pa.Column(object, empty),
    }
    return pa.DataFrameSchema(columns, index=pa.Index(int, unique=True))


PARTS: dict[str, Callable[..., object]] = {
    "annotate": annotate,
    "calls": calls,
    "validate": validate,
}

if __name__ == "__main__":
    PARTS[sys.argv[1]](*sys.argv[2:])

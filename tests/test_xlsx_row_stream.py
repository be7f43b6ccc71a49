"""A long worksheet is read in stretches, several at a time, and comes out as if it were read from end to end."""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest

from pipeline.xlsx.errors import BrokenSheetError
from pipeline.xlsx.markup.row_blocks import CHUNK
from pipeline.xlsx.reading.cell_block import CellBlock, CellLooks, joined
from pipeline.xlsx.reading.fast_rows import Wish
from pipeline.xlsx.reading.parsed_rows import read_exactly
from pipeline.xlsx.reading.row_stream import HELD, SCANNERS, in_order, pieces
from tests.workbooks import MAIN

NO_EMPTY = pa.array([], pa.large_string())
ROWS = (SCANNERS + 3) * CHUNK // 1000
"""Rows of about a thousand bytes: more stretches than are scanned at a time."""


def sheet(odd: str = "", behind: str = "") -> bytes:
    """A long worksheet with one odd cell in its middle, and something behind its rows."""
    text = "x" * 960
    rows = [
        f'<row r="{number}"><c r="A{number}" s="{number % 7}"><v>{number}</v></c>'
        f'<c r="B{number}" t="str"><v>{text}</v></c></row>'
        for number in range(1, ROWS)
    ]
    rows[ROWS // 3] = rows[ROWS // 3].replace("x" * 960, odd) if odd else rows[ROWS // 3]
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData>{behind}</worksheet>'.encode()


def stream(part: bytes) -> Iterator[bytes]:
    yield from (part[start : start + 100_000] for start in range(0, len(part), 100_000))


def told(parts: Iterator[CellBlock], looks: CellLooks) -> tuple[list[int], list[str], list[int]]:
    """The rows, the texts of column A with their styles."""
    whole = joined(list(parts))
    return whole.rows.tolist(), whole.text.to_pylist(), looks.styles[whole.look].tolist()


CASES = {
    "nothing odd": sheet(),
    "a comment: all behind it goes the exact way": sheet("<!-- </row> -->1"),
    "an unusual spelling: one stretch goes the exact way": sheet("&#x31;</v ><v >"),
    "rows of another kind behind the rows": sheet(behind="<rowBreaks>" + '<brk id="1"/>' * 300_000 + "</rowBreaks>"),
    "an odd cell, and other rows": sheet("<![CDATA[<row]]>", "<rowBreaks/>"),
}


@pytest.mark.parametrize("name", CASES)
def test_stretches_come_out_as_if_read_from_end_to_end(name: str) -> None:
    wish = Wish(np.arange(16_384) == 0)
    quick, exact = CellLooks(), CellLooks()
    found = told(pieces(stream(CASES[name]), wish, quick, NO_EMPTY), quick)
    assert found == told(read_exactly(stream(CASES[name]), wish, exact, NO_EMPTY), exact)
    assert found[0] == list(range(1, ROWS))


def test_rows_above_the_first_wanted_one_leave_no_short_frame_at_the_end() -> None:
    rows = "".join(f'<row r="{number}"><c r="A{number}"><v>1</v></c></row>' for number in range(1, 2 * HELD + 2))
    part = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()
    parts = pieces(stream(part), Wish(np.arange(16_384) == 0), CellLooks(), NO_EMPTY)
    assert [len(piece.rows) for piece in in_order(parts, HELD, after=1) if len(piece.rows)] == [HELD + 1, HELD]


def test_reading_may_stop_after_the_first_rows() -> None:
    parts = pieces(stream(sheet()), Wish(np.arange(16_384) == 0), CellLooks(), NO_EMPTY)
    assert next(parts).rows[0] == 1
    parts.close()  # type: ignore[attr-defined]


def test_a_sheet_without_its_end_is_broken() -> None:
    part = sheet().partition(b"</sheetData>")[0]
    with pytest.raises(BrokenSheetError, match=r"its end is missing|can't be read"):
        list(pieces(stream(part), Wish(np.arange(16_384) == 0), CellLooks(), NO_EMPTY))


FAULTS = """
import resource, sys
import numpy as np
from pipeline.xlsx.memory import keep_memory
if sys.argv[1] == "kept":
    keep_memory()
for _ in range(50):
    arrays = [np.ones(1 << 20, np.uint8) for _ in range(8)]
    del arrays
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
"""
"""Makes and drops the arrays of fifty stretches and says how many pages the system had to hand out."""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator")
def test_memory_of_dropped_arrays_is_used_again() -> None:
    anew, kept = (
        int(subprocess.run([sys.executable, "-c", FAULTS, how], check=True, capture_output=True, text=True).stdout)
        for how in ("anew", "kept")
    )
    assert anew - kept > 50 * 8 * 256 / 2

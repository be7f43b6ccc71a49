"""Rows that are spelt as usual are patched all at once, the others parsed: the same bytes as if all were parsed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

import pytest

from pipeline.sheets.xlsx_book import LOOK
from pipeline.xlsx import CannotPatchError, NewColumns, UsedRange
from pipeline.xlsx.patching.cell_xml import SLICE, Cells
from pipeline.xlsx.patching.fallbacks import RowOrderError
from pipeline.xlsx.patching.fast_rows import FastRows
from pipeline.xlsx.patching.placement import Landing
from pipeline.xlsx.patching.row_numbers import numbers_of_rows
from pipeline.xlsx.patching.row_stream import patch_rows
from pipeline.xlsx.patching.sheet_parts import Frame
from pipeline.xlsx.patching.styles import CellStyles
from tests.workbooks import MAIN, marks_of

LANDING = Landing(28, ("status", "remark", "refnum"), 3)
"""Our columns are AC, AD and AE."""

STYLED = CellStyles(4, {"Success": 3})
WORDS = (("Success", "ok", "0012"), ("Skipped", "", ""), ("Failed", "a < b", ""))


def row(
    number: int, cells: str = '<c r="A{0}"><v>1</v></c><c r="B{0}" t="s"><v>2</v></c>', attributes: str = ""
) -> str:
    """One row's XML."""
    return f'<row r="{number}"{attributes}>{cells.format(number)}</row>'


def usual(rows: Iterable[int]) -> str:
    return "".join(row(number, attributes=' spans="1:2"') for number in rows)


def cells_of(marked: Iterable[int], landing: Landing = LANDING) -> Cells:
    return Cells(marks_of({number: WORDS[number % 3] for number in marked}), landing, STYLED, "")


HEAD = f'<worksheet xmlns="{MAIN}"><sheetData>'
TAIL = "</sheetData></worksheet>"


def prefixed(block: str) -> str:
    """The same with a prefix before each element's name."""
    return re.sub(r"<(/?)(?=[A-Za-z])", r"<\1x:", block)


def both_ways(block: str, marked: Iterable[int], landing: Landing = LANDING, prefix: str = "") -> tuple[bytes, bytes]:
    """A part of these rows, patched at once where that can be done, and parsed as a whole."""
    head, tail = (prefixed(text).replace("xmlns=", "xmlns:x=") if prefix else text for text in (HEAD, TAIL))
    part = (head + (prefixed(block) if prefix else block) + tail).encode()
    marks = marks_of({number: WORDS[number % 3] for number in marked})
    new = NewColumns("Orders", 1, (), landing.names, None, UsedRange(1, landing.first - 1))
    found = []
    for present in (None, numbers_of_rows(iter([part]))):
        frame = Frame(new, landing, (1, 2), LOOK.widths)
        pieces = (part[start : start + 100_000] for start in range(0, len(part), 100_000))
        make_cells = partial(Cells, marks, landing, STYLED)
        found.append(b"".join(patch_rows(pieces, frame, make_cells, new, present)))
    return found[0], found[1]


def done(block: str, marked: Iterable[int], landing: Landing = LANDING, position: int = 0) -> list[bool] | None:
    """Which rows of a block are done at once; None where it can't be told where they begin and end."""
    at_once = FastRows(cells_of(marked, landing), 1).block((block[:50].encode(), block[50:].encode()), position)
    return None if at_once is None else at_once.done.tolist()


LONG = "x" * 300

ALIKE = {
    "as most write them": usual(range(2, 12)),
    "numbers of several lengths": usual([2, 9, 10, 99, 100, 1_000, 10_000, 999_999, 1_048_576]),
    "spans and heights of their own": "".join(row(n, attributes=f' spans="1:{n}" ht="{n}.5"') for n in range(2, 9)),
    "a tag that is long": row(2, attributes="".join(f' a{n}="{n}"' for n in range(20))) + usual(range(3, 9)),
    "last cells of one tag": row(2, '<c r="A{0}"/>') + row(3, '<c r="Z{0}" s="1" />') + row(4, '<c r="AB{0}" s="7"/>'),
    "last cells in other columns": row(2, '<c r="A{0}"><v>1</v></c>') + row(3, '<c r="AB{0}"><f>A1</f><v>1</v></c>'),
    "last cells of long texts": row(2) + row(3, f'<c r="C{{0}}" t="inlineStr"><is><t>{LONG}</t></is></c>'),
    "texts that look like tags": row(2, '<c r="A{0}" t="str"><v>&lt;row w> /row w!?</v></c>') + row(3),
    "more rows than are made into cells at once": usual(range(2, SLICE + 40)),
}


@pytest.mark.parametrize("prefix", ["", "x:"])
@pytest.mark.parametrize("name", ALIKE)
def test_rows_that_are_alike_come_out_as_if_parsed(name: str, prefix: str) -> None:
    marked = [int(part.partition('"')[0]) for part in ALIKE[name].split('<row r="')[1:]]
    at_once, parsed = both_ways(ALIKE[name], marked, prefix=prefix)
    assert at_once == parsed
    assert done(ALIKE[name], marked) == [True] * len(marked)


def test_rows_without_a_mark_stay_as_they_were() -> None:
    at_once, parsed = both_ways(usual(range(2, 12)), [3, 4, 7])
    assert at_once == parsed
    assert usual([2]).encode() in parsed
    assert done(usual(range(2, 12)), [3, 4, 7]) == [True] * 10


def test_rows_behind_the_last_mark_stay_as_they_were() -> None:
    at_once, parsed = both_ways(usual(range(2, 9)), [2, 3])
    assert at_once == parsed
    assert usual(range(5, 9)).encode() in parsed
    assert done(usual(range(5, 9)), [2, 3], position=2) == [True] * 4


def test_a_block_in_the_middle_takes_its_own_marks() -> None:
    marked = range(2, 3 * SLICE)
    at_once, parsed = both_ways(usual(marked), marked)
    assert at_once == parsed
    assert done(usual(range(SLICE, SLICE + 9)), marked, position=SLICE - 2) == [True] * 9


AGAIN = replace(LANDING, fresh=0)
"""The same columns, of an earlier run."""

INLINE = '<c r="A{0}"/>' + "".join(
    f'<c r="{letters}{{0}}" s="4" t="inlineStr"><is><t>a &gt; b</t></is></c>' for letters in ("AC", "AD", "AE")
)
EARLIER = {
    "as we write them": "".join(row(number, INLINE) for number in range(2, 12)),
    "as Excel saves them": "".join(
        row(number, '<c r="A{0}"/><c r="AC{0}" s="3" t="s"><v>5</v></c><c r="AD{0}" s="4"/>') for number in range(2, 12)
    ),
    "texts in other letters": row(2, INLINE.replace("a &gt; b", "ü AC2")) + row(3, INLINE),
    "nothing before them": row(2, '<c r="AC{0}" t="s"><v>5</v></c>') + row(3, INLINE),
}


@pytest.mark.parametrize("prefix", ["", "x:"])
@pytest.mark.parametrize("name", EARLIER)
def test_cells_of_an_earlier_run_are_written_anew_as_if_parsed(name: str, prefix: str) -> None:
    block = EARLIER[name]
    marked = range(2, 2 + block.count("</row>"))
    at_once, parsed = both_ways(block, marked, AGAIN, prefix)
    assert at_once == parsed
    assert done(block, marked, AGAIN) == [True] * len(marked)


NOT_EARLIER = {
    "no cell of ours": (row(2, INLINE) + row(3), [True, False]),
    "something behind ours": (row(2, INLINE + '<c r="AF{0}"><v>1</v></c>') + row(3, INLINE), [False, True]),
    "a formula in ours": (row(2, '<c r="AC{0}"><f>A1</f><v>1</v></c>') + row(3, INLINE), [False, True]),
    "formatted text in ours": (
        row(2, INLINE.replace("<t>", "<r><t>").replace("</t>", "</t></r>")) + row(3, INLINE),
        [False, True],
    ),
    "ours twice": (row(2, INLINE + INLINE) + row(3, INLINE), [False, True]),
    "ours in another row": (row(2, INLINE + INLINE) + row(3), [False, False]),
    "the number of another row": (row(2, INLINE.replace("AC{0}", "AC7")) + row(3, INLINE), [False, True]),
}
"""Blocks of an earlier run, and which of their rows are done at once."""


@pytest.mark.parametrize("name", NOT_EARLIER)
def test_what_is_not_just_an_earlier_runs_is_parsed(name: str) -> None:
    block, expected = NOT_EARLIER[name]
    assert done(block, [2, 3], AGAIN) == expected
    at_once, parsed = both_ways(block, [2, 3], AGAIN)
    assert at_once == parsed


def test_an_earlier_mark_of_a_row_that_gets_none_is_taken_away() -> None:
    block = EARLIER["as we write them"]
    assert done(block, range(3, 12), AGAIN) == [False, *[True] * 9]
    at_once, parsed = both_ways(block, range(3, 12), AGAIN)
    assert at_once == parsed
    assert b'r="AC2"' not in parsed


ODD: dict[str, tuple[str, list[int], list[bool] | None]] = {
    "the header": (usual(range(1, 4)), [2, 3], [False, True, True]),
    "a row with a mark is missing": (usual([2, 4]), [2, 3, 4], [True, True]),
    "a row that has a mark stands before": (usual([4]), [3, 4], [True]),
    "blanks between": (row(2) + "\n" + row(3), [2, 3], [True, True]),
    "blanks around": ("\n" + row(2) + row(3) + " \n", [2, 3], [True, True]),
    "a row of one tag": (row(2) + '<row r="3"/>' + row(4), [2, 4], [True, True, True]),
    "a row of one tag at the end": (row(2) + '<row r="3"/>', [2], [True, True]),
    "a row of one tag that gets cells": (row(2) + '<row r="3"/>' + row(4), [2, 3, 4], [True, False, True]),
    "a row without cells": (row(2, "") + row(3), [3], [True, True]),
    "a row without cells that gets some": (row(2, "") + row(3), [2, 3], [False, True]),
    "a comment": (row(2, '<c r="A{0}"/><!-- </row> -->') + row(3), [2, 3], None),
    "CDATA": (row(2, '<c r="A{0}"><v><![CDATA[<c r="B2"/>]]></v></c>') + row(3), [2, 3], None),
    "a cell of another row": (row(2, '<c r="A3"><v>1</v></c>') + row(3), [2, 3], [False, True]),
    "a cell without an address": (row(2, "<c><v>1</v></c>") + row(3), [2, 3], [False, True]),
    "something behind the last cell": (
        row(2, '<c r="A{0}"/><extLst><ext/></extLst>') + row(3), [2, 3], [False, True]
    ),
    "a row inside of one": (row(2, '<c r="A{0}"/><extLst><row r="9"></row></extLst>') + row(3), [2, 3], None),
    "a blank in a tag": (row(2).replace("</row>", "</row >") + row(3), [2, 3], None),
    "a number in other quotes": (row(2).replace('r="2"', "r='2'", 1) + row(3), [2, 3], [False, True]),
    "a number with a zero before": (row(2).replace('r="2"', 'r="02"', 1) + row(3), [2, 3], [False, True]),
    "a number with a sign": (row(2).replace('r="2"', 'r="+2"', 1) + row(3), [2, 3], [False, True]),
    "no number": (row(2) + row(3).replace(' r="3"', "", 1) + row(4), [2, 3, 4], [True, False, True]),
    "a number behind other attributes": (
        row(2) + '<row spans="1:2" ht="9" r="3"><c r="A3"/></row>' + row(4), [2, 3, 4], [True, True, True]
    ),
    "such a row without a mark": (
        row(2) + '<row spans="1:2" ht="9" r="3"><c r="A3"/></row>' + row(4), [2, 4], [True, True, True]
    ),
    "a bracket in an attribute": (row(2, attributes=' a="x>y"') + row(3), [2, 3], [False, True]),
    "nothing": ("", [], None),
}  # fmt: skip
"""Blocks, the rows that get a mark, and which rows are done at once (None: it can't be told where they are)."""


@pytest.mark.parametrize("name", ODD)
def test_rows_that_are_not_alike_are_parsed_and_no_others(name: str) -> None:
    block, marked, expected = ODD[name]
    assert done(block, marked) == expected
    at_once, parsed = both_ways(block, marked)
    assert at_once == parsed


def test_a_cell_in_our_column_is_left_to_be_refused() -> None:
    block = row(2, '<c r="AC{0}"><v>1</v></c>') + row(3)
    assert done(block, [2, 3]) == [False, True]
    with pytest.raises(CannotPatchError, match="Row 2 of the sheet Orders has cells where the new columns would stand"):
        both_ways(block, [2, 3])


@pytest.mark.parametrize("block", [row(3) + row(2), row(2) + row(2), row(2) + row(3) + "<row></row>" + row(4)])
def test_numbers_that_do_not_rise_make_the_patch_begin_again(block: str) -> None:
    with pytest.raises(RowOrderError):
        both_ways(block, [2, 3, 4])


def test_a_row_that_gets_no_mark_after_all_is_parsed() -> None:
    cells = Cells(marks_of({2: ("", "", ""), 3: WORDS[0]}), LANDING, STYLED, "")
    at_once = FastRows(cells, 1).block((usual([2, 3]).encode(),), 0)
    assert at_once is not None
    assert at_once.done.tolist() == [False, True]


def test_rows_of_mixed_spelling_come_out_as_if_parsed_however_long_the_sheet() -> None:
    rows = [row(number) for number in range(2, 20_000)]
    rows[100], rows[9_000] = rows[100].replace('"', "'"), rows[9_000].replace("</row>", "</row>\n")
    rows[12_000:12_100] = [""] * 100
    marked = [number for number in range(2, 20_000) if number % 7 or number > 15_000]
    at_once, parsed = both_ways("".join(rows), marked)
    assert at_once == parsed
    rows[5_000] = rows[5_000].replace("<row", "<!-- a note --><row")  # from here on all is parsed
    at_once, parsed = both_ways("".join(rows), marked)
    assert at_once == parsed

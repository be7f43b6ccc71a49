"""Rows that are spelt alike are patched all at once: the same bytes as one by one, or else not at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from pipeline.xlsx.patching.cell_xml import SLICE, Cells
from pipeline.xlsx.patching.fast_rows import AlikeRows
from pipeline.xlsx.patching.placement import Landing
from pipeline.xlsx.patching.regex_rows import PlainRows
from pipeline.xlsx.patching.styles import Styles
from tests.workbooks import marks_of

LANDING = Landing(28, ("status", "remark", "refnum"), 3)
"""Our columns are AC, AD and AE."""

STYLED = Styles(4, {"Success": 3})
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


def both_ways(block: str, cells: Cells, *, last: int = 0, position: int = 0) -> tuple[bytes | None, bytes]:
    """What both make of a block; the first writes nothing where it can't."""
    patched = AlikeRows(cells, 1).block((block[:50].encode(), block[50:].encode()), last, position)
    one_by_one = PlainRows(cells, 1)
    one_by_one.passed(last, position)
    return patched and patched.head + patched.body, one_by_one.block(block.encode())


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


@pytest.mark.parametrize("name", ALIKE)
def test_rows_that_are_alike_come_out_as_one_by_one(name: str) -> None:
    marked = [int(part.partition('"')[0]) for part in ALIKE[name].split('<row r="')[1:]]
    at_once, one_by_one = both_ways(ALIKE[name], cells_of(marked))
    assert at_once == one_by_one


def test_rows_without_a_mark_stay_as_they_were() -> None:
    at_once, one_by_one = both_ways(usual(range(2, 12)), cells_of([3, 4, 7]))
    assert at_once == one_by_one
    assert usual([2]).encode() in one_by_one


def test_rows_behind_the_last_mark_stay_as_they_were() -> None:
    at_once, one_by_one = both_ways(usual(range(5, 9)), cells_of([2, 3]), last=4, position=2)
    assert at_once == one_by_one == usual(range(5, 9)).encode()


def test_a_block_in_the_middle_takes_its_own_marks() -> None:
    cells = cells_of(range(2, 3 * SLICE))
    at_once, one_by_one = both_ways(usual(range(SLICE, SLICE + 9)), cells, last=SLICE - 1, position=SLICE - 2)
    assert at_once == one_by_one


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


@pytest.mark.parametrize("name", EARLIER)
def test_cells_of_an_earlier_run_are_written_anew_as_one_by_one(name: str) -> None:
    block = EARLIER[name]
    at_once, one_by_one = both_ways(block, cells_of(range(2, 2 + block.count("</row>")), AGAIN))
    assert at_once == one_by_one


NOT_EARLIER = {
    "no cell of ours": row(2, INLINE) + row(3),
    "something behind ours": row(2, INLINE + '<c r="AF{0}"><v>1</v></c>') + row(3, INLINE),
    "a formula in ours": row(2, '<c r="AC{0}"><f>A1</f><v>1</v></c>') + row(3, INLINE),
    "formatted text in ours": row(2, INLINE.replace("<t>", "<r><t>").replace("</t>", "</t></r>")) + row(3, INLINE),
    "ours twice": row(2, INLINE + INLINE) + row(3, INLINE),
    "ours in another row": row(2, INLINE + INLINE) + row(3),
    "the number of another row": row(2, INLINE.replace("AC{0}", "AC7")) + row(3, INLINE),
}


@pytest.mark.parametrize("name", NOT_EARLIER)
def test_what_is_not_just_an_earlier_runs_is_left_to_be_done_one_by_one(name: str) -> None:
    assert AlikeRows(cells_of([2, 3], AGAIN), 1).block((NOT_EARLIER[name].encode(),), 0, 0) is None


def test_an_earlier_mark_of_a_row_that_gets_none_is_taken_away_one_by_one() -> None:
    block = EARLIER["as we write them"]
    assert AlikeRows(cells_of(range(3, 12), AGAIN), 1).block((block.encode(),), 0, 0) is None


ODD = {
    "the header": (usual(range(1, 4)), [2, 3]),
    "a row with a mark is missing": (usual([2, 4]), [2, 3, 4]),
    "a row that has a mark stands before": (usual([4]), [3, 4]),
    "blanks between": (row(2) + "\n" + row(3), [2, 3]),
    "a row of one tag": (row(2) + '<row r="3"/>' + row(4), [2, 4]),
    "a row of one tag at the end": (row(2) + '<row r="3"/>', [2]),
    "a row without cells": (row(2, "") + row(3), [3]),
    "a comment": (row(2, '<c r="A{0}"/><!-- </row> -->') + row(3), [2, 3]),
    "CDATA": (row(2, '<c r="A{0}"><v><![CDATA[<c r="B2"/>]]></v></c>') + row(3), [2, 3]),
    "a cell of another row": (row(2, '<c r="A3"><v>1</v></c>') + row(3), [2, 3]),
    "a cell without an address": (row(2, "<c><v>1</v></c>") + row(3), [2, 3]),
    "a cell in our column": (row(2, '<c r="AC{0}"><v>1</v></c>') + row(3), [2, 3]),
    "something behind the last cell": (row(2, '<c r="A{0}"/><extLst><ext/></extLst>') + row(3), [2, 3]),
    "a blank in a tag": (row(2).replace("</row>", "</row >") + row(3), [2, 3]),
    "a number in other quotes": (row(2).replace('r="2"', "r='2'", 1) + row(3), [2, 3]),
    "a number with a zero before": (row(2).replace('r="2"', 'r="02"', 1) + row(3), [2, 3]),
    "a number with a sign": (row(2).replace('r="2"', 'r="+2"', 1) + row(3), [2, 3]),
    "numbers that don't rise": (row(3) + row(2), [2, 3]),
    "nothing": ("", []),
}


@pytest.mark.parametrize("name", ODD)
def test_rows_that_are_not_alike_are_left_to_be_done_one_by_one(name: str) -> None:
    block, marked = ODD[name]
    assert AlikeRows(cells_of(marked), 1).block((block.encode(),), 0, 0) is None


def test_a_number_that_was_there_before_is_left_to_be_found_out() -> None:
    assert AlikeRows(cells_of([2, 3]), 1).block((usual([3]).encode(),), 3, 1) is None


@pytest.mark.parametrize(
    "cells",
    [
        Cells(marks_of({2: WORDS[0]}), LANDING, STYLED, "x:"),
        cells_of([2], replace(LANDING, silent=frozenset({2}))),
        Cells(marks_of({2: ("", "", "")}), LANDING, STYLED, ""),
    ],
    ids=["a prefix", "a table's totals", "no status"],
)
def test_what_is_seldom_is_done_one_by_one(cells: Cells) -> None:
    assert AlikeRows(cells, 1).block((usual([2]).encode(),), 0, 0) is None

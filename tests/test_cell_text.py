"""One speller of cells: a text comes back the same, whether the workbook was patched or written anew."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.limits import LONGEST_CELL
from pipeline.sheets import open_book
from pipeline.xlsx.cell_text import cell_text, count_cut
from tests.bare_parts import workbook_parts, worksheet, write_zip
from tests.test_converted import marks, place
from tests.workbooks import write_back

LONG = "x" * 32_760

TEXTS: dict[str, tuple[str, str]] = {
    "plain": ("a plain text", "a plain text"),
    "looks like a formula": ("=1+1", "=1+1"),
    "what XML must not hold bare": ('a < b & c > "d"', 'a < b & c > "d"'),
    "looks like an escape": ("_x0041_", "_x0041_"),
    "20,000 emoji are 40,000 units": ("😀" * 20_000, "😀" * 16_383 + "…"),
    "16,383 emoji fit": ("😀" * 16_383, "😀" * 16_383),
    "what looks like an escape is seven characters": (f"{LONG}_x0041_", f"{LONG}_x0041_"),
    "one character too many": (f"{LONG}_x0041_y", f"{LONG}_x0041…"),
    "a letter before an emoji that does not fit": ("y" + "😀" * 16_384, "y" + "😀" * 16_382 + "…"),
}
"""What a cell shall hold, and what is read back: 32,767 units of UTF-16 at most, and never half a character."""


def read_back(path: Path, column: int) -> list[str]:
    book = open_book(path)
    (frame,) = book.frames(book.sheets[0].name, 0, [column], 1000)
    return [str(text) for text in frame.columns[column].text]


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_of_a_web_page_comes_back_in_the_new_workbook(tmp_path: Path, name: str) -> None:
    text, expected = TEXTS[name]
    page = tmp_path / "a.html"
    spelt = text.replace("&", "&amp;").replace("<", "&lt;")
    page.write_text(f"<table><tr><td>AWB</td></tr><tr><td>{spelt}</td></tr></table>", encoding="utf-8")
    written = write_back(place(page, {}, 1), marks({2: ("Failed", text[:LONGEST_CELL], "")}), tmp_path / "out.xlsx")
    assert read_back(tmp_path / "out.xlsx", 0) == ["AWB", expected]
    cut = ("1 texts were cut to the 32,767 characters that a cell of Excel holds.",) if expected != text else ()
    assert written.notes[1:] == cut


@pytest.mark.parametrize("name", TEXTS)
def test_the_same_text_comes_back_in_a_patched_workbook(tmp_path: Path, name: str) -> None:
    text, expected = TEXTS[name]
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>'
    source = write_zip(tmp_path / "orders.xlsx", workbook_parts(worksheet(rows)))
    write_back(place(source, {}, 1), marks({2: ("Failed", text, "")}), tmp_path / "out.xlsx")
    assert read_back(tmp_path / "out.xlsx", 2) == ["remark", expected]


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_counted_as_cut_just_when_it_is(name: str) -> None:
    text, expected = TEXTS[name]
    assert count_cut(pa.array([text, "short", text], pa.large_string())) == 2 * (text != expected)


def test_a_text_that_needs_no_care_is_spelt_as_it_is() -> None:
    text = "AWB 1319480000001, Café, naïve_x"
    assert cell_text(text) is text

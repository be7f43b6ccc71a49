"""Random sheets of any spelling go through the patch and come back: all old cells equal, all new ones right."""

from __future__ import annotations

import html
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from pipeline.addresses import column_letters
from pipeline.xlsx.cell_text import cell_text
from pipeline.xlsx.patching.fallbacks import PatchAttempt
from tests.handmade import raw_workbook
from tests.workbooks import MAIN, marks_of, patch_of, place_of, write_xlsx

STRINGS = ("shared", " blanks ", "&lt;row&gt; &amp; &lt;/row&gt;", "ü €", "")

CONTENTS = (
    "",
    "<v>1</v>",
    "<v>1.5E+3</v>",
    't="s"|<v>2</v>',
    't="s"|<v>4</v>',
    't="b"|<v>1</v>',
    't="e"|<v>#N/A</v>',
    't="str"|<f>A1&amp;"&gt;"</f><v>x &gt; y!?</v>',
    't="inlineStr"|<is><t>in &lt;line&gt;</t></is>',
    't="inlineStr"|<is><r><rPr><color rgb="FFFF0000"/></rPr><t>rich</t></r><r><t> text</t></r></is>',
    "<f>1+1</f><v>2</v>",
)
"""What a cell may hold: attributes, a bar, children."""


@dataclass(frozen=True)
class Spelling:
    """How a writer spells one and the same sheet."""

    prefix: str = ""
    quote: str = '"'
    addresses: bool = True
    numbers: bool = True
    comments: bool = False
    blanks: str = ""
    spans: bool = False
    codec: str = "utf-8"
    backwards: bool = False
    one_tag: bool = True
    number_last: bool = False


ODD = st.builds(
    Spelling,
    prefix=st.sampled_from(["", "x:"]),
    quote=st.sampled_from(['"', '"', "'"]),
    addresses=st.booleans(),
    numbers=st.booleans(),
    comments=st.booleans(),
    blanks=st.sampled_from(["", "\n", " \r\n\t"]),
    spans=st.booleans(),
    codec=st.sampled_from(["utf-8", "utf-8", "utf-16", "utf-8-sig"]),
    backwards=st.booleans(),
    one_tag=st.booleans(),
    number_last=st.booleans(),
)
PLAIN = st.builds(
    Spelling,
    prefix=st.sampled_from(["", "x:"]),
    blanks=st.sampled_from(["", "\n"]),
    spans=st.booleans(),
    one_tag=st.booleans(),
    number_last=st.booleans(),
)

Sheet = Mapping[int, Mapping[int, tuple[int, int]]]  # row -> column -> style, content

CELLS = st.dictionaries(st.integers(0, 6), st.tuples(st.integers(0, 3), st.integers(0, len(CONTENTS) - 1)), max_size=5)
SHEETS = st.dictionaries(st.integers(1, 14), CELLS, max_size=8)
WORDS = st.sampled_from(["Success", "Failed", "Skipped", "Unknown"])
REMARKS = st.sampled_from(["", "ok", "=1", " a  b\n", "<&>\x02", "_x0041_"]) | st.text(max_size=8)
MARKS = st.dictionaries(
    st.integers(2, 16), st.tuples(WORDS, REMARKS, st.sampled_from(["", "0012", "9" * 19])), max_size=9
)


def render(sheet: Sheet, how: Spelling) -> bytes:
    """The worksheet part of a sheet, spelt so."""
    p, q = how.prefix, how.quote
    rows = []
    expected = 1
    for number, cells in sorted(sheet.items(), reverse=how.backwards):
        named = how.numbers or number != expected
        expected = number + 1
        attributes = [f" r={q}{number}{q}" if named else "", f" spans={q}1:7{q}" if how.spans else ""]
        attributes.sort(reverse=how.number_last)
        inside = _cells(number, cells, how)
        note = "<!-- </row> -->" if how.comments else ""
        tag = f"<{p}row{''.join(attributes)}"
        rows.append(f"{tag}/>" if how.one_tag and not inside else f"{tag}>{inside}{note}</{p}row>")
    namespace = f"xmlns:{p[:-1]}={q}{MAIN}{q}" if p else f"xmlns={q}{MAIN}{q}"
    declared = "UTF-16" if how.codec == "utf-16" else "UTF-8"
    text = (
        f'<?xml version="1.0" encoding="{declared}"?><{p}worksheet {namespace}>'
        f"<{p}sheetData>{how.blanks}{how.blanks.join(rows)}{how.blanks}</{p}sheetData></{p}worksheet>"
    )
    return text.encode(how.codec)


def _cells(number: int, cells: Mapping[int, tuple[int, int]], how: Spelling) -> str:
    p, q = how.prefix, how.quote
    spelt, expected = "", 0
    for column, (style, content) in sorted(cells.items()):
        named = how.addresses or column != expected
        expected = column + 1
        attributes = f" r={q}{column_letters(column)}{number}{q}" if named else ""
        attributes += f" s={q}{style}{q}" if style else ""
        kind, _, children = CONTENTS[content].rpartition("|")
        attributes += f" {kind}".replace('"', q) if kind else ""
        for name in ("v", "f", "is", "t", "r", "rPr", "color"):
            children = children.replace(f"<{name}>", f"<{p}{name}>").replace(f"</{name}>", f"</{p}{name}>")
        children = children.replace("<color ", f"<{p}color ")
        spelt += f"<{p}c{attributes}>{children}</{p}c>" if children else f"<{p}c{attributes}/>"
    return spelt


def read(path: Path) -> dict[str, tuple[object, ...]]:
    """Every cell that holds something or has a look, as openpyxl sees it."""
    sheet = load_workbook(path)["Orders"]
    return {
        cell.coordinate: (cell.value, cell.data_type, cell.number_format)
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None or cell.has_style
    }


def as_read(marks: pd.DataFrame, first: int) -> dict[str, str]:
    """The texts of our cells by address, as openpyxl sees them: it does not undo ``_xHHHH_``."""
    return {
        f"{column_letters(first + place)}{row}": html.unescape(cell_text(text))
        for row, mark in zip(marks.index, marks.itertuples(index=False), strict=True)
        for place, text in enumerate(mark)
        if text
    }


def check(
    sheet: Sheet, how: Spelling, marks: dict[int, tuple[str, str, str]], again: dict[int, tuple[str, str, str]]
) -> None:
    """Patches, reads back, patches the result in place with other marks, reads back."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = raw_workbook(folder / "in.xlsx", render(sheet, how), strings=STRINGS)
        place = place_of(source, header_row=1)
        first = place.extent.last_column + 1
        old = read(source)
        header = (
            dict(zip((f"{column_letters(first + i)}1" for i in range(3)), place.added, strict=True))
            if 1 in sheet
            else {}
        )
        inputs = ((source, None, marks), (folder / "one.xlsx", first, again))
        for number, (path, own, said) in enumerate(inputs):
            target = folder / ("one.xlsx", "two.xlsx")[number]
            frame = marks_of(dict(sorted(said.items())))
            write_xlsx(place_of(path, header_row=1, own_column=own), frame, target)
            new = read(target)
            ours = {address: new.pop(address)[0] for address in list(new) if _is_ours(address, first)}
            assert new == old
            assert {address: text for address, text in ours.items() if text is not None} == as_read(
                frame, first
            ) | header


def _is_ours(address: str, first: int) -> bool:
    return address.rstrip("0123456789") in {column_letters(first + i) for i in range(3)}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sheet=SHEETS, how=ODD, marks=MARKS, again=MARKS)
def test_any_spelling_of_a_sheet_comes_back_with_its_cells_and_ours(
    sheet: Sheet, how: Spelling, marks: dict[int, tuple[str, str, str]], again: dict[int, tuple[str, str, str]]
) -> None:
    check(sheet, how, marks, again)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sheet=SHEETS, how=PLAIN, marks=MARKS, again=MARKS)
def test_the_quick_way_and_the_exact_way_write_the_same_bytes(
    sheet: Sheet, how: Spelling, marks: dict[int, tuple[str, str, str]], again: dict[int, tuple[str, str, str]]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = raw_workbook(folder / "in.xlsx", render(sheet, how), strings=STRINGS)
        first = place_of(source).extent.last_column + 1
        for own, said in ((None, marks), (first, again)):
            written = []
            for attempt in (PatchAttempt(), PatchAttempt(unordered=True)):
                target = folder / f"{own}{attempt.unordered}.xlsx"
                place = place_of(source, header_row=1, own_column=own)
                work = patch_of(place, marks_of(dict(sorted(said.items()))))
                work.write(target, attempt)
                with zipfile.ZipFile(target) as archive:
                    written.append(archive.read("xl/worksheets/sheet1.xml"))
            assert written[0] == written[1]
            source = target

"""Workbooks with each feature come back as they were, with three columns more: part by part, and in LibreOffice."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.cell.cell import Cell
from python_calamine import CalamineWorkbook

from pipeline.model.sheet import Place
from pipeline.xlsx.patching.fallbacks import PatchAttempt
from tests.handmade import EXTRAS, with_parts
from tests.part_by_part import differences, entries
from tests.workbooks import (
    HEADER_ROW,
    ROWS,
    XLSXWRITER,
    by_libreoffice,
    by_openpyxl,
    by_xlsxwriter,
    has_libreoffice,
    patch_of,
    place_of,
    usual_marks,
    write_xlsx,
)

NAMES = [*XLSXWRITER, "openpyxl", *EXTRAS]
NEEDS_LIBREOFFICE = pytest.mark.skipif(not has_libreoffice(), reason="LibreOffice is not installed here")

WIDENED = {
    "filter, names, print area": {"xl/workbook.xml"},
    "table": {"xl/tables/table1.xml"},
    "table with totals": {"xl/tables/table1.xml"},
    "openpyxl": {"xl/tables/table1.xml"},
}
"""The parts besides the sheet and the styles that the new columns touch."""


def _made(folder: Path, name: str) -> Path:
    suffix = "xlsm" if name == "macros" else "xlsx"
    path = folder / f"{NAMES.index(name):02}.{suffix}"
    if name in EXTRAS:
        plain = by_xlsxwriter(folder / f"bare{NAMES.index(name)}.xlsx", XLSXWRITER["plain"])
        return with_parts(plain, path, EXTRAS[name])
    if name == "openpyxl":
        return by_openpyxl(path)
    return by_xlsxwriter(path, XLSXWRITER[name])


class Pair:
    """A workbook before and after."""

    def __init__(self, before: Path, place: Place, after: Path) -> None:
        self.before, self.place, self.after = before, place, after
        self.written = write_xlsx(place, usual_marks(), after)


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    made = tmp_path_factory.mktemp("before")
    after = tmp_path_factory.mktemp("after")
    sources = {name: _made(made, name) for name in NAMES}
    if has_libreoffice():
        chosen = ["plain", "chart and chart sheet", "table", "filter, names, print area", "layout, groups, protection"]
        saved = by_libreoffice([sources[name] for name in chosen], made / "saved")
        sources |= {f"LibreOffice: {name}": path for name, path in zip(chosen, saved, strict=True)}
    return {
        name: Pair(path, place_of(path), after / f"{path.parent.name}-{path.name}") for name, path in sources.items()
    }


def _first(pair: Pair) -> int:
    """Where our columns begin: behind the last that has a cell, unless the notes say otherwise."""
    return pair.place.extent.last_column + 1 + any("one column away" in note for note in pair.written.notes)


def test_every_part_but_what_the_columns_must_touch_keeps_its_bytes(pairs: dict[str, Pair]) -> None:
    found = {
        name: differences(pair.before, pair.after, pair.place, _first(pair), pair.place.added)
        for name, pair in pairs.items()
    }
    assert {name: what for name, what in found.items() if what} == {}


def test_only_the_tables_and_names_that_adjoin_are_touched(pairs: dict[str, Pair]) -> None:
    for name in NAMES:
        pair = pairs[name]
        with zipfile.ZipFile(pair.before) as old, zipfile.ZipFile(pair.after) as new:
            changed = {part for part in old.namelist() if old.read(part) != new.read(part)}
        assert changed == {"xl/worksheets/sheet1.xml", "xl/styles.xml"} | WIDENED.get(name, set()), name


def test_what_these_programs_write_goes_the_quick_way(pairs: dict[str, Pair], tmp_path: Path) -> None:
    for pair in pairs.values():
        patch_of(pair.place, usual_marks()).write(tmp_path / "quick.xlsx", PatchAttempt())
        assert entries(tmp_path / "quick.xlsx") == entries(pair.after)


def test_openpyxl_and_calamine_read_the_three_columns(pairs: dict[str, Pair]) -> None:
    marks = usual_marks()
    expected = [list(pairs["plain"].place.added)] + [
        [text.replace("\x07", "_x0007_").replace("_x0041_", "_x005F_x0041_") or None for text in mark]
        for mark in marks.itertuples(index=False)
    ]
    for name, pair in pairs.items():
        first = _first(pair)
        sheet = load_workbook(pair.after)["Orders"]
        cells = sheet.iter_rows(HEADER_ROW, HEADER_ROW + ROWS, first + 1, first + 3, values_only=True)
        assert [list(row) for row in cells] == expected, name
        rows = CalamineWorkbook.from_path(str(pair.after)).get_sheet_by_name("Orders").to_python(skip_empty_area=False)
        statuses = [row[first] for row in rows[HEADER_ROW : HEADER_ROW + ROWS]]
        assert statuses == marks["status"].tolist(), name


def test_all_old_cells_read_as_before(pairs: dict[str, Pair]) -> None:
    for name, pair in pairs.items():
        before, after = load_workbook(pair.before), load_workbook(pair.after)
        assert before.sheetnames == after.sheetnames
        for sheet in before.worksheets:
            for row in sheet.iter_rows():
                for old in row:
                    new = after[sheet.title][old.coordinate]
                    assert str(old.value) == str(new.value) or "object" in str(old.value), (name, old.coordinate)
                    assert _look(old) == _look(new), (name, old.coordinate)


def _look(cell: Cell) -> str:
    """Type, number format, font, fill, border and alignment."""
    return repr((cell.data_type, cell.number_format, cell.font, cell.fill, cell.border, cell.alignment))


def test_headers_look_like_their_neighbour_and_statuses_can_be_read(pairs: dict[str, Pair]) -> None:
    for name, pair in pairs.items():
        sheet = load_workbook(pair.after)["Orders"]
        first = _first(pair) + 1
        beside = next(sheet.cell(HEADER_ROW, c) for c in range(first - 1, 0, -1) if sheet.cell(HEADER_ROW, c).value)
        head = sheet.cell(HEADER_ROW, first)
        assert _look(head).partition(",")[2] == _look(beside).partition(",")[2], name
        success, skipped = sheet.cell(HEADER_ROW + 1, first), sheet.cell(HEADER_ROW + 5, first)
        assert (success.fill.fgColor.rgb, success.font.color.rgb) == ("FFE2F0D9", "FF1F1F1F"), name
        assert (skipped.value, skipped.fill.fill_type) == ("Skipped", None), name
        assert {sheet.cell(HEADER_ROW + 2, first + i).number_format for i in range(3)} == {"@"}, name
        assert not success.alignment.wrap_text


def test_what_stands_apart_is_said(pairs: dict[str, Pair]) -> None:
    assert pairs["query table"].written.notes == (
        "The new columns begin in column H, one column away from the table Query, which can't be widened "
        "(its columns come from a query): sorting that table does not move them.",
    )
    assert {
        name: pair.written.notes for name, pair in pairs.items() if pair.written.notes and name != "query table"
    } == {}


@NEEDS_LIBREOFFICE
def test_libreoffice_opens_and_recalculates_to_the_same_cells(pairs: dict[str, Pair], tmp_path: Path) -> None:
    """Values, as LibreOffice computes and shows them: the first sheet of every workbook as text, cell by cell."""
    options = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,1"
    both = []
    for number, pair in enumerate(pairs.values()):
        for side, path in (("before", pair.before), ("after", pair.after)):
            copy = tmp_path / f"{side}{number}{path.suffix}"
            copy.write_bytes(path.read_bytes())
            both.append(copy)
    by_libreoffice(both, tmp_path / "out", options)
    shown = {path.stem.partition("-")[0]: _csv(path) for path in (tmp_path / "out").glob("*.csv")}
    for number, (name, pair) in enumerate(pairs.items()):
        width = pair.place.extent.last_column + 1
        before, after = shown[f"before{number}"], shown[f"after{number}"]
        assert [row[:width] for row in before] == [row[:width] for row in after], name
        first = _first(pair)
        statuses = [row[first] for row in after[HEADER_ROW : HEADER_ROW + ROWS]]
        assert statuses == usual_marks()["status"].tolist(), name


def _csv(path: Path) -> list[list[str]]:
    import csv

    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))

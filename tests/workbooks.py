"""Makes workbooks with each feature that people use, by three writers, and by hand what no writer offers."""

from __future__ import annotations

import io
import re
import shutil
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pandas as pd

from pipeline.addresses import column_number
from pipeline.containers.zip_archive import open_archive
from pipeline.model.sheet import Extent, Place, Written
from pipeline.sheets import open_book, write_sheet
from pipeline.sheets.xlsx_book import LOOK, XlsxBook, new_columns
from pipeline.source_file import SourceFile
from pipeline.xlsx import Package, check_patch, open_package, write_patched
from pipeline.xlsx.patching.write import SheetPatch

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

HEADERS = ("Order", "AWB", "Order Status", "Amount", "Date", "Remarks")
ROWS = 12
"""Data rows of a feature workbook; its header is row 3, under a title and a blank row."""
HEADER_ROW = 3


def png() -> bytes:
    """A picture of one red dot."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    dot = zlib.compress(b"\0\xff\0\0")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", dot) + chunk(b"IEND", b"")


# --- the way back to a sheet, and what to write --------------------------------------------------------------------


def part_of(path: Path, sheet: str) -> str:
    """The part of a sheet, by the workbook's relationships."""
    with zipfile.ZipFile(path) as archive:
        book = ET.fromstring(archive.read("xl/workbook.xml"))
        rels = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    target = {rel.get("Id"): rel.get("Target", "") for rel in rels}
    for tab in book.iter():
        if tab.tag.endswith("}sheet") and tab.get("name") == sheet:
            found = target[next(value for key, value in tab.attrib.items() if key.endswith("}id"))]
            return found.lstrip("/") if found.startswith("/") else f"xl/{found}"
    raise KeyError(sheet)


def cells_of(data: bytes) -> dict[int, list[int]]:
    """The columns of every row's cells, by row, counted as a reader counts them."""
    found: dict[int, list[int]] = {}
    number = 0
    for row in ET.fromstring(data).iter():
        if not row.tag.endswith("}row"):
            continue
        number = int(row.get("r") or number + 1)
        column = -1
        columns = found.setdefault(number, [])
        for cell in row:
            if cell.tag.endswith("}c"):
                address = re.match("[A-Z]+", cell.get("r", ""))
                column = column_number(address[0]) if address else column + 1
                columns.append(column)
    return found


def place_of(path: Path, sheet: str = "Orders", header_row: int = HEADER_ROW, **changes: object) -> Place:
    """The way back to a sheet, as load would find it; ``changes`` replace what it says."""
    with zipfile.ZipFile(path) as archive:
        cells = cells_of(archive.read(part_of(path, sheet)))
    said: dict[str, object] = {
        "path": path,
        "format": path.suffix[1:],
        "sheet": sheet,
        "header_row": header_row,
        "headers": HEADERS,
        "columns": {"awb_number": 1},
        "added": ("status", "remark", "refnum"),
        "own_column": None,
        "extent": Extent(max(cells, default=0), max((c for row in cells.values() for c in row), default=-1)),
        "digest": "",
    }
    return Place(**{**said, **changes})  # type: ignore[arg-type]


def package_of(path: Path) -> Package:
    """An opened workbook's parts."""
    return open_package(open_archive(SourceFile(path)))


def xlsx_book(path: Path, kind: str) -> XlsxBook:
    """An opened workbook, whatever its name or its content types say."""
    return XlsxBook(open_archive(SourceFile(path)), kind)


def write_back(place: Place, marks: pd.DataFrame, target: Path) -> Written:
    """Opens a file anew and writes its sheet."""
    return write_sheet(open_book(place.path), place, marks, target)


def write_xlsx(place: Place, marks: pd.DataFrame, target: Path) -> Written:
    """Writes a workbook with its marks, as the library does it."""
    return Written(target, write_patched(package_of(place.path), new_columns(place), marks, LOOK, target))


def check_xlsx(place: Place) -> None:
    """What the library finds out before."""
    check_patch(package_of(place.path), new_columns(place))


def patch_of(place: Place, marks: pd.DataFrame) -> SheetPatch:
    """One sheet to be written, by whatever attempt."""
    package = package_of(place.path)
    return SheetPatch(package, package.sheet(place.sheet), new_columns(place), marks, LOOK)


def marks_of(
    rows: Mapping[int, Sequence[str]], columns: Sequence[str] = ("status", "remark", "refnum")
) -> pd.DataFrame:
    """Marks by row."""
    frame = pd.DataFrame([list(mark) for mark in rows.values()], columns=list(columns), dtype="str")
    frame.index = pd.Index(list(rows), dtype="int64", name="row")
    return frame


WORDS = ("Success", "Failed", "Unknown", "Invalid", "Skipped", "Not sent", "Planned")


def usual_marks(first: int = HEADER_ROW + 1, count: int = ROWS) -> pd.DataFrame:
    """A mark for each row, with every status, and texts that need care."""
    texts = ("cancelled", "=1+1", "a < b & c", " kept ", "two\nlines", "\x07 bell _x0041_", "")
    rows = range(first, first + count)
    return marks_of({row: (WORDS[i % 7], texts[i % 7], str(10**18 + i) if i % 3 else "") for i, row in enumerate(rows)})


# --- by XlsxWriter ---------------------------------------------------------------------------------------------------


def _fill(sheet: object, book: object) -> None:
    bold = book.add_format({"bold": True, "bg_color": "#DDEEFF", "border": 1})  # type: ignore[attr-defined]
    date = book.add_format({"num_format": "dd/mm/yyyy"})  # type: ignore[attr-defined]
    wrapped = book.add_format({"text_wrap": True})  # type: ignore[attr-defined]
    write = sheet.write  # type: ignore[attr-defined]
    sheet.merge_range("A1:F1", "Orders of November", bold)  # type: ignore[attr-defined]
    for column, header in enumerate(HEADERS):
        write(HEADER_ROW - 1, column, header, bold)
    for i in range(ROWS):
        row = HEADER_ROW + i
        write(row, 0, f"OD-{1000 + i}")
        sheet.write_string(row, 1, f"{86210010463 + i}")  # type: ignore[attr-defined]
        write(row, 2, ("Cancelled", "New")[i % 2])
        sheet.write_formula(row, 3, f"=100*{i}", None, 100 * i)  # type: ignore[attr-defined]
        write(row, 4, 46000 + i, date)
        if i % 4:
            write(row, 5, "call first", wrapped)


def by_xlsxwriter(path: Path, feature: Callable[[object, object], None], **options: object) -> Path:
    """A workbook with the orders and one feature."""
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet("Orders")
        other = book.add_worksheet("Notes")
        other.write("A1", "kept")
        _fill(sheet, book)
        feature(sheet, book)
    return path


def _chart(sheet, book):  # type: ignore[no-untyped-def]
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=Orders!$D$4:$D$15"})
    sheet.insert_chart("I3", chart)
    line = book.add_chart({"type": "line"})
    line.add_series({"values": "=Orders!$D$4:$D$15"})
    book.add_chartsheet("Picture").set_chart(line)


def _filter(sheet, book):  # type: ignore[no-untyped-def]
    sheet.autofilter("A3:F15")
    sheet.filter_column("C", "x == New")
    sheet.set_row(3, None, None, {"hidden": True})
    book.define_name("Picked", "=Orders!$A$4:$B$9")
    sheet.print_area("A1:F15")
    sheet.repeat_rows(2)


def _table(sheet, book):  # type: ignore[no-untyped-def]
    columns = [{"header": header} for header in HEADERS]
    sheet.add_table("A3:F15", {"name": "Orders_1", "columns": columns, "style": "Table Style Medium 2"})


def _totals(sheet, book):  # type: ignore[no-untyped-def]
    columns = [{"header": header} for header in HEADERS]
    columns[0]["total_string"] = "Total"
    columns[3]["total_function"] = "sum"
    sheet.add_table("A3:F16", {"columns": columns, "total_row": True})


def _comments(sheet, book):  # type: ignore[no-untyped-def]
    sheet.write_comment("B5", "checked", {"author": "Ann"})
    sheet.write_comment("F9", "twice")


def _rules(sheet, book):  # type: ignore[no-untyped-def]
    sheet.data_validation("C4:C15", {"validate": "list", "source": ["Cancelled", "New"]})
    red = book.add_format({"bg_color": "#FFC7CE"})
    sheet.conditional_format("A4:XFD15", {"type": "cell", "criteria": ">", "value": 500, "format": red})
    sheet.conditional_format("D4:D15", {"type": "data_bar", "data_bar_2010": True})


def _layout(sheet, book):  # type: ignore[no-untyped-def]
    sheet.freeze_panes(3, 1)
    sheet.set_column("A:B", 18, None, {"level": 1})
    sheet.set_column("C:XFD", 11)
    for row in range(4, 8):
        sheet.set_row(row, 20, None, {"level": 1, "hidden": row == 6})
    sheet.set_row(20, 30, book.add_format({"italic": True}))
    sheet.protect("secret", {"autofilter": True})
    sheet.set_tab_color("red")
    sheet.set_landscape()
    sheet.set_header("&L&G", {"image_left": "dot.png", "image_data_left": io.BytesIO(png())})


def _rich(sheet, book):  # type: ignore[no-untyped-def]
    red = book.add_format({"color": "red"})
    sheet.write_rich_string("F5", "call ", red, "now", " or never")
    sheet.write_url("A5", "https://example.org/a?b=1&c=2", string="OD-1001")
    sheet.write_array_formula("F8", "{=SUM(D4:D8*2)}")
    sheet.write_boolean("F9", True)
    sheet.write_formula("F10", "=NA()", None, "#N/A")
    sheet.write_blank("F12", None, red)
    sheet.write_string("F6", "_x0041_ and \ttab  ")


def _macros(sheet, book):  # type: ignore[no-untyped-def]
    book.add_vba_project(io.BytesIO(b"\xd0\xcf\x11\xe0 made up"), is_stream=True)
    sheet.insert_button("H2", {"macro": "cancel", "caption": "Cancel"})


XLSXWRITER: Mapping[str, Callable[[object, object], None]] = {
    "plain": lambda sheet, book: None,
    "chart and chart sheet": _chart,
    "image": lambda sheet, book: sheet.insert_image("H5", "dot.png", {"image_data": io.BytesIO(png())}),  # type: ignore[attr-defined]
    "text box": lambda sheet, book: sheet.insert_textbox("H8", "see the notes"),  # type: ignore[attr-defined]
    "sparkline": lambda sheet, book: sheet.add_sparkline("F4", {"range": "Orders!D4:D9"}),  # type: ignore[attr-defined]
    "filter, names, print area": _filter,
    "table": _table,
    "table with totals": _totals,
    "comments": _comments,
    "validation and conditional formats": _rules,
    "layout, groups, protection": _layout,
    "rich text, links, arrays, errors": _rich,
    "macros": _macros,
}

# --- by openpyxl -----------------------------------------------------------------------------------------------------


def by_openpyxl(path: Path) -> Path:
    """A workbook of openpyxl's: no spans, inline attributes in another order, its own styles."""
    from openpyxl import Workbook
    from openpyxl.chart import BarChart, Reference
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.worksheet.datavalidation import DataValidation
    from openpyxl.worksheet.table import Table

    book = Workbook()
    sheet = book.active
    sheet.title = "Orders"
    sheet["A1"] = "Orders"
    sheet.merge_cells("A1:F1")
    sheet.append([])
    sheet.append(list(HEADERS))
    for i in range(ROWS):
        sheet.append([f"OD-{i}", f"{86210010463 + i}", "Cancelled", f"=100*{i}", 46000 + i, None])
        sheet.cell(HEADER_ROW + 1 + i, 6).fill = PatternFill("solid", fgColor="FFEEEEEE")
    for cell in sheet[HEADER_ROW]:
        cell.font, cell.alignment = Font(bold=True, color="FFFFFFFF"), Alignment(wrap_text=True)
    sheet["B5"].comment = Comment("checked", "Ann")
    sheet.add_table(Table(displayName="Alles", ref=f"A3:F{HEADER_ROW + ROWS}"))
    rule = DataValidation(type="list", formula1='"a,b"')
    rule.add("C4:C9")
    sheet.add_data_validation(rule)
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=4, min_row=4, max_row=9))
    sheet.add_chart(chart, "I2")
    book.create_sheet("Notes")["A1"] = "kept"
    book.save(path)
    return path


# --- by LibreOffice --------------------------------------------------------------------------------------------------


def has_libreoffice() -> bool:
    """Whether this machine has it."""
    return shutil.which("soffice") is not None


def by_libreoffice(sources: Sequence[Path], folder: Path, kind: str = "xlsx") -> list[Path]:
    """Files opened, recalculated and saved by LibreOffice; one start for all of them."""
    folder.mkdir(parents=True, exist_ok=True)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(folder), *map(str, sources)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return [folder / f"{source.stem}.{kind.partition(':')[0]}" for source in sources]

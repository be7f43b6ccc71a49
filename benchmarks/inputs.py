"""Makes the benchmark's inputs: order exports of any size, the same every time, one row in ten to be cancelled."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

XLSX_COLUMNS = 20
CSV_COLUMNS = 12
STATES = ("Cancel Requested", *("Delivered", "Ready to Ship", "In Transit") * 3)
NAMES = ("Order No", "AWB No", "Courier", "Order Status", "Amount", "Order Date", "Payment Mode", "City")
COURIERS = ("Delhivery", "Xpressbees", "Ecom Express", "Blue Dart", "DTDC")
CITIES = ("Pune", "Surat", "Kochi", "Nagpur", "Indore", "Jaipur", "Mysuru", "Bhopal")
STRINGS_OF_A_ROW = 20_000
"""Different texts of the further columns: a real export repeats itself, but not in every cell."""


def row(number: int, width: int, one_in: int = 10) -> list[str | float]:
    """One made-up order; one in so many is to be cancelled."""
    cells: list[str | float] = [
        f"SO-{number:08d}",
        f"1319{number:08d}01",
        COURIERS[number % 5],
        STATES[number % 10 if number % one_in == 0 else number % 9 + 1],
        round(199 + (number * 7919) % 4200 + 0.25 * (number % 4), 2),
        f"2026-{1 + number % 12:02d}-{1 + number % 28:02d}",
        "COD" if number % 3 == 0 else "Prepaid",
        CITIES[number % 8],
    ]
    for column in range(len(cells), width):
        value = (number * 31 + column * 977) % STRINGS_OF_A_ROW
        cells.append(float(value) if column % 2 else f"Item {value} of the catalogue")
    return cells


def headers(width: int) -> list[str]:
    """The column names."""
    return [*NAMES, *(f"Field {number}" for number in range(len(NAMES), width))]


def make_csv(path: Path, rows: int, one_in: int = 10) -> None:
    """A CSV of 12 columns; one row in so many is to be cancelled."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(headers(CSV_COLUMNS)) + "\r\n")
        for number in range(rows):
            file.write(",".join(str(cell) for cell in row(number, CSV_COLUMNS, one_in)) + "\r\n")


def make_xlsx(path: Path, rows: int) -> None:
    """A workbook of one sheet of 20 columns with shared strings, as Excel and openpyxl write them."""
    texts: dict[str, int] = {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, text in FIXED.items():
            archive.writestr(name, text)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for piece in _sheet(rows, texts):
                part.write(piece.encode())
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            part.write(f'{XML}<sst xmlns="{MAIN}" count="{len(texts)}" uniqueCount="{len(texts)}">'.encode())
            part.write("".join(f"<si><t>{escape(text)}</t></si>" for text in texts).encode())
            part.write(b"</sst>")


def _sheet(rows: int, texts: dict[str, int]) -> Iterator[str]:
    yield f'{XML}<worksheet xmlns="{MAIN}"><dimension ref="A1:T{rows + 1}"/><sheetData>'
    letters = [chr(65 + column) for column in range(XLSX_COLUMNS)]
    for number in range(rows + 1):
        cells = headers(XLSX_COLUMNS) if number == 0 else row(number - 1, XLSX_COLUMNS)
        parts = [
            f'<c r="{letter}{number + 1}"><v>{cell:g}</v></c>'
            if isinstance(cell, float)
            else f'<c r="{letter}{number + 1}" t="s"><v>{texts.setdefault(str(cell), len(texts))}</v></c>'
            for letter, cell in zip(letters, cells, strict=True)
        ]
        yield f'<row r="{number + 1}" spans="1:20">{"".join(parts)}</row>'
    yield "</sheetData></worksheet>"


XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_ML = "application/vnd.openxmlformats-officedocument.spreadsheetml"

FIXED = {
    "[Content_Types].xml": (
        f'{XML}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET_ML}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{SHEET_ML}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{SHEET_ML}.styles+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{SHEET_ML}.sharedStrings+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'{XML}<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="Orders" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'{XML}<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{OFFICE}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId3" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
        f'{XML}<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs>'
        '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs></styleSheet>'
    ),
}
"""The small parts of the workbook."""

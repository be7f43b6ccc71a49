"""The bare parts of a workbook, byte for byte, for reading what no library writes."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

FORMATS = ("General", "0", "@", "00000000", "dd/mm/yyyy", "yyyy\\-mm\\-dd hh:mm", "h:mm", "[h]:mm", '0" days"')
"""The number format of each style of a bare workbook: style 4 is a date."""


def worksheet(rows: str, before: str = "", after: str = "") -> str:
    """A worksheet part around its rows."""
    return f'{DECLARATION}<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def shared_strings(*items: str) -> str:
    """A part of shared strings from plain texts."""
    texts = "".join(f'<si><t xml:space="preserve">{escape(item)}</t></si>' for item in items)
    return f'{DECLARATION}<sst xmlns="{MAIN}">{texts}</sst>'


def styles(formats: tuple[str, ...] = FORMATS) -> str:
    """A part of styles, one for each format."""
    codes = "".join(
        f'<numFmt numFmtId="{164 + number}" formatCode="{escape(code, {chr(34): "&quot;"})}"/>'
        for number, code in enumerate(formats)
    )
    used = "".join(f'<xf numFmtId="{164 + number}"/>' for number in range(len(formats)))
    return f'<styleSheet xmlns="{MAIN}"><numFmts>{codes}</numFmts><cellXfs>{used}</cellXfs></styleSheet>'


def workbook_parts(
    sheet: str | bytes, strings: str | bytes = "", *, settings: str = "", sheets: str = ""
) -> dict[str, str | bytes]:
    """The parts of a workbook with one sheet called Orders (or the ``sheets`` elements given)."""
    sheets = sheets or '<sheet name="Orders" sheetId="1" r:id="rId1"/>'
    return {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPES}.worksheet+xml"/></Types>',
        "_rels/.rels": relations(("rId1", f"{OFFICE}/officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'{DECLARATION}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{settings}'
        f"<sheets>{sheets}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": relations(
            ("rId1", f"{OFFICE}/worksheet", "worksheets/sheet1.xml"),
            ("rId2", f"{OFFICE}/styles", "/xl/styles.xml"),
            ("rId3", f"{OFFICE}/sharedStrings", "sharedStrings.xml"),
        ),
        "xl/worksheets/sheet1.xml": sheet,
        "xl/styles.xml": styles(),
        "xl/sharedStrings.xml": strings or shared_strings(),
    }


def relations(*rels: tuple[str, str, str]) -> str:
    """A part of relationships: id, type, target."""
    each = "".join(f'<Relationship Id="{one}" Type="{kind}" Target="{target}"/>' for one, kind, target in rels)
    return f'<Relationships xmlns="{PACKAGE}">{each}</Relationships>'


def write_zip(path: Path, parts: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """Writes the parts as they are."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path

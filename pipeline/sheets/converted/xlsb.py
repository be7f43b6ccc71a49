"""Reads .xlsb record by record ([MS-XLSB]), with number formats, dates, hidden rows and sheets, merged areas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pipeline.containers.zip_archive import Archive
from pipeline.errors import FileError
from pipeline.model.sheet import Visibility
from pipeline.sheets.converted.grid import GridBook
from pipeline.sheets.converted.grid_builder import BookBuilder
from pipeline.sheets.converted.serials import BEGIN_1900, BEGIN_1904
from pipeline.sheets.converted.xlsb_records import LARGEST_PART, DamagedPartError, records, wide
from pipeline.sheets.converted.xlsb_sheet import BookParts, read_sheet
from pipeline.sheets.converted.xlsb_styles import read_fonts, read_shared, read_styles

PROPERTIES, SHEET = 153, 156
VISIBILITIES = {0: Visibility.VISIBLE, 1: Visibility.HIDDEN}  # 2: very hidden

WORKBOOK = "xl/workbook.bin"
RELATIONSHIP = re.compile(rb"<(?:\w+:)?Relationship\s([^>]*)>")
ATTRIBUTE = re.compile(rb"""(\w+)\s*=\s*["']([^"']*)["']""")

SAVE_AS_XLSX = "Open it in Excel or LibreOffice, save it as .xlsx, and give that."


@dataclass(frozen=True, slots=True)
class _Sheet:
    name: str
    visibility: Visibility
    relationship: str


@dataclass(frozen=True, slots=True)
class _Links:
    """The parts of the workbook: worksheets by the id of their relationship, the others by their type."""

    worksheets: Mapping[str, str]
    others: Mapping[str, str]


def read_xlsb(archive: Archive) -> GridBook:
    """Reads a binary workbook.

    Raises:
        FileError: damaged, without a worksheet, or larger than can be held.
    """
    builder = BookBuilder(archive.source)
    try:
        links = _links(archive)
        sheets, begin = _workbook(_read(archive, archive.find(WORKBOOK)))
        parts = _parts(archive, links, begin)
        for sheet in sheets:
            if (part := links.worksheets.get(sheet.relationship)) is not None:
                builder.add(sheet.name, sheet.visibility, read_sheet(builder, _read(archive, part), parts))
    except (DamagedPartError, IndexError) as error:  # a byte behind the last one
        why = f": {error}" if isinstance(error, DamagedPartError) else ""
        raise FileError(f"This .xlsb file is damaged{why}", SAVE_AS_XLSX, where=archive.path.name) from error
    return builder.book("xlsb")


def _parts(archive: Archive, links: _Links, begin: date) -> BookParts:
    styles = _read(archive, links.others.get("styles"))
    fonts = read_fonts(styles)
    shared = read_shared(_read(archive, links.others.get("sharedStrings")), fonts)
    return BookParts(read_styles(styles, fonts), fonts, shared, begin)


def _read(archive: Archive, part: str | None) -> bytes:
    if part is None:
        return b""
    if archive.entries[part].file_size > LARGEST_PART:
        raise FileError("A sheet of this file is larger than can be held", SAVE_AS_XLSX, where=archive.path.name)
    return b"".join(archive.stream(part))


def _links(archive: Archive) -> _Links:
    worksheets, others = dict[str, str](), dict[str, str]()
    rels = archive.find("xl/_rels/workbook.bin.rels")
    for relationship in RELATIONSHIP.findall(archive.read(rels) if rels else b""):
        attributes = {key.decode(): value.decode("utf-8", "replace") for key, value in ATTRIBUTE.findall(relationship)}
        target = attributes.get("Target", "").lstrip("/").removeprefix("xl/")
        part = archive.find(f"xl/{target}")
        kind = attributes.get("Type", "").rpartition("/")[2]
        if part and kind == "worksheet":
            worksheets[attributes.get("Id", part)] = part
        elif part:
            others[kind] = part
    return _Links(worksheets, others)


def _workbook(data: bytes) -> tuple[list[_Sheet], date]:
    """The sheets in the order of their tabs, and day 0 of the workbook's calendar."""
    sheets, begin = list[_Sheet](), BEGIN_1900
    for kind, at, end in records(data):
        if kind == SHEET:
            relationship, after = wide(data, at + 8, end)
            name, _ = wide(data, after, end)
            state = VISIBILITIES.get(int.from_bytes(data[at : at + 4], "little"), Visibility.VERY_HIDDEN)
            sheets.append(_Sheet(name, state, relationship))
        elif kind == PROPERTIES and data[at] & 1:
            begin = BEGIN_1904
    return sheets, begin

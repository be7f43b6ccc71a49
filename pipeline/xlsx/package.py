"""Finds the parts of a workbook as its own relationships name them: sheets, styles, shared strings."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote
from xml.etree import ElementTree as ET
from xml.parsers import expat

from pipeline.containers.safe_xml import ForbiddenXmlError, parse_xml
from pipeline.containers.zip_archive import Archive
from pipeline.xlsx.errors import WorkbookError
from pipeline.xlsx.values import TabState

SAVE_AS = "Save the order list as .xlsx or .csv."
STATES = {str(state): state for state in TabState}


class Rel(NamedTuple):
    """A relationship: its kind (the last word of the type's URI, the same in transitional and strict), and the part."""

    kind: str
    target: str


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A worksheet: its tab's name, its part, its place among the tabs (from 0, chart sheets counted)."""

    name: str
    part: str
    state: TabState
    position: int


@dataclass(frozen=True, slots=True)
class Package:
    """An opened workbook. ``uncalculated``: Excel has yet to calculate its formulas, whatever results it holds."""

    archive: Archive
    workbook: str
    sheets: tuple[SheetPart, ...]
    styles: str | None
    shared_strings: str | None
    date1904: bool
    signed: bool
    uncalculated: bool = False

    def sheet(self, name: str) -> SheetPart:
        """The worksheet of that name; WorkbookError where there is none."""
        found = next((sheet for sheet in self.sheets if sheet.name == name), None)
        if found is None:
            names = ", ".join(sheet.name for sheet in self.sheets)
            raise WorkbookError(f"There is no sheet {name!r}", f"There are: {names}.")
        return found

    def rels_of(self, part: str) -> Mapping[str, Rel]:
        """The relationships of a part, by id."""
        return read_rels(self.archive, part)

    def xml(self, part: str) -> ET.Element:
        """A small part as a tree."""
        return read_xml(self.archive, part)


def local(tag: str) -> str:
    """A tag without its namespace."""
    return tag.rpartition("}")[2]


def read_xml(archive: Archive, part: str) -> ET.Element:
    """A small part as a tree; WorkbookError when it is no XML that a workbook may hold."""
    try:
        return parse_xml(archive.read(part))
    except (ForbiddenXmlError, expat.ExpatError, ValueError, LookupError) as error:
        raise _broken(f"its part {part} can't be read") from error


def read_rels(archive: Archive, part: str) -> dict[str, Rel]:
    """The relationships of a part ("" is the package's own), by id; targets are entry names as the zip spells them."""
    folder, _, name = part.replace("\\", "/").rpartition("/")
    found = archive.find(f"{folder}/_rels/{name}.rels".lstrip("/"))
    if found is None:
        return {}
    rels = {}
    for rel in read_xml(archive, found):
        if local(rel.tag) != "Relationship" or rel.get("TargetMode") == "External":
            continue
        whole = _whole(folder, rel.get("Target", ""))
        found = archive.find(whole) or archive.find(unquote(whole))  # names in the zip may be percent-encoded or not
        rels[rel.get("Id", "")] = Rel(rel.get("Type", "").rpartition("/")[2], found or whole)
    return rels


def _whole(folder: str, target: str) -> str:
    """The name that a relationship means: from the package's root, or beside the part that points."""
    return posixpath.normpath(posixpath.join("/", folder, target.replace("\\", "/"))).lstrip("/")


def open_package(archive: Archive) -> Package:
    """Finds the parts of a workbook in its zip.

    Raises:
        WorkbookError: it is no workbook, or a damaged one.
    """
    top = read_rels(archive, "")
    workbook = next((rel.target for rel in top.values() if rel.kind == "officeDocument"), None)
    if workbook is None or workbook not in archive.entries:
        raise WorkbookError("This is no Excel workbook", SAVE_AS)
    tree = read_xml(archive, workbook)
    if local(tree.tag) != "workbook":
        raise WorkbookError("This is an Office document, but no Excel workbook", SAVE_AS)
    rels = read_rels(archive, workbook)
    part_of = {rel.kind: rel.target for rel in rels.values() if rel.target in archive.entries}
    signed = any(rel.kind == "origin" for rel in top.values()) or any("_xmlsignatures/" in e for e in archive.entries)
    return Package(
        archive=archive,
        workbook=workbook,
        sheets=tuple(_sheets(tree, rels, archive)),
        styles=part_of.get("styles"),
        shared_strings=part_of.get("sharedStrings"),
        date1904=_is_1904(tree),
        signed=signed,
        uncalculated=_is_uncalculated(tree),
    )


def _sheets(tree: ET.Element, rels: Mapping[str, Rel], archive: Archive) -> list[SheetPart]:
    found: list[SheetPart] = []
    listed = [child for group in tree if local(group.tag) == "sheets" for child in group if local(child.tag) == "sheet"]
    for position, sheet in enumerate(listed):
        relation = next((value for key, value in sheet.attrib.items() if local(key) == "id" and key != "id"), None)
        if relation == "":
            continue  # a tab without a part, as Excel writes for the macro modules of old: nothing to read
        rel = rels.get(relation or "")
        if rel is not None and rel.kind != "worksheet":
            continue  # a chart, dialog or macro sheet: it has no rows
        if rel is None or rel.target not in archive.entries:
            raise _broken(f"the worksheet {sheet.get('name', '')!r} is missing")
        state = STATES.get(sheet.get("state", ""), TabState.VISIBLE)
        found.append(SheetPart(sheet.get("name", ""), rel.target, state, position))
    names = [sheet.name for sheet in found]
    if len(set(names)) < len(names):
        raise _broken("two worksheets have one name")
    return found


def _broken(what: str) -> WorkbookError:
    return WorkbookError(f"This workbook is damaged: {what}", "Open it in Excel and save it again.")


def _is_1904(tree: ET.Element) -> bool:
    settings = next((child for child in tree if local(child.tag) == "workbookPr"), None)
    return settings is not None and settings.get("date1904", "0").lower() in ("1", "true")


def _is_uncalculated(tree: ET.Element) -> bool:
    """Whether the program that wrote the workbook calculated nothing (ECMA-376 part 1, 18.2.2)."""
    settings = next((child for child in tree if local(child.tag) == "calcPr"), None)
    return settings is not None and settings.get("fullCalcOnLoad", "0").lower() in ("1", "true")

"""Reads .ods: streams the document's own XML, with its styles, hidden rows and sheets, and the texts that it shows."""

from __future__ import annotations

from collections.abc import Mapping
from xml.parsers import expat

from pipeline.containers.safe_xml import ForbiddenXmlError, make_parser
from pipeline.containers.zip_archive import Archive
from pipeline.errors import FileError
from pipeline.sheets.converted.grid import GridBook
from pipeline.sheets.converted.grid_builder import BookBuilder
from pipeline.sheets.converted.ods_styles import OdsStyles
from pipeline.sheets.converted.ods_table import TableReader

OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0 "
STYLES = frozenset({f"{OFFICE}styles", f"{OFFICE}automatic-styles"})
MASTER = f"{OFFICE}master-styles"


def read_ods(archive: Archive) -> GridBook:
    """Reads a spreadsheet document.

    Raises:
        FileError: damaged, protected with a password, or larger than can be held.
    """
    _check_password(archive)
    styles = OdsStyles()
    tables = TableReader(BookBuilder(archive.source), styles)
    try:
        if named := archive.find("styles.xml"):
            _parse(archive, named, styles, None)
        _parse(archive, "content.xml", styles, tables)
    except ForbiddenXmlError as error:
        raise FileError(
            "This file's XML has a document type, which no spreadsheet has", where=archive.path.name
        ) from error
    except (IndexError, KeyError):  # these would be ours
        raise
    except (expat.ExpatError, LookupError, ValueError) as error:  # the latter two: an encoding that nobody knows
        step = "Open it in LibreOffice and save it again."
        raise FileError(
            f"This file is damaged: its table isn't XML ({error})", step, where=archive.path.name
        ) from error
    return tables.book.book("ods")


def _check_password(archive: Archive) -> None:
    manifest = archive.find("META-INF/manifest.xml")
    if manifest and b"encryption-data" in archive.read(manifest):
        step = "Open it in LibreOffice, save it without a password, and give that."
        raise FileError("This file is protected with a password", step, where=archive.path.name)


def _parse(archive: Archive, part: str, styles: OdsStyles, tables: TableReader | None) -> None:
    """One part of the document: what stands in its styles goes to them, all else to the tables."""
    within = False

    def start(name: str, attributes: Mapping[str, str]) -> None:
        nonlocal within
        if name in STYLES:
            within = True
        elif within:
            styles.start(name, attributes)
        elif tables is not None and name != MASTER:
            tables.start(name, attributes)

    def end(name: str) -> None:
        nonlocal within
        if name in STYLES:
            within = False
        elif within:
            styles.end(name)
        elif tables is not None and name != MASTER:
            tables.end(name)

    def characters(text: str) -> None:
        if within:
            styles.characters(text)
        elif tables is not None:
            tables.characters(text)

    parser = make_parser()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, characters
    for piece in archive.stream(part):
        parser.Parse(piece, False)
    parser.Parse(b"", True)

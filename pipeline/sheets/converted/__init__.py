"""Reads the formats that can't be patched (.xls, .xlsb, .ods, XML of 2003, HTML) and writes them as a new .xlsx."""

from __future__ import annotations

from pipeline.containers.zip_archive import Archive
from pipeline.sheets.converted.grid import GridBook
from pipeline.sheets.converted.trial import try_writing
from pipeline.source_file import SourceFile

__all__ = ["open_converted", "try_writing"]


def open_converted(source: SourceFile, archive: Archive | None, kind: str) -> GridBook:
    """Reads a file whole, compactly.

    Args:
        source: the opened file.
        archive: its checked zip, where it is one.
        kind: what it is by its content: xls, xlsb, ods, xml or html.
    Raises:
        FileError: damaged, protected with a password, without a sheet, or too large to hold.
    """
    match kind, archive:
        case "xls", None:
            from pipeline.sheets.converted.xls import read_xls

            return read_xls(source)
        case "html", None:
            from pipeline.sheets.converted.html_table import read_html

            return read_html(source)
        case "xml", None:
            from pipeline.sheets.converted.xml2003 import read_xml2003

            return read_xml2003(source)
        case "xlsb", Archive():
            from pipeline.sheets.converted.xlsb import read_xlsb

            return read_xlsb(archive)
        case "ods", Archive():
            from pipeline.sheets.converted.ods import read_ods

            return read_ods(archive)
    raise ValueError(kind)

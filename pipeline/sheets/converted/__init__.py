"""Reads the formats that can't be patched (.xls, .xlsb, .ods, HTML) and writes them as a new .xlsx."""

from __future__ import annotations

from pathlib import Path

from pipeline.sheets.converted.grid import GridBook
from pipeline.sheets.converted.trial import try_writing
from pipeline.sheets.converted.writer import write_converted

__all__ = ["open_converted", "try_writing", "write_converted"]


def open_converted(path: Path, kind: str) -> GridBook:
    """Reads a file whole, compactly.

    Args:
        path: a regular file.
        kind: what it is by its content: xls, xlsb, ods or html.
    Raises:
        FileTrouble: damaged, protected with a password, without a sheet, or too large to hold.
    """
    match kind:
        case "xls":
            from pipeline.sheets.converted.xls import read_xls as read
        case "xlsb":
            from pipeline.sheets.converted.xlsb import read_xlsb as read
        case "ods":
            from pipeline.sheets.converted.ods import read_ods as read
        case "html":
            from pipeline.sheets.converted.html_table import read_html as read
        case _:
            raise ValueError(kind)
    return read(path)

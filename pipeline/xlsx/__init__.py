"""Excel workbooks: read fast, and written back with the one worksheet patched and every other part as it was.

A library of its own: it knows what a workbook is, and nothing of what its rows stand for.
"""

from pipeline.xlsx.custom_properties import read_property, write_property
from pipeline.xlsx.errors import CannotPatchError, WorkbookError
from pipeline.xlsx.package import Package, open_package
from pipeline.xlsx.patching.write import check_patch, write_patched
from pipeline.xlsx.reading.book import WorkbookReader
from pipeline.xlsx.values import ColumnCells, NewColumns, NewLook, SheetRows, TabState, TopRow, UsedRange, ValueKind

__all__ = [
    "CannotPatchError",
    "ColumnCells",
    "NewColumns",
    "NewLook",
    "Package",
    "SheetRows",
    "TabState",
    "TopRow",
    "UsedRange",
    "ValueKind",
    "WorkbookError",
    "WorkbookReader",
    "check_patch",
    "open_package",
    "read_property",
    "write_patched",
    "write_property",
]

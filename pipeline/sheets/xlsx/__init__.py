"""Excel workbooks: read fast, and written back with the one worksheet patched and every other part as it was."""

from pipeline.sheets.xlsx.inflow import open_xlsx
from pipeline.sheets.xlsx.patching import CannotPatch, check_xlsx, write_xlsx

__all__ = ["CannotPatch", "check_xlsx", "open_xlsx", "write_xlsx"]

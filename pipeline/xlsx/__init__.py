"""Excel workbooks: read fast, and written back with the one worksheet patched and every other part as it was."""

from pipeline.xlsx.patching.write import CannotPatch, check_xlsx, write_xlsx
from pipeline.xlsx.reading import open_xlsx

__all__ = ["CannotPatch", "check_xlsx", "open_xlsx", "write_xlsx"]

"""What a worksheet of Excel can hold (Microsoft, "Excel specifications and limits", read 2026-11)."""

MOST_ROWS = 1_048_576
"""Rows of a sheet, counted from 1."""

MOST_COLUMNS = 16_384
"""Columns of a sheet, A to XFD."""

LAST_COLUMN = MOST_COLUMNS - 1
"""Column XFD, counted from 0."""

LONGEST_CELL = 32_767
"""Characters of a cell's text, in units of UTF-16: an emoji counts twice."""

MOST_STYLES = 64_000
"""Cell styles of a workbook; beyond, Excel calls the file damaged."""

LONGEST_TAB_NAME = 31
"""Characters of a sheet's name."""

"""Reads the worksheets of .xlsx and .xlsm."""

from pipeline.xlsx.reading.book import XlsxBook, open_xlsx

__all__ = ["XlsxBook", "open_xlsx"]

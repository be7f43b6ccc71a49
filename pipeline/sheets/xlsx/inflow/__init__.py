"""Reads the worksheets of .xlsx and .xlsm."""

from pipeline.sheets.xlsx.inflow.book import XlsxBook, open_xlsx

__all__ = ["XlsxBook", "open_xlsx"]

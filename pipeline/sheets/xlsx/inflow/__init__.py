"""Reads the worksheets of .xlsx and .xlsm."""

from pipeline.sheets.xlsx.inflow.book import XlsxBook

__all__ = ["XlsxBook"]

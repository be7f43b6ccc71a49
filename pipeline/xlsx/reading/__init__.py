"""Reads the worksheets of .xlsx and .xlsm."""

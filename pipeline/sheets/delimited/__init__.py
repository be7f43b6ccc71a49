"""Delimited text (.csv .tsv .txt): read exactly and fast, and given back with each line's own bytes kept."""

from pipeline.sheets.delimited.reader import open_delimited

__all__ = ["open_delimited"]

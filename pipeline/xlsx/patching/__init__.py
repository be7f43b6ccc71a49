"""Writes a workbook back with new columns, and keeps every byte that need not change."""

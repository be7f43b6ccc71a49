"""Gives the sheet back: where it goes, what stands in the added columns, and the writing itself."""

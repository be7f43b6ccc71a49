"""TODO."""

from __future__ import annotations

from pipeline.errors import FileTrouble


class BrokenSheet(ValueError):
    """A part is no valid one; the message says what is wrong with it, as the end of "it is damaged: …"."""


class CannotPatch(FileTrouble):
    """The workbook can't be patched safely; a new one or a CSV has to do."""

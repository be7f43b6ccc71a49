"""What can go wrong with a workbook, in the words of the file format; the caller says it to a person."""

from __future__ import annotations


class WorkbookError(Exception):
    """The workbook can't be read: it is none, or a damaged one.

    Args:
        problem: what is wrong, one sentence without a final full stop.
        next_step: what to do about it, one sentence; may be empty.
        sheet: the tab that it was found in; "" for the workbook as a whole.
    """

    def __init__(self, problem: str, next_step: str = "", *, sheet: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.next_step = next_step
        self.sheet = sheet


class CannotPatchError(WorkbookError):
    """The workbook can be read, but not be written back as it was: a new one or a CSV has to do."""


class BrokenSheetError(ValueError):
    """A part is no valid one; the message says what is wrong with it, as the end of "it is damaged: …"."""

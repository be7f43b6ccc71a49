"""What a person can put right: each error says what is wrong, where, and what to do next."""

from __future__ import annotations


class PipelineError(Exception):
    """What the person at the keyboard can put right; caught once, in ``cli``, and shown without a traceback.

    Args:
        problem: what is wrong, one sentence without a final full stop.
        next_step: what to do about it, one sentence; may be empty when the problem says it already.
        where: the place, as a person names it: ``orders.xlsx, sheet Orders, cell C17``.
    """

    exit_code = 2

    def __init__(self, problem: str, next_step: str = "", *, where: str = "") -> None:
        self.problem = problem.rstrip(". ")
        self.next_step = next_step.rstrip()
        self.where = where
        super().__init__(problem)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        step = f" {self.next_step}" if self.next_step else ""
        return f"{place}{self.problem}.{step}"


class FileError(PipelineError):
    """The input can't be read as a table, or only by guessing."""


class NotPatchedError(FileError):
    """The workbook can be read, but not be given back as it was: its result comes as CSV."""


class ColumnError(PipelineError):
    """The table has no column, or more than one, for what is asked."""


class UsageError(PipelineError):
    """Options, profile or settings that contradict each other or can't be had."""


class OutputError(PipelineError):
    """The output can't be written where it should stand."""


class LedgerError(PipelineError):
    """The ledger can't be used: damaged, newer, read-only, full, or held by another run. Nothing is sent then."""


class BrokenOffError(LedgerError):
    """The ledger failed in the middle of a run; what was done by then is in it."""

    exit_code = 3


class SheetNotWrittenError(OutputError):
    """The run is over and in the ledger, and its sheet could not be written."""

    exit_code = 3


class NotConfirmedError(PipelineError):
    """The person did not confirm, or could not be asked."""


def problem_of(error: Exception) -> str:
    """What is wrong, in words for a person; a fault of ours by the name of its type, for its text may hold anything."""
    return error.problem if isinstance(error, PipelineError) else f"a fault of this program ({type(error).__name__})"


def was_changed(name: str) -> OutputError:
    """What is said of an input that is no longer the one that was read."""
    return OutputError(f"{name} was changed since it was read, so its rows may be others now")

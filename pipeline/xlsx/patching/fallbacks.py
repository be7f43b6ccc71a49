"""What is taken for granted of a worksheet when it is patched, and what makes the patch begin again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class PatchAttempt:
    """What is taken for granted: at first, that the sheet is as most are.

    ``beyond``: merged cells stand before this column. ``unordered``: the numbers of the rows don't rise.
    ``filter_name``: the workbook's name for the filter is the filter's range.
    """

    beyond: int = 0
    unordered: bool = False
    filter_name: bool = True


class StartOverError(Exception):
    """What was written so far can't stay; ``change`` says what to take for granted instead."""

    def __init__(self, change: Callable[[PatchAttempt], PatchAttempt]) -> None:
        super().__init__()
        self.change = change


class RowOrderError(StartOverError):
    """The rows don't rise: which there are must be known before any is made."""

    def __init__(self) -> None:
        super().__init__(lambda attempt: replace(attempt, unordered=True))


class ObstructedError(StartOverError):
    """Merged cells reach over our columns; ``beyond`` is the first column that is free of them."""

    def __init__(self, beyond: int) -> None:
        super().__init__(lambda attempt: replace(attempt, beyond=beyond))


class OtherFilterError(StartOverError):
    """The workbook's name for the filter is not the filter's range, and stays as it is."""

    def __init__(self) -> None:
        super().__init__(lambda attempt: replace(attempt, filter_name=False))

"""Has the next piece of a large file made ready while the one before is worked on: two cores instead of one."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

Piece = TypeVar("Piece")

END: Final = None
"""No piece is None."""


def ahead(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The same pieces in the same order, the next one made in a thread of its own; what it raises is raised here.

    One piece waits at most, so memory stays flat. Arrow and NumPy let go of Python's lock while they work on columns.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        waiting = pool.submit(next, pieces, END)
        while (piece := waiting.result()) is not END:
            waiting = pool.submit(next, pieces, END)
            yield piece

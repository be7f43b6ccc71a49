"""Prepares the next piece of a large file in a second thread while the one before is worked on."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

Piece = TypeVar("Piece")

END: Final = None
"""Stands for the end; no piece is None."""


def ahead(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The same pieces in the same order, the next one made in a thread of its own; what it raises is raised here.

    One piece waits at most, so memory stays flat. Arrow and NumPy release Python's lock while they work on columns.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        waiting = pool.submit(next, pieces, END)
        while (piece := waiting.result()) is not END:
            waiting = pool.submit(next, pieces, END)
            yield piece

"""Pieces that are made ahead are the same ones in the same order, and never more than one waits."""

from __future__ import annotations

from collections.abc import Iterator
from threading import current_thread, main_thread

import pytest

from pipeline.prefetch import ahead


def pieces(made: list[int], last: int = 5) -> Iterator[int]:
    for number in range(last):
        assert current_thread() is not main_thread()
        made.append(number)
        yield number


def test_all_pieces_come_in_their_order_made_by_another_thread() -> None:
    assert list(ahead(pieces([]))) == [0, 1, 2, 3, 4]
    assert list(ahead(iter(()))) == []


def test_one_piece_is_made_while_another_is_worked_on_and_no_more() -> None:
    made: list[int] = []
    for piece in ahead(pieces(made)):
        assert len(made) <= piece + 2


def test_what_goes_wrong_in_a_piece_is_raised_when_its_turn_comes() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("the second piece")

    coming = ahead(broken())
    assert next(coming) == 1
    with pytest.raises(ValueError, match="the second piece"):
        next(coming)


def test_pieces_that_nobody_wants_any_more_are_not_made() -> None:
    made: list[int] = []
    coming = ahead(pieces(made, last=100))
    next(coming)
    coming.close()  # type: ignore[attr-defined]
    assert len(made) <= 2

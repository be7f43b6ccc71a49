"""Halving finds the culprits with few calls and sends every other AWB exactly once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.calls import Batch, Item
from pipeline.sending.splitting import PlannedCall


def batch_of(size: int) -> Batch:
    return Batch(tuple(Item(f"AWB{number:05d}") for number in range(size)))


def carry_out(size: int, bad: set[int]) -> tuple[list[tuple[str, ...]], list[str], list[str]]:
    """Plays a service that refuses any call that holds a bad AWB: the calls made, the AWBs accepted, the culprits."""
    family = PlannedCall(batch_of(size))
    bad_awbs = {f"AWB{number:05d}" for number in bad}
    calls, accepted, culprits = [], [], []
    while not family.finished:
        part = family.next()
        calls.append(part.awbs)
        if bad_awbs.isdisjoint(part.awbs):
            accepted += part.awbs
        elif family.refused(part):
            culprits += part.awbs
    return calls, accepted, culprits


def test_a_clean_call_goes_out_once() -> None:
    calls, accepted, culprits = carry_out(100, set())
    assert (len(calls), len(accepted), culprits) == (1, 100, [])


def test_one_culprit_among_eight_costs_the_fewest_calls() -> None:
    calls, accepted, culprits = carry_out(8, {7})
    # 8 refused, 0-3 fine, so 4-7 is not asked as a whole; 4-5 fine, 6-7 not asked; 6 fine, 7 is asked for its words
    assert [len(call) for call in calls] == [8, 4, 2, 1, 1]
    assert (sorted(accepted), culprits) == ([f"AWB{number:05d}" for number in range(7)], ["AWB00007"])


@given(st.integers(1, 100).flatmap(lambda size: st.tuples(st.just(size), st.sets(st.integers(0, size - 1)))))
def test_every_good_awb_is_accepted_once_and_every_bad_one_found(case: tuple[int, set[int]]) -> None:
    size, bad = case
    calls, accepted, culprits = carry_out(size, bad)
    assert sorted(accepted) == [f"AWB{number:05d}" for number in range(size) if number not in bad]
    assert sorted(culprits) == [f"AWB{number:05d}" for number in sorted(bad)]
    assert len(calls) <= 1 + 2 * len(bad) * 8


def test_a_half_without_a_clear_answer_proves_nothing_of_the_other() -> None:
    family = PlannedCall(batch_of(4))
    family.refused(family.next())
    assert family.next().awbs == ("AWB00000", "AWB00001")
    family.unclear()
    assert family.next().awbs == ("AWB00002", "AWB00003")


def test_a_part_put_back_goes_out_again_whole() -> None:
    family = PlannedCall(batch_of(3))
    part = family.next()
    family.again(part)
    assert (family.tries, family.next().awbs, family.finished) == (1, part.awbs, True)

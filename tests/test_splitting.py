"""Halving finds the culprits with few calls and sends every other AWB exactly once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.calls import Batch, Item
from pipeline.sending.splitting import PlannedCall, Recheck


def to_send(family: PlannedCall) -> Batch:
    """The next part to send; what is looked up before is left as it is."""
    part = family.next()
    while isinstance(part, Recheck):
        part = family.next()
    return part


def batch_of(size: int) -> Batch:
    return Batch(tuple(Item(f"AWB{number:05d}") for number in range(size)))


def carry_out(size: int, bad: set[int]) -> tuple[list[tuple[str, ...]], list[str], list[str]]:
    """Plays a service that refuses any call that holds a bad AWB: the calls made, the AWBs accepted, the culprits."""
    family = PlannedCall(batch_of(size))
    bad_awbs = {f"AWB{number:05d}" for number in bad}
    calls, accepted, culprits = [], [], []
    while not family.finished:
        part = family.next()
        if isinstance(part, Recheck):
            continue  # tracking knows nothing of them
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
    family.refused(to_send(family))
    assert to_send(family).awbs == ("AWB00000", "AWB00001")
    family.unclear()
    assert to_send(family).awbs == ("AWB00002", "AWB00003")


def test_a_part_put_back_goes_out_again_whole() -> None:
    family = PlannedCall(batch_of(3))
    part = to_send(family)
    family.again(part)
    assert (family.tries, to_send(family).awbs, family.finished) == (1, part.awbs, True)


def test_whatever_was_refused_is_looked_up_before_any_of_it_goes_out_again() -> None:
    family = PlannedCall(batch_of(25), checked_at_once=10)
    family.refused(to_send(family))
    asked = [family.next() for _ in range(3)]
    assert [type(part) for part in asked] == [Recheck] * 3
    assert [item.awb for part in asked if isinstance(part, Recheck) for item in part.batch.items] == [
        *batch_of(25).awbs
    ]
    assert to_send(family).awbs == batch_of(25).awbs[:13]


def test_what_tracking_knows_goes_out_no_more_and_nothing_follows_from_what_goes_without_it() -> None:
    family = PlannedCall(batch_of(8))
    family.refused(to_send(family))
    family.leave_out(["AWB00001", "AWB00006", "AWB00007"])
    assert to_send(family).awbs == ("AWB00000", "AWB00002", "AWB00003")  # all of them accepted, say
    assert to_send(family).awbs == ("AWB00004", "AWB00005")  # asked as a whole: the one at fault may have stayed behind
    assert family.finished


def test_a_call_of_which_everything_stays_behind_is_at_its_end() -> None:
    family = PlannedCall(batch_of(8))
    family.refused(to_send(family))
    family.leave_out(batch_of(8).awbs)
    assert family.finished


def test_a_busy_service_gets_each_awb_once_more_and_no_more() -> None:
    family = PlannedCall(batch_of(4))
    assert family.put_off(to_send(family))
    assert isinstance(family.next(), Recheck)
    family.leave_out(["AWB00002"])
    rest = to_send(family)
    assert rest.awbs == ("AWB00000", "AWB00001", "AWB00003")
    assert not family.put_off(rest)

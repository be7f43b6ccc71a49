"""A short soak (see ``tests/soak.py``; ``make soak`` is the long one)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak import soak


@pytest.mark.parametrize(("seed", "workers"), [(11, 1), (12, 4)])
def test_killed_at_random_against_a_misbehaving_service_nothing_is_lost_twice_or_untrue(
    tmp_path: Path, seed: int, workers: int
) -> None:
    verdict = soak(seed, awbs=200, kills=6, workers=workers, folder=tmp_path)
    print(verdict)
    assert verdict.faults == []
    assert verdict.kills >= 2
    assert verdict.rows == 200

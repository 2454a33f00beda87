"""The times of further attempts."""

from __future__ import annotations

import pytest

from downloads.webhooks.schedule import ATTEMPTS, WAITS, wait_after


def test_each_wait_is_longer_until_there_is_no_other() -> None:
    waits = [wait_after(attempts, 0.5) for attempts in range(1, ATTEMPTS + 1)]
    assert waits == [*WAITS, None]
    assert list(WAITS) == sorted(WAITS)
    assert 24 * 3600 < sum(WAITS) < 48 * 3600


@pytest.mark.parametrize("attempts", [1, 4, 8])
def test_chance_moves_it_a_little(attempts: int) -> None:
    early, late = wait_after(attempts, 0.0), wait_after(attempts, 1.0)
    assert early is not None
    assert late is not None
    assert early < WAITS[attempts - 1] < late < 1.2 * WAITS[attempts - 1]


def test_who_asks_for_more_time_gets_it_and_who_asks_for_less_does_not() -> None:
    assert wait_after(1, 0.5, requested=60) == 60
    assert wait_after(3, 0.5, requested=1) == WAITS[2]
    assert wait_after(ATTEMPTS, 0.5, requested=60) is None

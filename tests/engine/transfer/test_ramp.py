"""The number of connections that each kind of line gets, by what is measured alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from downloads.engine.transfer.ramp import FULL, Measurement, Ramp

MB = 1_000_000.0
LIMIT = 16


@dataclass(frozen=True, slots=True)
class Line:
    """A line, a disk and a processor, at their pace.

    ``rate``: of so many connections together; ``load``: of this side at so many bytes a second.
    """

    rate: Callable[[int], float]
    load: Callable[[float], float] = lambda rate: rate / (1000 * MB)


def counts(line: Line, *, limit: int = LIMIT, initial: int = 1, first: float = 1.0) -> list[int]:
    """Return the connections one after the other until it is settled. ``first``: the factor by
    which the first measurement is wrong."""
    ramp, seen = Ramp.begin(initial, limit), [initial]
    for number in range(100):
        rate = line.rate(ramp.allowed) * (first if number == 0 else 1.0)
        load = line.load(line.rate(ramp.allowed))
        # a few windows as soon as all deliver, then one at their pace
        ramp = ramp.observe(Measurement(rate, load, steady=number % 5 == 4))
        if ramp.allowed != seen[-1]:
            seen.append(ramp.allowed)
        if ramp.settled:
            return seen
    raise AssertionError(f"never settled: {seen}")


@pytest.mark.parametrize("each", [0.5 * MB, 3 * MB, 8 * MB])
def test_where_each_connection_is_throttled_all_come_at_once(each: float) -> None:
    assert counts(Line(lambda n: n * each)) == [1, LIMIT]


def test_a_throttled_line_gets_what_one_fast_connection_would_bring() -> None:
    assert counts(Line(lambda n: n * 60 * MB), limit=32) == [1, 4]
    assert counts(Line(lambda n: n * 8 * MB), limit=32) == [1, 32]


@pytest.mark.parametrize("total", [1 * MB, 12.5 * MB, 120 * MB])
def test_a_line_that_one_fills_keeps_one(total: float) -> None:
    seen = counts(Line(lambda n: total))
    assert (seen[0], seen[-1]) == (1, 1)
    assert len(seen) == 3, "more were tried once"


def test_a_fast_line_is_never_tried_with_more() -> None:
    assert counts(Line(lambda n: 1500 * MB)) == [1]


@pytest.mark.parametrize("disk", [20 * MB, 150 * MB])
def test_a_slow_disk_gets_one(disk: float) -> None:
    """A second writer only makes it seek."""
    slow = Line(lambda n: disk / (1 + (n - 1) / 50), load=lambda rate: 0.95)
    assert counts(slow) == [1]


def test_a_busy_processor_gets_one() -> None:
    """TLS on a small machine: decrypting is at work nearly all the time."""
    assert counts(Line(lambda n: 90 * MB, load=lambda rate: rate / (100 * MB))) == [1]


def test_what_fills_this_side_with_some_connections_is_not_doubled() -> None:
    """Throttled to 25 MB/s each; the processor takes 90 MB/s."""
    line = Line(lambda n: min(n * 25 * MB, 90 * MB), load=lambda rate: rate / (95 * MB))
    assert counts(line) == [1, 8]


def test_more_than_a_slow_disk_takes_are_closed_again() -> None:
    """It filled up only once many wrote: fewer write as fast."""
    line = Line(lambda n: min(n * 15 * MB, 30 * MB), load=lambda rate: rate / (31 * MB))
    seen = counts(line, initial=2)
    assert seen == [2]
    line = Line(lambda n: 17 * MB if n == 1 else 18 * MB, lambda rate: 0.5 if rate < 18 * MB else 1)
    assert counts(line) == [1, 16, 1]


def test_the_rate_limit_of_ours_is_not_reached_faster_by_more() -> None:
    assert counts(Line(lambda n: 5 * MB, load=lambda rate: 0.97)) == [1]


def test_a_slow_connection_among_fast_ones_is_no_reason_to_stop() -> None:
    assert counts(Line(lambda n: (n - 0.9) * 8 * MB))[-1] == LIMIT


def test_a_far_source_that_begins_slowly_is_given_its_time() -> None:
    """Slow starts: sixteen bring hardly more than the one at first, and all of it later."""
    ramp = Ramp.begin(1, LIMIT).observe(Measurement(4 * MB, 0.01))
    assert ramp.allowed == LIMIT
    for rate in (4.1 * MB, 4.4 * MB, 4.9 * MB):
        ramp = ramp.observe(Measurement(rate, 0.01))
        assert (ramp.allowed, ramp.settled) == (LIMIT, False)
    ramp = ramp.observe(Measurement(30 * MB, 0.05))
    assert (ramp.allowed, ramp.settled) == (LIMIT, True)


def test_a_busy_moment_decides_nothing() -> None:
    """Another program took the processor while the first bytes of a throttled source came."""
    ramp = Ramp.begin(1, LIMIT).observe(Measurement(8 * MB, 0.9))
    assert (ramp.allowed, ramp.settled) == (1, False)
    assert ramp.observe(Measurement(8 * MB, 0.1)).allowed == LIMIT


def test_bytes_that_had_gathered_are_not_taken_for_speed() -> None:
    """Each is throttled: a first measurement of up to twenty times the truth costs a moment
    with fewer connections, not all of them."""
    for first in (1.5, 3.0, 6.0, 11.0, 20.0):
        throttled = Line(lambda n: n * 8 * MB)
        assert counts(throttled, first=first)[-1] == LIMIT, first


def test_a_retreat_is_taken_back_if_the_rate_falls() -> None:
    tried = Ramp(allowed=16, limit=16, before=1, rate=120 * MB)
    fewer = tried.observe(Measurement(128 * MB, 0.2, steady=True))
    assert (fewer.allowed, fewer.settled) == (1, False)
    assert fewer.observe(Measurement(8 * MB, 0.0)) == fewer, "it has only just begun"
    again = fewer.observe(Measurement(8 * MB, 0.0, steady=True))
    assert (again.allowed, again.settled) == (16, True)
    kept = fewer.observe(Measurement(126 * MB, 0.2, steady=True))
    assert (kept.allowed, kept.settled) == (1, True)


def test_it_doubles_while_it_pays_in_part() -> None:
    seen = counts(Line({2: 100 * MB, 4: 150 * MB, 8: 195 * MB}.__getitem__), initial=2, limit=8)
    assert seen == [2, 4, 8]


def test_a_glance_is_enough_to_see_that_a_source_is_slow() -> None:
    ramp = Ramp.begin(1, 32)
    assert ramp.leaps(Measurement(8 * MB))
    assert not ramp.leaps(Measurement(8 * MB, FULL)), "it may be us"
    assert not ramp.leaps(Measurement(0.0)), "nothing has come yet: that says nothing"
    assert not ramp.leaps(Measurement(60 * MB))
    assert not ramp.observe(Measurement(60 * MB)).leaps(Measurement(8 * MB))


def test_the_limit_is_never_passed() -> None:
    assert Ramp.begin(4, 1).allowed == 1
    assert Ramp.begin(4, 6).observe(Measurement(1.0)).allowed == 6
    assert Ramp.begin(1, 64).observe(Measurement(0.0)).allowed == 64, "it is slow, however slow"


def test_a_refused_connection_caps_the_ramp() -> None:
    ramp = Ramp.begin(4, 32).cap(3)
    assert (ramp.allowed, ramp.limit) == (3, 3)
    assert ramp.observe(Measurement(1e9)).allowed == 3

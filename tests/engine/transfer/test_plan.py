from __future__ import annotations

import pytest

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.transfer.plan import Ramp, SplitSegment, TakeRange, backoff, next_step
from downloads.engine.transfer.segments import Segment, SegmentMap

MIN = 4096


def test_gaps_come_before_halving() -> None:
    busy = [Segment(0, 1 << 20)]
    assert next_step([ByteRange(5, 9)], busy, MIN) == TakeRange(ByteRange(5, 9))


def test_the_biggest_remainder_is_halved_at_a_page() -> None:
    small, big = Segment(0, 100_000), Segment(100_000, 1_000_000)
    step = next_step([], [small, big], MIN)
    assert isinstance(step, SplitSegment)
    assert step.segment is big
    assert step.at % 4096 == 0
    assert 540_000 < step.at < 560_000


def test_what_is_nearly_done_is_left_alone() -> None:
    segments = SegmentMap(10_000)
    segment = segments.claim(0, 10_000)
    segments.reserve(segment, 10_000 - MIN + 1)
    assert next_step([], segments.segments, MIN) is None


def test_an_unknown_end_is_not_halved() -> None:
    assert next_step([], [Segment(0, None)], MIN) is None
    assert next_step([], [], MIN) is None


@pytest.mark.parametrize("part", [5 << 20, 8 << 20])
def test_segments_are_cut_at_the_parts_of_the_sink(part: int) -> None:
    step = next_step([], [Segment(0, 100 << 20)], MIN, alignment=part)
    assert isinstance(step, SplitSegment)
    assert step.at % part == 0
    assert next_step([], [Segment(0, part)], MIN, alignment=part) is None


def ramped(initial: int, *rates: float) -> list[int]:
    """Return the connections allowed after each rate."""
    ramp = Ramp.begin(initial, 32)
    seen = []
    for rate in rates:
        ramp = ramp.observe(rate)
        seen.append(ramp.allowed)
    return seen


def test_as_many_as_would_be_fast_where_each_connection_is_limited() -> None:
    assert ramped(1, 8e6) == [32]
    assert ramped(1, 30e6, 240e6) == [8, 8]
    assert ramped(1, 60e6, 120e6) == [4, 8]


def test_the_ramp_doubles_while_it_pays_in_part() -> None:
    assert ramped(2, 100e6, 150e6, 195e6, 240e6) == [4, 8, 16, 16]


def test_the_ramp_ends_where_the_rate_rises_by_less_than_a_quarter() -> None:
    ramp = Ramp.begin(4, 32).observe(100e6).observe(124e6)
    assert (ramp.allowed, ramp.settled) == (8, True)
    assert ramp.observe(1e6) == ramp


def test_less_with_more_connections_means_that_it_was_mismeasured() -> None:
    """Bytes that had gathered in the socket look like speed."""
    assert ramped(1, 90e6, 32e6, 32e6) == [4, 4, 32]
    ramp = Ramp.begin(1, 32).observe(90e6).observe(60e6).observe(60e6).observe(40e6)
    assert (ramp.allowed, ramp.settled) == (16, True), "once"


def test_a_glance_is_enough_to_see_that_a_source_is_slow() -> None:
    ramp = Ramp.begin(1, 32)
    assert ramp.leaps(8e6)
    assert not ramp.leaps(0.0), "nothing has come yet: that says nothing"
    assert not ramp.leaps(60e6)
    assert not ramp.observe(60e6).leaps(8e6)


def test_where_one_connection_is_as_fast_as_a_disk_it_stays_alone() -> None:
    ramp = Ramp.begin(1, 32).observe(1.5e9)
    assert (ramp.allowed, ramp.settled) == (1, True)


def test_the_limit_is_never_passed() -> None:
    assert Ramp.begin(4, 1).allowed == 1
    assert Ramp.begin(4, 6).observe(1.0).allowed == 6
    assert Ramp.begin(1, 64).observe(0.0).allowed == 64


def test_a_refused_connection_caps_the_ramp() -> None:
    ramp = Ramp.begin(4, 32).cap(3)
    assert (ramp.allowed, ramp.limit, ramp.observe(1e9).allowed) == (3, 3, 3)


def test_backoff_doubles_up_to_its_limit() -> None:
    assert [backoff(n, 0.25, 4.0) for n in (1, 2, 3, 5, 9)] == [0.25, 0.5, 1.0, 4.0, 4.0]

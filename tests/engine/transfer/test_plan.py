from __future__ import annotations

import pytest

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.transfer.plan import SplitSegment, TakeRange, backoff, next_step
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


def test_backoff_doubles_up_to_its_limit() -> None:
    assert [backoff(n, 0.25, 4.0) for n in (1, 2, 3, 5, 9)] == [0.25, 0.5, 1.0, 4.0, 4.0]

from __future__ import annotations

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.transfer.pace import ConnectionPace
from downloads.engine.transfer.plan import SplitSegment, TakeRange, next_step
from downloads.engine.transfer.segments import Segment

MB = 1_000_000


def two(left: int = 8 * MB) -> tuple[Segment, Segment]:
    return Segment(0, 8 * MB), Segment(8 * MB, 8 * MB + left)


def test_who_will_take_longest_is_helped_not_who_has_most_left() -> None:
    big, slow = two(2 * MB)
    step = next_step([], [big, slow], MB, pace=ConnectionPace({big: 8 * MB, slow: MB / 4}))
    assert isinstance(step, SplitSegment)
    assert step.segment is slow


def test_a_slow_owner_keeps_only_what_it_can_bring_meanwhile() -> None:
    fast, slow = two()
    pace = ConnectionPace({fast: 7.5 * MB, slow: 0.5 * MB})
    step = next_step([], [slow], MB, pace=pace)
    assert isinstance(step, SplitSegment)
    kept = step.at - slow.start
    assert 0.8 * MB < kept < MB, "a ninth: who helps is eight times as fast"
    assert pace.share(fast) == 0.5


def test_few_bytes_are_shared_only_where_they_take_long() -> None:
    fast, slow = two(100_000)
    helped = next_step([], [slow], MB, pace=ConnectionPace({fast: 8 * MB, slow: 10_000.0}))
    assert isinstance(helped, SplitSegment)
    assert next_step([], [slow], MB, pace=ConnectionPace({fast: 8 * MB, slow: MB})) is None


def test_what_is_done_before_another_answers_is_left_alone() -> None:
    big, _ = two()
    near, far = (
        ConnectionPace({big: 80 * MB}, opening=0.005),
        ConnectionPace({big: 80 * MB}, opening=0.16),
    )
    assert isinstance(next_step([], [big], MB, pace=near), SplitSegment)
    assert next_step([], [big], MB, pace=far) is None


def test_who_has_brought_nothing_yet_is_taken_for_usual() -> None:
    known, waiting = two()
    assert ConnectionPace({known: 4 * MB}).seconds(waiting) == 2.0


def test_a_request_is_as_long_as_pays() -> None:
    known, _ = two()
    part = 5 * MB
    assert ConnectionPace({known: 8 * MB}, opening=0.01).run(part, 4) == part // 4
    assert ConnectionPace({known: 8 * MB}, opening=0.03).run(part, 4) == part // 2
    assert ConnectionPace({known: 8 * MB}, opening=0.06).run(part, 4) == part
    assert ConnectionPace({known: 8 * MB}, opening=0.16).run(part, 4) == 3 * part
    assert ConnectionPace({known: 80 * MB}, opening=0.16).run(part, 4) == 4 * part
    assert ConnectionPace({known: 80 * MB}, opening=0.16).run(part, 0) == part
    assert ConnectionPace().run(part, 4) == part


def test_a_run_ends_at_a_multiple_of_its_length() -> None:
    assert next_step([ByteRange(250, 5000)], [], 1, run=100) == TakeRange(ByteRange(250, 300))
    assert next_step([ByteRange(250, 280)], [], 1, run=100) == TakeRange(ByteRange(250, 280))
    assert next_step([ByteRange(250, 5000)], [], 1) == TakeRange(ByteRange(250, 5000))

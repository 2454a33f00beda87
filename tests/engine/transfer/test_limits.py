"""Progress, rate limit, deadline and minimum rate, with a clock of our own."""

from __future__ import annotations

import pytest

from downloads.engine.core.errors import (
    DeadlineExceeded,
    NetworkError,
    RateLimited,
    Stalled,
    Unavailable,
)
from downloads.engine.transfer.bandwidth import TokenBucket
from downloads.engine.transfer.config import TransferConfig
from downloads.engine.transfer.meter import Meter
from downloads.engine.transfer.retries import Retries
from downloads.engine.transfer.watch import Watch


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_bucket_grants_its_rate_and_no_more() -> None:
    clock = Clock()
    bucket = TokenBucket(1_000_000, clock)
    granted = 0
    for _ in range(1000):
        clock.now += 0.01
        granted += bucket.take(1 << 20)
    assert 9_500_000 <= granted <= 10_250_000


def test_an_idle_bucket_saves_up_only_a_moment() -> None:
    clock = Clock()
    bucket = TokenBucket(1_000_000, clock)
    clock.now += 3600
    assert bucket.take(1 << 30) == 250_000
    assert bucket.take(1 << 20) == 0
    assert 0 < bucket.delay() < 0.1


def test_what_did_not_come_is_given_back() -> None:
    clock = Clock()
    bucket = TokenBucket(1_000_000, clock)
    clock.now += 1
    granted = bucket.take(100_000)
    bucket.give_back(granted)
    assert bucket.take(1 << 20) == 250_000


def test_the_rate_can_be_changed_live() -> None:
    clock = Clock()
    bucket = TokenBucket(None, clock)
    assert bucket.take(1 << 30) == 1 << 30
    assert bucket.delay() == 0.0
    bucket.rate = 1000
    assert bucket.take(1 << 30) == 0
    clock.now += 0.2
    assert bucket.take(1 << 30) == 0
    clock.now += 0.1
    assert bucket.take(1 << 30) == 250
    bucket.rate = None
    assert bucket.take(7) == 7


def test_progress_is_smoothed_and_resumed_bytes_are_no_speed() -> None:
    clock = Clock()
    meter = Meter(window=5.0, clock=clock)
    meter.reset(5000)
    for step in range(1, 11):
        clock.now += 1
        progress = meter.observe(5000 + step * 100, 10_000, 4, 5000)
    assert progress.speed == pytest.approx(100.0)
    assert progress.eta == pytest.approx(40.0)
    assert (progress.bytes_done, progress.resumed_bytes, progress.connections) == (6000, 5000, 4)


def test_progress_without_a_total_has_no_eta_and_may_begin_again() -> None:
    clock = Clock()
    meter = Meter(clock=clock)
    meter.reset(0)
    clock.now += 1
    assert meter.observe(1000, None, 1, 0).eta is None
    clock.now += 1
    again = meter.observe(10, 1000, 1, 0)
    assert again.speed == 0.0
    assert again.eta is None


def drip(watch: Watch, seconds: int, rate: int, step: float = 1.0) -> None:
    for tick in range(int(seconds / step)):
        watch.check(1000.0 + tick * step, int(tick * step * rate))


def test_a_drip_below_the_minimum_rate_is_stalled_after_the_window() -> None:
    drip(Watch(1e9, 1024, 60, 1000.0), 59, 10)
    with pytest.raises(Stalled):
        drip(Watch(1e9, 1024, 60, 1000.0), 62, 10)
    drip(Watch(1e9, 1024, 60, 1000.0), 600, 1100)


def test_a_good_beginning_does_not_excuse_a_stall() -> None:
    watch = Watch(1e9, 1024, 60, 1000.0)
    drip(watch, 100, 1_000_000)
    for tick in range(55):
        watch.check(1100.0 + tick, 99_000_000)
    with pytest.raises(Stalled):
        watch.check(1162.0, 99_000_000)


def test_a_process_that_was_frozen_is_not_stalled() -> None:
    watch = Watch(1e9, 1024, 60, 1000.0)
    watch.check(1001.0, 1_000_000)
    watch.check(5000.0, 1_000_000)
    watch.check(5001.0, 1_000_001)


def test_the_deadline_holds_however_fast_it_goes() -> None:
    with pytest.raises(DeadlineExceeded):
        drip(Watch(100, 1024, 60, 1000.0), 102, 1_000_000)


def test_attempts_are_bounded_only_while_nothing_comes() -> None:
    retries = Retries(TransferConfig(segment_attempts=3))
    for received in (1, 2, 3, 4, 5, 6):
        retries.failed(NetworkError(), 0.0, received)
    retries.failed(NetworkError(), 0.0, 6)
    with pytest.raises(NetworkError, match="last"):
        retries.failed(NetworkError("last"), 0.0, 6)


def test_a_short_retry_after_is_waited_for_and_a_long_one_raised() -> None:
    retries = Retries(TransferConfig(patience=10))
    retries.failed(RateLimited(retry_after=3), 100.0, 0)
    assert retries.not_before == 103.0
    with pytest.raises(RateLimited):
        retries.failed(RateLimited(retry_after=30), 100.0, 0)
    with pytest.raises(Unavailable):
        Retries(TransferConfig()).failed(Unavailable(), 0.0, 0)


def test_many_that_break_at_once_are_no_failures_in_a_row() -> None:
    """All connections of a file may be cut in the same moment, with every byte counted before."""
    retries = Retries(TransferConfig(segment_attempts=3))
    for _ in range(8):
        retries.failed(NetworkError("reset"), 0.0, 100, delivered=True)
    retries.failed(NetworkError("refused"), 0.0, 100)
    with pytest.raises(NetworkError):
        retries.failed(NetworkError("refused"), 0.0, 100)

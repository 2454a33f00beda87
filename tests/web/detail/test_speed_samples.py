"""Few numbers for any length, and few writes."""

from __future__ import annotations

import pytest

from downloads.jobs.speed_samples import MOST, SpeedSamples


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def fed(seconds: float, clock: Clock, samples: SpeedSamples, speed: float = 1000.0) -> None:
    """Four times a second, as the engine reports."""
    for _ in range(int(seconds * 4)):
        clock.now += 0.25
        samples.add(speed)


@pytest.mark.parametrize("seconds", [3, 59, 60, 61, 3600, 50_000])
def test_never_too_many_and_to_the_end(seconds: int) -> None:
    clock = Clock()
    samples = SpeedSamples(clock)
    fed(seconds, clock, samples)

    drawn = samples.due(last=True)

    assert drawn is not None
    assert len(drawn) <= MOST
    assert drawn[-1][0] > seconds * 0.97 - 1
    assert all(speed == 1000 for _, speed in drawn)


def test_thinned_ones_keep_the_mean_and_the_order() -> None:
    clock = Clock()
    samples = SpeedSamples(clock)
    fed(50, clock, samples, speed=100)
    fed(50, clock, samples, speed=300)

    drawn = samples.due(last=True)

    assert drawn is not None
    assert [at for at, _ in drawn] == sorted(at for at, _ in drawn)
    assert sum(speed for _, speed in drawn) / len(drawn) == pytest.approx(200, rel=0.03)


def test_written_every_two_seconds_and_at_the_end() -> None:
    clock = Clock()
    samples = SpeedSamples(clock)
    writes = 0
    for _ in range(40):  # ten seconds
        fed(0.25, clock, samples)
        writes += samples.due() is not None

    assert writes == 5
    assert samples.due() is None
    assert samples.due(last=True) is not None


def test_nothing_is_written_before_there_is_something() -> None:
    assert SpeedSamples(Clock()).due(last=True) is None

"""The speed of an attempt over time, in few samples, for the download page. Pure."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

MOST: Final = 120  # samples; beyond that each two become one
FIRST_STEP: Final = 0.5  # seconds that a sample stands for at first
WRITE_INTERVAL: Final = 2.0  # seconds between two writes to the row


class SpeedSamples:
    """The samples of one attempt. Each stands for ``step`` seconds, and is their mean.

    When there are too many they are thinned: the step doubles, so that a long download has no more
    samples than a short one. Not thread-safe; the transfer's own thread uses it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = self._written = clock()
        self._step = FIRST_STEP
        self._samples: list[tuple[float, float]] = []
        self._open: list[float] = []  # the speeds of the step that has not ended yet

    def add(self, speed: float) -> None:
        """Add the current speed, in bytes a second."""
        self._open.append(speed)
        elapsed = self._clock() - self._began
        last = self._samples[-1][0] if self._samples else 0.0
        if elapsed - last < self._step:
            return
        self._samples.append((elapsed, _mean(self._open)))
        self._open.clear()
        if len(self._samples) >= MOST:
            self._thin()

    def _thin(self) -> None:
        pairs = zip(self._samples[::2], self._samples[1::2], strict=True)
        self._samples = [(second[0], _mean([first[1], second[1]])) for first, second in pairs]
        self._step *= 2

    def due(self, *, last: bool = False) -> list[list[float]] | None:
        """Return the samples to write to the row now: ``[[seconds since the attempt began, bytes
        per second], ...]``; None if none is due, which is most of the time. ``last``: all bytes
        have come."""
        now = self._clock()
        if not self._samples or (not last and now - self._written < WRITE_INTERVAL):
            return None
        self._written = now
        return [[round(at, 1), round(speed)] for at, speed in self._samples]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)

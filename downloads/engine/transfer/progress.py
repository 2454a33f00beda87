"""The progress of a transfer: bytes, speed and remaining time."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """A progress report. ``bytes_done`` may fall when a changed source is begun again. ``speed`` is
    smoothed, in bytes per second; ``eta`` is in seconds, None if the end or the speed is unknown.
    ``resumed_bytes`` of ``bytes_done`` were there before this run."""

    bytes_done: int
    bytes_total: int | None = None
    speed: float = 0.0
    eta: float | None = None
    connections: int = 0
    resumed_bytes: int = 0


def unreported(progress: Progress) -> None:
    """Drop the report."""


class Meter:
    """A meter of the speed over the last ``window`` seconds. Resumed bytes do not count as
    speed."""

    def __init__(self, window: float = 5.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._window = window
        self._clock = clock
        self._samples: deque[tuple[float, int]] = deque()

    def reset(self, bytes_done: int) -> None:
        self._samples.clear()
        self._samples.append((self._clock(), bytes_done))

    def observe(
        self, bytes_done: int, total: int | None, connections: int, resumed: int
    ) -> Progress:
        now = self._clock()
        if self._samples and bytes_done < self._samples[-1][1]:
            self._samples.clear()
        self._samples.append((now, bytes_done))
        while len(self._samples) > 2 and self._samples[1][0] <= now - self._window:
            self._samples.popleft()
        speed = self._speed()
        left = None if total is None else max(0, total - bytes_done)
        eta = None if left is None or speed <= 0 else left / speed
        return Progress(bytes_done, total, speed, eta, connections, resumed)

    def _speed(self) -> float:
        (then, before), (now, after) = self._samples[0], self._samples[-1]
        return (after - before) / (now - then) if now > then else 0.0

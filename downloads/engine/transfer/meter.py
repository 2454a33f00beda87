"""The speed of a transfer, measured over its last seconds."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from downloads.engine.core.progress import Progress


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

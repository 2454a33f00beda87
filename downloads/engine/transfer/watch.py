"""The time limits of one transfer: a total deadline and a minimum rate."""

from __future__ import annotations

from collections import deque

from downloads.engine.core.errors import DeadlineExceeded, Stalled

# A process that was frozen or a laptop that slept has not been stalled by the source.
GAP = 10.0


class Watch:
    """A watch. ``check`` is called often, with the clock and the bytes that have come in this
    run."""

    def __init__(self, deadline: float, min_rate: float, window: float, now: float) -> None:
        self._ends_at = now + deadline
        self._min_rate = min_rate
        self._window = window
        self._samples = deque([(now, 0)])
        self._checked_at = now

    def check(self, now: float, received: int) -> None:
        """Raise DeadlineExceeded or Stalled if a limit is exceeded."""
        if now >= self._ends_at:
            raise DeadlineExceeded("the deadline of the transfer has passed")
        if now - self._checked_at > GAP:
            self._samples = deque([(now, received)])
        self._checked_at = now
        if now - self._samples[-1][0] >= self._window / 60:
            self._samples.append((now, received))
        while len(self._samples) > 1 and self._samples[1][0] <= now - self._window:
            self._samples.popleft()
        began, before = self._samples[0]
        if now - began >= self._window and received - before < self._min_rate * self._window:
            raise Stalled(f"{received - before} bytes in {now - began:.0f} s")

"""A token bucket over all connections of a process (``FETCH_RATE_LIMIT``)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

BURST_SECONDS = 0.25
MIN_GRANT = 16 * 1024


class TokenBucket:
    """A bucket that grants bytes at ``rate`` per second; None is unlimited. Thread-safe, changeable
    live."""

    def __init__(
        self, rate: float | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._rate = rate
        self._tokens = 0.0
        self._filled_at = clock()

    @property
    def rate(self) -> float | None:
        return self._rate

    @rate.setter
    def rate(self, rate: float | None) -> None:
        with self._lock:
            self._fill()
            self._rate = rate

    def take(self, wanted: int) -> int:
        """Return how many of the wanted bytes may be read now. Give back those that then did not
        come."""
        with self._lock:
            if self._rate is None:
                return wanted
            self._fill()
            if self._tokens < self._least(wanted):
                return 0
            granted = min(wanted, int(self._tokens))
            self._tokens -= granted
            return granted

    def give_back(self, count: int) -> None:
        with self._lock:
            if self._rate is not None:
                self._tokens += count

    def delay(self) -> float:
        """Return the seconds until another request is worthwhile."""
        with self._lock:
            if self._rate is None:
                return 0.0
            self._fill()
            return max(0.0, (self._least(MIN_GRANT) - self._tokens) / self._rate)

    def _least(self, wanted: int) -> int:
        """Return the smallest grant: tiny ones would wake the reactor for every packet, but a slow
        rate must move."""
        return max(1, min(wanted, MIN_GRANT, int(self._burst())))

    def _burst(self) -> float:
        return max(1.0, (self._rate or 0.0) * BURST_SECONDS)

    def _fill(self) -> None:
        now = self._clock()
        if self._rate is not None:
            grown = self._tokens + (now - self._filled_at) * self._rate
            self._tokens = min(self._burst(), grown)
        self._filled_at = now

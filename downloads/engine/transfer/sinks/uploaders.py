"""Threads that carry full parts to the storage: few at first, more while that pays."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from downloads.engine.transfer.ramp import RISE
from downloads.engine.transfer.sinks.parts import FilledPart

FIRST: Final = 2  # many at once only make a storage that is near slower: 4 by a seventh
MOST: Final = 24
LONG: Final = 0.05  # seconds that a full part is queued before more uploaders are tried
SLOW: Final = 0.3  # seconds under way: this machine alone never takes so long for one part


@dataclass(frozen=True, slots=True)
class Crew:
    """The number of uploaders worth having. Pure.

    Doubled when full parts are queued for long, as long as that brings a quarter more; if it has
    not, this machine or the storage is at its limit, and the previous number stays. Before any rate
    is known, only if single parts are slow, and by four. ``rate``, in bytes per second, is that
    before the last growth: 0 while it was never measured.
    """

    size: int = FIRST
    rate: float = 0.0
    before: int = FIRST
    settled: bool = False

    def grow(self, rate: float | None, slow: bool) -> Crew:
        """Return the crew after parts have been queued. ``rate``: since the last growth, None if
        too little has been carried to tell."""
        if self.settled or (rate is None and not slow):
            return self
        if rate is not None and rate < self.rate * RISE:
            return replace(self, size=self.before, settled=True)
        if self.size >= MOST:
            return self
        size = self.size * (4 if rate is None else 2)
        return Crew(min(size, MOST), rate or self.rate, before=self.size)


class Uploaders:
    """The uploaders of one upload. ``carry`` stores one part; its error ends the transfer, by
    ``failed``."""

    def __init__(
        self,
        carry: Callable[[FilledPart], None],
        failed: Callable[[Exception], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._carry = carry
        self._failed = failed
        self._clock = clock
        self._changed = threading.Condition()
        self._waiting: deque[tuple[FilledPart, float]] = deque()
        self._crew = Crew()
        self._threads = 0
        self._idle = 0
        self._carried: list[int] = []
        self._under_way: dict[FilledPart, float] = {}
        self._begun = False
        self._connected = False
        self._grown_at = clock()
        self._closed = False

    def begin(self) -> None:
        """Start carrying: there is an upload now. Parts queued until now do not count as
        delayed."""
        with self._changed:
            self._begun = True
            now = self._grown_at = self._clock()
            self._waiting = deque((part, now) for part, _ in self._waiting)
            self._staff()

    def submit(self, part: FilledPart) -> None:
        """Queue a part. Never waits."""
        with self._changed:
            if self._closed:
                return
            self._waiting.append((part, self._clock()))
            self._changed.notify()
            self._staff()

    def look(self) -> None:
        """Check for more uploaders, while a caller waits for a part to be carried."""
        with self._changed:
            self._staff()

    def close(self) -> None:
        """Start nothing more; parts under way are not waited for."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()

    def _staff(self) -> None:
        if not self._waiting or self._closed or not self._begun:
            return
        now = self._clock()
        if self._threads >= self._crew.size:
            self._grow(now)
        while self._threads < self._crew.size and self._idle < len(self._waiting):
            self._threads += 1
            self._idle += 1
            threading.Thread(target=self._run, name="s3-uploader", daemon=True).start()

    def _grow(self, now: float) -> None:
        slow = now - min(self._under_way.values(), default=now) > SLOW
        if not slow and now - self._waiting[0][1] <= LONG:
            return
        before, self._crew = self._crew, self._crew.grow(self._rate(now), slow)
        if self._crew.size > before.size:
            self._carried, self._grown_at = [], now
        elif self._crew.size < before.size:
            self._changed.notify_all()  # some may go

    def _rate(self, now: float) -> float | None:
        if len(self._carried) < self._crew.size:
            return None
        return sum(self._carried) / max(now - self._grown_at, 0.001)

    def _run(self) -> None:
        while (part := self._next()) is not None:
            size = part.filled
            try:
                self._carry(part)
            except Exception as error:  # noqa: BLE001
                # It crosses to the transfer's thread, which raises it.
                self._failed(error)
            with self._changed:
                del self._under_way[part]
                self._idle += 1
                self._count(size)

    def _count(self, size: int) -> None:
        self._carried.append(size)
        if not self._connected and len(self._carried) >= FIRST:
            # The first ones have paid for their connections, and show no rate.
            self._connected = True
            self._carried, self._grown_at = [], self._clock()

    def _next(self) -> FilledPart | None:
        with self._changed:
            while not (self._waiting or self._closed or self._threads > self._crew.size):
                self._changed.wait()
            self._idle -= 1
            if self._closed or self._threads > self._crew.size:
                self._threads -= 1
                return None
            part, _ = self._waiting.popleft()
            self._under_way[part] = self._clock()
            return part

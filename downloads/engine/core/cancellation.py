"""The token by which running work is told to end, and by which it shows that it lives."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from downloads.engine.core.errors import Stopped, StopReason

_HEARD_WITHIN = 0.1  # seconds


class StopToken:
    """Shared by the runner, the heartbeat and the engine of one job. Thread-safe.

    ``check()`` stands before every write: once the lease's deadline has passed the work
    fences itself, even if no other thread has run since (a process that was frozen and
    thawed). ``beat()`` says "still getting somewhere"; the heartbeat renews the lease only
    while beats come.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._event = threading.Event()
        self._reason: StopReason | None = None
        self._lock = threading.Lock()
        self._deadline: float | None = None
        self._last_beat = clock()

    def stop(self, reason: StopReason) -> None:
        """Tell the work to end. The first reason stays, but a lost lease overrides it."""
        with self._lock:
            if self._reason is None or reason is StopReason.LEASE_LOST:
                self._reason = reason
        self._event.set()

    def hold_until(self, deadline: float | None) -> None:
        """The lease is good until then (a value of the clock, in seconds); None: no lease."""
        self._deadline = deadline

    @property
    def reason(self) -> StopReason | None:
        if self._deadline is not None and self._clock() >= self._deadline:
            self.stop(StopReason.LEASE_LOST)
        return self._reason

    @property
    def stopped(self) -> bool:
        return self.reason is not None

    def check(self) -> None:
        """Raise :class:`Stopped` where the work has been told to end."""
        if (reason := self.reason) is not None:
            raise Stopped(reason)

    def wait(self, seconds: float) -> bool:
        """Sleep, but no longer than until the work is told to end. True if it was."""
        return self._event.wait(seconds) or self.stopped

    def beat(self) -> None:
        self._last_beat = self._clock()

    @property
    def idle_seconds(self) -> float:
        """How long ago the work last showed that it was getting somewhere."""
        return self._clock() - self._last_beat


class BranchStop(StopToken):
    """Of one of a job's threads: hears the job's stop, and can be told to end by itself.

    Its beats are its own: whoever joins the threads beats for the job while *all* of them do.
    """

    def __init__(self, trunk: StopToken, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock)
        self.trunk = trunk

    @property
    def reason(self) -> StopReason | None:
        return self.trunk.reason or super().reason

    def wait(self, seconds: float) -> bool:
        """As StopToken's; the job's stop is heard within a tenth of a second."""
        deadline = self._clock() + seconds
        while not self.stopped:
            left = deadline - self._clock()
            if left <= 0:
                return False
            self._event.wait(min(left, _HEARD_WITHIN))
        return True

"""The token that stops running work, and by which the work shows that it is alive."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from downloads.engine.core.errors import Stopped, StopReason

_POLL = 0.1  # seconds between two checks of the trunk


class StopToken:
    """A token shared by the runner, the heartbeat and the engine of one job. Thread-safe.

    ``check()`` comes before every write: once the lease's deadline has passed the work fences
    itself, even if no other thread has run since (a process that was frozen and thawed). ``beat()``
    reports progress; the heartbeat renews the lease only while beats come.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._event = threading.Event()
        self._reason: StopReason | None = None
        self._lock = threading.Lock()
        self._deadline: float | None = None
        self._last_beat = clock()

    def stop(self, reason: StopReason) -> None:
        """Stop the work. The first reason stays, but a lost lease overrides it."""
        with self._lock:
            if self._reason is None or reason is StopReason.LEASE_LOST:
                self._reason = reason
        self._event.set()

    def hold_until(self, deadline: float | None) -> None:
        """Set the end of the lease, as a value of the clock in seconds; None: no lease."""
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
        """Raise :class:`Stopped` if the work must stop."""
        if (reason := self.reason) is not None:
            raise Stopped(reason)

    def wait(self, seconds: float) -> bool:
        """Sleep until the work is stopped, or for ``seconds``. Return True if it was stopped."""
        return self._event.wait(seconds) or self.stopped

    def beat(self) -> None:
        self._last_beat = self._clock()

    @property
    def idle_seconds(self) -> float:
        """Return the seconds since the last beat."""
        return self._clock() - self._last_beat


class BranchStop(StopToken):
    """A token of one of a job's threads: stopped with the job, or alone.

    Its beats are its own: the thread that joins the others beats for the job while *all* of them
    do.
    """

    def __init__(self, trunk: StopToken, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(clock)
        self.trunk = trunk

    @property
    def reason(self) -> StopReason | None:
        return self.trunk.reason or super().reason

    def wait(self, seconds: float) -> bool:
        """Wait as StopToken does; a stop of the job ends it within a tenth of a second."""
        deadline = self._clock() + seconds
        while not self.stopped:
            left = deadline - self._clock()
            if left <= 0:
                return False
            self._event.wait(min(left, _POLL))
        return True

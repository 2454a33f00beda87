"""The monitor of a transfer: at every tick it checks the stop token and the limits, beats, and
reports progress."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.progress import Progress
from downloads.engine.transfer.config import TransferConfig
from downloads.engine.transfer.drain import Machinery
from downloads.engine.transfer.meter import Meter
from downloads.engine.transfer.watch import Watch

TICK = 0.05


class Work(Protocol):
    """A job as the monitor sees it: of a single file or of fragments."""

    @property
    def stop(self) -> StopToken: ...
    @property
    def config(self) -> TransferConfig: ...
    @property
    def on_progress(self) -> Callable[[Progress], None]: ...
    @property
    def machinery(self) -> Machinery: ...
    @property
    def clock(self) -> Callable[[], float]: ...


class TransferMonitor:
    """A monitor that lives as long as ``run``, over restarts; only the transfer's own thread uses
    it."""

    def __init__(self, job: Work) -> None:
        self._job = job
        config = job.config
        # Under this process's own rate limit, shared by many, slow is not stalled.
        rate = job.machinery.limiter.rate
        floor = config.min_rate if rate is None else min(config.min_rate, rate / 100)
        self._watch = Watch(config.deadline, floor, config.min_rate_window, job.clock())
        self._meter = Meter(clock=job.clock)
        self._reported_at = float("-inf")
        self._earlier = 0
        self._received = 0
        self._seen = -1

    def check(self, received: int | None = None) -> None:
        """Check the stop token and the limits. Raises Stopped, DeadlineExceeded, Stalled.

        ``received``: bytes that came since the last ``begin``; None: no more than before.
        """
        if received is not None:
            self._received = received
        self._job.stop.check()
        self._watch.check(self._job.clock(), self._earlier + self._received)

    def beat(self, hangs: bool) -> None:
        """Beat while bytes move or only the network is waited for: a storage call that does not
        return must cost the lease."""
        total = self._earlier + self._received
        if total != self._seen or not hangs:
            self._job.stop.beat()
        self._seen = total

    def wait(self, until: float) -> None:
        """Sleep until ``until`` on the clock, stoppable."""
        while (left := until - self._job.clock()) > 0:
            self.check()
            self.beat(hangs=False)
            self._job.stop.wait(min(TICK, left))

    def begin(self, done: int) -> None:
        """Begin the first version, or another, with ``done`` bytes there already."""
        self._earlier += self._received
        self._received = 0
        self._meter.reset(done)

    def report(
        self, done: int, total: int | None, connections: int, resumed: int, *, last: bool = False
    ) -> None:
        now = self._job.clock()
        if last or now - self._reported_at >= self._job.config.progress_interval:
            self._reported_at = now
            self._job.on_progress(self._meter.observe(done, total, connections, resumed))

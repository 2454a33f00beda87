"""The monitor of a transfer: at every tick it checks the stop token and the limits, and beats."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from downloads.engine.transfer.background_call import RetriedCall
from downloads.engine.transfer.meter import Meter
from downloads.engine.transfer.request import TransferRequest
from downloads.engine.transfer.watch import Watch

TICK = 0.05
T = TypeVar("T")


class TransferMonitor:
    """A monitor that lives as long as ``run``, over restarts, and so does its ``meter``; only the
    transfer's own thread uses them."""

    def __init__(self, request: TransferRequest, clock: Callable[[], float]) -> None:
        self._stop = request.stop
        self._clock = clock
        config = request.config
        # Under this process's own rate limit, shared by many, slow is not stalled.
        rate = request.limiter.rate
        floor = config.min_rate if rate is None else min(config.min_rate, rate / 100)
        self._watch = Watch(config.deadline, floor, config.min_rate_window, clock())
        self.meter = Meter(clock=clock)
        self._earlier = 0
        self._received = 0
        self._seen = -1

    def check(self, received: int | None = None) -> None:
        """Check the stop token and the limits. Raises Stopped, DeadlineExceeded, Stalled.

        ``received``: bytes that came since the last ``begin``; None: no more than before.
        """
        if received is not None:
            self._received = received
        self._stop.check()
        self._watch.check(self._clock(), self._earlier + self._received)

    def beat(self, hangs: bool) -> None:
        """Beat while bytes move or only the network is waited for: a storage call that does not
        return must cost the lease."""
        total = self._earlier + self._received
        if total != self._seen or not hangs:
            self._stop.beat()
        self._seen = total

    def wait(self, until: float) -> None:
        """Sleep until ``until`` on the clock, stoppable."""
        while (left := until - self._clock()) > 0:
            self.check()
            self.beat(hangs=False)
            self._stop.wait(min(TICK, left))

    def wait_for(self, call: RetriedCall[T]) -> T:
        """Return the result of a call to the network. Raises Stopped, and its error."""
        try:
            while (result := call.poll(TICK)) is None:
                self.check()
                self.beat(hangs=False)
            return result
        finally:
            call.abandon()

    def begin(self, done: int) -> None:
        """Begin the first version, or another, with ``done`` bytes there already."""
        self._earlier += self._received
        self._received = 0
        self.meter.reset(done)

"""The flusher: makes written bytes durable on a thread of its own, and says what may be
checkpointed.

A flush may take seconds on a slow disk; neither the reactor nor the transfer's thread, which checks
the stop token, can wait for it.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.errors import Stopped
from downloads.engine.transfer.segments import SegmentMap
from downloads.engine.transfer.sinks.base import Sink

IDLE = 0.02


class Flusher:
    """The flusher of one transfer. ``interval``: seconds between flushes; None: never (if it cannot
    be resumed)."""

    def __init__(
        self,
        segments: SegmentMap,
        sink: Sink,
        interval: float | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._segments = segments
        self._sink = sink
        self._interval = interval
        self._clock = clock
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._durable: Sequence[ByteRange] | None = None
        self._flushed: Sequence[ByteRange] | None = None
        self._kept: Sequence[ByteRange] | None = None
        self._flushed_at = float("-inf")
        self._settled = 0
        self._error: Exception | None = None
        self.is_flushing = False
        self._thread = threading.Thread(target=self._run, name="transfer-keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def take(self) -> Sequence[ByteRange] | None:
        """Return the ranges that are durable now, if they have changed since the last call.

        Raises the error of a flush.
        """
        if self._error is not None:
            raise self._error
        with self._lock:
            durable, self._durable = self._durable, None
        return durable

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def end(self) -> None:
        """End after a last flush. Does not wait for it."""
        self._ending.set()

    def join(self, timeout: float) -> None:
        self._thread.join(timeout)

    def finish(self, timeout: float) -> Sequence[ByteRange] | None:
        """End with a last flush; None if there is nothing new, or it takes too long."""
        self.end()
        if self._thread.is_alive():
            self._thread.join(timeout)
        return None if self._thread.is_alive() else self.take()

    def _run(self) -> None:
        try:
            with contextlib.suppress(Stopped):
                self._keep()
            # Also if the hashing was stopped first: received bytes must not be lost.
            self._flush_if_due(last=True)
        except Exception as error:  # noqa: BLE001
            # It crosses to the transfer's thread, which raises it from take().
            self._error = error

    def _keep(self) -> None:
        while not self._ending.is_set():
            self._flush_if_due()
            if not self._settle():
                self._ending.wait(IDLE)

    def _settle(self) -> bool:
        """Let the sink hash the final bytes. Return True if there is more to do at once."""
        prefix = self._segments.prefix
        if prefix <= self._settled:
            return False
        self._settled = self._sink.settle(prefix)
        return self._settled < prefix

    def _flush_if_due(self, last: bool = False) -> None:
        if self._interval is None:
            return
        if not last and self._clock() - self._flushed_at < self._interval:
            return
        self._flushed_at = self._clock()
        written = self._segments.written
        if written == self._flushed == self._kept:
            return
        self.is_flushing = True
        try:
            durable = self._sink.flush(written)
        finally:
            self.is_flushing = False
        if (written, durable) == (self._flushed, self._kept):
            return  # bytes that the sink holds back have not become durable meanwhile
        self._flushed, self._kept = written, durable
        with self._lock:
            self._durable = durable

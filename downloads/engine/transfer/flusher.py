"""The flusher: makes what has come durable on a thread of its own, and says what may be
checkpointed.

A flush may take seconds on a slow disk; neither the reactor nor the transfer's thread, which checks
the stop token, can wait for it.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from downloads.engine.core.errors import Stopped

IDLE = 0.02

T = TypeVar("T")
Durable = TypeVar("Durable", covariant=True)


class Unflushed(Protocol[Durable]):
    """Data that has come and may not be durable yet: ranges or fragments. Used by the
    flusher's thread."""

    def flush(self) -> Durable | None:
        """Make what has come durable, or a part of it. Return all that is durable now; None if that
        has not changed. May block."""

    def settle(self) -> bool:
        """Hash a bounded piece of what is final. Return True if there is more to do at once."""


class Flusher(Generic[T]):
    """The flusher of one transfer. ``interval``: seconds between flushes; None: never (if it cannot
    be resumed)."""

    def __init__(
        self,
        unflushed: Unflushed[T],
        interval: float | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._unflushed = unflushed
        self._interval = interval
        self._clock = clock
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._durable: T | None = None
        self._flushed_at = float("-inf")
        self._error: Exception | None = None
        self.is_flushing = False
        self.is_started = False
        self._thread = threading.Thread(target=self._run, name="transfer-keeper", daemon=True)

    def start(self) -> None:
        """Start its thread, unless that was done before."""
        if not self.is_started:
            self.is_started = True
            self._thread.start()

    def take(self) -> T | None:
        """Return what is durable now, if that has changed since the last call.

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

    def finish(self, timeout: float) -> T | None:
        """End with a last flush; None if there is nothing new.

        What could not be made durable in time is left out.
        """
        self.end()
        self.start()
        self._thread.join(timeout)
        return self.take()

    def _run(self) -> None:
        try:
            with contextlib.suppress(Stopped):
                self._keep()
            # Also if the hashing was stopped first: received bytes must not be lost.
            while self._interval is not None and self._flush():
                pass
        except Exception as error:  # noqa: BLE001
            # It crosses to the transfer's thread, which raises it from take().
            self._error = error

    def _keep(self) -> None:
        while not self._ending.is_set():
            now = self._clock()
            if self._interval is not None and now - self._flushed_at >= self._interval:
                self._flushed_at = now
                self._flush()
            if not self._unflushed.settle():
                self._ending.wait(IDLE)

    def _flush(self) -> bool:
        """Flush once. Return True if more is durable than before."""
        self.is_flushing = True
        try:
            durable = self._unflushed.flush()
        finally:
            self.is_flushing = False
        if durable is None:
            return False
        with self._lock:
            self._durable = durable
        return True

"""The flusher of fragments: makes complete ones durable on a thread of its own, and says which may
be checkpointed.

A flush may take seconds on a slow disk; the engine's thread, which checks the stop token, cannot
wait for it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from downloads.engine.transfer.fragments.checkpoint import Run, runs_of
from downloads.engine.transfer.fragments.spool import FragmentSpool

AT_ONCE = 256  # fragments between two checkpoints, at most


class FragmentFlusher:
    """The flusher of one stream. ``durable`` by fragment, in bytes; ``interval``: seconds between
    flushes."""

    def __init__(
        self,
        spool: FragmentSpool,
        durable: Mapping[int, int],
        interval: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._spool = spool
        self._interval = interval
        self._clock = clock
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._durable = runs_of(durable)
        self._pending: dict[int, int] = {}
        self._is_new = bool(durable)  # this generation's, from now on
        self._error: Exception | None = None
        self.is_flushing = False
        self._thread = threading.Thread(target=self._run, name="transfer-keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def add(self, index: int, size: int) -> None:
        """Add a complete fragment."""
        with self._lock:
            self._pending[index] = size

    def take(self) -> tuple[Run, ...] | None:
        """Return the runs that are durable now, if they have changed since the last call.

        Raises the error of a flush.
        """
        if self._error is not None:
            raise self._error
        with self._lock:
            if not self._is_new:
                return None
            self._is_new = False
            return self._durable

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def end(self) -> None:
        """End after a last flush. Does not wait for it."""
        self._ending.set()

    def join(self, timeout: float) -> None:
        self._thread.join(timeout)

    def finish(self, timeout: float) -> tuple[Run, ...] | None:
        """End with a last flush; None if there is nothing new.

        Fragments that could not be made durable in time are left out.
        """
        self.end()
        if self._thread.is_alive():
            self._thread.join(timeout)
        return self.take()

    def _run(self) -> None:
        try:
            while not self._ending.wait(self._interval):
                self._flush()
            while self._flush():
                pass
        except Exception as error:  # noqa: BLE001
            # It crosses to the engine's thread, which raises it from take().
            self._error = error

    def _flush(self) -> bool:
        """Flush a batch. Return True if there was something to do."""
        with self._lock:
            batch = dict(list(self._pending.items())[:AT_ONCE])
        if not batch:
            return False
        self.is_flushing = True
        try:
            self._spool.sync(sorted(batch))
        finally:
            self.is_flushing = False
        with self._lock:
            self._durable = runs_of(batch, self._durable)
            for index in batch:
                del self._pending[index]
            self._is_new = True
        return True

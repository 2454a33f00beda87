"""A call that may block on the network, on a thread that may be abandoned."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import DownloadError
from downloads.engine.transfer.retries import Retries

T = TypeVar("T")


class BackgroundCall(Generic[T]):
    """A call in the background. ``discard`` gets a result that came after ``abandon``."""

    def __init__(self, work: Callable[[], T], discard: Callable[[T], None]) -> None:
        self._work = work
        self._discard = discard
        self._results: queue.SimpleQueue[tuple[T | None, Exception | None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._abandoned = False
        threading.Thread(target=self._run, name="transfer-opening", daemon=True).start()

    def poll(self, timeout: float) -> T | None:
        """Return the result, None if it is not there yet; raise the error of the work."""
        try:
            result, error = self._results.get(timeout=timeout)
        except queue.Empty:
            return None
        if error is not None:
            raise error
        return result

    def abandon(self) -> None:
        with self._lock:
            self._abandoned = True
        while not self._results.empty():
            result, _ = self._results.get()
            if result is not None:
                self._discard(result)

    def _run(self) -> None:
        try:
            result = self._work()
        except Exception as error:  # noqa: BLE001
            # It crosses to the thread that polls.
            self._results.put((None, error))
            return
        with self._lock:
            if not self._abandoned:
                self._results.put((result, None))
                return
        self._discard(result)


class RetriedCall(Generic[T]):
    """A background call that is made again, after a pause, if it failed in a way that may pass."""

    def __init__(
        self,
        work: Callable[[], T],
        discard: Callable[[T], None],
        *,
        retries: Retries,
        stop: StopToken,
        clock: Callable[[], float],
    ) -> None:
        self._work = work
        self._discard = discard
        self._retries = retries
        self._stop = stop
        self._clock = clock
        self._call: BackgroundCall[T] | None = None

    def poll(self, timeout: float) -> T | None:
        """Return the result, None if it is not there yet; raise the error that no retry can fix."""
        if self._call is None:
            left = self._retries.not_before - self._clock()
            if left > 0:
                self._stop.wait(min(timeout, left))
                return None
            self._call = BackgroundCall(self._work, self._discard)
        try:
            return self._call.poll(timeout)
        except DownloadError as error:
            self._call = None
            self._retries.failed(error, self._clock(), 0)
            return None

    def abandon(self) -> None:
        if self._call is not None:
            self._call.abandon()

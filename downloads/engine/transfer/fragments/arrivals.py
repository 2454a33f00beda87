"""Arrivals of fragments: set by the engine, awaited by concurrent readers."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import SourceChanged
from downloads.engine.core.media import Fragment

WAIT = 0.1  # seconds between two checks of the stop token


class Arrivals:
    """The fragments that have arrived. Thread-safe. Each ``begin`` starts a new version, which ends
    the readers of older ones.

    The waiting calls raise Stopped, the engine's error, and SourceChanged for an old version.
    """

    def __init__(self, stop: StopToken) -> None:
        self._stop = stop
        self._changed = threading.Condition()
        self._fragments: Sequence[Fragment] | None = None
        self._sizes: dict[int, int] = {}
        self._version = 0
        self._error: BaseException | None = None

    def forget(self) -> None:
        """Forget all fragments, which are about to be removed."""
        with self._changed:
            self._fragments, self._sizes, self._error = None, {}, None
            self._version += 1
            self._changed.notify_all()

    def begin(self, fragments: Sequence[Fragment], sizes: Mapping[int, int]) -> None:
        with self._changed:
            self._fragments, self._sizes = fragments, dict(sizes)
            self._changed.notify_all()

    def arrived(self, index: int, size: int) -> None:
        with self._changed:
            self._sizes[index] = size
            self._changed.notify_all()

    def fail(self, error: BaseException) -> None:
        """Fail all readers: nothing more will come."""
        with self._changed:
            self._error = error
            self._changed.notify_all()

    def fragments(self) -> tuple[int, Sequence[Fragment]]:
        """Return the current version and its fragments, once they are known."""
        with self._changed:
            while self._fragments is None:
                self._wait()
            return self._version, self._fragments

    def await_fragment(self, version: int, index: int) -> int:
        """Return the size in bytes of a fragment, once it is complete."""
        with self._changed:
            while index not in self._sizes:
                self._check(version)
                self._wait()
            self._check(version)
            return self._sizes[index]

    def check(self, version: int) -> None:
        with self._changed:
            self._check(version)

    def _check(self, version: int) -> None:
        self._stop.check()
        if version != self._version:
            raise SourceChanged("the stream was begun again while it was read")

    def _wait(self) -> None:
        self._stop.check()
        if self._error is not None:
            raise self._error
        self._changed.wait(WAIT)

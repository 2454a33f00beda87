"""SHA-256 of a file that is still being written, by following its finished prefix.

The bytes are read back while they are still in the page cache, on the flusher's thread: hashing
releases the interpreter's lock, so the reactor does not wait for it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable

STEP = 1024 * 1024
STEPS_AT_ONCE = 16


class PrefixDigest:
    """A digest of a growing prefix."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._position = 0
        self._buffer = memoryview(bytearray(STEP))

    def follow(self, fd: int, prefix: int, tick: Callable[[], None]) -> int:
        """Read on towards ``prefix``, a bounded piece at most. Return how far it has come."""
        self._read(fd, min(prefix, self._position + STEP * STEPS_AT_ONCE), tick)
        return self._position

    def complete(self, fd: int, size: int, tick: Callable[[], None]) -> str:
        """Read the rest and return the hex digest; ``tick`` is called for every MiB."""
        self._read(fd, size, tick)
        return self._hash.hexdigest()

    def _read(self, fd: int, end: int, tick: Callable[[], None]) -> None:
        while self._position < end:
            tick()
            view = self._buffer[: min(STEP, end - self._position)]
            count = os.preadv(fd, [view], self._position)
            if count == 0:
                raise OSError("the part is shorter than what was written to it")
            self._hash.update(view[:count])
            self._position += count

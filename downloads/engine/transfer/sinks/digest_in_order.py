"""SHA-256 of parts while they are in memory, if they come nearly in order."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import Final

from downloads.engine.transfer.sinks.parts import Parts

PATIENCE: Final = 0.5  # seconds, in all, that connections wait for late parts
ASKED_AGAIN: Final = 0.02  # seconds between two requests of a waiting connection


class DigestInOrder:
    """A digest of parts in order. Connections fetch the parts in order, but do not end in order:
    stored ones stay in memory until those before them have come. If that takes too long the hash is
    given up, and the object must be read back for it.

    One thread at a time follows; ``room_wanted`` is for any.
    """

    def __init__(
        self, parts: Parts, *, lost: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._parts = parts
        self._clock = clock
        self._next = 1
        self._hash = hashlib.sha256()
        self._lost = lost
        self._wanted_at = 0.0
        self._waited = 0.0
        if lost:
            parts.forget_order()

    def follow(self) -> bool:
        """Hash the next part. Return True if it was there."""
        part = None if self._lost else self._parts.full(self._next)
        if part is None:
            return False
        self._hash.update(part.view)
        self._next += 1
        self._parts.hashed(part)
        return True

    def room_wanted(self) -> None:
        """Note that connections wait for room, perhaps for that of parts kept only to be hashed."""
        if self._lost or not self._parts.keeps or self._parts.full(self._next) is not None:
            return
        now = self._clock()
        self._waited += min(now - self._wanted_at, ASKED_AGAIN)
        self._wanted_at = now
        if self._waited > PATIENCE:
            self._lost = True
            self._parts.forget_order()

    def of(self, parts: int) -> str | None:
        """Return the digest, if all so many parts have been hashed."""
        whole = not self._lost and self._next == parts + 1
        return self._hash.hexdigest() if whole else None

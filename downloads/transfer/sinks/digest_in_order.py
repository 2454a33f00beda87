"""SHA-256 of parts while they are in memory, as long as they come so that it can be had."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable

from downloads.transfer.sinks.parts import FilledPart


class DigestInOrder:
    """``find`` gives a full part that is still in memory by its number, or None.

    What several connections fetch comes from several places of the file at once; then there is
    no hash until the object has been read back.
    """

    def __init__(self, find: Callable[[int], FilledPart | None], lost: bool) -> None:
        self._find = find
        self._lost = lost
        self._next = 1
        self._hash = hashlib.sha256()
        self._lock = threading.Lock()

    def follow(self, number: int) -> None:
        """Called with each part before its buffer is given up."""
        with self._lock:
            while not self._lost and self._next <= number:
                part = self._find(self._next)
                if part is None:
                    self._lost = True
                    return
                self._hash.update(part.view)
                self._next += 1

    def of(self, parts: int) -> str | None:
        """The digest, if all so many parts have been followed."""
        with self._lock:
            whole = not self._lost and self._next == parts + 1
            return self._hash.hexdigest() if whole else None

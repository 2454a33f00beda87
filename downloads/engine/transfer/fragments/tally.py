"""The byte count of one stream, while several threads write."""

from __future__ import annotations

import threading

from downloads.engine.core.errors import TooLarge


class Tally:
    """A count: ``received`` of all bytes that came, ``held`` of those in the spool."""

    def __init__(self, held: int, most: int) -> None:
        self._lock = threading.Lock()
        self._most = most
        self.held = held
        self.received = 0

    def came(self, count: int) -> None:
        with self._lock:
            self.received += count

    def hold(self, count: int) -> None:
        """Count bytes before they are written. Raises TooLarge."""
        with self._lock:
            if self.held + count > self._most:
                raise TooLarge(f"the fragments go on beyond {self._most} bytes")
            self.held += count

    def drop(self, count: int) -> None:
        """Uncount the bytes of a failed attempt, which are discarded."""
        with self._lock:
            self.held -= count

    def check(self, announced: int) -> None:
        """Raise TooLarge if the announced bytes exceed the limit."""
        if self.held + announced > self._most:
            raise TooLarge(f"{announced} more bytes are more than {self._most}")

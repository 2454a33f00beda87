"""The bytes of one stream, counted while several threads write them."""

from __future__ import annotations

import threading

from downloads.engine.core.errors import TooLarge


class Tally:
    """``received`` counts all bytes that came, ``held`` those that are in the spool."""

    def __init__(self, held: int, most: int) -> None:
        self._lock = threading.Lock()
        self._most = most
        self.held = held
        self.received = 0

    def came(self, count: int) -> None:
        with self._lock:
            self.received += count

    def hold(self, count: int) -> None:
        """Before they are written. Raises TooLarge."""
        with self._lock:
            if self.held + count > self._most:
                raise TooLarge(f"the fragments go on beyond {self._most} bytes")
            self.held += count

    def drop(self, count: int) -> None:
        """An attempt has failed: what it wrote is thrown away."""
        with self._lock:
            self.held -= count

    def check(self, announced: int) -> None:
        """Raises TooLarge where what a source promises cannot be held."""
        if self.held + announced > self._most:
            raise TooLarge(f"{announced} more bytes are more than {self._most}")

from __future__ import annotations

FIRST = 0.5  # seconds
LONGEST = 10.0  # seconds
SETTLED_AFTER = 10.0  # seconds alive that make the next death the first one again


class Backoff:
    """The delay before a dead process is started again: 0.5 s, doubled each time, 10 s at most."""

    def __init__(self) -> None:
        self._next = FIRST

    def after(self, lived: float) -> float:
        """Return the seconds to wait for a process that died after it had lived for ``lived``
        seconds."""
        if lived >= SETTLED_AFTER:
            self._next = FIRST
        delay, self._next = self._next, min(self._next * 2, LONGEST)
        return delay

"""The schedule of retries for messages that did not arrive. Pure."""

from __future__ import annotations

from typing import Final

# seconds after the first attempt, the second, ...: 28 hours in all
WAITS: Final = (5, 30, 300, 1800, 7200, 18_000, 36_000, 36_000)
ATTEMPTS: Final = len(WAITS) + 1
JITTER: Final = 0.2  # of the wait, so that messages that failed together do not retry together


def wait_after(attempts: int, chance: float, requested: float | None = None) -> float | None:
    """Return the seconds until the next attempt, after so many; None: that was the last.

    ``chance`` is from 0 to 1. ``requested``: the receiver's Retry-After; it may make the wait
    longer, never shorter.
    """
    if attempts > len(WAITS):
        return None
    wait = WAITS[max(attempts, 1) - 1] * (1 + JITTER * (chance - 0.5))
    return max(wait, requested or 0.0)

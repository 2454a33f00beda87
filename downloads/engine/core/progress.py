"""Progress of one attempt, from the socket's read to the ledger's row."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

INTERVAL: Final = 0.25  # seconds: at most four reports a second are shown


class Phase(StrEnum):
    """The phase of a running rendition, for display only."""

    RESOLVING = "resolving"
    DOWNLOADING = "downloading"
    PROCESSING = "processing"
    STORING = "storing"


@dataclass(frozen=True, slots=True)
class Progress:
    """A progress report. ``bytes_done`` may fall when a changed source is begun again. ``speed`` is
    smoothed, in bytes per second; ``eta`` is in seconds, None if the end or the speed is unknown.
    ``resumed_bytes`` of ``bytes_done`` were there before this run. ``percent`` is of the work
    that reports, None if that is unknown; a ``Bar`` weighs it: then it is of the whole attempt, and
    never falls."""

    bytes_done: int
    bytes_total: int | None = None
    speed: float = 0.0
    eta: float | None = None
    connections: int = 0
    resumed_bytes: int = 0
    phase: Phase = Phase.DOWNLOADING
    percent: float | None = None


class Throttle:
    """The limit of what is shown of one attempt: at most one report in each ``INTERVAL``.

    The engine reports at its own rate, which is higher. Not thread-safe.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due_at = float("-inf")

    def is_due(self) -> bool:
        """Return if a report may be shown now, which is then taken as shown."""
        now = self._clock()
        if now < self._due_at:
            return False
        self._due_at = now + INTERVAL
        return True


def unreported(progress: Progress) -> None:
    """Drop the report."""

"""Progress of one attempt, from the socket's read to the ledger's row."""

from __future__ import annotations

from dataclasses import dataclass

from downloads.engine.core.media import Phase


@dataclass(frozen=True, slots=True)
class Progress:
    """A progress report. ``bytes_done`` may fall when a changed source is begun again. ``speed`` is
    smoothed, in bytes per second; ``eta`` is in seconds, None if the end or the speed is unknown.
    ``resumed_bytes`` of ``bytes_done`` were there before this run. ``percent`` is of the whole
    attempt, and never falls; None until a bar has weighed it."""

    bytes_done: int
    bytes_total: int | None = None
    speed: float = 0.0
    eta: float | None = None
    connections: int = 0
    resumed_bytes: int = 0
    phase: Phase = Phase.DOWNLOADING
    percent: float | None = None


def unreported(progress: Progress) -> None:
    """Drop the report."""

"""The limits and intervals of one transfer."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


@dataclass(frozen=True, slots=True)
class TransferConfig:
    """The configuration of one transfer. Sizes in bytes, times in seconds, rates in bytes per
    second.

    ``min_segment``: a segment with less than this left is not shared, unless it takes long.
    ``stall_timeout``: a connection silent for this long is replaced. ``segment_attempts``: the
    number of failures in a row, without a byte in between, that end the transfer. ``restarts``: how
    often a changed source is begun again from zero; the last time on one connection, so that a
    source whose servers disagree about the version can still be fetched. ``patience``: the longest
    ``Retry-After`` that is waited for here; a longer one is raised.
    """

    connections: int = 8
    initial_connections: int = 1
    max_bytes: int = 100 * GIB
    deadline: float = 12 * 3600.0
    min_rate: int = KIB
    min_rate_window: float = 60.0
    checkpoint_interval: float = 0.25
    min_segment: int = 256 * KIB
    stall_timeout: float = 20.0
    segment_attempts: int = 5
    restarts: int = 2
    refreshes: int = 3
    backoff: float = 0.25
    backoff_limit: float = 4.0
    patience: float = 10.0
    ramp_window: float = 0.1


DEFAULTS = TransferConfig()

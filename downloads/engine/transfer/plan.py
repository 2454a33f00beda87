"""The plan: the next range to fetch, and the number of connections. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.transfer.pace import UNKNOWN, ConnectionPace
from downloads.engine.transfer.segments import Segment

RISE = 1.25
IN_FULL = 0.8  # of a proportional rise
FAST = 200_000_000  # bytes per second: about what a disk takes


@dataclass(frozen=True, slots=True)
class TakeRange:
    """Open a connection for a range without an owner."""

    range: ByteRange


@dataclass(frozen=True, slots=True)
class SplitSegment:
    """Open a connection for the second half of a segment that another one is working on."""

    segment: Segment
    at: int


def next_step(
    free: Sequence[ByteRange],
    busy: Sequence[Segment],
    min_segment: int,
    alignment: int = 4096,
    *,
    run: int | None = None,
    pace: ConnectionPace = UNKNOWN,
) -> TakeRange | SplitSegment | None:
    """Return the step for one more connection: the first gap, else a share of the slowest segment.

    ``run``: take no more of a gap than up to the next multiple of so many bytes.
    """
    if free:
        start, end = free[0]
        return TakeRange(
            free[0] if run is None else ByteRange(start, min(end, (start // run + 1) * run))
        )
    worth = (s for s in busy if s.end is not None and pace.pays(s, min_segment))
    longest = max(worth, key=pace.seconds, default=None)
    if longest is None or longest.end is None:
        return None
    at = cut(longest.position, longest.end, alignment, pace.share(longest))
    return SplitSegment(longest, at) if at < longest.end else None


def cut(position: int, end: int, alignment: int, share: float = 0.5) -> int:
    """Return the end of the first share, moved up to a multiple of the sink's alignment; may be
    ``end`` or beyond."""
    at = position + int((end - position) * share)
    return -(-at // alignment) * alignment


@dataclass(frozen=True, slots=True)
class Ramp:
    """The number of connections worth having: more while the total rate rises by a quarter.

    As many as make it ``FAST`` if the last step paid in full, so that a source which limits each
    connection is soon met with all of them; else twice as many. Not one more if it is ``FAST``
    already: there they only compete. ``rate`` is that of the step before, in bytes per second,
    ``grown`` the factor by which that step multiplied the connections.
    """

    allowed: int
    limit: int
    rate: float = 0.0
    grown: float = 1.0
    settled: bool = False
    doubtful: bool = False  # restarted once

    @classmethod
    def begin(cls, initial: int, limit: int) -> Ramp:
        allowed = max(1, min(initial, limit))
        return cls(allowed, max(1, limit), settled=allowed >= limit)

    def observe(self, rate: float) -> Ramp:
        """Return the ramp after ``rate`` was measured with all the allowed connections
        delivering."""
        if self.settled:
            return self
        if rate < self.rate * IN_FULL and not self.doubtful:
            # Bytes that had gathered unread were taken for speed: measure again from here.
            return replace(self, rate=0.0, grown=1.0, doubtful=True)
        if rate >= FAST or rate < self.rate * RISE:
            return replace(self, settled=True)
        in_full = rate >= self.rate * self.grown * IN_FULL
        factor = leap(rate) if in_full else 2
        allowed = min(self.allowed * factor, self.limit)
        grown = allowed / self.allowed
        return replace(self, allowed=allowed, rate=rate, grown=grown, settled=allowed >= self.limit)

    def leaps(self, rate: float) -> bool:
        """Return if a first glance at the rate is enough: alone, and far from ``FAST``."""
        return self.rate == 0 and rate > 0 and leap(rate) > 4

    def cap(self, connections: int) -> Ramp:
        """Return the ramp capped at ``connections``: the source refused one more."""
        allowed = max(1, min(self.allowed, connections))
        return replace(self, allowed=allowed, limit=allowed, settled=True)


def leap(rate: float) -> int:
    """Return the factor for the connections to reach ``FAST``: a power of two."""
    return 2 ** max(1, math.ceil(math.log2(FAST / max(1.0, min(rate, FAST)))))


def backoff(failures: int, first: float, limit: float) -> float:
    """Return the seconds to wait before attempt ``failures + 1``; doubles."""
    return min(limit, first * 2.0 ** max(0, failures - 1))

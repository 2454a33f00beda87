"""What to fetch next and with how many connections. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from downloads.transfer.segments import Range, Segment

RISE = 1.25
IN_FULL = 0.8  # of what a proportional rise would be
FAST = 200_000_000  # bytes per second: about what a disk takes


@dataclass(frozen=True, slots=True)
class Fetch:
    """Open a connection for a range that nobody owns."""

    range: Range


@dataclass(frozen=True, slots=True)
class Split:
    """Open a connection for the second half of a segment that another one is working on."""

    segment: Segment
    at: int


def next_step(
    free: Sequence[Range], busy: Sequence[Segment], min_segment: int, alignment: int = 4096
) -> Fetch | Split | None:
    """What one more connection should do: the first gap, else half of the biggest remainder."""
    if free:
        return Fetch(free[0])
    biggest = max(busy, key=lambda s: s.remaining or 0, default=None)
    if biggest is None or biggest.end is None or (biggest.remaining or 0) < min_segment:
        return None
    at = halfway(biggest.position, biggest.end, alignment)
    return Split(biggest, at) if at < biggest.end else None


def halfway(position: int, end: int, alignment: int) -> int:
    """The middle, moved up to a multiple of the sink's alignment; may be ``end`` or beyond."""
    middle = position + (end - position) // 2
    return -(-middle // alignment) * alignment


@dataclass(frozen=True, slots=True)
class Ramp:
    """How many connections are worth having: more while the total rate rises by a quarter.

    Fourfold where the last step paid in full, so that a source which limits each connection is
    soon met with all of them; else twofold. Not one more where the rate is ``FAST`` already: there
    they only compete. ``rate`` is what the step before brought, in bytes per second, ``grown`` by
    how much that step multiplied the connections.
    """

    allowed: int
    limit: int
    rate: float = 0.0
    grown: float = 1.0
    settled: bool = False

    @classmethod
    def begin(cls, initial: int, limit: int) -> Ramp:
        allowed = max(1, min(initial, limit))
        return cls(allowed, max(1, limit), settled=allowed >= limit)

    def observe(self, rate: float) -> Ramp:
        """``rate`` was measured with all the allowed connections delivering."""
        if self.settled:
            return self
        if rate >= FAST or rate < self.rate * RISE:
            return replace(self, settled=True)
        in_full = rate >= self.rate * self.grown * IN_FULL
        allowed = min(self.allowed * (4 if in_full else 2), self.limit)
        grown = allowed / self.allowed
        return replace(self, allowed=allowed, rate=rate, grown=grown, settled=allowed >= self.limit)

    def cap(self, connections: int) -> Ramp:
        """The source refused one more: this many is what it grants."""
        allowed = max(1, min(self.allowed, connections))
        return replace(self, allowed=allowed, limit=allowed, settled=True)


def backoff(failures: int, first: float, limit: float) -> float:
    """Seconds to wait before attempt ``failures + 1``; doubles."""
    return min(limit, first * 2.0 ** max(0, failures - 1))

"""The plan: the next range to fetch. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.transfer.pace import UNKNOWN, ConnectionPace
from downloads.engine.transfer.segments import Segment


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


def backoff(failures: int, first: float, limit: float) -> float:
    """Return the seconds to wait before attempt ``failures + 1``; doubles."""
    return min(limit, first * 2.0 ** max(0, failures - 1))

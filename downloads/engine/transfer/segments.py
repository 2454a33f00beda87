"""The map of byte ranges: those written, and the owners of the rest.

A byte is written, owned by exactly one segment, or free. The map is the only place that moves a
byte from one to another, always under its lock: the reactor advances segments while the transfer's
own thread halves them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from downloads.engine.core.byte_range import ByteRange, merge, missing


class Segment:
    """A range that one connection owns. Only its map changes it; any thread may read it.

    ``written`` <= ``position`` <= ``end``: bytes up to ``position`` are handed out to be written,
    bytes up to ``written`` are in the sink. ``end`` is None while the end of the body is unknown.
    """

    __slots__ = ("end", "position", "released", "start", "written")

    def __init__(self, start: int, end: int | None) -> None:
        self.start = self.position = self.written = start
        self.end = end
        self.released = False

    @property
    def remaining(self) -> int | None:
        return None if self.end is None else self.end - self.position

    @property
    def delivered(self) -> bool:
        return self.position > self.start

    def __repr__(self) -> str:
        return f"Segment({self.start}..{self.position}..{self.end})"


class SegmentMap:
    """The map of one stream. ``total`` is None until the source or the end tells it."""

    def __init__(self, total: int | None, finished: Iterable[ByteRange] = ()) -> None:
        self._lock = threading.Lock()
        self._total = total
        self._finished = merge(finished)
        self._segments: list[Segment] = []

    @property
    def total(self) -> int | None:
        return self._total

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Return the owned segments, in the order of the bytes."""
        with self._lock:
            return tuple(s for s in self._segments if not s.released)

    @property
    def written(self) -> tuple[ByteRange, ...]:
        with self._lock:
            return self._written()

    @property
    def done(self) -> int:
        """Return the number of bytes in the sink."""
        with self._lock:
            live = sum(s.written - s.start for s in self._segments)
            return live + sum(r.size for r in self._finished)

    @property
    def prefix(self) -> int:
        """Return the number of bytes from the start on that are in the sink without a gap."""
        written = self.written
        return written[0].end if written and written[0].start == 0 else 0

    @property
    def complete(self) -> bool:
        return self._total is not None and self.done == self._total

    def free(self) -> tuple[ByteRange, ...]:
        """Return the ranges neither owned nor written; none while the total is unknown."""
        with self._lock:
            return () if self._total is None else missing(self._taken(), self._total)

    @property
    def writing(self) -> bool:
        """Return if bytes that were handed out are still on their way into the sink."""
        with self._lock:
            return any(s.written < s.position for s in self._segments)

    def claim(self, start: int, end: int | None) -> Segment:
        """Own ``[start, end)``; with ``end`` None everything from ``start`` on.

        Raises ValueError if a byte of it is owned or written already.
        """
        with self._lock:
            if any(r.end > start and (end is None or r.start < end) for r in self._taken()):
                raise ValueError(f"[{start}, {end}) is not free")
            return self._add(Segment(start, end))

    def split(self, segment: Segment, at: int) -> Segment | None:
        """Take ``[at, end)`` from its owner; None if the owner has come too far for it."""
        with self._lock:
            if segment.released or segment.end is None or not segment.position < at < segment.end:
                return None
            taken = Segment(at, segment.end)
            segment.end = at
            return self._add(taken)

    def absorb(self, segment: Segment, reach: int) -> bool:
        """Extend a segment to the right, up to ``reach``, the end of its response: into a gap, or
        into a neighbour that has not delivered a byte yet (which then owns nothing any more).
        Return True if the segment grew."""
        with self._lock:
            at = segment.end
            if segment.released or at is None or at >= reach or self._total is None:
                return False
            for other in self._segments:
                if other.start == at and not other.released and not other.delivered:
                    if other.end is None or other.end > reach:
                        return False
                    self._release(other)
            taken = (r.start for r in self._taken() if r.end > at)
            nearest = min(taken, default=self._total)
            segment.end = max(at, min(reach, nearest))
            return segment.end > at

    def reserve(self, segment: Segment, count: int) -> tuple[int, int]:
        """Reserve bytes before a write. Return the offset, and how many of ``count`` the owner may
        write."""
        with self._lock:
            offset = segment.position
            if segment.released:
                return offset, 0
            if segment.end is not None:
                count = min(count, segment.end - offset)
            segment.position += count
            return offset, count

    def take_back(self, segment: Segment, count: int) -> None:
        """Unreserve the last ``count`` bytes, which will not be written."""
        with self._lock:
            segment.position -= count

    def commit(self, segment: Segment, count: int) -> None:
        """Commit ``count`` reserved bytes, which are in the sink."""
        with self._lock:
            segment.written += count
            if segment.written == segment.position and (
                segment.released or segment.position == segment.end
            ):
                self._retire(segment)

    def give_up(self, segment: Segment) -> None:
        """Release a segment whose write failed: nothing is on its way any more."""
        with self._lock:
            segment.position = segment.written
            self._release(segment)

    def release(self, segment: Segment) -> None:
        """Release the bytes that the owner has not reserved."""
        with self._lock:
            self._release(segment)

    def finish(self, segment: Segment) -> None:
        """End the stream here: the body ended cleanly, so the total is known."""
        with self._lock:
            self._total = segment.end = segment.position
            self._release(segment)

    def _add(self, segment: Segment) -> Segment:
        self._segments.append(segment)
        self._segments.sort(key=lambda s: s.start)
        return segment

    def _release(self, segment: Segment) -> None:
        segment.released = True
        if segment.written == segment.position:
            self._retire(segment)

    def _retire(self, segment: Segment) -> None:
        segment.released = True
        if segment in self._segments:
            self._segments.remove(segment)
            self._finished = merge((*self._finished, ByteRange(segment.start, segment.written)))

    def _written(self) -> tuple[ByteRange, ...]:
        live = (ByteRange(s.start, s.written) for s in self._segments)
        return merge((*self._finished, *live))

    def _taken(self) -> tuple[ByteRange, ...]:
        """Return the ranges that are written or owned."""
        # A released segment still owns the bytes that are on their way into the sink.
        far = 1 << 62
        live = (
            ByteRange(s.start, s.position if s.released else far if s.end is None else s.end)
            for s in self._segments
        )
        return merge((*self._finished, *live))

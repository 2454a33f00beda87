"""Delivery of a connection's bytes to the sink: the one place where a segment advances."""

from __future__ import annotations

import time
from collections.abc import Callable

from downloads.engine.core.errors import ConnectionLost, InternalError, TooLarge
from downloads.engine.transfer.pipe import Pipes
from downloads.engine.transfer.receiver import Accepted, Receiver
from downloads.engine.transfer.segments import Segment, SegmentMap
from downloads.engine.transfer.sinks.base import Sink


class Delivery(Receiver):
    """A writer of one response's body into its segment.

    ``reach``: the offset at which the response's body ends; None if only its end tells.
    """

    def __init__(
        self,
        segments: SegmentMap,
        segment: Segment,
        sink: Sink,
        *,
        reach: int | None,
        max_bytes: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(clock)
        self._segments = segments
        self._segment = segment
        self._sink = sink
        self._reach = reach
        self._at = segment.start
        self._max_bytes = max_bytes
        self.absorbs = True  # goes on beyond its segment's end, if nothing is there yet
        self.takes_pipes = sink.write_from is not None

    def room(self, most: int) -> int:
        """Return how many bytes to read now, at most; 0 if the segment is done or taken away."""
        if self._segment.released:
            return 0
        remaining = self._segment.remaining
        return most if remaining is None else min(most, remaining)

    def grant(self, wanted: int) -> int:
        """Return how many of the wanted bytes the sink takes now; 0 if the caller must wait."""
        granted = self._sink.room(self._segment.position, wanted)
        if granted == 0:
            self.waits()
        return granted

    def accept(self, length: int) -> Accepted:
        """Accept ``length`` bytes that were read. Raises TooLarge.

        Bytes that belong to another connection by now are not accepted, nor any after them: the
        segment is over.
        """
        began = self._at
        while length:
            offset, count = self._segments.reserve(self._segment, length)
            if count == 0:
                break
            if offset != self._at:
                raise InternalError(f"the body is at {self._at}, the segment at {offset}")
            if offset + count > self._max_bytes:
                self._segments.take_back(self._segment, count)
                raise TooLarge(f"the body goes on beyond {self._max_bytes} bytes")
            self._at += count
            length -= count
            if self._segment.remaining == 0 and self._reach is not None and self.absorbs:
                # The right-hand neighbour may still be waiting for its answer: absorb it.
                self._segments.absorb(self._segment, self._next_reach(self._reach))
        return Accepted(began, self._at - began)

    def _next_reach(self, reach: int) -> int:
        """Return how far to absorb: if the sink needs order, one segment at a time."""
        size, end = self._sink.segment_size, self._segment.end
        return reach if size is None or end is None else min(reach, (end // size + 1) * size)

    def write(self, accepted: Accepted, data: memoryview) -> None:
        """Write accepted bytes. Raises Stopped, and what the sink raises; nothing may be written
        after that."""
        self._write(accepted, lambda offset, length: self._sink.write_at(offset, data[:length]))

    def write_from(self, accepted: Accepted, pipes: Pipes) -> None:
        """As ``write``, from pipes."""
        write = self._sink.write_from
        assert write is not None
        self._write(accepted, lambda offset, length: write(offset, pipes, length))

    def _write(self, accepted: Accepted, write: Callable[[int, int], None]) -> None:
        offset, length = accepted
        if length:
            try:
                write(offset, length)
            except BaseException:
                self._segments.give_up(self._segment)
                raise
            self._segments.commit(self._segment, length)
        self._moved_at = self._clock()

    @property
    def is_writing(self) -> bool:
        return self._segment.written < self._segment.position

    def end_of_body(self) -> None:
        """End the segment. Raises ConnectionLost if more was promised."""
        segment = self._segment
        if segment.released or segment.remaining == 0:
            return
        if self._reach is None:
            self._segments.finish(segment)
        elif segment.position < self._reach:
            raise ConnectionLost(f"the body ended {self._reach - segment.position} bytes early")

"""From a connection's bytes to the sink: the one place where a segment moves on."""

from __future__ import annotations

import time
from collections.abc import Callable

from downloads.engine.core.errors import ConnectionLost, InternalError, TooLarge
from downloads.engine.transfer.receiver import Accepted
from downloads.engine.transfer.segments import Segment, SegmentMap
from downloads.engine.transfer.sinks.base import Sink


class Delivery:
    """Writes one response's body into its segment.

    ``reach``: the offset where the response's body ends; None where only its end tells.
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
        self._segments = segments
        self._segment = segment
        self._sink = sink
        self._reach = reach
        self._at = segment.start
        self._max_bytes = max_bytes
        self._clock = clock
        self._moved_at = clock()

    def room(self, most: int) -> int:
        """How many bytes to read now, at most; 0 where the segment is done or taken away."""
        if self._segment.released:
            return 0
        remaining = self._segment.remaining
        return most if remaining is None else min(most, remaining)

    def grant(self, wanted: int) -> int:
        """How many of the wanted bytes the sink takes now; 0 where it asks us to wait."""
        granted = self._sink.room(self._segment.position, wanted)
        if granted == 0:
            self.waits()
        return granted

    def put(self, data: memoryview) -> None:
        """Accept and write what was read, for who reads on a thread of his own."""
        self.write(self.accept(len(data)), data)

    def accept(self, length: int) -> Accepted:
        """Bytes that another connection has been given since they were asked for are not, and
        then nothing after them is either: the segment is over. Raises TooLarge.
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
            if self._segment.remaining == 0 and self._reach is not None:
                # Our right-hand neighbour may still be waiting for its answer: go on into it.
                self._segments.absorb(self._segment, self._next_reach(self._reach))
        return Accepted(began, self._at - began)

    def _next_reach(self, reach: int) -> int:
        """Where order is wanted, one segment at a time: what follows it is for who asks first."""
        size, end = self._sink.segment_size, self._segment.end
        return reach if size is None or end is None else min(reach, (end // size + 1) * size)

    def write(self, accepted: Accepted, data: memoryview) -> None:
        """Raises Stopped, and what the sink raises; nothing may be written after that."""
        offset, length = accepted
        if length:
            try:
                self._sink.write_at(offset, data[:length])
            except BaseException:
                self._segments.give_up(self._segment)
                raise
            self._segments.commit(self._segment, length)
        self._moved_at = self._clock()

    @property
    def is_writing(self) -> bool:
        return self._segment.written < self._segment.position

    @property
    def moved_at(self) -> float:
        """When it last got somewhere, or was held back by ourselves."""
        return self._clock() if self.is_writing else self._moved_at

    def waits(self) -> None:
        """Held back by our own rate limit, by the sink or the disk: that is no stall."""
        self._moved_at = self._clock()

    def end_of_body(self) -> None:
        """Nothing more will come. Raises ConnectionLost where more was promised."""
        segment = self._segment
        if segment.released or segment.remaining == 0:
            return
        if self._reach is None:
            self._segments.finish(segment)
        elif segment.position < self._reach:
            raise ConnectionLost(f"the body ended {self._reach - segment.position} bytes early")

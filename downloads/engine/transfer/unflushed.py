"""The ranges of a file that are written and may not be durable yet."""

from __future__ import annotations

from collections.abc import Sequence

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.transfer.segments import SegmentMap
from downloads.engine.transfer.sinks.base import Sink


class UnflushedRanges:
    """The ranges of ``segments``, which ``sink`` makes durable, and hashes once they are final."""

    def __init__(self, segments: SegmentMap, sink: Sink) -> None:
        self._segments = segments
        self._sink = sink
        self._written: Sequence[ByteRange] | None = None  # at the last flush
        self._durable: Sequence[ByteRange] | None = None
        self._settled = 0

    def flush(self) -> Sequence[ByteRange] | None:
        # Before the flush: what is written while it lasts may not be durable after it.
        written = self._segments.written
        if written == self._written == self._durable:
            return None
        durable = self._sink.flush(written)
        if (written, durable) == (self._written, self._durable):
            return None  # bytes that the sink holds back have not become durable meanwhile
        self._written, self._durable = written, durable
        return durable

    def settle(self) -> bool:
        prefix = self._segments.prefix
        if prefix <= self._settled:
            return False
        self._settled = self._sink.settle(prefix)
        return self._settled < prefix

"""A sink that wants segments of one size in order, as S3 does, and remembers how they came."""

from __future__ import annotations

from downloads.engine.transfer.config import KIB, MIB
from downloads.engine.transfer.segments import SegmentMap
from tests.support.memory import MemorySink


class SegmentedSink(MemorySink):
    segment_size = 256 * KIB  # type: ignore[assignment]
    most_connections = 8

    def __init__(self) -> None:
        super().__init__(64 * MIB)
        self._map = SegmentMap(64 * MIB)
        self.ahead = 0

    def write_at(self, offset: int, data: memoryview) -> None:
        super().write_at(offset, data)
        with self._lock:
            end = offset + len(data)
            self._map.commit(written := self._map.claim(offset, end), 0)
            self._map.reserve(written, len(data))
            self._map.commit(written, len(data))
            self.ahead = max(self.ahead, end - self._map.prefix)

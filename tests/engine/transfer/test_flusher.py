"""Received bytes are durable before a stop is obeyed, whichever thread sees it first."""

from __future__ import annotations

from pathlib import Path

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.cancellation import StopReason, StopToken
from downloads.engine.transfer.flusher import Flusher
from downloads.engine.transfer.segments import SegmentMap
from downloads.engine.transfer.sinks.local import LocalSink
from downloads.engine.transfer.unflushed import UnflushedRanges
from tests.support.content import MIB, content


def test_the_last_flush_is_made_where_the_hashing_hears_the_stop(tmp_path: Path) -> None:
    stop = StopToken()
    sink = LocalSink(tmp_path, 1, stop)
    sink.open(4 * MIB, None)
    segments = SegmentMap(4 * MIB)
    segment = segments.claim(0, 4 * MIB)
    offset, count = segments.reserve(segment, MIB)
    sink.write_at(offset, memoryview(content(MIB)))
    segments.commit(segment, count)
    flusher = Flusher(UnflushedRanges(segments, sink), interval=60.0)
    flusher._flushed_at = flusher._clock()  # no flush is due
    stop.stop(StopReason.SHUTDOWN)
    flusher.start()
    assert flusher.finish(10.0) == (ByteRange(0, MIB),)
    sink.close()

"""The attempt at one version of a file, by ranges of its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.transfer.attempt import TransferAttempt
from downloads.engine.transfer.checkpoint import Checkpoint
from downloads.engine.transfer.connections import Connections
from downloads.engine.transfer.flusher import Flusher
from downloads.engine.transfer.http import Version
from downloads.engine.transfer.job import FileJob
from downloads.engine.transfer.monitor import TICK, TransferMonitor
from downloads.engine.transfer.segments import SegmentMap
from downloads.engine.transfer.sinks.base import Stored
from downloads.engine.transfer.unflushed import UnflushedRanges


class FileAttempt(TransferAttempt[Sequence[ByteRange]]):
    """An attempt at a file. ``run`` ends with all bytes stored, or raises with the last checkpoint
    saved."""

    def __init__(
        self,
        job: FileJob,
        monitor: TransferMonitor,
        version: Version,
        segments: SegmentMap,
        connections: Connections,
        resumed: int,
    ) -> None:
        interval = job.config.checkpoint_interval if version.divisible else None
        flusher = Flusher(UnflushedRanges(segments, job.target), interval, job.clock)
        super().__init__(job, monitor, connections, flusher, resumed)
        self._sink = job.target
        self._store = job.store
        self._version = version
        self._segments = segments
        self._brought = connections
        self._left_sink = 0
        self._shown = resumed

    def run(self) -> Stored:
        self._fetch()
        total = self._segments.done
        stored = self._sink.finish(total)
        everything = (ByteRange(0, total),) if total else ()
        whole = self._checkpoint(total, everything)
        self._store.save(replace(whole, complete=True, sha256=stored.sha256))
        self._sink.saved()
        return stored

    @property
    def _needs_flush(self) -> bool:
        # ``finish`` hashes and syncs a file of the disk; parts of an object are on their way.
        return self._sink.segment_size is not None

    @property
    def _is_complete(self) -> bool:
        return self._segments.complete

    @property
    def _received(self) -> int:
        return self._brought.received + self._left_sink

    def _empty_target(self) -> None:
        pending = self._sink.pending
        while left := self._sink.pending:
            self._left_sink = pending - left
            self._tick()
            self._stop.wait(TICK)

    def _progress(self) -> tuple[int, int | None]:
        # A byte in the sink has half of its way behind it. Both numbers move meanwhile: the
        # shown one must not fall.
        done = self._segments.done - self._sink.pending // 2
        self._shown = max(self._shown, done)
        return self._shown, self._segments.total

    def _save(self, durable: Sequence[ByteRange]) -> None:
        self._store.save(self._checkpoint(self._segments.total, durable))
        self._sink.saved()

    def _checkpoint(self, total: int | None, durable: Sequence[ByteRange]) -> Checkpoint:
        part, generation = self._sink.part
        validators, upload = self._version.validators, self._sink.upload
        return Checkpoint(validators, total, tuple(durable), part, generation, upload=upload)

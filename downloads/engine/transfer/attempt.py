"""The attempt at one version of the source, from the bytes that are there to the last one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.transfer.checkpoint import Checkpoint
from downloads.engine.transfer.checkpoint_writer import CheckpointWriter
from downloads.engine.transfer.connections import Connections
from downloads.engine.transfer.flusher import Flusher
from downloads.engine.transfer.http import Version
from downloads.engine.transfer.job import TransferJob
from downloads.engine.transfer.monitor import TICK, TransferMonitor
from downloads.engine.transfer.segments import SegmentMap
from downloads.engine.transfer.sinks.base import Stored


class TransferAttempt:
    """A transfer of one version. ``run`` ends with all bytes stored, or raises with the last
    checkpoint saved."""

    def __init__(
        self,
        job: TransferJob,
        monitor: TransferMonitor,
        version: Version,
        segments: SegmentMap,
        connections: Connections,
        resumed: int,
    ) -> None:
        self._job = job
        self._monitor = monitor
        self._version = version
        self._segments = segments
        self._connections = connections
        self._resumed = self._shown = resumed
        interval = job.config.checkpoint_interval if version.divisible else None
        self._flusher = Flusher(segments, job.sink, interval, job.clock)
        self._checkpoints = CheckpointWriter(self._flusher, self._save)

    def run(self) -> Stored:
        self._monitor.begin(self._resumed)
        self._flusher.start()
        try:
            while not self._segments.complete:
                self._connections.tick()
                self._tick()
                self._connections.wait(TICK)
            self._connections.close()
            self._empty_sink()
            self._checkpoints.end(self._tick)
        except BaseException as error:
            self._connections.close()
            self._checkpoints.save_last(error)
            raise
        return self._finish()

    def _tick(self, left_sink: int = 0) -> None:
        self._monitor.check(self._connections.received + left_sink)
        self._monitor.beat(self._connections.is_writing or self._flusher.is_flushing)
        self._checkpoints.tick()
        self._report()

    def _empty_sink(self) -> None:
        """Wait for the bytes that have come and are still on their way from the sink."""
        pending = self._job.sink.pending
        while left := self._job.sink.pending:
            self._tick(pending - left)
            self._job.stop.wait(TICK)

    def _report(self, last: bool = False) -> None:
        # A byte in the sink has half of its way behind it. Both numbers move meanwhile: the
        # shown one must not fall.
        done = self._segments.done - self._job.sink.pending // 2
        self._shown = max(self._shown, done)
        total = self._segments.total
        self._monitor.report(self._shown, total, self._connections.count, self._resumed, last=last)

    def _save(self, durable: Sequence[ByteRange]) -> None:
        self._job.store.save(self._checkpoint(self._segments.total, durable))
        self._job.sink.saved()

    def _finish(self) -> Stored:
        total = self._segments.done
        self._report(last=True)
        stored = self._job.sink.finish(total)
        everything = (ByteRange(0, total),) if total else ()
        whole = self._checkpoint(total, everything)
        self._job.store.save(replace(whole, complete=True, sha256=stored.sha256))
        self._job.sink.saved()
        return stored

    def _checkpoint(self, total: int | None, durable: Sequence[ByteRange]) -> Checkpoint:
        sink = self._job.sink
        part, generation = sink.part
        return Checkpoint(
            self._version.validators, total, tuple(durable), part, generation, upload=sink.upload
        )

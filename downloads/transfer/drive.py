"""One version of the source, from what is there to the last byte."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from downloads.exceptions import DownloadError, Stopped, StopReason
from downloads.transfer.checkpoint import Checkpoint, CheckpointNotSaved
from downloads.transfer.connections import Connections
from downloads.transfer.http import Version
from downloads.transfer.job import Job
from downloads.transfer.keeper import Keeper
from downloads.transfer.pulse import TICK, Pulse
from downloads.transfer.segments import Range, SegmentMap
from downloads.transfer.sinks.base import Stored

LAST_FLUSH = 2.0  # seconds that a stop or an error waits for the last checkpoint
_log = logging.getLogger(__name__)


class Drive:
    """``run`` ends with all bytes stored, or raises with the last checkpoint saved."""

    def __init__(
        self,
        job: Job,
        pulse: Pulse,
        version: Version,
        segments: SegmentMap,
        connections: Connections,
        resumed: int,
    ) -> None:
        self._job = job
        self._pulse = pulse
        self._version = version
        self._segments = segments
        self._connections = connections
        self._resumed = self._shown = resumed
        interval = job.config.checkpoint_interval if version.divisible else None
        self._keeper = Keeper(segments, job.sink, interval, job.clock)

    def run(self) -> Stored:
        self._pulse.begin(self._resumed)
        self._keeper.start()
        try:
            while not self._segments.complete:
                self._connections.tick()
                self._tick()
                self._connections.wait(TICK)
            self._connections.close()
            self._empty_sink()
            self._end_keeper()
        except BaseException as error:
            self._connections.close()
            self._save_last(error)
            raise
        return self._finish()

    def _tick(self, left_sink: int = 0) -> None:
        self._pulse.check(self._connections.received + left_sink)
        self._pulse.beat(self._connections.is_writing or self._keeper.is_flushing)
        self._save(self._keeper.take())
        self._report()

    def _empty_sink(self) -> None:
        """Everything has come; some of it may still be on its way from here."""
        pending = self._job.sink.pending
        while left := self._job.sink.pending:
            self._tick(pending - left)
            self._job.stop.wait(TICK)

    def _report(self, last: bool = False) -> None:
        # A byte that goes on from the sink has two ways to go, and has made one of them. Both
        # numbers move meanwhile: what was shown stays.
        done = self._segments.done - self._job.sink.pending // 2
        self._shown = max(self._shown, done)
        total = self._segments.total
        self._pulse.report(self._shown, total, self._connections.count, self._resumed, last=last)

    def _save(self, durable: Sequence[Range] | None) -> None:
        if durable is None:
            return
        try:
            self._job.store.save(self._checkpoint(self._segments.total, durable))
        except CheckpointNotSaved as error:
            # The bytes go on coming; how long they may is the stop token's to say.
            _log.warning("checkpoint not saved: %s", error)
        else:
            self._job.sink.saved()

    def _save_last(self, error: BaseException) -> None:
        """Nothing after a lost lease: the checkpoint is somebody else's now."""
        lost = isinstance(error, Stopped) and error.reason is StopReason.LEASE_LOST
        try:
            durable = self._keeper.finish(LAST_FLUSH)
            if not lost:
                self._save(durable)
        except (DownloadError, Stopped, OSError):
            # What ended the transfer is raised; the checkpoint before this one stands.
            _log.info("the last checkpoint could not be saved", exc_info=True)

    def _end_keeper(self) -> None:
        """It may be hashing, which ``finish`` goes on with."""
        self._keeper.end()
        while self._keeper.is_alive:
            self._tick()
            self._keeper.join(TICK)
        self._save(self._keeper.take())

    def _finish(self) -> Stored:
        total = self._segments.done
        self._report(last=True)
        stored = self._job.sink.finish(total)
        everything = (Range(0, total),) if total else ()
        whole = self._checkpoint(total, everything)
        self._job.store.save(replace(whole, complete=True, sha256=stored.sha256))
        self._job.sink.saved()
        return stored

    def _checkpoint(self, total: int | None, durable: Sequence[Range]) -> Checkpoint:
        sink = self._job.sink
        part, generation = sink.part
        return Checkpoint(
            self._version.validators, total, tuple(durable), part, generation, upload=sink.upload
        )

"""One version of the source, from what is there to the last byte."""

from __future__ import annotations

import logging
from collections.abc import Sequence

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
        self._resumed = resumed
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
            self._end_keeper()
        except BaseException as error:
            self._connections.close()
            self._save_last(error)
            raise
        return self._finish()

    def _tick(self) -> None:
        self._pulse.check(self._connections.received)
        self._pulse.beat(self._connections.is_writing or self._keeper.is_flushing)
        self._save(self._keeper.take())
        self._report()

    def _report(self, last: bool = False) -> None:
        done, total = self._segments.done, self._segments.total
        self._pulse.report(done, total, self._connections.count, self._resumed, last=last)

    def _save(self, durable: Sequence[Range] | None) -> None:
        if durable is None:
            return
        part, generation = self._job.sink.part
        checkpoint = Checkpoint(
            self._version.validators, self._segments.total, tuple(durable), part, generation
        )
        try:
            self._job.store.save(checkpoint)
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
        part, generation = self._job.sink.part
        everything = (Range(0, total),) if total else ()
        self._job.store.save(
            Checkpoint(
                self._version.validators, total, everything, part, generation, True, stored.sha256
            )
        )
        self._job.sink.saved()
        return stored

"""The engine's entry point: one stream into one sink, exactly, resumably, stoppable at any moment.

``run`` blocks its thread, which plans, checkpoints, reports and checks the stop token. The bytes
are read on the reactor's thread, written on a writer's, made durable on a flusher's; connects have
threads of their own: none of them can delay the return of ``run`` after a stop.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.errors import SourceChanged, TooLarge
from downloads.engine.core.media import Validators
from downloads.engine.egress.client import Response
from downloads.engine.transfer.background_call import RetriedCall
from downloads.engine.transfer.checkpoint import Checkpoint, CheckpointStore
from downloads.engine.transfer.connections import BeginAgain, Connections
from downloads.engine.transfer.drain import Machinery
from downloads.engine.transfer.file_attempt import FileAttempt
from downloads.engine.transfer.http import Version
from downloads.engine.transfer.job import FileJob, TransferJob
from downloads.engine.transfer.monitor import TICK, TransferMonitor
from downloads.engine.transfer.reactor import Reactor, shared_reactor
from downloads.engine.transfer.request import FileRequest
from downloads.engine.transfer.retries import Retries
from downloads.engine.transfer.segments import SegmentMap
from downloads.engine.transfer.sinks.base import Sink
from downloads.engine.transfer.source import TransferSource
from downloads.engine.transfer.writer import Writer


@dataclass(frozen=True, slots=True)
class TransferOutcome:
    """The result of a transfer. ``validators`` are those of the fetched version, ``size`` included.
    ``resumed_bytes`` of ``size`` were there before this run."""

    size: int
    sha256: str | None
    validators: Validators
    resumed_bytes: int


def run(
    request: FileRequest,
    sink: Sink,
    store: CheckpointStore[Checkpoint],
    *,
    reactor: Reactor | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> TransferOutcome:
    """Fetch all of the stream into ``sink``, resuming from the checkpoint in ``store``.

    Afterwards the sink holds every byte, durable, and the checkpoint says so; publishing it is the
    caller's step. If it raises, the part and its checkpoint are kept for the next run:
    ``sink.abort()`` frees them. ``store`` is called from this thread.

    Raises DownloadError (Stalled, DeadlineExceeded, TooLarge, SourceChanged, DiskFull, ...) and
    Stopped.
    """
    try:
        with Writer(clock) as writer:
            machinery = Machinery(reactor or shared_reactor(), writer, request.limiter)
            job: FileJob = TransferJob(request, sink, store, machinery, clock)
            return _FileTransfer(job).run()
    finally:
        sink.close()


class _FileTransfer:
    """A fetch of one version of the source after another, until one is complete."""

    def __init__(self, job: FileJob) -> None:
        self._job = job
        self._source = TransferSource(job.request)
        self._monitor = TransferMonitor(job.request, job.clock)
        self._retries = Retries(job.config)
        self._remembered = False
        self._segments: SegmentMap | None = None

    def run(self) -> TransferOutcome:
        config = self._job.config
        checkpoint = self._load()
        changes = 0
        changed: SourceChanged | None = None  # once too often
        while True:
            if changed is not None:
                # A source whose servers disagree about the version works over one connection,
                # and all of it at once.
                self._source.note_no_ranges()
            try:
                return self._fetch(checkpoint, config.connections if changed is None else 1)
            except SourceChanged as error:
                changes += 1
                if changes > config.restarts:
                    raise
                changed = error if changes == config.restarts else None
            except BeginAgain as broken:
                self._retries.failed(changed or broken.error, self._job.clock(), 0)
                self._monitor.wait(self._retries.not_before)
            checkpoint = None

    def _load(self) -> Checkpoint | None:
        """Return the checkpoint to resume from: only one of a version that can be identified."""
        checkpoint = self._job.store.load()
        self._remembered = checkpoint is not None and bool(checkpoint.ranges)
        if checkpoint is None or checkpoint.total is None:
            return None
        pinned = checkpoint.validators.if_range is not None
        return checkpoint if checkpoint.complete or pinned else None

    def _fetch(self, checkpoint: Checkpoint | None, limit: int) -> TransferOutcome:
        if checkpoint is not None:
            version = Version(replace(checkpoint.validators, size=checkpoint.total), ranged=True)
            ranges = self._begin_sink(version, checkpoint)
            if version.divisible or sum(r.size for r in ranges) == checkpoint.total:
                return self._attempt(version, ranges, limit, None)
        response, version = self._open_first()
        try:
            ranges = self._begin_sink(version, None)
        except BaseException:
            response.close()
            raise
        return self._attempt(version, ranges, limit, response)

    def _attempt(
        self, version: Version, ranges: Sequence[ByteRange], limit: int, response: Response | None
    ) -> TransferOutcome:
        job = self._job
        segments = self._segments = SegmentMap(version.total, ranges)
        resumed = segments.done
        limit = min(limit, job.target.most_connections)
        connections = Connections(job, self._source, version, segments, limit)
        if response is not None:
            connections.adopt(response)
        self._remembered = True
        stored = FileAttempt(job, self._monitor, version, segments, connections, resumed).run()
        return TransferOutcome(stored.size, stored.sha256, version.validators, resumed)

    def _begin_sink(self, version: Version, checkpoint: Checkpoint | None) -> Sequence[ByteRange]:
        total, most = version.total, self._job.config.max_bytes
        if total is not None and total > most:
            raise TooLarge(f"{total} bytes are more than {most}")
        self._await_writes()
        if checkpoint is None and self._remembered:
            # Before the part is emptied: after a crash no checkpoint may name ranges that are gone.
            self._job.store.save(Checkpoint())
            self._remembered = False
        return self._job.target.open(total, checkpoint)

    def _await_writes(self) -> None:
        """Wait for writes of the previous version, which must not get into the part of this one."""
        while self._segments is not None and self._segments.writing:
            self._monitor.check()
            self._monitor.beat(hangs=True)
            self._job.stop.wait(TICK)

    def _open_first(self) -> tuple[Response, Version]:
        if (parked := self._source.open_parked()) is not None:
            return parked
        return self._monitor.wait_for(
            RetriedCall(
                self._source.open_whole,
                lambda opened: opened[0].close(),
                retries=self._retries,
                stop=self._job.stop,
                clock=self._job.clock,
            )
        )

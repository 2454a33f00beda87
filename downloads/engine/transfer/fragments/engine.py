"""The entry point for fragments of one stream: exact, resumable, stoppable at any moment.

``run`` blocks its thread, which plans, checkpoints, reports and checks the stop token. Fragments
are requested on threads, over the client's kept-alive connections, and drained by the reactor.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from downloads.engine.core.errors import SourceChanged
from downloads.engine.transfer.checkpoint import CheckpointStore
from downloads.engine.transfer.drain import Machinery
from downloads.engine.transfer.fragments.attempt import FragmentsAttempt
from downloads.engine.transfer.fragments.checkpoint import FragmentCheckpoint
from downloads.engine.transfer.fragments.job import FragmentsJob, FragmentsRequest
from downloads.engine.transfer.fragments.source import FragmentSource
from downloads.engine.transfer.fragments.spool import FragmentSpool
from downloads.engine.transfer.job import TransferJob
from downloads.engine.transfer.monitor import TransferMonitor
from downloads.engine.transfer.reactor import Reactor, shared_reactor
from downloads.engine.transfer.writer import Writer


@dataclass(frozen=True, slots=True)
class FragmentsOutcome:
    """The result of a transfer. ``size`` in bytes and ``fragments`` are of the whole stream;
    ``resumed_*`` of them were there before this run. ``parts``: the numbers of its parts, in
    playing order."""

    size: int
    fragments: int
    resumed_bytes: int
    resumed_fragments: int
    parts: tuple[int, ...]


def run(
    request: FragmentsRequest,
    spool: FragmentSpool,
    store: CheckpointStore[FragmentCheckpoint],
    *,
    reactor: Reactor | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> FragmentsOutcome:
    """Fetch all fragments into ``spool``, resuming from the checkpoint in ``store``.

    ``store`` is called from this thread. A report's ``bytes_total`` is an estimate until the end;
    ``bytes_done / bytes_total`` never falls for its sake. Afterwards every fragment is durable, and
    the checkpoint says so if the store was available. If it raises, spool and checkpoint are kept
    for the next run, and readers of ``spool.feed`` get the same error.

    Raises what ``request.load`` raises, DownloadError (Stalled, DeadlineExceeded, TooLarge,
    SourceChanged, Unavailable for a fragment that is gone, BadManifest for an unusable key,
    DiskFull, ...) and Stopped.
    """
    try:
        with Writer() as writer:
            machinery = Machinery(reactor or shared_reactor(), writer, request.limiter)
            job: FragmentsJob = TransferJob(request, spool, store, machinery, clock)
            return _FragmentsTransfer(job).run()
    except BaseException as error:
        spool.fail(error)
        raise


class _FragmentsTransfer:
    """A fetch of one version of the list after another, until one is complete."""

    def __init__(self, job: FragmentsJob) -> None:
        self._job = job
        self._source = FragmentSource(job.request, job.clock)
        self._monitor = TransferMonitor(job.request, job.clock)

    def run(self) -> FragmentsOutcome:
        checkpoint = self._job.store.load()
        changes = 0
        try:
            self._source.accept(self._monitor.wait_for(self._source.load()))
            while True:
                try:
                    return self._fetch(checkpoint)
                except SourceChanged:
                    changes += 1
                    if changes > self._job.config.restarts:
                        raise
                    checkpoint = self._job.store.load()
        finally:
            self._source.close()

    def _fetch(self, checkpoint: FragmentCheckpoint | None) -> FragmentsOutcome:
        job, listing = self._job, self._source.listing
        total = len(listing.fragments)
        if checkpoint is not None and (checkpoint.key != listing.key or checkpoint.total != total):
            # Before the spool is emptied: after a crash no checkpoint may name what is gone.
            job.store.save(FragmentCheckpoint())
            checkpoint = None
        sizes = job.target.begin(listing, checkpoint)
        attempt = FragmentsAttempt(job, self._monitor, self._source, sizes)
        size = attempt.run()
        parts = tuple(dict.fromkeys(fragment.part for fragment in listing.fragments))
        return FragmentsOutcome(size, total, sum(sizes.values()), len(sizes), parts)

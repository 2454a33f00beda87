"""The entry point for fragments of one stream: exact, resumable, stoppable at any moment.

``run`` blocks its thread, which plans, checkpoints, reports and checks the stop token. Fragments
are requested on threads, over the client's kept-alive connections, and drained by the reactor.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import SourceChanged
from downloads.engine.core.media import FragmentList
from downloads.engine.core.progress import Progress, unreported
from downloads.engine.egress.client import Client
from downloads.engine.transfer.bandwidth import TokenBucket
from downloads.engine.transfer.config import DEFAULTS, TransferConfig
from downloads.engine.transfer.drain import Machinery
from downloads.engine.transfer.fragments.acceptance import FragmentCheck
from downloads.engine.transfer.fragments.attempt import FragmentsAttempt
from downloads.engine.transfer.fragments.checkpoint import (
    FragmentCheckpoint,
    FragmentCheckpointStore,
)
from downloads.engine.transfer.fragments.job import FragmentsTransferJob
from downloads.engine.transfer.fragments.source import FragmentSource
from downloads.engine.transfer.fragments.spool import FragmentSpool
from downloads.engine.transfer.monitor import TICK, TransferMonitor
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
    load: Callable[[], FragmentList],
    spool: FragmentSpool,
    *,
    client: Client,
    store: FragmentCheckpointStore,
    stop: StopToken,
    config: TransferConfig = DEFAULTS,
    on_progress: Callable[[Progress], None] = unreported,
    limiter: TokenBucket | None = None,
    reactor: Reactor | None = None,
    clock: Callable[[], float] = time.monotonic,
    check: FragmentCheck | None = None,
) -> FragmentsOutcome:
    """Fetch all fragments into ``spool``, resuming from the checkpoint in ``store``.

    ``load`` returns the list; it is called once, and again if links have expired, from another
    thread. ``on_progress`` and ``store`` are called from this one. A report's ``bytes_total`` is an
    estimate until the end; ``bytes_done / bytes_total`` never falls for its sake. Afterwards every
    fragment is durable, and the checkpoint says so if the store was available. If it raises, spool
    and checkpoint are kept for the next run, and readers of ``spool.feed`` get the same error.
    ``check`` judges each fragment by its first bytes, after decryption; a rejected one is requested
    again.

    Raises what ``load`` raises, DownloadError (Stalled, DeadlineExceeded, TooLarge, SourceChanged,
    Unavailable for a fragment that is gone, BadManifest for an unusable key, DiskFull, ...) and
    Stopped.
    """
    try:
        with Writer() as writer:
            machinery = Machinery(reactor or shared_reactor(), writer, limiter or TokenBucket())
            job = FragmentsTransferJob(
                client, spool, store, stop, config, on_progress, machinery, clock, check
            )
            return _FragmentsTransfer(job, FragmentSource(load, config, clock)).run()
    except BaseException as error:
        spool.fail(error)
        raise


class _FragmentsTransfer:
    """A fetch of one version of the list after another, until one is complete."""

    def __init__(self, job: FragmentsTransferJob, source: FragmentSource) -> None:
        self._job = job
        self._source = source
        self._monitor = TransferMonitor(job)

    def run(self) -> FragmentsOutcome:
        kept = self._job.store.load()
        changes = 0
        try:
            self._load()
            while True:
                try:
                    return self._fetch(kept)
                except SourceChanged:
                    changes += 1
                    if changes > self._job.config.restarts:
                        raise
                    kept = self._job.store.load()
        finally:
            self._source.close()

    def _load(self) -> None:
        self._source.begin()
        while not self._source.poll(TICK):
            self._monitor.check(0)
            self._monitor.beat(hangs=False)
            if not self._source.is_loading:  # it failed, and is tried again later
                self._job.stop.wait(TICK)

    def _fetch(self, kept: FragmentCheckpoint | None) -> FragmentsOutcome:
        job, listing = self._job, self._source.listing
        total = len(listing.fragments)
        if kept is not None and (kept.key != listing.key or kept.total != total):
            # Before the spool is emptied: after a crash no checkpoint may name what is gone.
            job.store.save(FragmentCheckpoint())
            kept = None
        found = job.spool.begin(listing, kept)
        attempt = FragmentsAttempt(job, self._monitor, self._source, found)
        size = attempt.run()
        parts = tuple(dict.fromkeys(fragment.part for fragment in listing.fragments))
        return FragmentsOutcome(size, total, sum(found.values()), len(found), parts)

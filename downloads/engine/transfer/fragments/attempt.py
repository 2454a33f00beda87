"""The attempt at one version of the list, from the fragments that are there to the last one."""

from __future__ import annotations

from collections.abc import Mapping

from downloads.engine.core.media import FragmentList
from downloads.engine.transfer.attempt import TransferAttempt
from downloads.engine.transfer.flusher import Flusher
from downloads.engine.transfer.fragments.checkpoint import FragmentCheckpoint, Run
from downloads.engine.transfer.fragments.estimate import SizeEstimate
from downloads.engine.transfer.fragments.fetches import Fetches
from downloads.engine.transfer.fragments.job import FragmentsJob
from downloads.engine.transfer.fragments.source import FragmentSource
from downloads.engine.transfer.fragments.tally import Tally
from downloads.engine.transfer.fragments.unflushed import UnflushedFragments
from downloads.engine.transfer.fragments.window import Window
from downloads.engine.transfer.monitor import TransferMonitor


class FragmentsAttempt(TransferAttempt[tuple[Run, ...]]):
    """An attempt at a list. ``run`` ends with all fragments durable, or raises with the last
    checkpoint saved.

    ``sizes``: of the fragments that are there already.
    """

    def __init__(
        self,
        job: FragmentsJob,
        monitor: TransferMonitor,
        source: FragmentSource,
        sizes: Mapping[int, int],
    ) -> None:
        self._job = job
        self._listing = source.listing
        fragments, config = self._listing.fragments, job.config
        resumed = sum(sizes.values())
        self._tally = Tally(resumed, config.max_bytes)
        self._tally.check(_listed(self._listing, sizes))
        self._estimate = SizeEstimate(fragments, sizes, config.max_bytes)
        self._window = Window(len(fragments), 2 * config.connections, sizes)
        self._unflushed = UnflushedFragments(job.target, sizes)
        self._fetches = Fetches(job, source, self._window, self._tally, self._completed)
        flusher = Flusher(self._unflushed, config.checkpoint_interval, job.clock)
        super().__init__(job, monitor, self._fetches, flusher, resumed)

    def run(self) -> int:
        """Fetch all fragments. Return their size in bytes."""
        self._fetch()
        return self._tally.held

    def _completed(self, index: int, size: int) -> None:
        self._estimate.learn(index, size)
        self._unflushed.add(index, size)
        self._job.target.arrived(index, size)

    @property
    def _is_complete(self) -> bool:
        return self._window.is_complete

    @property
    def _received(self) -> int:
        return self._tally.received

    def _progress(self) -> tuple[int, int | None]:
        done = self._tally.held
        return done, self._estimate.total(done, self._fetches.announced)

    def _save(self, durable: tuple[Run, ...]) -> None:
        listing, spool = self._listing, self._job.target
        total = len(listing.fragments)
        self._job.store.save(FragmentCheckpoint(listing.key, total, durable, spool.generation))
        spool.saved()


def _listed(listing: FragmentList, sizes: Mapping[int, int]) -> int:
    """Return the bytes that the list itself says are still to come."""
    ranges = (each.range for index, each in enumerate(listing.fragments) if index not in sizes)
    return sum(span[1] - span[0] for span in ranges if span is not None)

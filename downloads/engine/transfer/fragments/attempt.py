"""The attempt at one version of the list, from the fragments that are there to the last one."""

from __future__ import annotations

from collections.abc import Mapping

from downloads.engine.core.media import FragmentList
from downloads.engine.transfer.checkpoint_writer import CheckpointWriter
from downloads.engine.transfer.fragments.checkpoint import FragmentCheckpoint, Run
from downloads.engine.transfer.fragments.estimate import SizeEstimate
from downloads.engine.transfer.fragments.fetch import FragmentContext
from downloads.engine.transfer.fragments.fetches import Fetches
from downloads.engine.transfer.fragments.flusher import FragmentFlusher
from downloads.engine.transfer.fragments.job import FragmentsTransferJob
from downloads.engine.transfer.fragments.keys import Keys
from downloads.engine.transfer.fragments.source import FragmentSource
from downloads.engine.transfer.fragments.tally import Tally
from downloads.engine.transfer.fragments.window import Window
from downloads.engine.transfer.monitor import TICK, TransferMonitor


class FragmentsAttempt:
    """A transfer of one version. ``run`` ends with all fragments durable, or raises with the last
    checkpoint saved.

    ``found``: bytes by fragment that are there already.
    """

    def __init__(
        self,
        job: FragmentsTransferJob,
        monitor: TransferMonitor,
        source: FragmentSource,
        found: Mapping[int, int],
    ) -> None:
        self._job = job
        self._monitor = monitor
        self._listing = source.listing
        fragments, config = self._listing.fragments, job.config
        self._found = found
        self._resumed = sum(found.values())
        self._tally = Tally(self._resumed, config.max_bytes)
        self._estimate = SizeEstimate(fragments, found, config.max_bytes)
        self._window = Window(len(fragments), 2 * config.connections, found)
        self._flusher = FragmentFlusher(job.spool, found, config.checkpoint_interval, job.clock)
        self._checkpoints = CheckpointWriter(self._flusher, self._save)
        wiring = FragmentContext(job, Keys(job.client), self._tally)
        self._fetches = Fetches(wiring, source, self._window, config.connections, self._completed)

    def run(self) -> int:
        """Fetch all fragments. Return their size in bytes."""
        self._monitor.begin(self._resumed)
        self._tally.check(_listed(self._listing, self._found))
        self._flusher.start()
        try:
            while not self._window.is_complete:
                self._fetches.tick()
                self._tick()
                self._fetches.wait(TICK)
            self._fetches.close()
            self._checkpoints.end(self._tick)
        except BaseException as error:
            self._fetches.close()
            self._checkpoints.save_last(error)
            raise
        self._report(last=True)
        return self._tally.held

    def _completed(self, index: int, size: int) -> None:
        self._estimate.learn(index, size)
        self._flusher.add(index, size)
        self._job.spool.arrived(index, size)

    def _tick(self) -> None:
        self._monitor.check(self._tally.received)
        self._monitor.beat(self._fetches.is_writing or self._flusher.is_flushing)
        self._checkpoints.tick()
        self._report()

    def _report(self, last: bool = False) -> None:
        done = self._tally.held
        total = self._estimate.total(done, self._fetches.announced)
        self._monitor.report(done, total, self._fetches.count, self._resumed, last=last)

    def _save(self, durable: tuple[Run, ...]) -> None:
        listing, spool = self._listing, self._job.spool
        checkpoint = FragmentCheckpoint(
            listing.key, len(listing.fragments), durable, spool.generation
        )
        self._job.store.save(checkpoint)
        spool.saved()


def _listed(listing: FragmentList, found: Mapping[int, int]) -> int:
    """Return the bytes that the list itself says are still to come."""
    ranges = (each.range for index, each in enumerate(listing.fragments) if index not in found)
    return sum(span[1] - span[0] for span in ranges if span is not None)

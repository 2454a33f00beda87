"""One version of the list, from what is there to the last fragment."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from downloads.exceptions import DownloadError, Stopped, StopReason
from downloads.streams import FragmentList
from downloads.transfer.checkpoint import CheckpointNotSaved
from downloads.transfer.fragments.checkpoint import FragmentCheckpoint, Run
from downloads.transfer.fragments.estimate import SizeEstimate
from downloads.transfer.fragments.fetch import Wiring
from downloads.transfer.fragments.fetches import Fetches
from downloads.transfer.fragments.job import FragmentsJob
from downloads.transfer.fragments.keeper import FragmentKeeper
from downloads.transfer.fragments.keys import Keys
from downloads.transfer.fragments.source import FragmentSource
from downloads.transfer.fragments.tally import Tally
from downloads.transfer.fragments.window import Window
from downloads.transfer.pulse import TICK, Pulse

LAST_FLUSH = 2.0  # seconds that a stop or an error waits for the last checkpoint
_log = logging.getLogger(__name__)


class FragmentDrive:
    """``run`` ends with all fragments durable, or raises with the last checkpoint saved.

    ``found``: bytes by fragment that are there already.
    """

    def __init__(
        self,
        job: FragmentsJob,
        pulse: Pulse,
        source: FragmentSource,
        found: Mapping[int, int],
    ) -> None:
        self._job = job
        self._pulse = pulse
        self._listing = source.listing
        fragments, config = self._listing.fragments, job.config
        self._found = found
        self._resumed = sum(found.values())
        self._tally = Tally(self._resumed, config.max_bytes)
        self._estimate = SizeEstimate(fragments, found, config.max_bytes)
        self._window = Window(len(fragments), 2 * config.connections, found)
        self._keeper = FragmentKeeper(job.spool, found, config.checkpoint_interval, job.clock)
        wiring = Wiring(job, Keys(job.client), self._tally)
        self._fetches = Fetches(wiring, source, self._window, config.connections, self._completed)

    def run(self) -> int:
        """The size of all in bytes."""
        self._pulse.begin(self._resumed)
        self._tally.check(_listed(self._listing, self._found))
        self._keeper.start()
        try:
            while not self._window.is_complete:
                self._fetches.tick()
                self._tick()
                self._fetches.wait(TICK)
            self._fetches.close()
            self._end_keeper()
        except BaseException as error:
            self._fetches.close()
            self._save_last(error)
            raise
        self._report(last=True)
        return self._tally.held

    def _completed(self, index: int, size: int) -> None:
        self._estimate.learn(index, size)
        self._keeper.add(index, size)
        self._job.spool.arrived(index, size)

    def _tick(self) -> None:
        self._pulse.check(self._tally.received)
        self._pulse.beat(self._fetches.is_writing or self._keeper.is_flushing)
        self._save(self._keeper.take())
        self._report()

    def _report(self, last: bool = False) -> None:
        done = self._tally.held
        total = self._estimate.total(done, self._fetches.announced)
        self._pulse.report(done, total, self._fetches.count, self._resumed, last=last)

    def _save(self, durable: tuple[Run, ...] | None) -> None:
        if durable is None:
            return
        checkpoint = FragmentCheckpoint(
            self._listing.key,
            len(self._listing.fragments),
            durable,
            self._job.spool.generation,
        )
        try:
            self._job.store.save(checkpoint)
        except CheckpointNotSaved as error:
            # The bytes go on coming; how long they may is the stop token's to say.
            _log.warning("checkpoint not saved: %s", error)
        else:
            self._job.spool.saved()

    def _save_last(self, error: BaseException) -> None:
        """Nothing after a lost lease: the checkpoint is somebody else's now."""
        lost = isinstance(error, Stopped) and error.reason is StopReason.LEASE_LOST
        try:
            durable = self._keeper.finish(LAST_FLUSH)
            if not lost:
                self._save(durable)
        except (DownloadError, Stopped, OSError):
            # What ended the run is raised; the checkpoint before this one stands.
            _log.info("the last checkpoint could not be saved", exc_info=True)

    def _end_keeper(self) -> None:
        self._keeper.end()
        while self._keeper.is_alive:
            self._tick()
            self._keeper.join(TICK)
        self._save(self._keeper.take())


def _listed(listing: FragmentList, found: Mapping[int, int]) -> int:
    """Bytes that the list itself says are still to come."""
    ranges = (each.range for index, each in enumerate(listing.fragments) if index not in found)
    return sum(span[1] - span[0] for span in ranges if span is not None)

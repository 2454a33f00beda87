"""A disk of fragments that forgets what was not synced, and a spool that knows what was written."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import Stopped, StopReason
from downloads.engine.core.media import FragmentList
from downloads.engine.transfer.checkpoint import CheckpointNotSaved
from downloads.engine.transfer.fragments.checkpoint import FragmentCheckpoint
from tests.engine.transfer.simulation.fragment_site import FragmentSite
from tests.engine.transfer.simulation.threads import Scheduler


@dataclass
class FragmentDisk:
    """The disk, which outlives the process. ``durable`` are the files that were synced."""

    durable: dict[int, bytes] = field(default_factory=dict)
    files: dict[int, SpoolFile] = field(default_factory=dict)
    checkpoint: str = ""
    violations: list[str] = field(default_factory=list)

    def crash(self, scheduler: Scheduler) -> None:
        """Of what was not synced, any beginning may have got to the disk."""
        for index, file in self.files.items():
            if index not in self.durable:
                arrived = scheduler.chance.randint(0, len(file.data))
                self.durable[index] = bytes(file.data[:arrived])
        self.files = {}

    def check(self, holds: bool, violation: str) -> None:
        if not holds:
            self.violations.append(violation)
            raise AssertionError(violation)

    def load(self) -> FragmentCheckpoint | None:
        return FragmentCheckpoint.from_dict(json.loads(self.checkpoint or "null"))


class SpoolFile:
    """One inode: written once, from its beginning on, and never after it was handed in."""

    def __init__(self, disk: FragmentDisk, scheduler: Scheduler, stop: StopToken) -> None:
        self._disk = disk
        self._scheduler = scheduler
        self._stop = stop
        self._is_closed = False
        self.is_handed_in = False
        self.data = bytearray()
        self.size = 0

    def write(self, data: memoryview) -> None:
        self._stop.check()
        self._scheduler.pause()
        if self._is_closed:
            raise Stopped(StopReason.UNWANTED)
        self._disk.check(not self.is_handed_in, "a complete fragment is written to")
        middle = self._scheduler.chance.randint(0, len(data))
        self.data += data[:middle]
        if self._scheduler.chance.random() < 0.03:  # as a disk that lags
            self._scheduler.sleep(self._scheduler.chance.random() * 0.9)
        self._scheduler.pause()
        self.data += data[middle:]
        self.size += len(data)

    def close(self) -> None:
        self._is_closed = True


class RecordingSpool:
    """As the spool of a worker, in memory. Every fragment arrives once, with the source's bytes."""

    generation = 1

    def __init__(
        self, disk: FragmentDisk, site: FragmentSite, scheduler: Scheduler, stop: StopToken
    ) -> None:
        self._disk = disk
        self._site = site
        self._scheduler = scheduler
        self._stop = stop
        self.bodies: list[bytes] = []
        self._arrived: set[int] = set()

    def begin(self, listing: FragmentList, kept: FragmentCheckpoint | None) -> dict[int, int]:
        disk, claimed = self._disk, self._disk.load()
        self.bodies = self._site.bodies(listing.key)
        if kept is None:
            gone = claimed is None or not claimed.runs
            disk.check(gone, "a spool is emptied that a checkpoint still names")
        runs = kept.runs if kept is not None else ()
        found = {index: disk.durable.get(index) for run in runs for index in range(*run[:2])}
        for index, data in found.items():
            disk.check(data == self.bodies[index], "the checkpoint names what is not durable")
        disk.durable = {index: data for index, data in found.items() if data is not None}
        disk.files, self._arrived = {}, set(found)
        sizes = {index: len(data) for index, data in disk.durable.items()}
        disk.check(sum(sizes.values()) == sum(run.size for run in runs), "a run of another size")
        return sizes

    def create(self, index: int) -> SpoolFile:
        self._stop.check()
        self._disk.check(index not in self._arrived, "a complete fragment is fetched again")
        file = self._disk.files[index] = SpoolFile(self._disk, self._scheduler, self._stop)
        return file

    def arrived(self, index: int, size: int) -> None:
        file = self._disk.files[index]
        self._disk.check(index not in self._arrived, "a fragment arrives twice")
        self._disk.check(file.size == size, "a fragment of another size")
        self._disk.check(bytes(file.data) == self.bodies[index], "a fragment of other bytes")
        self._arrived.add(index)
        file.is_handed_in = True

    def sync(self, indexes: list[int]) -> None:
        self._disk.check(self._arrived.issuperset(indexes), "an unfinished fragment is synced")
        for index in indexes:
            data = bytes(self._disk.files[index].data)
            self._scheduler.sleep(self._scheduler.chance.random() * 0.1)
            self._disk.durable[index] = data

    def saved(self) -> None:
        """There are no older generations."""

    def fail(self, error: BaseException) -> None:
        """There are no readers."""


class FragmentStore:
    """Saving may fail, and the process may die before, while or after it."""

    def __init__(self, disk: FragmentDisk, scheduler: Scheduler) -> None:
        self._disk = disk
        self._scheduler = scheduler

    def load(self) -> FragmentCheckpoint | None:
        return self._disk.load()

    def save(self, checkpoint: FragmentCheckpoint) -> None:
        self._scheduler.pause()
        if checkpoint.runs and self._scheduler.chance.random() < 0.1:
            raise CheckpointNotSaved("away")
        named = {index for run in checkpoint.runs for index in range(*run[:2])}
        self._disk.check(named <= self._disk.durable.keys(), "what is not durable is saved")
        self._disk.checkpoint = json.dumps(checkpoint.to_dict())
        self._scheduler.pause()

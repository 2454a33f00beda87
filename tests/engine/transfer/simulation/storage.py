"""A disk that forgets what was not flushed, a sink that knows what was written, a weak store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.cancellation import StopToken
from downloads.engine.transfer.checkpoint import Checkpoint, CheckpointNotSaved, Upload
from downloads.engine.transfer.sinks.base import UNLIMITED, Stored
from tests.engine.transfer.simulation.network import Site
from tests.engine.transfer.simulation.threads import Scheduler

GARBAGE = b"\xee"


@dataclass
class Disk:
    """The disk, which outlives the process. Reads see ``cache``; a crash leaves ``durable``."""

    cache: bytearray = field(default_factory=bytearray)
    durable: bytearray = field(default_factory=bytearray)
    unflushed: list[tuple[int, bytes]] = field(default_factory=list)
    checkpoint: str = ""
    violations: list[str] = field(default_factory=list)

    def write(self, offset: int, data: bytes) -> None:
        for content in (self.cache, self.durable):
            content.extend(GARBAGE * (offset + len(data) - len(content)))
        self.cache[offset : offset + len(data)] = data
        self.unflushed.append((offset, data))

    def crash(self, scheduler: Scheduler) -> None:
        """Of what was not flushed, any write may have got to the disk, whole, in part or not."""
        for offset, data in self.unflushed:
            arrived = data[: scheduler.chance.randint(0, len(data))]
            self.durable[offset : offset + len(arrived)] = arrived
        self.cache = bytearray(self.durable)
        self.unflushed = []

    def keep_only(self, ranges: Sequence[ByteRange], total: int) -> None:
        """Fill all but these ranges with garbage: no checkpoint vouches for it."""
        fresh = bytearray(GARBAGE * total)
        for start, end in ranges:
            fresh[start:end] = self.cache[start:end]
        self.cache, self.durable, self.unflushed = fresh, bytearray(fresh), []

    def check(self, holds: bool, violation: str) -> None:
        if not holds:
            self.violations.append(violation)
            raise AssertionError(violation)

    def load(self) -> Checkpoint | None:
        return Checkpoint.from_dict(json.loads(self.checkpoint)) if self.checkpoint else None


class RecordingSink:
    """As the local sink, or, with ``part_size``, as one of fixed parts that holds back unfinished
    ones. Every byte may be written once, by one owner, and must be the source's.
    """

    most_connections = UNLIMITED
    segment_size: int | None = None
    pending = 0
    upload: Upload | None = None
    part = ("part", 1)
    write_from = None

    def __init__(
        self, disk: Disk, site: Site, scheduler: Scheduler, stop: StopToken, part_size: int | None
    ) -> None:
        self._disk = disk
        self._site = site
        self._scheduler = scheduler
        self._stop = stop
        self._part_size = part_size
        self._taken = bytearray()
        self.alignment = part_size or 16

    def open(self, total: int | None, kept: Checkpoint | None) -> Sequence[ByteRange]:
        disk = self._disk
        self._data = self._site.data
        claimed = disk.load()
        if kept is None:
            gone = claimed is None or not claimed.ranges
            disk.check(gone, "a part is emptied that a checkpoint still names")
        ranges = kept.ranges if kept is not None else ()
        if kept is not None and kept.validators.etag == self._site.etag:
            true = all(disk.cache[s:e] == self._data[s:e] for s, e in ranges)
            disk.check(true, "the checkpoint names what is not durable")
        disk.keep_only(ranges, total or 0)
        self._taken = bytearray(total or 0)
        for start, end in ranges:
            self._taken[start:end] = b"\1" * (end - start)
        return ranges

    def room(self, offset: int, most: int) -> int:
        if self._scheduler.chance.random() < 0.1:
            return 0
        if self._part_size:
            most = min(most, self._part_size - offset % self._part_size)
        return self._scheduler.chance.randint(1, most)

    def write_at(self, offset: int, data: memoryview) -> None:
        self._stop.check()
        self._scheduler.pause()
        end = offset + len(data)
        self._taken.extend(bytes(max(0, end - len(self._taken))))
        twice = self._taken.find(1, offset, end) != -1
        self._disk.check(not twice, f"a byte of [{offset}, {end}) is written twice")
        self._taken[offset:end] = b"\1" * len(data)
        middle = self._scheduler.chance.randint(0, len(data))
        self._disk.write(offset, bytes(data[:middle]))
        self._lag()
        self._disk.write(offset + middle, bytes(data[middle:]))
        self._scheduler.pause()

    def _lag(self) -> None:
        """Disks take their time, now and then nearly as long as a connection is waited for."""
        if self._scheduler.chance.random() < 0.03:
            self._scheduler.sleep(self._scheduler.chance.random() * 0.9)
        self._scheduler.pause()

    def settle(self, prefix: int) -> int:
        whole = self._taken.find(0, 0, prefix) == -1
        self._disk.check(whole, f"not all of the first {prefix} bytes are written")
        return prefix

    def flush(self, written: Sequence[ByteRange]) -> Sequence[ByteRange]:
        """Flush; bytes written meanwhile are not flushed by it."""
        disk = self._disk
        known, disk.unflushed = disk.unflushed, []
        self._scheduler.sleep(self._scheduler.chance.random() * 0.3)
        for offset, data in known:
            disk.durable[offset : offset + len(data)] = data
        return written if self._part_size is None else self._whole_parts(written, self._part_size)

    def saved(self) -> None:
        """There are no older generations."""

    def finish(self, size: int) -> Stored:
        self._stop.check()
        self.flush(())
        return Stored(size, None)

    def close(self) -> None:
        """The disk stays."""

    def _whole_parts(self, written: Sequence[ByteRange], size: int) -> Sequence[ByteRange]:
        total = len(self._taken)
        ends = ((s, min(-(-e // size) * size, total), e) for s, e in written)
        return tuple(
            ByteRange(-(-s // size) * size, up if up == e else e // size * size)
            for s, up, e in ends
            if -(-s // size) * size < (up if up == e else e // size * size)
        )


class Store:
    """Saving may fail, and the process may die before, while or after it."""

    def __init__(self, disk: Disk, scheduler: Scheduler) -> None:
        self._disk = disk
        self._scheduler = scheduler

    def load(self) -> Checkpoint | None:
        return self._disk.load()

    def save(self, checkpoint: Checkpoint) -> None:
        self._scheduler.pause()
        needed = checkpoint.complete or not checkpoint.ranges
        if not needed and self._scheduler.chance.random() < 0.1:
            raise CheckpointNotSaved("away")
        self._disk.checkpoint = json.dumps(checkpoint.to_dict())
        self._scheduler.pause()

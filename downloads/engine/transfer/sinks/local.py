"""A sink in a part file on a local (or shared) file system, one for each generation."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from downloads.engine.core import disk
from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.cancellation import StopToken
from downloads.engine.transfer.checkpoint import Checkpoint
from downloads.engine.transfer.pipe import Pipes
from downloads.engine.transfer.sinks import takeover
from downloads.engine.transfer.sinks.base import UNLIMITED, Stored
from downloads.engine.transfer.sinks.digest import PrefixDigest
from downloads.engine.transfer.sinks.publish import publish
from downloads.engine.transfer.sinks.shared_file import SharedFile

_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


class LocalSink:
    """A sink that writes to ``<directory>/g<generation>.part`` (or ``name``), at offsets, never
    appending.

    ``digest=False`` leaves the SHA-256 out.
    """

    alignment = 4096
    segment_size = None
    most_connections = UNLIMITED
    pending = 0
    upload = None

    def __init__(
        self,
        directory: Path,
        generation: int,
        stop: StopToken,
        *,
        name: str = "",
        digest: bool = True,
    ) -> None:
        self._directory = directory
        self._generation = generation
        self._stop = stop
        self._name = name or takeover.part_name(generation)
        self._hashes = digest
        self._digest = PrefixDigest()
        self._opened: SharedFile | None = None
        self._older_removed = False

    @property
    def path(self) -> Path:
        return self._directory / self._name

    @property
    def part(self) -> tuple[str, int]:
        return self._name, self._generation

    def open(self, total: int | None, checkpoint: Checkpoint | None) -> Sequence[ByteRange]:
        self._stop.check()
        self.close()
        self._digest = PrefixDigest()
        with disk.disk_errors():
            self._directory.mkdir(parents=True, exist_ok=True)
            if checkpoint is not None and checkpoint.part == self._name:
                return self._reopen(checkpoint, total)
            return self._create(checkpoint, total)

    def room(self, offset: int, most: int) -> int:
        return most

    def write_at(self, offset: int, data: memoryview) -> None:
        self._stop.check()
        with disk.disk_errors(), self._file as fd:
            disk.write_all(fd, offset, data)

    def write_from(self, offset: int, pipes: Pipes, length: int) -> None:
        self._stop.check()
        with disk.disk_errors(), self._file as fd:
            pipes.write_to(fd, offset, length)

    def settle(self, prefix: int) -> int:
        if not self._hashes:
            return prefix
        with disk.disk_errors(), self._file as fd:
            return self._digest.follow(fd, prefix, self._stop.check)

    def flush(self, written: Sequence[ByteRange]) -> Sequence[ByteRange]:
        with disk.disk_errors(), self._file as fd:
            disk.sync_data(fd)
        return written

    def saved(self) -> None:
        if not self._older_removed:
            self._stop.check()
            with disk.disk_errors():
                takeover.remove_older(self._directory, self._generation)
            self._older_removed = True

    def finish(self, size: int) -> Stored:
        self._stop.check()
        with disk.disk_errors(), self._file as fd:
            os.ftruncate(fd, size)
            os.fsync(fd)
            disk.sync_directory(self._directory)
            digest = self._digest.complete(fd, size, self._tick) if self._hashes else None
        return Stored(size, digest)

    def publish(self, final: Path, stored: Stored) -> None:
        """Move the finished part to ``final``; see :func:`publish`. May be repeated."""
        self.close()
        publish(self.path, final, stored, self._stop)

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()

    def abort(self) -> None:
        self.close()
        with disk.disk_errors():
            self.path.unlink(missing_ok=True)
            if self._directory.is_dir():
                takeover.remove_older(self._directory, self._generation)

    def _create(self, checkpoint: Checkpoint | None, total: int | None) -> Sequence[ByteRange]:
        # A leftover that no checkpoint names is useless; O_EXCL: never another writer's inode.
        self.path.unlink(missing_ok=True)
        # 0o666: it becomes the stored file, which the umask decides about.
        fd = os.open(self.path, _FLAGS | os.O_EXCL, 0o666)
        self._opened = SharedFile(fd)
        try:
            if checkpoint is None or not checkpoint.part:
                return _prepare(fd, (), total)
            ranges = takeover.take_over(self._directory, checkpoint, fd, self._tick)
            _prepare(fd, ranges, total)
            disk.sync_data(fd)
            return ranges
        except BaseException:
            # The older part still holds the checkpoint's ranges; this copy only takes space.
            self.close()
            self.path.unlink(missing_ok=True)
            raise

    def _reopen(self, checkpoint: Checkpoint, total: int | None) -> Sequence[ByteRange]:
        fd = os.open(self.path, _FLAGS, 0o600)
        self._opened = SharedFile(fd)
        return _prepare(fd, takeover.clip(checkpoint.ranges, os.fstat(fd).st_size), total)

    def _tick(self) -> None:
        self._stop.check()
        self._stop.beat()

    @property
    def _file(self) -> SharedFile:
        if self._opened is None:
            raise RuntimeError("the sink is not open")
        return self._opened


def _prepare(fd: int, ranges: Sequence[ByteRange], total: int | None) -> Sequence[ByteRange]:
    """Cut off bytes that no checkpoint confirms, then reserve the space for the rest."""
    end = ranges[-1].end if ranges else 0
    os.ftruncate(fd, end)
    if total is not None:
        try:
            disk.reserve(fd, total)
        except OSError:
            os.ftruncate(fd, end)
            raise
    return ranges

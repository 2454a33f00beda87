"""One fragment on its way to disk, in an inode that nobody else ever writes to."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from downloads.stop import StopToken
from downloads.transfer import disk
from downloads.transfer.kernel_pipe import KernelPipe
from downloads.transfer.sinks.shared_file import SharedFile

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class FragmentFile:
    """Written by one thread; any other may close it at any time, without waiting.

    Raises DiskFull or StorageUnavailable, and Stopped: also where it has been closed.
    """

    def __init__(self, path: Path, stop: StopToken) -> None:
        self._stop = stop
        stop.check()
        with disk.disk_errors():
            # What an attempt before this one left may still be open somewhere.
            path.unlink(missing_ok=True)
            self._file = SharedFile(os.open(path, _FLAGS, 0o600))
        self.size = 0
        self.is_writing = False

    def write(self, data: memoryview) -> None:
        self._put(len(data), lambda fd: disk.write_all(fd, self.size, data))

    def pour(self, pipe: KernelPipe, count: int) -> None:
        """Write the next ``count`` bytes that ``pipe`` holds."""
        self._put(count, lambda fd: pipe.pour(fd, self.size, count))

    def _put(self, count: int, put: Callable[[int], None]) -> None:
        self._stop.check()
        self.is_writing = True
        try:
            with disk.disk_errors(), self._file as fd:
                put(fd)
        finally:
            self.is_writing = False
        self.size += count

    def close(self) -> None:
        self._file.close()

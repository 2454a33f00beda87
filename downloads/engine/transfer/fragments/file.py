"""One fragment on its way to disk, in an inode of its own."""

from __future__ import annotations

import os
from pathlib import Path

from downloads.engine.core import disk
from downloads.engine.core.cancellation import StopToken
from downloads.engine.transfer.sinks.shared_file import SharedFile

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class FragmentFile:
    """A file written by one thread; any other may close it at any time, without waiting.

    Raises DiskFull or StorageUnavailable, and Stopped, also once it has been closed.
    """

    def __init__(self, path: Path, stop: StopToken) -> None:
        self._stop = stop
        stop.check()
        with disk.disk_errors():
            # The file of an earlier attempt may still be open somewhere.
            path.unlink(missing_ok=True)
            self._file = SharedFile(os.open(path, _FLAGS, 0o600))
        self.size = 0

    def write(self, data: memoryview) -> None:
        self._stop.check()
        with disk.disk_errors(), self._file as fd:
            disk.write_all(fd, self.size, data)
        self.size += len(data)

    def close(self) -> None:
        self._file.close()

from __future__ import annotations

import os
from io import FileIO
from typing import Protocol


class BlockSource(Protocol):
    """The bytes of a stored file, block by block.

    ``read_at`` may block; it returns b"" only at the end. Raises StorageUnavailable or OSError.
    """

    def read_at(self, position: int, length: int) -> bytes: ...

    def close(self) -> None: ...


class LocalFile:
    """A block source on a disk; positions may come in any order."""

    def __init__(self, file: FileIO) -> None:
        self._file = file

    def fileno(self) -> int:
        return self._file.fileno()

    def read_at(self, position: int, length: int) -> bytes:
        return os.pread(self._file.fileno(), length, position)

    def close(self) -> None:
        self._file.close()

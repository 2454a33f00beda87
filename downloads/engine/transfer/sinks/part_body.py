"""A part as the file that botocore sends: seekable for its signature and its retries."""

from __future__ import annotations

import os
from typing import Final

BLOCK: Final = 256 * 1024


class PartBody:
    """A part, sent a block at a time, so that the socket's timeout is for each block: for a whole
    part it would fail an uplink that is only slow.

    ``read(n)`` returns more than ``n`` bytes: urllib3 asks for 16 KiB each time and sends what it
    gets, and threads that take the interpreter's lock that often are slow.
    """

    def __init__(self, view: memoryview) -> None:
        self._view = view
        self._at = 0

    def __len__(self) -> int:
        return len(self._view)

    def read(self, size: int = -1) -> memoryview | bytes:
        end = len(self._view) if size < 0 else self._at + max(size, BLOCK)
        block = self._view[self._at : end]
        self._at += len(block)
        return block or b""

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: len(self._view)}[whence]
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        return self._at

"""An open file that several threads use and one may close at any time."""

from __future__ import annotations

import os
import threading
from types import TracebackType

from downloads.engine.core.errors import Stopped, StopReason


class SharedFile:
    """A descriptor that is used in ``with shared as fd:`` around every call.

    ``close()`` never waits: no new call gets in, and the last one inside closes.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._users = 0
        self._closing = False
        # Without it the system could give the number out again while a write was under way, which
        # would then go into another file.
        self._lock = threading.Lock()

    def __enter__(self) -> int:
        with self._lock:
            if self._closing:
                raise Stopped(StopReason.UNWANTED)
            self._users += 1
            return self._fd

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._users -= 1
            last = self._closing and self._users == 0
        if last:
            os.close(self._fd)

    def close(self) -> None:
        with self._lock:
            if self._closing:
                return
            self._closing = True
            idle = self._users == 0
        if idle:
            os.close(self._fd)

"""The fragments that are complete and may not be durable yet."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from downloads.engine.transfer.fragments.checkpoint import Run, runs_of
from downloads.engine.transfer.fragments.spool import FragmentSpool

AT_ONCE = 256  # fragments between two checkpoints, at most


class UnflushedFragments:
    """The complete fragments of ``spool``. ``sizes``: by fragment, of those that are durable."""

    def __init__(self, spool: FragmentSpool, sizes: Mapping[int, int]) -> None:
        self._spool = spool
        self._lock = threading.Lock()
        self._pending: dict[int, int] = {}
        self._durable = runs_of(sizes)
        self._is_new = bool(sizes)  # this generation's, from now on

    def add(self, index: int, size: int) -> None:
        """Add a complete fragment. Called by another thread than the flusher's."""
        with self._lock:
            self._pending[index] = size

    def flush(self) -> tuple[Run, ...] | None:
        with self._lock:
            batch = dict(list(self._pending.items())[:AT_ONCE])
        if batch:
            self._spool.sync(sorted(batch))
        elif not self._is_new:
            return None
        with self._lock:
            for index in batch:
                del self._pending[index]
        self._is_new = False
        self._durable = runs_of(batch, self._durable)
        return self._durable

    def settle(self) -> bool:
        """Do nothing: a film is hashed once it is composed."""
        return False

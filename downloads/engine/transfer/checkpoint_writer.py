"""The writer of a transfer's checkpoint: while the bytes come, and once more at the end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from downloads.engine.core.errors import DownloadError, Stopped, StopReason
from downloads.engine.transfer.checkpoint import CheckpointNotSaved
from downloads.engine.transfer.flusher import Flusher
from downloads.engine.transfer.monitor import TICK

LAST_FLUSH: Final = 2.0  # seconds that a stop or an error waits for the last checkpoint
_log = logging.getLogger(__name__)

T = TypeVar("T")


class CheckpointWriter(Generic[T]):
    """A writer that passes the durable state to ``save``, which puts it into the store."""

    def __init__(self, flusher: Flusher[T], save: Callable[[T], None]) -> None:
        self._flusher = flusher
        self._save = save

    def tick(self) -> None:
        self._put(self._flusher.take())

    def end(self, meanwhile: Callable[[], None]) -> None:
        """Wait until everything that has come is flushed and hashed."""
        self._flusher.end()
        while self._flusher.is_alive:
            meanwhile()
            self._flusher.join(TICK)
        self.tick()

    def save_last(self, error: BaseException) -> None:
        """Save the last checkpoint, unless the lease is lost: it is another worker's then."""
        lost = isinstance(error, Stopped) and error.reason is StopReason.LEASE_LOST
        try:
            durable = self._flusher.finish(LAST_FLUSH)
            if not lost:
                self._put(durable)
        except (DownloadError, Stopped, OSError):
            # The transfer's own error is raised; the previous checkpoint still holds.
            _log.info("last checkpoint not saved", exc_info=True)

    def _put(self, durable: T | None) -> None:
        if durable is None:
            return
        try:
            self._save(durable)
        except CheckpointNotSaved as error:
            # The transfer continues; the stop token ends it once the lease has lapsed.
            _log.warning("checkpoint not saved error=%r", str(error))

"""The checkpoint of a transfer: saved while the bytes come, and once more whatever ends it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, Generic, Protocol, TypeVar

from downloads.engine.core.errors import DownloadError, Stopped, StopReason
from downloads.engine.transfer.checkpoint import CheckpointNotSaved
from downloads.engine.transfer.monitor import TICK

LAST_FLUSH: Final = 2.0  # seconds that a stop or an error waits for the last checkpoint
_log = logging.getLogger(__name__)

T = TypeVar("T")
Durable = TypeVar("Durable", covariant=True)


class DurableSource(Protocol[Durable]):
    """The thread that makes durable what has come, and says what is."""

    def take(self) -> Durable | None:
        """What is durable now, if that has changed. Raises what the thread has raised."""

    def end(self) -> None:
        """No more work but a last flush. Does not wait for it."""

    def finish(self, timeout: float) -> Durable | None:
        """End with a last flush; None where there is nothing new, or not in time."""

    @property
    def is_alive(self) -> bool: ...

    def join(self, timeout: float) -> None: ...


class CheckpointWriter(Generic[T]):
    """``save`` puts a checkpoint of what is durable into the store."""

    def __init__(self, flusher: DurableSource[T], save: Callable[[T], None]) -> None:
        self._flusher = flusher
        self._save = save

    def tick(self) -> None:
        self._put(self._flusher.take())

    def end(self, meanwhile: Callable[[], None]) -> None:
        """All has come: wait for what is still to be flushed, or hashed."""
        self._flusher.end()
        while self._flusher.is_alive:
            meanwhile()
            self._flusher.join(TICK)
        self.tick()

    def save_last(self, error: BaseException) -> None:
        """Nothing after a lost lease: the checkpoint is somebody else's now."""
        lost = isinstance(error, Stopped) and error.reason is StopReason.LEASE_LOST
        try:
            durable = self._flusher.finish(LAST_FLUSH)
            if not lost:
                self._put(durable)
        except (DownloadError, Stopped, OSError):
            # What ended the transfer is raised; the checkpoint before this one stands.
            _log.info("the last checkpoint could not be saved", exc_info=True)

    def _put(self, durable: T | None) -> None:
        if durable is None:
            return
        try:
            self._save(durable)
        except CheckpointNotSaved as error:
            # The bytes go on coming; how long they may is the stop token's to say.
            _log.warning("checkpoint not saved: %s", error)

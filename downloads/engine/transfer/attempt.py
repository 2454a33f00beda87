"""The attempt at one version of the source, from what is there to the last byte."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Generic, TypeVar

from downloads.engine.transfer.checkpoint_writer import CheckpointWriter
from downloads.engine.transfer.connection_pool import ConnectionPool
from downloads.engine.transfer.flusher import Flusher
from downloads.engine.transfer.job import AnyJob
from downloads.engine.transfer.monitor import TICK, TransferMonitor

T = TypeVar("T")


class TransferAttempt(ABC, Generic[T]):
    """An attempt, of a file or of fragments: the loop of the transfer's own thread.

    ``resumed``: bytes that were there before.
    """

    def __init__(
        self,
        job: AnyJob,
        monitor: TransferMonitor,
        connections: ConnectionPool[Any],
        flusher: Flusher[T],
        resumed: int,
    ) -> None:
        self._stop = job.stop
        self._clock = job.clock
        self._on_progress = job.request.on_progress
        self._monitor = monitor
        self._connections = connections
        self._flusher = flusher
        self._resumed = resumed
        self._checkpoints = CheckpointWriter(flusher, self._save)

    def _fetch(self) -> None:
        """Fetch until all of it is in the target; if it raises, the last checkpoint is saved."""
        self._monitor.begin(self._resumed)
        try:
            self._fetch_first()
            while not self._is_complete:
                self._flusher.start()
                self._connections.tick()
                self._tick()
                self._connections.wait(TICK)
            self._connections.close()
            self._empty_target()
            if self._flusher.is_started or self._needs_flush:
                self._flusher.start()
                self._checkpoints.end(self._tick)
        except BaseException as error:
            self._connections.close()
            self._checkpoints.save_last(error)
            raise
        self._report()

    def _fetch_first(self) -> None:
        """Fetch for one tick: all of a small file, which is reported, hashed and made durable as a
        whole, without a thread for it."""
        until = self._clock() + TICK
        while not self._is_complete and self._clock() < until:
            self._connections.tick()
            self._monitor.check(self._received)
            self._connections.wait(TICK)

    @property
    def _needs_flush(self) -> bool:
        """Return if what has come within one tick is not made durable by its target's end."""
        return True

    @property
    @abstractmethod
    def _is_complete(self) -> bool:
        """Return if every byte has come."""

    @property
    @abstractmethod
    def _received(self) -> int:
        """Return the bytes that have come in this attempt."""

    @abstractmethod
    def _progress(self) -> tuple[int, int | None]:
        """Return the bytes done, and the total or None."""

    @abstractmethod
    def _save(self, durable: T) -> None:
        """Save the checkpoint of what is durable."""

    def _empty_target(self) -> None:
        """Wait for the bytes that have come and are still on their way from the target."""

    def _tick(self) -> None:
        self._monitor.check(self._received)
        self._monitor.beat(self._connections.is_writing or self._flusher.is_flushing)
        self._checkpoints.tick()
        self._report()

    def _report(self) -> None:
        done, total = self._progress()
        meter, count = self._monitor.meter, self._connections.count
        self._on_progress(meter.observe(done, total, count, self._resumed))

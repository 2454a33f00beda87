"""The connections of one transfer: those that live, and those that have ended."""

from __future__ import annotations

import queue
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from downloads.engine.core.errors import Stalled
from downloads.engine.transfer.connection import Connection

C = TypeVar("C", bound=Connection[Any])


class ConnectionPool(ABC, Generic[C]):
    """A pool, used by the transfer's own thread alone; a connection reports its end from any."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._live: set[C] = set()
        self._ended: queue.SimpleQueue[tuple[C, Exception | None]] = queue.SimpleQueue()

    @property
    def count(self) -> int:
        return len(self._live)

    @property
    def is_writing(self) -> bool:
        return any(connection.is_writing for connection in self._live)

    def wait(self, timeout: float) -> None:
        """Wait until a connection ends, but no longer than ``timeout`` seconds."""
        try:
            self._settle(*self._ended.get(timeout=timeout))
        except queue.Empty:
            return

    def tick(self) -> None:
        """Do the work that is due. Raises the error that ends the attempt."""
        while not self._ended.empty():
            self._settle(*self._ended.get())
        self._advance(self._clock())

    def close(self) -> None:
        for connection in self._live:
            connection.close()
        self._live.clear()

    def _note_end(self, connection: C, error: Exception | None) -> None:
        self._ended.put((connection, error))

    def _replace_stalled(self, now: float) -> None:
        for connection in tuple(self._live):
            if now - connection.moved_at > self._patience(connection):
                self._settle(connection, Stalled("a connection brought nothing for too long"))

    @abstractmethod
    def _settle(self, connection: C, error: Exception | None) -> None:
        """Judge the end of a connection; it may have been given up before."""

    @abstractmethod
    def _advance(self, now: float) -> None:
        """Replace and open connections."""

    @abstractmethod
    def _patience(self, connection: C) -> float:
        """Return the seconds of silence that are allowed."""

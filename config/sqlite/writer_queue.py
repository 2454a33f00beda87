"""The queue of those who want to write to one SQLite database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Final

from django.db.utils import OperationalError

from config.sqlite.fair_lock import FairLock
from config.sqlite.turnstile import Turnstile

PATIENCE: Final = 20.0  # seconds; longer no client of ours waits (static/js/client.js)

_queues: Final[dict[str, WriterQueue]] = {}
_guard: Final = threading.Lock()


def queue_of(name: str) -> WriterQueue:
    """Return the queue of the database in this file, the same in all threads."""
    with _guard:
        return _queues.get(name) or _queues.setdefault(name, WriterQueue(name))


class WriterQueue:
    """One writer of this process at a time, in the order of asking; other processes in between."""

    def __init__(self, name: str) -> None:
        self._threads = FairLock()
        in_memory = name.startswith((":memory:", "file:"))
        self._turnstile = None if in_memory else Turnstile(name)

    def join(self) -> None:
        """Wait for the turn of this thread. Raises OperationalError if it does not come."""
        if not self._threads.acquire(PATIENCE):
            raise OperationalError(f"database is locked: no turn to write in {PATIENCE:.0f} s")

    def leave(self) -> None:
        """Let the next thread write; the caller has joined, and has written."""
        self._threads.release()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask SQLite for its lock, no other process meanwhile; the caller has joined."""
        with self._turnstile.passage() if self._turnstile else nullcontext():
            yield

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the turn for one statement."""
        self.join()
        try:
            with self.asking():
                yield
        finally:
            self.leave()

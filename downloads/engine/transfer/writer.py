"""The thread of one transfer that writes the bytes that the reactor has read.

So the reactor never waits for a disk: one that is slow, or hangs, delays its own transfer alone;
and if it is fast, reading and decrypting continue meanwhile on another core.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from downloads.engine.transfer.block import Block
from downloads.engine.transfer.work_clock import WorkClock

BLOCKS = 2  # one is filled while the other is written


class WriteJob(Protocol):
    """One write."""

    def run(self) -> None:
        """Do the write. Raises nothing."""

    def drop(self) -> None:
        """Drop the write, because the transfer is over."""


class Writer:
    """A writer that does its jobs one after the other, on a thread of its own. Thread-safe.

    Use it as a context: at its end, queued jobs are dropped, and a job under way, perhaps for ever,
    is not waited for.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._jobs: queue.SimpleQueue[WriteJob | None] = queue.SimpleQueue()
        self._idle: list[Block] = []
        self._made = 0
        self._waiting: deque[Callable[[], None]] = deque()
        self._is_running = False
        self._is_closed = False
        self.work = WorkClock(clock)

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._is_closed = True
            self._jobs.put(None)
            idle, self._idle = self._idle, []
        for block in idle:
            block.close()

    def take(self, waiter: Callable[[], None]) -> Block | None:
        """Return a block, None if all are on their way: ``waiter`` is called once one has come
        back."""
        with self._lock:
            if self._idle:
                return self._idle.pop()
            if self._made < BLOCKS:
                self._made += 1
                return Block()
            self._waiting.append(waiter)
            return None

    def give_back(self, block: Block) -> None:
        block.clear()
        with self._lock:
            if self._is_closed:
                block.close()
            else:
                self._idle.append(block)
            waiter = self._waiting.popleft() if self._waiting else None
        if waiter is not None:
            waiter()

    def leave(self, waiter: Callable[[], None]) -> None:
        """Remove a waiter; if its turn had come, the next one gets it."""
        with self._lock:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            following = self._waiting.popleft() if self._waiting and self._idle else None
        if following is not None:
            following()

    def submit(self, job: WriteJob) -> None:
        with self._lock:
            accepted = not self._is_closed
            if accepted:
                self._jobs.put(job)
                self._start()
        if not accepted:
            job.drop()

    def _start(self) -> None:
        if not self._is_running:
            self._is_running = True
            threading.Thread(target=self._run, name="transfer-writer", daemon=True).start()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            if self._is_closed:
                job.drop()
            else:
                self.work.begin()
                job.run()
                self.work.end()

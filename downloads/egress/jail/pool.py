"""Warm workers, so that nobody waits for an interpreter to start."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from downloads.egress.jail.worker import JailedWorker


class WarmPool:
    """Keeps ``size`` idle workers; each is replaced after ``uses`` requests. Thread-safe.

    From the first ``warm()`` on they are ready before somebody asks; without it, as for a command
    that is over soon, one is made when it is asked for. There is no queue: where none is idle, one more is made, and the surplus ends when it is
    given back. How many run at once is up to the callers.
    """

    def __init__(self, make: Callable[[], JailedWorker], *, size: int = 1, uses: int = 50) -> None:
        self._make = make
        self._size = size
        self._uses = uses
        self._lock = threading.Lock()
        self._idle: list[JailedWorker] = []
        self._warm = False
        self._filling = False
        self._closed = False

    def warm(self) -> None:
        """Make what is missing, now and whenever it is; in a thread: the caller does not wait."""
        self._warm = True
        self._refill()

    def _refill(self) -> None:
        with self._lock:
            if not self._warm or self._filling or self._closed:
                return
            self._filling = True
        threading.Thread(target=self._fill, name="warm-pool", daemon=True).start()

    @contextmanager
    def worker(self, *, private: bool = False) -> Iterator[JailedWorker]:
        """A worker for one or more requests; do not close it.

        ``private``: what it is handed is one user's (cookies): it has served nobody before, and
        will serve nobody after. Raises what ``make`` raises.
        """
        taken = self._take(fresh=private) or self._make()
        self._refill()
        try:
            yield taken
        except BaseException:
            self._give_back(taken, keep=not private)
            raise
        self._give_back(taken, keep=not private)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.close()

    def _take(self, *, fresh: bool) -> JailedWorker | None:
        dead: list[JailedWorker] = []
        found = None
        with self._lock:
            for worker in [*self._idle]:
                if not worker.alive:
                    dead.append(worker)
                elif not (fresh and worker.uses):
                    found = worker
                    break
            gone = {*dead, found}
            self._idle = [worker for worker in self._idle if worker not in gone]
        for worker in dead:
            worker.close()
        return found

    def _give_back(self, worker: JailedWorker, *, keep: bool) -> None:
        with self._lock:
            keep = keep and not self._closed and worker.alive and worker.uses < self._uses
            if keep:
                self._idle.insert(0, worker)
            surplus = [self._idle.pop()] if len(self._idle) > self._size else []
        for ended in surplus if keep else [*surplus, worker]:
            ended.close()
        self._refill()

    def _fill(self) -> None:
        try:
            while self._is_short():
                self._keep(self._make())
        finally:
            with self._lock:
                self._filling = False

    def _is_short(self) -> bool:
        with self._lock:
            return len(self._idle) < self._size and not self._closed

    def _keep(self, worker: JailedWorker) -> None:
        with self._lock:
            keep = len(self._idle) < self._size and not self._closed
            if keep:
                self._idle.append(worker)
        if not keep:
            worker.close()

"""A pool of warm workers, started before they are needed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import InternalError
from downloads.engine.sandbox.worker import JailedWorker

PATIENCE: Final = 60.0  # seconds
_SURPLUS: Final = 4
_SLICE: Final = 0.1  # seconds between two checks of the stop token


class WarmPool:
    """A pool that keeps ``size`` workers, idle or busy; each is replaced after ``uses`` requests.

    After the first ``warm()`` they are ready before a request comes; without it, as in a command
    that is over soon, one is made on request. If none is idle, one more is made, and the surplus
    ends when it is given back; but at most ``most`` are busy at once: further callers wait, up to
    ``patience`` seconds. Thread-safe.
    """

    def __init__(
        self,
        make: Callable[[], JailedWorker],
        *,
        size: int = 1,
        uses: int = 50,
        most: int | None = None,
        patience: float = PATIENCE,
    ) -> None:
        """``most`` defaults to ``size`` plus four."""
        self._make = make
        self._turns = threading.Semaphore(size + _SURPLUS if most is None else most)
        self._patience = patience
        self._size = size
        self._uses = uses
        self._lock = threading.Lock()
        self._idle: list[JailedWorker] = []
        self._taken: list[JailedWorker] = []  # those that will come back
        self._warm = False
        self._filling = False
        self._closed = False

    def warm(self) -> None:
        """Keep the pool full from now on, in a thread: the caller does not wait."""
        self._warm = True
        self._refill()

    def prepare(self) -> None:
        """Start one worker while the caller does something else; it is not replaced."""
        self._keep(self._make())

    @contextmanager
    def worker(
        self, *, private: bool = False, stop: StopToken | None = None
    ) -> Iterator[JailedWorker]:
        """Lend a worker for one or more requests; neither close it nor request another meanwhile.

        ``private``: the requests carry one user's data (cookies), so the worker has served no other
        user before and serves none after. Raises InternalError if all are busy for too long,
        Stopped, and what ``make`` raises.
        """
        self._await_turn(stop)
        try:
            with self._lent(private=private) as lent:
                yield lent
        finally:
            self._turns.release()

    def _await_turn(self, stop: StopToken | None) -> None:
        deadline = time.monotonic() + self._patience
        while not self._turns.acquire(timeout=_SLICE):
            if stop is not None:
                stop.check()
                stop.beat()  # others make progress, and this wait is bounded
            if time.monotonic() >= deadline:
                raise InternalError(
                    f"no jailed worker was free within {self._patience:.0f} s",
                    message="The server is busy with other links. Retry later.",
                )

    @contextmanager
    def _lent(self, *, private: bool) -> Iterator[JailedWorker]:
        taken = self._take(fresh=private) or self._make()
        if not private:
            with self._lock:
                self._taken.append(taken)
        self._refill()
        try:
            yield taken
        finally:
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
            for worker in sorted(self._idle, key=self._is_worn):
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
        ended = []
        with self._lock:
            if keep:
                self._taken.remove(worker)
            if keep and not self._closed and worker.alive and self._is_of_use(worker):
                self._idle.insert(0, worker)
            else:
                ended.append(worker)
            if len(self._idle) > self._size:
                ended.append(max(reversed(self._idle), key=self._is_worn))
                self._idle.remove(ended[-1])
        for each in ended:
            each.close()
        self._refill()

    def _is_worn(self, worker: JailedWorker) -> bool:
        return worker.uses >= self._uses

    def _is_of_use(self, worker: JailedWorker) -> bool:
        """Return if ``worker`` may be kept: a worn one too, until its successor is there."""
        return not self._is_worn(worker) or (
            self._warm and not self._is_complete and worker.uses < 2 * self._uses
        )

    @property
    def _is_complete(self) -> bool:
        """Return if the pool is full."""
        # Busy ones count: else each request would start one more, to be ended after it.
        here = [*self._idle, *self._taken]
        return sum(not self._is_worn(worker) for worker in here) >= self._size

    # --- filling --------------------------------------------------------------------------

    def _refill(self) -> None:
        with self._lock:
            if not self._warm or self._filling or self._closed or self._is_complete:
                return
            self._filling = True
        threading.Thread(target=self._fill, name="warm-pool", daemon=True).start()

    def _fill(self) -> None:
        try:
            while self._is_short():
                self._keep(self._make())
        finally:
            with self._lock:
                self._filling = False

    def _is_short(self) -> bool:
        with self._lock:
            return not self._is_complete and not self._closed

    def _keep(self, worker: JailedWorker) -> None:
        with self._lock:
            keep = not self._is_complete and not self._closed
            if keep:
                ended = [idle for idle in self._idle if self._is_worn(idle)]
                self._idle = [*(idle for idle in self._idle if idle not in ended), worker]
            else:
                ended = [worker]
        for each in ended:
            each.close()

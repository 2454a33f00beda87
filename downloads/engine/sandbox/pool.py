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
_SURPLUS: Final = 5
_SLICE: Final = 0.1  # seconds between two checks of the stop token


class WarmPool:
    """A pool that keeps one unused worker ready, and ``size`` used ones for the users they served.

    A worker serves one user's requests, at most ``uses`` of them, and no other user's after: what
    one user's link did to it must not reach another's. After the first ``warm()`` the unused one is
    ready before a request comes, until ``rest()``; without it, as in a command that is over soon,
    workers are made on request. At most ``most`` are busy at once: further callers wait, up to
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
        """``most`` defaults to ``size`` plus five."""
        self._make = make
        self._turns = threading.Semaphore(size + _SURPLUS if most is None else most)
        self._patience = patience
        self._size = size
        self._uses = uses
        self._lock = threading.Lock()
        self._idle: list[JailedWorker] = []  # those used last come first
        self._warm = False
        self._filling = False
        self._closed = False
        self._generation = 0
        self._used_at = time.monotonic()

    def warm(self) -> None:
        """Keep an unused one ready from now on; a thread makes it: the caller does not wait."""
        with self._lock:
            self._warm, self._used_at = True, time.monotonic()
        self._refill()

    def rest(self, after: float) -> None:
        """End the idle ones, until the next ``warm()``, if nothing was asked of the pool for
        ``after`` seconds."""
        with self._lock:
            if time.monotonic() - self._used_at < after:
                return
            self._warm = False
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.close()

    def prepare(self) -> None:
        """Start one worker while the caller does something else; it is not replaced."""
        self._keep(self._make(), self._generation)

    @contextmanager
    def worker(
        self, *, user: str = "", private: bool = False, stop: StopToken | None = None
    ) -> Iterator[JailedWorker]:
        """Lend a worker for one or more requests; neither close it nor request another meanwhile.

        ``user``: on whose behalf; ``private``: the requests carry secrets (cookies), so the worker
        is an unused one and serves nothing after. Raises InternalError if all are busy for too
        long, Stopped, and what ``make`` raises.
        """
        self._await_turn(stop)
        try:
            with self._lent(user, private=private) as lent:
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
    def _lent(self, user: str, *, private: bool) -> Iterator[JailedWorker]:
        generation, self._used_at = self._generation, time.monotonic()
        taken = self._take(user, fresh=private) or self._make()
        taken.user = user
        self._refill()
        try:
            yield taken
        finally:
            self._give_back(taken, generation, keep=not private)

    def renew(self) -> None:
        """End the idle workers, and each busy one after its caller's use: ``make`` makes others
        now. What is under way is not disturbed."""
        with self._lock:
            self._generation += 1
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.close()
        self._refill()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.close()

    def _take(self, user: str, *, fresh: bool) -> JailedWorker | None:
        """Take one that has served this user alone, or an unused one."""
        dead: list[JailedWorker] = []
        found = None
        with self._lock:
            for worker in sorted(self._idle, key=_is_unused):
                if not (_is_unused(worker) or (worker.user == user and not fresh)):
                    continue
                if worker.alive:
                    found = worker
                    break
                dead.append(worker)
            gone = {*dead, found}
            self._idle = [worker for worker in self._idle if worker not in gone]
        for worker in dead:
            worker.close()
        return found

    def _give_back(self, worker: JailedWorker, generation: int, *, keep: bool) -> None:
        with self._lock:
            keep = keep and generation == self._generation and not self._closed
            keep = keep and worker.alive and worker.uses < self._uses
            ended = self._add(worker) if keep else [worker]
        for each in ended:
            each.close()
        self._refill()

    def _add(self, worker: JailedWorker) -> list[JailedWorker]:
        """Add it to the idle ones, under the lock. Return those that are too many now."""
        idle = [worker, *self._idle]
        used = [each for each in idle if not _is_unused(each)]
        unused = [each for each in idle if _is_unused(each)]
        self._idle = used[: self._size] + unused[:1]
        return used[self._size :] + unused[1:]

    # --- filling --------------------------------------------------------------------------

    def _refill(self) -> None:
        with self._lock:
            if not self._warm or self._filling or not self._is_short:
                return
            self._filling = True
        threading.Thread(target=self._fill, name="warm-pool", daemon=True).start()

    def _fill(self) -> None:
        try:
            while True:
                with self._lock:
                    if not self._is_short:
                        return
                    generation = self._generation
                self._keep(self._make(), generation)
        finally:
            with self._lock:
                self._filling = False

    @property
    def _is_short(self) -> bool:
        return not self._closed and not any(map(_is_unused, self._idle))

    def _keep(self, worker: JailedWorker, generation: int) -> None:
        with self._lock:
            # One that was being made while the pool was renewed may be of the old kind.
            unwanted = self._closed or generation != self._generation
            ended = [worker] if unwanted else self._add(worker)
        for each in ended:
            each.close()


def _is_unused(worker: JailedWorker) -> bool:
    return not worker.uses

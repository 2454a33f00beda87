"""Threads without threads: the engine's own, run one at a time in an order that a seed decides.

Every lock, wait and write is a place where another thread may come first, so that races which a
real machine shows once in a million runs are met in hundreds. Time is a number that moves only
here. The classes below stand in for those of ``threading`` and ``queue``, by their names.
"""

from __future__ import annotations

import queue
import random
from collections import deque
from collections.abc import Callable
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

PREEMPTED = 0.3  # how often a thread loses its turn where it might
LAGS = 0.02  # how often it gets it back only after long


class Deadlock(AssertionError):
    """A deadlock: every thread waits for ever."""


class Endless(AssertionError):
    """It does not come to an end."""


class Task:
    def __init__(self, work: Callable[[], None]) -> None:
        self.work = work
        self.is_over = False
        self.ready: Callable[[], bool] | None = None
        self.due: float | None = None
        self.greenlet = greenlet(self._run)

    def _run(self) -> None:
        try:
            self.work()
        finally:
            self.is_over = True


class Scheduler:
    """Runs one process from its start to its end, or to its death after ``lifetime`` turns."""

    def __init__(self, chance: random.Random, now: float = 0.0) -> None:
        self.chance = chance
        self.now = now
        self.turns = 0
        self.is_dead = False
        self._tasks: list[Task] = []
        self._running: Task | None = None
        self._timers: list[float] = []

    def clock(self) -> float:
        return self.now

    def run(self, work: Callable[[], None], lifetime: int | None, most: int = 60_000) -> bool:
        """False where it was killed. What ``work`` raises comes out."""
        main = self.spawn(work)
        while not main.is_over:
            self.turns += 1
            if self.turns == lifetime:
                self._kill()
                return False
            if self.turns > most:
                self._kill()
                raise Endless(f"after {most} turns")
            self._step()
        self._kill()  # daemon threads end with their process
        return True

    def spawn(self, work: Callable[[], None]) -> Task:
        task = Task(work)
        self._tasks.append(task)
        return task

    def wait(self, ready: Callable[[], bool] | None, timeout: float | None) -> bool:
        """Let others run until it is so, or the time has passed. Returns whether it is so."""
        task = self._running
        if task is not None:
            self._check_alive()
            task.ready, task.due = ready, None if timeout is None else self.now + timeout
            task.greenlet.parent.switch()
            self._check_alive()
        return ready is None or ready()

    def pause(self) -> None:
        """Let another thread come first here."""
        if self._running is not None:
            self._check_alive()
            number = self.chance.random()
            if number < LAGS:
                self.sleep(self.chance.random() * 0.4)
            elif number < PREEMPTED:
                self.wait(None, None)

    def sleep(self, seconds: float) -> None:
        self.wait(lambda: False, seconds)

    def wake_at(self, moment: float) -> None:
        """Something will have changed by then."""
        self._timers.append(moment)

    def _step(self) -> None:
        able = [task for task in self._tasks if self._is_able(task)]
        if not able:
            self._go_on_to_the_next_moment()
            return
        task = self._running = self.chance.choice(able)
        self.now += self.chance.random() * 0.002
        task.greenlet.parent = getcurrent()
        try:
            task.greenlet.switch()
        finally:
            self._running = None
        if task.is_over:
            self._tasks.remove(task)

    def _is_able(self, task: Task) -> bool:
        due = task.due is not None and task.due <= self.now
        waits_for_nothing = task.ready is None and task.due is None
        return due or waits_for_nothing or (task.ready is not None and task.ready())

    def _go_on_to_the_next_moment(self) -> None:
        moments = [task.due for task in self._tasks if task.due is not None]
        self._timers = [moment for moment in self._timers if moment > self.now]
        if not moments and not self._timers:
            raise Deadlock(f"{len(self._tasks)} threads wait")
        self.now = min(moments + self._timers)

    def _kill(self) -> None:
        self.is_dead = True
        for task in self._tasks:
            if task.greenlet and not task.is_over:
                self._running = task
                task.greenlet.parent = getcurrent()
                task.greenlet.throw(GreenletExit)
        self._running = None

    def _check_alive(self) -> None:
        """A dead process does nothing more, in no ``finally`` either."""
        if self.is_dead:
            raise GreenletExit


class Threading:
    """Stands in for the module, in the modules of the engine."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    def Thread(  # noqa: N802
        self, *, target: Callable[..., None], args: tuple[Any, ...] = (), name: str, daemon: bool
    ) -> Thread:
        return Thread(self._scheduler, lambda: target(*args))

    def Lock(self) -> Lock:  # noqa: N802
        return Lock(self._scheduler)

    def Event(self) -> Event:  # noqa: N802
        return Event(self._scheduler)


class Thread:
    def __init__(self, scheduler: Scheduler, work: Callable[[], None]) -> None:
        self._scheduler = scheduler
        self._work = work
        self._task: Task | None = None

    def start(self) -> None:
        self._task = self._scheduler.spawn(self._work)
        self._scheduler.pause()

    def is_alive(self) -> bool:
        return self._task is not None and not self._task.is_over

    def join(self, timeout: float | None = None) -> None:
        self._scheduler.wait(lambda: not self.is_alive(), timeout)


class Lock:
    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._held = False

    def __enter__(self) -> None:
        self._scheduler.pause()
        if self._held:
            self._scheduler.wait(lambda: not self._held, None)
        self._held = True

    def __exit__(self, *error: object) -> None:
        self._held = False


class Event:
    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._flag = False

    def set(self) -> None:
        self._flag = True

    def is_set(self) -> bool:
        return self._flag

    def wait(self, timeout: float | None = None) -> bool:
        return self._flag or self._scheduler.wait(self.is_set, timeout)


class Queue:
    """Stands in for the module."""

    Empty = queue.Empty

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    def SimpleQueue(self) -> SimpleQueue:  # noqa: N802
        return SimpleQueue(self._scheduler)


class SimpleQueue:
    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._items: deque[Any] = deque()

    def put(self, item: Any) -> None:
        self._items.append(item)
        self._scheduler.pause()

    def empty(self) -> bool:
        return not self._items

    def get(self, timeout: float | None = None) -> Any:
        if not self._scheduler.wait(lambda: bool(self._items), timeout):
            raise queue.Empty
        return self._items.popleft()

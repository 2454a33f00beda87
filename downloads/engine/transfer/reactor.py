"""The reactor: one thread that drains the sockets of all transfers of a process.

A thread for each connection would fight over the interpreter's lock, over TLS most of all. Here
each readable socket gets one turn in a round, so that none starves. The reactor only reads: a
thread of each transfer writes (``writer``), so that no disk delays the others.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import logging
import os
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import Protocol

from downloads.engine.transfer.work_clock import WorkClock

_log = logging.getLogger(__name__)

WAIT = 0.0  # until the socket is readable
AGAIN = -1.0  # more is available already
DONE = -2.0  # drop it
PARKED = -3.0  # until it is resumed


class Drain(Protocol):
    """A socket and the handler of its bytes."""

    @property
    def sock(self) -> socket.socket: ...

    def turn(self) -> float:
        """Read the available bytes, without waiting. Return WAIT, AGAIN, DONE, PARKED, or the
        seconds after which to come back (throttled: not even watched until then)."""

    def closed(self, error: Exception | None) -> None:
        """Close the socket, which the reactor has released. ``error`` is that of ``turn``, if
        any."""


class _Command(Enum):
    ADD = 1
    RESUME = 2
    DROP = 3


class Reactor:
    """The thread that drains sockets. ``work``: the time that it does not wait for one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._inbox: deque[tuple[Drain, _Command]] = deque()
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._wake_reader.setblocking(False)
        self._wake_writer.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._wake_reader, selectors.EVENT_READ, None)
        self._held: set[Drain] = set()
        self._watched: set[Drain] = set()
        self._again: deque[Drain] = deque()
        self._later: list[tuple[float, int, Drain]] = []
        self._ticket = itertools.count()
        self.work = WorkClock(clock)

    def add(self, drain: Drain) -> None:
        """Take over a non-blocking socket. Any thread."""
        self._post(drain, _Command.ADD)

    def resume(self, drain: Drain) -> None:
        """Give a ``PARKED`` drain turns again; ignored if it has ended. Any thread."""
        self._post(drain, _Command.RESUME)

    def drop(self, drain: Drain) -> None:
        """Release a drain; ``closed`` is called from the reactor's thread. Any thread."""
        self._post(drain, _Command.DROP)

    def _post(self, drain: Drain, command: _Command) -> None:
        with self._lock:
            self._inbox.append((drain, command))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="reactor", daemon=True)
                self._thread.start()
        try:
            self._wake_writer.send(b"\0")
        except BlockingIOError:
            return  # the pipe is full of wake-ups already

    def _run(self) -> None:
        while True:
            self.work.end()
            ready = self._select()
            self._read_inbox()
            for drain in ready:
                if drain in self._held:
                    self._take_turn(drain)

    def _select(self) -> list[Drain]:
        """Return the drains that get a turn in this round, each once."""
        ready: dict[Drain, None] = dict.fromkeys(self._again)
        self._again.clear()
        readable = self._selector.select(self._timeout(bool(ready)))
        self.work.begin()
        for key, _ in readable:
            if key.data is None:
                self._empty_pipe()
            else:
                ready[key.data] = None
        now = self._clock()
        while self._later and self._later[0][0] <= now:
            ready[heapq.heappop(self._later)[2]] = None
        return list(ready)

    def _timeout(self, at_hand: bool) -> float | None:
        if at_hand:
            return 0.0
        return max(0.0, self._later[0][0] - self._clock()) if self._later else None

    def _empty_pipe(self) -> None:
        with contextlib.suppress(BlockingIOError):
            # a whole buffer of wake-ups may not be all of them; the selector says so
            self._wake_reader.recv(4096)

    def _read_inbox(self) -> None:
        while self._inbox:
            drain, command = self._inbox.popleft()
            if command is _Command.ADD:
                self._held.add(drain)
                self._again.append(drain)
            elif drain not in self._held:
                continue
            elif command is _Command.RESUME:
                self._again.append(drain)
            else:
                self._release(drain)

    def _take_turn(self, drain: Drain) -> None:
        try:
            self._place(drain, drain.turn())
        except Exception as error:  # noqa: BLE001
            # An error in one transfer's turn concerns that transfer alone, which gets it.
            self._release(drain, error)

    def _place(self, drain: Drain, verdict: float) -> None:
        if verdict == DONE:
            self._release(drain)
        elif verdict == WAIT:
            self._watch(drain)
        elif verdict == AGAIN:
            self._again.append(drain)
        elif verdict == PARKED:
            self._unwatch(drain)
        else:
            self._unwatch(drain)
            due = self._clock() + verdict
            heapq.heappush(self._later, (due, next(self._ticket), drain))

    def _watch(self, drain: Drain) -> None:
        if drain not in self._watched:
            self._selector.register(drain.sock, selectors.EVENT_READ, drain)
            self._watched.add(drain)

    def _unwatch(self, drain: Drain) -> None:
        if drain in self._watched:
            self._watched.discard(drain)
            try:
                self._selector.unregister(drain.sock)
            except (KeyError, ValueError):
                _log.warning("drain's socket closed from outside")

    def _release(self, drain: Drain, error: Exception | None = None) -> None:
        self._unwatch(drain)
        self._held.discard(drain)
        try:
            drain.closed(error)
        except Exception:  # noqa: BLE001
            # As above: the other transfers must not suffer.
            _log.exception("drain not closed: unexpected")


_shared: Reactor | None = None
_shared_lock = threading.Lock()


def shared_reactor() -> Reactor:
    """Return the process's one reactor, made on first use."""
    global _shared
    with _shared_lock:
        if _shared is None:
            _shared = Reactor()
        return _shared


def _forget_after_fork() -> None:
    """Replace the reactor in a forked child: its thread does not live on there."""
    global _shared, _shared_lock
    _shared, _shared_lock = None, threading.Lock()


os.register_at_fork(after_in_child=_forget_after_fork)

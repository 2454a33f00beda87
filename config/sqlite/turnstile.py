"""Courtesy between the processes that write to one SQLite file."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

LOOK_AGAIN: Final = 0.001  # seconds
GIVES_WAY: Final = 0.1  # seconds at most, to processes that wait
WAITS: Final = 2.0  # seconds; the one in front may be frozen


class Turnstile:
    """Two file locks by which a process finds out that another one waits, and lets it go first.

    SQLite gives its lock to the one that looks when it is free. A process whose threads follow
    each other closely is always there first, and another one's heartbeat comes too late. It is for
    fairness alone: who cannot pass goes on without, and SQLite's own lock keeps the writers apart.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._files: tuple[int, int] | None = None
        self._was_last = False

    @contextmanager
    def passage(self) -> Iterator[None]:
        """Keep other processes from asking meanwhile. For one thread of this process at a time."""
        try:
            turn, waiting = self._open()
        except OSError:
            yield
            return
        if self._was_last:
            _give_way(waiting)
        passed = self._was_last = _pass(turn, waiting)
        try:
            yield
        finally:
            if passed:
                fcntl.flock(turn, fcntl.LOCK_UN)

    def _open(self) -> tuple[int, int]:
        if self._files is None:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            turn = os.open(f"{self._path}-turn", flags, 0o600)
            self._files = turn, os.open(f"{self._path}-waiting", flags, 0o600)
        return self._files


def _pass(turn: int, waiting: int) -> bool:
    """Return True with the turn; False if it does not come in time."""
    if _locked(turn, fcntl.LOCK_EX):
        return True
    fcntl.flock(waiting, fcntl.LOCK_SH)  # shared by all who wait; its holder gives way
    try:
        deadline = time.monotonic() + WAITS
        while not _locked(turn, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                return False
            time.sleep(LOOK_AGAIN)
        return True
    finally:
        fcntl.flock(waiting, fcntl.LOCK_UN)


def _give_way(waiting: int) -> None:
    """Return once no other process waits, or has not taken its turn in time."""
    deadline = time.monotonic() + GIVES_WAY
    while not _locked(waiting, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            return
        time.sleep(LOOK_AGAIN)
    fcntl.flock(waiting, fcntl.LOCK_UN)


def _locked(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

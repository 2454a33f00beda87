"""Launcher processes, started on demand or shortly before.

Starting an interpreter takes longer than many a program runs; a caller that knows what comes next
has its launcher prepared meanwhile. A launcher that waits for its spec holds nothing, and ends with
this process: its control socket closes.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from downloads.engine.sandbox import spawner

_PROGRAM = str(Path(__file__).with_name("launcher.py"))


@dataclass(frozen=True, slots=True)
class Launcher:
    """A started launcher. ``control`` takes its spec and returns its reports."""

    control: socket.socket
    process: subprocess.Popen[bytes]

    def dismiss(self) -> None:
        """End a launcher that has no spec yet."""
        self.control.close()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()
        self.process.wait()


class _Reserve:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ready: list[Future[Launcher]] = []

    def fill(self, count: int) -> None:
        with self._lock:
            while len(self._ready) < count:
                self._ready.append(spawner.begin(_start))

    def pop(self) -> Future[Launcher] | None:
        with self._lock:
            return self._ready.pop(0) if self._ready else None


_reserve = _Reserve()


def _forget_after_fork() -> None:
    """Drop the reserve in a forked child: its launchers are the parent's."""
    global _reserve
    _reserve = _Reserve()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)


def prepare(count: int) -> None:
    """Start launchers until ``count`` are ready. Returns at once; failures show in :func:`take`."""
    _reserve.fill(count)


def take() -> Launcher:
    """Return a ready launcher, or start one. Raises OSError if none can be started."""
    while (ready := _reserve.pop()) is not None:
        try:
            launcher = ready.result()
        except OSError:
            continue  # there may be room for one by now
        if launcher.process.poll() is None:
            return launcher
        launcher.dismiss()  # killed from outside
    return spawner.begin(_start).result()


def _start() -> Launcher:
    control, theirs = socket.socketpair()
    try:
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", _PROGRAM, str(theirs.fileno())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                pass_fds=(theirs.fileno(),),
                env={"LANG": "C.UTF-8"},
                cwd="/",
                start_new_session=True,  # in C, between fork and exec
            )
    except BaseException:
        control.close()
        raise
    return Launcher(control, process)

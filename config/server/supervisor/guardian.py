"""The guardian: kills the processes of `up` when `up` itself is killed with -9.

A small process of its own. Each child writes its process id into the pipe before it becomes the
program (so none is ever unknown); `up` writes it with a minus once it is gone. The pipe's end means
that `up` is gone: every group still known is killed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path


class Guardian:
    """The near end of the pipe."""

    def __init__(self) -> None:
        self._process = self._start()

    @staticmethod
    def _start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).resolve())],
            stdin=subprocess.PIPE,
            start_new_session=True,  # out of reach of signals to our group
        )

    @property
    def fileno(self) -> int:
        assert self._process.stdin is not None
        return self._process.stdin.fileno()

    def ensure(self, pids: list[int]) -> None:
        """Start a new one if it died, and send it the processes to guard."""
        if self._process.poll() is None:
            return
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process = self._start()
        for pid in pids:
            self._send(f"{pid}\n")

    def forget(self, pid: int) -> None:
        self._send(f"-{pid}\n")

    def _send(self, text: str) -> None:
        with contextlib.suppress(BrokenPipeError):  # it died: ensure() starts the next one
            os.write(self.fileno, text.encode())

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def guard() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    known: set[int] = set()
    for line in sys.stdin:
        pid = int(line)
        if pid > 0:
            known.add(pid)
        else:
            known.discard(-pid)
    for pid in known:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


if __name__ == "__main__":
    guard()

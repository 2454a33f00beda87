"""The guardian: kills the processes of `up` when `up` itself is killed with -9.

A small process of its own. Each child writes its process id into the pipe before it becomes the
program (so none is ever unknown); `up` writes it with a minus once it is gone. The pipe's end means
that `up` is gone: every group still known is killed.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from typing import Final

# For the shell, whose process takes a twentieth of an interpreter's memory.
_GUARD: Final = """\
trap '' INT TERM HUP
known=
while read -r line; do
    pid=${line#-}
    others=
    for each in $known; do [ "$each" = "$pid" ] || others="$others $each"; done
    known=$others
    [ "$pid" = "$line" ] && known="$known $pid"
done
for pid in $known; do kill -s KILL -- "-$pid"; done 2>/dev/null
"""


class Guardian:
    """The near end of the pipe."""

    def __init__(self) -> None:
        self._process = self._start()

    @staticmethod
    def _start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, "ferry-guardian"],
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

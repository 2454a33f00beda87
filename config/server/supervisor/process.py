"""One supervised process: a session of its own, its output in a pipe."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from config.server.supervisor.backoff import Backoff
from config.server.supervisor.console import Lines

# The shell sends the guardian its process id, then becomes the program (see guardian.py).
_LAUNCH = 'echo "$$" >&0; exec </dev/null; exec '


@dataclass(slots=True)
class Process:
    """A supervised process. ``command`` is for the shell, one simple command: variables in it are
    expanded."""

    name: str
    command: str
    environment: Mapping[str, str]
    folder: str
    restart: bool = True
    last: bool = False  # ended after all others, which may need it until their end
    backoff: Backoff = field(default_factory=Backoff)
    lines: Lines = field(default_factory=Lines)
    start_at: float | None = None  # monotonic seconds; None: running, or not restarted
    started_at: float = 0.0
    child: subprocess.Popen[bytes] | None = None
    exit_status: int | None = None

    def start(self, registry: int) -> None:
        """Start the process. ``registry`` is the descriptor by which the guardian learns of it."""
        self.start_at = None
        self.started_at = time.monotonic()
        self.child = subprocess.Popen(
            ["/bin/sh", "-c", _LAUNCH + self.command],
            stdin=registry,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            env=self.environment,
            start_new_session=True,
        )
        assert self.child.stdout is not None
        os.set_blocking(self.child.stdout.fileno(), False)

    @property
    def due(self) -> bool:
        return self.start_at is not None and self.start_at <= time.monotonic()

    @property
    def alive(self) -> bool:
        return self.child is not None and self.child.poll() is None

    @property
    def output(self) -> int:
        assert self.child is not None
        assert self.child.stdout is not None
        return self.child.stdout.fileno()

    def read(self) -> bytes | None:
        """Return the output so far: empty at the pipe's end, None if there is nothing yet."""
        try:
            return os.read(self.output, 64 * 1024)
        except BlockingIOError:
            return None

    def terminate(self) -> None:
        """Ask the program itself to end; it ends its own children."""
        if self.alive and self.child is not None:
            self.child.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the whole group, also when its leader is gone already."""
        if self.child is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.child.pid, signal.SIGKILL)

    def close(self) -> None:
        """Release a process that has ended; ``exit_status`` stays."""
        assert self.child is not None
        assert self.child.stdout is not None
        self.exit_status = self.child.returncode
        self.child.stdout.close()
        self.child = None

    def describe_end(self) -> str:
        if self.exit_status is not None and self.exit_status < 0:
            return f"was killed by {signal.Signals(-self.exit_status).name}"
        return f"ended with status {self.exit_status}"

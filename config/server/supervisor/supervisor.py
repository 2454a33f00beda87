"""The supervisor: keeps processes alive until it is stopped, in one thread: logs, deaths, signals,
restarts."""

from __future__ import annotations

import contextlib
import selectors
import signal
import socket
import time
from collections.abc import Callable, Mapping
from types import FrameType

from config.server.supervisor.console import Console
from config.server.supervisor.guardian import Guardian
from config.server.supervisor.process import Process

TERM_PATIENCE = 8.5  # seconds from SIGTERM to SIGKILL; a worker's own watchdog ends it at 8
LAST_PATIENCE = 9.3  # seconds from the same moment, for Redis, which is stopped last
_LONGEST_NAP = 60.0  # seconds: signals, deaths and output end a nap
STOP_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
_READS = 64  # reads of a pipe in a row: a chatty process must not starve the others


class Supervisor:
    """A supervisor of processes. Use it as a context manager: leaving it ends every process."""

    def __init__(self, console: Console, environment: Mapping[str, str], folder: str) -> None:
        self.console = console
        self.stopping = False
        self._urgent = False
        self._environment = environment
        self._folder = folder
        self._processes: list[Process] = []
        self._selector = selectors.DefaultSelector()
        self._guardian = Guardian()
        self._wake, self._wakened = socket.socketpair()

    def __enter__(self) -> Supervisor:
        self._wake.setblocking(False)
        self._wakened.setblocking(False)
        self._selector.register(self._wakened, selectors.EVENT_READ)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        for number in STOP_SIGNALS:
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only to wake the loop
        # `up` blocks them while it becomes this process: what came meanwhile arrives now.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_all()
        signal.set_wakeup_fd(-1)
        self._guardian.close()
        self._selector.close()
        self._wake.close()
        self._wakened.close()

    def start(
        self, name: str, command: str, *, restart: bool = True, last: bool = False
    ) -> Process:
        """Start a process. ``command`` is one simple shell command; ``last``: ended after all
        others."""
        process = Process(name, command, self._environment, self._folder, restart, last)
        self._processes.append(process)
        self._launch(process)
        return process

    def run_once(self, name: str, command: str) -> int | None:
        """Run a command to its end. Return its exit status, or None if stopped meanwhile."""
        process = self.start(name, command, restart=False)
        self.wait_until(lambda: process.child is None, None)
        return None if self.stopping else process.exit_status

    def wait_until(self, condition: Callable[[], bool], seconds: float | None) -> bool:
        """Run until the condition holds. Return False if time is up, or it was stopped."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while not self.stopping:
            if condition():
                return True
            if deadline is not None and time.monotonic() >= deadline:
                return False
            self._turn(0.1)
        return False

    def run(self) -> None:
        """Run until SIGINT, SIGTERM or SIGHUP."""
        while not self.stopping:
            self._turn(_LONGEST_NAP)

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        self._urgent = self.stopping  # second signal: do not wait
        self.stopping = True

    def _launch(self, process: Process) -> None:
        self._guardian.ensure([p.child.pid for p in self._processes if p.child is not None])
        process.start(self._guardian.fileno)
        self._selector.register(process.output, selectors.EVENT_READ, process)

    def _turn(self, longest: float) -> None:
        for key, _ in self._selector.select(self._nap(longest)):
            if isinstance(key.data, Process):
                self._copy(key.data)
            else:
                with contextlib.suppress(BlockingIOError):
                    self._wakened.recv(4096)
        for process in self._processes:
            if process.child is not None and not process.alive:
                self._reap(process)
            elif process.due and not self.stopping:
                self._launch(process)

    def _nap(self, longest: float) -> float:
        due = [p.start_at - time.monotonic() for p in self._processes if p.start_at is not None]
        return max(0.0, min([longest, *due]))

    def _copy(self, process: Process) -> None:
        data = process.read()
        if data == b"":  # it closed its output, yet may live on
            self._selector.unregister(process.output)
        for line in process.lines.feed(data or b""):
            self.console.line(process.name, line)

    def _reap(self, process: Process) -> None:
        """Clean up after a process: kill its group, print its last lines, schedule its next
        start."""
        assert process.child is not None
        pid = process.child.pid
        process.kill()  # children that it left would work on beside its successor
        self._print_rest(process)
        process.close()
        self._guardian.forget(pid)
        if process.restart and not self.stopping:
            delay = process.backoff.after(time.monotonic() - process.started_at)
            process.start_at = time.monotonic() + delay
            end = process.describe_end()
            self.console.say(f"{process.name} {end}; restarting in {delay:g} s")

    def _print_rest(self, process: Process) -> None:
        if process.output in self._selector.get_map():
            self._selector.unregister(process.output)
        lines = []
        for _ in range(_READS):
            if not (data := process.read()):
                break
            lines += process.lines.feed(data)
        for line in lines + process.lines.end():
            self.console.line(process.name, line)

    def _stop_all(self) -> None:
        self.stopping = True
        began = time.monotonic()
        self._end([p for p in self._processes if not p.last], began + TERM_PATIENCE)
        self._end([p for p in self._processes if p.last], began + LAST_PATIENCE)

    def _end(self, processes: list[Process], deadline: float) -> None:
        """Send SIGTERM, wait until ``deadline``, then send SIGKILL."""
        for process in processes:
            process.start_at = None
            process.terminate()
        while any(process.child for process in processes) and not self._urgent:
            if time.monotonic() >= deadline:
                break
            self._turn(0.1)
        for process in processes:
            if process.child is not None:
                self.console.say(f"{process.name} did not stop in time, killed")
                process.kill()
                process.child.wait()
                self._reap(process)

"""The real thing for tests: `manage.py up` in a folder of its own, and the processes it has."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType

import psutil

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds for whatever a start may take on a busy machine


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment(data_dir: Path, **variables: str) -> dict[str, str]:
    """Nothing of the caller's settings: an empty folder, no `.env`."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    folder = str(Path(sys.executable).parent)
    kept["PATH"] = os.pathsep.join([folder, kept.get("PATH", os.defpath)])
    return {**kept, "DATA_DIR": str(data_dir), "ENV_FILE": os.devnull, **variables}


class Stack:
    """``with Stack(tmp_path) as stack`` starts everything and waits until the site answers."""

    def __init__(self, data_dir: Path, *, sample: bool = False, **variables: str) -> None:
        self.data_dir = data_dir
        self.port = int(variables.setdefault("PORT", str(free_port())))
        self.url = f"http://127.0.0.1:{self.port}"
        self.lines: list[str] = []
        self._command = [sys.executable, "manage.py", "up"]
        if not sample:  # making it costs seconds of both cores
            self._command.append("--no-sample")
        self._environment = clean_environment(data_dir, **variables)
        self._seen: set[psutil.Process] = set()

    def start(self, until: str = "Ferry is ready") -> Stack:
        self.process = subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.wait_for_line(until)
        return self

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.decode(errors="replace").rstrip("\n"))

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def wait_for_line(self, text: str, *, after: int = 0, seconds: float = PATIENCE) -> None:
        """Wait for a line with this text, among those after so many lines."""
        deadline = time.monotonic() + seconds
        while not any(text in line for line in self.lines[after:]):
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise AssertionError(f"no line with {text!r} in:\n{self.output}")
            time.sleep(0.05)

    def children(self) -> list[psutil.Process]:
        """Every process below `up`, remembered, so that a survivor is found later."""
        found = psutil.Process(self.process.pid).children(recursive=True)
        self._seen.update(found)
        return found

    def child(self, word: str) -> psutil.Process:
        """The first process whose command line has this word: daphne, celery, scheduler, ..."""
        for process in self.children():
            try:
                if any(word in part for part in process.cmdline()):
                    return process
            except psutil.NoSuchProcess:
                continue
        raise AssertionError(f"no process with {word!r} in:\n{self.output}")

    def survivors(self) -> list[psutil.Process]:
        """What `children()` has ever seen and still runs."""
        return [
            process
            for process in self._seen
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        ]

    def stop(self, number: int = signal.SIGINT) -> int:
        """Send the signal, wait for the end; the exit status."""
        if self.process.poll() is None:
            self.children()
            self.process.send_signal(number)
        status = self.process.wait(timeout=30)
        self._reader.join(timeout=5)
        return status

    def __enter__(self) -> Stack:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.stop()
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

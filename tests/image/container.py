"""A container without an engine: namespaces of mounts and processes, the image read-only."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import threading
from pathlib import Path
from types import TracebackType

import psutil

from tests.image.build import Image
from tests.support.stack import until

_MOUNTS = """
set -eu
mount --make-rprivate /
mount --bind {root} {root}
mount -o remount,bind,ro {root}
mount --bind {data} {root}/data
mount --bind {downloads} {root}/downloads
mount -t proc proc {root}/proc
mount -t tmpfs tmpfs {root}/tmp
mount --rbind /dev {root}/dev
exec {command}
"""


class Container:
    """``with Container(image, folder, "web", uid=1000) as web`` runs until the block ends.

    ``folder`` holds what is mounted as /data and /downloads. Its network is this machine's.
    """

    def __init__(self, image: Image, folder: Path, *arguments: str, uid: int, **variables: str):
        self._image = image
        self._variables = {**image.variables, **variables}
        command = [*image.entry, *(arguments or image.command)]
        mounts = _MOUNTS.format(
            root=shlex.quote(str(image.root)),
            data=shlex.quote(str(folder / "data")),
            downloads=shlex.quote(str(folder / "downloads")),
            command=shlex.join(self._inside(command, uid)),
        )
        self._command = ["unshare", "--mount", "--pid", "--fork", "--", "sh", "-c", mounts]
        self._uid = uid
        self.lines: list[str] = []

    def _inside(self, command: list[str], uid: int) -> list[str]:
        variables = [f"{name}={value}" for name, value in self._variables.items()]
        change = ["chroot", f"--userspec={uid}:{uid}", "--groups=", str(self._image.root)]
        return [*change, "env", "-i", "-C", "/app", *variables, *command]

    def __enter__(self) -> Container:
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/"
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self.first.kill()  # with the first process of its namespace, all of them end
        self._process.wait(timeout=10)
        if error is not None:
            print("\n".join(self.lines[-80:]), flush=True)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.decode(errors="replace").rstrip("\n"))

    @property
    def first(self) -> psutil.Process:
        """The process with the number 1 inside."""
        return until(psutil.Process(self._process.pid).children)[0]

    def wait_for_line(self, text: str, seconds: float = 120.0) -> None:
        def there() -> bool:
            assert self._process.poll() is None, "\n".join(self.lines)
            return any(text in line for line in self.lines)

        until(there, seconds)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command inside, as the container's health check is."""
        enter = ["nsenter", "-t", str(self.first.pid), "--mount", "--pid", "--"]
        return subprocess.run(
            [*enter, *self._inside(list(command), self._uid)],
            capture_output=True,
            text=True,
            timeout=60,
            cwd="/",
        )

    def wait(self, seconds: float = 60.0) -> int:
        """Wait for its end; the exit status."""
        status = self._process.wait(timeout=seconds)
        self._reader.join(timeout=5)
        return status

    def stop(self) -> int:
        """End it as an engine does: SIGTERM to its first process, 10 s. Return its status."""
        os.kill(self.first.pid, signal.SIGTERM)
        return self.wait(10.0)

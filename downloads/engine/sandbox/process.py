"""The owner's side of one jailed program: its pipes, its report, and its end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from downloads.engine.sandbox import launchers, paths
from downloads.engine.sandbox.confinement import Confinement, JailFailed, JailFailure
from downloads.engine.sandbox.spec import ExitReport, LaunchSpec

_AT_ONCE = socket.MSG_DONTWAIT | getattr(socket, "MSG_CMSG_CLOEXEC", 0)  # Linux sends descriptors
_EXIT_WAIT = 5.0  # seconds for a launcher to clean up and exit


class JailedProcess:
    """A jailed program; it starts at once. Its pipe ends here are non-blocking.

    ``control`` becomes readable when the program has ended; then ``report()`` says how. ``end()``
    kills it and all that it started; ``kill()`` does too and closes the pipes, so it is for the
    thread that reads them. Both may be called from any thread and repeatedly.
    """

    def __init__(self, argv: Sequence[str | Path], confinement: Confinement) -> None:
        """Start ``argv``, without waiting for it: a failure shows in :meth:`report`.

        Raises FileNotFoundError if the program or the working folder is missing.
        """
        spec = _launch_spec(argv, confinement)
        self._proxy = confinement.proxy
        self._listener: socket.socket | None = None
        launcher = launchers.take()
        self.control, self._launcher = launcher.control, launcher.process
        with suppress(BrokenPipeError, ConnectionResetError):  # just killed: report() says so
            self.control.sendall(spec.to_line())
        self._pipes = [
            pipe
            for pipe in (self._launcher.stdin, self._launcher.stdout, self._launcher.stderr)
            if pipe is not None
        ]
        self.stdin, self.stdout, self.stderr = (pipe.fileno() for pipe in self._pipes)
        for pipe in self._pipes:
            os.set_blocking(pipe.fileno(), False)
        self._group: int | None = None
        self._ended: ExitReport | None = None
        self._buffer = b""
        self._lock = threading.Lock()
        self._killed = False

    def report(self) -> ExitReport | None:
        """Return the outcome of the program, None while it runs. Never waits.

        Raises JailFailed (SETUP) if it could not be confined or started.
        """
        with self._lock:
            if not self._killed:
                self._listen()
            return self._ended

    def _listen(self) -> None:
        try:
            while self._ended is None:
                # Not recv_fds(), which ignores its flags.
                block, rights, _, _ = self.control.recvmsg(65536, socket.CMSG_LEN(4), _AT_ONCE)
                for _, _, descriptor in rights:
                    self._accept_from(
                        socket.socket(fileno=int.from_bytes(descriptor, sys.byteorder))
                    )
                self._receive(block)
        except BlockingIOError:
            return
        except ConnectionResetError:
            self._receive(b"")  # it was killed before it had read its spec

    def _accept_from(self, listener: socket.socket) -> None:
        """Have the proxy serve the network of the program's own."""
        if self._proxy is None or self._listener is not None:
            listener.close()
            return
        self._listener = listener
        self._proxy.adopt(listener)

    def _receive(self, block: bytes) -> None:
        if not block:
            self._ended = ExitReport(status=-signal.SIGKILL)  # the launcher itself was killed
        self._buffer += block
        *lines, self._buffer = self._buffer.split(b"\n")
        for line in lines:
            report = ExitReport.from_line(line)
            if report.failure is not None:
                raise JailFailed(JailFailure.SETUP, report.failure)
            if report.group is not None:
                self._group = report.group
            if report.status is not None:
                self._ended = report

    def close_stdin(self) -> None:
        self._pipes[0].close()

    def rouse(self) -> None:
        """Have the launcher watch closely from now on: the program gets something to do."""
        with self._lock, suppress(OSError):  # it has ended: report() says so
            if not self._killed:
                self.control.sendall(b"\n")

    def end(self) -> None:
        """Kill the program and all that it started; :meth:`report` says when they are gone."""
        with self._lock, suppress(OSError):
            if not self._killed:
                self.control.shutdown(socket.SHUT_WR)  # the launcher sees end of file

    def kill(self) -> None:
        """Kill the program, all that it started and its launcher; free their descriptors here."""
        with self._lock:
            if self._killed:
                return
            self._killed = True
            with suppress(JailFailed):  # a failed start no longer matters
                self._listen()
            self.control.close()  # as in end(); the launcher reaps what it killed
            try:
                orderly = self._launcher.wait(_EXIT_WAIT) == 0
            except subprocess.TimeoutExpired:
                orderly = False
                self._launcher.kill()
                self._launcher.wait()
            if not orderly and self._group is not None:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._group, signal.SIGKILL)
            for pipe in self._pipes:
                pipe.close()
            if self._proxy is not None and self._listener is not None:
                self._proxy.dismiss(self._listener)

    @property
    def cpu_seconds(self) -> float:
        """Return the processor time of the program itself; 0 before it begins and after it ends."""
        if self._group is None:
            return 0.0
        import psutil  # costs 15 ms at start, as in egress.local_addresses

        try:
            used = psutil.Process(self._group).cpu_times()
        except psutil.Error:
            return 0.0
        return float(used.user + used.system)

    @property
    def launcher(self) -> int:
        """Return the launcher's process number."""
        return self._launcher.pid


def _launch_spec(argv: Sequence[str | Path], confinement: Confinement) -> LaunchSpec:
    executable = paths.program(str(argv[0]))
    own_folder = confinement.work_dir.resolve(strict=True)
    return LaunchSpec(
        argv=[str(executable), *map(str, argv[1:])],
        environment=_environment(own_folder, confinement),
        owner=os.getpid(),
        own_folder=str(own_folder),
        read=paths.readable(confinement.read_paths),
        run=paths.runnable((executable, *confinement.executables)),
        devices=list(paths.DEVICES),
        proxy_port=None if confinement.proxy is None else confinement.proxy.port,
        socket_pairs=confinement.proxy is not None or confinement.socket_pairs,
        address_space=confinement.memory_bytes,
        resident=confinement.resident_bytes,
        cpu_seconds=confinement.cpu_seconds,
        file_size=confinement.file_bytes,
        disk=confinement.disk_bytes,
        open_files=confinement.open_files,
        processes=confinement.processes,
        threads=confinement.threads,
        niceness=confinement.niceness,
    )


def _environment(own_folder: Path, confinement: Confinement) -> dict[str, str]:
    """Return the program's environment, with nothing of the owner's: secrets live there."""
    folders = [str(program.parent) for program in confinement.executables]
    return {
        "PATH": os.pathsep.join([*folders, "/usr/bin", "/bin"]),
        "LANG": "C.UTF-8",
        "HOME": str(own_folder),
        "TMPDIR": str(own_folder),
        "MALLOC_ARENA_MAX": "1",  # else each thread may take 64 MiB of the address space
        **dict(confinement.environment),
    }

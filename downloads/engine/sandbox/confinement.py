"""The limits of one jailed program, its result, and its failures."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from downloads.engine.core.errors import InternalError

if TYPE_CHECKING:
    from downloads.engine.egress.proxy import EgressProxy

MIB = 1024 * 1024
_THREADS = 128  # for each process: V8 and ffmpeg start a few for each core


@dataclass(frozen=True, slots=True)
class Confinement:
    """The rights of one jailed program; nothing else is allowed. Sizes are in bytes.

    ``work_dir`` is the only writable folder (no links, pipes or devices); it is HOME and TMPDIR
    too. ``read_paths`` come on top of what an interpreter needs (its library, system libraries,
    certificates). Only the program itself and ``executables`` may be run. ``proxy``: the one
    place that may be connected to; None: no sockets. ``socket_pairs`` allows socketpair() even
    then; event loops (asyncio, deno) wake themselves with one. ``memory_bytes`` is the address
    space of each process (not for deno, which reserves more than it uses); ``resident_bytes`` the
    memory of all of them together, checked ten times a second. ``cpu_seconds`` and ``file_bytes``
    hold for each process and each file; all files together may take twice ``file_bytes`` (ffmpeg
    writes one beside the other), checked as often. ``processes``: 1 forbids forking.
    ``niceness``: as in nice(2); the web process and the transfers go before background work.
    """

    work_dir: Path
    proxy: EgressProxy | None = None
    socket_pairs: bool = False
    memory_bytes: int | None = 1024 * MIB
    resident_bytes: int | None = None
    cpu_seconds: int = 60
    file_bytes: int = 64 * MIB
    open_files: int = 256
    processes: int = 1
    niceness: int = 5
    read_paths: tuple[Path, ...] = ()
    executables: tuple[Path, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()

    @property
    def disk_bytes(self) -> int:
        """Return what all files that it writes may take together."""
        return 2 * self.file_bytes

    @property
    def threads(self) -> int:
        """Return the most threads of all its processes together."""
        return _THREADS * self.processes


@dataclass(frozen=True, slots=True)
class ProgramResult:
    """The outcome of a program that ran once.

    ``status`` is the exit code, or minus the signal that ended it. ``stdout`` is empty if it went
    to a callback; ``stderr`` is its end. ``limit`` is the one that it broke, if any.
    """

    status: int
    stdout: bytes
    stderr: str
    limit: str | None = None


class JailFailure(StrEnum):
    """A way in which a jailed program failed its owner."""

    SETUP = "setup"  # it could not be started, or not confined
    TIMEOUT = "timeout"
    CPU = "cpu"  # more processor time than the request may take
    DIED = "died"
    MEMORY = "memory"
    PROCESSES = "processes"
    DISK = "disk"
    TOO_LONG = "too long"  # of an answer or the output
    GARBAGE = "garbage"  # not a valid answer
    RAISED = "raised"  # our own code inside it raised; it lives on


class JailFailed(InternalError):
    """The program misbehaved and was killed; ``failure`` is the kind. Callers may reword it."""

    def __init__(self, failure: JailFailure, detail: str = "") -> None:
        self.failure = failure
        super().__init__(f"jail: {failure.value}: {detail}" if detail else f"jail: {failure.value}")

"""What one jailed program may use, how it ended, and how it can fail its owner."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from downloads.engine.core.errors import InternalError

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Confinement:
    """Nothing is allowed but this. Sizes are in bytes.

    ``work_dir`` is the only folder that can be written to (no links, pipes or devices); it is
    HOME and TMPDIR too. ``read_paths`` come on top of what an interpreter needs (its library,
    system libraries, certificates). Only the program itself and ``executables`` can be run.
    ``proxy_port``: the one TCP port on which a connection can be made; None: no socket at all,
    but for ``socket_pairs``, which event loops wake themselves with (asyncio, deno).
    ``memory_bytes`` is the address space of each process (not for deno, which reserves more
    than it uses); ``resident_bytes`` the memory of all of them together, looked at ten times a
    second. ``cpu_seconds`` and ``file_bytes`` are for each process and each file.
    ``processes``: 1 means that it cannot fork. ``niceness``: how far it stands back for others;
    the web process and the transfers go before what nobody waits for.
    """

    work_dir: Path
    proxy_port: int | None = None
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
    def network(self) -> bool:
        return self.proxy_port is not None


@dataclass(frozen=True, slots=True)
class ProgramResult:
    """``status`` is the exit code, or minus the signal that ended it. ``stdout`` is empty where
    it went to a callback; ``stderr`` is its end. ``limit`` is the one that it broke, if any."""

    status: int
    stdout: bytes
    stderr: str
    limit: str | None = None


class JailFailure(StrEnum):
    """How a jailed program failed its owner."""

    SETUP = "setup"  # it could not be started, or not confined
    TIMEOUT = "timeout"
    CPU = "cpu"  # it computed for longer than what it was asked is worth
    DIED = "died"
    MEMORY = "memory"
    PROCESSES = "processes"
    TOO_LONG = "too long"  # an answer, or an output
    GARBAGE = "garbage"  # an answer that is none
    RAISED = "raised"  # our own code inside it raised; it lives on


class JailFailed(InternalError):
    """The program misbehaved and was ended. ``failure`` says how; callers may say it better."""

    def __init__(self, failure: JailFailure, detail: str = "") -> None:
        self.failure = failure
        super().__init__(f"jail: {failure.value}: {detail}" if detail else f"jail: {failure.value}")

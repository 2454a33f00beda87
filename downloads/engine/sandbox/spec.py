"""What the launcher is told, and what it tells: one JSON line each way over the control socket."""

from __future__ import annotations

import json
from typing import NamedTuple


class LaunchSpec(NamedTuple):
    """One program to confine. Every path is absolute; sizes are in bytes. See Confinement."""

    argv: list[str]
    environment: dict[str, str]
    owner: int  # the process that asks
    own_folder: str
    read: list[str]
    run: list[str]
    devices: list[str]
    proxy_port: int | None
    socket_pairs: bool
    address_space: int | None
    resident: int | None
    cpu_seconds: int
    file_size: int
    open_files: int
    processes: int
    niceness: int

    def to_line(self) -> bytes:
        return json.dumps(self._asdict()).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> LaunchSpec:
        return cls(**json.loads(line))


class ExitReport(NamedTuple):
    """First ``group`` (the program runs) or ``failure`` (it could not be confined or started).

    Then, once, ``status``: its exit code, or minus the signal that ended it; ``limit`` is
    "memory" or "processes" where the launcher ended it for that.
    """

    group: int | None = None
    failure: str | None = None
    status: int | None = None
    limit: str | None = None

    def to_line(self) -> bytes:
        return json.dumps(self._asdict()).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> ExitReport:
        return cls(**json.loads(line))

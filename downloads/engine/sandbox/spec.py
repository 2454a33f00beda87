"""Messages of the launcher's control socket: one JSON line each way."""

from __future__ import annotations

import json
from typing import NamedTuple


class LaunchSpec(NamedTuple):
    """One program to confine. Every path is absolute; sizes are in bytes. See Confinement."""

    argv: list[str]
    environment: dict[str, str]
    owner: int  # the process number of the owner
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
    disk: int
    open_files: int
    processes: int
    threads: int
    niceness: int

    def to_line(self) -> bytes:
        return json.dumps(self._asdict()).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> LaunchSpec:
        return cls(**json.loads(line))


class ExitReport(NamedTuple):
    """A report of the launcher: of the start, then once of the end.

    The first has ``group`` (the program runs) or ``failure`` (it could not be confined or started).
    The second has ``status``: the exit code, or minus the signal that ended it; ``limit`` is
    "memory", "processes" or "disk" if the launcher ended it for that. Before both comes ``listens``
    with the descriptor of the program's way out, if it has a network of its own.
    """

    listens: bool = False
    group: int | None = None
    failure: str | None = None
    status: int | None = None
    limit: str | None = None

    def to_line(self) -> bytes:
        return json.dumps(self._asdict()).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> ExitReport:
        return cls(**json.loads(line))

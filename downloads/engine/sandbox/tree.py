"""The number of processes of a jail, and the memory that they hold together."""

# No pathlib: the launcher, which imports this, has no time for it.
# ruff: noqa: PTH123, PTH208

from __future__ import annotations

import os
import signal
import sys
from typing import NamedTuple

_PAGE = os.sysconf("SC_PAGE_SIZE")


class Usage(NamedTuple):
    """The current use of one jail."""

    processes: int
    resident: int  # bytes; pages that are shared count for each


def descendants(pid: int, most: int) -> list[int]:
    """Return the children of ``pid``, and theirs; stop once there are more than ``most``.

    Complete if ``pid`` is their subreaper, for orphans come to it. Linux only.
    """
    found: list[int] = []
    ahead = [pid]
    while ahead and len(found) <= most:
        children = _children(ahead.pop())
        found += children
        ahead += children
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                found += map(int, file.read().split())
    except OSError:  # it ended meanwhile
        pass
    return found


def usage(launcher: int, group: int, most: int) -> Usage:
    """Return the use of the jail under ``launcher``, whose process group is ``group``."""
    if sys.platform != "linux":
        return _usage_by_ps(group)
    pids = descendants(launcher, most)
    return Usage(len(pids), sum(map(_resident, pids)) if len(pids) <= most else 0)


def _resident(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm") as file:
            return int(file.read().split()[1]) * _PAGE
    except OSError:
        return 0


def _usage_by_ps(group: int) -> Usage:
    rows = [line.split() for line in _ps("-axo", "pgid=,rss=").splitlines()]
    kib = [int(rss) for pgid, rss in rows if int(pgid) == group]
    return Usage(len(kib), sum(kib) * 1024)


def alive(pid: int) -> bool:
    """Return if ``pid`` runs; False too if it has ended and is not reaped yet."""
    state = _ps("-o", "stat=", "-p", str(pid)).strip()
    return bool(state) and not state.startswith("Z")


def kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _ps(*options: str) -> str:
    """Return the output of ps(1): macOS has no /proc."""
    import subprocess  # doubles the start-up time

    listed = subprocess.run(["/bin/ps", *options], capture_output=True, text=True, check=False)
    return listed.stdout

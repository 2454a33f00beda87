"""The processes of a jail, and the memory and disk that they hold together."""

# No pathlib: the launcher, which imports this, has no time for it.
# ruff: noqa: PTH116, PTH118, PTH123, PTH208

from __future__ import annotations

import os
import signal
import stat
import sys
from collections.abc import Sequence
from typing import NamedTuple

_MOST_FILES = 10_000
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Usage(NamedTuple):
    """The current use of one jail."""

    pids: Sequence[int]
    threads: int
    resident: int  # bytes; pages that are shared count for each
    ticks: int = 0  # processor time, in the kernel's unit; 0 on macOS

    @property
    def processes(self) -> int:
        return len(self.pids)


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
    if len(pids) > most:
        return Usage(pids, 0, 0)
    threads, pages, ticks = (sum(each) for each in zip((0, 0, 0), *map(_status, pids), strict=True))
    return Usage(pids, threads, pages * _PAGE, ticks)


def _status(pid: int) -> tuple[int, int, int]:
    """Return the threads, resident pages and ticks of one process; see proc_pid_stat(5)."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:  # it ended meanwhile
        return 0, 0, 0
    return int(fields[17]), int(fields[21]), int(fields[11]) + int(fields[12])


def written(folder: str, pids: Sequence[int]) -> int:
    """Return the bytes on disk of all files in ``folder``, and of those that these processes hold
    open though their names are gone. More than ``_MOST_FILES`` count as no end of bytes."""
    found: dict[tuple[int, int], int] = {}
    ahead = [folder]
    while ahead:
        try:
            with os.scandir(ahead.pop()) as entries:
                for entry in entries:
                    state = entry.stat(follow_symlinks=False)
                    found[state.st_dev, state.st_ino] = state.st_blocks * 512
                    if stat.S_ISDIR(state.st_mode):
                        ahead.append(entry.path)
                    if len(found) > _MOST_FILES:
                        return sys.maxsize
        except OSError:  # it is just being removed
            continue
    for pid in pids if sys.platform == "linux" else ():
        found |= _unnamed(pid)
    return sum(found.values())


def _unnamed(pid: int) -> dict[tuple[int, int], int]:
    found = {}
    try:
        for number in os.listdir(f"/proc/{pid}/fd"):
            state = os.stat(f"/proc/{pid}/fd/{number}")
            if stat.S_ISREG(state.st_mode) and state.st_nlink == 0:
                found[state.st_dev, state.st_ino] = state.st_blocks * 512
    except OSError:  # it ended, or closed it, meanwhile
        pass
    return found


def take_over(folder: str) -> None:
    """Make all files in ``folder`` this user's own: where Ferry runs as root, the jailed program
    was another user."""
    if os.geteuid() != 0:
        return
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = os.path.join(parent, name)
            if os.lstat(path).st_uid != 0:
                os.lchown(path, 0, os.getegid())


def _usage_by_ps(group: int) -> Usage:
    rows = [line.split() for line in _ps("-axo", "pgid=,pid=,rss=").splitlines()]
    mine = [(int(pid), int(rss)) for pgid, pid, rss in rows if int(pgid) == group]
    return Usage([pid for pid, _ in mine], 0, sum(rss for _, rss in mine) * 1024)


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

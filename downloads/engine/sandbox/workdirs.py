"""Working folders for the jailed, below one folder of this process.

A process that is killed cannot tidy up: later ones sweep. A folder is in use while its lock is
held, which the kernel releases when the process ends (systemd-tmpfiles respects such locks too).
"""

from __future__ import annotations

import atexit
import fcntl
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "ferry-jail-"

_mine: tuple[int, Path] | None = None  # with its process number: a fork has its own
_lock = threading.Lock()


def new(name: str) -> Path:
    """Create an empty folder for one program; the caller removes it."""
    return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=own()))


def sweep() -> int:
    """Remove the folders of processes that are gone. Return their number."""
    return sum(_remove(left) for left in _all())


def abandoned() -> list[Path]:
    """Return the folders of processes that are gone."""
    found = []
    for folder in _all():
        with _abandoned(folder) as is_abandoned:
            if is_abandoned:
                found.append(folder)
    return found


def _all() -> Iterator[Path]:
    return Path(tempfile.gettempdir()).glob(f"{_PREFIX}*")


def own() -> Path:
    """Return this process's folder in the system's temporary one; removed when it ends."""
    global _mine
    with _lock:
        if _mine is None or _mine[0] != os.getpid() or not _mine[1].is_dir():
            if _mine is None:
                atexit.register(remove)
            _mine = (os.getpid(), _make())
        return _mine[1]


def remove() -> None:
    """Remove this process's folder; a program that still works in it ends with the process."""
    if _mine is not None and _mine[0] == os.getpid():
        shutil.rmtree(_mine[1], ignore_errors=True)


def _make() -> Path:
    while True:
        made = Path(tempfile.mkdtemp(prefix=_PREFIX))
        descriptor = os.open(made, os.O_RDONLY | os.O_DIRECTORY)  # open, and locked, to the end
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if made.exists():  # else another process swept it before it was locked
            return made
        os.close(descriptor)


def _remove(folder: Path) -> bool:
    with _abandoned(folder) as abandoned:
        if abandoned:
            shutil.rmtree(folder, ignore_errors=True)
        return abandoned


@contextmanager
def _abandoned(folder: Path) -> Iterator[bool]:
    """Yield if the folder is this user's and unused; none can take it while the block runs."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:  # another user's, or gone
        yield False
        return
    try:
        yield os.fstat(descriptor).st_uid == os.geteuid() and _is_free(descriptor)
    finally:
        os.close(descriptor)


def _is_free(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

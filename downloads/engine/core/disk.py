"""File system calls that the standard library lacks or leaves in several steps."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from downloads.engine.core.errors import DiskFull, StorageUnavailable

if TYPE_CHECKING:
    from downloads.engine.core.cancellation import StopToken

COPY_STEP = 16 * 1024 * 1024
FICLONE = 0x40049409  # linux/fs.h
TMPFS = 0x01021994  # linux/magic.h

# EFBIG: the file system's or the process's limit for one file; more space helps.
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_BEAT = 0.5  # seconds between two beats
_SYNC_BASE = 10.0  # seconds that any sync may take
_SLOWEST = 10e6  # bytes per second of a disk that still works
_UNSUPPORTED = {errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.EXDEV, errno.ENOTTY}


@contextlib.contextmanager
def disk_errors() -> Iterator[None]:
    """Turn OSError into DiskFull or StorageUnavailable."""
    try:
        yield
    except OSError as error:
        kind = DiskFull if error.errno in _FULL else StorageUnavailable
        raise kind(f"{errno.errorcode.get(error.errno or 0, 'OSError')}: {error}") from error


def write_all(fd: int, offset: int, data: memoryview) -> None:
    """Write all of ``data`` at ``offset``: a nearly full disk takes part of it before ENOSPC."""
    while data:
        count = os.pwrite(fd, data, offset)
        offset += count
        data = data[count:]


def sync_data(fd: int) -> None:
    """Call fdatasync, or its like; on macOS fsync alone leaves the drive's cache unflushed."""
    if sys.platform == "darwin":
        fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
    else:
        os.fdatasync(fd)


def sync_directory(directory: Path) -> None:
    """Make a rename or an unlink in it durable."""
    fd = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def sync_and_move(made: Path, final: Path, stop: StopToken) -> None:
    """Sync ``made``, then move it to ``final`` on the same file system.

    Raises DiskFull, StorageUnavailable, Stopped.
    """
    with disk_errors():
        # A jailed process may have made a link to elsewhere.
        descriptor = os.open(made, os.O_RDONLY | os.O_NOFOLLOW)
        try:
            _sync(descriptor, stop)
        finally:
            os.close(descriptor)
        stop.check()
        made.replace(final)
        sync_directory(final.parent)


def _sync(descriptor: int, stop: StopToken) -> None:
    """Sync a large file, which may take a minute; a disk that hangs must cost the lease."""
    from concurrent.futures import ThreadPoolExecutor, wait

    deadline = time.monotonic() + _SYNC_BASE + os.fstat(descriptor).st_size / _SLOWEST
    with ThreadPoolExecutor(1, thread_name_prefix="sync") as thread:
        synced = thread.submit(sync_data, descriptor)
        while not wait([synced], timeout=_BEAT).done:
            if time.monotonic() < deadline:
                stop.beat()
        synced.result()


def replace_json(path: Path, data: Mapping[str, Any]) -> None:
    """Write ``data`` to ``path``, durably; a crash leaves the old file or the new one.

    Raises DiskFull, StorageUnavailable.
    """
    fresh = path.with_name(path.name + ".new")
    with disk_errors():
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(data, file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)


def remove(path: Path) -> None:
    """Remove the file if it is there. Raises StorageUnavailable."""
    with disk_errors():
        path.unlink(missing_ok=True)


def reserve(fd: int, size: int) -> None:
    """Make the file ``size`` bytes long with its blocks allocated, so that ENOSPC comes now."""
    # fallocate(2) itself: glibc's posix_fallocate falls back to writing into every block, which
    # takes minutes on a network file system. tmpfs would allocate page by page, most of the work
    # of writing them: there the free space is checked instead.
    if size and sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if _is_memory(libc, fd):
            _check_space(fd, size)
        else:
            _allocate(libc, fd, size)
    os.ftruncate(fd, size)


def _allocate(libc: ctypes.CDLL, fd: int, size: int) -> None:
    libc.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]
    if libc.fallocate(fd, 0, 0, size) != 0 and ctypes.get_errno() not in _UNSUPPORTED:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def _is_memory(libc: ctypes.CDLL, fd: int) -> bool:
    """Return if the file lies on tmpfs, by statfs(2), whose structure begins with the type."""
    facts = ctypes.create_string_buffer(256)
    libc.fstatfs.argtypes = [ctypes.c_int, ctypes.c_char_p]
    return libc.fstatfs(fd, facts) == 0 and (
        int.from_bytes(facts.raw[: ctypes.sizeof(ctypes.c_long)], sys.byteorder) == TMPFS
    )


def _check_space(fd: int, size: int) -> None:
    space = os.fstatvfs(fd)
    missing = size - os.fstat(fd).st_blocks * 512  # stat(2): of 512 bytes, whatever st_blksize
    if missing > space.f_bavail * space.f_frsize and space.f_blocks:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def clone(source: int, target: int) -> bool:
    """Share the source's blocks (copy on write). Return False if the file system cannot."""
    if sys.platform != "linux":
        return False
    try:
        fcntl.ioctl(target, FICLONE, source)
    except OSError as error:
        if error.errno in _UNSUPPORTED:
            return False
        raise
    return True


def copy_range(source: int, target: int, start: int, end: int, tick: Callable[[], None]) -> None:
    """Copy ``[start, end)`` to the same offset; ``tick`` is called before each step."""
    position = start
    while position < end:
        tick()
        count = _copy_step(source, target, position, min(COPY_STEP, end - position))
        if count == 0:
            raise OSError(errno.EIO, "the part is shorter than its checkpoint says")
        position += count


def _copy_step(source: int, target: int, offset: int, count: int) -> int:
    if sys.platform == "linux":
        try:
            return os.copy_file_range(source, target, count, offset, offset)
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
    data = os.pread(source, min(count, 1024 * 1024), offset)
    write_all(target, offset, memoryview(data))
    return len(data)

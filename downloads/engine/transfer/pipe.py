"""Pipes that take bytes from a plain socket into a file.

The kernel passes pages from one to the other and copies them once, into the file; through a
buffer of this process it would be twice. That is up to a third of the processor time of a fast
download.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import sys
import threading

from downloads.engine.core import disk

_COUNT = 2
_EACH = 1024 * 1024  # Linux's limit for a process without privileges
SIZE = _COUNT * _EACH

# Of a process: half of what Linux lets the pipes of one user hold by default (64 MiB). Beyond it
# it gives all their other programs pipes of two pages.
MOST_OPEN = 16
_left = threading.BoundedSemaphore(MOST_OPEN)

# A pipe takes 256 pieces of memory, which are less than a page each behind a network card: one
# that has got so little of its size was not full, and nothing is left for the next.
_LITTLE = _EACH // 4

# The errors of a file system whose files cannot be spliced into.
_UNSUPPORTED = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP}


class _Pipe:
    __slots__ = ("held", "reader", "writer")

    def __init__(self) -> None:
        """Raises OSError if the system has none of this size for this user."""
        self.held = 0
        self.reader, self.writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            fcntl.fcntl(self.writer, fcntl.F_SETPIPE_SZ, _EACH)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        os.close(self.reader)
        os.close(self.writer)


class Pipes:
    """Pipes for ``SIZE`` bytes, one after the other. Used by one thread at a time: filled, then
    emptied."""

    def __init__(self) -> None:
        self._pipes: list[_Pipe] = []

    @classmethod
    def open(cls) -> Pipes | None:
        """Return open pipes; None if there are enough, or the system has none that are large
        enough for this user."""
        if sys.platform != "linux" or not _left.acquire(blocking=False):
            return None
        opened = cls()
        try:
            for _ in range(_COUNT):
                opened._pipes.append(_Pipe())
        except OSError:
            opened.close()
            return None
        return opened

    @property
    def are_empty(self) -> bool:
        return not any(pipe.held for pipe in self._pipes)

    def fill(self, sock: socket.socket, most: int) -> int:
        """Take the bytes that have come, up to ``most``. Return their count, 0 at the end.

        Never waits. Raises OSError: BlockingIOError if none have come.
        """
        filled = 0
        for pipe in self._pipes:
            try:
                pipe.held = os.splice(sock.fileno(), pipe.writer, most - filled, flags=_NO_WAIT)
            except OSError:
                if filled:
                    break  # what has come is passed on first
                raise
            filled += pipe.held
            if pipe.held < _LITTLE or filled == most:
                break
        return filled

    def write_to(self, fd: int, offset: int, length: int) -> None:
        """Write the first ``length`` bytes to the file at ``offset``. Raises OSError."""
        for pipe in self._pipes:
            while pipe.held and length:
                count = _write(pipe, fd, offset, min(pipe.held, length))
                pipe.held -= count
                offset += count
                length -= count

    def close(self) -> None:
        """Close all, once."""
        for pipe in self._pipes:
            pipe.close()
        self._pipes.clear()
        _left.release()


_NO_WAIT = getattr(os, "SPLICE_F_NONBLOCK", 0)


def _write(pipe: _Pipe, fd: int, offset: int, length: int) -> int:
    try:
        return os.splice(pipe.reader, fd, length, offset_dst=offset)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
    data = os.read(pipe.reader, length)
    disk.write_all(fd, offset, memoryview(data))
    return len(data)

"""From a socket into a file without a visit to this process: splice(2), on Linux.

Half the copies and none of Python's buffers: what the network stack holds is handed to the file
system. Bytes that TLS or chunks wrap cannot go this way.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import sys

SIZE = 1024 * 1024
_MOVE, _NONBLOCK = 1, 2  # linux/splice.h


def kernel_pipe() -> KernelPipe | None:
    """None where the system has no splice, or forbids it as some sandboxes do."""
    if sys.platform != "linux":
        return None
    pipe = KernelPipe()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.send(b"\0")
        try:
            pipe.fill(ours.fileno(), 1)
            pipe.empty()
        except OSError:
            pipe.close()
            return None
    return pipe


class KernelPipe:
    """Used by one thread. Empty between two turns; after an error, ``empty`` it."""

    def __init__(self) -> None:
        self._out, self._in = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._held = 0
        try:
            fcntl.fcntl(self._in, fcntl.F_SETPIPE_SZ, SIZE)
        except OSError:
            return  # the user's pipes hold much already: a small one does as well

    def fill(self, sock: int, most: int) -> tuple[int, bool]:
        """Take up to ``most`` bytes that are there; how many, and whether the socket has ended."""
        taken = 0
        while taken < most:
            try:
                count = os.splice(sock, self._in, most - taken, flags=_MOVE | _NONBLOCK)
            except BlockingIOError:  # nothing more is there, or the pipe is full
                return taken, False
            except OSError:
                if taken == 0:
                    raise
                return taken, True  # what came before the reset is good
            if count == 0:
                return taken, True
            taken += count
            self._held += count
        return taken, False

    def pour(self, fd: int, offset: int, count: int) -> None:
        """Write ``count`` of the bytes held at ``offset``. Raises OSError."""
        while count:
            try:
                moved = os.splice(self._out, fd, count, offset_dst=offset, flags=_MOVE)
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise
                moved = self._copy(fd, offset, count)
            else:
                self._held -= moved
            offset += moved
            count -= moved

    def empty(self) -> None:
        """Throw away what is held."""
        while self._held:
            self._held -= len(os.read(self._out, self._held))

    def _copy(self, fd: int, offset: int, count: int) -> int:
        """A file system without splice: through this process after all."""
        block = memoryview(os.read(self._out, count))
        self._held -= len(block)  # whatever comes of it: they are in the pipe no more
        written = 0
        while written < len(block):
            written += os.pwrite(fd, block[written:], offset + written)
        return written

    def close(self) -> None:
        os.close(self._in)
        os.close(self._out)

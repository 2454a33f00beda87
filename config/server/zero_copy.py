"""Files that the kernel sends by itself, from its cache to the socket: sendfile(2).

ASGI names this "Zero Copy Send" (its extension ``http.response.zerocopysend``). A thread calls it,
since a page that is not in the cache is read from the disk first, which may hang; the event loop
only waits until a slow client takes more. So a client costs no memory, and while it reads nothing
no thread.
"""

from __future__ import annotations

import asyncio
import errno
import os
import select
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Protocol

from twisted.internet.tcp import Connection

from downloads.delivery.streaming import Truncated

EXTENSION: Final = "http.response.zerocopysend"

AT_ONCE: Final = 8 * 1024 * 1024  # bytes: one call ends at the latest then
TURN: Final = 0.1  # seconds of a thread in a row for one client, so that the others have theirs
LINGERS: Final = 5  # milliseconds that a thread waits for a client that reads quickly

_UNSUPPORTED: Final = {errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSOCK}
_COPIED: Final = 256 * 1024  # bytes, where a file system has no sendfile

_threads: Final = ThreadPoolExecutor(8, thread_name_prefix="sendfile")


class Outlet(Protocol):
    """A way to wait for the client of a transport."""

    async def drained(self) -> None:
        """Wait until all that was written is out, or the connection is lost."""

    async def writable(self) -> None:
        """Wait until the socket takes more, or the connection is lost."""


def is_possible(transport: object) -> bool:
    """Return if the kernel can send to this transport: plain TCP, or a Unix socket."""
    return isinstance(transport, Connection) and not transport.TLS


async def send_file(transport: Any, outlet: Outlet, file: int, start: int, count: int) -> None:
    """Send ``count`` bytes of the file with this descriptor, from ``start``, after what was written
    before; end early if the connection is lost. Raises OSError of the disk, and Truncated."""
    await outlet.drained()
    end = start + count
    while start < end and transport.connected:
        # A descriptor of its own: the reactor closes the connection's when it likes, and its number
        # may be another connection's at once.
        turn = _Turn(os.dup(transport.fileno()), file, start, end)
        working = asyncio.get_running_loop().run_in_executor(_threads, turn.run)
        try:
            start = await asyncio.shield(working)
        except asyncio.CancelledError:
            await asyncio.wait([working])  # the caller closes the file
            raise
        except (ConnectionError, TimeoutError):
            transport.abortConnection()  # the error was told to us instead of the reactor
            return
        if start < end and transport.connected and not turn.is_over:
            await outlet.writable()


class _Turn:
    """A while in which one client is sent to. ``is_over``: the time was up, not the client slow."""

    def __init__(self, to: int, file: int, start: int, end: int) -> None:
        self._to = to
        self._file = file
        self._position = start
        self._end = end
        self.is_over = False

    def run(self) -> int:
        """Return the position up to which all is sent. In a thread."""
        deadline = time.monotonic() + TURN
        try:
            while self._position < self._end and not self.is_over:
                try:
                    self._position += self._send()
                except BlockingIOError:
                    if not _takes_more(self._to):
                        break
                self.is_over = time.monotonic() > deadline
            return self._position
        finally:
            os.close(self._to)

    def _send(self) -> int:
        most = min(self._end - self._position, AT_ONCE)
        try:
            sent = os.sendfile(self._to, self._file, self._position, most)
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
            block = os.pread(self._file, min(most, _COPIED), self._position)
            sent = os.write(self._to, block) if block else 0
        if not sent:
            raise Truncated(f"the file ends at byte {self._position} of {self._end}")
        return sent


def _takes_more(descriptor: int) -> bool:
    waiting = select.poll()
    waiting.register(descriptor, select.POLLOUT)
    return bool(waiting.poll(LINGERS))

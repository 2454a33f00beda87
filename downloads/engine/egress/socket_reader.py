"""A buffered reader of a socket, bounded in time and memory."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Final

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import Stalled

SLICE: Final = 0.1  # seconds between two checks of the stop token
BUFFER: Final = 16 * 1024


class SocketReader:
    """A buffered reader with a deadline and a stop token.

    A socket's timeout bounds each ``recv`` alone, so a source that drips its head would block for
    ever. All that reads raises Stalled, Stopped, OSError.
    """

    def __init__(
        self,
        sock: socket.socket,
        stop: StopToken | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.sock = sock
        self._stop = stop
        self._clock = clock
        self._deadline = clock()
        self._buffer = b""
        self._at = 0
        sock.settimeout(SLICE)

    def arm(self, seconds: float) -> None:
        """Set the deadline for what is read next, in ``seconds`` from now."""
        self._deadline = self._clock() + seconds

    @property
    def has_bytes(self) -> bool:
        return self._at < len(self._buffer)

    def has_lines(self, count: int) -> bool:
        """Return if so many whole lines are buffered."""
        return self._buffer.count(b"\n", self._at) >= count

    def receive(self) -> bytes:
        """Return the next bytes, as many as are available; none at the end."""
        if not self.has_bytes:
            self._fill()
        return self.take()

    def put_back(self, data: bytes) -> None:
        """Put ``data`` in front, to be read next."""
        self._buffer, self._at = data + self.take(), 0

    def take(self) -> bytes:
        """Return what is buffered, and empty the buffer."""
        found, self._buffer, self._at = self._buffer[self._at :], b"", 0
        return found

    def read_into(self, view: memoryview) -> int:
        """Read up to ``len(view)`` bytes into ``view``, after one wait at most. Return their count;
        0 at the end."""
        if not self.has_bytes:
            if len(view) >= BUFFER:
                return self._receive_into(view)
            self._fill()
        count = min(len(view), len(self._buffer) - self._at)
        view[:count] = self._buffer[self._at : self._at + count]
        self._at += count
        return count

    def read_line(self, most: int) -> bytes:
        """Return the bytes to the next LF, included; fewer at the end, or after ``most``."""
        searched = 0
        while (end := self._buffer.find(b"\n", self._at + searched)) < 0:
            searched = len(self._buffer) - self._at
            if searched >= most or not self._fill():
                end = len(self._buffer) - 1
                break
        line = self._buffer[self._at : end + 1][:most]
        self._at += len(line)
        return line

    def _fill(self) -> int:
        """Read more behind what is buffered. Return its count; 0 at the end."""
        room = bytearray(BUFFER)
        count = self._receive_into(memoryview(room))
        self._buffer, self._at = self._buffer[self._at :] + room[:count], 0
        return count

    def _receive_into(self, view: memoryview) -> int:
        while True:
            if self._stop is not None:
                self._stop.check()
            if self._clock() >= self._deadline:
                raise Stalled("nothing useful arrived in time")
            try:
                return self.sock.recv_into(view)
            except TimeoutError:
                # Nothing hangs: this wait has an end, which may lie beyond a lease's.
                if self._stop is not None:
                    self._stop.beat()

"""Reading an answer in bounded time and memory."""

from __future__ import annotations

import http.client
import io
import socket
import time
from collections.abc import Callable

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import BadResponse, Stalled

SLICE = 0.1  # seconds between two looks at the stop token
BUFFER = 16 * 1024


class SocketReader(io.RawIOBase):
    """A socket as a raw stream with a deadline, a stop token and, for headers, a byte budget.

    ``http.client`` has a time limit for each ``recv`` alone, so a source that drips its headers
    or sends ``100 Continue`` for ever would hold us for ever.
    """

    def __init__(
        self,
        sock: socket.socket,
        hold: io.RawIOBase,
        stop: StopToken | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.sock = sock
        self._hold = hold  # keeps the socket open when http.client lets go of it
        self._stop = stop
        self._clock = clock
        self._deadline = clock()
        self._budget: int | None = None
        self._cut = False
        sock.settimeout(SLICE)

    def arm(self, seconds: float, budget: int | None = None) -> None:
        """From now: so many seconds for what is read next, and so many bytes (None: any)."""
        self._deadline = self._clock() + seconds
        self._budget = budget

    def cut(self) -> None:
        """Read nothing more from the socket: what is buffered is all there is."""
        self._cut = True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if self._cut:
            return 0
        while True:
            if self._stop is not None:
                self._stop.check()
            if self._clock() >= self._deadline:
                raise Stalled("nothing useful arrived in time")
            try:
                count = self.sock.recv_into(buffer)
            except TimeoutError:
                continue
            self._spend(count)
            return count

    def _spend(self, count: int) -> None:
        if self._budget is None:
            return
        self._budget -= count
        if self._budget < 0:
            raise BadResponse("headers without end")

    def close(self) -> None:
        self._hold.close()
        super().close()


class BoundedResponse(http.client.HTTPResponse):
    """``http.client``'s parser over a :class:`SocketReader`."""

    def __init__(
        self,
        sock: socket.socket,
        *,
        stop: StopToken | None,
        seconds: float,
        budget: int,
        method: str | None = None,
    ) -> None:
        super().__init__(sock, method=method)
        self.reader = SocketReader(sock, self.fp.detach(), stop)
        self.reader.arm(seconds, budget + BUFFER)  # a read may bring body bytes along
        self.fp = io.BufferedReader(self.reader, BUFFER)

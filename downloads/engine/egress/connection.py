"""HTTP/1.1 over a connection that a guard has opened.

No library is used: those read the whole body of a redirect into memory, hide the socket that the
reactor drains, or take a line without a colon for the end of the head.
"""

from __future__ import annotations

import contextlib
import select
import socket
import time
from typing import Final

from downloads.engine.core.errors import NetworkError, Stalled
from downloads.engine.egress.connect import Guard
from downloads.engine.egress.raw_response import RawResponse, read_answer
from downloads.engine.egress.rules import Upstream
from downloads.engine.egress.socket_reader import SocketReader
from downloads.engine.egress.target import Target
from downloads.engine.egress.tls import TlsSocket
from downloads.engine.egress.upstream import open_through

_SPARE: Final = 64 * 1024  # bytes of the kernel's buffer, for TLS's own


def _acknowledge_at_once(sock: socket.socket) -> None:
    """Turn delayed acknowledgements off for the next answer (TCP_QUICKACK)."""
    # A server that sends head and body apart waits for the acknowledgement of the first (Nagle),
    # which is delayed by 40 ms on a kept-alive connection. Linux resets the option by itself.
    if hasattr(socket, "TCP_QUICKACK"):
        with contextlib.suppress(OSError):  # not TCP, or gone: the read will say so
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


class GuardedConnection:
    """One HTTP/1.1 connection, opened by a :class:`Guard` and by nothing else."""

    def __init__(
        self,
        target: Target,
        guard: Guard,
        *,
        granted: bool = False,
        upstream: Upstream | None = None,
    ) -> None:
        """``upstream``: the proxy to go through, if any; see ``egress.upstream``."""
        self._target = target
        self._guard = guard
        self._granted = granted
        self._sock: socket.socket | None = None
        self.upstream = upstream
        self.address: tuple[str, int] = ("", 0)  # the literal address connected to
        self.answered = 0  # requests that got an answer on it

    @property
    def forwards(self) -> bool:
        """Return if a proxy reads the requests, rather than only carrying them (RFC 9112,
        3.2.2)."""
        return self.upstream is not None and self._target.scheme == "http"

    @property
    def sock(self) -> socket.socket:
        """Return the open socket. Raises NetworkError if there is none."""
        if self._sock is None:
            raise NetworkError("the connection is closed")
        return self._sock

    def connect(self) -> None:
        """Open it. Raises BlockedAddress, NetworkError, Stopped, OSError."""
        target = self._target
        sock = self._open()
        try:
            self.address = sock.getpeername()[:2]
            if target.scheme == "https":
                sock = self._guard.secure(sock, target.host)
        except BaseException:
            sock.close()
            raise
        self._sock = sock

    def _open(self) -> socket.socket:
        target = self._target
        if self.upstream is None:
            return self._guard.open(target.host, target.port, granted=self._granted)
        return open_through(self._guard, self.upstream, target, tunnel=not self.forwards)

    def send(self, request: bytes) -> None:
        """Send a request; the first one opens the connection. Raises as ``connect``."""
        if self._sock is None:
            self.connect()
        self.sock.sendall(request)

    def send_whole(self, request: bytes, until: float) -> None:
        """Connect and send a request with its body, until then on the monotonic clock.

        Raises Stalled, and as ``connect``.
        """
        self.connect()
        # the kernel takes a small body at once, however slowly the other side reads
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, len(request) + _SPARE)
        self.sock.settimeout(max(until - time.monotonic(), 0.001))
        try:
            self.sock.sendall(request)
        except TimeoutError:
            raise Stalled("the request was not taken in time") from None

    def answer(self, seconds: float, most: int) -> RawResponse:
        """Read the answer to the last request: its head within ``seconds`` and ``most`` bytes."""
        _acknowledge_at_once(self.sock)
        reader = SocketReader(self.sock, self._guard.stop)
        reader.arm(seconds)
        return read_answer(reader, most)

    def close(self) -> None:
        if self._sock is not None:
            self._sock.close()

    @property
    def dropped(self) -> bool:
        """Return True if an idle connection has been closed, or has unrequested bytes."""
        sock = self.sock
        if sock.fileno() < 0 or (isinstance(sock, TlsSocket) and sock.pending()):
            return True
        poll = select.poll()
        poll.register(sock, select.POLLIN)
        return bool(poll.poll(0))

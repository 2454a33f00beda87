"""HTTP/1.1 over a connection that a guard has opened.

Built on ``http.client`` rather than ``requests``: that reads the whole body of a redirect into
memory, hides the socket that the reactor drains, and takes as long to import as a short
transfer takes to run.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import select
import socket
from typing import cast

from downloads.engine.egress.body import BoundedResponse
from downloads.engine.egress.connect import Guard
from downloads.engine.egress.rules import Upstream
from downloads.engine.egress.target import Target
from downloads.engine.egress.tls import TlsSocket
from downloads.engine.egress.upstream import open_through


def _acknowledge_at_once(sock: socket.socket) -> None:
    """A server that sends head and body apart waits for our acknowledgement between the two
    (Nagle), which is held back for 40 ms on every kept-alive connection. Linux alone has this,
    and forgets it: it is said for each request."""
    if hasattr(socket, "TCP_QUICKACK"):
        with contextlib.suppress(OSError):  # not TCP, or gone: the read will say so
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


class GuardedConnection(http.client.HTTPConnection):
    """One HTTP/1.1 connection that is opened by a :class:`Guard` and by nothing else."""

    def __init__(
        self,
        target: Target,
        guard: Guard,
        *,
        granted: bool = False,
        upstream: Upstream | None = None,
    ) -> None:
        """``upstream``: the way leads through this proxy; see ``egress.upstream``."""
        super().__init__(target.host, target.port)
        self._target = target
        self._guard = guard
        self._granted = granted
        self.upstream = upstream
        self.address: tuple[str, int] = ("", 0)  # the literal address connected to
        self.answered = 0  # requests that got an answer on it

    @property
    def forwards(self) -> bool:
        """Whether a proxy reads the requests, and not only carries them (RFC 9112, 3.2.2)."""
        return self.upstream is not None and self._target.scheme == "http"

    def connect(self) -> None:
        target = self._target
        sock = self._open()
        try:
            self.address = sock.getpeername()[:2]
            if target.scheme == "https":
                sock = self._guard.secure(sock, target.host)
        except BaseException:
            sock.close()
            raise
        self.sock = sock
        self.answered = 0

    def _open(self) -> socket.socket:
        target = self._target
        if self.upstream is None:
            return self._guard.open(target.host, target.port, granted=self._granted)
        return open_through(self._guard, self.upstream, target, tunnel=not self.forwards)

    def answer(self, seconds: float, budget: int) -> BoundedResponse:
        """The answer to what was sent; its headers within so many seconds and bytes."""
        make = functools.partial(
            BoundedResponse, stop=self._guard.stop, seconds=seconds, budget=budget
        )
        self.response_class = cast(type[http.client.HTTPResponse], make)
        _acknowledge_at_once(self.sock)
        return cast(BoundedResponse, self.getresponse())

    @property
    def dropped(self) -> bool:
        """True where an idle connection has been closed, or sends what nobody asked for."""
        if self.sock is None or (isinstance(self.sock, TlsSocket) and self.sock.pending()):
            return True
        poll = select.poll()
        poll.register(self.sock, select.POLLIN)
        return bool(poll.poll(0))

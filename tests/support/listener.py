"""A server's socket on loopback, a thread for each of its connections, and a clean end."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Iterable
from typing import Self

_RESET = struct.pack("ii", 1, 0)
_recent: deque[int] = deque(maxlen=4096)  # ports that this process has listened on


class Listener:
    """Listens from its construction on; what it says to a connection is ``converse``.

    ``connections``: so far; ``busy``: now, also those that are kept for a next request.
    """

    def __init__(
        self, *, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        self.host = host
        self.tls = tls
        self.connections = 0
        self.closing = threading.Event()
        self.lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = _listen(host, port)
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def busy(self) -> int:
        return len(self._open)

    def url(self, path: str = "/") -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        self.closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join(10)
        self._listener.close()
        self.hang_up()

    def hang_up(self, *, reset: bool = False) -> None:
        """End every connection that is open now; its thread closes it."""
        with self.lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    if reset:
                        reset_at_close(connection)
                    connection.shutdown(socket.SHUT_RDWR)

    def greet(self, connection: socket.socket) -> None:
        """Prepare a connection that has come, before a handshake."""

    def converse(self, connection: socket.socket) -> None:
        """Serve one connection; it is closed afterwards."""
        raise NotImplementedError

    def _accept(self) -> None:
        while not self.closing.is_set():
            if readable([self._listener], 250) and (connection := self._admit()) is not None:
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _admit(self) -> socket.socket | None:
        """Take the next one from the queue: under the lock it is in the queue or among the open."""
        with self.lock, contextlib.suppress(OSError):
            if not self.closing.is_set():
                connection, _ = self._listener.accept()
                connection.setblocking(True)
                self._open.add(connection)
                self.connections += 1
                return connection
        return None

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):  # a client that leaves is no fault of the server
            try:
                self.greet(connection)
                if self.tls is not None:
                    connection = self._secured(connection, self.tls)
                self.converse(connection)
            finally:
                with self.lock:
                    self._open.discard(connection)
                connection.close()

    def _secured(self, plain: socket.socket, tls: ssl.SSLContext) -> ssl.SSLSocket:
        with self.lock:
            secure = tls.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
            self._open.discard(plain)
            self._open.add(secure)
        try:
            secure.do_handshake()
        except OSError:
            with self.lock:
                self._open.discard(secure)
            secure.close()
            raise
        return secure


def readable(sockets: Iterable[socket.socket], milliseconds: int | None) -> bool:
    """Return True if one of them can be read or accepted from, or has ended."""
    poll = select.poll()
    for each in sockets:
        if each.fileno() >= 0:
            poll.register(each, select.POLLIN)
    return bool(poll.poll(milliseconds))


def reset_at_close(connection: socket.socket) -> None:
    """Make the connection's end a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


def _listen(host: str, port: int) -> socket.socket:
    """Listen; on a port of its own choice, where none is given, that none before it had.

    One address is one content: what was kept of an earlier server's is not met again.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    unfit: list[socket.socket] = []
    try:
        while True:
            fit = socket.create_server((host, port), family=family, backlog=512)
            chosen = fit.getsockname()[1]
            if port or chosen not in _recent:
                _recent.append(chosen)
                return fit
            unfit.append(fit)
    finally:
        for each in unfit:
            each.close()

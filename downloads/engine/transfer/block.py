"""Memory that carries bytes from a socket to where they are written."""

from __future__ import annotations

import socket

from downloads.engine.egress.client import DetachedSocket
from downloads.engine.egress.tls import TlsSocket

# Large: the fewer times that the two sides of a fast connection have to wake each other, the
# faster it is, by a quarter from 1 MiB to 4.
SIZE = 4 * 1024 * 1024
DECRYPTED = 1024 * 1024  # what is decrypted should still be in the processor's cache when written


def most_at_once(sock: socket.socket) -> int:
    return DECRYPTED if isinstance(sock, TlsSocket) else SIZE


class Block:
    """Filled by the reactor, emptied by a writer."""

    def __init__(self) -> None:
        self._view = memoryview(bytearray(SIZE))
        self.data = self._view[:0]

    def fill(self, body: DetachedSocket, most: int) -> tuple[int, bool]:
        """How many bytes came, up to ``most``, and whether the connection has ended. Never waits.
        Raises OSError."""
        self.data = self._view[:0]
        try:
            count = body.sock.recv_into(self._view[:most])
        except BlockingIOError:
            return 0, False
        self.data = self._view[:count]
        # a goodbye within TLS is all there is: the connection beneath may stay open
        ended = isinstance(body.sock, TlsSocket) and body.sock.ended
        return count, ended or count == 0

"""Memory blocks that carry bytes from a socket to the writer."""

from __future__ import annotations

import socket

from downloads.engine.egress.client import DetachedSocket
from downloads.engine.egress.tls import TlsSocket

# Large: the less often the two sides of a fast connection wake each other, the faster it is, by a
# quarter from 1 MiB to 4.
SIZE = 4 * 1024 * 1024
DECRYPTED = 1024 * 1024  # decrypted data should still be in the processor's cache when written


def most_at_once(sock: socket.socket) -> int:
    return DECRYPTED if isinstance(sock, TlsSocket) else SIZE


class Block:
    """A block filled by the reactor and emptied by a writer."""

    def __init__(self) -> None:
        self._view = memoryview(bytearray(SIZE))
        self.data = self._view[:0]

    def fill(self, body: DetachedSocket, most: int) -> tuple[int, bool]:
        """Read up to ``most`` bytes. Return their count, and if the connection has ended. Never
        waits. Raises OSError."""
        self.data = self._view[:0]
        try:
            count = body.sock.recv_into(self._view[:most])
        except BlockingIOError:
            return 0, False
        self.data = self._view[:count]
        # A close_notify is the end: the connection beneath may stay open.
        ended = isinstance(body.sock, TlsSocket) and body.sock.ended
        return count, ended or count == 0

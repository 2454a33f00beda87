"""Memory that carries bytes from a socket to where they are written."""

from __future__ import annotations

import socket
import ssl

from downloads.egress.client import DetachedSocket

# Large: the fewer times that the two sides of a fast connection have to wake each other, the
# faster it is, by a quarter from 1 MiB to 4.
SIZE = 4 * 1024 * 1024
DECRYPTED = 1024 * 1024  # what is decrypted should still be in the processor's cache when written


def most_at_once(sock: socket.socket) -> int:
    return DECRYPTED if isinstance(sock, ssl.SSLSocket) else SIZE


class Block:
    """Filled by the reactor, emptied by a writer."""

    def __init__(self) -> None:
        self._view = memoryview(bytearray(SIZE))
        self.data = self._view[:0]

    def fill(self, body: DetachedSocket, most: int) -> tuple[int, bool]:
        """How many bytes came, up to ``most``, and whether the connection has ended. Never waits.
        Raises OSError."""
        read = _read_tls if isinstance(body.sock, ssl.SSLSocket) else _read_plain
        count, ended = read(body.sock, self._view[:most])
        self.data = self._view[:count]
        return count, ended


def _read_plain(sock: socket.socket, view: memoryview) -> tuple[int, bool]:
    try:
        count = sock.recv_into(view)
    except BlockingIOError:
        return 0, False
    return count, count == 0


def _read_tls(sock: socket.socket, view: memoryview) -> tuple[int, bool]:
    """One ``recv_into`` brings one record of 16 KiB: go on until nothing is left, for what
    TLS has decrypted already wakes no selector."""
    filled = 0
    while filled < len(view):
        try:
            count = sock.recv_into(view[filled:])
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return filled, False
        if count == 0:
            return filled, True
        filled += count
    return filled, False

"""Blocks that carry bytes from a socket to the writer, in memory or in pipes."""

from __future__ import annotations

import socket

from downloads.engine.egress.client import DetachedSocket
from downloads.engine.egress.tls import TlsSocket
from downloads.engine.transfer import pipe
from downloads.engine.transfer.pipe import Pipes

# Large: the less often the two sides of a fast connection wake each other, the faster it is, by a
# quarter from 1 MiB to 4.
SIZE = 4 * 1024 * 1024
DECRYPTED = 1024 * 1024  # decrypted data should still be in the processor's cache when written


def most_at_once(sock: socket.socket, by_pipe: bool) -> int:
    if isinstance(sock, TlsSocket):
        return DECRYPTED
    return pipe.SIZE if by_pipe else SIZE


class Block:
    """A block filled by the reactor and emptied by a writer. ``data``: what it carries."""

    def __init__(self) -> None:
        self._memory: memoryview | None = None
        self._pipes: Pipes | None = None
        self._has_no_pipes = False
        self.data: memoryview | Pipes = memoryview(b"")

    def fill(self, body: DetachedSocket, most: int, *, by_pipe: bool) -> tuple[int, bool]:
        """Read up to ``most`` bytes. Return their count, and if the connection has ended. Never
        waits. Raises OSError."""
        opened = self._open_pipes() if by_pipe else None
        try:
            if opened is None:
                count = self._read(body.sock, most)
            else:
                self.data = opened
                count = opened.fill(body.sock, most)
        except BlockingIOError:
            return 0, False
        # A close_notify is the end: the connection beneath may stay open.
        ended = isinstance(body.sock, TlsSocket) and body.sock.ended
        return count, ended or count == 0

    def clear(self) -> None:
        """Drop what it carries. To be called before it is filled again."""
        self.data = memoryview(b"")
        if self._pipes is not None and not self._pipes.are_empty:
            self.close()

    def close(self) -> None:
        """Free the pipes; the next fill makes another."""
        if self._pipes is not None:
            self._pipes.close()
            self._pipes = None

    def _read(self, sock: socket.socket, most: int) -> int:
        if self._memory is None:
            self._memory = memoryview(bytearray(SIZE))
        self.data = self._memory[:0]
        count = sock.recv_into(self._memory[:most])
        self.data = self._memory[:count]
        return count

    def _open_pipes(self) -> Pipes | None:
        if self._pipes is None and not self._has_no_pipes:
            self._pipes = Pipes.open()
            self._has_no_pipes = self._pipes is None
        return self._pipes

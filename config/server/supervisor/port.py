"""A port that is reserved for a server which does not listen on it yet."""

from __future__ import annotations

import socket
import sys

LOOPBACK = "127.0.0.1"


class ReservedPort:
    """A port of loopback, bound without listening: who connects is refused.

    Until ``release()``, Linux does not give it out as any free port, nor to a new connection, while
    a server that names it may listen, as both set SO_REUSEADDR. Elsewhere a bound port is refused
    to every server, so there it is chosen only, and may be lost before the server starts.
    """

    def __init__(self, number: int = 0) -> None:
        """Reserve this port, any free one for 0. Raises OSError if a server listens on it."""
        self._socket = socket.socket()
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind((LOOPBACK, number))
        except OSError:
            self.release()
            raise
        self.number: int = self._socket.getsockname()[1]
        if sys.platform != "linux":
            self.release()

    def release(self) -> None:
        self._socket.close()

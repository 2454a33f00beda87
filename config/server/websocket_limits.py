"""Limits on the memory that a WebSocket's client can make this process hold.

Daphne takes messages of 1 MiB and, when one is longer, drops the connection silently. Here the
limit is 64 KiB, and the close frame says so (1009); a client that floods us with pings and never
reads cannot make us queue its pongs.
"""

from __future__ import annotations

import asyncio
import resource
from typing import Any, Final

from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol

LONGEST_MESSAGE: Final = 64 * 1024  # bytes, of what a client sends
PONG_EVERY: Final = 0.5  # seconds
MOST_FILES: Final = 65_536


def install() -> None:
    """Make daphne use this protocol for every WebSocket, and hold many."""
    WebSocketFactory.protocol = BoundedWebSocket
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class BoundedWebSocket(WebSocketProtocol):
    """A WebSocket with a small limit on messages and on pongs."""

    # autobahn takes these from the factory only if the protocol has none of its own.
    maxMessagePayloadSize = maxFramePayloadSize = LONGEST_MESSAGE  # noqa: N815
    failByDrop = False  # noqa: N815 - the close frame says why

    _ping: bytes | None = None
    _pong_sent = False

    def sendMessage(self, payload: bytes, *args: Any, **options: Any) -> None:  # noqa: N802
        """Send a message, without the limit on incoming ones, which autobahn would apply to it."""
        self.maxMessagePayloadSize = 0
        try:
            super().sendMessage(payload, *args, **options)
        finally:
            self.maxMessagePayloadSize = LONGEST_MESSAGE

    def onPing(self, payload: bytes) -> None:  # noqa: N802
        """Answer the most recent ping (RFC 6455, 5.5.3), and no more often than required."""
        self._ping = payload
        if not self._pong_sent:
            self._answer()

    def _answer(self) -> None:
        payload, self._ping = self._ping, None
        self._pong_sent = payload is not None and self.state == self.STATE_OPEN
        if self._pong_sent:
            self.sendPong(payload)
            asyncio.get_running_loop().call_later(PONG_EVERY, self._answer)

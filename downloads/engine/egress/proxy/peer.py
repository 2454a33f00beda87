"""One side of a proxied connection: h11's protocol over an asyncio stream, bytes counted."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress

import h11

from downloads.engine.egress.head import HeadReader
from downloads.engine.egress.proxy.answer_head import rewrite_head

BLOCK = 64 * 1024
MAX_HEAD = 64 * 1024  # of a request
_LINGER = 1.0  # seconds


class Peer:
    """One side of a connection. ``role`` is ours: h11.SERVER towards the jail, h11.CLIENT towards
    the source."""

    def __init__(
        self,
        role: type[h11.CLIENT] | type[h11.SERVER],
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        moved: Callable[[], None] = lambda: None,
        read: Callable[[int], None] = lambda count: None,
        written: Callable[[int], None] = lambda count: None,
    ) -> None:
        """``moved`` is called with each block: the connection is not idle."""
        self.http = h11.Connection(role, max_incomplete_event_size=MAX_HEAD)
        self._heads = HeadReader() if role is h11.CLIENT else None
        self._reader = reader
        self._writer = writer
        self._moved = moved
        self._read = read
        self._written = written

    async def next_event(self) -> h11.Event | type[h11.PAUSED]:
        """Return the next whole event; of a source, those of the final answer, without interim
        ones.

        Raises h11.RemoteProtocolError, BadResponse, OSError.
        """
        while (event := self.http.next_event()) is h11.NEED_DATA:
            block = await self.read()
            if self._heads is not None and block:
                head = self._heads.feed(block)
                if head is None:
                    continue
                block, self._heads = rewrite_head(head) + self._heads.rest, None
            self.http.receive_data(block)
        return event  # type: ignore[return-value]

    async def send(self, event: h11.Event) -> None:
        data = self.http.send(event)
        if data:
            await self.write(data)

    async def read(self) -> bytes:
        """Read up to BLOCK bytes; none at the end."""
        block = await self._reader.read(BLOCK)
        self._moved()
        self._read(len(block))
        return block

    async def write(self, data: bytes) -> None:
        """Write ``data``, and wait while the other side does not read."""
        self._written(len(data))
        self._writer.write(data)
        await self._writer.drain()
        self._moved()

    def end_writing(self) -> None:
        if self._writer.can_write_eof():
            self._writer.write_eof()

    def abort(self) -> None:
        """Reset the connection: the other side must not take what it has for the whole."""
        sock = self._writer.get_extra_info("socket")
        with suppress(OSError):  # already closed
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    async def close(self) -> None:
        """Close the connection once what was written has been handed over."""
        self._writer.close()
        await self._writer.wait_closed()

    async def close_last(self) -> None:
        """Close the connection once the other side has seen the end, or after a while."""
        # Closing with bytes unread is a reset, which destroys an answer that is still under way.
        self.end_writing()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LINGER):
                while await self._reader.read(BLOCK):
                    pass
        await self.close()

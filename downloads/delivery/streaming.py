"""An asynchronous stream of a file's bytes, a block at a time.

Django turns a synchronous iterator into a list under ASGI, and FileResponse is one: a client
that never reads would cost the whole file in memory. Here a block is read when the one before
it has been taken (config/server/backpressure.py makes the server wait for the client).

The file is opened before the reply begins, so an expiry or a removal meanwhile lets it finish.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from django.http import StreamingHttpResponse

from downloads.storage.block_source import BlockSource

BLOCK: Final = 256 * 1024  # bytes in memory for each client

# Its own pool, so that a disk or a bucket that hangs holds up nothing but other files.
_READERS: Final = ThreadPoolExecutor(8, thread_name_prefix="delivery")


class Truncated(Exception):
    """The file ended before its promised size: the reply must break off, not end."""


class Blocks:
    """``length`` bytes of ``source`` from ``start``. Closes the source however it ends."""

    def __init__(self, source: BlockSource, start: int, length: int) -> None:
        self.source = source
        self.start = start
        self.length = length

    async def __aiter__(self) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        position, end = self.start, self.start + self.length
        try:
            while position < end:
                length = min(BLOCK, end - position)
                block = await loop.run_in_executor(_READERS, self.source.read_at, position, length)
                if not block:
                    raise Truncated(f"the file ends at byte {position} of {end}")
                position += len(block)
                yield block
        finally:
            self.close()

    def close(self) -> None:
        """Close the source; Django calls this after every response, also one never iterated."""
        self.source.close()


class BlocksResponse(StreamingHttpResponse):
    """A response with these bytes. The server sends them by itself if they are a file's that the
    kernel can send (config/server/handler.py)."""

    def __init__(self, blocks: Blocks, **options: Any) -> None:
        super().__init__(blocks, **options)
        self.blocks = blocks
        self["Content-Length"] = str(blocks.length)

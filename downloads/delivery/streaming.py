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
from typing import Final

from asgiref.sync import sync_to_async
from django.db import connections

from downloads.storage.block_source import BlockSource

BLOCK: Final = 256 * 1024  # bytes in memory for each client

# Its own pool, so that a disk or a bucket that hangs holds up nothing but other files.
_READERS: Final = ThreadPoolExecutor(8, thread_name_prefix="delivery")


class Truncated(Exception):
    """The file ended before its promised size: the reply must break off, not end."""


class Blocks:
    """``length`` bytes of ``source`` from ``start``. Closes the source however it ends."""

    def __init__(self, source: BlockSource, start: int, length: int) -> None:
        self._source = source
        self._start = start
        self._end = start + length

    async def __aiter__(self) -> AsyncIterator[bytes]:
        loop = asyncio.get_running_loop()
        await sync_to_async(_release_connections)()
        position = self._start
        try:
            while position < self._end:
                length = min(BLOCK, self._end - position)
                block = await loop.run_in_executor(_READERS, self._source.read_at, position, length)
                if not block:
                    raise Truncated(f"the file ends at byte {position} of {self._end}")
                position += len(block)
                yield block
        finally:
            self.close()

    def close(self) -> None:
        """Close the source; Django calls this after every response, also one never iterated."""
        self._source.close()


def _release_connections() -> None:
    """Close the view's connections, which Django would keep until the reply ends, hours perhaps."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()

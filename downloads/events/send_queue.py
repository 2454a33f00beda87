"""What one socket has yet to be sent. Bounded, however slowly it is read."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Final

from downloads.events.backlog import Recent
from downloads.events.outbound_event import OutboundEvent

MOST: Final = 500  # messages; beyond it one snapshot takes the place of all


class SendQueue:
    """In order, except that of one download's progress only the newest is kept, behind
    everything that came before it. Nothing is sent that is not newer than what was.
    """

    def __init__(self) -> None:
        # a key for each message; progress has its download's; None stands for a snapshot
        self._waiting: OrderedDict[str, OutboundEvent | None] = OrderedDict()
        self._seen = Recent()
        self._in_snapshot = Recent()
        self._count = 0
        self._filled = asyncio.Event()

    def put(self, news: OutboundEvent) -> None:
        if news.seq is not None:
            # what two processes tell of one download may cross on the way
            if news.seq <= self._seen.get(news.download_id, -1):
                return
            self._seen.remember(news.download_id, news.seq)
            self._waiting.pop(_progress_of(news.download_id), None)
        self._append(_progress_of(news.download_id) if news.is_progress else "", news)
        if len(self._waiting) > MOST:
            self._waiting.clear()
            self.put_snapshot()

    def put_snapshot(self) -> None:
        """Have the ledger read when its turn comes; one that waits already will do."""
        if None not in self._waiting.values():
            self._append("", None)

    def _append(self, key: str, item: OutboundEvent | None) -> None:
        self._count += 1
        self._waiting[key or str(self._count)] = item
        self._filled.set()

    def saw(self, download_id: str, seq: int) -> None:
        """A snapshot tells the download as of ``seq``."""
        self._in_snapshot.remember(download_id, seq)

    async def take(self) -> OutboundEvent | None:
        """The next; None: a snapshot. Waits until there is one."""
        while True:
            while not self._waiting:
                self._filled.clear()
                await self._filled.wait()
            news = self._waiting.popitem(last=False)[1]
            if news is None or news.seq is None:
                return news
            # it came while the ledger was read, and stands in the snapshot
            if news.seq > self._in_snapshot.get(news.download_id, -1):
                return news


def _progress_of(download_id: str) -> str:
    return f"progress of {download_id}"

"""The queue of one socket's outgoing messages. Bounded, however slowly it is read."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Final

from downloads.events.backlog import Recent
from downloads.events.outbound_event import OutboundEvent

MOST: Final = 500  # messages; beyond it one snapshot replaces all


class SendQueue:
    """A queue in order, except that of one download's progress only the newest is kept, behind
    everything that came before it. Nothing older than what was sent goes out."""

    def __init__(self) -> None:
        # Keyed by message; progress by its download; None stands for a snapshot.
        self._waiting: OrderedDict[str, OutboundEvent | None] = OrderedDict()
        self._seen = Recent()
        self._in_snapshot = Recent()
        self._count = 0
        self._filled = asyncio.Event()

    def put(self, event: OutboundEvent) -> None:
        if event.seq is not None:
            # Events of two processes about one download may cross on the way.
            if event.seq <= self._seen.get(event.download_id, -1):
                return
            self._seen.remember(event.download_id, event.seq)
            self._waiting.pop(_progress_of(event.download_id), None)
        self._append(_progress_of(event.download_id) if event.is_progress else "", event)
        if len(self._waiting) > MOST:
            self._waiting.clear()
            self.put_snapshot()

    def put_snapshot(self) -> None:
        """Have the ledger read when its turn comes; one that is queued already will do."""
        if None not in self._waiting.values():
            self._append("", None)

    def _append(self, key: str, item: OutboundEvent | None) -> None:
        self._count += 1
        self._waiting[key or str(self._count)] = item
        self._filled.set()

    def saw(self, download_id: str, seq: int) -> None:
        """Note that a snapshot shows the download as of ``seq``."""
        self._in_snapshot.remember(download_id, seq)

    async def take(self) -> OutboundEvent | None:
        """Return the next event, waiting for one; None: a snapshot."""
        while True:
            while not self._waiting:
                self._filled.clear()
                await self._filled.wait()
            event = self._waiting.popitem(last=False)[1]
            if event is None or event.seq is None:
                return event
            # An older one came while the ledger was read, and is part of the snapshot.
            if event.seq > self._in_snapshot.get(event.download_id, -1):
                return event


def _progress_of(download_id: str) -> str:
    return f"progress of {download_id}"

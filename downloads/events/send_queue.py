"""The queue of what one socket is still to be sent. Bounded, however slowly it is read."""

from __future__ import annotations

import asyncio
from typing import Final

from downloads.events.event_queue import EventQueue, Recent
from downloads.events.outbound_event import OutboundEvent

MOST: Final = 500  # messages; beyond it one snapshot replaces all
_SNAPSHOT: Final = OutboundEvent(user_id=0, text="")  # stands for one, which is read when sent


class SendQueue(EventQueue):
    """A queue that the hub fills and one socket's writer empties, in one event loop.

    ``shows_active``: the socket may show active downloads, so that it needs snapshots while there
    are no events. ``rechecks`` is set once the user may have signed out.
    """

    def __init__(self) -> None:
        super().__init__()
        self.shows_active = False
        self.rechecks = asyncio.Event()
        self._in_snapshot = Recent()
        self._filled = asyncio.Event()

    def put(self, event: OutboundEvent) -> None:
        self.shows_active = True  # until the next snapshot corrects it
        super().put(event)
        self._filled.set()
        if len(self) > MOST:
            self._waiting.clear()
            self.put_snapshot()

    def put_snapshot(self) -> None:
        """Have the ledger read when its turn comes; one that is queued already will do."""
        self._waiting.setdefault("snapshot", _SNAPSHOT)
        self._filled.set()

    def saw(self, download_id: str, seq: int) -> None:
        """Note that a snapshot shows the download as of ``seq``."""
        self._in_snapshot.remember(download_id, seq)

    async def take(self) -> OutboundEvent | None:
        """Return the next event, waiting for one; None: a snapshot."""
        while True:
            while not self:
                self._filled.clear()
                await self._filled.wait()
            event = self.pop()
            if event is _SNAPSHOT:
                return None
            # An older one came while the ledger was read, and is part of the snapshot.
            if self._in_snapshot.is_newer(event):
                return event

"""The queue of what one socket is still to be sent. Bounded, however slowly it is read."""

from __future__ import annotations

import asyncio
from typing import Final

from downloads.events.event_queue import EventQueue, Recent
from downloads.events.outbound_event import OutboundEvent

MOST: Final = 500  # messages; beyond it one snapshot replaces all
PATIENCE: Final = 8  # figures of one download, which come four times a second
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
        self._marked = Recent()  # the seq_base of each download as it was last told whole
        self._early = Recent()  # the number of figures left out since then
        self._filled = asyncio.Event()

    def put(self, event: OutboundEvent) -> None:
        self.shows_active = True  # until the next snapshot corrects it
        if event.is_progress and self._is_early(event):
            return
        if not event.is_progress and event.seq_base is not None:
            self._told(event.download_id, event.seq_base)
        super().put(event)
        self._filled.set()
        if len(self) > MOST:
            self._waiting.clear()
            self.put_snapshot()

    def _is_early(self, event: OutboundEvent) -> bool:
        """Return True for a figure that has overtaken its download's new state.

        A user's resume is told by the web process, the figures by the worker. A client that took
        the figure first would drop the state behind it, which is older, and show a pause for ever.
        """
        marked = self._marked.get(event.download_id)
        if event.seq_base is None or marked is None or event.seq_base <= marked:
            return False
        count = self._early.get(event.download_id, 0) + 1
        self._early.remember(event.download_id, count)
        if count == PATIENCE:  # the state is lost: its process has ended before it was sent
            self.put_snapshot()
        return True

    def _told(self, download_id: str, seq_base: int) -> None:
        self._early.pop(download_id, None)
        if seq_base >= self._marked.get(download_id, seq_base):
            self._marked.remember(download_id, seq_base)

    def put_snapshot(self) -> None:
        """Have the ledger read when its turn comes; one that is queued already will do."""
        self._waiting.setdefault("snapshot", _SNAPSHOT)
        self._filled.set()

    def saw(self, download_id: str, seq: int, seq_base: int) -> None:
        """Note that a snapshot shows the download as of ``seq`` and ``seq_base``."""
        self._in_snapshot.remember(download_id, seq)
        self._told(download_id, seq_base)

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

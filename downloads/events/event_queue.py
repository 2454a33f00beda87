"""The order of events on their way: which goes next, which replaces or drops others."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from downloads.events.outbound_event import OutboundEvent

REMEMBERED: Final = 4096  # downloads


class Recent(OrderedDict[str, int]):
    """A number, most often ``seq``, of each of the downloads with the latest events."""

    def remember(self, download_id: str, number: int) -> None:
        self[download_id] = number
        self.move_to_end(download_id)
        if len(self) > REMEMBERED:
            self.popitem(last=False)

    def is_newer(self, event: OutboundEvent) -> bool:
        """Return True for an event that is newer than this, and for one without an order."""
        return event.seq is None or event.seq > self.get(event.download_id, -1)


class EventQueue:
    """A queue in order, except that of one download's progress only the newest is kept, behind
    everything that came before it. What is not newer than what came is dropped. Not thread-safe.
    """

    def __init__(self) -> None:
        # Keyed by message; progress by its download.
        self._waiting: OrderedDict[str, OutboundEvent] = OrderedDict()
        self._newest = Recent()
        self._count = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, event: OutboundEvent) -> None:
        # Two threads may read the ledger one after the other, and announce in reverse; the events
        # of two processes may cross on the way.
        if not self._newest.is_newer(event):
            return
        self._count += 1
        progress = f"progress of {event.download_id}"
        if event.seq is not None:
            self._newest.remember(event.download_id, event.seq)
            self._waiting.pop(progress, None)
        self._waiting[progress if event.is_progress else str(self._count)] = event

    def pop(self) -> OutboundEvent:
        """Remove and return the next. Raises KeyError if there is none."""
        return self._waiting.popitem(last=False)[1]

"""The queue of a process's outgoing events. Bounded, however slow Redis is."""

from __future__ import annotations

from typing import Final

from downloads.events.event_queue import EventQueue
from downloads.events.outbound_event import OutboundEvent

LONGEST: Final = 2000  # events; beyond it the oldest is dropped, and its user resyncs


class Backlog(EventQueue):
    """A queue that knows whose events were dropped. Not thread-safe."""

    def __init__(self) -> None:
        super().__init__()
        self._lost: set[int] = set()

    def put(self, event: OutboundEvent) -> None:
        super().put(event)
        if len(self) > LONGEST:
            self._drop_oldest()

    def drop(self) -> None:
        while self:
            self._drop_oldest()

    def take_lost(self) -> set[int]:
        """Return the users for whom an event was dropped since the last call."""
        lost, self._lost = self._lost, set()
        return lost

    def _drop_oldest(self) -> None:
        self._lost.add(self.pop().user_id)

"""The queue of a process's outgoing events: which goes next, which replaces older ones.

Pure: the clock's reading is passed in. Not thread-safe.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Final

from downloads import conf
from downloads.events.outbound_event import OutboundEvent

LONGEST: Final = 2000  # state events; beyond it the oldest is dropped, and its user resyncs
REMEMBERED: Final = 4096  # downloads


class Recent(OrderedDict[str, float]):
    """A number for each of the downloads with the latest events."""

    def remember(self, download_id: str, number: float) -> None:
        self[download_id] = number
        self.move_to_end(download_id)
        if len(self) > REMEMBERED:
            self.popitem(last=False)


class Backlog:
    """State events go out at once and in order; progress at most four times a second for one
    download, and only its newest. No event goes out behind a newer one."""

    def __init__(self) -> None:
        self._states: deque[OutboundEvent] = deque()
        self._progress: dict[str, OutboundEvent] = {}
        self._sent_at = Recent()
        self._newest = Recent()
        self._lost: set[int] = set()

    def add(self, event: OutboundEvent) -> None:
        if event.seq is not None:
            # Two threads may read the ledger one after the other and arrive in reverse.
            if event.seq <= self._newest.get(event.download_id, -1):
                return
            self._newest.remember(event.download_id, event.seq)
        if event.is_progress:
            self._progress[event.download_id] = event
            return
        self._progress.pop(event.download_id, None)  # older than the state
        self._states.append(event)
        if len(self._states) > LONGEST:
            self._lost.add(self._states.popleft().user_id)

    def take(self, now: float) -> OutboundEvent | None:
        """Return the next event that may go out now. States first: progress kept here is newer."""
        if self._states:
            return self._states.popleft()
        for download_id, event in self._progress.items():
            if self._due_at(download_id) <= now:
                del self._progress[download_id]
                self._sent_at.remember(download_id, now)
                return event
        return None

    def due_in(self, now: float) -> float | None:
        """Return the seconds until there is something to take; None: nothing is queued."""
        if self._states:
            return 0.0
        due = [self._due_at(download_id) for download_id in self._progress]
        return max(min(due) - now, 0.0) if due else None

    def _due_at(self, download_id: str) -> float:
        return self._sent_at.get(download_id, float("-inf")) + conf.PROGRESS_INTERVAL

    @property
    def has_states(self) -> bool:
        return bool(self._states)

    def take_lost(self) -> set[int]:
        """Return the users for whom an event was dropped since the last call."""
        lost, self._lost = self._lost, set()
        return lost

    def drop(self) -> None:
        self._lost |= {event.user_id for event in [*self._states, *self._progress.values()]}
        self._states.clear()
        self._progress.clear()

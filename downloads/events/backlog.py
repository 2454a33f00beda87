"""What waits to be sent: which news goes next, which makes older news needless.

Pure: the clock's reading is passed in. Not thread-safe.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Final

from downloads import conf
from downloads.events.outbound_event import OutboundEvent

LONGEST: Final = 2000  # news of a state; beyond it the oldest is lost, and its user told so
REMEMBERED: Final = 4096  # downloads


class Recent(OrderedDict[str, float]):
    """A number for each of the downloads that were last heard of."""

    def remember(self, download_id: str, number: float) -> None:
        self[download_id] = number
        self.move_to_end(download_id)
        if len(self) > REMEMBERED:
            self.popitem(last=False)


class Backlog:
    """News of a state goes out at once and in order; progress at most four times a second for
    one download, and only the newest of it. Nothing goes out behind what is newer.
    """

    def __init__(self) -> None:
        self._states: deque[OutboundEvent] = deque()
        self._progress: dict[str, OutboundEvent] = {}
        self._told_at = Recent()
        self._newest = Recent()
        self._lost: set[int] = set()

    def add(self, news: OutboundEvent) -> None:
        if news.seq is not None:
            # two threads read the ledger one after the other and come here the other way round
            if news.seq <= self._newest.get(news.download_id, -1):
                return
            self._newest.remember(news.download_id, news.seq)
        if news.is_progress:
            self._progress[news.download_id] = news
            return
        self._progress.pop(news.download_id, None)  # older than the state
        self._states.append(news)
        if len(self._states) > LONGEST:
            self._lost.add(self._states.popleft().user_id)

    def take(self, now: float) -> OutboundEvent | None:
        """The next that may go out now. States first: progress kept here is newer than its own."""
        if self._states:
            return self._states.popleft()
        for download_id, news in self._progress.items():
            if self._due_at(download_id) <= now:
                del self._progress[download_id]
                self._told_at.remember(download_id, now)
                return news
        return None

    def due_in(self, now: float) -> float | None:
        """Seconds until there is something to take; None: nothing waits."""
        if self._states:
            return 0.0
        due = [self._due_at(download_id) for download_id in self._progress]
        return max(min(due) - now, 0.0) if due else None

    def _due_at(self, download_id: str) -> float:
        return self._told_at.get(download_id, float("-inf")) + conf.PROGRESS_INTERVAL

    @property
    def has_states(self) -> bool:
        return bool(self._states)

    def take_lost(self) -> set[int]:
        """The users for whom something was dropped since this was last asked."""
        lost, self._lost = self._lost, set()
        return lost

    def drop(self) -> None:
        self._lost |= {news.user_id for news in [*self._states, *self._progress.values()]}
        self._states.clear()
        self._progress.clear()

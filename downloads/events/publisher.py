"""The sending end of events, best effort: a caller never waits for Redis.

One thread with one kept event loop a process: ``async_to_sync`` would cost milliseconds each time.
If Redis refuses or hangs, events are dropped at once, and the users for whom some were lost are
told to read the ledger again as soon as it is back.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import threading
import time
from collections.abc import Iterable
from typing import Final

from downloads.events.backlog import Backlog
from downloads.events.outbound_event import RECHECK, RESYNC, OutboundEvent, Outgoing, signal

log = logging.getLogger(__name__)

FLUSH_WITHIN: Final = 0.5  # seconds, at the process's end
RESTART_AFTER: Final = 1.0  # seconds, if the thread ever ends
MOST_SIGNALS: Final = 1000


class Publisher:
    """A publisher whose calls return at once. Thread-safe. Its thread starts with the first
    event."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._backlog = Backlog()
        self._signals: dict[tuple[str, int], None] = {}  # in order, each once
        self._sending = False
        self._away = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()

    @property
    def is_away(self) -> bool:
        """Return True if Redis did not answer last time: events are dropped then."""
        return self._away

    def send(self, events: Iterable[OutboundEvent]) -> None:
        with self._lock:
            for event in events:
                if self._away:
                    self._signal(RESYNC, event.user_id)
                else:
                    self._backlog.put(event)
            self._wake()

    def send_signal(self, kind: str, user_id: int) -> None:
        with self._lock:
            self._signal(kind, user_id)
            self._wake()

    def flush(self, within: float = FLUSH_WITHIN) -> bool:
        """Wait until the queued events are sent; False if that takes longer than ``within``
        seconds."""
        deadline = time.monotonic() + within
        while self._has_work():
            if self._away or time.monotonic() > deadline:
                return False
            time.sleep(0.005)
        return True

    def _has_work(self) -> bool:
        with self._lock:
            return self._sending or bool(self._backlog) or bool(self._signals)

    def _signal(self, kind: str, user_id: int) -> None:
        if len(self._signals) < MOST_SIGNALS:
            self._signals[kind, user_id] = None

    def _wake(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._woken.set)
            return
        self._loop = asyncio.new_event_loop()
        self._woken.set()
        threading.Thread(target=self._live, args=(self._loop,), name="news", daemon=True).start()

    # --- the thread's side --------------------------------------------------------------

    def _live(self, loop: asyncio.AbstractEventLoop) -> None:
        from downloads.events.sender import send_all

        try:
            loop.run_until_complete(send_all(self))
        except Exception:
            log.exception("event thread ended: unexpected; the next event starts another")
            time.sleep(RESTART_AFTER)
        finally:
            with self._lock:
                self._loop, self._woken, self._sending = None, asyncio.Event(), False

    async def next(self) -> Outgoing:
        while (outgoing := self._take()) is None:
            await self._woken.wait()
        return outgoing

    def _take(self) -> Outgoing | None:
        with self._lock:
            self._woken.clear()
            self._sending = True
            for user_id in self._backlog.take_lost():
                self._signal(RESYNC, user_id)
            if self._signals:
                kind, user_id = next(iter(self._signals))
                del self._signals[kind, user_id]
                return signal(kind, user_id)
            self._came_back()
            if self._backlog:
                return self._backlog.pop().outgoing()
            self._sending = False
            return None

    def went_away(self, unsent: Outgoing, error: BaseException) -> None:
        with self._lock:
            if not self._away:
                log.warning("Redis unavailable, events dropped error=%s", type(error).__name__)
            self._away, self._sending = True, False
            self._backlog.drop()
            if unsent.message["type"] == RECHECK:  # no snapshot tells that a user signed out
                self._signal(RECHECK, unsent.user_id)
            self._signal(RESYNC, unsent.user_id)  # it is also the next attempt

    def _came_back(self) -> None:
        """Leave the outage: all who lost an event have been signalled."""
        if self._away:
            log.info("Redis available, events sent again")
            self._away = False


_publisher = Publisher()


def publisher() -> Publisher:
    """Return this process's publisher."""
    return _publisher


def _replace() -> None:
    """Replace the publisher in a forked child: it has no thread, and must not inherit a held
    lock."""
    global _publisher
    _publisher = Publisher()


os.register_at_fork(after_in_child=_replace)


@atexit.register
def _flush() -> None:
    _publisher.flush()  # the current one, not that of import time

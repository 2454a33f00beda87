"""Sends news to the sockets, best effort: whoever has news never waits for Redis.

One thread with one kept event loop a process: ``async_to_sync`` would cost milliseconds each
time. Where Redis refuses or hangs, news is dropped at once, and the users for whom some was
lost are told to read the ledger again as soon as it is back.
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
from downloads.events.outbound_event import RESYNC, OutboundEvent, Outgoing, signal

log = logging.getLogger(__name__)

FLUSH_WITHIN: Final = 0.5  # seconds, at the process's end
START_AGAIN_AFTER: Final = 1.0  # seconds, should the thread ever end
MOST_SIGNALS: Final = 1000


class Publisher:
    """Thread-safe; its calls return at once. Its thread starts with the first news."""

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
        """Redis did not answer last time: what is sent now is dropped."""
        return self._away

    def send(self, news: Iterable[OutboundEvent]) -> None:
        with self._lock:
            for one in news:
                if self._away:
                    self._signal(RESYNC, one.user_id)
                else:
                    self._backlog.add(one)
            self._wake()

    def send_signal(self, kind: str, user_id: int) -> None:
        with self._lock:
            self._signal(kind, user_id)
            self._wake()

    def flush(self, within: float = FLUSH_WITHIN) -> bool:
        """Wait until the states that wait are out; False where they are not in time."""
        deadline = time.monotonic() + within
        while self._has_work():
            if self._away or time.monotonic() > deadline:
                return False
            time.sleep(0.005)
        return True

    def _has_work(self) -> bool:
        with self._lock:
            return self._sending or self._backlog.has_states or bool(self._signals)

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
            log.exception("the thread that sends news has ended; the next news starts another")
            time.sleep(START_AGAIN_AFTER)
        finally:
            with self._lock:
                self._loop, self._woken, self._sending = None, asyncio.Event(), False

    async def next(self) -> Outgoing:
        while True:
            outgoing, pause = self._take()
            if outgoing is not None:
                return outgoing
            try:
                async with asyncio.timeout(pause):
                    await self._woken.wait()
            except TimeoutError:
                continue  # what was held back is due

    def _take(self) -> tuple[Outgoing | None, float | None]:
        """What to send; or nothing, and the seconds to wait."""
        with self._lock:
            self._woken.clear()
            self._sending = True
            for user_id in self._backlog.take_lost():
                self._signal(RESYNC, user_id)
            if self._signals:
                kind, user_id = next(iter(self._signals))
                del self._signals[kind, user_id]
                return signal(kind, user_id), None
            self._came_back()
            now = time.monotonic()
            news = self._backlog.take(now)
            if news is not None:
                return news.outgoing(), None
            self._sending = False
            return None, self._backlog.due_in(now)

    def went_away(self, unsent: Outgoing, error: BaseException) -> None:
        with self._lock:
            if not self._away:
                log.warning("no news is sent, Redis is away: %s", type(error).__name__)
            self._away, self._sending = True, False
            self._backlog.drop()
            self._signal(RESYNC, unsent.user_id)  # which is also the next attempt

    def _came_back(self) -> None:
        """All who lost something could be told so."""
        if self._away:
            log.info("news is sent again")
            self._away = False


_publisher = Publisher()


def publisher() -> Publisher:
    """This process's own."""
    return _publisher


def _start_anew() -> None:
    """A forked child has no thread, and must not inherit a lock that one of ours held."""
    global _publisher
    _publisher = Publisher()


os.register_at_fork(after_in_child=_start_anew)


@atexit.register
def _flush() -> None:
    _publisher.flush()  # whichever it is by then

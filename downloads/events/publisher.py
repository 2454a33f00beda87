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
from collections.abc import Callable, Iterable
from typing import Any, Final

from downloads.events.backlog import Backlog
from downloads.events.groups import user_group
from downloads.events.link import LINK_ERRORS, close, fresh_layer
from downloads.events.news import RESYNC, News, signal

log = logging.getLogger(__name__)

SEND_WITHIN: Final = 1.0  # seconds, for one message
PAUSE: Final = 1.0  # seconds without an attempt after a failed one
FLUSH_WITHIN: Final = 0.5  # seconds, at the process's end
MOST_SIGNALS: Final = 1000


class Publisher:
    """Thread-safe; its calls return at once. Its thread starts with the first news."""

    def __init__(
        self,
        make_layer: Callable[[], Any] = fresh_layer,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make_layer = make_layer
        self._clock = clock
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

    def send(self, news: Iterable[News]) -> None:
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
        deadline = self._clock() + within
        while self._has_work():
            if self._away or self._clock() > deadline:
                return False
            time.sleep(0.005)
        return True

    def _has_work(self) -> bool:
        with self._lock:
            return self._sending or self._backlog.has_states or bool(self._signals)

    def _signal(self, kind: str, user_id: int) -> None:
        if len(self._signals) < MOST_SIGNALS:
            self._signals[kind, user_id] = None

    # --- the thread ---------------------------------------------------------------------

    def _wake(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._woken.set)
            return
        self._loop = asyncio.new_event_loop()
        self._woken.set()
        threading.Thread(target=self._live, args=(self._loop,), name="news", daemon=True).start()

    def _live(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            loop.run_until_complete(self._work())
        except Exception:
            log.exception("the thread that sends news has ended; the next news starts another")
        finally:
            with self._lock:
                self._loop, self._woken, self._sending = None, asyncio.Event(), False

    async def _work(self) -> None:
        layer = self._make_layer()
        while True:
            user_id, message, pause = self._next()
            if message is None:
                await self._wait(pause)
                continue
            try:
                async with asyncio.timeout(SEND_WITHIN):
                    await layer.group_send(user_group(user_id), message)
            except LINK_ERRORS as error:
                self._went_away(user_id, error)
                await close(layer)
                layer = self._make_layer()
                await asyncio.sleep(PAUSE)

    def _next(self) -> tuple[int, dict[str, Any] | None, float | None]:
        """Whom to send what; or nothing, and how long to wait."""
        with self._lock:
            self._woken.clear()
            for user_id in self._backlog.take_lost():
                self._signal(RESYNC, user_id)
            self._sending = True
            if self._signals:
                kind, user_id = next(iter(self._signals))
                del self._signals[kind, user_id]
                return user_id, signal(kind, user_id), None
            self._came_back()
            now = self._clock()
            news = self._backlog.take(now)
            if news is not None:
                return news.user_id, news.message(), None
            self._sending = False
            return 0, None, self._backlog.due_in(now)

    async def _wait(self, pause: float | None) -> None:
        try:
            async with asyncio.timeout(pause):
                await self._woken.wait()
        except TimeoutError:
            return  # what was held back is due

    def _went_away(self, user_id: int, error: BaseException) -> None:
        with self._lock:
            if not self._away:
                log.warning("no news is sent, Redis is away: %s", type(error).__name__)
            self._away, self._sending = True, False
            self._backlog.drop()
            self._signal(RESYNC, user_id)  # which is also the next attempt

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
atexit.register(lambda: _publisher.flush())

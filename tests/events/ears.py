"""A web process's end of the news, inside the test: a real hub on a real Redis."""

from __future__ import annotations

import asyncio
import json
import threading
from concurrent.futures import Future
from types import TracebackType
from typing import Any

from downloads.events.hub import Hub
from downloads.events.outbound_event import OutboundEvent


class Ear:
    """The receiver of one user's events. ``shows_active`` False: no snapshots for it."""

    shows_active = False

    def __init__(self) -> None:
        self.news: list[OutboundEvent] = []
        self.resyncs = 0
        self.rechecks = asyncio.Event()
        self._came = threading.Condition()

    def put(self, news: OutboundEvent) -> None:
        with self._came:
            self.news.append(news)
            self._came.notify_all()

    def put_snapshot(self) -> None:
        with self._came:
            self.resyncs += 1
            self._came.notify_all()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(news.text) for news in self.news]

    @property
    def names(self) -> list[str]:
        return [event["event"] for event in self.events]

    def wait_for(self, count: int, patience: float = 30.0) -> list[dict[str, Any]]:
        """The events, once there are so many."""
        with self._came:
            assert self._came.wait_for(lambda: len(self.news) >= count, patience), self.names
        return self.events

    def until(self, name: str, patience: float = 30.0) -> dict[str, Any]:
        """The first event of this name."""
        with self._came:
            assert self._came.wait_for(lambda: name in self.names, patience), self.names
        return next(event for event in self.events if event["event"] == name)

    def wait_for_resync(self, patience: float = 30.0) -> None:
        with self._came:
            assert self._came.wait_for(lambda: self.resyncs > 0, patience)


class Ears:
    """Used with ``with``; ``of(user_id)`` begins to listen."""

    def __enter__(self) -> Ears:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._hub = self._call(self._make())
        return self

    async def _make(self) -> Hub:
        return Hub()

    def _call(self, work: Any) -> Any:
        done: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return done.result(10)

    def of(self, user_id: int) -> Ear:
        ear = Ear()
        self._call(self._hub.join(user_id, ear))
        return ear

    def leave(self, user_id: int, ear: Ear) -> None:
        self._call(self._hub.leave(user_id, ear))

    @property
    def linked(self) -> bool:
        """Return if the hub has a connection to Redis, or looks for one."""
        return self._hub._link_task is not None

    async def _end(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

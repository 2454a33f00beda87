"""The socket of a page: a snapshot first, then events as they happen.

The ledger is read in threads of its own, never in the event loop. Outgoing messages wait in a send
queue, so that a client that reads slowly, or never, delays only itself.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, ParamSpec, TypeVar

from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError, connections

from downloads.events.hub import hub
from downloads.events.send_queue import SendQueue
from downloads.events.snapshot import snapshot_of
from downloads.realtime.handshake import Visitor, may_stay, visitor_of

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

RECHECK_EVERY: Final = 60.0  # seconds between two checks if the user is still signed in
TICKET_LASTS: Final = 3600.0  # seconds, after which a client without a cookie needs another one
SIGNING_OUT_TAKES: Final = 1.0  # seconds: the signal comes before the session has ended
TAKES_AT_MOST: Final = 20.0  # seconds in which a client must have taken what was sent before
SNAPSHOT_EVERY: Final = 1.0  # seconds at least between two
LEDGER_AGAIN: Final = 2.0  # seconds after which the database is tried again
MOST_SOCKETS: Final = 100  # of one user, in this process
MOST_MESSAGES: Final = 300  # that a client may send in MESSAGES_WITHIN; it needs to send none
MESSAGES_WITHIN: Final = 60.0  # seconds

# Close codes of our own (RFC 6455, 7.4.2), after HTTP's: with 4401 a client needs a new sign-in
# or ticket; after the others it may come back.
SIGNED_OUT: Final = 4401
TOO_SLOW: Final = 4408
TOO_MANY: Final = 4429
UNEXPECTED: Final = 4500

_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="socket-database")


async def in_database(ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run ``ask`` in a thread that may use the database, and return its result."""

    def call() -> T:
        try:
            return ask(*args, **kwargs)
        finally:
            connections.close_all()

    return await asyncio.get_running_loop().run_in_executor(_threads, call)


async def refuse(scope: Any, receive: Callable[[], Awaitable[Any]], send: Any) -> None:
    """Close before accept, which the client sees as HTTP 403."""
    await receive()
    await send({"type": "websocket.close", "code": 1000})


class DownloadsConsumer(AsyncWebsocketConsumer):
    """The socket of one page."""

    # The hub listens for all sockets of the process; with a layer of its own, each socket
    # would wait for Redis before it is accepted, and queue unread events without bound.
    channel_layer_alias = "none of its own"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._visitor: Visitor | None = None
        self._opened_at = 0.0
        self._queue = SendQueue()
        self._tasks: list[asyncio.Task[None]] = []
        self._received = 0
        self._counted_from = time.monotonic()
        self._snapshot_at = float("-inf")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            # Also when the server cancels this task, without a disconnect message.
            await self._end()

    async def connect(self) -> None:
        visitor = await self._let_in()
        if visitor is None or hub().count(visitor.user_id) >= MOST_SOCKETS:
            await self.close()
            return
        self._visitor, self._opened_at = visitor, time.monotonic()
        self._queue.put_snapshot()
        # Join first, so that nothing falls between the snapshot and the events.
        await hub().join(visitor.user_id, self._queue)
        await self.accept()
        self._tasks = [
            asyncio.create_task(self._or_close(work)) for work in (self._write(), self._watch())
        ]

    async def _let_in(self) -> Visitor | None:
        try:
            return await in_database(visitor_of, self.scope)
        except DatabaseError as error:
            log.warning("database unavailable, client refused error=%s", type(error).__name__)
            return None

    async def _or_close(self, work: Coroutine[Any, Any, None]) -> None:
        """Run ``work``; on an error close the socket, which must not look as if it worked."""
        try:
            await work
        except Exception:
            log.exception("client disconnected: unexpected")
            await self.close(UNEXPECTED)

    async def _end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._visitor is not None:
            await hub().leave(self._visitor.user_id, self._queue)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Count the client's messages: it needs to send none, and one that sends many is
        disconnected."""
        if time.monotonic() - self._counted_from > MESSAGES_WITHIN:
            self._received, self._counted_from = 0, time.monotonic()
        self._received += 1
        if self._received == MOST_MESSAGES:
            await self.close(TOO_MANY)

    async def _write(self) -> None:
        while True:
            event = await self._queue.take()
            text = await self._snapshot() if event is None else event.text
            try:
                async with asyncio.timeout(TAKES_AT_MOST):
                    await self.send(text)  # the server blocks it while the client reads nothing
            except TimeoutError:
                log.info("client disconnected: too slow")
                await self.close(TOO_SLOW)
                return

    async def _snapshot(self) -> str:
        assert self._visitor is not None
        await asyncio.sleep(self._snapshot_at + SNAPSHOT_EVERY - time.monotonic())
        self._snapshot_at = time.monotonic()
        while True:
            try:
                snapshot = await in_database(snapshot_of, self._visitor.user_id)
                break
            except DatabaseError as error:
                log.warning("database unavailable, snapshot waits error=%s", type(error).__name__)
                await asyncio.sleep(LEDGER_AGAIN)
        for version in snapshot.versions:
            self._queue.saw(*version)
        self._queue.shows_active = bool(snapshot.versions)
        return snapshot.text

    async def _watch(self) -> None:
        """Close the socket soon after its user may no longer be here."""
        assert self._visitor is not None
        while await self._may_stay(self._visitor):
            try:
                async with asyncio.timeout(RECHECK_EVERY * random.uniform(0.8, 1.2)):
                    await self._queue.rechecks.wait()
                await asyncio.sleep(SIGNING_OUT_TAKES)
            except TimeoutError:
                continue
        await self.close(SIGNED_OUT)

    async def _may_stay(self, visitor: Visitor) -> bool:
        signed_out = self._queue.rechecks.is_set()
        self._queue.rechecks.clear()
        if not (visitor.session_key or visitor.token_digest):
            # What the ticket was given for is unknown: a user who may stay gets another one.
            age = time.monotonic() - self._opened_at
            if signed_out or age > TICKET_LASTS:
                return False
        try:
            return await in_database(may_stay, visitor)
        except DatabaseError:
            return True  # unknown for now; the next check tells

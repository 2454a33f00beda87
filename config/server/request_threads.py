"""The threads that requests are answered in, each with a database connection that it keeps."""

from __future__ import annotations

import asyncio
import atexit
import contextvars
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, Final, Generic, TypeVar

from django.db import connections

IDLE: Final = 0.3  # seconds without a request after which a thread ends
# On PostgreSQL a few stay for longer: the first statements of a connection are slow, as the server
# knows no table yet. On a busy machine this is most of a request's time.
KEPT: Final = 4  # threads, and connections of one process that are not in use
KEPT_FOR: Final = 60.0  # seconds

T = TypeVar("T")


def keep_connections() -> None:
    """Leave the thread's connections open for its next request: each would make another.

    On PostgreSQL the first query of a request asks before if the server still has it. One that
    reported an error is closed: it may be of a file or a server that is no longer there.
    """
    connection: Any  # the stubs do not know all of it
    for connection in connections.all(initialized_only=True):
        if connection.errors_occurred and not connection.in_atomic_block:
            connection.close()
        connection.close_at = None
        connection.health_check_enabled = True


class _Call(Generic[T]):
    """A call for an event loop that waits for its result."""

    def __init__(self, function: Callable[..., T], *args: Any) -> None:
        self.loop = asyncio.get_running_loop()
        self.result: asyncio.Future[T] = self.loop.create_future()
        self._context = contextvars.copy_context()
        self._function = function
        self._args = args

    def run(self) -> Callable[[], None]:
        """Run the function. Return what tells the loop of its result."""
        try:
            found = self._context.run(self._function, *self._args)
        except BaseException as error:  # noqa: BLE001 - the caller's
            return partial(self._tell, self._fail, error)
        return partial(self._tell, self._succeed, found)

    def _tell(self, how: Callable[[Any], None], what: object) -> None:
        with suppress(RuntimeError):  # the process ends, and its loop is closed
            self.loop.call_soon_threadsafe(how, what)

    def _succeed(self, found: T) -> None:
        if not self.result.done():
            self.result.set_result(found)

    def _fail(self, error: BaseException) -> None:
        if not self.result.done():
            self.result.set_exception(error)


class RequestThreads:
    """As many threads as there are requests at once.

    Django's own handler starts one for each request, which makes a connection of its own. Here the
    one that was free last is next, so that few are kept busy; the others end when they are idle.
    ``kept``: how many of these stay for KEPT_FOR.
    There is no limit: what waits, for a lock or for a bucket, must not keep others from an answer.
    """

    def __init__(self, kept: int = 0) -> None:
        self._kept: Final = kept
        self._lock = threading.Lock()
        self._idle: list[SimpleQueue[_Call[Any]]] = []  # the last one is next
        self._busy = 0
        self._all_idle = threading.Condition(self._lock)
        atexit.register(self.finish)

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        """Return what ``function`` does, in the caller's context."""
        call = _Call(function, *args)
        with self._lock:
            self._busy += 1
            inbox = self._idle.pop() if self._idle else None
        if inbox is None:
            # A daemon, since an idle one must not hold up the end; ``finish`` waits for the others.
            threading.Thread(target=self._live, args=(call,), name="request", daemon=True).start()
        else:
            inbox.put(call)
        return await call.result

    def finish(self) -> None:
        """Wait for the calls that run: what they have begun to write is not cut off."""
        with self._all_idle:
            self._all_idle.wait_for(lambda: self._busy == 0)

    def _live(self, call: _Call[Any]) -> None:
        inbox: SimpleQueue[_Call[Any]] = SimpleQueue()
        current: _Call[Any] | None = call
        try:
            while current is not None:
                tell = current.run()
                with self._lock:  # before the answer, on which the client may ask again at once
                    self._idle.append(inbox)
                tell()
                loop = current.loop
                del tell, current  # the result must not live as long as the next wait
                with self._lock:
                    self._busy -= 1
                    self._all_idle.notify_all()
                current = self._next(inbox, loop)
        finally:
            connections.close_all()

    def _next(
        self, inbox: SimpleQueue[_Call[Any]], loop: asyncio.AbstractEventLoop
    ) -> _Call[Any] | None:
        """Return the next call; None if the thread is to end."""
        for seconds in (IDLE, KEPT_FOR):
            with suppress(Empty):
                return inbox.get(timeout=seconds)
            with self._lock:
                if inbox not in self._idle:
                    break  # chosen just now
                # Those that wait for longer are among the idle ones, so they are never more.
                if seconds == KEPT_FOR or len(self._idle) > self._kept or not loop.is_running():
                    self._idle.remove(inbox)
                    return None
        return inbox.get()

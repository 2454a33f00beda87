"""The receiving end of events, one for all sockets of a process.

One channel of the layer joins the groups of those users who have a socket here. A beat that it
sends to itself shows if events still arrive. If none comes back, or a connection was cut and
restored in between, the layer is replaced; then every socket checks if it may stay, and reads the
ledger again, for anything that was lost. Meanwhile sockets that show active downloads poll it. A
while after the last socket has gone, so is the link.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Final, Protocol
from weakref import WeakKeyDictionary

from downloads.events import outbound_event
from downloads.events.groups import user_group
from downloads.events.link import LINK_ERRORS, FerryChannelLayer, close, fresh_layer
from downloads.events.outbound_event import OutboundEvent

log = logging.getLogger(__name__)

BEAT: Final = "beat"
BEAT_EVERY: Final = 0.5  # seconds
SILENT_FOR: Final = 2.0  # seconds without a beat: the link is down
REPLY_WITHIN: Final = 1.0  # seconds, for one command
RETRY_AFTER: Final = 0.5  # seconds between two attempts
LEDGER_EVERY: Final = 4.0  # seconds between two snapshots while the link is down
UNUSED_FOR: Final = 60.0  # seconds without a socket, after which the link is closed
ALL_EVERY: Final = 8  # rounds; each such round also reaches sockets without active downloads


class LinkUnused(Exception):
    """No socket has been open for long, and the link is of no use."""


class Listener(Protocol):
    """The send queue of a socket, as the hub sees it."""

    @property
    def shows_active(self) -> bool: ...

    @property
    def rechecks(self) -> asyncio.Event: ...

    def put(self, event: OutboundEvent) -> None: ...

    def put_snapshot(self) -> None: ...


class Hub:
    """The hub of one event loop. ``join`` and ``leave`` never wait long, and never raise."""

    def __init__(self, make_layer: Callable[[], FerryChannelLayer] = fresh_layer) -> None:
        self._make_layer = make_layer
        self._listeners: defaultdict[int, set[Listener]] = defaultdict(set)
        self._joined: set[int] = set()
        self._layer: FerryChannelLayer  # good while there is a channel
        self._channel = ""
        self._lock = asyncio.Lock()
        self._settled = asyncio.Event()  # the first attempt has succeeded or failed
        self._live = False
        self._broken = asyncio.Event()
        self._heard_at = 0.0
        self._used_at = 0.0
        self._link_task: asyncio.Task[None] | None = None

    async def join(self, user_id: int, listener: Listener) -> None:
        """Deliver this user's events to ``listener`` from here on, or from when the link is
        back."""
        self._listeners[user_id].add(listener)
        if self._link_task is None:
            self._link_task = asyncio.create_task(self._keep())
        await self._settled.wait()
        await self._follow(user_id)

    def count(self, user_id: int) -> int:
        """Return the number of this user's listeners."""
        return len(self._listeners.get(user_id, ()))

    async def leave(self, user_id: int, listener: Listener) -> None:
        self._listeners[user_id].discard(listener)
        if not self._listeners[user_id]:
            del self._listeners[user_id]
        await self._follow(user_id)

    async def _follow(self, user_id: int) -> None:
        """Join or leave the user's group, as there is a listener here or not."""
        async with self._lock:
            wanted = user_id in self._listeners
            if not self._channel or self._broken.is_set() or wanted == (user_id in self._joined):
                return
            call = self._layer.group_add if wanted else self._layer.group_discard
            try:
                async with asyncio.timeout(REPLY_WITHIN):
                    await call(user_group(user_id), self._channel)
            except LINK_ERRORS as error:
                log.debug("group not joined error=%s", type(error).__name__)
                self._broken.set()  # the layer is replaced, with all groups
                return
            (self._joined.add if wanted else self._joined.discard)(user_id)

    # --- the link -----------------------------------------------------------------------

    async def _keep(self) -> None:
        ledger = asyncio.create_task(self._poll_database())
        try:
            while True:
                try:
                    await self._hold_link()
                except LinkUnused:
                    self._live = False  # who joined while it was closed reads the ledger
                    if not self._listeners:
                        return
                except LINK_ERRORS as error:
                    self._note_down(error)
                except Exception as error:
                    log.exception("event link failed: unexpected")
                    self._note_down(error)
                await asyncio.sleep(RETRY_AFTER)
        finally:
            ledger.cancel()
            self._link_task = None
            self._settled.clear()

    async def _hold_link(self) -> None:
        """Connect, and hold the link until it breaks, which raises."""
        layer = self._make_layer()
        tasks: list[asyncio.Task[None]] = []
        try:
            await self._open(layer)
            tasks = [asyncio.create_task(self._beat()), asyncio.create_task(self._receive())]
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._channel = ""
            for task in tasks[:1]:
                task.cancel()  # a beat would reopen what is closed here
            await close(layer)
            for task in tasks[1:]:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _open(self, layer: FerryChannelLayer) -> None:
        async with self._lock, asyncio.timeout(REPLY_WITHIN):
            channel = await layer.new_channel()
            users = set(self._listeners)
            for user_id in users:
                await layer.group_add(user_group(user_id), channel)
            self._layer, self._channel, self._joined = layer, channel, users
        self._heard_at = self._used_at = asyncio.get_running_loop().time()
        self._broken.clear()

    async def _receive(self) -> None:
        layer, channel = self._layer, self._channel
        while True:
            message = await layer.receive(channel)
            if message["type"] == BEAT:
                self._hear_beat()
                continue
            for listener in list(self._listeners.get(message["user"], ())):
                match message["type"]:
                    case outbound_event.EVENT:
                        listener.put(OutboundEvent.from_message(message))
                    case outbound_event.RESYNC:
                        listener.put_snapshot()
                    case outbound_event.RECHECK:
                        listener.rechecks.set()

    async def _beat(self) -> None:
        """Send beats; raise once the link is no longer the same."""
        layer, channel, loop = self._layer, self._channel, asyncio.get_running_loop()
        made = None
        while not self._broken.is_set():
            async with asyncio.timeout(REPLY_WITHIN):
                await layer.send(channel, {"type": BEAT})
            made = made or layer.connections_made
            await asyncio.sleep(BEAT_EVERY)
            if layer.connections_made != made:
                raise ConnectionError("a connection was cut")
            if loop.time() - self._heard_at > SILENT_FOR:
                raise TimeoutError("no beat came back")
            if self._listeners:
                self._used_at = loop.time()
            elif loop.time() - self._used_at > UNUSED_FOR:
                raise LinkUnused
        raise ConnectionError("a group could not be joined")

    def _hear_beat(self) -> None:
        self._heard_at = asyncio.get_running_loop().time()
        if self._live:
            return
        self._live = True
        if self._settled.is_set():
            log.info("event link restored")
            self._recheck()
            self._resync(everyone=True)
        self._settled.set()

    def _note_down(self, error: BaseException) -> None:
        if self._live or not self._settled.is_set():
            log.warning("event link down error=%s", str(error) or type(error).__name__)
        self._live = False
        self._settled.set()

    # --- without it ---------------------------------------------------------------------

    async def _poll_database(self) -> None:
        rounds = 0
        while True:
            await asyncio.sleep(LEDGER_EVERY)
            if not self._live:
                rounds += 1
                self._resync(everyone=rounds % ALL_EVERY == 0)

    def _resync(self, *, everyone: bool) -> None:
        for listeners in self._listeners.values():
            for listener in listeners:
                if everyone or listener.shows_active:
                    listener.put_snapshot()

    def _recheck(self) -> None:
        """Have every socket check if it may stay: word of a sign-out may have been lost."""
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.rechecks.set()


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """Return the running loop's hub."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]

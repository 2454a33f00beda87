"""Backpressure for daphne: ``send`` waits for the client.

ASGI lets a server hold an application back by not returning from ``send``. Daphne hands each
message to Twisted at once, and Twisted buffers without limit: a client that requests a 2 GB file
and never reads has the whole file put into our memory, as does a WebSocket that never reads.
Twisted itself does have backpressure: a transport tells a registered push producer to pause while
more than ``bufferSize`` (64 KiB) is queued in it, and to resume once all of it is out. The server
below registers one for each connection, and lets no message pass while it is paused.

The stock ``daphne`` command uses this server once ``install()`` was called, which the module that
holds the application does: the command imports it before it creates a server.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from typing import Any, Final
from weakref import WeakKeyDictionary

from daphne.cli import CommandLineInterface
from daphne.http_protocol import WebRequest
from daphne.server import Server
from twisted.web.http import Request

from config.server import zero_copy
from config.server.unix_socket import UnixSocket

log = logging.getLogger(__name__)

# Connections that wait to be accepted. Twisted has 50 wait: a burst of more, and the kernel drops
# the next ones, whose clients try again a second later.
BACKLOG: Final = 1024
HELD_BACK: Final = frozenset({"http.response.start", "http.response.body", "websocket.send"})


def install(
    before_start: Callable[[], None] = lambda: None, unix_socket: UnixSocket | None = None
) -> None:
    """Make the ``daphne`` command serve with backpressure, also on this socket; ``before_start``
    may refuse to."""
    CommandLineInterface.server_class = BackpressureServer
    BackpressureServer.before_start = staticmethod(before_start)
    BackpressureServer.unix_socket = unix_socket


class Valve:
    """A push producer (Twisted's IPushProducer, hence the names): the transport closes it while too
    much is queued there, and opens it when that is out, or when the connection is lost."""

    def __init__(self, transport: Any, stall_after: float) -> None:
        self._transport = transport
        self._open = asyncio.Event()
        self._open.set()
        self._watched: int | None = None
        # If the kernel tells a slow client from one that stopped, a timer would only guess.
        self._patience = None if _kernel_ends_stalls(transport, stall_after) else stall_after

    async def wait(self) -> None:
        """Wait until there is room, or the connection is lost."""
        if self._open.is_set():
            return
        try:
            async with asyncio.timeout(self._patience):
                await self._open.wait()
        except TimeoutError:
            log.info("client disconnected: too slow seconds=%s", self._patience)
            self._transport.abortConnection()
            await self._open.wait()

    async def drained(self) -> None:
        """Wait until all that was written is out, or the connection is lost."""
        if self._transport.connected:
            self._transport.producerPaused = True  # so that it resumes once nothing is queued
            self._transport.startWriting()
            self._open.clear()
        await self.wait()

    async def writable(self) -> None:
        """Wait until the socket takes more, or the connection is lost. Nothing may be queued."""
        if self._transport.connected:
            self._watched = self._transport.fileno()
            asyncio.get_running_loop().add_writer(self._watched, self._open.set)
            self._open.clear()
        try:
            await self.wait()
        finally:
            self._unwatch()

    def _unwatch(self) -> None:
        if self._watched is not None:
            asyncio.get_running_loop().remove_writer(self._watched)
            self._watched = None

    def pauseProducing(self) -> None:  # noqa: N802
        self._open.clear()

    def resumeProducing(self) -> None:  # noqa: N802
        self._open.set()
        if getattr(self._transport, "disconnecting", False):
            self._transport.unregisterProducer()  # a producer would keep it from closing

    def stopProducing(self) -> None:  # noqa: N802
        self._unwatch()  # before the descriptor is closed, and its number another's
        self._open.set()


class BackpressureServer(Server):
    """A daphne server with backpressure. ``stall_after``: seconds without one byte taken after
    which a client is disconnected.

    On Linux the kernel counts them, by the bytes that the client acknowledged; elsewhere a timer
    does, from one emptied buffer to the next. Either way a download can be resumed with a Range.
    """

    stall_after: float = 120.0
    before_start: Callable[[], None] = staticmethod(lambda: None)
    unix_socket: UnixSocket | None = None

    def __init__(self, *args: Any, endpoints: Sequence[str] = (), **kwargs: Any) -> None:
        if self.unix_socket is not None:
            endpoints = [*endpoints, self.unix_socket.endpoint]
        super().__init__(*args, endpoints=[with_backlog(each) for each in endpoints], **kwargs)
        self._valves: WeakKeyDictionary[Any, Valve] = WeakKeyDictionary()

    def run(self) -> None:
        self.before_start()
        if self.unix_socket is not None:
            self.unix_socket.claim()
        super().run()

    def listen_success(self, port: Any) -> None:
        if self.unix_socket is not None and not hasattr(port.getHost(), "host"):
            self.unix_socket.give_to_group()
        super().listen_success(port)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """Start the application; tell it of zero copy where that is possible."""
        if scope["type"] == "http" and zero_copy.is_possible(protocol.channel.transport):
            scope["extensions"] = {zero_copy.EXTENSION: {}}
        return super().create_application(protocol, scope)

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Wait, then pass the message on."""
        if message["type"] == zero_copy.EXTENSION:
            if self._is_connected(protocol):
                await self._send_file(protocol, message)
            return
        # Before, not after: the next block is read while this one goes out, and a pipelined
        # request's answer waits for the one in front of it.
        if message["type"] in HELD_BACK and self._is_connected(protocol):
            await self._valve(protocol).wait()
        await super().handle_reply(protocol, message)

    async def _send_file(self, protocol: Any, message: dict[str, Any]) -> None:
        """Send what a zero copy message names, which has to be all of the body."""
        Request.write(protocol, b"")  # the head
        transport, count = protocol.channel.transport, message["count"]
        span = message["file"], message["offset"], count
        await zero_copy.send_file(transport, self._valve(protocol), *span)
        if self._is_connected(protocol):
            protocol.sentLength += count
            protocol.handle_reply({"type": "http.response.body"})

    def application_checker(self) -> None:
        """Disconnect a reply that broke off half way, so that no client takes it for whole."""
        # Daphne would start an error page there, which raises and ends this loop for good: from
        # then on no connection would be forgotten.
        for protocol, details in list(self.connections.items()):
            if _broke_off(protocol, details) and self._is_connected(protocol):
                protocol.channel.transport.abortConnection()
                self.protocol_disconnected(protocol)
        super().application_checker()

    def _is_connected(self, protocol: Any) -> bool:
        details = self.connections.get(protocol)
        return details is not None and not details.get("disconnected")

    def _valve(self, protocol: Any) -> Valve:
        """Return the valve of the connection, through which all its requests go."""
        is_http = isinstance(protocol, WebRequest)
        consumer = protocol.channel if is_http else protocol.transport
        valve = self._valves.get(consumer)
        if valve is None:
            transport = consumer.transport if is_http else consumer
            valve = self._valves[consumer] = Valve(transport, self.stall_after)
            if not is_http:
                consumer.unregisterProducer()  # the HTTP channel that the WebSocket grew out of
            consumer.registerProducer(valve, True)
        return valve


def with_backlog(endpoint: str) -> str:
    """Return Twisted's description of an endpoint with a line for BACKLOG connections."""
    has_line = endpoint.startswith(("tcp:", "ssl:", "unix:"))
    return f"{endpoint}:backlog={BACKLOG}" if has_line and ":backlog=" not in endpoint else endpoint


def _broke_off(protocol: Any, details: dict[str, Any]) -> bool:
    """Return if the application raised after its reply had begun."""
    task = details.get("application_instance")
    if task is None or not task.done() or task.cancelled() or task.exception() is None:
        return False
    return isinstance(protocol, WebRequest) and protocol._response_started


def _kernel_ends_stalls(transport: Any, seconds: float) -> bool:
    """Have the kernel drop the connection when nothing was acknowledged for ``seconds`` (tcp(7)).

    This also covers bytes still under way when the reply has ended. Return False if it cannot.
    """
    connection = transport.getHandle()
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    families = (socket.AF_INET, socket.AF_INET6)
    if option is None or getattr(connection, "family", None) not in families:
        return False
    connection.setsockopt(socket.IPPROTO_TCP, option, int(seconds * 1000))
    return True

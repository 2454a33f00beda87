"""The proxy itself: one asyncio loop in a thread of its own, one listener on loopback."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import h11

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import BlockedAddress, DownloadError, Stopped
from downloads.engine.egress.connect import Guard
from downloads.engine.egress.policy import AddressPolicy
from downloads.engine.egress.proxy.forward import forward
from downloads.engine.egress.proxy.peer import BLOCK, Peer
from downloads.engine.egress.proxy.refusal import RefusalReason, Refused, refuse
from downloads.engine.egress.proxy.request import ProxyRequest, authorization, read_request
from downloads.engine.egress.proxy.session import EgressSession
from downloads.engine.egress.proxy.tunnel import tunnel
from downloads.engine.egress.rules import NO_RULE, NO_RULES, RequestRule, RequestRules
from downloads.engine.egress.upstream import open_through

logger = logging.getLogger(__name__)

_MAX_CONNECTIONS = 512
_MAX_OF_ONE_JOB = 64
_OPENERS = 32  # threads that resolve names and connect
_POLL = 0.1  # seconds between two checks for connections that must end


@dataclass(frozen=True, slots=True)
class Patience:
    """Time limits in seconds: for a request's head, for name and connect, and without a byte either
    way."""

    head: float = 10.0
    connect: float = 10.0
    idle: float = 60.0


@dataclass(eq=False)
class _Line:
    """One accepted connection."""

    task: asyncio.Task[None]
    moved_at: float
    session: EgressSession | None = None

    def move(self) -> None:
        self.moved_at = time.monotonic()


class EgressProxy:
    """A proxy that listens on 127.0.0.1 from :meth:`start` to :meth:`close`. Thread-safe.

    Every answer of its own carries ``X-Ferry-Egress``; see ``RefusalReason`` for its values.
    """

    def __init__(self, patience: Patience = Patience()) -> None:
        self._patience = patience
        self._sessions: dict[str, EgressSession] = {}
        self._lines: set[_Line] = set()
        self._occupied = asyncio.Event()  # while there are lines to check
        self._openers = ThreadPoolExecutor(_OPENERS, thread_name_prefix="egress-open")
        self._loop = asyncio.new_event_loop()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._adopted: dict[socket.socket, Future[asyncio.Server]] = {}
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="egress-proxy", daemon=True)

    def start(self) -> EgressProxy:
        self._thread.start()
        self._ready.wait()
        return self

    def close(self) -> None:
        """End every connection, and the thread."""
        self._loop.call_soon_threadsafe(self._serving.cancel)
        self._thread.join()
        self._openers.shutdown(wait=False, cancel_futures=True)

    def adopt(self, listener: socket.socket) -> None:
        """Accept from one more listener, that of a network of its own, until ``dismiss()``."""
        serving = asyncio.start_server(self._accept, sock=listener, limit=BLOCK)
        self._adopted[listener] = asyncio.run_coroutine_threadsafe(serving, self._loop)

    def dismiss(self, listener: socket.socket) -> None:
        """Accept no more from it, and close it."""
        begun = self._adopted.pop(listener)

        def end() -> None:
            begun.add_done_callback(lambda done: done.result().close())

        try:
            self._loop.call_soon_threadsafe(end)
        except RuntimeError:  # the loop has ended, and its servers with it
            listener.close()

    def open(
        self,
        policy: AddressPolicy,
        *,
        max_bytes: int,
        seconds: float,
        stop: StopToken | None = None,
        rules: RequestRules = NO_RULES,
    ) -> EgressSession:
        """Return credentials for one job. ``max_bytes`` counts both directions, ``seconds`` from
        now.

        ``rules``: the admin's settings for some hosts; headers reach plain http alone.
        """
        session = EgressSession(
            policy=replace(policy, own_ports=policy.own_ports | {self.port}),
            port=self.port,
            max_bytes=max_bytes,
            deadline=time.monotonic() + seconds,
            stop=stop,
            on_close=self._forget,
            rules=rules,
        )
        self._sessions[session.name] = session
        return session

    def _forget(self, session: EgressSession) -> None:
        self._sessions.pop(session.name, None)

    # Everything below runs in the proxy's thread.

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._serving = self._loop.create_task(self._serve())
        self._ready.set()
        try:
            self._loop.run_until_complete(self._serving)
        except asyncio.CancelledError:
            pass  # how close() ends it
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._accept, sock=self._listener, limit=BLOCK)
        try:
            while True:
                await self._occupied.wait()
                await asyncio.sleep(_POLL)
                self._end_expired()
                if not self._lines:
                    self._occupied.clear()
        finally:
            for begun in list(self._adopted.values()):
                if not begun.cancel():
                    begun.result().close()
            server.close()
            tasks = [line.task for line in self._lines]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _end_expired(self) -> None:
        idle_since = time.monotonic() - self._patience.idle
        for line in self._lines:
            over = line.session is not None and line.session.over
            if over or line.moved_at < idle_since:
                line.task.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        line = _Line(task, time.monotonic())
        self._lines.add(line)
        self._occupied.set()
        client = Peer(h11.SERVER, reader, writer, moved=line.move)
        try:
            await self._answer(client, line)
            await client.close_last()
        except asyncio.CancelledError:
            client.abort()  # cancelled by close() or the check; no task awaits this one
        except (OSError, h11.ProtocolError):
            client.abort()
        except Exception:
            client.abort()
            logger.exception("egress proxy: request failed")
        finally:
            self._lines.discard(line)
            if line.session is not None:
                line.session.connections -= 1

    async def _answer(self, client: Peer, line: _Line) -> None:
        try:
            await self._handle(client, line)
        except Refused as refused:
            await refuse(client, refused.why)
        except BlockedAddress as error:
            if line.session is not None:
                line.session.block(error)
            await refuse(client, RefusalReason.BLOCKED)
        except Stopped:
            await refuse(client, RefusalReason.OVER)
        except (DownloadError, OSError, h11.RemoteProtocolError):
            await refuse(client, RefusalReason.UNREACHABLE)

    async def _handle(self, client: Peer, line: _Line) -> None:
        request = await self._head(client)
        if request is None:
            return
        session = self._session(request)
        if session is None:
            raise Refused(RefusalReason.CREDENTIALS)
        line.session = session
        session.connections += 1
        requested = read_request(request)
        granted = not requested.tunnel and session.policy.grants_url(requested.target.url)
        rule = NO_RULE if granted else session.rules.of(requested.target.host)
        source = await self._reach(session, requested, rule, granted, line)
        try:
            if requested.tunnel:
                await tunnel(client, source)
            else:
                await forward(client, source, request, requested.target, rule)
            await source.close()
        except BaseException:
            source.abort()
            raise

    async def _head(self, client: Peer) -> h11.Request | None:
        """Return the request's head, None if the client has left. Raises Refused, TimeoutError."""
        try:
            async with asyncio.timeout(self._patience.head):
                request = await client.next_event()
        except h11.RemoteProtocolError:
            raise Refused(RefusalReason.REQUEST) from None
        return request if isinstance(request, h11.Request) else None

    def _session(self, request: h11.Request) -> EgressSession | None:
        given = authorization(request)
        for session in list(self._sessions.values()):
            if session.opens_with(given):
                return session
        return None

    async def _reach(
        self,
        session: EgressSession,
        request: ProxyRequest,
        rule: RequestRule,
        granted: bool,
        line: _Line,
    ) -> Peer:
        """Return a checked connection. Raises Refused, DownloadError, Stopped."""
        session.admit()
        if len(self._lines) > _MAX_CONNECTIONS or session.connections > _MAX_OF_ONE_JOB:
            raise Refused(RefusalReason.BUSY)
        guard = Guard(session.policy, self._patience.connect, session.stop)
        sock = await self._loop.run_in_executor(
            self._openers, lambda: _open(guard, request, rule, granted)
        )
        reader, writer = await asyncio.open_connection(sock=sock, limit=BLOCK)
        line.move()
        return Peer(
            h11.CLIENT,
            reader,
            writer,
            moved=line.move,
            read=session.count_received,
            written=session.count_sent,
        )


def _open(guard: Guard, request: ProxyRequest, rule: RequestRule, granted: bool) -> socket.socket:
    target = request.target
    if rule.proxy is not None:
        return open_through(guard, rule.proxy, target, tunnel=request.tunnel)
    return guard.open(target.host, target.port, granted=granted)


_shared: EgressProxy | None = None
_shared_by = 0
_sharing = threading.Lock()


def egress_proxy() -> EgressProxy:
    """Return the proxy of this process; started on first use."""
    global _shared, _shared_by
    with _sharing:
        if _shared is None or _shared_by != os.getpid():  # a fork has none of its parent's threads
            _shared, _shared_by = EgressProxy().start(), os.getpid()
        return _shared

"""Limits on what a client can make the server hold before a request is complete.

Daphne hands a request on once it is here as a whole, and until then waits for as long as a byte
comes now and then; it keeps a body of any size, and Twisted parses forms in the event loop. Here a
head and a body have a deadline, one address has so many unfinished requests, a body ends at the
limit, and nothing parses it but Django.
"""

from __future__ import annotations

import logging
from typing import Any, ClassVar, Final

import daphne.server
from daphne.http_protocol import HTTPFactory, WebRequest
from twisted.internet.protocol import connectionDone
from twisted.web.http import HTTPChannel

from config.parsing import TrustedProxies
from config.server.client_address import forwarded_client, parsed, subscriber

log = logging.getLogger(__name__)

HEAD_WITHIN: Final = 20.0  # seconds from a connection, or a request's first byte, to the head's end
BODY_WITHIN: Final = 30.0  # seconds, and one more for each SLOWEST bytes
SLOWEST: Final = 16 * 1024  # bytes a second
MOST_UNFINISHED: Final = 100  # of one address: one more ends the oldest
YOUNG: Final = 1.0  # seconds: so old is what a slow client sends, not a burst of quick ones
MOST_YOUNG: Final = 1000  # of one address: then one more is ended itself


def install(body_limit: int, trusted_proxies: TrustedProxies) -> None:
    """Make daphne use these limits. ``body_limit`` in bytes."""
    BoundedRequest.body_limit = body_limit
    BoundedChannel.trusted_proxies = trusted_proxies
    daphne.server.HTTPFactory = BoundedFactory


class BoundedRequest(WebRequest):
    """A request that keeps no more of its body than shows that it is too large."""

    body_limit: ClassVar[int] = 0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "parsePOSTFormSubmission": False})

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        room = self.body_limit + 1 - self.content.tell()
        if room > 0:
            super().handleContentChunk(data[:room])


class BoundedChannel(HTTPChannel):
    """A connection whose requests have to arrive in time."""

    trusted_proxies: ClassVar[TrustedProxies] = TrustedProxies()

    transport: Any
    _deadline: Any = None  # while a request arrives
    _address: str | None = None
    _answering = False

    def connectionMade(self) -> None:  # noqa: N802
        super().connectionMade()
        self._begin()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        if self._deadline is None and not self._answering:
            self._begin()
        super().dataReceived(data)

    def allHeadersReceived(self) -> None:  # noqa: N802
        super().allHeadersReceived()
        limit = BoundedRequest.body_limit
        size = limit if self.length is None else min(self.length, limit)
        self._set_deadline(BODY_WITHIN + size / SLOWEST)
        if (client := self._behind_proxy()) != self._address:
            _unfinished.remove(self._address, self)
            self._address = client
            _unfinished.add(client, self, self._now())

    def allContentReceived(self) -> None:  # noqa: N802
        self._answering = True
        self._end()
        super().allContentReceived()

    def requestDone(self, request: Any) -> None:  # noqa: N802
        self._answering = False  # and what the client sent meanwhile is read, in the call
        super().requestDone(request)

    def connectionLost(self, reason: Any = connectionDone) -> None:  # noqa: N802
        self._end()
        super().connectionLost(reason)

    def refuse(self) -> None:
        log.info("client disconnected: request unfinished address=%s", self._address)
        self._end()
        self.transport.abortConnection()

    def _begin(self) -> None:
        peer = parsed(str(getattr(self.transport.getPeer(), "host", "")))
        is_proxy = peer is None or peer in self.trusted_proxies
        self._address = None if is_proxy else subscriber(str(peer))
        self._set_deadline(HEAD_WITHIN)
        _unfinished.add(self._address, self, self._now())

    def _end(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        _unfinished.remove(self._address, self)

    def _set_deadline(self, seconds: float) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.factory.reactor.callLater(seconds, self._too_late)

    def _too_late(self) -> None:
        self._deadline = None
        self.refuse()

    def _behind_proxy(self) -> str | None:
        """Return the address by the head, if a trusted proxy sent it; else the peer's."""
        peer = parsed(str(getattr(self.transport.getPeer(), "host", "")))
        if self._address is not None or peer not in self.trusted_proxies:
            return self._address
        values = self.requests[-1].requestHeaders.getRawHeaders(b"x-forwarded-for", [])
        forwarded = b",".join(values).decode("latin-1")
        return subscriber(str(forwarded_client(peer, forwarded, self.trusted_proxies)))

    def _now(self) -> float:
        return float(self.factory.reactor.seconds())


class BoundedFactory(HTTPFactory):
    protocol = BoundedChannel

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802
        channel = super().buildProtocol(addr)
        channel.requestFactory = BoundedRequest
        return channel


class _Unfinished:
    """The connections on which a request has not arrived yet, by address; the oldest first. An
    address of None is a proxy's, which speaks for many."""

    def __init__(self) -> None:
        self._by_address: dict[str, dict[BoundedChannel, float]] = {}

    def add(self, address: str | None, channel: BoundedChannel, now: float) -> None:
        if address is None:
            return
        own = self._by_address.setdefault(address, {})
        own[channel] = now
        if len(own) > MOST_UNFINISHED:
            oldest, since = next(iter(own.items()))
            if now - since > YOUNG:
                oldest.refuse()
            elif len(own) > MOST_YOUNG:
                channel.refuse()

    def remove(self, address: str | None, channel: BoundedChannel) -> None:
        own = self._by_address.get(address or "")
        if own is not None:
            own.pop(channel, None)
            if not own:
                del self._by_address[address or ""]


_unfinished = _Unfinished()

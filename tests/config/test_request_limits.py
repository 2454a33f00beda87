"""A request that is not complete in time is ended, and one address has so many of them."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from config.parsing import trusted_proxies
from config.server import request_limits
from config.server.request_limits import (
    BODY_WITHIN,
    HEAD_WITHIN,
    MOST_UNFINISHED,
    BoundedChannel,
    BoundedFactory,
    BoundedRequest,
)

STRANGER = "198.51.100.7"
PROXY = "10.0.0.1"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n%s\r\n"


class Asked(BoundedRequest):
    """A request that is answered once the test says so.

    What is behind it is daphne's, and not meant here; clock and transport are Twisted's own.
    """

    done: list[Asked] = []

    def process(self) -> None:
        self.done.append(self)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(BoundedRequest, "body_limit", 1000)
    monkeypatch.setattr(BoundedChannel, "trusted_proxies", trusted_proxies("10.0.0.0/8"))
    monkeypatch.setattr(request_limits, "_unfinished", request_limits._Unfinished())
    monkeypatch.setattr(request_limits, "BoundedRequest", Asked)
    Asked.done = []
    return Clock()


class _Server:
    def protocol_connected(self, protocol: Any) -> None: ...

    def protocol_disconnected(self, protocol: Any) -> None: ...


def connect(clock: Clock, address: str = STRANGER) -> tuple[Any, StringTransport]:
    factory = BoundedFactory(_Server())
    factory.reactor = clock
    channel = factory.buildProtocol(None)
    channel.callLater = clock.callLater
    transport = StringTransport(peerAddress=IPv4Address("TCP", address, 1))
    channel.makeConnection(transport)
    return channel, transport


def drip(clock: Clock, channel: Any, byte: bytes, seconds: float) -> None:
    for _ in range(int(seconds)):
        channel.dataReceived(byte)
        clock.advance(1)


def test_a_dripping_head_is_ended(clock: Clock) -> None:
    channel, transport = connect(clock)
    drip(clock, channel, b"G", HEAD_WITHIN - 2)
    assert not transport.disconnecting
    drip(clock, channel, b"G", 2)
    assert transport.disconnecting


def test_a_silent_connection_is_ended(clock: Clock) -> None:
    _, transport = connect(clock)
    clock.advance(HEAD_WITHIN)
    assert transport.disconnecting


def test_a_dripping_body_is_ended(clock: Clock) -> None:
    channel, transport = connect(clock)
    channel.dataReceived(POST % b"")
    drip(clock, channel, b"x", HEAD_WITHIN + 1)
    assert not transport.disconnecting
    drip(clock, channel, b"x", BODY_WITHIN - HEAD_WITHIN)
    assert transport.disconnecting


def test_an_answer_may_take_long_and_the_next_request_may_not(clock: Clock) -> None:
    channel, transport = connect(clock)
    channel.dataReceived(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    clock.advance(600)
    assert not transport.disconnecting
    Asked.done[0].finish()
    drip(clock, channel, b"G", HEAD_WITHIN)
    assert transport.disconnecting


def test_a_body_is_kept_up_to_the_limit(clock: Clock) -> None:
    channel, _ = connect(clock)
    channel.dataReceived(POST % b"" + b"x" * 100_000)
    assert len(Asked.done[0].content.read()) == 1001


def test_a_form_is_not_parsed_by_the_server(clock: Clock) -> None:
    channel, _ = connect(clock)
    kind = b"Content-Type: application/x-www-form-urlencoded\r\n"
    channel.dataReceived(POST % kind + b"a=1&" * 25_000)
    assert Asked.done[0].args == {}


def test_one_more_of_one_address_ends_its_oldest(clock: Clock) -> None:
    opened = [connect(clock)[1] for _ in range(MOST_UNFINISHED)]
    another = connect(clock, "198.51.100.8")[1]
    clock.advance(2)
    newest = connect(clock)[1]
    assert [one.disconnecting for one in opened] == [True] + [False] * (MOST_UNFINISHED - 1)
    assert not newest.disconnecting
    assert not another.disconnecting


def test_a_burst_is_let_in(clock: Clock) -> None:
    assert not any(connect(clock)[1].disconnecting for _ in range(3 * MOST_UNFINISHED))


def test_a_proxy_speaks_for_many_and_its_clients_count(clock: Clock) -> None:
    heads = [connect(clock, PROXY) for _ in range(2 * MOST_UNFINISHED)]
    clock.advance(2)
    assert not connect(clock, PROXY)[1].disconnecting
    for channel, _ in heads:
        channel.dataReceived(POST % b"X-Forwarded-For: 203.0.113.9, 198.51.100.7\r\n")
        clock.advance(0.1)
    assert sum(transport.disconnecting for _, transport in heads) == MOST_UNFINISHED

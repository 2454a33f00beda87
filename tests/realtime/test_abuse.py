"""Abusive clients: no other client notices."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Any

import pytest
from websockets.frames import Frame, Opcode

from downloads.events.outbound_event import OutboundEvent
from downloads.events.publisher import Publisher
from downloads.realtime import consumers
from downloads.realtime.consumers import TOO_MANY, DownloadsConsumer
from tests.support.daphne import Daphne
from tests.support.ledger import ask
from tests.support.socket_page import Page, cookie_header, cookie_of

MIB = 1024 * 1024
CROWD = 100  # connections at once; Linux before 5.4 has no more than 128 wait


@pytest.fixture
def publisher() -> Publisher:
    return Publisher()


@pytest.mark.parametrize("fragment", [2 * MIB, 32 * 1024])
def test_a_message_of_2_mb_closes_with_1009(server: Daphne, alice: Any, fragment: int) -> None:
    with Page(server, alice) as page:
        page.next()
        before = server.memory
        page.say(["x" * fragment] * (2 * MIB // fragment))
        assert page.closed_with() == 1009
        assert server.memory - before < 8 * MIB


def test_what_we_send_may_be_longer(server: Daphne, alice: Any) -> None:
    for _ in range(100):
        ask(alice)
    with Page(server, alice) as page:
        assert len(page.next()["data"]["downloads"]) == 100
        page.socket.send("hello")
        page.socket.ping().wait(5)


def test_who_says_too_much_is_shown_out(server: Daphne, alice: Any) -> None:
    with Page(server, alice) as page:
        page.next()
        page.say(*["hello"] * 1000)
        assert page.closed_with() == TOO_MANY


def deaf_page(server: Daphne, user: Any) -> socket.socket:
    """An open WebSocket that is never read, and has little room for what comes."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.settimeout(10)
    raw.connect(("127.0.0.1", server.port))
    (cookie,) = cookie_header(cookie_of(user)).values()
    lines = [
        "GET /ws/downloads/ HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        f"Origin: {server.origin}",
        f"Cookie: {cookie}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]
    raw.sendall("\r\n".join([*lines, "", ""]).encode())
    assert raw.recv(12) == b"HTTP/1.1 101"
    return raw


def test_a_client_that_never_reads_costs_little_and_holds_up_no_other(
    server: Daphne, alice: Any, bob: Any, publisher: Publisher
) -> None:
    long = '{"event": "test", "data": {}, "seq": null}' + " " * 64 * 1024
    with deaf_page(server, alice), Page(server, bob) as bobs:
        bobs.next()
        before = server.memory
        for number in range(1600):  # 100 MiB
            publisher.send([OutboundEvent(alice.pk, long)])
            if number % 100 == 99:
                publisher.send(
                    [OutboundEvent(bob.pk, '{"event": "test", "data": {}, "seq": null}')]
                )
                bobs.until("test", 30)
        assert publisher.flush(10)
        assert server.memory - before < 48 * MIB


def test_a_crowd_waits_in_line(server: Daphne) -> None:
    """Whoever finds the line full is told nothing, and comes again a second later."""
    with contextlib.ExitStack() as crowd, server.frozen():
        for _ in range(CROWD):
            address = ("127.0.0.1", server.port)
            crowd.enter_context(socket.create_connection(address, timeout=5))


def test_pings_without_end_are_not_all_answered(server: Daphne, alice: Any) -> None:
    with deaf_page(server, alice) as raw:
        before = server.memory
        pings = Frame(Opcode.PING, b"x" * 125).serialize(mask=True) * 1000
        for _ in range(80):  # 10 MB
            raw.sendall(pings)
        assert server.memory - before < 4 * MIB


def test_who_takes_nothing_for_long_is_closed(alice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "TAKES_AT_MOST", 0.1)
    (cookie,) = cookie_header(cookie_of(alice)).values()
    headers = {"host": "127.0.0.1", "origin": "http://127.0.0.1", "cookie": cookie}
    scope = {
        "type": "websocket",
        "path": "/ws/downloads/",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }

    async def serve() -> dict[str, Any]:
        incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        closed: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "websocket.send":
                await asyncio.Event().wait()  # as a server with backpressure does
            if message["type"] == "websocket.close":
                closed.set_result(message)

        incoming.put_nowait({"type": "websocket.connect"})
        served = asyncio.create_task(DownloadsConsumer()(scope, incoming.get, send))
        message = await asyncio.wait_for(closed, 10)
        incoming.put_nowait({"type": "websocket.disconnect", "code": message["code"]})
        await asyncio.wait_for(served, 10)
        return message

    assert asyncio.run(serve())["code"] == consumers.TOO_SLOW

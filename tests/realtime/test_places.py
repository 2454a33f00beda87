"""A user's open sockets in one process are limited; each that ends frees its place."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from downloads.events.hub import hub
from downloads.realtime import consumers
from downloads.realtime.routing import websocket
from tests.support.socket_page import cookie_header, cookie_of

MOST = 3


class Socket:
    """One client, driven as a server does."""

    def __init__(self, cookie: str) -> None:
        host = "127.0.0.1"
        headers = {"host": host, "origin": f"http://{host}", "cookie": cookie}
        self._scope = {
            "type": "websocket",
            "path": "/ws/downloads/",
            "query_string": b"",
            "client": (host, 1),
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        self._incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._first: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def open(self) -> bool:
        """Return if it is accepted."""
        self._incoming.put_nowait({"type": "websocket.connect"})
        self.task = asyncio.create_task(websocket(self._scope, self._incoming.get, self._send))
        return await asyncio.wait_for(asyncio.shield(self._first), 10) == "websocket.accept"

    async def _send(self, message: dict[str, Any]) -> None:
        if not self._first.done():
            self._first.set_result(message["type"])

    async def leave(self) -> None:
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await asyncio.wait_for(self.task, 10)

    async def be_cut_off(self) -> None:
        """End without a word, as when the server gives the client up."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


def test_each_user_has_so_many_and_those_that_end_make_room(
    alice: Any, bob: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "MOST_SOCKETS", MOST)
    (cookie,), (bobs_cookie,) = (cookie_header(cookie_of(one)).values() for one in (alice, bob))

    async def visit() -> None:
        held = [Socket(cookie) for _ in range(MOST)]
        assert [await each.open() for each in held] == [True] * MOST
        for _ in range(2):  # one that is refused takes no place
            refused = Socket(cookie)
            assert not await refused.open()
            await refused.leave()
        other = Socket(bobs_cookie)
        assert await other.open(), "another user's are counted for themselves"
        await other.leave()

        for end in (held[0].leave, held[1].be_cut_off):
            await end()
            held.append(Socket(cookie))
            assert await held[-1].open(), "its place is free again"
            refused = Socket(cookie)
            assert not await refused.open()
            await refused.leave()
        for each in held[2:]:
            await each.leave()
        assert hub().count(alice.pk) == hub().count(bob.pk) == 0

    asyncio.run(visit())


def test_many_that_come_at_once_get_no_more(alice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "MOST_SOCKETS", MOST)
    (cookie,) = cookie_header(cookie_of(alice)).values()

    async def visit() -> None:
        held = [Socket(cookie) for _ in range(4 * MOST)]
        accepted = await asyncio.gather(*(each.open() for each in held))
        assert sum(accepted) == MOST
        await asyncio.gather(*(each.leave() for each in held))
        assert hub().count(alice.pk) == 0

    asyncio.run(visit())

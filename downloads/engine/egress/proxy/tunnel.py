"""A CONNECT tunnel: bytes both ways until both sides have ended."""

from __future__ import annotations

import asyncio

import h11

from downloads.engine.egress.proxy.peer import Peer


async def tunnel(client: Peer, source: Peer) -> None:
    """Carry bytes both ways. Raises h11.RemoteProtocolError, OSError, Refused."""
    if not isinstance(client.http.next_event(), h11.EndOfMessage):
        raise h11.RemoteProtocolError("CONNECT with a body")
    await client.send(h11.Response(status_code=200, headers=[], reason=b"Connection established"))
    early, _ = client.http.trailing_data
    if early:  # the client did not wait for the 200
        await source.write(early)
    ways = [
        asyncio.create_task(_pump(client, source)),
        asyncio.create_task(_pump(source, client)),
    ]
    try:
        await asyncio.gather(*ways)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _pump(origin: Peer, target: Peer) -> None:
    """Copy one block at a time, so that a slow reader slows the writer and no memory grows."""
    while block := await origin.read():
        await target.write(block)
    target.end_writing()  # the other way may go on

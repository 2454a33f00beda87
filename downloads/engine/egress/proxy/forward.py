"""An absolute-form request: parsed, reframed, answered; then the connection ends.

h11 parses and rewrites both sides, so that no byte passes whose meaning this proxy and the source
could read differently; a source's head is read leniently before (``answer_head``).
"""

from __future__ import annotations

import asyncio

import h11

from downloads.engine.egress.proxy.peer import Peer
from downloads.engine.egress.proxy.request import end_to_end, request_headers
from downloads.engine.egress.rules import RequestRule
from downloads.engine.egress.target import Target


async def forward(
    client: Peer, source: Peer, request: h11.Request, target: Target, rule: RequestRule
) -> None:
    """Forward one request and its answer. ``source`` is the target, or the proxy that ``rule``
    names.

    Raises h11.RemoteProtocolError, BadResponse, OSError.
    """
    await source.send(
        h11.Request(
            method=request.method,
            target=target.path if rule.proxy is None else target.url,
            headers=request_headers(request, target, rule),
        )
    )
    body = asyncio.create_task(_send_body(client, source))
    answer = asyncio.create_task(_answer(client, source))
    try:
        await asyncio.wait({body, answer}, return_when=asyncio.FIRST_COMPLETED)
        if body.done() and not answer.done():
            body.result()
        await answer  # it may well come before the body has been sent
    finally:
        body.cancel()
        answer.cancel()
        await asyncio.gather(body, answer, return_exceptions=True)


async def _send_body(client: Peer, source: Peer) -> None:
    if client.http.they_are_waiting_for_100_continue:
        await client.send(h11.InformationalResponse(status_code=100, headers=[]))
    while True:
        event = await client.next_event()
        if isinstance(event, h11.Data):
            await source.send(h11.Data(data=event.data))
        elif isinstance(event, h11.EndOfMessage):
            await source.send(h11.EndOfMessage())
            return
        else:
            raise ConnectionAbortedError("the client went away")


async def _answer(client: Peer, source: Peer) -> None:
    while True:
        event = await source.next_event()
        if isinstance(event, h11.Response):
            if event.status_code == 407:  # meant for this proxy, not for its client
                raise h11.RemoteProtocolError("credentials wanted")
            headers = [*end_to_end(event.headers), (b"Connection", b"close")]
            await client.send(
                h11.Response(status_code=event.status_code, headers=headers, reason=event.reason)
            )
        elif isinstance(event, h11.Data):
            await client.send(h11.Data(data=event.data))
        elif isinstance(event, h11.EndOfMessage):
            await client.send(h11.EndOfMessage())
            return
        elif not isinstance(event, h11.InformationalResponse):
            raise ConnectionAbortedError("the source went away")
